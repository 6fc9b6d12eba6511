"""A driver behind a guard."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

from tintype.adapters.stores.guard.circuit import Circuit
from tintype.adapters.stores.guard.crowd import Crowd
from tintype.adapters.stores.guard.settings import GuardSettings
from tintype.adapters.stores.guard.transfers import GuardedFile, GuardedHandle, GuardedStream
from tintype.adapters.stores.guard.watch import Watch, look
from tintype.adapters.stores.out_of_service import out_of_service
from tintype.adapters.stores.plugin import Claiming
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    FetchFailed,
    StorageFull,
    StoresFailed,
    StoreSuspended,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import (
    ActsForCallers,
    Capability,
    KeepsAccessLists,
    OfFile,
    Probed,
    ReadStream,
    StorageDriver,
    TakesFiles,
)
from tintype.domain.store import Condition, Health


class GuardedDriver:
    """Lets callers through to a driver, as long as the store behind it is worth waiting for.

    With `remake`, which builds a driver, one that keeps state is made anew for each operation.
    Where URLs name any host (`one_backend` is false), nothing is learnt from one that is silent.
    While there is a `problem` with the configuration no data is let through, and all else is.
    """

    def __init__(
        self,
        driver: StorageDriver,
        settings: GuardSettings,
        *,
        remake: Callable[[], StorageDriver] | None = None,
        one_backend: bool = True,
        problem: str | None = None,
    ) -> None:
        self.problem = problem
        self._driver = driver
        self._settings = settings
        self._remake = remake
        self._caller: Caller | None = None
        self._circuit = Circuit(
            driver.store,
            settings.max_failures if one_backend else 0,
            settings.retry_interval_s,
        )
        self._crowd = Crowd(driver.store, settings)
        self._watch = Watch(
            driver.store,
            self._probe if isinstance(driver, Probed) else None,
            settings.update_interval_s,
            self._seen,
        )

    @property
    def store(self) -> str:
        """The id of the store."""
        return self._driver.store

    @property
    def type(self) -> str:
        """The kind of store."""
        return self._driver.type

    @property
    def schemes(self) -> frozenset[str]:
        """URL schemes of its locations."""
        return self._driver.schemes

    @property
    def properties(self) -> Mapping[str, Any]:
        """What administrators are shown of it."""
        return self._driver.properties

    @property
    def reusable(self) -> bool:
        """Whether one driver serves many operations."""
        return self._remake is None

    @property
    def capabilities(self) -> Capability:
        """What it can do as the store is doing now; asking counts as an operation."""
        self._watch.tick()
        able = self._driver.capabilities & ~self._watch.lost
        return able if self.problem is None else able & ~Capability.WRITE

    @property
    def health(self) -> Health:
        """How the store is doing."""
        reason = self._circuit.reason
        if reason is not None:
            return Health(Condition.UNREACHABLE, reason)
        return self._watch.health

    def acting_for(self, caller: Caller) -> "GuardedDriver":
        """Return the same guard before the driver for a caller, if that is another one."""
        if not isinstance(self._driver, ActsForCallers):
            return self
        view = copy(self)
        view._driver = self._driver.acting_for(caller)
        view._caller = caller
        return view

    # ------------------------------------------------------------------ looking

    def start(self) -> None:
        """Start the driver, and look at the store if that is wanted.

        Raises:
            BadConfiguration: it cannot work as configured.
        """
        self._driver.start()
        self._watch.look_at_the_start()

    def examined(self) -> Health:
        """Ask the driver how the store is doing, if it can tell, and wait for the answer."""
        return look(self._probe) if isinstance(self._driver, Probed) else self.health

    def _probe(self) -> None:
        driver = self._ready()
        assert isinstance(driver, Probed)
        driver.probe()

    def _seen(self, health: Health) -> None:
        if health.condition is not Condition.UNREACHABLE:
            self._circuit.succeed()
        else:
            self._circuit.fail(health.reason or "")

    # ------------------------------------------------------------------ letting through

    def _ready(self) -> StorageDriver:
        if self._remake is None:
            return self._driver
        try:
            made = self._remake()
            made.start()
            if self._caller is not None and isinstance(made, ActsForCallers):
                made = made.acting_for(self._caller)
        except BadConfiguration as error:
            raise StoreUnavailable(f"Store {self.store} cannot be used: {error}") from error
        return made

    @contextmanager
    def _learning(self) -> Iterator[None]:
        try:
            yield
        except (StoresFailed, FetchFailed, StoreSuspended):
            raise  # it is not this store that they speak of, or not what it answered
        except StoreUnavailable as error:
            if isinstance(error, StoreWriteDenied):
                self._circuit.succeed()
            else:
                self._failed(error)
            raise
        except TintypeError:
            self._circuit.succeed()
            raise
        self._circuit.succeed()

    def _failed(self, error: StoreUnavailable) -> None:
        reason = error.reason if isinstance(error, StoreSuspended) else str(error)
        if self._circuit.fail(reason):
            # Perhaps it was one object only: the driver can tell at once, without a caller.
            self._watch.look_soon()

    @contextmanager
    def _operation(self) -> Iterator[StorageDriver]:
        self._watch.tick()
        self._circuit.admit()
        try:
            with self._crowd.operation(), self._learning():
                yield self._ready()
        except StoreSuspended as error:
            self._failed(error)
            raise

    @contextmanager
    def _piece(self) -> Iterator[None]:
        with self._crowd.piece(), self._learning():
            yield

    # ------------------------------------------------------------------ the driver's own

    def create(self, key: str, size: int | None) -> GuardedHandle:
        """Begin a new object of that key; see `StorageDriver`.

        Raises:
            StoreUnavailable: there is a problem with the configuration.
            StorageFull, StoreSuspended: the store was found to be full, or to take no data.
        """
        self._require_writing()
        with self._operation() as driver:
            return GuardedHandle(driver.create(key, size), self._piece)

    def create_from(self, key: str, file: OfFile) -> GuardedHandle | None:
        """Begin a new object that is a file of this host, if the driver can do that.

        Raises:
            StoreUnavailable, StorageFull, StoreSuspended: as `create`.
        """
        if not isinstance(self._driver, TakesFiles):
            return None
        self._require_writing()
        with self._operation() as driver:
            assert isinstance(driver, TakesFiles)
            handle = driver.create_from(key, file)
        return None if handle is None else GuardedHandle(handle, self._piece)

    def _require_writing(self) -> None:
        if self.problem is not None:
            raise out_of_service(self.store, self.problem)
        self._watch.tick()
        health = self._watch.health
        if health.condition is Condition.FULL:
            raise StorageFull(self.store)
        if Capability.WRITE in self._watch.lost:
            interval = max(1, round(self._settings.update_interval_s))
            raise StoreSuspended(self.store, health.reason or "", interval)

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> ReadStream:
        """Begin reading; see `StorageDriver`."""
        with self._operation() as driver:
            stream = driver.open(location, offset, length)
        guarded = GuardedFile if isinstance(stream, OfFile) else GuardedStream
        return guarded(stream, self._piece)

    def size(self, location: Location) -> int:
        """Return the size of the object; see `StorageDriver`."""
        with self._operation() as driver:
            return driver.size(location)

    def delete(self, location: Location) -> None:
        """Remove the object; see `StorageDriver`."""
        with self._operation() as driver:
            driver.delete(location)

    def claimed(self, url: str) -> str | None:
        """Say where what is at a URL is today, if the driver is one that can; see `Claiming`."""
        if not isinstance(self._driver, Claiming):
            return None
        if getattr(self._driver, "CLAIMS_BY_URL", False):
            # Nobody is asked, which says nothing of how the store is doing.
            return self._driver.claimed(url)
        with self._operation() as driver:
            assert isinstance(driver, Claiming)
            return driver.claimed(url)

    def set_access(
        self, location: Location, *, public: bool, readers: Sequence[str], writers: Sequence[str]
    ) -> None:
        """Say which projects may read and write an object, if the store keeps lists of that."""
        if isinstance(self._driver, KeepsAccessLists):
            with self._operation() as driver:
                assert isinstance(driver, KeepsAccessLists)
                driver.set_access(location, public=public, readers=readers, writers=writers)

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key may be; see `StorageDriver`."""
        return self._driver.locate(key)

    def discard_unfinished(self, key: str) -> None:
        """Remove what a process left behind; see `StorageDriver`."""
        with self._operation() as driver:
            driver.discard_unfinished(key)

    def keys(self) -> Iterator[str]:
        """Give the key of every object; see `StorageDriver`."""
        with self._operation() as driver:
            keys = iter(driver.keys())
        while True:
            with self._piece():
                key = next(keys, None)
            if key is None:
                return
            yield key
