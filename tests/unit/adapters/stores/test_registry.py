"""Which stores a configuration enables, and which of them is asked for what."""

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.unit.adapters.stores.claiming import ClaimingDriver
from tests.unit.adapters.stores.configurations import (
    a_configuration,
    single_store,
    three_stores,
)
from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.guard import GuardSettings
from tintype.adapters.stores.memory import MemoryDriver
from tintype.adapters.stores.registry import ConfiguredStores, list_options
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration, BadLocation, StoreUnavailable, UnknownStore
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.store import Condition, Health, Store

STAGING = "os_glance_staging_store"
TASKS = "os_glance_tasks_store"


def stores_of(tmp_path: Path, text: str, state_dir: str | None = None) -> ConfiguredStores:
    return ConfiguredStores.from_conf(a_configuration(tmp_path, text), state_dir=state_dir)


@pytest.fixture
def stores(tmp_path: Path) -> ConfiguredStores:
    return stores_of(tmp_path, three_stores(tmp_path))


def ids(drivers: Any) -> list[str]:
    return [driver.store for driver in drivers]


def data_dir(stores: ConfiguredStores, store_id: str) -> Any:
    driver = stores.named(store_id)
    assert driver is not None
    return driver.properties["data_dir"]


# ---------------------------------------------------------------------- what there is


def test_stores_are_listed_in_the_order_of_configuration(stores: ConfiguredStores) -> None:
    assert [store.id for store in stores.list()] == ["slow", "fast", "ram"]


def test_brackets_around_the_stores_do_not_matter(tmp_path: Path) -> None:
    text = three_stores(tmp_path).replace(
        "slow:file, fast:file, ram:memory", "[slow:file, fast:file, ram:memory]"
    )
    assert [store.id for store in stores_of(tmp_path, text).list()] == ["slow", "fast", "ram"]


def test_a_store_is_described_as_configured(stores: ConfiguredStores) -> None:
    fast = stores.list()[1]
    assert (fast.type, fast.description, fast.weight, fast.default, fast.read_only) == (
        *("file", "Solid state", 7, False, False),
    )


def test_what_a_section_leaves_out_comes_from_the_defaults_of_all(
    stores: ConfiguredStores,
) -> None:
    slow = stores.list()[0]
    assert (slow.description, slow.properties["chunk_size"]) == ("Somewhere", 4096)


def test_what_nobody_sets_is_the_default(stores: ConfiguredStores) -> None:
    assert stores.list()[0].properties["thin_provisioning"] is False


def test_a_number_that_is_left_empty_is_the_default(tmp_path: Path) -> None:
    numbers = ("weight", "filesystem_store_file_perm", "filesystem_store_chunk_size")
    text = three_stores(tmp_path).replace("weight = 7", "\n".join(f"{each} =" for each in numbers))
    fast = stores_of(tmp_path, text).list()[1]
    assert (fast.weight, fast.properties["chunk_size"], fast.health) == (0, 65536, Health())


def test_the_default_store_is_marked(stores: ConfiguredStores) -> None:
    assert [store.id for store in stores.list() if store.default] == ["slow"]


def test_stores_with_names_are_several(stores: ConfiguredStores) -> None:
    assert stores.multiple


def test_building_the_registry_touches_no_disk(tmp_path: Path) -> None:
    stores_of(tmp_path, three_stores(tmp_path), str(tmp_path / "state"))
    assert os.listdir(tmp_path) == ["tintype.conf"]


def test_two_registries_can_be_built_from_one_configuration(tmp_path: Path) -> None:
    conf = a_configuration(tmp_path, three_stores(tmp_path))
    ConfiguredStores.from_conf(conf, state_dir="/one")
    again = ConfiguredStores.from_conf(conf, state_dir="/two")
    assert data_dir(again, STAGING) == "/two/staging"


def test_options_are_listed_by_section() -> None:
    listed = {(group, option.name) for group, options in list_options() for option in options}
    assert listed >= {
        (None, "enabled_backends"),
        ("glance_store", "default_backend"),
        ("glance_store", "filesystem_store_datadir"),
        ("backend_defaults", "filesystem_store_datadir"),
        ("backend_defaults", "weight"),
    }


# ---------------------------------------------------------------------- the service's own


def test_the_services_own_stores_are_there_but_not_listed(stores: ConfiguredStores) -> None:
    assert stores.named(STAGING) is not None
    assert stores.named(TASKS) is not None


def test_the_services_own_stores_have_directories_named_after_them(
    stores: ConfiguredStores,
) -> None:
    assert [data_dir(stores, STAGING), data_dir(stores, TASKS)] == [
        f"/var/lib/glance/{STAGING}",
        f"/var/lib/glance/{TASKS}",
    ]


def test_the_services_own_stores_can_be_in_the_state_directory(tmp_path: Path) -> None:
    stores = stores_of(tmp_path, three_stores(tmp_path), "/state")
    assert [data_dir(stores, STAGING), data_dir(stores, TASKS)] == [
        "/state/staging",
        "/state/tasks",
    ]


def test_the_services_own_stores_can_be_elsewhere(tmp_path: Path) -> None:
    text = three_stores(tmp_path) + f"\n[{STAGING}]\nfilesystem_store_datadir = /elsewhere\n"
    assert data_dir(stores_of(tmp_path, text, "/state"), STAGING) == "/elsewhere"


def test_the_defaults_of_all_are_not_for_the_services_own_stores(tmp_path: Path) -> None:
    text = """
        [DEFAULT]
        enabled_backends = a:file
        [glance_store]
        default_backend = a
        [backend_defaults]
        filesystem_store_datadir = /images
    """
    assert data_dir(stores_of(tmp_path, text, "/state"), STAGING) == "/state/staging"


# ---------------------------------------------------------------------- for new data


def test_new_data_goes_to_the_default_store(stores: ConfiguredStores) -> None:
    assert stores.target(None).store == "slow"


def test_new_data_goes_to_the_store_that_was_named(stores: ConfiguredStores) -> None:
    assert stores.target("ram").store == "ram"


@pytest.mark.parametrize("store_id", ["", "nowhere", STAGING, TASKS])
def test_no_other_name_is_a_target(stores: ConfiguredStores, store_id: str) -> None:
    with pytest.raises(UnknownStore, match=f"'{store_id}'"):
        stores.target(store_id)


def test_a_store_that_is_not_enabled_has_no_driver(stores: ConfiguredStores) -> None:
    assert stores.named("nowhere") is None


# ---------------------------------------------------------------------- for old data


def test_the_store_in_the_metadata_holds_the_data(stores: ConfiguredStores, tmp_path: Path) -> None:
    location = Location(f"file://{tmp_path}/slow/a", {"store": "fast"})
    assert ids(stores.holding(location)) == ["fast"]


def test_a_store_that_is_gone_is_found_again_by_its_url(
    stores: ConfiguredStores, tmp_path: Path
) -> None:
    location = Location(f"file://{tmp_path}/fast/a", {"store": "renamed since"})
    assert ids(stores.holding(location)) == ["fast"]


@pytest.mark.parametrize("scheme", ["file", "filesystem"])
def test_a_location_without_metadata_is_found_by_its_url(
    stores: ConfiguredStores, tmp_path: Path, scheme: str
) -> None:
    assert ids(stores.holding(Location(f"{scheme}://{tmp_path}/fast/a"))) == ["fast"]


def test_a_name_that_only_begins_alike_is_another_directory(
    stores: ConfiguredStores, tmp_path: Path
) -> None:
    location = Location(f"file://{tmp_path}/fast-and-cheap/a")
    assert ids(stores.holding(location)) == ["slow", "fast"]


@pytest.mark.parametrize(
    ("url", "holder"),
    [
        ("s3://KEY:SE/CR@ET@objects.example/bucket/a", "bucket"),
        ("swift+https://project%3Auser:old@auth.example/v3/glance/a", "box"),
        ("swift://project:user:o/ld@auth.example/v3/glance/a", "box"),
        ("swift+https://auth.example/v3/glance/a", "box"),
    ],
)
def test_credentials_in_a_url_do_not_matter_to_whose_it_is(
    tmp_path: Path, url: str, holder: str
) -> None:
    stores = stores_of(
        tmp_path,
        """
        [DEFAULT]
        enabled_backends = bucket:s3, box:swift, other:swift
        [glance_store]
        default_backend = bucket
        [bucket]
        s3_store_host = http://objects.example
        s3_store_access_key = KEY
        s3_store_secret_key = new
        s3_store_bucket = bucket
        [backend_defaults]
        swift_store_auth_address = https://auth.example/v3
        swift_store_user = project:user
        swift_store_key = new
        [other]
        swift_store_container = glance2
        """,
    )
    assert ids(stores.holding(Location(url))) == [holder]


ID = "fdae39a1-bac5-4238-aba4-69bcc726e848"


@pytest.mark.parametrize(
    ("place", "owner"),
    [
        ("project%3Auser:old@auth.example/v3/glance_fda", "box"),
        ("project%3Auser:old@auth.example/v3/glance_fdae39a1-b", "box"),
        ("project%3Auser:old@auth.example/v3/glance", "box"),
        ("project%3Auser:old@auth.example/v3/glance2_fda", "other"),
        ("project%3Auser:old@auth.example/v3/glance_0da", None),
        ("project%3Auser:old@auth.example/v3/glance_", None),
        ("project%3Auser:old@auth.example/v3/glance_fda/more", None),
        ("project%3Auser:old@else.example/v3/glance_fda", None),
        ("auth.example", None),
    ],
)
def test_an_object_in_a_container_named_after_it_is_of_the_store_that_spreads_them(
    tmp_path: Path, place: str, owner: str | None
) -> None:
    stores = stores_of(
        tmp_path,
        """
        [DEFAULT]
        enabled_backends = box:swift, other:swift
        [glance_store]
        default_backend = box
        [backend_defaults]
        swift_store_auth_address = https://auth.example/v3
        swift_store_user = project:user
        swift_store_key = new
        [box]
        swift_store_multiple_containers_seed = 3
        [other]
        swift_store_multiple_containers_seed = 3
        swift_store_container = glance2
        """,
    )
    for scheme in ("swift", "swift+https"):
        found = stores.identify_by_asking(Location(f"{scheme}://{place}/{ID}"))
        assert (found.store, found.url) == (owner, f"{scheme}://{place}/{ID}")


def test_stores_with_accounts_of_projects_act_for_the_caller_and_others_do_not(
    tmp_path: Path,
) -> None:
    stores = stores_of(
        tmp_path,
        f"""
        [DEFAULT]
        enabled_backends = shelf:file, box:swift
        [glance_store]
        default_backend = shelf
        [shelf]
        filesystem_store_datadir = {tmp_path}/shelf
        [box]
        swift_store_multi_tenant = true
        swift_store_auth_address = https://auth.example/v3
        swift_store_user = project:user
        swift_store_key = key
        """,
    )
    bound = stores.acting_for(Caller(project_id="demo"))
    assert bound.target("shelf") is stores.target("shelf")
    assert bound.target("box") is not stores.target("box")
    assert ids([bound.named("box")]) == ["box"]


def test_of_stores_whose_urls_begin_alike_the_innermost_holds_the_data(tmp_path: Path) -> None:
    text = """
        [DEFAULT]
        enabled_backends = ram:memory, ram/fast:memory
        [glance_store]
        default_backend = ram
    """
    location = Location("memory://ram/fast/a")
    assert ids(stores_of(tmp_path, text).holding(location)) == ["ram/fast"]


def test_a_store_that_finds_out_late_where_its_data_lies_holds_it_from_then_on() -> None:
    late = LateDriver("late", named=True)
    stores = ConfiguredStores(
        [
            EnabledStore(Store("other", "memory", default=True), MemoryDriver("other"), "other"),
            EnabledStore(Store("late", "memory", weight=4), late, "late"),
        ],
        multiple=True,
    )
    stores.start()
    bound = stores.acting_for(Caller(project_id="demo"))
    location = Location("memory://late/a")
    assert (stores.identify(location), ids(stores.holding(location))) == (
        *(location, ["other", "late"]),
    )
    late.knows_its_place = True
    for each in (stores, bound):
        assert each.identify(location).store == "late"
        assert (ids(each.holding(location)), each.weight(location)) == (["late"], 4)


class LateDriver(MemoryDriver):
    """A store that knows where its data lies only once it has heard from its backend."""

    knows_its_place = False

    @property
    def url_prefixes(self) -> Sequence[str]:
        return super().url_prefixes if self.knows_its_place else ()


# ---------------------------------------------------------------------- claims

OLD = Location("memory://former/a", {"store": "former"})
FOUND = Location("memory://shelf/a", {"store": "shelf"})
SILENT = StoreUnavailable("Store shelf does not answer.")


@pytest.fixture
def shelf() -> ClaimingDriver:
    """A store that has `a`."""
    driver = ClaimingDriver("shelf")
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"data"))
        handle.commit()
    return driver


def claiming(*drivers: ClaimingDriver, max_failures: int = 5) -> ConfiguredStores:
    patience = GuardSettings(max_failures=max_failures)
    return ConfiguredStores(
        [
            EnabledStore(Store(each.store, "memory"), each, each.store, patience=patience)
            for each in drivers
        ],
        multiple=True,
    )


def test_no_store_is_asked_whose_a_location_is_unless_somebody_has_time_for_it(
    shelf: ClaimingDriver,
) -> None:
    stores = claiming(shelf)
    assert stores.identify(OLD) is OLD
    assert (stores.is_undecided(OLD), shelf.asked) == (True, 0)


def test_what_a_store_once_said_is_known_without_asking_it_again(shelf: ClaimingDriver) -> None:
    stores = claiming(ClaimingDriver("other"), shelf)
    assert [stores.identify_by_asking(OLD) for _ in range(2)] == [FOUND, FOUND]
    bound = stores.acting_for(Caller(project_id="demo"))
    assert (bound.identify(OLD), bound.is_undecided(OLD), shelf.asked) == (FOUND, False, 1)


def test_a_location_that_no_store_knows_is_asked_about_once(shelf: ClaimingDriver) -> None:
    stores = claiming(shelf)
    unknown = Location("memory://former/b")
    for _ in range(2):
        assert stores.identify_by_asking(unknown) is unknown
    assert (stores.is_undecided(unknown), shelf.asked) == (False, 1)


def test_a_store_that_did_not_answer_is_asked_about_the_location_again(
    shelf: ClaimingDriver,
) -> None:
    stores = claiming(shelf, ClaimingDriver("other"))
    shelf.fault = SILENT
    assert stores.identify_by_asking(OLD) is OLD
    assert stores.is_undecided(OLD)
    shelf.fault = None
    assert stores.identify_by_asking(OLD) == FOUND


def test_a_silent_store_does_not_hide_that_another_one_knows_the_location(
    shelf: ClaimingDriver,
) -> None:
    silent = ClaimingDriver("other")
    silent.fault = SILENT
    assert claiming(silent, shelf).identify_by_asking(OLD) == FOUND


def test_a_dead_store_is_not_asked_about_one_location_after_the_other(
    shelf: ClaimingDriver,
) -> None:
    stores = claiming(shelf, max_failures=2)
    shelf.fault = SILENT
    for number in range(9):
        stores.identify_by_asking(Location(f"memory://former/{number}"))
    assert shelf.asked == 2


@pytest.mark.parametrize(
    "location", [FOUND, Location("memory://shelf/a"), Location("ftp://host/a")]
)
def test_where_the_url_or_the_name_tells_the_store_or_none_can_nothing_is_to_be_asked(
    shelf: ClaimingDriver, location: Location
) -> None:
    stores = claiming(shelf)
    stores.identify_by_asking(location)
    assert (stores.is_undecided(location), shelf.asked) == (False, 0)


def test_a_location_that_is_under_no_store_may_be_in_any_of_its_scheme(
    stores: ConfiguredStores,
) -> None:
    assert ids(stores.holding(Location("file:///somewhere/a"))) == ["slow", "fast"]


def test_a_scheme_that_nobody_knows_is_held_by_nobody(stores: ConfiguredStores) -> None:
    assert ids(stores.holding(Location("ftp://host/a"))) == []


def test_urls_do_not_lead_to_the_services_own_stores(tmp_path: Path) -> None:
    stores = stores_of(tmp_path, three_stores(tmp_path), "/state")
    assert ids(stores.holding(Location("file:///state/staging/a"))) == ["slow", "fast"]


def test_a_location_weighs_what_its_store_does(stores: ConfiguredStores, tmp_path: Path) -> None:
    located = [
        Location("file:///x", {"store": "fast"}),
        Location(f"file://{tmp_path}/fast/a"),
        Location("memory://ram/a"),
    ]
    assert [stores.weight(location) for location in located] == [7, 7, -3]


def test_a_location_of_an_unknown_store_weighs_nothing(stores: ConfiguredStores) -> None:
    assert stores.weight(Location("file:///somewhere/a", {"store": "gone"})) == 0


# ---------------------------------------------------------------------- one store


@pytest.mark.parametrize("default", ["file", "filesystem"])
def test_a_single_store_is_called_after_its_type(tmp_path: Path, default: str) -> None:
    stores = stores_of(tmp_path, single_store(tmp_path, default))
    assert [(store.id, store.default) for store in stores.list()] == [
        ("file", True),
        ("http", False),
    ]


def test_a_single_store_is_the_target(tmp_path: Path) -> None:
    stores = stores_of(tmp_path, single_store(tmp_path))
    assert stores.target(None).properties["data_dir"] == f"{tmp_path}/images"


def test_a_single_store_is_not_several(tmp_path: Path) -> None:
    assert not stores_of(tmp_path, single_store(tmp_path)).multiple


def test_a_single_store_comes_with_a_place_for_staging_that_callers_do_not_see(
    tmp_path: Path,
) -> None:
    uri = f"file://{tmp_path}/waiting"
    text = single_store(tmp_path).replace(
        "[glance_store]", f"[DEFAULT]\nnode_staging_uri = {uri}\n[glance_store]", 1
    )
    stores = stores_of(tmp_path, text)
    staging = stores.named(STAGING)
    assert staging is not None
    assert staging.properties["data_dir"] == f"{tmp_path}/waiting"
    assert STAGING not in [store.id for store in stores.list()]


@pytest.mark.parametrize("uri", ["http://there/", "/no/url", "file://relative"])
def test_staging_must_be_a_local_directory(tmp_path: Path, uri: str) -> None:
    text = single_store(tmp_path).replace(
        "[glance_store]", f"[DEFAULT]\nnode_staging_uri = {uri}\n[glance_store]", 1
    )
    with pytest.raises(BadConfiguration, match="node_staging_uri"):
        stores_of(tmp_path, text)


def test_a_single_store_is_asked_for_all_of_its_scheme(tmp_path: Path) -> None:
    stores = stores_of(tmp_path, single_store(tmp_path))
    assert ids(stores.holding(Location("file:///x", {"store": "whatever"}))) == ["file"]


def test_locations_in_a_single_store_name_none(tmp_path: Path) -> None:
    stores = stores_of(tmp_path, single_store(tmp_path))
    assert [each.store for each in stores.target(None).locate("a")] == [None]


def test_locations_in_a_named_store_name_it(stores: ConfiguredStores) -> None:
    assert [each.store for each in stores.target("fast").locate("a")] == ["fast"]


def test_types_in_brackets_can_stand_beside_the_single_store(tmp_path: Path) -> None:
    text = single_store(tmp_path) + "\nstores = [file, memory, nonsense]\n"
    assert [store.id for store in stores_of(tmp_path, text).list()] == ["file", "memory"]


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("wrong", "right", "option", "problem"),
    [
        ("enabled_backends = os_glance_mine:file, slow:file", None, "enabled_backends", "reserved"),
        ("enabled_backends = slow:floppy", None, "enabled_backends", "'floppy'.* no driver"),
        ("enabled_backends = slow", None, "enabled_backends", "NAME:VALUE"),
        ("enabled_backends = slow:file, slow:file", None, "enabled_backends", "Duplicate"),
        ("default_backend = gone", "default_backend = slow", "default_backend", "gone .*slow"),
        ("", "default_backend = slow", "default_backend", "nothing .*slow"),
        (f"default_backend = {STAGING}", "default_backend = slow", "default_backend", "slow"),
        ("weight = heavy", "weight = 7", r"\[fast\] weight", "heavy"),
    ],
)
def test_wrong_options_are_named_with_what_is_expected(
    tmp_path: Path, wrong: str, right: str | None, option: str, problem: str
) -> None:
    right = right or "enabled_backends = slow:file, fast:file, ram:memory"
    text = three_stores(tmp_path).replace(right, wrong)
    with pytest.raises(BadConfiguration, match=f"{option}: .*{problem}"):
        stores_of(tmp_path, text)


@pytest.mark.parametrize("other", ["slow", "slow/inner", ".", "inner/../slow"])
def test_stores_cannot_share_a_directory(tmp_path: Path, other: str) -> None:
    text = three_stores(tmp_path).replace(f"{tmp_path}/fast", f"{tmp_path}/{other}")
    with pytest.raises(BadConfiguration, match=r"\[fast\] filesystem_store_datadir: .*slow"):
        stores_of(tmp_path, text)


@pytest.mark.parametrize("other", ["slow", "slow/staging", "."])
def test_the_services_own_stores_cannot_lie_among_images(tmp_path: Path, other: str) -> None:
    text = f"{three_stores(tmp_path)}\n[{STAGING}]\nfilesystem_store_datadir={tmp_path}/{other}\n"
    with pytest.raises(BadConfiguration, match=rf"\[{STAGING}\] filesystem_store_datadir"):
        stores_of(tmp_path, text)


def test_the_services_own_stores_cannot_share_a_directory(tmp_path: Path) -> None:
    text = three_stores(tmp_path) + "".join(
        f"\n[{store}]\nfilesystem_store_datadir = /work\n" for store in (STAGING, TASKS)
    )
    with pytest.raises(BadConfiguration, match=rf"\[{TASKS}\] filesystem_store_datadir"):
        stores_of(tmp_path, text)


def test_a_wrong_option_of_the_default_store_stops_the_start(tmp_path: Path) -> None:
    text = three_stores(tmp_path) + "\n[slow]\nfilesystem_store_file_perm = 888\n"
    with pytest.raises(BadConfiguration, match=r"\[slow\] filesystem_store_file_perm: 888"):
        stores_of(tmp_path, text)


def test_a_wrong_option_of_the_single_store_stops_the_start(tmp_path: Path) -> None:
    text = single_store(tmp_path) + "\nfilesystem_store_file_perm = 888\n"
    with pytest.raises(BadConfiguration, match=r"\[glance_store\] filesystem_store_file_perm: 888"):
        stores_of(tmp_path, text)


@pytest.mark.parametrize("default", ["http", "https"])
def test_a_read_only_store_may_be_the_default(tmp_path: Path, default: str) -> None:
    stores = stores_of(tmp_path, single_store(tmp_path, default))
    stores.start()
    described = [(store.id, store.default, store.read_only) for store in stores.list()]
    assert described == [("file", False, False), ("http", True, True)]


def test_data_on_web_servers_belongs_to_the_http_store(tmp_path: Path) -> None:
    text = """
        [DEFAULT]
        enabled_backends = ram:memory, web:http, rest:http
        [glance_store]
        default_backend = ram
        [web]
        weight = 3
    """
    stores = stores_of(tmp_path, text)
    for url in ("http://host/a", "https://host/a", "HTTP://host/a"):
        assert ids(stores.holding(Location(url))) == ["web"]
        assert stores.adopt(url, {"store": "ram"}).store == "web"
        assert stores.weight(Location(url)) == 3


@pytest.mark.parametrize("default", ["s3", "memory"])
def test_a_single_store_must_be_installed_and_among_the_stores(
    tmp_path: Path, default: str
) -> None:
    with pytest.raises(BadConfiguration, match=rf"\[glance_store\] default_store: {default} "):
        stores_of(tmp_path, single_store(tmp_path, default))


# ---------------------------------------------------------------------- out of service


@pytest.fixture(params=["filesystem_store_datadir = here", "filesystem_store_timeout = x"])
def one_broken(request: pytest.FixtureRequest, tmp_path: Path) -> ConfiguredStores:
    return stores_of(tmp_path, three_stores(tmp_path) + f"\n[fast]\n{request.param}\n")


def test_a_broken_store_is_listed_all_the_same(one_broken: ConfiguredStores) -> None:
    assert [(store.id, store.type, store.read_only) for store in one_broken.list()] == [
        ("slow", "file", False),
        ("fast", "file", False),
        ("ram", "memory", False),
    ]


def test_a_broken_store_takes_no_data_and_says_why(one_broken: ConfiguredStores) -> None:
    with pytest.raises(StoreUnavailable, match=r"Store fast .* \[fast\] filesystem_store_"):
        one_broken.target("fast")


def test_a_broken_store_answers_for_the_data_that_it_holds(one_broken: ConfiguredStores) -> None:
    location = Location("file:///x", {"store": "fast"})
    (driver,) = one_broken.holding(location)
    with pytest.raises(StoreUnavailable, match=r"Store fast .* \[fast\] filesystem_store_"):
        driver.open(location)


def test_other_stores_work_beside_a_broken_one(one_broken: ConfiguredStores) -> None:
    assert [one_broken.target(None).store, one_broken.target("ram").store] == ["slow", "ram"]


ONE_OF_EACH = """
    [DEFAULT]
    enabled_backends = ram:memory, it:{kind}
    [glance_store]
    default_backend = ram
    [backend_defaults]
    filesystem_store_datadir = /images
    s3_store_host = http://objects.example
    s3_store_access_key = a
    s3_store_secret_key = b
    s3_store_bucket = images
    swift_store_auth_address = https://auth.example/v3
    swift_store_user = project:user
    swift_store_key = key
    cinder_store_auth_address = https://auth.example/v3
    cinder_store_user_name = user
    cinder_store_password = password
    cinder_store_project_name = project
    [it]
    {option} = {value}
"""
FOR_WRITING = [
    ("file", "filesystem_store_file_perm", "888"),
    ("file", "filesystem_store_chunk_size", "x"),
    ("file", "filesystem_thin_provisioning", "x"),
    ("s3", "s3_store_large_object_chunk_size", "1"),
    ("s3", "s3_store_large_object_size", "x"),
    ("s3", "s3_store_thread_pools", "0"),
    ("s3", "s3_store_create_bucket_on_put", "x"),
    ("s3", "s3_store_request_checksum_calculation", "x"),
    ("swift", "swift_buffer_on_upload", "true"),
    ("swift", "swift_store_large_object_size", "0"),
    ("swift", "swift_store_large_object_chunk_size", "0"),
    ("swift", "swift_store_create_container_on_put", "x"),
    ("rbd", "rbd_store_chunk_size", "64"),
    ("rbd", "rbd_thin_provisioning", "x"),
    ("cinder", "cinder_do_extend_attached", "x"),
]


@pytest.mark.parametrize(("kind", "option", "value"), FOR_WRITING)
def test_a_store_with_a_wrong_option_for_new_data_can_be_read_and_deleted_from(
    tmp_path: Path, kind: str, option: str, value: str
) -> None:
    stores = stores_of(tmp_path, ONE_OF_EACH.format(kind=kind, option=option, value=value))
    named = stores.named("it")
    assert named is not None
    wanted = Capability.READ | Capability.DELETE
    assert named.capabilities & (wanted | Capability.WRITE) == wanted
    assert "write" not in stores.list()[1].capabilities


@pytest.mark.parametrize(("kind", "option", "value"), FOR_WRITING)
def test_a_store_with_a_wrong_option_for_new_data_takes_none_and_says_why(
    tmp_path: Path, kind: str, option: str, value: str
) -> None:
    stores = stores_of(tmp_path, ONE_OF_EACH.format(kind=kind, option=option, value=value))
    named = stores.named("it")
    assert named is not None
    about = "swift_upload_buffer_dir" if option == "swift_buffer_on_upload" else option
    for create in (lambda: stores.target("it"), lambda: named.create("a", None)):
        with pytest.raises(
            StoreUnavailable, match=rf"Store it is out of service. .*\[it\] {about}"
        ):
            create()
    health = stores.list()[1].health
    assert health.condition is Condition.OUT_OF_SERVICE
    assert f"[it] {about}" in str(health.reason)


def test_a_store_that_cannot_be_read_either_is_out_of_service_altogether(tmp_path: Path) -> None:
    text = three_stores(tmp_path).replace(f"{tmp_path}/fast", "here")
    broken = stores_of(tmp_path, f"{text}\n[fast]\nfilesystem_store_file_perm = 888\n").named(
        "fast"
    )
    assert broken is not None and broken.capabilities == Capability(0)


def test_options_can_be_set_by_the_program_as_well(tmp_path: Path) -> None:
    conf = a_configuration(tmp_path, single_store(tmp_path))
    conf.set_override("filesystem_store_datadir", "/set", group="glance_store")
    stores = ConfiguredStores.from_conf(conf)
    assert stores.target(None).properties["data_dir"] == "/set"


def test_a_program_can_set_the_one_directory_to_nothing_to_name_several(tmp_path: Path) -> None:
    conf = a_configuration(tmp_path, single_store(tmp_path))
    conf.set_override("filesystem_store_datadir", None, group="glance_store")
    conf.set_override("filesystem_store_datadirs", ["/one:1", "/two:2"], group="glance_store")
    stores = ConfiguredStores.from_conf(conf)
    assert stores.target(None).properties["data_dir"] == "/one,/two"


# ---------------------------------------------------------------------- locations of callers


def put(stores: ConfiguredStores, key: str, data: bytes = b"abc") -> str:
    """Store an object in `ram` and return its URL."""
    with stores.target("ram").create(key, None) as handle:
        handle.write(memoryview(data))
        return handle.commit().url


def test_a_callers_location_is_given_to_the_store_under_whose_url_it_lies(
    stores: ConfiguredStores,
) -> None:
    assert stores.adopt("memory://ram/a", {"x": "y"}) == Location(
        "memory://ram/a", {"x": "y", "store": "ram"}
    )


@pytest.mark.parametrize("claimed", ["slow", "gone", STAGING, 5])
def test_a_caller_cannot_choose_another_store(stores: ConfiguredStores, claimed: Any) -> None:
    claim = {"store": claimed} if isinstance(claimed, str) else {}
    assert stores.adopt("memory://ram/a", claim).store == "ram"


def test_a_callers_location_under_no_store_goes_to_the_one_it_names_or_the_first(
    tmp_path: Path,
) -> None:
    text = """
        [DEFAULT]
        enabled_backends = one:memory, two:memory
        [glance_store]
        default_backend = one
    """
    stores = stores_of(tmp_path, text)
    given: list[dict[str, str]] = [{}, {"store": "two"}, {"store": "gone"}]
    assert [stores.adopt("memory://x/a", metadata).store for metadata in given] == [
        *("one", "two", "one"),
    ]


def test_a_callers_location_stays_as_given_where_stores_have_no_names(tmp_path: Path) -> None:
    text = single_store(tmp_path) + "\nstores = file, memory\n"
    adopted = stores_of(tmp_path, text).adopt("memory://memory/a", {"x": ["y", {"z": "w"}]})
    assert adopted == Location("memory://memory/a", {"x": ["y", {"z": "w"}]})


@pytest.mark.parametrize(
    "url",
    [
        *("file:///x", "FILE:///x", "filesystem:///x", "swift+config://ref/c/o"),
        *("ftp://host/a", "nonsense", "", "://", "memory:/ram/a"),
    ],
)
def test_a_caller_may_not_name(stores: ConfiguredStores, url: str) -> None:
    with pytest.raises(BadLocation, match="Invalid location"):
        stores.adopt(url, {})


@pytest.mark.parametrize("value", [1, None, True, 1.5, [1], {"a": None}, [{"a": [False]}]])
def test_metadata_is_made_of_texts(stores: ConfiguredStores, value: Any) -> None:
    with pytest.raises(BadLocation, match="metadata 'x'"):
        stores.adopt("memory://ram/a", {"x": value})


def test_the_size_of_a_callers_location_is_that_of_its_data(stores: ConfiguredStores) -> None:
    assert stores.size_of(put(stores, "a", b"12345")) == 5


@pytest.mark.parametrize("url", ["memory://ram/a", "memory://elsewhere/a", "file:///etc/passwd"])
def test_where_nothing_is_there_is_no_size(stores: ConfiguredStores, url: str) -> None:
    with pytest.raises(BadLocation):
        stores.size_of(url)


def test_data_without_bytes_is_none(stores: ConfiguredStores) -> None:
    with pytest.raises(BadLocation):
        stores.size_of(put(stores, "a", b""))


def test_a_store_that_does_not_answer_has_no_size_to_tell(tmp_path: Path) -> None:
    text = three_stores(tmp_path) + "\n[ram]\nmemory_store_capacity = x\n"
    with pytest.raises(BadLocation, match="store ram"):
        stores_of(tmp_path, text).size_of("memory://ram/a")


def test_a_scheme_is_one_whatever_its_case(stores: ConfiguredStores, tmp_path: Path) -> None:
    assert ids(stores.holding(Location(f"FILE://{tmp_path}/fast/a"))) == ["fast"]


# ---------------------------------------------------------------------- staging for all workers


def with_staging(tmp_path: Path, *lines: str) -> ConfiguredStores:
    text = "\n".join((three_stores(tmp_path), f"[{STAGING}]", *lines))
    return stores_of(tmp_path, text, str(tmp_path))


@pytest.mark.parametrize(
    ("lines", "shared"),
    [([], False), (["shared = true"], True), (["store_type = memory"], True)],
    ids=["a directory", "a shared directory", "another type"],
)
def test_staging_says_whether_all_workers_reach_it(
    tmp_path: Path, lines: list[str], shared: bool
) -> None:
    assert with_staging(tmp_path, *lines).shared_staging is shared


def test_staging_can_be_of_another_type(tmp_path: Path) -> None:
    driver = with_staging(tmp_path, "store_type = memory").named(STAGING)
    assert driver is not None and driver.type == "memory"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["store_type = http"], "no data can be put into"),
        (["store_type = nonsense"], "no driver is installed"),
    ],
)
def test_staging_that_is_of_no_use_stops_the_start(
    tmp_path: Path, lines: list[str], problem: str
) -> None:
    with pytest.raises(BadConfiguration, match=problem) as refused:
        with_staging(tmp_path, *lines)
    assert refused.value.option == f"[{STAGING}] store_type"


def test_staging_in_the_bucket_of_a_store_stops_the_start(tmp_path: Path) -> None:
    bucket = (
        *("s3_store_host = http://s3.example", "s3_store_bucket = images"),
        *("s3_store_access_key = a", "s3_store_secret_key = b"),
    )
    text = """
        [DEFAULT]
        enabled_backends = cloud:s3
        [glance_store]
        default_backend = cloud
    """
    sections = [dedent(text), "[cloud]", *bucket, f"[{STAGING}]", "store_type = s3", *bucket]
    with pytest.raises(BadConfiguration, match="a place of its own, not that of cloud"):
        stores_of(tmp_path, "\n".join(sections))
