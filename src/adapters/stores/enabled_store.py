"""A store that configuration enables, whether or not it works."""

import logging
from dataclasses import dataclass, replace

from tintype.adapters.stores.plugin import StoreDriver
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.store import Store

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class EnabledStore:
    """A store, its driver and its section; `problem` says why it takes no data, if so."""

    store: Store
    driver: StoreDriver
    section: str
    problem: str | None = None

    def described(self) -> Store:
        """Return what callers are told of it."""
        writes = Capability.WRITE in self.driver.capabilities
        return replace(
            self.store,
            read_only=not writes and self.problem is None,
            properties=self.driver.properties,
        )

    def start(self) -> None:
        """Start the driver; put the store out of service if that fails.

        Raises:
            BadConfiguration: it fails, and the store is the default one.
        """
        if self.problem is not None:
            return
        try:
            self.driver.start()
        except BadConfiguration as error:
            self.problem = tolerated(self.store, self.section, error)


def tolerated(store: Store, section: str, error: BadConfiguration) -> str:
    """Return what is wrong with a store that the service can do without.

    Raises:
        BadConfiguration: it is the default one.
    """
    if not error.option.startswith("["):
        error = BadConfiguration(f"[{section}] {error.option}", error.problem)
    if store.default:
        raise error
    LOG.error("Store %s is out of service. %s", store.id, error)
    return str(error)
