"""A file system that does not answer, and what is still possible beside it."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import enumerate as threads_of_the_process

import pytest

from tests.integration.stores.file_stores import a_started_file_store, load, store
from tests.integration.stores.machine import hanging
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location

PATIENT_S = 20
SILENT = "Store shelf cannot do its work: .* does not answer within 1 second"


def the(driver: FilesystemDriver) -> Location:
    return driver.locate("a")[0]


OPERATIONS: dict[str, Callable[[FilesystemDriver], object]] = {
    "create": lambda driver: driver.create("b", 1),
    "open": lambda driver: driver.open(the(driver)),
    "size": lambda driver: driver.size(the(driver)),
    "delete": lambda driver: driver.delete(the(driver)),
    "discard": lambda driver: driver.discard_unfinished("a"),
    "probe": lambda driver: driver.probe(),
}


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    """Threads for callers, as many as are wanted."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_file_system_that_hangs_makes_the_store_unavailable(
    datadir: Path, callers: ThreadPoolExecutor, operation: Callable[[FilesystemDriver], object]
) -> None:
    driver = a_started_file_store(datadir, store_timeout=1)
    store(driver, "a", b"data")
    with hanging(datadir), pytest.raises(StoreUnavailable, match=SILENT):
        callers.submit(operation, driver).result(PATIENT_S)


def test_a_file_system_that_answers_again_is_used_again(
    datadir: Path, callers: ThreadPoolExecutor
) -> None:
    driver = a_started_file_store(datadir, store_timeout=1, store_thread_pool_size=1)
    location = store(driver, "a", b"data")
    with hanging(datadir), pytest.raises(StoreUnavailable):
        callers.submit(driver.size, location).result(PATIENT_S)
    assert load(driver, location) == b"data"


def test_however_many_ask_only_so_many_threads_hang_and_the_log_says_so(
    datadir: Path, callers: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    driver = a_started_file_store(
        datadir, store_timeout=1, store_thread_pool_size=2, store_threadpool_threshold=100
    )
    location = store(driver, "a", b"data")
    with hanging(datadir), caplog.at_level(logging.WARNING):
        asked = [callers.submit(driver.size, location) for _ in range(6)]
        assert all(isinstance(each.exception(PATIENT_S), StoreUnavailable) for each in asked)
        waiting = [each for each in threads_of_the_process() if "shelf" in each.name]
        assert len(waiting) == 2
    assert [record.message for record in caplog.records] == [
        "2 of the 2 threads of store shelf hang in calls of its file system."
    ]
