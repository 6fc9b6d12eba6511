"""Making an image of data that is somewhere already, and finding out its digests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import tenacity

from tintype.application.data_path import PIECE, Digests, Meter, pump
from tintype.application.tasks.engine import Outcome
from tintype.application.tasks.run import Run
from tintype.domain.errors import (
    CatalogueUnavailable,
    DataNotFound,
    Invalid,
    StaleWrite,
    StoreUnavailable,
    TintypeError,
)
from tintype.domain.image import Hashes, Image
from tintype.domain.location import Location
from tintype.domain.location_import import ExpectedHash
from tintype.domain.ports.storage_driver import ReadStream
from tintype.domain.ports.stores import Stores
from tintype.domain.status import WITH_DATA, Status
from tintype.domain.task import Task

GRACE = timedelta(milliseconds=200)
"""How long an image stays queued after its request: clients look at it then (images-api §9.2)."""

READ_TIME = timedelta(milliseconds=500)
"""About how long one read may take."""

FIRST_READ = 1 << 12
"""Bytes of the first read, when nobody knows yet how fast they come."""

KEPT = frozenset({"http", "https"})
"""Schemes of locations that stay on record, unserved, when their data is refused."""


@dataclass(frozen=True)
class ImportLocation:
    """The job of tasks of type `location_import` (import-and-tasks §18).

    With `secure` the data is read to its end, for MD5 and one more digest. If the caller said
    what that must be, the image waits for it; if not, it becomes active at once and gets its
    digests later. Reading is tried `retries` times more if it fails. Meanwhile the image names
    the worker at `own_url`, if it has one, so that others ask it to delete the image.
    """

    stores: Stores
    secure: bool
    retries: int
    hashing_algorithm: str
    own_url: str | None = None
    grace: timedelta = GRACE

    def run(self, run: Run) -> Outcome:
        """Take the location, or go on where another process ended."""
        begun = run.clock.now()  # about when the request was answered
        image = run.image()
        url = run.task.secrets["url"]
        expected = _expected(run.task)
        result = {"image_id": image.id}
        if image.status in WITH_DATA:
            run.change(self._name_worker)
            return self._complete(run, image.locations[0], image.size, result)
        location, size = self.stores.adopt(url, {}), self.stores.size_of(url)
        run.pause((begun + self.grace - run.clock.now()).total_seconds())
        if self.secure and expected is not None:
            hashes = self._checked(run, location, size, expected)
        elif self.secure:
            run.change(lambda image: self._appear(image, location, size))
            return self._complete(run, location, size, result)
        elif expected is not None:
            hashes = Hashes(None, expected.algorithm, expected.value)
        else:
            hashes = Hashes()
        return Outcome(result, lambda image: image.take_location(location, size, hashes))

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        """Remove nothing: the data is not ours."""

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        """Let the image wait for data again; data that it has by now it keeps."""
        image.refuse_location(keep=Location(task.secrets["url"]).scheme in KEPT)

    def _appear(self, image: Image, location: Location, size: int) -> None:
        image.take_location(location, size, Hashes(os_hash_algo=self.hashing_algorithm))
        self._name_worker(image)

    def _await_check(self, image: Image, location: Location, size: int) -> None:
        if image.status is Status.QUEUED:
            image.await_check(location, size)
        self._name_worker(image)

    def _name_worker(self, image: Image) -> None:
        image.hash_at(self.own_url)

    def _checked(self, run: Run, location: Location, size: int, expected: ExpectedHash) -> Hashes:
        run.change(lambda image: self._await_check(image, location, size))
        hashes = self._hashes(run, location, size, expected.algorithm)
        if not expected.fits(hashes.os_hash_value):
            raise Invalid(
                f"The data has another {expected.algorithm} than os_hash_value says: "
                f"{hashes.os_hash_value}."
            )
        return hashes

    def _complete(self, run: Run, location: Location, size: int | None, result: object) -> Outcome:
        try:
            hashes = self._hashes(run, location, size, self.hashing_algorithm)
        except (CatalogueUnavailable, StaleWrite):
            raise
        except TintypeError as error:
            # The image has its data all the same.
            message = f"The data cannot be read to compute its hash: {error}"
            return Outcome(result, lambda image: image.complete_hashes(Hashes()), message)
        return Outcome(result, lambda image: image.complete_hashes(hashes))

    def _hashes(self, run: Run, location: Location, size: int | None, algorithm: str) -> Hashes:
        trying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((StoreUnavailable, DataNotFound)),
            stop=tenacity.stop_after_attempt(1 + self.retries),
            wait=tenacity.wait_exponential(multiplier=0.1, max=5),
            sleep=run.pause,
            reraise=True,
        )
        return trying(self._read, run, location, size, algorithm)

    def _read(self, run: Run, location: Location, size: int | None, algorithm: str) -> Hashes:
        digests = Digests(algorithm)
        with self._opened(location) as stream:
            source = Watched(stream, run, location.store or location.scheme, size)
            pump(source, digests.consumers, Meter(size, 1 << 63))
        return Hashes(digests.checksum, digests.algorithm, digests.value)

    @contextmanager
    def _opened(self, location: Location) -> Iterator[ReadStream]:
        for driver in self.stores.holding(location):
            try:
                stream = driver.open(location)
            except Invalid:
                continue
            try:
                yield stream
            finally:
                stream.close()
            return
        raise StoreUnavailable("No store reads this location.")


class Watched:
    """The bytes of a stream for the data path, counted, and only as long as they are wanted.

    A stream may wait for all that it is asked for. It is asked for no more at once than comes in
    half a second, so that a slow one is left soon after its data is not wanted any more.
    """

    def __init__(self, stream: ReadStream, run: Run, store: str, size: int | None) -> None:
        self._stream = stream
        self._run = run
        self._store = store
        self._size = size
        self._done = 0
        self._at_once = FIRST_READ

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start; 0 at the end."""
        asked_at = self._run.clock.now()
        data = self._stream.read(min(len(buffer), self._at_once))
        self._adapt(len(data), self._run.clock.now() - asked_at)
        buffer[: len(data)] = data
        self._done += len(data)
        self._run.progress(self._store, self._done, self._size)
        return len(data)

    def _adapt(self, count: int, took: timedelta) -> None:
        fitting = int(count * (READ_TIME / took)) if took else PIECE
        self._at_once = max(1, min(fitting, 2 * self._at_once, PIECE))


def _expected(task: Task) -> ExpectedHash | None:
    validation = task.input["validation_data"]
    if not validation:
        return None
    return ExpectedHash(validation["os_hash_algo"], validation["os_hash_value"])
