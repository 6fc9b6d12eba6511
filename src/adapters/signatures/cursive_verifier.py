"""Signatures as the field makes them, by the library that it checks them with."""

from typing import Any

from tintype.domain.errors import BadSignature
from tintype.domain.ports.signatures import SignatureCheck
from tintype.domain.signature import Signature

_PEM = b"-----BEGIN"


class CursiveVerifier:
    """Loads its library with the first signature: few images have one, and it is an extra."""

    def begin(self, signature: Signature, certificate: bytes) -> SignatureCheck:
        """Begin to check data by a certificate, in PEM or DER.

        Raises:
            BadSignature: the signature could be that of no data, or nobody can check it here.
        """
        try:
            from cursive import signature_utils
            from cursive.exception import SignatureVerificationError
        except ImportError as error:
            raise BadSignature(
                "Signatures cannot be checked here: tell the operator to install "
                "tintype[signatures]."
            ) from error
        try:
            kind = signature_utils.SignatureKeyType.lookup(signature.key_type)
            method = signature_utils.get_hash_method(signature.hash_method)
            value = signature_utils.get_signature(signature.value)
        except SignatureVerificationError as error:
            raise BadSignature(str(error)) from error
        key = _public_key(certificate, signature.certificate_id)
        if not isinstance(key, kind.public_key_type):
            raise BadSignature(
                f"The certificate {signature.certificate_id} holds no key of type "
                f"{signature.key_type}."
            )
        verifier = kind.create_verifier(value, method, key)
        if verifier is None:
            raise BadSignature("The signature is empty.")
        return _Check(verifier)


def _public_key(certificate: bytes, certificate_id: str) -> Any:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    pem = certificate.lstrip().startswith(_PEM)
    load = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
    try:
        return load(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSignature(
            f"{certificate_id} is no certificate, or not of a key that can be used."
        ) from error


class _Check:
    def __init__(self, verifier: Any) -> None:
        self._verifier = verifier

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes; the buffer is the caller's again afterwards."""
        self._verifier.update(piece)

    def finish(self) -> None:
        """Raise BadSignature unless the signature is that of the bytes."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._verifier.verify()
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("The signature is not that of the data.") from error
