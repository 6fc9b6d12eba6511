"""Whose request the log lines of a thread are about, as oslo.log asks for it."""

from typing import Any

from oslo_context.context import RequestContext, get_current

from tintype.domain.caller import Caller


class _Nobody(RequestContext):
    """No caller is known: log lines have the form without one."""

    def get_logging_values(self) -> dict[str, Any]:
        """Say nothing."""
        return {}


NOBODY = _Nobody(overwrite=False)
"""The caller of requests that need none, or were refused before one was known."""


def forget() -> None:
    """Have lines of this thread say nothing of its last request, until the next caller is known."""
    NOBODY.update_store()


def current() -> RequestContext:
    """Return whom lines of this thread are about."""
    context: RequestContext | None = get_current()
    return context or NOBODY


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
