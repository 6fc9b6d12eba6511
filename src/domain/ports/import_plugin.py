"""What a site does with data between its arrival and its stores."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tintype.domain.ports.workbench import Workbench


@dataclass
class Draft:
    """An image about to get its data, as far as plugins may change it.

    `roles` are those of the caller; `limit` is in bytes. `properties` are given to the image
    together with the data; names that are the service's own are left out. `bench` holds the
    data for the plugins that need it, and is None while none does. `check` must be called
    every second or so of work: it raises what must not be caught.
    """

    image_id: str
    disk_format: str
    container_format: str
    roles: frozenset[str]
    limit: int
    check: Callable[[], None]
    bench: Workbench | None = None
    properties: dict[str, str] = field(default_factory=dict)
    changed: bool = False
    """Whether the data is another than was sent."""


class ImportPlugin(Protocol):
    """One step, for all imports but copies; safe between threads."""

    @property
    def needs_data(self) -> bool:
        """Whether it looks at the data, which then is brought to the workbench."""

    @property
    def starts_over(self) -> bool:
        """Whether an import that fails while it is in use keeps nothing for another try."""

    def __call__(self, draft: Draft) -> None:
        """Do it.

        Raises:
            TintypeError: the import must not go on; its sentence is shown to the caller.
        """
