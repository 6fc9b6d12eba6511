"""Key managers as castellan loads them: by the name of a class."""

from typing import Any, ClassVar

from castellan.common.exception import KeyManagerError, ManagedObjectNotFoundError


class Keeper:
    """Has keys until they are deleted, and notes by which token."""

    keys: ClassVar[set[str]] = set()
    tokens: ClassVar[list[str | None]] = []

    def __init__(self, configuration: Any) -> None:
        """Take what castellan hands over."""

    def delete(self, context: Any, key_id: str) -> None:
        """Delete a key."""
        self.tokens.append(getattr(context, "auth_token", None) or getattr(context, "token", None))
        if key_id not in self.keys:
            raise ManagedObjectNotFoundError(uuid=key_id)
        self.keys.remove(key_id)


class Hesitant(Keeper):
    """Does as it is told at the second time."""

    asked: ClassVar[list[str]] = []

    def delete(self, context: Any, key_id: str) -> None:
        """Refuse, or delete a key."""
        self.asked.append(key_id)
        if self.asked.count(key_id) < 2:
            raise KeyManagerError(reason="not yet")
        super().delete(context, key_id)


class Stubborn(Keeper):
    """Refuses."""

    def delete(self, context: Any, key_id: str) -> None:
        """Refuse."""
        raise KeyManagerError(reason="never")
