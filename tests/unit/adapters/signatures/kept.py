"""A key manager for castellan that has one thing of each sort."""

from typing import Any

from castellan.common.exception import Forbidden, ManagedObjectNotFoundError
from castellan.common.objects.passphrase import Passphrase
from castellan.key_manager.key_manager import KeyManager


class Kept(KeyManager):  # type: ignore[misc]
    """Gives what was stored under the name `certificate`, to callers with a token."""

    _stored: Any = None

    def __init__(self, configuration: Any) -> None:
        super().__init__(configuration)

    def store(self, context: Any, managed_object: Any, expiration: Any = None) -> str:
        Kept._stored = managed_object
        return "certificate"

    def get(self, context: Any, managed_object_id: str, metadata_only: bool = False) -> Any:
        assert context.auth_token
        if managed_object_id == "forbidden":
            raise Forbidden
        if managed_object_id == "passphrase":
            return Passphrase(b"secret")
        if managed_object_id != "certificate":
            raise ManagedObjectNotFoundError(uuid=managed_object_id)
        return Kept._stored

    def create_key(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    create_key_pair = copy = delete = add_consumer = remove_consumer = list = create_key
