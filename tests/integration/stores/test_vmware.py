"""What a vmware store does with its datastores, and when the server fails (stores §6.7)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.service import free_port
from tests.tcp_proxy import tcp_proxy
from tests.vsphere_server import DATACENTER, VSphere, vsphere
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.adapters.stores.vmware import VmwareDriver
from tintype.domain.errors import (
    BadConfiguration,
    Duplicate,
    InUse,
    Invalid,
    StorageFull,
    StoreUnavailable,
)
from tintype.domain.location import Location
from tintype.entrypoints.config import new_config

MIB = 1 << 20


@pytest.fixture
def site() -> Iterator[VSphere]:
    """Two datastores, of which the second has more room."""
    with vsphere(room={"one": 10 * MIB, "two": 20 * MIB}) as site:
        yield site


def a_driver(site: VSphere, **other: object) -> VmwareDriver:
    driver = VmwareDriver.from_settings("shelf", site.options(**other), named=True)
    driver.start()
    return driver


def store(driver: VmwareDriver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(driver: VmwareDriver, location: Location, offset: int = 0) -> bytes:
    stream = driver.open(location, offset)
    try:
        return b"".join(stream)
    finally:
        stream.close()


def weighted(one: int, two: int) -> list[str]:
    return [f"{DATACENTER}:one:{one}", f"{DATACENTER}:two:{two}"]


# ---------------------------------------------------------------------- datastores


def test_a_location_says_where_the_file_is(site: VSphere) -> None:
    location = store(a_driver(site), "an-image", b"data")
    assert location.url == (
        f"vsphere://{site.address}/folder/openstack_glance/an-image?dcPath=folder%2Fdc&dsName=two"
    )
    assert list(site.files) == [("two", "openstack_glance/an-image")]


@pytest.mark.parametrize(
    ("weights", "size", "chosen"),
    [((0, 0), 1, "two"), ((1, 0), 1, "one"), ((1, 0), 15 * MIB, "two"), ((5, 9), 1, "two")],
)
def test_the_heaviest_datastore_with_room_takes_the_data_and_of_equals_the_emptiest(
    site: VSphere, weights: tuple[int, int], size: int, chosen: str
) -> None:
    driver = a_driver(site, vmware_datastores=weighted(*weights))
    with driver.create("a", size) as handle:
        assert f"dsName={chosen}" in handle.location.url


def test_a_datastore_that_is_away_is_passed_over(site: VSphere) -> None:
    driver = a_driver(site, vmware_datastores=weighted(1, 0))
    site.closed.add("one")
    assert "dsName=two" in store(driver, "a", b"data").url


def test_without_a_datastore_that_can_be_used_there_is_no_store(site: VSphere) -> None:
    driver = a_driver(site)
    site.closed.update(site.room)
    with pytest.raises(StoreUnavailable, match="no datastore"):
        driver.create("a", None)


def test_what_fits_nowhere_is_refused(site: VSphere) -> None:
    with pytest.raises(StorageFull, match="shelf"):
        a_driver(site).create("a", 21 * MIB)


def test_a_key_in_one_datastore_is_taken_in_the_other(site: VSphere) -> None:
    driver = a_driver(site, vmware_datastores=weighted(1, 0))
    with pytest.raises(Duplicate), driver.create("a", None) as handle:
        other = a_driver(site, vmware_datastores=weighted(0, 1))
        kept = store(other, "a", b"first")
        handle.commit()
    assert load(driver, kept) == b"first"
    assert list(driver.keys()) == ["a"]


# ---------------------------------------------------------------------- files


def test_a_server_that_knows_no_ranges_is_read_past_what_is_not_wanted(site: VSphere) -> None:
    driver = a_driver(site)
    site.whole = True
    data = bytes(range(256)) * 8192
    assert load(driver, store(driver, "a", data), MIB + 3) == data[MIB + 3 :]


def test_a_file_that_is_locked_is_in_use(site: VSphere) -> None:
    driver = a_driver(site)
    location = store(driver, "a", b"data")
    site.locked.update(site.files)
    with pytest.raises(InUse, match="locked"):
        driver.delete(location)
    assert load(driver, location) == b"data"


@pytest.mark.parametrize("directory", ["vm", "openstack_glance/vm", "openstack_glance/.."])
def test_the_disks_of_machines_are_none_of_the_stores(site: VSphere, directory: str) -> None:
    driver = a_driver(site)
    url = f"vsphere://{site.address}/folder/{directory}/disk?dcPath=folder%2Fdc&dsName=one"
    for verb in (driver.open, driver.size, driver.delete):
        with pytest.raises(Invalid):
            verb(Location(url, {"store": "shelf"}))


def test_a_server_with_a_new_name_has_what_its_old_name_had(site: VSphere) -> None:
    driver = a_driver(site)
    url = store(driver, "a", b"data").url.replace(site.address, "old.example")
    with pytest.raises(Invalid):
        driver.open(Location(url))
    assert load(driver, Location(url, {"store": "shelf"})) == b"data"


def test_one_of_several_stores_finds_its_locations_by_their_urls(
    site: VSphere, tmp_path: Any
) -> None:
    options = site.options(vmware_datastores=f"{DATACENTER}:one")
    lines = ["[DEFAULT]", "enabled_backends = shelf:vmware,files:file", "[glance_store]"]
    lines += ["default_backend = shelf", "[files]", f"filesystem_store_datadir = {tmp_path}/f"]
    lines += ["[shelf]", *(f"{option} = {value}" for option, value in options.items())]
    (tmp_path / "tintype.conf").write_text("\n".join(lines), encoding="utf-8")
    conf = new_config([str(tmp_path / "tintype.conf")])
    registry = ConfiguredStores.from_conf(conf, state_dir=str(tmp_path))
    registry.start()
    with registry.target("shelf").create("a", None) as handle:
        handle.write(memoryview(b"data"))
        location = handle.commit()
    assert registry.identify(Location(location.url)) == location
    assert [driver.size(location) for driver in registry.holding(Location(location.url))] == [4]


# ---------------------------------------------------------------------- the server


def test_a_session_that_has_ended_is_begun_anew(site: VSphere) -> None:
    driver = a_driver(site)
    location = store(driver, "a", b"data")
    for work in (
        lambda: load(driver, location),
        lambda: driver.size(location),
        lambda: store(driver, "b", b"more"),
        lambda: driver.delete(location),
    ):
        site.sessions.clear()
        work()


def test_wrong_credentials_are_noticed_at_the_start(site: VSphere) -> None:
    with pytest.raises(BadConfiguration, match="vmware_server_username") as caught:
        a_driver(site, vmware_server_password="quite-wrong")
    assert "quite-wrong" not in str(caught.value)


@pytest.mark.parametrize("place", ["nowhere:one", f"{DATACENTER}:three"])
def test_a_datastore_that_does_not_exist_is_noticed_at_the_start(site: VSphere, place: str) -> None:
    with pytest.raises(BadConfiguration, match="vmware_datastores"):
        a_driver(site, vmware_datastores=[place])


def test_a_certificate_of_nobody_known_is_not_believed(site: VSphere) -> None:
    location = store(a_driver(site, vmware_ca_file=None, vmware_insecure=True), "a", b"data")
    driver = a_driver(site, vmware_ca_file=None)
    with pytest.raises(StoreUnavailable, match="SSLCertVerificationError"):
        driver.size(location)


def test_a_server_that_is_not_there_is_unavailable_and_does_not_stop_the_start(
    site: VSphere,
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    driver = a_driver(site, vmware_server_host=nowhere, vmware_api_retry_count=0)
    with pytest.raises(StoreUnavailable, match="ConnectionRefusedError"):
        driver.create("a", None)


def test_a_datastore_that_was_removed_has_images_still(site: VSphere) -> None:
    driver = a_driver(site)
    location = store(driver, "a", b"data")
    site.files.clear()
    del site.room["two"]
    with pytest.raises(StoreUnavailable):
        driver.size(location)


def test_a_transfer_that_is_cut_off_is_neither_whole_nor_left(site: VSphere) -> None:
    direct = a_driver(site)
    with tcp_proxy(f"https://{site.address}") as wire:
        driver = a_driver(site, vmware_server_host=wire.url.removeprefix("http://"))
        with pytest.raises(StoreUnavailable), driver.create("a", None) as handle:
            wire.budget["up"] = 3 * MIB
            handle.write(memoryview(bytes(16 * MIB)))
            handle.commit()
        location = store(direct, "b", bytes(8 * MIB))
        wire.budget = {"up": 1 << 30, "down": 3 * MIB}
        with pytest.raises(StoreUnavailable):
            load(driver, Location(location.url, {"store": "shelf"}))
    direct.discard_unfinished("a")
    assert list(direct.keys()) == ["b"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("vmware_server_host", None),
        ("vmware_server_host", "https://vcenter.example/"),
        ("vmware_datastores", None),
        ("vmware_datastores", ["no-datacenter"]),
        ("vmware_datastores", ["dc:name:heavy"]),
        ("vmware_store_image_dir", "/"),
        ("vmware_store_image_dir", "/a/../b"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(option: str, value: object) -> None:
    options = VSphere(address="vcenter.example").options(**{option: value})
    with pytest.raises(BadConfiguration, match=option):
        VmwareDriver.from_settings("shelf", options)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("vcenter.example", "vsphere://vcenter.example/folder/openstack_glance"),
        ("2001:db8::1", "vsphere://[2001:db8::1]/folder/openstack_glance"),
        ("[2001:db8::1]", "vsphere://[2001:db8::1]/folder/openstack_glance"),
        ("10.0.0.1:8443", "vsphere://10.0.0.1:8443/folder/openstack_glance"),
    ],
)
def test_a_store_has_what_lies_in_its_directory_on_its_server(host: str, address: str) -> None:
    options = VSphere().options(vmware_server_host=host)
    driver = VmwareDriver.from_settings("shelf", options)
    assert driver.url_prefixes == [address]
    assert driver.locate("a")[0].url.startswith(f"{address}/a?")
