"""The file that says which custom properties are whose business (access-control §5)."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from configparser import Error, RawConfigParser
from dataclasses import dataclass

from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration
from tintype.domain.image import SYSTEM_PROPERTY_PREFIX
from tintype.domain.ports.property_protection import Operation

LOG = logging.getLogger(__name__)

OPTION = "property_protection_file"

Permit = Callable[[Caller], bool]
Grammar = Callable[[str], Permit]
"""Reads the value of an option; raises ValueError, with a sentence, where that makes no sense."""


@dataclass(frozen=True, slots=True)
class Section:
    """Properties whose names the pattern finds something in, and who may do what with them."""

    pattern: re.Pattern[str]
    permits: Mapping[Operation, Permit]


def read_sections(path: str, grammar: Grammar) -> Sequence[Section]:
    """Return the sections in the order of the file, without those of the system's properties.

    Raises:
        BadConfiguration: the file cannot be read, or says something that makes no sense.
    """
    parser = RawConfigParser()
    try:
        with open(path, encoding="utf-8") as lines:
            parser.read_file(lines)
    except (OSError, UnicodeDecodeError, Error) as error:
        raise BadConfiguration(OPTION, f"{' '.join(str(error).split())}.") from error
    return [
        Section(_pattern(path, name), _permits(path, name, parser[name], grammar))
        for name in parser.sections()
        if not name.startswith(SYSTEM_PROPERTY_PREFIX)
    ]


def _pattern(path: str, name: str) -> re.Pattern[str]:
    try:
        return re.compile(name)
    except re.error as error:
        raise BadConfiguration(
            OPTION, f"section [{name}] of {path} is no regular expression: {error}."
        ) from error


def _permits(
    path: str, name: str, values: Mapping[str, str], grammar: Grammar
) -> Mapping[Operation, Permit]:
    missing = [operation.value for operation in Operation if operation not in values]
    if missing:
        raise BadConfiguration(OPTION, f"section [{name}] of {path} lacks {', '.join(missing)}.")
    permits = {}
    for operation in Operation:
        place = f"{operation} in section [{name}] of {path}"
        if not values[operation].strip():
            LOG.warning("%s: %s is empty, so nobody may; write ! to say so.", OPTION, place)
        try:
            permits[operation] = grammar(values[operation])
        except ValueError as error:
            raise BadConfiguration(OPTION, f"{place} {error}.") from error
    return permits


def everybody(caller: Caller) -> bool:
    """Permit."""
    return True


def nobody(caller: Caller) -> bool:
    """Refuse."""
    return False


def by_roles(value: str) -> Permit:
    """Read a list of roles, any of which will do, be it the user's or its service token's.

    Raises:
        ValueError: it has both `@`, which is everybody, and `!`, which is nobody.
    """
    roles = frozenset(role for part in value.split(",") if (role := part.strip().lower()))
    if {"@", "!"} <= roles:
        raise ValueError("has both @ and !: everybody and nobody")
    if "@" in roles:
        return everybody
    if "!" in roles or not roles:
        return nobody
    return lambda caller: not roles.isdisjoint(caller.roles_with_service)


def by_policies(allows: Callable[[Caller, str], bool]) -> Grammar:
    """Return what reads the name of one policy rule, which is asked without a target."""

    def read(value: str) -> Permit:
        rule = value.strip()
        if "," in rule or len(rule.split()) > 1:
            raise ValueError(f"must be one policy, not {rule!r}")
        if rule == "@":
            return everybody
        if rule in ("!", ""):
            return nobody
        return lambda caller: allows(caller, rule)

    return read
