"""Whose request the log lines of a thread are about, as oslo.log asks for it."""

from typing import Any

from falcon import Request, Response
from oslo_context.context import RequestContext

from tintype.domain.caller import Caller


class _Nobody(RequestContext):
    """No caller is known: log lines have the form without one."""

    def get_logging_values(self) -> dict[str, Any]:
        """Say nothing."""
        return {}


_NOBODY = _Nobody(overwrite=False)


class LogContext:
    """Has lines say nothing of a thread's last request, until the next caller is known."""

    def process_request(self, req: Request, resp: Response) -> None:
        """Forget the last request."""
        _NOBODY.update_store()


def remember(caller: Caller, request_id: str) -> None:
    """Have lines of this thread say who asks, in `logging_context_format_string`."""
    RequestContext(
        user_id=caller.user_id,
        user_name=caller.user_name,
        project_id=caller.project_id,
        project_name=caller.project_name,
        user_domain_id=caller.user_domain_id,
        project_domain_id=caller.project_domain_id,
        domain_id=caller.domain_id,
        system_scope=caller.system_scope,
        is_admin=caller.is_admin,
        roles=sorted(caller.roles),
        request_id=request_id,
        overwrite=True,
    )
