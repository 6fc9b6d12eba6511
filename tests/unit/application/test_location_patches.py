"""Locations change together with everything else in a patch, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.application.images.patch_locations import Claim
from tintype.application.images.update import Change, UpdateImage
from tintype.domain.errors import (
    BadLocation,
    DataKept,
    ImageNotFound,
    InUse,
    LastLocation,
    StaleWrite,
    StoreUnavailable,
)
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status

DATA = b"data"


class Stores:
    """The stores, with something happening whenever the size of a URL is asked for."""

    def __init__(self, service: Service, meanwhile: Callable[[], object]) -> None:
        self._stores = service.stores
        self._meanwhile = meanwhile
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stores, name)

    def size_of(self, url: str) -> int:
        self.asked.append(url)
        self._meanwhile()
        return self._stores.size_of(url)


def an_update(service: Service, meanwhile: Callable[[], object] = lambda: None) -> UpdateImage:
    stores: Any = Stores(service, meanwhile)
    return replace(service.update, show_locations=True, stores=stores)


def in_two_stores(service: Service) -> Image:
    image = service.has_active(DATA)
    copy = service.has_bytes(service.cheap, image.id, DATA)
    change = Change("add", "locations", Claim(copy.url, {}), place="-")
    return an_update(service)(OWNER_CALLER, image.id, [change])


def an_addition(service: Service, key: str = "new") -> Change:
    url = service.has_bytes(service.cheap, key, DATA).url
    return Change("add", "locations", Claim(url, {}), place="-")


def test_what_happens_is_told(service: Service) -> None:
    image = service.has_queued()
    service.update = an_update(service)
    service.update(OWNER_CALLER, image.id, [an_addition(service)])

    assert sorted(service.told) == ["ImageActivated", "ImageUpdated"]


def test_a_url_that_was_shown_without_credentials_is_known(service: Service) -> None:
    image = service.has_queued(
        status=Status.ACTIVE,
        size=3,
        locations=[Location("s3://KEY:SE/CRET@s3.example/b/x"), Location("memory://x/y")],
    )
    shown = service.show(OWNER_CALLER, image.id).locations
    claims = [Claim(location.url, {"a": "b"}) for location in reversed(shown)]
    change = Change("replace", "locations", claims)

    an_update(service)(OWNER_CALLER, image.id, [change])

    kept = [location.url for location in service.look_at(image.id).locations]
    assert sorted(kept) == ["memory://x/y", "s3://s3.example/b/x"]


def test_no_transaction_waits_for_the_size(service: Service) -> None:
    image = service.has_active(DATA)

    def write() -> None:
        service.tag.add(OWNER_CALLER, image.id, "meanwhile")

    changed = an_update(service, write)(OWNER_CALLER, image.id, [an_addition(service)])
    assert (len(changed.locations), changed.tags) == (2, ["meanwhile"])


def test_an_image_deleted_while_the_size_is_asked_for_is_not_found(service: Service) -> None:
    image = service.has_active(DATA)
    update = an_update(service, lambda: service.delete(OWNER_CALLER, image.id))

    with pytest.raises(ImageNotFound):
        update(OWNER_CALLER, image.id, [an_addition(service)])


def test_a_location_that_somebody_else_added_meanwhile_is_not_added_twice(
    service: Service,
) -> None:
    image = service.has_active(DATA)
    addition = an_addition(service)
    update = an_update(service, lambda: an_update(service)(OWNER_CALLER, image.id, [addition]))

    with pytest.raises(BadLocation):
        update(OWNER_CALLER, image.id, [addition])
    assert len(service.look_at(image.id).locations) == 2


def test_a_replacement_whose_image_lost_its_locations_meanwhile_is_to_be_sent_again(
    service: Service,
) -> None:
    image = in_two_stores(service)

    def lose() -> None:
        with service.catalogue() as work:
            theirs = work.images.get(image.id, seen_by=OWNER_CALLER)
            theirs.locations = []
            work.images.save(theirs)
            work.commit()

    update = an_update(service, lose)
    same = [Claim(location.url, {}) for location in image.locations]
    changes = [Change("replace", "locations", same), an_addition(service)]
    with pytest.raises(StaleWrite):
        update(OWNER_CALLER, image.id, changes)


def test_a_size_is_not_asked_for_if_the_rest_of_the_patch_is_wrong(service: Service) -> None:
    image = service.has_active(DATA)
    update = an_update(service, lambda: pytest.fail("a store was asked"))

    with pytest.raises(LastLocation):
        changes = [an_addition(service), Change("replace", "locations", [])]
        update(OWNER_CALLER, image.id, changes)


def test_a_patch_that_others_get_in_the_way_of_is_repeated(service: Service) -> None:
    image = in_two_stores(service)
    service.work.trouble = ["stale"]

    an_update(service)(ADMIN, image.id, [Change("remove", "locations", place="0")])
    assert (list(service.fast.keys()), list(service.cheap.keys())) == ([], [image.id])


@pytest.mark.parametrize("error", [InUse("a", "fast"), StoreUnavailable("gone")])
def test_a_store_that_keeps_the_data_keeps_the_whole_patch_back(
    service: Service, error: Exception
) -> None:
    image = in_two_stores(service)
    service.fast.faults["delete"] = error
    changes = [Change("add", "name", "changed"), Change("remove", "locations", place="0")]

    with pytest.raises(DataKept):
        an_update(service)(ADMIN, image.id, changes)
    kept = service.look_at(image.id)
    assert (kept.name, kept.locations) == (None, image.locations)


@pytest.mark.parametrize("error", [InUse("a", "fast"), StoreUnavailable("gone")])
def test_a_store_that_keeps_the_data_says_so_when_asked_alone(
    service: Service, error: Exception
) -> None:
    image = in_two_stores(service)
    service.fast.faults["delete"] = error

    with pytest.raises(type(error)):
        service.delete_from_store(ADMIN, "fast", image.id)
    assert service.look_at(image.id).locations == image.locations


def test_a_location_can_be_removed_while_it_is_read(service: Service) -> None:
    image = in_two_stores(service)
    stream = service.download(OWNER_CALLER, image.id).stream
    service.delete_from_store(ADMIN, "fast", image.id)

    assert (stream.read(), service.read(image.id)) == (DATA, DATA)


def test_an_image_whose_location_went_between_looking_and_opening_is_read_elsewhere(
    service: Service,
) -> None:
    image = in_two_stores(service)
    service.fast.delete(Location(f"memory://fast/{image.id}"))

    assert service.read(image.id) == DATA
