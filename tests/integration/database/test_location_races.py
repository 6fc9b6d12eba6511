"""Many change the locations of one image at once: its data stays, and they are what they say."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.builders import ADMIN, THEN, an_image
from tests.contract.catalogue.steps import at_once, change, keep, look
from tests.unit.adapters.policy.builders import a_configuration
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.events.log_notifier import LogNotifier
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.adapters.quota.fixed import NoQuotas
from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.memory import MemoryDriver
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.adapters.system.clock import SystemClock
from tintype.adapters.system.ids import RandomIds
from tintype.adapters.system.presence import ProcessPresence
from tintype.application.access import Access
from tintype.application.images.patch_locations import Claim
from tintype.application.images.removal import RemoveData
from tintype.application.images.update import Change, UpdateImage
from tintype.application.stores import DeleteFromStore
from tintype.domain.errors import InUse, LastLocation, TintypeError
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.domain.store import Store

NAMES = [f"store-{number}" for number in range(4)]
PLACES = Limits(image_location_quota=4)


class Stores:
    """Four stores in memory, and the use cases over them."""

    def __init__(self, work: SqlWork, authoriser: OsloAuthoriser) -> None:
        self.drivers = [MemoryDriver(name, named=True) for name in NAMES]
        enabled = [
            EnabledStore(Store(each.store, "memory", default=not number), each, each.store)
            for number, each in enumerate(self.drivers)
        ]
        registry = ConfiguredStores(enabled, multiple=True)
        access, told = Access(authoriser), LogNotifier()
        mine = (SystemClock(), RandomIds(), ProcessPresence(), timedelta(minutes=1))
        data = RemoveData(work, registry, *mine)
        self.remove = DeleteFromStore(work, access, told, registry, data)
        self.update = UpdateImage(
            *(work, access, told, registry, PLACES, NoQuotas(), data), show_locations=True
        )

    def hold(self, key: str) -> list[Location]:
        """Put an object into each store."""
        return [self._hold(driver, key) for driver in self.drivers]

    def _hold(self, driver: MemoryDriver, key: str) -> Location:
        with driver.create(key, None) as handle:
            handle.write(memoryview(b"data"))
            return handle.commit()

    def holding(self) -> list[str]:
        """Name the stores that hold something."""
        return [driver.store for driver in self.drivers if list(driver.keys())]

    def patch(self, image_id: str, *changes: Change) -> Image:
        return self.update(ADMIN, image_id, changes)


@pytest.fixture
def stores(work: SqlWork, tmp_path_factory: pytest.TempPathFactory) -> Stores:
    folder = tmp_path_factory.mktemp("policy")
    return Stores(work, OsloAuthoriser(a_configuration(folder)))


def an_addition(location: Location, place: str = "-") -> Change:
    return Change("add", "locations", Claim(location.url, {}), place=place)


def outcome(attempt: Callable[[], object]) -> type | None:
    try:
        attempt()
    except TintypeError as error:
        return type(error)
    return None


def test_of_four_who_each_delete_one_of_four_copies_one_finds_the_last(
    work: SqlWork, stores: Stores
) -> None:
    for _ in range(5):
        image = an_image(Status.ACTIVE, size=4, locations=[])
        image.locations = stores.hold(image.id)
        keep(work, image)

        results = at_once(*(partial(stores.remove, ADMIN, name, image.id) for name in NAMES))

        assert sum(isinstance(result, LastLocation) for result in results) == 1
        (left,) = look(work, image.id).locations
        assert stores.holding() == [left.store]
        next(it for it in stores.drivers if it.store == left.store).delete(left)


@pytest.mark.parametrize("by_patch", [False, True])
def test_others_write_while_a_store_deletes(work: SqlWork, stores: Stores, by_patch: bool) -> None:
    image, other = an_image(Status.ACTIVE, size=4, locations=[]), an_image()
    image.locations = stores.hold(image.id)
    keep(work, image, other)
    driver, delete = stores.drivers[0], stores.drivers[0].delete

    def slowly(location: Location) -> None:
        change(work, other.id, lambda it: it.add_tag("meanwhile", Limits()))
        change(work, image.id, lambda it: it.add_tag("meanwhile", Limits()))
        delete(location)

    driver.delete = slowly  # type: ignore[method-assign]
    if by_patch:
        stores.patch(image.id, Change("remove", "locations", place="0"))
    else:
        stores.remove(ADMIN, driver.store, image.id)

    assert [look(work, it.id).tags for it in (image, other)] == [["meanwhile"], ["meanwhile"]]
    assert stores.holding() == NAMES[1:]
    with work(read_only=True) as unit:
        assert unit.leases.list() == []


def test_copies_that_a_store_keeps_are_listed_again_whoever_removes_them_at_once(
    work: SqlWork, stores: Stores
) -> None:
    image = an_image(Status.ACTIVE, size=4, locations=[])
    image.locations = stores.hold(image.id)
    keep(work, image)
    for driver in stores.drivers:
        driver.delete = partial(refuse, driver.store)  # type: ignore[method-assign]

    at_once(*(partial(stores.remove, ADMIN, name, image.id) for name in NAMES))

    assert sorted(it.store or "" for it in look(work, image.id).locations) == NAMES
    with work(read_only=True) as unit:
        assert unit.leases.list() == []


def refuse(store: str, location: Location) -> None:
    raise InUse(location.url, store)


def test_of_many_who_add_locations_no_more_get_in_than_there_may_be(
    work: SqlWork, stores: Stores
) -> None:
    image = an_image()
    keep(work, image)
    places = [place for key in "abc" for place in stores.hold(key)]

    at_once(*(partial(stores.patch, image.id, an_addition(place)) for place in places[:8]))

    kept = look(work, image.id)
    assert (kept.status, kept.size, len(kept.locations)) == (Status.ACTIVE, 4, 4)


def test_of_many_who_add_one_location_one_does(work: SqlWork, stores: Stores) -> None:
    image = an_image()
    keep(work, image)
    place = stores.hold("a")[0]

    attempts = [partial(outcome, partial(stores.patch, image.id, an_addition(place)))] * 4
    assert at_once(*attempts).count(None) == 1
    assert look(work, image.id).locations == [place]


def test_the_order_that_was_given_is_the_one_that_is_found(work: SqlWork, stores: Stores) -> None:
    image = an_image()
    keep(work, image)
    a, b, c, d = stores.hold("a")

    for place, at in ((a, "-"), (b, "0"), (c, "1"), (d, "-")):
        stores.patch(image.id, an_addition(place, at))
    assert look(work, image.id).locations == [b, c, a, d]

    turned = [Claim(location.url, {"new": "x"}) for location in (d, c, b, a)]
    shown = stores.patch(image.id, Change("replace", "locations", turned))
    found = look(work, image.id)
    assert [it.url for it in found.locations] == [d.url, c.url, b.url, a.url]
    assert [it.metadata["new"] for it in found.locations] == ["x"] * 4
    assert (shown.locations, found.updated_at > THEN) == (found.locations, True)
