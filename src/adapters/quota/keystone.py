"""Unified limits of Keystone, by oslo.limit."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk
from oslo_config import cfg
from oslo_limit import exception as limits
from oslo_limit.limit import Enforcer

from tintype.domain.allowance import UNLIMITED, UnifiedAllowance
from tintype.domain.errors import LimitsMisconfigured, LimitsUnavailable
from tintype.domain.ports.quota_keeper import Allowance
from tintype.domain.quota import Resource

LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_TIMEOUT_S = 30
_UNREACHABLE = (
    keystone.ConnectionError,
    keystone.DiscoveryFailure,
    keystone.HttpServerError,
    keystone.RetriableConnectionFailure,
)


class KeystoneLimits:
    """Reads the limits of a project from Keystone whenever they are asked for.

    What does not change from request to request is kept: the session, its token, and the
    endpoint that the limits are registered for. The library reads its section `[oslo_limit]`
    from the configuration of the whole process and has one session a process.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._reading = threading.Lock()
        self._is_read = False
        self._enforcer: Enforcer | None = None

    def allowance(self, project: str | None) -> Allowance:
        """Return what holds a project to its limits of this moment.

        Raises:
            LimitsUnavailable: Keystone does not answer.
            LimitsMisconfigured: it cannot be asked as configured.
        """
        if project is None:
            return UNLIMITED
        return UnifiedAllowance(project, _translated(lambda: self._limits(project)))

    def _limits(self, project: str) -> Mapping[Resource, int]:
        # Asked for by name, each would cost a request or two of its own.
        enforcer = self._ready()
        found = dict(enforcer.get_project_limits(project, _ALL))
        if not found.keys() >= set(Resource):
            found = {**dict(enforcer.get_registered_limits(_ALL)), **found}
        return {resource: int(found[resource]) for resource in Resource if resource in found}

    def _ready(self) -> Enforcer:
        if self._enforcer is None:
            self._read_configuration()
            # Two threads may both do this, which is better than one waiting for the other.
            self._enforcer = Enforcer(_count_nothing, cache=False)
        return self._enforcer

    def _read_configuration(self) -> None:
        with self._reading:
            if not self._is_read:
                cfg.CONF(
                    [],
                    project=self._conf.project,
                    default_config_files=self._conf.config_file,
                    default_config_dirs=self._conf.config_dir,
                )
                # Else one that hangs would hold requests for ever.
                cfg.CONF.set_default("timeout", _TIMEOUT_S, group="oslo_limit")
                self._is_read = True


_ALL: Any = None
"""What the library takes for: of all resources."""


def _count_nothing(project: str | None, resources: Collection[str]) -> dict[str, int]:
    # The library would compare outside of the transaction that counts.
    return dict.fromkeys(resources, 0)


def _translated(ask: Callable[[], _Result]) -> _Result:
    try:
        return ask()
    # The library and those below it say in as many ways that they are not set up.
    except Exception as error:
        LOG.error("The limits of projects cannot be read from Keystone: %s", _told(error))
        raise (LimitsUnavailable if _is_unreachable(error) else LimitsMisconfigured)() from error


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _is_unreachable(error: BaseException | None) -> bool:
    if isinstance(error, limits.SessionInitError):
        error = error.__context__
    if isinstance(error, sdk.HttpException):
        return (error.status_code or 500) >= 500
    return isinstance(error, _UNREACHABLE)
