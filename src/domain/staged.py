"""What was found out about data while it was staged."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

PROPERTY: Final = "os_glance_staged"
"""The property that it is kept in, which nobody is shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The size and digests of staged data, and whether it is what `disk_format` says.

    That it was judged under both formats must be looked at: they may be set later, or anew.
    `refusal` is the sentence of the error that an import of the data as it is would end with.
    """

    size: int
    checksum: str
    os_hash_algo: str
    os_hash_value: str
    disk_format: str | None = None
    container_format: str | None = None
    virtual_size: int | None = None
    refusal: str | None = None

    def to_text(self) -> str:
        """Return it as the property has it."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Verdict | None":
        """Return that of an image; None if it has none, or one that is none of ours."""
        try:
            return cls(**json.loads(properties[PROPERTY]))
        except (KeyError, ValueError, TypeError):
            return None

    def judged(self, disk_format: str, container_format: str) -> bool:
        """Tell whether the formats are those that the data was judged by."""
        return (self.disk_format, self.container_format) == (disk_format, container_format)
