"""A store that configuration enables, whether or not it works."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Thread

from tintype.adapters.stores.guard import LOST, GuardedDriver, GuardSettings
from tintype.adapters.stores.out_of_service import OutOfServiceDriver
from tintype.adapters.stores.plugin import StoreDriver
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.store import Condition, Health, Store

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class EnabledStore:
    """A store, its driver and its section; `problem` says why it takes no data, if so.

    Callers get the `guard` of the driver, which lets data of before be read and removed all the
    same. `remake` builds the driver anew, if it keeps state.
    """

    store: Store
    driver: StoreDriver
    section: str
    problem: str | None = None
    patience: GuardSettings = field(default_factory=GuardSettings)
    remake: Callable[[], StoreDriver] | None = None
    guard: GuardedDriver | StoreDriver = field(init=False)

    def __post_init__(self) -> None:
        """Put the guard in front of a driver, unless it only stands in for one."""
        self.guard = self.driver
        if not isinstance(self.driver, OutOfServiceDriver):
            self.guard = GuardedDriver(
                self.driver,
                self.patience,
                remake=self.remake,
                one_backend=not getattr(self.driver, "NEEDS_URI_FILTER", False),
                problem=self.problem,
            )

    def described(self) -> Store:
        """Return what callers are told of it."""
        return self._as(self.health)

    def _as(self, health: Health) -> Store:
        writes = Capability.WRITE in self.driver.capabilities
        able = self.guard.capabilities & ~LOST.get(health.condition, Capability(0))
        return replace(
            self.store,
            read_only=not writes and self.problem is None,
            properties=self.driver.properties,
            capabilities=tuple(str(each.name).lower() for each in Capability if each in able),
            url_prefixes=tuple(self.driver.url_prefixes),
            health=health,
        )

    @property
    def health(self) -> Health:
        """How it is doing."""
        if self.problem is not None:
            return Health(Condition.OUT_OF_SERVICE, self.problem)
        return self.guard.health if isinstance(self.guard, GuardedDriver) else Health()

    def examined(self, timeout_s: float) -> Store:
        """Return what callers are told of it, after a look that takes no longer than that."""
        seen = [Health(Condition.UNREACHABLE, f"No answer within {timeout_s:g} seconds.")]
        guard = self.guard
        if self.problem is not None or not isinstance(guard, GuardedDriver):
            return self.described()
        # A daemon: a file system that hangs must not keep the process from ending.
        looking = Thread(target=lambda: seen.append(guard.examined()), daemon=True)
        looking.start()
        looking.join(timeout_s)
        return self._as(seen[-1])

    def start(self, *, required: bool = False) -> None:
        """Start the driver; put the store out of service if that fails.

        Raises:
            BadConfiguration: it fails, and the store is the default one or `required`.
        """
        if not isinstance(self.guard, GuardedDriver):
            return
        try:
            self.guard.start()
        except BadConfiguration as error:
            problem = tolerated(self.store, self.section, error, required=required)
            self.problem = self.guard.problem = self.problem or problem


def tolerated(
    store: Store, section: str, error: BadConfiguration, *, required: bool = False
) -> str:
    """Return what is wrong with a store that the service can do without.

    Raises:
        BadConfiguration: it is the default one, or `required`.
    """
    if not error.option.startswith("["):
        error = BadConfiguration(f"[{section}] {error.option}", error.problem)
    if store.default or required:
        raise error
    LOG.error("Store %s is out of service. %s", store.id, error)
    return str(error)
