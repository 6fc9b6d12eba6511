"""What a caller says of data that is somewhere already."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tintype.domain.errors import Invalid

LENGTHS: Mapping[str, int] = {"sha1": 40, "sha256": 64, "sha512": 128, "md5": 32}
"""The digests that data may be held to, and how many hexadecimal digits they have."""

_HEX = re.compile(r"[0-9a-fA-F]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExpectedHash:
    """The digest that data must have.

    Raises:
        Invalid: the value is no digest of that algorithm.
    Source: images-api §9.2.
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        digits = LENGTHS[self.algorithm]
        if len(self.value) != digits or _HEX.fullmatch(self.value) is None:
            raise Invalid(f"os_hash_value must be {digits} hexadecimal digits for this algorithm.")

    def fits(self, value: str | None) -> bool:
        """Tell whether that is the digest, in whatever case."""
        return value is not None and value.lower() == self.value.lower()
