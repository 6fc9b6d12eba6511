"""Finding the data of an image among its locations."""

from collections.abc import Mapping, Sequence

from tintype.domain.adoption import without_credentials
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    DataNotFound,
    Invalid,
    StaleWrite,
    StoreNotWritable,
    UnknownStore,
)
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


def name_stores(image: Image, stores: Stores) -> Sequence[tuple[Location, Location]]:
    """Have the image's locations name their stores; return those that did not, before and after.

    Credentials in URLs of S3 are left out as well.
    Source: stores §4.
    """
    changed = []
    for place, location in enumerate(image.locations):
        named = stores.identify(without_credentials(location))
        if named is not location:
            image.locations[place] = named
            changed.append((location, named))
    return changed


def preferred(locations: Sequence[Location], stores: Sequence[str]) -> Sequence[Location]:
    """Put those in the named stores first, in the order of the names."""
    if not stores:
        return locations
    ranks = {store: rank for rank, store in reversed(list(enumerate(stores)))}
    return sorted(locations, key=lambda location: ranks.get(location.store or "", len(stores)))


def require_known(stores: Stores, names: Sequence[str]) -> None:
    """Raise Invalid unless callers can choose these stores by name (images-api §8.2)."""
    if not stores.multiple:
        raise Invalid("There is one store only, and it has no name to be preferred by.")
    known = {store.id for store in stores.list()}
    for name in names:
        if name not in known:
            raise UnknownStore(name)


def delete_data(stores: Stores, location: Location) -> bool:
    """Remove the data at a location, and tell whether none is there any more.

    Data that is gone already, or that no store of ours can remove, is no error (images-api §4.4).

    Raises:
        InUse, StoreUnavailable: the store keeps the data.
    """
    lost = kept = False
    for driver in stores.holding(location):
        try:
            driver.delete(location)
            return True
        except DataNotFound:
            lost = True
        except StoreNotWritable:
            kept = True
        except Invalid:
            continue
    return lost and not kept


def where_half_imported(image: Image, stores: Stores) -> Mapping[str, Sequence[Location]]:
    """Ask where a task under way may put data; return the places by the id of their store.

    A store may take long to tell, so no transaction should wait for it.

    Raises:
        StoreUnavailable: it does not.
    """
    stores = stores.acting_for(Caller(project_id=image.owner))
    drivers = {store: stores.named(store) for store in _importing_to(image)}
    return {store: driver.locate(image.id) if driver else () for store, driver in drivers.items()}


def add_half_imported(image: Image, places: Mapping[str, Sequence[Location]]) -> None:
    """Name the places where a task under way may have put data, so that they are deleted too.

    Raises:
        StaleWrite: a task puts it into other stores than those that were asked for `places`.
    """
    known = {location.object for location in image.locations}
    for store in _importing_to(image):
        if store not in places:
            raise StaleWrite(image.id)
        image.locations += [place for place in places[store] if place.object not in known]


def _importing_to(image: Image) -> Sequence[str]:
    return image.importing_to if image.import_task else ()


def half_imported_first(image: Image) -> Sequence[Location]:
    """Return the locations, those first where an import that was called off may have put data."""
    return sorted(image.locations, key=lambda location: location.store not in image.importing_to)
