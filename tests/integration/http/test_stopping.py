"""What becomes of running transfers when the service is told to stop."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.http.wire import (
    Wire,
    an_image,
    chunked,
    data_of,
    head,
    known,
    parts,
    status_of,
    upload_of,
)
from tests.service import Service, processes_of, wait_until

MIB = 1 << 20
DATA = random.Random(4).randbytes(40 * MIB)
"""More than the buffers between two processes hold, so that a transfer waits for its reader."""


def to_the_parent(number: signal.Signals) -> Callable[[Service], None]:
    """Return what sends a signal as a service manager does."""
    return lambda service: os.kill(service.processes[0], number)


def to_all(service: Service) -> None:
    """Send what Ctrl-C in a terminal sends to every process of the foreground."""
    os.killpg(service.processes[0], signal.SIGINT)


WAYS = {
    "SIGTERM": to_the_parent(signal.SIGTERM),
    "Ctrl-C": to_the_parent(signal.SIGINT),
    "Ctrl-C in a terminal": to_all,
}
every_way = pytest.mark.parametrize("tell", WAYS.values(), ids=WAYS)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service that a test may stop."""
    with Service(tmp_path) as running:
        yield running


def stop(service: Service, tell: Callable[[Service], None]) -> int:
    """Tell the service to stop; return its process group once all of its processes have heard.

    One that has heard hangs up on the connections that wait for nothing.
    """
    group = service.processes[0]
    with ExitStack() as stack, ThreadPoolExecutor(16) as pool:
        idle = [stack.enter_context(Wire(service)) for _ in range(16)]
        for wire in idle:
            wire.send(head("GET", "/healthcheck"))
            assert wire.answer().status == 200
        tell(service)
        assert all(pool.map(Wire.has_ended, idle))
    return group


def exit_status(service: Service, group: int) -> int:
    """Wait for the end of a service that was told to stop, and return its exit status."""
    wait_until(lambda: not processes_of(group), "all processes have ended")
    return service.stop()


@every_way
@pytest.mark.parametrize("form", ["known", "chunked"])
def test_a_running_upload_ends_well(
    service: Service, tell: Callable[[Service], None], form: str
) -> None:
    image_id = an_image(service)
    request = known(image_id, DATA) if form == "known" else chunked(image_id, *parts(DATA, [MIB]))
    with Wire(service) as wire:
        wire.send(request[:MIB])
        wait_until(lambda: status_of(service, image_id) == "saving", "the upload has begun")
        group = stop(service, tell)
        wire.send(request[MIB:])
        assert wire.answer().status == 204
    assert exit_status(service, group) == 0
    with service.start():
        assert data_of(service, image_id) == DATA


@every_way
def test_a_running_download_ends_well(service: Service, tell: Callable[[Service], None]) -> None:
    image_id = an_image(service, DATA)
    with Wire(service) as wire:
        wire.send(head("GET", f"/v2/images/{image_id}/file"))
        begun = wire.read(1)
        group = stop(service, tell)
        assert (begun + wire.read_all())[-len(DATA) :] == DATA
    assert exit_status(service, group) == 0


def test_an_upload_that_takes_too_long_is_cut_off_and_undone(tmp_path: Path) -> None:
    with Service(tmp_path, {"DEFAULT": {"graceful_timeout": 1}}) as service:
        image_id = an_image(service)
        with Wire(service) as wire:
            wire.send(upload_of(image_id, Content_Length=len(DATA)), DATA[:MIB])
            wait_until(lambda: status_of(service, image_id) == "saving", "the upload has begun")
            assert service.stop() == 0
        service.start()
        assert (status_of(service, image_id), service.stored) == ("queued", set())
