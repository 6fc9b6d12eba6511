"""What another package has to offer for its class to be used as an import plugin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from oslo_config import cfg, types

from tintype.domain.ports.format_inspector import FormatDetector
from tintype.domain.ports.import_plugin import ImportPlugin

Options = Sequence[tuple[str, Sequence[cfg.Opt]]]
"""Options with the sections that they stand in."""


class Names(types.List):
    """Names separated by commas, in quotes or not, all of them in brackets or not."""

    def __init__(self) -> None:
        super().__init__(item_type=types.String(quotes=True))

    def __call__(self, value: Any) -> list[Any]:
        """Read the text."""
        if isinstance(value, str):
            text = value.strip()
            if text.startswith("[") and text.endswith("]"):
                value = text[1:-1]
        return super().__call__(value)


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
