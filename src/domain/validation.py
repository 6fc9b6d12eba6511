"""What a caller says the data of a location is."""

import hashlib
import re
from dataclasses import dataclass

from tintype.domain.errors import WrongDigest

MD5_DIGITS = 32


@dataclass(frozen=True, slots=True)
class ValidationData:
    """Digests of data, in hex, that a caller vouches for; `checksum` is the MD5."""

    os_hash_algo: str
    os_hash_value: str
    checksum: str | None = None

    def check_form(self, algorithm: str) -> None:
        """Refuse digests that no data has.

        Raises:
            WrongDigest: they are not by the algorithm of this service, not of its length, or
                not hex.
        Source: images-api §9.1.
        """
        if self.os_hash_algo != algorithm:
            raise WrongDigest(f"os_hash_algo must be {algorithm}")
        digits = hashlib.new(algorithm, usedforsecurity=False).digest_size * 2
        if not _is_hex(self.os_hash_value, digits):
            raise WrongDigest(f"os_hash_value must have {digits} hexadecimal digits")
        if self.checksum is not None and not _is_hex(self.checksum, MD5_DIGITS):
            raise WrongDigest(f"checksum must have {MD5_DIGITS} hexadecimal digits")


def _is_hex(text: str, digits: int) -> bool:
    return re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", text, re.ASCII) is not None
