"""A store whose condition a test chooses."""

from collections.abc import Callable
from threading import Event

from tintype.adapters.stores.guard import GuardedDriver, GuardSettings
from tintype.adapters.stores.memory import MemoryDriver
from tintype.domain.location import Location


class FickleDriver(MemoryDriver):
    """Objects in memory, behind faults that come and go."""

    def __init__(self) -> None:
        super().__init__("shelf", named=True)
        self.fault: Exception | None = None
        self.sick: Exception | None = None
        self.asked = 0
        self.probed = 0
        self.stuck: Event | None = None
        self.entered = Event()

    def probe(self) -> None:
        self.probed += 1
        if self.sick:
            raise self.sick

    def size(self, location: Location) -> int:
        self.asked += 1
        if self.stuck is not None:
            self.entered.set()
            self.stuck.wait(30)
        if self.fault:
            raise self.fault
        return super().size(location)


class Silent(FickleDriver):
    """One that cannot tell how it is doing."""

    probe = None  # type: ignore[assignment]


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def guarded(driver: MemoryDriver, **settings: float) -> GuardedDriver:
    """Put a guard of little patience before a driver."""
    impatient = {"patience_s": 0.05, "standstill_s": 0.0, **settings}
    return GuardedDriver(driver, GuardSettings(**impatient))  # type: ignore[arg-type]


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail if it never holds."""
    waiting = Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came to that")
