"""Who checks signatures of data, and who keeps the certificates."""

from typing import Protocol

from tintype.domain.caller import Caller
from tintype.domain.signature import Signature


class SignatureCheck(Protocol):
    """A check of data on its way past. For one stream and one thread."""

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes; the buffer is the caller's again afterwards."""

    def finish(self) -> None:
        """Raise BadSignature unless the signature is that of the bytes."""


class SignatureVerifier(Protocol):
    """Knows kinds of keys and digests."""

    def begin(self, signature: Signature, certificate: bytes) -> SignatureCheck:
        """Begin to check data by a certificate, in PEM or DER.

        Raises:
            BadSignature: the signature could be that of no data, or nobody can check it here.
        """


class CertificateSource(Protocol):
    """Keeps certificates by their ids."""

    def fetch(self, certificate_id: str, caller: Caller) -> bytes:
        """Return a certificate, in PEM or DER, that the caller may use.

        Raises:
            BadSignature: there is none, or it cannot be had.
        """
