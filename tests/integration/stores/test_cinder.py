"""What a cinder store does when Cinder is full, locked, slow, gone or cut off (stores §6.6)."""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.keystone import PASSWORD, USER, Keystone, serving
from tests.real_cinder import cinder_options, client, remove_volumes, the_cinder
from tests.service import free_port, wait_until
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tintype.adapters.stores.cinder import CinderDriver
from tintype.adapters.stores.cinder.attachment import Attachment
from tintype.adapters.stores.cinder.connector import properties_of_host
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.service import Volumes
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.application.locations import delete_data
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    InUse,
    Invalid,
    StorageFull,
    StoreUnavailable,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import StorageDriver
from tintype.entrypoints.config import new_config

MIB = 1 << 20
GIB = 1 << 30
HOST = {"host": "elsewhere", "ip": "127.0.0.1", "platform": "x86_64", "os_type": "linux"}


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, Any]]:
    """A project with room for volumes."""
    options = cinder_options()
    yield options
    remove_volumes(options)


@pytest.fixture(scope="module")
def driver(options: dict[str, Any]) -> CinderDriver:
    return a_driver(options)


@pytest.fixture(scope="module")
def kept(driver: CinderDriver) -> Location:
    """An object of 3 MiB and a bit, which no test removes."""
    return store(driver, "kept", DATA)


DATA = os.urandom(3 * MIB + 7)


@pytest.fixture
def wire() -> Iterator[TcpProxy]:
    with tcp_proxy(the_cinder().url) as proxy:
        yield proxy


def a_driver(options: dict[str, Any], **other: object) -> CinderDriver:
    driver = CinderDriver.from_settings("shelf", {**options, **other}, named=True)
    driver.start()
    return driver


def over(wire: TcpProxy, options: dict[str, Any], **other: object) -> CinderDriver:
    """Return a driver of the same store that asks Cinder over a wire."""
    return a_driver(options, cinder_endpoint_template=f"{wire.url}/v3/%(tenant)s", **other)


def store(driver: CinderDriver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(
    driver: StorageDriver, location: Location, offset: int = 0, length: int | None = None
) -> bytes:
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


def volume_of(location: Location) -> str:
    return location.url.rpartition("/")[2]


# ---------------------------------------------------------------------- volumes


def test_a_volume_is_named_described_and_protected(
    driver: CinderDriver, options: dict[str, Any], kept: Location
) -> None:
    volume = client(options).volumes.get(volume_of(kept))
    assert (volume.name, volume.size, volume.status) == ("image-kept", 1, "available")
    assert dict(volume.metadata) == {
        "glance_image_id": "kept",
        "image_size": str(len(DATA)),
        "readonly": "True",
    }
    assert kept.url == f"cinder://shelf/{volume.id}"


def test_a_volume_says_which_project_owns_the_image_from_the_first_to_the_last(
    driver: CinderDriver, options: dict[str, Any]
) -> None:
    with driver.acting_for(Caller(project_id="p1")).create("owned", None) as handle:
        (begun,) = client(options).volumes.list(
            search_opts={"metadata": {"glance_image_id": "owned"}}
        )
        assert begun.metadata["image_owner"] == "p1"
        handle.write(memoryview(b"data"))
        location = handle.commit()
    volume = client(options).volumes.get(volume_of(location))
    assert dict(volume.metadata) == {
        "glance_image_id": "owned",
        "image_owner": "p1",
        "image_size": "4",
        "readonly": "True",
    }


def test_an_upload_for_a_project_is_cut_off_by_whoever_discards_it(driver: CinderDriver) -> None:
    with (
        pytest.raises(StoreUnavailable, match="not get all"),
        driver.acting_for(Caller(project_id="p1")).create("dropped", None) as handle,
    ):
        driver.discard_unfinished("dropped")
        handle.write(memoryview(b"data"))
    assert driver.locate("dropped") == []


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 10), (MIB - 1, MIB + 2), (3 * MIB, 100), (len(DATA), 1)]
)
def test_a_range_gives_those_bytes(
    driver: CinderDriver, kept: Location, offset: int, length: int
) -> None:
    assert load(driver, kept, offset, length) == DATA[offset : offset + length]


def test_readers_of_a_volume_that_can_be_attached_once_share_it(
    options: dict[str, Any],
) -> None:
    driver = a_driver(options, cinder_volume_type="lone")
    location = store(driver, "lone", b"0123456789")
    one, other = driver.open(location), driver.open(location, 5)
    assert (one.read(3), other.read(3), one.read(3)) == (b"012", b"567", b"345")
    one.close()
    assert other.read() == b"89"
    other.close()
    assert attachments_of(options, volume_of(location)) == []


def test_a_volume_that_somebody_else_has_is_neither_read_nor_deleted(
    options: dict[str, Any],
) -> None:
    driver = a_driver(options, cinder_volume_type="lone", cinder_attachment_retry_attempts=2)
    location = store(driver, "lent", b"data")
    attachments = client(options).attachments
    attached = attachments.create(volume_of(location), HOST, mode="ro")
    attachments.complete(attached["id"])
    with pytest.raises(StoreUnavailable, match="in use"):
        driver.open(location)
    with pytest.raises(InUse, match="in-use"):
        driver.delete(location)
    attachments.delete(attached["id"])
    assert load(driver, location) == b"data"


def test_a_volume_that_somebody_removed_is_not_there(options: dict[str, Any]) -> None:
    driver = a_driver(options)
    location = store(driver, "gone", b"data")
    client(options).volumes.delete(volume_of(location))
    for verb in (driver.open, driver.size, driver.delete):
        with pytest.raises(DataNotFound, match="shelf"):
            verb(location)


@pytest.mark.parametrize("attached", [True, False])
def test_an_object_of_unknown_size_outgrows_its_volume(
    options: dict[str, Any], attached: bool
) -> None:
    driver = a_driver(options, cinder_do_extend_attached=attached)
    piece = os.urandom(8 * MIB)
    with driver.create("long", None) as handle:
        for _ in range(130):
            handle.write(memoryview(piece))
        location = handle.commit()
    assert driver.size(location) == 130 * len(piece) > GIB
    assert load(driver, location, 127 * len(piece), 2 * len(piece)) == 2 * piece
    driver.delete(location)


def test_a_volume_that_this_host_does_not_let_go_of_does_not_stay_attached(
    options: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    driver = a_driver(options)
    location = store(driver, "stuck", b"data")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stream = driver.open(location)
    assert stream.read() == b"data"
    forbid_disconnecting(tmp_path)
    stream.close()
    stream.close()
    assert attachments_of(options, volume_of(location)) == []
    assert "is not closed: Store shelf cannot do its work: IsADirectoryError." in caplog.text


def test_an_attachment_ends_in_cinder_though_not_on_this_host(
    options: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = CinderSettings.read("shelf", options, named=True)
    volume = volume_of(store(a_driver(options), "held", b"data"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    attachment = Attachment(
        settings, Volumes(settings), lambda: properties_of_host(settings), volume, "ro"
    )
    forbid_disconnecting(tmp_path)
    attachment.end()
    assert attachments_of(options, volume) == []
    assert f"Volume {volume} stays connected to this host" in caplog.text


def forbid_disconnecting(folder: Path) -> None:
    """Put directories where os-brick has files that it removes when it disconnects volumes."""
    for file in folder.glob("brickrbd_*"):
        file.unlink()
        file.mkdir()


def attachments_of(options: dict[str, Any], volume: str) -> list[Any]:
    return list(client(options).attachments.list(search_opts={"volume_id": volume}))


# ---------------------------------------------------------------------- locations


def test_urls_of_before_stores_had_names_are_read(driver: CinderDriver, kept: Location) -> None:
    assert load(driver, Location(f"cinder://{volume_of(kept)}"), 0, 9) == DATA[:9]


def test_a_store_with_a_new_name_has_what_its_old_name_had(
    driver: CinderDriver, kept: Location
) -> None:
    old = Location(f"cinder://old/{volume_of(kept)}", {"store": "shelf"})
    assert driver.size(old) == len(DATA)


def test_without_a_name_the_type_of_a_volume_tells_its_store(
    options: dict[str, Any], kept: Location
) -> None:
    other = a_driver(options, cinder_volume_type="lone")
    with pytest.raises(DataNotFound):
        other.size(Location(f"cinder://{volume_of(kept)}"))
    assert other.locate("kept") == []


@pytest.mark.parametrize(
    ("start", "metadata"), [("", {}), ("old/", {}), ("old/", {"store": "old"})]
)
def test_an_old_location_gets_the_name_of_the_store_that_has_such_volumes(
    options: dict[str, Any], kept: Location, tmp_path: Path, start: str, metadata: dict[str, str]
) -> None:
    old = Location(f"cinder://{start}{volume_of(kept)}", metadata)
    stores = two_stores(options, tmp_path)
    assert stores.identify(old) is old
    found = Location(kept.url, {"store": "shelf"})
    assert (stores.identify_by_asking(old), stores.identify(old)) == (found, found)


@pytest.mark.parametrize(
    ("start", "metadata"), [("", {}), ("old/", {}), ("old/", {"store": "old"})]
)
def test_an_old_location_is_read_before_anybody_was_asked_which_store_has_such_volumes(
    options: dict[str, Any], kept: Location, tmp_path: Path, start: str, metadata: dict[str, str]
) -> None:
    old = Location(f"cinder://{start}{volume_of(kept)}", metadata)
    drawer, shelf = two_stores(options, tmp_path).holding(old)
    with pytest.raises((DataNotFound, Invalid)):
        drawer.open(old)
    assert load(shelf, old, 0, 9) == DATA[:9]


def test_an_old_location_is_deleted_before_anybody_was_asked_which_store_has_such_volumes(
    driver: CinderDriver, options: dict[str, Any], tmp_path: Path
) -> None:
    location = store(driver, "unnamed", b"data")
    old = Location(f"cinder://old/{volume_of(location)}")
    delete_data(two_stores(options, tmp_path), old)
    with pytest.raises(DataNotFound):
        driver.size(location)


def test_a_volume_of_another_store_that_nobody_has_does_not_count_as_lost(
    driver: CinderDriver,
) -> None:
    with pytest.raises(Invalid):
        driver.open(Location("cinder://old/9f9e9d9c-0000-4000-8000-000000000000"))


@pytest.mark.parametrize(
    "url", ["cinder://9f9e9d9c-0000-4000-8000-000000000000", "cinder://old/no-volume"]
)
def test_an_old_location_of_no_store_stays_as_it_is(
    options: dict[str, Any], tmp_path: Path, url: str
) -> None:
    unknown = Location(url)
    assert two_stores(options, tmp_path).identify_by_asking(unknown) is unknown


def test_the_store_of_an_old_location_is_found_once_cinder_is_back(
    options: dict[str, Any], kept: Location, tmp_path: Path, wire: TcpProxy
) -> None:
    over_a_wire = {**options, "cinder_endpoint_template": f"{wire.url}/v3/%(tenant)s"}
    impatient = {"cinder_request_timeout": 1, "cinder_http_retries": 0}
    stores = two_stores({**over_a_wire, **impatient}, tmp_path)
    old = Location(f"cinder://{volume_of(kept)}")
    wire.silent = True
    assert stores.identify_by_asking(old) is old
    wire.silent = False
    assert stores.identify_by_asking(old).store == "shelf"


def two_stores(options: dict[str, Any], folder: Path) -> ConfiguredStores:
    """Return a registry of stores that only the type of volumes tells apart."""
    kinds = {"drawer": "lone", "shelf": "shared"}
    lines = ["[DEFAULT]", "enabled_backends = drawer:cinder,shelf:cinder"]
    lines += ["[glance_store]", "default_backend = drawer"]
    for name, kind in kinds.items():
        own = {**options, "cinder_volume_type": kind}
        lines += [f"[{name}]", *(f"{option} = {value}" for option, value in own.items())]
    (folder / "tintype.conf").write_text("\n".join(lines), encoding="utf-8")
    conf = new_config([str(folder / "tintype.conf")])
    return ConfiguredStores.from_conf(conf, state_dir=str(folder))


def test_a_volume_that_does_not_say_how_much_it_holds_holds_all_that_it_can(
    driver: CinderDriver, options: dict[str, Any]
) -> None:
    volume = client(options).volumes.create(1, volume_type="shared", name="of Cinder's own")
    assert driver.size(Location(f"cinder://shelf/{volume.id}")) == GIB


# ---------------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    "missing", ["cinder_store_user_name", "cinder_store_project_name", "cinder_endpoint_template"]
)
def test_a_store_needs_somebody_to_ask_as(missing: str) -> None:
    options = {
        "cinder_endpoint_template": "http://cinder.example/v3/%(tenant)s",
        "cinder_store_user_name": "admin",
        "cinder_store_project_name": "a",
        missing: None,
    }
    with pytest.raises(BadConfiguration, match="cinder_store_"):
        CinderDriver.from_settings("shelf", options)


def test_wrong_credentials_are_noticed_at_the_start() -> None:
    with serving(Keystone()) as keystone, pytest.raises(BadConfiguration) as caught:
        a_driver(service_user(keystone, "quite-wrong"))
    assert "401" in str(caught.value)
    assert "quite-wrong" not in str(caught.value)


def test_a_catalogue_without_cinder_is_noticed_at_the_start() -> None:
    with (
        serving(Keystone()) as keystone,
        pytest.raises(BadConfiguration, match="cinder_catalog_info"),
    ):
        a_driver(service_user(keystone, PASSWORD))


def service_user(keystone: Keystone, password: str) -> dict[str, Any]:
    return {
        "cinder_store_auth_address": f"{keystone.url}/v3",
        "cinder_store_user_name": USER,
        "cinder_store_password": password,
        "cinder_store_project_name": "service",
    }


def test_a_volume_type_that_is_missing_is_warned_of_and_refuses_data(
    options: dict[str, Any], kept: Location, caplog: pytest.LogCaptureFixture
) -> None:
    driver = a_driver(options, cinder_volume_type="no-such-type")
    assert "no volume type no-such-type" in caplog.text
    with pytest.raises(StoreUnavailable, match="404"):
        store(driver, "a", b"data")
    assert driver.size(kept) == len(DATA)


# ---------------------------------------------------------------------- failures


@pytest.mark.parametrize(("resource", "size"), [("volumes", 1), ("gigabytes", 5 * GIB)])
def test_a_quota_that_is_used_up_is_a_full_store(resource: str, size: int) -> None:
    options = cinder_options()
    service = client(options)
    limit = 0 if resource == "volumes" else 4
    service.quotas.update(options["cinder_store_project_name"], **{resource: limit})
    driver = a_driver(options)
    with pytest.raises(StorageFull, match="shelf"), driver.create("a", size):
        pass
    assert list(driver.keys()) == []


def test_a_service_that_is_not_there_is_unavailable_and_does_not_stop_the_start() -> None:
    options = {
        "cinder_endpoint_template": f"http://127.0.0.1:{free_port()}/v3/%(tenant)s",
        "cinder_store_user_name": "admin",
        "cinder_store_project_name": "a",
        "cinder_http_retries": 0,
    }
    driver = a_driver(options)
    with pytest.raises(StoreUnavailable, match="ConnectFailure"):
        driver.create("a", None)
    with pytest.raises(StoreUnavailable, match="ConnectFailure"):
        driver.size(Location("cinder://shelf/9f9e9d9c-0000-4000-8000-000000000000"))


def test_a_service_that_falls_silent_is_not_waited_for_in_eternity(
    options: dict[str, Any], kept: Location, wire: TcpProxy
) -> None:
    driver = over(wire, options, cinder_request_timeout=1, cinder_http_retries=0)
    wire.silent = True
    with pytest.raises(StoreUnavailable, match="Timeout"):
        driver.size(kept)


def test_an_upload_that_loses_the_service_is_not_committed_and_is_discarded_later(
    options: dict[str, Any], driver: CinderDriver, wire: TcpProxy
) -> None:
    cut = over(wire, options, cinder_http_retries=0)
    with pytest.raises(StoreUnavailable), cut.create("cut", None) as handle:
        handle.write(memoryview(b"data"))
        wire.budget["up"] = wire.budget["down"] = 0
        handle.commit()
    assert any(key.startswith(".cut.") for key in [*driver.keys()])
    driver.discard_unfinished("cut")
    assert not any("cut" in key for key in [*driver.keys()])


def test_what_a_killed_process_left_is_found_and_discarded(
    options: dict[str, Any], driver: CinderDriver
) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=upload_and_die, args=(options,))
    process.start()
    process.join()
    assert any(key.startswith(".dead.") for key in [*driver.keys()])
    # Ceph believes for a while that whoever died may live.
    wait_until(lambda: discards(driver, "dead"), "the volume is gone", 60)
    assert not any("dead" in key for key in [*driver.keys()])


def upload_and_die(options: dict[str, Any]) -> None:
    with a_driver(options).create("dead", None) as handle:
        handle.write(memoryview(bytes(6 * MIB)))
        os.kill(os.getpid(), signal.SIGKILL)


def discards(driver: CinderDriver, key: str) -> bool:
    try:
        driver.discard_unfinished(key)
    except StoreUnavailable:
        return False
    return True
