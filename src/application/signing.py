"""Holding data to the signature that its image has (operations §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tintype.domain.caller import Caller
from tintype.domain.errors import BadSignature, Invalid
from tintype.domain.image import Image
from tintype.domain.ports.signatures import CertificateSource, SignatureCheck, SignatureVerifier
from tintype.domain.signature import Signature
from tintype.domain.task import Task

HELD: Final = "certificate"
"""The secret of a task that holds the certificate, which its caller had fetched."""

PROBLEM: Final = "certificate_problem"
"""The secret of a task that says why there is none."""

MISSING: Final = "There is no certificate to check the signature by."


class NoCheck:
    """Lets all data pass."""

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes."""

    def finish(self) -> None:
        """Find nothing wrong."""


@dataclass(frozen=True)
class Signatures:
    """Begins the checks of signed images; others have nothing to be held to.

    A certificate is fetched with the token of the caller. A task has none, so that the caller's
    request fetches it and the task keeps it; it is no secret.
    """

    source: CertificateSource
    verifier: SignatureVerifier

    def check(self, image: Image, caller: Caller) -> SignatureCheck:
        """Begin to check data that the caller sends.

        Raises:
            IncompleteSignature, BadSignature: no data could pass.
        """
        signature = Signature.of(image.properties)
        if signature is None:
            return NoCheck()
        certificate = self.source.fetch(signature.certificate_id, caller)
        return self.verifier.begin(signature, certificate)

    def for_task(self, image: Image, caller: Caller) -> Mapping[str, str]:
        """Return what a task that imports the image has to know; it fails if that is a problem."""
        try:
            signature = Signature.of(image.properties)
            if signature is None:
                return {}
            certificate = self.source.fetch(signature.certificate_id, caller)
        except Invalid as error:
            return {PROBLEM: str(error)}
        return {HELD: certificate.hex()}

    def check_of_task(self, image: Image, task: Task) -> SignatureCheck:
        """Begin to check the data that a task imports.

        Raises:
            IncompleteSignature, BadSignature: no data could pass.
        """
        signature = Signature.of(image.properties)
        if signature is None:
            return NoCheck()
        if HELD not in task.secrets:
            problem = task.secrets.get(
                PROBLEM, "There is no certificate to check the signature by."
            )
            raise BadSignature(problem)
        return self.verifier.begin(signature, bytes.fromhex(task.secrets[HELD]))
