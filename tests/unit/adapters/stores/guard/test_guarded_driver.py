"""What callers meet of a store that is down, slow, full or locked."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.unit.adapters.stores.guard.fickle import FickleDriver, Silent, guarded, until
from tintype.adapters.stores.guard import GuardedDriver, GuardSettings
from tintype.adapters.stores.memory import MemoryDriver
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    StorageFull,
    StoreSuspended,
    StoreUnavailable,
    StoreWriteDenied,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability, StorageDriver
from tintype.domain.store import Condition, Health

SILENT = StoreUnavailable("Store shelf does not answer.")
FULL = StorageFull("shelf")
LOCKED = StoreWriteDenied("shelf", "it is read-only")


@pytest.fixture
def driver() -> FickleDriver:
    return FickleDriver()


def ask(store: StorageDriver) -> int:
    return store.size(store.locate("a")[0])


def store(store: StorageDriver, key: str = "a", data: bytes = b"data") -> Location:
    with store.create(key, None) as handle:
        handle.write(memoryview(data))
        return handle.commit()


def ask_in_vain(store: StorageDriver, times: int = 3) -> None:
    for _ in range(times):
        with pytest.raises(StoreUnavailable):
            ask(store)


# ---------------------------------------------------------------------- down


def test_a_store_that_does_not_answer_is_not_asked_for_a_while(driver: FickleDriver) -> None:
    guard = guarded(driver, max_failures=3)
    driver.fault = driver.sick = SILENT
    ask_in_vain(guard, 9)
    assert driver.asked == 3
    assert guard.health == Health(Condition.UNREACHABLE, str(SILENT))


@pytest.mark.parametrize("kind", [FickleDriver, Silent])
def test_the_caller_is_told_when_to_come_again(kind: type[FickleDriver]) -> None:
    driver = kind()
    guard = guarded(driver, max_failures=1, retry_interval_s=7)
    driver.fault = driver.sick = SILENT
    ask_in_vain(guard, 1)
    with pytest.raises(StoreSuspended) as caught:
        store(guard)
    assert caught.value.retry_after_s == 7


def test_it_is_asked_again_when_a_look_finds_it_well(driver: FickleDriver) -> None:
    guard = guarded(driver, max_failures=3)
    driver.fault = SILENT  # one object only: the store itself is well
    ask_in_vain(guard)
    until(lambda: guard.health == Health())
    driver.fault = None
    with pytest.raises(DataNotFound):
        ask(guard)


@pytest.mark.parametrize("fault", [LOCKED, FULL, DataNotFound("a", "shelf")])
def test_an_answer_that_is_no_is_an_answer(driver: FickleDriver, fault: Exception) -> None:
    guard = guarded(driver, max_failures=2)
    driver.fault = fault
    for _ in range(5):
        with pytest.raises(type(fault)):
            ask(guard)
    assert (driver.asked, guard.health) == (5, Health())


def test_where_urls_name_any_host_nothing_is_learnt_from_one(driver: FickleDriver) -> None:
    guard = GuardedDriver(driver, GuardSettings(max_failures=1), one_backend=False)
    driver.fault = SILENT
    ask_in_vain(guard, 9)
    assert driver.asked == 9


def test_a_transfer_under_way_goes_on_while_others_are_refused(driver: FickleDriver) -> None:
    guard = guarded(driver, max_failures=1)
    with guard.create("a", None) as handle:
        handle.write(memoryview(b"da"))
        driver.fault = driver.sick = SILENT
        ask_in_vain(guard, 1)
        handle.write(memoryview(b"ta"))
        location = handle.commit()
    driver.fault = None
    assert guard.size(location) == 4


# ---------------------------------------------------------------------- slow


@pytest.fixture
def threads(driver: FickleDriver) -> Iterator[ThreadPoolExecutor]:
    driver.stuck = Event()
    with ThreadPoolExecutor(8) as pool:
        yield pool
        driver.stuck.set()


def test_a_store_that_hangs_keeps_so_many_and_no_more(
    driver: FickleDriver, threads: ThreadPoolExecutor
) -> None:
    guard = guarded(driver, max_operations=2)
    for _ in range(2):
        threads.submit(ask, guard)
    until(lambda: driver.asked == 2)
    with pytest.raises(StoreSuspended, match="too many operations wait"):
        ask(guard)
    assert driver.asked == 2


def test_refusals_by_a_store_that_hangs_come_at_once_after_some(
    driver: FickleDriver, threads: ThreadPoolExecutor
) -> None:
    driver.sick = SILENT
    guard = guarded(driver, max_operations=1, max_failures=2)
    threads.submit(ask, guard)
    driver.entered.wait()
    ask_in_vain(guard, 2)
    with pytest.raises(StoreSuspended) as caught:
        ask(guard)
    assert caught.value.retry_after_s > 1
    assert str(caught.value).count("is not asked for the moment") == 1


def test_who_comes_when_another_leaves_is_let_in(
    driver: FickleDriver, threads: ThreadPoolExecutor
) -> None:
    guard = guarded(driver, max_operations=1, patience_s=30)
    first = threads.submit(ask, guard)
    driver.entered.wait()
    second = threads.submit(ask, guard)
    assert driver.stuck is not None
    driver.stuck.set()
    for each in (first, second):
        assert isinstance(each.exception(), DataNotFound)


def test_a_transfer_that_stands_still_counts(threads: ThreadPoolExecutor) -> None:
    stuck, entered = Event(), Event()

    class Stuck(MemoryDriver):
        def take_room(self, size: int) -> None:
            entered.set()
            stuck.wait(30)

    guard = guarded(Stuck("shelf"), max_operations=1)
    threads.submit(store, guard)
    entered.wait()
    with pytest.raises(StoreSuspended):
        ask(guard)
    stuck.set()


class FileOf:
    """Bytes from a real file, whose disk stands still if there is a `stuck`."""

    def __init__(self, path: Path, stuck: Event | None = None) -> None:
        self.entered = Event()
        self._file = path.open("rb", buffering=0)
        self._stuck = stuck
        self.size = path.stat().st_size

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = -1) -> bytes:
        self.entered.set()
        if self._stuck is not None:
            self._stuck.wait(30)
        return self._file.read(size)

    def __iter__(self) -> Iterator[bytes]:
        yield self.read()

    def close(self) -> None:
        self._file.close()


class OnDisk(FickleDriver):
    """A driver whose reads come as files."""

    def __init__(self, file: FileOf) -> None:
        super().__init__()
        self._file = file

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> Any:
        return self._file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"data")
    return path


READS: list[Callable[[Any], object]] = [
    lambda stream: stream.read(4),
    lambda stream: stream.readinto(memoryview(bytearray(4))),
    lambda stream: next(iter(stream)),
]


@pytest.mark.parametrize("read", READS, ids=["read", "readinto", "iter"])
def test_a_read_of_a_file_that_stands_still_counts(
    file: Path, threads: ThreadPoolExecutor, read: Callable[[Any], object]
) -> None:
    stuck = Event()
    opened = FileOf(file, stuck)
    guard = guarded(OnDisk(opened), max_operations=1)
    stream = guard.open(Location("memory://shelf/a"))
    threads.submit(read, stream)
    opened.entered.wait()
    with pytest.raises(StoreSuspended):
        ask(guard)
    stuck.set()


def test_a_file_is_still_one_that_the_server_can_send(file: Path) -> None:
    opened = FileOf(file)
    stream: Any = guarded(OnDisk(opened)).open(Location("memory://shelf/a"))
    assert os.read(stream.fileno(), stream.size) == b"data"
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.fileno()


def test_a_file_fills_a_buffer_through_the_guard(file: Path) -> None:
    stream: Any = guarded(OnDisk(FileOf(file))).open(Location("memory://shelf/a"))
    buffer = bytearray(6)
    assert (stream.readinto(memoryview(buffer)), bytes(buffer)) == (4, b"data\0\0")
    stream.close()


def test_transfers_that_move_do_not_count(driver: FickleDriver) -> None:
    guard = guarded(driver, max_operations=1, standstill_s=30)
    with guard.create("a", None) as one, guard.create("b", None) as other:
        one.write(memoryview(b"data"))
        other.write(memoryview(b"data"))
        assert guard.size(one.commit()) == 4


# ---------------------------------------------------------------------- full, locked, away

LOOKING = {"update_interval_s": 1e-6}


@pytest.mark.parametrize(
    ("sick", "condition", "lost"),
    [
        (FULL, Condition.FULL, Capability.WRITE),
        (LOCKED, Condition.READ_ONLY, Capability.WRITE | Capability.DELETE),
        (SILENT, Condition.UNREACHABLE, Capability.WRITE | Capability.DELETE),
    ],
)
def test_what_a_store_cannot_do_now_comes_back(
    driver: FickleDriver, sick: Exception, condition: Condition, lost: Capability
) -> None:
    guard = guarded(driver, **LOOKING)
    guard.start()
    able = guard.capabilities

    driver.sick = sick
    until(lambda: Capability.WRITE not in guard.capabilities)
    assert guard.health == Health(condition, str(sick))
    assert lost not in guard.capabilities
    assert Capability.RANGED_READ in guard.capabilities

    driver.sick = None
    until(lambda: guard.capabilities == able)
    assert guard.health == Health()


def test_a_full_store_takes_nothing_and_lets_go(driver: FickleDriver) -> None:
    guard = guarded(driver, **LOOKING)
    location = store(guard)
    driver.sick = FULL
    until(lambda: Capability.WRITE not in guard.capabilities)
    with pytest.raises(StorageFull):
        guard.create("b", None)
    assert Capability.DELETE in guard.capabilities
    guard.delete(location)


def test_a_locked_store_says_when_it_is_looked_at_again(driver: FickleDriver) -> None:
    guard = guarded(driver, update_interval_s=60)
    driver.sick = LOCKED
    guard.start()
    with pytest.raises(StoreSuspended, match="it is read-only") as caught:
        guard.create("b", None)
    assert caught.value.retry_after_s == 60


def test_without_an_interval_nobody_looks(driver: FickleDriver) -> None:
    guard = guarded(driver, update_interval_s=0)
    driver.sick = FULL
    guard.start()
    store(guard)
    assert driver.probed == 0


def test_a_driver_that_cannot_tell_is_taken_to_be_well() -> None:
    guard = guarded(Silent(), **LOOKING)
    guard.start()
    store(guard)
    assert (guard.health, guard.examined()) == (Health(), Health())


def test_who_wants_to_know_waits_for_a_look(driver: FickleDriver) -> None:
    driver.sick = LOCKED
    guard = guarded(driver)
    assert guard.examined() == Health(Condition.READ_ONLY, str(LOCKED))
    assert guard.health == Health()


def test_a_look_that_goes_wrong_harms_nobody(driver: FickleDriver) -> None:
    driver.sick = ZeroDivisionError("nobody foresaw it")
    guard = guarded(driver, **LOOKING)
    guard.start()
    until(lambda: bool(guard.capabilities) and driver.probed > 2)
    assert guard.health == Health()


def test_nobody_waits_for_a_look_and_there_is_one_at_a_time() -> None:
    stuck, entered = Event(), Event()

    class Slow(FickleDriver):
        def probe(self) -> None:
            super().probe()
            entered.set()
            stuck.wait(30)

    driver = Slow()
    guard = guarded(driver, **LOOKING)
    until(lambda: bool(guard.capabilities) and entered.is_set())
    for number in range(20):
        store(guard, f"key-{number}")
    assert driver.probed == 1
    stuck.set()


# ---------------------------------------------------------------------- made anew


def test_a_driver_that_keeps_state_is_made_anew_for_each_operation() -> None:
    made: list[MemoryDriver] = []

    class Counted(MemoryDriver):
        def start(self) -> None:
            made.append(self)

    guard = GuardedDriver(Counted("s"), GuardSettings(), remake=lambda: Counted("s"))
    location = store(guard)
    with pytest.raises(DataNotFound):
        guard.size(location)
    assert len({id(each) for each in made}) == 2
    assert not guard.reusable


def test_one_that_is_made_anew_acts_for_the_caller_and_keeps_lists_for_it() -> None:
    told = []

    class Acting(MemoryDriver):
        caller: Caller | None = None

        def acting_for(self, caller: Caller) -> "Acting":
            self.caller = caller
            return self

        def set_access(self, location: Location, **lists: Any) -> None:
            told.append((self.caller, lists))

    guard = GuardedDriver(Acting("s"), GuardSettings(), remake=lambda: Acting("s"))
    lists: dict[str, Any] = {"public": False, "readers": ["a"], "writers": []}
    caller = Caller(project_id="p")
    guard.acting_for(caller).set_access(Location("memory://s/x"), **lists)
    guard.set_access(Location("memory://s/x"), **lists)
    assert told == [(caller, lists), (None, lists)]


def test_a_store_whose_urls_tell_all_claims_nothing_and_is_not_asked(driver: FickleDriver) -> None:
    guard = guarded(driver, max_failures=1)
    driver.fault = driver.sick = SILENT
    ask_in_vain(guard, 1)
    assert guard.claimed("memory://shelf/a") is None


def test_a_claim_by_the_url_alone_is_answered_for_a_store_that_is_down() -> None:
    class ByUrl(FickleDriver):
        CLAIMS_BY_URL = True

        def claimed(self, url: str) -> str | None:
            return url

    driver = ByUrl()
    guard = guarded(driver, max_failures=1)
    driver.fault = driver.sick = SILENT
    ask_in_vain(guard, 1)
    assert guard.claimed("memory://shelf/a") == "memory://shelf/a"
    assert guard.health == Health(Condition.UNREACHABLE, str(SILENT))


def test_one_that_cannot_be_made_any_more_is_unavailable(driver: FickleDriver) -> None:
    def fail() -> Any:
        raise BadConfiguration("option", "it is wrong by now.")

    guard = GuardedDriver(driver, GuardSettings(), remake=fail)
    with pytest.raises(StoreUnavailable, match="it is wrong by now"):
        ask(guard)


# ---------------------------------------------------------------------- what is handed on


CALLS: list[Callable[[StorageDriver], object]] = [
    lambda store: (store.store, store.type, store.schemes, dict(store.properties)),
    lambda store: store.locate("a"),
    lambda store: store.discard_unfinished("a"),
    lambda store: list(store.keys()),
]


@pytest.mark.parametrize("call", CALLS)
def test_the_rest_is_the_driver_s(driver: FickleDriver, call: Callable[..., object]) -> None:
    store(driver)
    assert call(guarded(driver)) == call(driver)
