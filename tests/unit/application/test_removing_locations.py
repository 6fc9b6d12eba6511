"""The data of a location goes after the location, and nobody waits for the store meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ADMIN
from tests.unit.application.service import LEASE_TIME, OWNER_CALLER, RandomIds, Service
from tintype.application.images.patch_locations import Claim
from tintype.application.images.update import Change
from tintype.domain.errors import (
    BeingRemoved,
    CatalogueUnavailable,
    DataKept,
    InUse,
    LastLocation,
    NotInStore,
    StoreUnavailable,
    TintypeError,
)
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.lease import Lease, Purpose
from tintype.domain.status import Status

DEAD = "a-dead-process"
REFUSALS = [InUse("it", "fast"), StoreUnavailable("gone")]


@pytest.fixture
def image(service: Service) -> Image:
    """An image with copies in both stores."""
    return service.has_copies()


def by_store(service: Service, image: Image) -> None:
    service.delete_from_store(ADMIN, "fast", image.id)


def by_patch(service: Service, image: Image) -> None:
    patch(service, image, a_removal("0"))


ways = pytest.mark.parametrize("remove", [by_store, by_patch])


def patch(service: Service, image: Image, *changes: Change) -> Image:
    update = replace(service.update, show_locations=True)
    return update(ADMIN, image.id, changes)


def a_removal(place: str) -> Change:
    return Change("remove", "locations", place=place)


def an_addition(url: str) -> Change:
    return Change("add", "locations", Claim(url, {}), place="-")


def copy(service: Service, image: Image, store: str) -> None:
    body = {"method": {"name": "copy-image"}, "stores": [store]}
    service.start_import(ADMIN, image.id, ImportRequest(Method.COPY, stores=(store,), body=body))


def meanwhile(service: Service, *steps: Callable[[], object]) -> list[type | None]:
    """Let things happen while the fast store deletes; return what they were refused with."""
    refusals: list[type | None] = []

    def happen() -> None:
        service.fast.on_delete = lambda: None
        refusals.extend(map(refusal_of, steps))

    service.fast.on_delete = happen
    return refusals


def refusal_of(step: Callable[[], object]) -> type | None:
    try:
        step()
    except TintypeError as error:
        return type(error)
    return None


def a_half_done_removal(service: Service, image: Image) -> Lease:
    """Leave an image as a process leaves it that ends while a copy goes from the fast store."""
    service.presence.dead.add(DEAD)
    other = service.beside(DEAD)
    with other.catalogue() as work:
        mine = work.images.get(image.id, seen_by=ADMIN)
        before = mine.as_it_is()
        removal = other.remove_data.begin(work, before, mine, [mine.remove_from_store("fast")])
        work.commit()
    (lease,) = removal.leases
    return lease


# ---------------------------------------------------------------------- while the store deletes


@ways
def test_others_write_while_a_store_deletes(service: Service, image: Image, remove: Any) -> None:
    other = service.has_queued()
    refused = meanwhile(service, lambda: service.tag.add(OWNER_CALLER, other.id, "t"))

    remove(service, image)

    assert (refused, service.look_at(other.id).tags) == ([None], ["t"])
    assert (service.stores_of(image.id), service.stored) == (["cheap"], [image.id])
    assert service.leases == []


@ways
def test_the_image_has_given_its_place_up_under_a_lease_while_the_data_goes(
    service: Service, image: Image, remove: Any
) -> None:
    seen: list[object] = []
    place = image.locations[0].id
    meanwhile(
        service,
        lambda: seen.extend((it.purpose, it.location, it.restore_to) for it in service.leases),
        lambda: seen.extend(service.stores_of(image.id)),
    )

    remove(service, image)

    assert seen == [(Purpose.DELETE, place, None), "cheap"]


@ways
def test_nobody_removes_the_other_copy_meanwhile(
    service: Service, image: Image, remove: Any
) -> None:
    refused = meanwhile(
        service,
        lambda: service.delete_from_store(ADMIN, "cheap", image.id),
        lambda: patch(service, image, a_removal("0")),
    )

    remove(service, image)

    assert refused == [LastLocation, LastLocation]
    assert service.read(image.id) == b"abc"


def test_of_two_who_remove_one_copy_one_does(service: Service, image: Image) -> None:
    third = service.has_bytes(service.cheap, "third")
    patch(service, image, an_addition(third.url))
    refused = meanwhile(service, lambda: by_store(service, image))

    by_store(service, image)

    assert refused == [NotInStore]


@ways
def test_no_copy_is_made_where_one_is_going(service: Service, image: Image, remove: Any) -> None:
    refused = meanwhile(service, lambda: copy(service, image, "fast"))

    remove(service, image)
    assert refused == [BeingRemoved]

    copy(service, image, "fast")
    service.work_off()
    assert service.stores_of(image.id) == ["cheap", "fast"]


def test_no_copy_is_recorded_where_one_began_to_go_since_it_was_asked_for(
    service: Service, image: Image
) -> None:
    by_store(service, image)
    url = service.has_bytes(service.fast, image.id).url

    class Ids(RandomIds):
        def new(self) -> str:
            patch(service, image, an_addition(url))
            a_half_done_removal(service, image)
            return super().new()

    service.start_import = replace(service.start_import, start=replace(service.start, ids=Ids()))
    with pytest.raises(BeingRemoved):
        copy(service, image, "fast")


def test_copies_are_made_elsewhere_meanwhile(service: Service) -> None:
    image = service.has_active()
    second = service.has_bytes(service.fast, "second")
    patch(service, image, an_addition(second.url))
    refused = meanwhile(service, lambda: copy(service, image, "cheap"))

    patch(service, image, a_removal("1"))
    service.work_off()

    assert refused == [None]
    assert service.stores_of(image.id) == ["fast", "cheap"]


@ways
def test_nobody_says_meanwhile_that_data_is_where_it_is_going(
    service: Service, image: Image, remove: Any
) -> None:
    url = image.locations[0].url
    refused = meanwhile(
        service,
        lambda: patch(service, image, an_addition(url)),
        lambda: patch(service, image, an_addition(f"{url}#again")),
    )

    remove(service, image)

    assert refused == [BeingRemoved, BeingRemoved]
    assert service.stores_of(image.id) == ["cheap"]


# ---------------------------------------------------------------------- stores that refuse


@ways
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_location_whose_data_a_store_keeps_is_where_it_was(
    service: Service, image: Image, remove: Any, refusal: Exception
) -> None:
    service.fast.faults["delete"] = refusal

    with pytest.raises((type(refusal), DataKept)):
        remove(service, image)

    assert service.look_at(image.id).locations == image.locations
    assert service.leases == []


def test_a_location_comes_back_between_those_that_it_was_between(service: Service) -> None:
    a, b, c, d = (service.has_bytes(service.fast, key) for key in "abcd")
    image = service.has_queued(status=Status.ACTIVE, size=3, locations=[a, b, c, d])
    service.fast.faults["delete"] = InUse("it", "fast")

    with pytest.raises(DataKept):
        patch(service, image, a_removal("1"), a_removal("1"))

    assert service.look_at(image.id).locations == [a, b, c, d]


@ways
def test_what_others_changed_meanwhile_stays_when_a_location_comes_back(
    service: Service, image: Image, remove: Any
) -> None:
    meanwhile(service, lambda: service.tag.add(OWNER_CALLER, image.id, "t"))
    delete = service.fast.delete

    def refuse(location: Any) -> None:
        service.fast.on_delete()
        raise InUse("it", "fast")

    service.fast.delete = refuse  # type: ignore[method-assign]
    with pytest.raises((InUse, DataKept)):
        remove(service, image)
    service.fast.delete = delete  # type: ignore[method-assign]

    found = service.look_at(image.id)
    assert (found.tags, found.locations) == (["t"], image.locations)


def test_of_several_locations_those_come_back_whose_data_is_left(
    service: Service, image: Image
) -> None:
    third = service.has_bytes(service.cheap, "third")
    patch(service, image, an_addition(third.url))
    service.cheap.faults["delete"] = InUse("it", "cheap")

    with pytest.raises(DataKept):
        patch(service, image, a_removal("0"), a_removal("0"))

    assert service.stores_of(image.id) == ["cheap", "cheap"]
    assert service.stored == [image.id, "third"]
    assert service.leases == []


def test_an_image_that_a_patch_would_have_made_active_waits_again_when_the_store_refuses(
    service: Service,
) -> None:
    image = service.has_queued()
    urls = [service.has_bytes(service.fast, key).url for key in "ab"]
    service.fast.faults["delete"] = InUse("it", "fast")

    with pytest.raises(DataKept):
        patch(service, image, *map(an_addition, urls), a_removal("0"))

    found = service.look_at(image.id)
    assert (found.status, found.size, found.locations) == (Status.QUEUED, None, [])


def test_data_that_a_patch_adds_and_removes_goes(service: Service) -> None:
    image = service.has_active()
    url = service.has_bytes(service.cheap, "new").url

    patch(service, image, an_addition(url), a_removal("1"))

    assert (service.stored, service.leases) == ([image.id], [])
    assert service.look_at(image.id).locations == image.locations


# ---------------------------------------------------------------------- images that go


@ways
def test_an_image_can_be_deleted_meanwhile(service: Service, image: Image, remove: Any) -> None:
    refused = meanwhile(service, lambda: service.delete(OWNER_CALLER, image.id))

    remove(service, image)

    assert (refused, service.status_of(image.id)) == ([None], Status.DELETED)
    assert (service.stored, service.leases) == ([], [])


def test_data_that_a_store_keeps_of_an_image_deleted_meanwhile_goes_later(
    service: Service, image: Image
) -> None:
    def refuse() -> None:
        service.delete(OWNER_CALLER, image.id)
        raise InUse("it", "fast")

    service.fast.on_delete = refuse
    with pytest.raises(InUse):
        by_store(service, image)
    assert (service.status_of(image.id), service.stored) == (Status.DELETED, [image.id])

    service.fast.on_delete = lambda: None
    service.renew()
    assert service.sweep() == 1
    assert (service.stored, service.leases) == ([], [])


# ---------------------------------------------------------------------- processes that die


def test_what_a_dead_process_was_removing_goes(service: Service, image: Image) -> None:
    a_half_done_removal(service, image)
    assert service.stored == [image.id, image.id]

    assert service.sweep() == 1

    assert (service.stores_of(image.id), list(service.fast.keys())) == (["cheap"], [])
    assert service.leases == []


def test_what_a_dead_process_had_removed_already_is_no_obstacle(
    service: Service, image: Image
) -> None:
    a_half_done_removal(service, image)
    service.fast.delete(image.locations[0])

    assert service.sweep() == 1
    assert (service.stores_of(image.id), service.leases) == (["cheap"], [])


def test_what_a_dead_process_was_removing_comes_back_if_it_is_in_use(
    service: Service, image: Image
) -> None:
    a_half_done_removal(service, image)
    service.fast.faults["delete"] = InUse("it", "fast")

    assert service.sweep() == 0

    assert service.look_at(image.id).locations == image.locations
    assert service.leases == []


def test_a_removal_waits_to_be_finished_for_a_store_of_which_nobody_knows_what_it_has_left(
    service: Service, image: Image
) -> None:
    a_half_done_removal(service, image)
    service.fast.faults["delete"] = StoreUnavailable("gone")
    assert service.sweep() == 0
    assert service.stores_of(image.id) == ["cheap"]
    assert refusal_of(lambda: copy(service, image, "fast")) is BeingRemoved

    service.fast.faults.clear()
    service.renew()
    assert service.sweep() == 1
    assert (list(service.fast.keys()), service.leases) == ([], [])


def test_a_removal_half_done_keeps_no_image_from_being_deleted_or_restored(
    service: Service, image: Image
) -> None:
    service.delays_deletions = True
    service = service.on(service.catalogue)
    a_half_done_removal(service, image)
    service.delete(OWNER_CALLER, image.id)

    service.restore(image.id)

    assert service.stores_of(image.id) == ["cheap"]


def test_data_that_the_image_lists_again_by_now_stays(service: Service, image: Image) -> None:
    a_half_done_removal(service, image)
    with service.catalogue() as work:
        found = work.images.get(image.id, seen_by=ADMIN)
        found.locations.append(replace(image.locations[0], id=None))
        work.images.save(found)
        work.commit()

    assert service.sweep() == 1
    assert service.stored == [image.id, image.id]


OUTAGES: Sequence[Sequence[str | None]] = [
    ["refused"],
    ["unheard"],
    [None, "refused"],
    [None, "unheard"],
]


@ways
@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize("trouble", OUTAGES)
def test_a_living_process_makes_up_for_a_removal_that_it_could_not_finish(
    service: Service, image: Image, remove: Any, trouble: list[str | None], refuses: bool
) -> None:
    if refuses:
        service.fast.faults["delete"] = InUse("it", "fast")
    service.work.trouble = list(trouble)
    with pytest.raises(CatalogueUnavailable):
        remove(service, image)

    service.clock.pass_by(LEASE_TIME / 2)
    service.renew()
    service.sweep()

    assert service.leases == []
    assert ("fast" in service.stores_of(image.id)) == (list(service.fast.keys()) == [image.id])
    assert service.read(image.id) == b"abc"
