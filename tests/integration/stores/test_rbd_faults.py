"""What an rbd store does when its cluster is full, locked, silent or gone (stores §6.5)."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ceph_cluster import Pool, ceph_conf, ceph_pool
from tests.service import free_port, wait_until
from tintype.adapters.stores.rbd import RbdDriver
from tintype.adapters.stores.rbd.cluster import room_of
from tintype.domain.errors import (
    BadConfiguration,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
)
from tintype.domain.location import Location

MIB = 1 << 20
FRAGILE = "rbd-fragile"
"""A cluster of its own for what would hurt others."""


@pytest.fixture(scope="module")
def fragile_pool() -> Iterator[Pool]:
    with ceph_pool(ceph_conf(FRAGILE)) as pool:
        yield pool


@pytest.fixture
def pool(fragile_pool: Pool) -> Iterator[Pool]:
    yield fragile_pool
    left = list(a_driver(fragile_pool).keys())
    fragile_pool.empty()
    assert left == [], "something was left behind"


def a_driver(pool: Pool, **other: object) -> RbdDriver:
    options = {**pool.options, "rados_connect_timeout": 2, **other}
    driver = RbdDriver.from_settings("shelf", options, named=True)
    driver.start()
    return driver


def store(driver: RbdDriver, key: str, data: bytes, size: int | None = None) -> Location:
    with driver.create(key, size) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def load(driver: RbdDriver, location: Location) -> bytes:
    stream = driver.open(location)
    try:
        return b"".join(stream)
    finally:
        stream.close()


# ---------------------------------------------------------------------- configuration


def test_what_is_missing_is_noticed_at_the_start(pool: Pool) -> None:
    for option, value in (
        ("rbd_store_pool", "no-such-pool"),
        ("rbd_store_ceph_conf", "/no/such/file"),
        ("rbd_store_user", "nobody"),
    ):
        with pytest.raises(BadConfiguration) as caught:
            a_driver(pool, **{option: value})
        assert caught.value.option in (option, "rbd_store_pool")


def test_a_wrong_key_is_noticed_at_the_start_and_told_to_nobody(pool: Pool) -> None:
    key = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=="
    with pytest.raises(BadConfiguration, match="rbd_store_user") as caught:
        a_driver(pool, rbd_store_ceph_conf=pool.conf_with(key=key))
    assert key not in str(caught.value)


@pytest.mark.parametrize("size_mib", [0, 33])
def test_objects_of_a_size_that_rbd_does_not_have_are_refused(size_mib: int) -> None:
    with pytest.raises(BadConfiguration, match="from 1 to 32"):
        RbdDriver.from_settings("shelf", {"rbd_store_chunk_size": size_mib})


def test_without_its_pool_no_image_is_taken_for_deleted(pool: Pool) -> None:
    options = {**pool.options, "rbd_store_pool": "no-such-pool"}
    driver = RbdDriver.from_settings("shelf", options, named=True)
    (location,) = driver.locate("a")
    for verb in (driver.open, driver.size, driver.delete):
        with pytest.raises(StoreUnavailable, match="ENOENT"):
            verb(location)


def test_a_user_who_may_only_read_is_denied_writing(pool: Pool) -> None:
    driver = a_driver(pool)
    location = store(driver, "a", b"data")
    with may(pool, "profile rbd-read-only"):
        reader = a_driver(pool)
        with pytest.raises(StoreUnavailable, match="EPERM"):
            reader.size(location)
        with pytest.raises(StoreWriteDenied, match="EPERM"):
            store(reader, "b", b"data")
        with pytest.raises(StoreWriteDenied, match="EPERM"):
            reader.delete(location)
        with pytest.raises(StoreWriteDenied, match="EPERM"):
            reader.probe()
    driver.delete(location)


@contextmanager
def may(pool: Pool, profile: str) -> Iterator[None]:
    """Let the user of the pool do less for a while."""

    def allow(profile: str) -> None:
        caps = ["mon", "profile rbd", "osd", f"{profile} pool={pool.name}"]
        pool.ask(prefix="auth caps", entity=f"client.{pool.user}", caps=caps)

    allow(profile)
    try:
        yield
    finally:
        allow("profile rbd")


# ---------------------------------------------------------------------- room


def test_a_full_cluster_is_a_full_store_and_leaves_nothing(pool: Pool) -> None:
    driver = a_driver(pool)
    location = store(driver, "a", b"x" * MIB)
    with full(pool):
        for size in (None, 40 * MIB):
            with pytest.raises(StorageFull, match="shelf"):
                store(driver, "b", b"x" * (40 * MIB), size)
        with pytest.raises(StorageFull, match="shelf"):
            driver.probe()
        assert load(driver, location) == b"x" * MIB
        driver.delete(location)
    driver.probe()


def test_a_cluster_that_gets_full_is_noticed_in_the_middle(pool: Pool) -> None:
    driver = a_driver(pool)
    with pytest.raises(StorageFull, match="shelf"), driver.create("a", None) as handle:
        handle.write(memoryview(b"x" * (4 * MIB)))
        with full(pool):
            handle.write(memoryview(b"x" * (40 * MIB)))
            handle.commit()


@contextmanager
def full(pool: Pool) -> Iterator[None]:
    """Let the cluster think for a while that a few bytes are more than it has room for."""
    _set_ratios(pool, "0.00001", "0.00001", "0.00001")
    try:
        wait_until(lambda: _is_full(pool), "the cluster is full")
        yield
    finally:
        _set_ratios(pool, "0.95", "0.90", "0.85")
        wait_until(lambda: not _is_full(pool), "the cluster has room again")


def _set_ratios(pool: Pool, *ratios: str) -> None:
    for name, ratio in zip(("full", "backfillfull", "nearfull"), ratios, strict=True):
        pool.ask(prefix=f"osd set-{name}-ratio", ratio=float(ratio))


def _is_full(pool: Pool) -> bool:
    pools = json.loads(pool.ask(prefix="osd dump", format="json"))["pools"]
    return any("full" in each["flags_names"].split(",") for each in pools)


@pytest.mark.parametrize(
    ("total", "stored", "quota", "room"),
    [(0, 0, 0, None), (9000, 5, 0, 700), (9000, 5, 100, 95), (9000, 500, 100, 0)],
)
def test_the_room_of_a_pool_is_what_the_cluster_and_its_quota_leave(
    total: int, stored: int, quota: int, room: int | None
) -> None:
    figures: dict[str, Any] = {"stored": stored, "quota_bytes": quota, "max_avail": 700}
    told = {"stats": {"total_bytes": total}, "pools": [{"name": "images", "stats": figures}]}
    assert room_of(told, "images") == room
    assert room_of(told, "others") is None


# ---------------------------------------------------------------------- silence


def test_a_cluster_that_is_not_there_is_unavailable_and_does_not_stop_the_start(
    pool: Pool,
) -> None:
    gone = pool.conf_with(mon_host=f"v2:127.0.0.1:{free_port()}/0")
    driver = a_driver(pool, rbd_store_ceph_conf=gone, rados_connect_timeout=1)
    location = Location(f"rbd://{pool.cluster.get_fsid()}/{pool.name}/a/snap")
    assert list(driver.url_prefixes) == [location.url.removesuffix("/a/snap")]
    for verb in (driver.open, driver.size, driver.delete):
        with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
            verb(location)
    with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
        driver.probe()


def test_a_cluster_that_falls_silent_is_not_waited_for_in_eternity(pool: Pool) -> None:
    driver = a_driver(pool)
    location = store(driver, "a", os.urandom(24 * MIB))
    stream = driver.open(location)
    stream.read(1)
    with driver.create("b", None) as handle:
        handle.write(memoryview(b"x" * (4 * MIB)))
        with silent(pool):
            with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
                handle.write(memoryview(b"x" * (64 * MIB)))
            with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
                stream.read()
            with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
                driver.size(location)
            with pytest.raises(StoreUnavailable, match="ETIMEDOUT"):
                driver.probe()
        with pytest.raises(StoreUnavailable, match="not get all"):
            handle.commit()
    stream.close()
    driver.discard_unfinished("b")
    driver.delete(location)


@contextmanager
def silent(pool: Pool) -> Iterator[None]:
    """Stop the process that has the data for a while."""
    pid = int(Path(ceph_conf(FRAGILE)).with_name("run").joinpath("osd.0.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
