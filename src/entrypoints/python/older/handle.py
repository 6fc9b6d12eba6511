"""A store, for programs that want to hold it in their hands."""

from collections.abc import Iterable, Sequence
from typing import Any

from tintype.entrypoints.python.capabilities import StoreCapability, check
from tintype.entrypoints.python.older.indexable import Indexable
from tintype.entrypoints.python.older.location import CLASSES, Location, StoreLocation
from tintype.entrypoints.python.stored import Readable, StoreInfo, Verifier
from tintype.entrypoints.python.stores import ImageStores

Data = Readable | Iterable[bytes]
Added = tuple[str, int, str, Any]
AddedWithMultihash = tuple[str, int, str, str, Any]
Read = tuple[Indexable, int]


class Store(StoreCapability):
    """One store as it could work when it was looked up; it keeps nothing else."""

    def __init__(self, stores: ImageStores, store_id: str) -> None:
        self.stores = stores
        self.id = store_id
        super().__init__()
        self.update_capabilities()

    def update_capabilities(self) -> None:
        """Look anew at what it can do now."""
        info = self._info()
        self._capabilities = info.capabilities
        # What does not work as configured takes no data, and may be deleted from as well.
        self.full = info.health in ("full", "out-of-service")

    def _info(self) -> StoreInfo:
        return next(
            each for each in self.stores.stores(include_reserved=True) if each.id == self.id
        )

    @property
    def weight(self) -> int:
        """The weight of the store."""
        return self._info().weight

    @property
    def url_prefix(self) -> str:
        """What URLs of its locations begin with, of several the first; nothing if nobody knows.

        Source: stores §4.
        """
        return next(iter(self._info().url_prefixes), "")

    def get_schemes(self) -> Sequence[str]:
        """Return the URL schemes that it knows."""
        return self._info().schemes

    def get_store_location_class(self) -> type[StoreLocation]:
        """Return the class of its locations."""
        return CLASSES.get(self._info().type, StoreLocation)

    @check
    def add(
        self,
        image_id: str,
        data: Data,
        size: int,
        hashing_algo: str | None = None,
        context: object = None,
        verifier: Verifier | None = None,
    ) -> Added | AddedWithMultihash:
        """Store data; the answer has the multihash if an algorithm is named."""
        stored = self.stores.add(
            image_id,
            data,
            size=size,
            store=self.id,
            hashing_algo=hashing_algo or "md5",
            context=context,
            verifier=verifier,
        )
        if hashing_algo is None:
            return stored.url, stored.size, stored.checksum, stored.metadata
        return stored

    @check
    def get(
        self,
        location: Location,
        offset: int = 0,
        chunk_size: int | None = None,
        context: object = None,
    ) -> Read:
        """Return the data at a location, and how many bytes it is."""
        stream = self.stores.get(
            location.get_store_uri(),
            store=self.id,
            offset=offset,
            length=chunk_size,
            context=context,
        )
        return Indexable(stream, stream.size), stream.size

    def get_size(self, location: Location, context: object = None) -> int:
        """Return the size of the data at a location in bytes."""
        return self.stores.get_size(location.get_store_uri(), store=self.id, context=context)

    @check
    def delete(self, location: Location, context: object = None) -> None:
        """Remove the data at a location."""
        self.stores.delete(location.get_store_uri(), store=self.id, context=context)

    def set_acls(
        self,
        location: Location,
        public: bool = False,
        read_tenants: Sequence[str] = (),
        write_tenants: Sequence[str] | None = None,
        context: object = None,
    ) -> None:
        """Say who may read and write the data, where the store keeps such lists."""
        self.stores.set_acls(
            location.get_store_uri(),
            store=self.id,
            public=public,
            read_tenants=read_tenants,
            write_tenants=write_tenants or (),
            context=context,
        )
