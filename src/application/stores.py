"""What callers learn of the stores, and do with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.images.removal import Removal, RemoveData
from tintype.application.locations import by_weight, name_stores
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.errors import StoreNotEnabled, StoreNotFound
from tintype.domain.image import Image
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.store import Store


@dataclass(frozen=True)
class ListStores:
    """Name the stores that data can be put into (images-api §12)."""

    stores: Stores

    def __call__(self) -> Sequence[Store]:
        """Return the stores in the order of configuration.

        Raises:
            StoreNotFound: stores have no names here (`enabled_backends` is not set).
        """
        if not self.stores.multiple:
            raise StoreNotFound("Multi backend is not supported at this site.")
        return self.stores.list()


@dataclass(frozen=True)
class DescribeStores:
    """Tell how the stores are set up, to those who run them (images-api §12)."""

    access: Access
    find: ListStores

    def __call__(self, caller: Caller) -> Sequence[Store]:
        """Return the stores in the order of configuration.

        Raises:
            Forbidden: the caller may not know; StoreNotFound: see `ListStores`.
        """
        self.access.require_target(caller, "stores_info_detail", {})
        return self.find()


@dataclass(frozen=True)
class DeleteFromStore:
    """Remove the data of an image from one of several stores (images-api §9.3)."""

    work: Work
    access: Access
    notifier: Notifier
    stores: Stores
    remove: RemoveData

    def __call__(self, caller: Caller, store: str, image_id: str) -> None:
        """Remove it; when this returns, the bytes are gone from there.

        Raises:
            StoreNotFound: stores have no names here; StoreNotEnabled: none has that one.
            ImageNotFound, Forbidden: the caller may not.
            LocationsSettled, LastLocation, NotInStore: see `Image.remove_location`.
            InUse, StoreUnavailable: the store keeps the data; the image is as it was.
        """
        self.access.require_writer(caller)
        if not self.stores.multiple:
            raise StoreNotFound("Multi backend is not supported at this site.")
        if store not in {each.id for each in self.stores.list()}:
            raise StoreNotEnabled(store)
        self._ask_stores(caller, image_id)
        image, removal = self._begin(caller, store, image_id)
        self.remove(removal)
        self.notifier.tell(image.take_events())

    def _ask_stores(self, caller: Caller, image_id: str) -> None:
        """Find out which stores the image is in, also where only they can tell.

        No transaction waits for the answer.
        """
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
        self._require_allowed(caller, image)
        for location in image.locations:
            self.stores.identify_by_asking(location)

    def _require_allowed(self, caller: Caller, image: Image) -> None:
        self.access.require(caller, "get_image_location", image)
        self.access.require_change(caller, "delete_image_location", image)

    @retried
    def _begin(self, caller: Caller, store: str, image_id: str) -> tuple[Image, Removal]:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self._require_allowed(caller, image)
            before = image.as_it_is()
            name_stores(image, self.stores)
            location = by_weight(image, self.stores).remove_from_store(store)
            removal = self.remove.begin(work, before, image, [location])
            self.remove.commit(work, removal)
        return image, removal
