"""Every adapter of the port Work, each over a catalogue that is empty and its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.databases import catalogues
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.system.clock import SystemClock
from tintype.domain.ports.unit_of_work import Work


@contextmanager
def in_memory() -> Iterator[Work]:
    """Yield an empty catalogue in memory."""
    yield MemoryWork(SystemClock())


CATALOGUES: dict[str, Callable[[], AbstractContextManager[Work]]] = {
    "memory": in_memory,
    **catalogues(),
}
