"""The place where data waits for its import (import-and-tasks §7)."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from tintype.domain.errors import DataNotFound, StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import ReadStream, StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.store import STAGING_STORE

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staging:
    """Keeps the staged data of each image under the image's id, in a reserved store."""

    stores: Stores

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
        """
        if image.import_failed:
            image.end_failed_import(self.size_of(image.id))
