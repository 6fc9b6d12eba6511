"""The place where data waits for its import (import-and-tasks §7)."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from tintype.domain.errors import Conflict, DataNotFound, StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import ReadStream, StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.store import STAGING_STORE

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staging:
    """Keeps the staged data of each image under the image's id, in a reserved store.

    `own_url` is where other workers reach this one. Unless staging is `shared`, they need to:
    what is staged here is for this worker alone.
    """

    stores: Stores
    own_url: str | None = None
    shared: bool = False

    @property
    def host(self) -> str | None:
        """The URL of the worker that alone reaches what is staged here; None if all do."""
        return None if self.shared else self.own_url

    def elsewhere(self, image: Image) -> str | None:
        """Return the URL of the worker that has the staged data; None if that is this one."""
        return self.other_than_own(image.stage_host)

    def other_than_own(self, host: str | None) -> str | None:
        """Return the URL if it is another worker's; without one of its own, none is."""
        if host is None or self.own_url is None or host.rstrip("/") == self.own_url.rstrip("/"):
            return None
        return host

    @property
    def driver(self) -> StorageDriver:
        """The store that it is.

        Raises:
            StoreUnavailable: there is none.
        """
        driver = self.stores.named(STAGING_STORE)
        if driver is None:
            raise StoreUnavailable("There is no place to stage data in: tell the operator.")
        return driver

    def size_of(self, image_id: str) -> int | None:
        """Return how many bytes are staged for an image; None if there is nothing.

        Raises:
            StoreUnavailable: nobody can say.
        """
        found = self._find(image_id)
        return found[1] if found else None

    def open(self, image_id: str) -> ReadStream:
        """Begin reading what is staged for an image.

        Raises:
            DataNotFound: there is nothing.
            StoreUnavailable: it cannot be read.
        """
        found = self._find(image_id)
        if found is None:
            raise DataNotFound(image_id, STAGING_STORE)
        return self.driver.open(found[0])

    def _find(self, image_id: str) -> tuple[Location, int] | None:
        driver = self.driver
        for location in driver.locate(image_id):
            with suppress(DataNotFound):
                return location, driver.size(location)
        return None

    def remove(self, key: str) -> None:
        """Remove what is staged under a key, if anything is; what is kept is cleaned up later."""
        try:
            for location in self.driver.locate(key):
                with suppress(DataNotFound):
                    self.driver.delete(location)
        except StoreUnavailable as error:
            LOG.warning("Staged data %s stays for now: %s", key, error)

    def end_failed_import(self, image: Image) -> None:
        """Put an image, whose import failed, back to where that began; others stay.

        Raises:
            StoreUnavailable: nobody can say whether its data is still staged.
            Conflict: it is, out of reach.
        """
        if image.import_failed and self.elsewhere(image):
            raise Conflict(
                f"The data of image {image.id} is staged already, for another try of its import."
            )
        if image.import_failed:
            image.end_failed_import(self.size_of(image.id))
