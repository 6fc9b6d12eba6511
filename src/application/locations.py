"""Finding the data of an image among its locations."""

from tintype.domain.errors import DataNotFound, Invalid, StoreNotWritable
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores


def by_weight(image: Image, stores: Stores) -> Image:
    """Put the locations of an image into the order in which its stores are preferred.

    Heavier stores come first, equals in the order of their addition (images-api §3).
    """
    if len(image.locations) > 1:
        image.locations.sort(key=stores.weight, reverse=True)
    return image


def delete_data(stores: Stores, location: Location) -> None:
    """Remove the data at a location; data that is gone already, or that no store of ours
    can remove, is no error (images-api §4.4).

    Raises:
        InUse, StoreUnavailable: the store keeps the data.
    """
    for driver in stores.holding(location):
        try:
            driver.delete(location)
            return
        except (DataNotFound, Invalid, StoreNotWritable):
            continue
