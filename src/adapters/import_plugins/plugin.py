"""What another package has to offer for its class to be used as an import plugin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from oslo_config import cfg

from tintype.domain.ports.format_inspector import FormatDetector
from tintype.domain.ports.import_plugin import ImportPlugin

Options = Sequence[tuple[str, Sequence[cfg.Opt]]]
"""Options with the sections that they stand in."""


@dataclass(frozen=True)
class Tools:
    """What plugins may use of the service's own."""

    detector: FormatDetector


class ImportPluginClass(Protocol):
    """A class under the entry point group `tintype.import_plugins`.

    What it makes is an `ImportPlugin`.
    """

    OPTIONS: ClassVar[Options]

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, tools: Tools) -> ImportPlugin:
        """Build it from its options, which are declared by then.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
