"""The other workers of the service, for what one of them alone can do."""

from dataclasses import dataclass
from typing import Final, Protocol

from tintype.domain.caller import Caller

PASSED_ON: Final = "X-Tintype-Passed-On"
"""The header of a request that a worker sent here; it goes no further."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What another worker answered, to be handed back as it came."""

    status: int
    reason: str
    body: bytes = b""
    content_type: str | None = None
    request_id: str | None = None
    task_id: str | None = None


class FellowWorkers(Protocol):
    """Sends requests of callers on, with their tokens, so only to URLs that a worker recorded."""

    def import_image(
        self,
        host: str,
        caller: Caller,
        image_id: str,
        body: bytes,
        store: str | None = None,
    ) -> PassedOn:
        """Ask for an import; `body` is sent as it is, `store` is that of the header.

        Raises:
            WorkerSilent, WorkerGarbled: there is no answer that could be handed back.
        """

    def delete_image(self, host: str, caller: Caller, image_id: str) -> PassedOn:
        """Ask for a deletion.

        Raises:
            WorkerSilent, WorkerGarbled: there is no answer that could be handed back.
        """
