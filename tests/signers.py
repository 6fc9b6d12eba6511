"""Keys of every kind that data is signed with, and certificates of them."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.x509.oid import NameOID

from tests.builders import THEN

HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}
KEYS: Mapping[str, Callable[[], Any]] = {
    "RSA-PSS": lambda: rsa.generate_private_key(65537, 2048),
    "DSA": lambda: dsa.generate_private_key(2048),
    "ECC_SECP384R1": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ECC_SECP521R1": lambda: ec.generate_private_key(ec.SECP521R1()),
}


@dataclass(frozen=True)
class Signer:
    """A key with a certificate."""

    kind: str
    key: Any
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, data: bytes, method: str = "SHA-256", name: str = "c") -> dict[str, str]:
        """Return the properties of an image of that data, signed by the certificate of a name."""
        algorithm = HASHES[method]
        if self.kind == "RSA-PSS":
            pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.MAX_LENGTH)
            value = self.key.sign(data, pss, algorithm)
        elif self.kind == "DSA":
            value = self.key.sign(data, algorithm)
        else:
            value = self.key.sign(data, ec.ECDSA(algorithm))
        return {
            "img_signature": base64.b64encode(value).decode("ascii"),
            "img_signature_hash_method": method,
            "img_signature_key_type": self.kind,
            "img_signature_certificate_uuid": name,
        }


@cache
def signer(kind: str = "ECC_SECP384R1") -> Signer:
    """Return the signer of a kind, the same each time: some keys take long to make."""
    key = KEYS[kind]()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a signer of images")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=THEN,
        not_valid_after=THEN + timedelta(days=36500),
    )
    return Signer(kind, key, builder.sign(key, hashes.SHA256()))
