"""Writing one stream of data into several stores at the same time."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from tintype.domain.errors import DataNotFound, StoresFailed, StoreUnavailable, TintypeError
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import OfFile, StorageDriver, TakesFiles, WriteHandle


@dataclass
class Branch:
    """One of the stores that the data flows into; `error` says why it gets none any more."""

    driver: StorageDriver
    error: TintypeError | None = None
    handle: WriteHandle | None = None


@dataclass
class Branches:
    """The stores of one import, in the order in which they were asked for.

    Nothing is kept anywhere before `commit`. Unless all must succeed, a store that fails is left
    out, as long as one is left.
    """

    branches: Sequence[Branch]
    must_succeed: bool
    _stack: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def open(self, key: str, size: int | None, file: OfFile | None = None) -> Iterator[None]:
        """Begin an object of that key in every store; leaving takes back what is not committed.

        If the data is in a `file` that is for nothing else, one store may take it as it is: only
        one, so that no two depend on the same bytes.

        Raises:
            StoresFailed: a store fails that must not.
        """
        with self._stack:
            for branch in self.branches:
                with self._tolerating(branch):
                    taking = _taking(branch.driver, key, file)
                    branch.handle = self._stack.enter_context(
                        branch.driver.create(key, size) if taking is None else taking
                    )
                    file = file if taking is None else None
            yield

    def write(self, branch: Branch, piece: memoryview) -> None:
        """Append the bytes in one store.

        Raises:
            StoresFailed: it fails, and must not.
        """
        if branch.handle is not None:
            with self._tolerating(branch):
                branch.handle.write(piece)

    def commit(self) -> Sequence[Location]:
        """Make the objects durable and visible; return where they are.

        Raises:
            StoresFailed: a store fails that must not.
        """
        return [location for branch in self.branches for location in self._commit(branch)]

    def _commit(self, branch: Branch) -> Sequence[Location]:
        if branch.handle is not None:
            with self._tolerating(branch):
                return [branch.handle.commit()]
        return []

    @property
    def failed(self) -> Sequence[str]:
        """The stores that failed."""
        return [branch.driver.store for branch in self.branches if branch.error is not None]

    @contextmanager
    def _tolerating(self, branch: Branch) -> Iterator[None]:
        try:
            yield
        except TintypeError as error:
            branch.error, branch.handle = error, None
            if self.must_succeed or len(self.failed) == len(self.branches):
                told = {each.driver.store: str(each.error) for each in self.branches if each.error}
                raise StoresFailed(told) from error


def _taking(
    driver: StorageDriver, key: str, file: OfFile | None
) -> AbstractContextManager[WriteHandle] | None:
    if file is None or not isinstance(driver, TakesFiles):
        return None
    return driver.create_from(key, file)


def remove_unkept(drivers: Sequence[StorageDriver], image: Image) -> None:
    """Remove what lies in stores under an image's id, finished or not, that is not the image's.

    Raises:
        StoreUnavailable: a store keeps it; the others have been asked all the same.
    """
    kept = {location.object for location in image.locations}
    refusal: StoreUnavailable | None = None
    for driver in drivers:
        try:
            driver.discard_unfinished(image.id)
            for location in driver.locate(image.id):
                if location.object not in kept:
                    with suppress(DataNotFound):
                        driver.delete(location)
        except StoreUnavailable as error:
            refusal = error
    if refusal is not None:
        raise refusal
