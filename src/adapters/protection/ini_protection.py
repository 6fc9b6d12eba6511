"""Protection of custom properties by a file in the form of an ini file."""

from collections.abc import Callable
from functools import lru_cache

from oslo_config import cfg

from tintype.adapters.protection.rules_file import (
    OPTION,
    Grammar,
    Section,
    by_policies,
    by_roles,
    read_sections,
)
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration
from tintype.domain.image import SYSTEM_PROPERTY_PREFIX
from tintype.domain.ports.property_protection import Operation

_REMEMBERED = 4096
"""Names whose section is remembered; callers choose names, so there must be a bound."""


class IniPropertyProtection:
    """Asks the first section of a file whose pattern is found in the name of the property.

    Where there is none, nobody may do anything. The file is read once. Safe between threads.
    """

    def __init__(self, path: str, grammar: Grammar = by_roles) -> None:
        """Read the file.

        Raises:
            BadConfiguration: it cannot be read, or says something that makes no sense.
        """
        self._sections = read_sections(path, grammar)
        self._section_of = lru_cache(_REMEMBERED)(self._find)

    @classmethod
    def from_conf(
        cls, conf: cfg.ConfigOpts, allows: Callable[[Caller, str], bool]
    ) -> "IniPropertyProtection | None":
        """Return the protection that the configuration asks for, None if it asks for none.

        `allows` answers by policy, without a target.

        Raises:
            BadConfiguration: there is no such file, or it makes no sense.
        """
        if not conf.property_protection_file:
            return None
        path = conf.find_file(conf.property_protection_file)
        if path is None:
            raise BadConfiguration(
                OPTION,
                f"{conf.property_protection_file} is not to be found where configuration files "
                "are; create it, or name it by its whole path.",
            )
        with_policies = conf.property_protection_rule_format == "policies"
        return cls(path, by_policies(allows) if with_policies else by_roles)

    def judge(self, caller: Caller, operation: Operation) -> Callable[[str], bool]:
        """Return what tells by the name of a property whether the caller may do this with it."""
        answers: dict[str, bool] = {}

        def permits(name: str) -> bool:
            answer = answers.get(name)
            if answer is None:
                answer = answers[name] = self._permits(caller, operation, name)
            return answer

        return permits

    def _permits(self, caller: Caller, operation: Operation, name: str) -> bool:
        if name.startswith(SYSTEM_PROPERTY_PREFIX):
            return True
        section = self._section_of(name)
        return section is not None and section.permits[operation](caller)

    def _find(self, name: str) -> Section | None:
        return next((one for one in self._sections if one.pattern.search(name)), None)
