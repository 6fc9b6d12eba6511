"""A store whose locations of former times do not tell by their URLs that they are its own."""

from collections.abc import Callable

from tintype.adapters.stores.memory import MemoryDriver, MemoryStream
from tintype.domain.errors import DataNotFound
from tintype.domain.location import Location


class ClaimingDriver(MemoryDriver):
    """Objects in memory, at `memory://<any name>/<key>` too; who asks whose they are is counted."""

    def __init__(self, store: str) -> None:
        super().__init__(store, named=True)
        self.fault: Exception | None = None
        self.asked = 0
        self.while_asked: Callable[[], object] = lambda: None

    def probe(self) -> None:
        if self.fault:
            raise self.fault

    def claimed(self, url: str) -> str | None:
        self.asked += 1
        self.while_asked()
        if self.fault:
            raise self.fault
        return self._present(url)

    def _present(self, url: str) -> str | None:
        key = url.rpartition("/")[2]
        return f"memory://{self.store}/{key}" if key in self.keys() else None

    def _found(self, location: Location) -> Location:
        url = self._present(location.url)
        if url is None:
            raise DataNotFound(location.url, self.store)
        return Location(url)

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> MemoryStream:
        return super().open(self._found(location), offset, length)

    def delete(self, location: Location) -> None:
        super().delete(self._found(location))
