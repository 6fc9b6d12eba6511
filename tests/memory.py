"""How much memory this process took for something, whatever it had taken before."""

from pathlib import Path


def resident(key: str = "VmRSS") -> int:
    """Return the KiB of this process that are in memory; of ``VmHWM``, that were at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0])
    raise LookupError(key)


class Peak:
    """The most that this process has grown by since this was made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak until now: proc(5)
        self._before = resident()

    def growth(self) -> int:
        """Return the KiB."""
        return resident("VmHWM") - self._before
