"""Who keeps the keys of encrypted images."""

from typing import Protocol

from tintype.domain.caller import Caller


class EncryptionKeys(Protocol):
    """Lets go of keys that go with an image (operations §7)."""

    def delete(self, key_id: str, caller: Caller | None) -> None:
        """Delete a key on behalf of a caller, or of the service itself; no key is no error.

        Raises:
            KeyKept: it could not be done; says why.
        """
