"""What an rbd store does beside other users of its pool (stores §6.5)."""

import multiprocessing
import os
import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.ceph_cluster import Pool, rbd, rbd_store, shared_pool
from tests.service import free_port
from tests.unit.adapters.stores.configurations import a_configuration
from tintype.adapters.stores.rbd import RbdDriver
from tintype.adapters.stores.rbd.devices import features_of
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.domain.errors import DataNotFound, Duplicate, InUse, Invalid, StoreUnavailable
from tintype.domain.location import Location

MIB = 1 << 20


@pytest.fixture
def pool() -> Pool:
    return shared_pool()


@pytest.fixture
def driver() -> Iterator[RbdDriver]:
    driver = rbd_store()
    yield driver
    left = list(driver.keys())
    shared_pool().empty()
    assert left == [], "something was left behind"


def store(driver: RbdDriver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(
    driver: RbdDriver, location: Location, offset: int = 0, length: int | None = None
) -> bytes:
    stream = driver.open(location, offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


@contextmanager
def opened(pool: Pool, name: str, snapshot: str | None = None) -> Iterator[Any]:
    with pool.open() as context, rbd.Image(context, name, snapshot=snapshot) as image:
        yield image


def is_protected(pool: Pool, name: str) -> bool:
    with opened(pool, name) as image:
        return bool(image.is_protected_snap("snap"))


def extents(pool: Pool, name: str) -> list[tuple[int, int]]:
    """Return where there is something in a device: offsets and lengths."""
    found: list[tuple[int, int]] = []
    with opened(pool, name) as image:
        image.diff_iterate(0, image.size(), None, lambda *one: found.append(one[:2]))
    return found


# ---------------------------------------------------------------------- bytes


@pytest.mark.parametrize("known", [True, False])
def test_an_object_of_many_blocks_comes_back_whole(driver: RbdDriver, known: bool) -> None:
    data = os.urandom(45 * MIB + 17)
    location = store(driver, "a", data, len(data) if known else None)
    assert driver.size(location) == len(data)
    assert load(driver, location) == data
    assert load(driver, location, 7 * MIB + 5, 20 * MIB) == data[7 * MIB + 5 : 27 * MIB + 5]
    driver.delete(location)


@pytest.mark.parametrize("announced", [MIB, 3 * MIB])
def test_an_object_is_as_large_as_what_came_whatever_was_announced(
    driver: RbdDriver, announced: int
) -> None:
    location = store(driver, "a", b"x" * (2 * MIB), announced)
    assert load(driver, location) == b"x" * (2 * MIB)
    driver.delete(location)


def test_zeros_take_no_room_in_a_thin_store(driver: RbdDriver, pool: Pool) -> None:
    thin = rbd_store(rbd_thin_provisioning=True)
    data = bytes(8 * MIB) + b"x" * (4 * MIB) + bytes(8 * MIB)
    location = store(thin, "a", data)
    assert (load(thin, location), extents(pool, "a")) == (data, [(8 * MIB, 4 * MIB)])
    thin.delete(location)


def test_zeros_take_their_room_in_others(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", bytes(12 * MIB))
    assert sum(length for _, length in extents(pool, "a")) == 12 * MIB
    driver.delete(location)


def test_objects_of_a_device_are_as_large_as_configured(driver: RbdDriver, pool: Pool) -> None:
    location = store(rbd_store(rbd_store_chunk_size=3), "a", b"data")
    with opened(pool, "a") as image:
        assert image.stat()["obj_size"] == 2 * MIB
    driver.delete(location)


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("61", 61),
        ("0", 1),
        ("", 1),
        ("layering", 1),
        ("layering, exclusive-lock", 5),
        ("layering,exclusive-lock,object-map,fast-diff,deep-flatten", 61),
    ],
)
def test_features_are_told_by_number_or_by_name(text: str, features: int) -> None:
    assert features_of(text) == features


def test_a_device_has_the_features_that_ceph_is_configured_with(
    driver: RbdDriver, pool: Pool
) -> None:
    conf = pool.conf_with(rbd_default_features="layering,exclusive-lock")
    location = store(rbd_store(rbd_store_ceph_conf=conf), "a", b"data")
    with opened(pool, "a") as image:
        assert image.features() == features_of("layering,exclusive-lock")
    driver.delete(location)


# ---------------------------------------------------------------------- locations


def test_the_url_is_what_nova_and_cinder_clone_from(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a b", b"data")
    assert location.url == f"rbd://{pool.cluster.get_fsid()}/{pool.name}/a%20b/snap"
    assert list(driver.url_prefixes) == [f"rbd://{pool.cluster.get_fsid()}/{pool.name}"]
    driver.delete(location)


def test_a_device_without_snapshot_is_read_and_removed_by_a_url_of_its_name(
    driver: RbdDriver, pool: Pool
) -> None:
    with pool.open() as context:
        rbd.RBD().create(context, "old one", 5)
    with opened(pool, "old one") as image:
        image.write(b"bytes", 0)
    location = Location("rbd://old%20one")
    assert (driver.size(location), load(driver, location, 1)) == (5, b"ytes")
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.open(location)


def test_a_device_without_the_snapshot_of_its_url_is_unfinished(
    driver: RbdDriver, pool: Pool
) -> None:
    with pool.open() as context:
        rbd.RBD().create(context, "a", 5)
    (location,) = driver.locate("a")
    with pytest.raises(DataNotFound):
        driver.size(location)
    with pytest.raises(Duplicate):
        driver.create("a", None)
    driver.delete(location)


def test_a_copy_of_the_cluster_has_what_the_old_one_had(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", b"data")
    old = Location(f"rbd://0000-old/{pool.name}/a/snap")
    with pytest.raises(Invalid):
        driver.open(old)
    assert load(driver, Location(old.url, {"store": "shelf"})) == b"data"
    driver.delete(location)


def test_a_location_without_a_store_belongs_to_that_of_its_cluster_and_pool(
    tmp_path: Path, pool: Pool
) -> None:
    stores = beside_files(tmp_path, pool.options)
    stores.start()
    place = f"rbd://{pool.cluster.get_fsid()}/{pool.name}"
    assert stores.identify(Location(f"{place}/a/snap")).store == "ceph"
    assert stores.identify(Location(f"{place}2/a/snap")).store is None
    assert stores.identify(Location("rbd://a")).store is None


def test_a_cluster_that_is_not_there_at_the_start_is_told_by_its_urls_when_it_is(
    driver: RbdDriver, tmp_path: Path, pool: Pool
) -> None:
    location = store(driver, "a", b"data")
    conf = Path(pool.conf_with(mon_host=f"v2:127.0.0.1:{free_port()}/0"))
    lines = conf.read_text(encoding="utf-8").splitlines(keepends=True)
    conf.write_text("".join(line for line in lines if not line.startswith("fsid")))
    stores = beside_files(
        tmp_path, {**pool.options, "rbd_store_ceph_conf": str(conf), "rados_connect_timeout": 1}
    )
    stores.start()
    old = Location(location.url)
    assert stores.identify(old) is old
    conf.write_text(Path(pool.conf).read_text(encoding="utf-8"))
    (reading,) = stores.holding(old)
    assert reading.size(old) == 4
    assert stores.identify(old) == Location(old.url, {"store": "ceph"})
    driver.delete(location)


def beside_files(tmp_path: Path, options: dict[str, Any]) -> ConfiguredStores:
    """Return a registry of the store `ceph` and one of files."""
    section = "\n        ".join(f"{name} = {value}" for name, value in options.items())
    text = f"""
        [DEFAULT]
        enabled_backends = local:file,ceph:rbd
        [glance_store]
        default_backend = local
        [local]
        filesystem_store_datadir = {tmp_path}/images
        [ceph]
        {section}
    """
    return ConfiguredStores.from_conf(a_configuration(tmp_path, text), state_dir=str(tmp_path))


def test_a_key_whose_claim_is_held_is_not_taken(driver: RbdDriver, pool: Pool) -> None:
    with pool.open() as context:
        context.lock_exclusive("tintype_claim.a", "name", "somebody", duration=300)
    with pytest.raises(Duplicate):
        store(driver, "a", b"data")
    driver.discard_unfinished("a")
    driver.delete(store(driver, "a", b"data"))
    with pool.open() as context:
        assert not [each.key for each in context.list_objects() if "claim" in each.key]


def test_a_key_that_a_killed_process_was_about_to_take_can_be_used_after_recovery(
    driver: RbdDriver, pool: Pool
) -> None:
    location = store(driver, "a", b"data")
    unfinished = ".a.0123456789abcdef.part"
    with pool.open() as context:
        rbd.RBD().rename(context, "a", unfinished)
        # What a new name begins with, which is nearly all that happens.
        context.write_full("rbd_id.a", context.read(f"rbd_id.{unfinished}"))
    driver.discard_unfinished("a")
    with pytest.raises(DataNotFound):
        driver.delete(location)
    driver.delete(store(driver, "a", b"data"))


# ---------------------------------------------------------------------- memory


def test_neither_writing_nor_reading_holds_more_than_what_is_on_its_way(
    driver: RbdDriver,
) -> None:
    piece = memoryview(os.urandom(MIB))
    with peak_of_memory(52 * MIB), driver.create("a", None) as handle:
        for _ in range(96):
            handle.write(piece)
        location = handle.commit()
    stream = driver.open(location)
    with peak_of_memory(24 * MIB):
        assert sum(map(len, stream)) == 96 * MIB
    stream.close()
    driver.delete(location)


@contextmanager
def peak_of_memory(size: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= size
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------------- clones and other users


@pytest.mark.parametrize("form", [1, 2])
def test_clones_keep_what_they_were_made_of(driver: RbdDriver, pool: Pool, form: int) -> None:
    pool.ask(prefix="osd set-require-min-compat-client", version="mimic")
    location = store(driver, "a", b"data")
    pool.clone("a", "disk", form)
    if form == 1:
        with pytest.raises(InUse, match="a: it has clones"):
            driver.delete(location)
        assert (load(driver, location), is_protected(pool, "a")) == (b"data", True)
    else:
        driver.delete(location)
    with opened(pool, "disk") as disk:
        assert disk.read(0, 4) == b"data"
        disk.flatten()
    with pool.open() as context:
        rbd.RBD().remove(context, "disk")
        rbd.RBD().trash_purge(context)
    if form == 1:
        driver.delete(location)


def test_a_device_with_snapshots_of_others_goes_to_the_trash(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", b"data")
    with opened(pool, "a") as image:
        image.create_snap("nightly")
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.delete(location)
    with pool.open() as context:
        (left,) = list(rbd.RBD().trash_list(context))
        rbd.RBD().trash_restore(context, left["id"], "saved")
        with rbd.Image(context, "saved", snapshot="nightly") as image:
            assert (left["name"], image.read(0, 4)) == ("a", b"data")
        with rbd.Image(context, "saved") as image:
            image.remove_snap("nightly")
        rbd.RBD().remove(context, "saved")


def test_what_somebody_has_open_is_not_deleted(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", b"data")
    with opened(pool, "a"), pytest.raises(InUse, match="open"):
        driver.delete(location)
    assert (load(driver, location), is_protected(pool, "a")) == (b"data", True)
    driver.delete(location)


def test_what_is_being_downloaded_is_not_deleted_by_anybody(driver: RbdDriver, pool: Pool) -> None:
    data = os.urandom(40 * MIB)
    location = store(driver, "a", data)
    stream = driver.open(location)
    first = stream.read(100)
    with pytest.raises(InUse):
        driver.delete(location)
    with pool.open() as context:
        with rbd.Image(context, "a") as image:
            image.unprotect_snap("snap")
            image.remove_snap("snap")
        with pytest.raises(rbd.ImageBusy):
            rbd.RBD().remove(context, "a")
    # Breaking off would be right, too: the snapshot is gone.
    with suppress(StoreUnavailable):
        assert first + stream.read() == data
    stream.close()
    driver.delete(location)


def test_what_somebody_else_removed_is_not_there(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", b"data")
    with opened(pool, "a") as image:
        image.unprotect_snap("snap")
        image.remove_snap("snap")
    with pool.open() as context:
        rbd.RBD().remove(context, "a")
    for verb in (driver.open, driver.size, driver.delete):
        with pytest.raises(DataNotFound):
            verb(location)


# ---------------------------------------------------------------------- processes


def test_what_a_killed_process_left_is_found_and_discarded(driver: RbdDriver, pool: Pool) -> None:
    process = multiprocessing.get_context("spawn").Process(target=die, args=(pool.options,))
    process.start()
    process.join()
    (left,) = list(driver.keys())
    assert left.startswith(".a.")
    # Ceph would believe for half a minute that the process lives, and wait for it.
    with opened(pool, left) as image:
        shut_out(pool, {each["addr"] for each in image.watchers_list()})
    driver.discard_unfinished("a")


def die(options: dict[str, Any]) -> None:
    driver = RbdDriver.from_settings("shelf", options, named=True)
    with driver.create("a", None) as handle:
        handle.write(memoryview(b"x" * (6 * MIB)))
        os.kill(os.getpid(), signal.SIGKILL)


def shut_out(pool: Pool, addresses: set[str]) -> None:
    """Let the cluster know that clients are dead, whether or not they are."""
    for address in addresses:
        if address not in pool.cluster.get_addrs():
            pool.ask(prefix="osd blocklist", blocklistop="add", addr=address)
    pool.cluster.wait_for_latest_osdmap()


def test_a_client_that_was_shut_out_comes_back(driver: RbdDriver, pool: Pool) -> None:
    location = store(driver, "a", b"data")
    stream = driver.open(location)
    with opened(pool, "a", "snap") as image:
        shut_out(pool, {each["addr"] for each in image.watchers_list()})
    with pytest.raises(StoreUnavailable, match="ESHUTDOWN"):
        while True:
            driver.size(location)
    assert load(driver, location) == b"data"
    stream.close()
    driver.delete(location)


def test_a_forked_process_has_a_connection_of_its_own(driver: RbdDriver) -> None:
    location = store(driver, "a", b"data")
    process = multiprocessing.get_context("fork").Process(target=store, args=(driver, "b", b"more"))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    for each in (*driver.locate("a"), *driver.locate("b")):
        driver.delete(each)
    with pytest.raises(DataNotFound):
        load(driver, location)
