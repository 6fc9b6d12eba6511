"""What an image says of the signature of its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from tintype.domain.errors import IncompleteSignature

SIGNATURE: Final = "img_signature"
HASH_METHOD: Final = "img_signature_hash_method"
KEY_TYPE: Final = "img_signature_key_type"
CERTIFICATE: Final = "img_signature_certificate_uuid"

NAMES: Final = (SIGNATURE, HASH_METHOD, KEY_TYPE, CERTIFICATE)
"""The properties that together make a signature (operations §7)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature in base64, how it was made, and the id of the certificate that it is of."""

    value: str
    hash_method: str
    key_type: str
    certificate_id: str

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Self | None:
        """Return the signature that an image with those properties has; None if it has none.

        Raises:
            IncompleteSignature: a part of it is missing: nobody could check it.
        """
        missing = [name for name in NAMES if name not in properties]
        if len(missing) == len(NAMES):
            return None
        if missing:
            raise IncompleteSignature(missing)
        return cls(*(properties[name] for name in NAMES))
