"""What stands in for a store that could not be built."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability


class OutOfServiceDriver:
    """Answers whatever is asked of the store with the reason why it cannot."""

    capabilities = Capability(0)
    url_prefixes: Sequence[str] = ()
    directories: Sequence[str] = ()

    def __init__(self, store: str, kind: str, schemes: frozenset[str], reason: str) -> None:
        self.store = store
        self.type = kind
        self.schemes = schemes
        self._reason = reason

    @property
    def properties(self) -> Mapping[str, Any]:
        """Nothing is known of it."""
        return {}

    def start(self) -> None:
        """Raise StoreUnavailable."""
        self._refuse()

    def create(self, key: str, size: int | None) -> NoReturn:
        """Raise StoreUnavailable."""
        self._refuse()

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> NoReturn:
        """Raise StoreUnavailable."""
        self._refuse()

    def size(self, location: Location) -> NoReturn:
        """Raise StoreUnavailable."""
        self._refuse()

    def delete(self, location: Location) -> None:
        """Raise StoreUnavailable."""
        self._refuse()

    def locate(self, key: str) -> list[Location]:
        """Raise StoreUnavailable."""
        self._refuse()

    def discard_unfinished(self, key: str) -> None:
        """Raise StoreUnavailable."""
        self._refuse()

    def keys(self) -> Iterator[str]:
        """Raise StoreUnavailable."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise out_of_service(self.store, self._reason)


def out_of_service(store: str, reason: str) -> StoreUnavailable:
    """Return the error for a store that does not work as it is configured."""
    return StoreUnavailable(f"Store {store} is out of service. {reason}")
