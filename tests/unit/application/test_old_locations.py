"""Images from the time before stores had names (stores §4)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.adapters.stores.claiming import ClaimingDriver
from tests.unit.application.service import OWNER_CALLER, STRANGER, Service
from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.application.images.find import ShowImage
from tintype.application.old_locations import NameStores, OldLocations
from tintype.domain.errors import ImageNotFound, StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.image_query import ImageQuery
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.store import Store
from tintype.domain.task import Task

DATA = b"data"


def an_old_image(service: Service, metadata: dict[str, Any] | None = None) -> Image:
    """Return an active image whose location does not name a store that is enabled."""
    location = service.has_bytes(service.fast, "1dea", DATA)
    location = replace(location, metadata=metadata or {})
    return service.has_queued(status=Status.ACTIVE, size=4, locations=[location])


def reader(service: Service, room: int = 1000) -> tuple[ShowImage, NameStores]:
    found = OldLocations(room)
    return (
        replace(service.show, old_locations=found),
        NameStores(service.catalogue, service.stores, found),
    )


def test_a_reader_sees_the_store_at_once(service: Service) -> None:
    image = an_old_image(service, {"x": "y"})
    show, _ = reader(service)

    assert show(OWNER_CALLER, image.id).locations[0].metadata == {"x": "y", "store": "fast"}
    assert service.look_at(image.id).locations[0].store is None


def test_the_store_is_recorded_afterwards_and_once(service: Service) -> None:
    image = an_old_image(service, {"store": "a former name"})
    show, name_stores = reader(service)
    show(OWNER_CALLER, image.id)
    show(OWNER_CALLER, image.id)

    assert [name_stores(), name_stores()] == [1, 0]
    kept = service.look_at(image.id)
    assert (kept.locations[0].store, kept.updated_at) == ("fast", image.updated_at)
    show(OWNER_CALLER, image.id)
    assert name_stores() == 0


def test_credentials_in_urls_of_s3_are_neither_shown_nor_kept(service: Service) -> None:
    image = service.has_queued(
        status=Status.ACTIVE,
        size=3,
        locations=[Location("s3+https://KEY:SE/CR@ET@s3.example/bucket/1dea", {"x": "y"})],
    )
    show, name_stores = reader(service)
    bare = ("s3+https://s3.example/bucket/1dea", {"x": "y"})

    shown = show(OWNER_CALLER, image.id).locations[0]
    assert (shown.url, shown.metadata) == bare
    assert name_stores() == 1
    kept = service.look_at(image.id)
    assert (kept.locations[0].url, kept.locations[0].metadata) == bare
    assert kept.updated_at == image.updated_at


def test_other_services_are_told_the_store_and_it_is_recorded(service: Service) -> None:
    image = an_old_image(service)
    _, name_stores = reader(service)
    fetch = replace(service.fetch_locations, old_locations=name_stores.found)

    assert [it.store for it in fetch(ADMIN, image.id)] == ["fast"]
    assert name_stores() == 1


def test_a_download_finds_it_out_too(service: Service) -> None:
    image = an_old_image(service)
    found = OldLocations()
    download = replace(service.download, old_locations=found)

    assert download(OWNER_CALLER, image.id, prefer=["fast"]).stream.read() == DATA
    assert NameStores(service.catalogue, service.stores, found)() == 1


def test_a_list_shows_what_is_recorded(service: Service) -> None:
    an_old_image(service)

    (image,) = service.list(OWNER_CALLER, ImageQuery(limit=5)).images
    assert image.locations[0].store is None


def test_a_change_in_between_counts_more(service: Service) -> None:
    image = an_old_image(service)
    show, name_stores = reader(service)
    show(OWNER_CALLER, image.id)
    with service.catalogue() as work:
        theirs = work.images.get(image.id, seen_by=OWNER_CALLER)
        theirs.locations[0] = replace(theirs.locations[0], metadata={"theirs": "x"})
        work.images.save(theirs)
        work.commit()

    assert name_stores() == 0
    assert service.look_at(image.id).locations[0].metadata == {"theirs": "x"}


def test_a_place_under_no_store_stays_as_it_is(service: Service) -> None:
    image = service.has_queued(
        status=Status.ACTIVE,
        size=3,
        locations=[Location("sftp://far/away"), Location("memory://x/y")],
    )
    show, name_stores = reader(service)

    assert [it.store for it in show(OWNER_CALLER, image.id).locations] == [None, None]
    assert name_stores() == 0


def test_no_more_is_remembered_than_has_room(service: Service) -> None:
    location = an_old_image(service).locations[0]
    image = service.has_queued(
        locations=[
            replace(location, url=f"{location.url}{number}", id=None) for number in range(15)
        ]
    )
    show, name_stores = reader(service, room=10)
    show(OWNER_CALLER, image.id)

    assert name_stores() == 10


def test_data_can_be_deleted_from_a_store_that_no_location_names(service: Service) -> None:
    image = an_old_image(service)
    with service.catalogue() as work:
        image = work.images.get(image.id, seen_by=OWNER_CALLER)
        image.locations.append(service.has_bytes(service.cheap, "1dea", DATA))
        work.images.save(image)
        work.commit()

    service.delete_from_store(ADMIN, "fast", image.id)
    assert list(service.fast.keys()) == []


# ---------------------------------------------------------------------- what stores must be asked

OLD = Location("memory://former/1dea")
FOUND = ("memory://shelf/1dea", "shelf")


@pytest.fixture
def shelf(service: Service) -> ClaimingDriver:
    """A store that alone can tell which locations of former times are its own."""
    driver = ClaimingDriver("shelf")
    service.stores = ConfiguredStores(
        [
            EnabledStore(Store("shelf", "memory", default=True), driver, "shelf"),
            EnabledStore(Store("cheap", "memory"), service.cheap, "cheap"),
        ],
        multiple=True,
    )
    service.limited(image_size_cap=1 << 22)
    return driver


@pytest.fixture
def image(service: Service, shelf: ClaimingDriver) -> Image:
    """An image whose data is on the shelf, of which its location says nothing."""
    service.has_bytes(shelf, "1dea", DATA)
    return service.has_queued(status=Status.ACTIVE, size=4, locations=[OLD])


def place_of(image: Image) -> tuple[str, str | None]:
    return image.locations[0].url, image.locations[0].store


def test_a_read_asks_no_store_and_shows_the_answer_once_it_is_there(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    show, name_stores = reader(service)
    assert place_of(show(OWNER_CALLER, image.id)) == (OLD.url, None)
    assert shelf.asked == 0

    assert [name_stores(), name_stores()] == [1, 0]
    for shown in (show(OWNER_CALLER, image.id), service.look_at(image.id)):
        assert place_of(shown) == FOUND
    assert shelf.asked == 1


def test_data_is_read_while_nobody_knows_yet_whose_it_is(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    shelf.fault = StoreUnavailable("Store shelf does not answer.")
    assert service.download(OWNER_CALLER, image.id).stream.read() == DATA
    assert shelf.asked == 0


def test_a_store_that_is_out_when_it_is_asked_is_asked_after_the_next_read(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    show, name_stores = reader(service)
    shelf.fault = StoreUnavailable("Store shelf does not answer.")
    show(OWNER_CALLER, image.id)
    assert [name_stores(), name_stores(), shelf.asked] == [0, 0, 1]

    shelf.fault = None
    show(OWNER_CALLER, image.id)
    assert name_stores() == 1
    assert place_of(service.look_at(image.id)) == FOUND


def test_a_change_that_depends_on_what_was_seen_asks_no_store(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    seen = service.show(OWNER_CALLER, image.id)
    service.update(OWNER_CALLER, image.id, [], unchanged=lambda it: place_of(it) == place_of(seen))
    assert shelf.asked == 0


def test_data_is_deleted_from_a_store_that_says_itself_that_it_is_there(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    # Nobody can while the transaction that asks is open.
    shelf.while_asked = lambda: change_something(service)
    with service.catalogue() as work:
        image = work.images.get(image.id, seen_by=OWNER_CALLER)
        image.locations.append(service.has_bytes(service.cheap, "1dea", DATA))
        work.images.save(image)
        work.commit()
    service.delete_from_store(ADMIN, "shelf", image.id)
    assert list(shelf.keys()) == []


def change_something(service: Service) -> None:
    with service.catalogue() as work:
        work.commit()


def test_who_may_not_delete_data_has_no_store_asked(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    with pytest.raises(ImageNotFound):
        service.delete_from_store(STRANGER, "shelf", image.id)
    assert shelf.asked == 0


def test_an_image_is_not_copied_to_the_store_that_says_itself_that_it_is_there(
    service: Service, shelf: ClaimingDriver, image: Image
) -> None:
    request = ImportRequest(Method.COPY, all_stores=True, body={"method": {"name": "copy-image"}})
    task = service.start_import(ADMIN, image.id, request)
    assert isinstance(task, Task)
    assert task.input["backend"] == ["cheap"]
