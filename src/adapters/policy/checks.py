"""Policies made ready: oslo.policy's trees of checks turned into functions.

oslo.policy inspects the signature of every check of a tree each time it asks it, which takes
longer than everything else that a request asks of a policy. The meaning is oslo.policy's, and
the tests compare the two.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from oslo_policy import _checks
from oslo_policy.policy import Enforcer

Target = Mapping[str, Any]
Credentials = MutableMapping[str, Any]


class Check(NamedTuple):
    """A policy ready to be asked.

    A `pure` one reads nothing but the credentials and the keys of the target that it looks
    up, and so gives the same answer wherever those are the same.
    """

    holds: Callable[[Target, Credentials], bool]
    pure: bool = True


ALWAYS = Check(lambda target, credentials: True)
NEVER = Check(lambda target, credentials: False)


class _Probe(dict[str, Any]):
    """A target that has everything, and tells whether something was looked up."""

    used = False

    def __missing__(self, key: str) -> int:
        self.used = True
        return 0


def ready(enforcer: Enforcer) -> dict[str, Check]:
    """Return all rules of the enforcer that have a name, as they are now.

    Raises:
        ValueError: a rule cannot be understood, or needs itself to be answered.
    """
    return {name: _Compiler(enforcer, name).rule(name) for name in list(enforcer.rules)}


class _Compiler:
    """Makes one rule ready, and with it all that it refers to."""

    def __init__(self, enforcer: Enforcer, asked: str) -> None:
        self._enforcer = enforcer
        self._asked = asked
        self._under_way: list[str] = []

    def rule(self, name: str) -> Check:
        """Return the rule of that name, or the one that stands in for what is not defined."""
        if name in self._under_way:
            raise ValueError(f"rule {name!r} refers to itself")
        try:
            tree = self._enforcer.rules[name]
        except KeyError:
            return NEVER
        self._under_way.append(name)
        check = self._tree(tree)
        self._under_way.pop()
        return check

    def _tree(self, tree: _checks.BaseCheck) -> Check:
        # By exact type: a subclass may mean anything.
        if type(tree) is _checks.TrueCheck:
            return ALWAYS
        if type(tree) is _checks.FalseCheck:
            return NEVER
        if type(tree) is _checks.NotCheck:
            return _inverse(self._tree(tree.rule))
        if type(tree) is _checks.AndCheck:
            return _all_of([self._tree(part) for part in tree.rules])
        if type(tree) is _checks.OrCheck:
            return _any_of([self._tree(part) for part in tree.rules])
        if type(tree) is _checks.RuleCheck:
            return self.rule(tree.match)
        if type(tree) is _checks.RoleCheck:
            return _role(tree)
        if type(tree) is _checks.GenericCheck:
            return _comparison(tree)
        return self._foreign(tree)

    def _foreign(self, tree: _checks.BaseCheck) -> Check:
        """Leave a check to itself, as those which ask another server."""
        enforcer, asked = self._enforcer, self._asked

        def holds(target: Target, credentials: Credentials) -> bool:
            return bool(_checks._check(tree, dict(target), credentials, enforcer, asked))

        return Check(holds, pure=False)


def _inverse(check: Check) -> Check:
    holds = check.holds
    return Check(lambda target, credentials: not holds(target, credentials), check.pure)


def _parts(checks: Sequence[Check]) -> Iterator[Callable[[Target, Credentials], bool]]:
    return (check.holds for check in checks)


def _all_of(checks: Sequence[Check]) -> Check:
    parts = tuple(_parts(checks))

    def holds(target: Target, credentials: Credentials) -> bool:
        for part in parts:  # noqa: SIM110 (a generator costs more than the checks)
            if not part(target, credentials):
                return False
        return True

    return Check(holds, all(check.pure for check in checks))


def _any_of(checks: Sequence[Check]) -> Check:
    parts = tuple(_parts(checks))

    def holds(target: Target, credentials: Credentials) -> bool:
        for part in parts:  # noqa: SIM110
            if part(target, credentials):
                return True
        return False

    return Check(holds, all(check.pure for check in checks))


def _text(template: str) -> str | None:
    """Return the text of a template without keys, None if it has some.

    Raises:
        ValueError: it is no template.
    """
    probe = _Probe()
    try:
        text = template % probe
    except (TypeError, ValueError) as error:
        raise ValueError(f"{template!r} is no template: {error}") from error
    return None if probe.used else text


def _role(tree: _checks.RoleCheck) -> Check:
    template, fixed = tree.match, _text(tree.match)
    if fixed is not None:
        role = fixed.lower()
        return Check(lambda target, credentials: role in credentials["roles"])

    def holds(target: Target, credentials: Credentials) -> bool:
        try:
            return (template % target).lower() in credentials["roles"]
        except KeyError:
            return False

    return Check(holds)


def _comparison(tree: _checks.GenericCheck) -> Check:
    """Compare a literal, or what a path finds among the credentials, with a template."""
    template, fixed = tree.match, _text(tree.match)
    try:
        found = _literal(str(ast.literal_eval(tree.kind)))
    except ValueError:
        found = _finder(tree.kind.split("."))
    except SyntaxError as error:
        raise ValueError(f"{tree} compares neither a literal nor a name") from error
    if fixed is not None:
        return Check(lambda target, credentials: found(credentials, fixed))

    def holds(target: Target, credentials: Credentials) -> bool:
        try:
            wanted = template % target
        except KeyError:
            return False
        return found(credentials, wanted)

    return Check(holds)


def _literal(text: str) -> Callable[[Credentials, str], bool]:
    return lambda credentials, wanted: text == wanted


def _finder(path: list[str]) -> Callable[[Credentials, str], bool]:
    find = _checks.GenericCheck._find_in_dict

    return lambda credentials, wanted: find(credentials, path, wanted)
