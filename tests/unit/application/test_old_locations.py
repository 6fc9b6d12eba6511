"""Images from the time before stores had names (stores §4)."""

from dataclasses import replace
from typing import Any

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.application.images.find import ShowImage
from tintype.application.old_locations import NameStores, OldLocations
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.location import Location
from tintype.domain.status import Status

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
        NameStores(service.catalogue, found),
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
    assert NameStores(service.catalogue, found)() == 1


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
