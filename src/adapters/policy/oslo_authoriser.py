"""Policies by oslo.policy: defaults in code, overridden by the operator's files."""

import logging
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from oslo_config import cfg
from oslo_policy.policy import Enforcer

from tintype.adapters.policy.checks import NEVER, Check, Credentials, ready
from tintype.adapters.policy.policy_files import PolicyFiles
from tintype.adapters.policy.rules import list_rules
from tintype.adapters.policy.target import ImageTarget, RecordingTarget, reader
from tintype.adapters.policy.watch import DirectoryWatch
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration
from tintype.domain.image import Image

LOG = logging.getLogger(__name__)


class OsloAuthoriser:
    """Answers by the policies of access-control §3; an unknown rule allows nothing.

    Files are read again when they changed, as of the next question; should they be broken
    then, what held before goes on to hold. A system- or domain-scoped caller is refused
    everything. Safe between threads.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        """Read the policies; `conf` has been called already.

        Raises:
            BadConfiguration: a policy file cannot be read or understood.
        """
        self._conf = conf
        self._loading = threading.Lock()
        enforcer = _enforcer(conf)
        self._files = PolicyFiles(conf)
        self._state: Hashable = self._files.state()
        self._watch = DirectoryWatch()
        self._looking = False
        self._rules = _load(enforcer)

    def is_admin(self, caller: Caller) -> bool:
        """Tell whether the rule `context_is_admin` holds, whatever `caller.is_admin` says."""
        # There is no target yet: such a rule may compare the caller's own attributes.
        return self.allows_target(caller, "context_is_admin", credentials_of(caller))

    def allows(self, caller: Caller, rule: str, image: Image) -> bool:
        """Tell whether the rule lets the caller do it with this image."""
        return self.allows_target(caller, rule, ImageTarget(image, caller))

    def allows_target(self, caller: Caller, rule: str, target: Mapping[str, Any]) -> bool:
        """Tell whether the rule lets the caller do it, with a target that is no image."""
        return self._check(caller, rule).holds(target, credentials_of(caller))

    def judge(self, caller: Caller, rule: str) -> Callable[[Image], bool]:
        """Return `allows` for many images of one request, cheaper a piece.

        What is returned keeps to the policy of this moment, and is for one thread.
        """
        check = self._check(caller, rule)
        credentials = credentials_of(caller)
        if check.pure:
            return _Judge(check, caller, credentials)
        return lambda image: check.holds(ImageTarget(image, caller), credentials)

    def _check(self, caller: Caller, rule: str) -> Check:
        if caller.system_scope or caller.domain_id:
            return NEVER
        return self._current_rules().get(rule, NEVER)

    def _current_rules(self) -> Mapping[str, Check]:
        # In this order: whoever hears of a change says so before the change is forgotten.
        if not self._watch.quiet or self._looking:
            with self._loading:
                self._look()
        return self._rules

    def _look(self) -> None:
        if self._watch.quiet:
            return  # somebody else looked while this thread waited
        self._looking = True
        try:
            self._watch.look(self._files.directories())
            # Before loading: a change during it shows at the next look.
            state = self._files.state()
            if state != self._state:
                self._rules = self._reloaded()
                self._state = state
        finally:
            self._looking = False

    def _reloaded(self) -> Mapping[str, Check]:
        try:
            return _load(_enforcer(self._conf))
        except BadConfiguration as error:
            LOG.error("%s The policies that held before stay in force.", error)
            return self._rules


class _Judge:
    """Answers for image after image, and thinks only where an image differs in what matters.

    What matters is what the check looked up when it was asked: another image with the same
    values there takes the same way through the check. `_known` holds, for each set of keys
    that occurred, what reads their values and the answers by those values.
    """

    __slots__ = ("_caller", "_credentials", "_holds", "_known")

    def __init__(self, check: Check, caller: Caller, credentials: Credentials) -> None:
        self._holds = check.holds
        self._caller = caller
        self._credentials = credentials
        self._known: dict[
            tuple[str, ...], tuple[Callable[[Image], Hashable], dict[Hashable, bool]]
        ] = {}

    def __call__(self, image: Image) -> bool:
        for read, answers in self._known.values():
            answer = answers.get(read(image))
            if answer is not None:
                return answer
        return self._think(image)

    def _think(self, image: Image) -> bool:
        target = RecordingTarget(image, self._caller)
        answer = self._holds(target, self._credentials)
        keys = tuple(target.looked_up)
        if keys not in self._known:
            self._known[keys] = (reader(keys, self._caller), {})
        read, answers = self._known[keys]
        answers[read(image)] = answer
        return answer


def credentials_of(caller: Caller) -> dict[str, Any]:
    """Return what policies may know of a caller: no token, and no roles but its own in `roles`."""
    return {
        "user_id": caller.user_id,
        "user": caller.user_id,
        "project_id": caller.project_id,
        "tenant": caller.project_id,
        "roles": list(caller.roles),
        "is_admin": caller.is_admin,
        "read_only": caller.read_only,
        "system_scope": caller.system_scope,
        "domain_id": caller.domain_id,
        "user_domain_id": caller.user_domain_id,
        "project_domain_id": caller.project_domain_id,
        "service_user_id": caller.service_user_id,
        "service_project_id": caller.service_project_id,
        "service_roles": list(caller.service_roles),
    }


def _enforcer(conf: cfg.ConfigOpts) -> Enforcer:
    enforcer = Enforcer(conf)
    enforcer.suppress_default_change_warnings = True
    enforcer.register_defaults(list_rules())
    return enforcer


def _load(enforcer: Enforcer) -> Mapping[str, Check]:
    try:
        enforcer.load_rules()
        return ready(enforcer)
    # oslo.policy trips over contents of the wrong shape in as many ways as there are shapes.
    except (AttributeError, KeyError, TypeError, ValueError, OSError, cfg.Error) as error:
        file = enforcer.policy_path or enforcer.policy_file
        problem = " ".join(str(error).split())
        raise BadConfiguration(
            "[oslo_policy] policy_file", f"{file} (or a file in policy_dirs) is broken: {problem}."
        ) from error
