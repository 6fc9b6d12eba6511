"""What the catalogue in memory holds at one moment."""

from copy import deepcopy
from dataclasses import dataclass, field, replace

from tintype.domain.image import Image
from tintype.domain.lease import Lease
from tintype.domain.location import Location
from tintype.domain.member import Member
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Part, ResourceType
from tintype.domain.task import Task


@dataclass(slots=True)
class State:
    """All images, members, leases, tasks and metadata definitions.

    The entities in it are never changed but replaced, so that a copy of the dictionaries is
    a state of its own. Deleted images stay, so that their ids are not given again; so do
    removed members, in `removed`, to come back with their number and date, and locations that
    images had, in `past`, each with the id of its image.
    """

    images: dict[str, Image] = field(default_factory=dict)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    removed: dict[tuple[str, str], Member] = field(default_factory=dict)
    past: dict[int, tuple[str, Location]] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    namespaces: dict[int, Namespace] = field(default_factory=dict)
    parts: dict[tuple[int | None, Kind, str], Part] = field(default_factory=dict)
    resource_types: dict[str, ResourceType] = field(default_factory=dict)
    last_number: int = 0

    def copy(self) -> "State":
        """Return a state that can be changed without changing this one."""
        return State(
            images=self.images.copy(),
            members=self.members.copy(),
            removed=self.removed.copy(),
            past=self.past.copy(),
            leases=self.leases.copy(),
            tasks=self.tasks.copy(),
            namespaces=self.namespaces.copy(),
            parts=self.parts.copy(),
            resource_types=self.resource_types.copy(),
            last_number=self.last_number,
        )

    def next_number(self) -> int:
        """Return a number that nothing else has yet."""
        self.last_number += 1
        return self.last_number


class Transaction:
    """The state as one unit of work sees it; its own copy from the first change on."""

    def __init__(self, state: State, *, read_only: bool) -> None:
        self.state = state
        self._read_only = read_only
        self._own = False

    def change(self) -> State:
        """Return the state in order to change it.

        Raises:
            RuntimeError: the unit of work said that it would only read.
        """
        if self._read_only:
            raise RuntimeError("A read-only unit of work must not write.")
        if not self._own:
            self.state = self.state.copy()
            self._own = True
        return self.state

    def publish(self) -> State:
        """Return the state for others to see; the next change works on another copy."""
        self._own = False
        return self.state


def copy_image(image: Image) -> Image:
    """Return an equal image that shares nothing changeable, and without events."""
    return replace(
        image,
        properties=dict(image.properties),
        tags=list(image.tags),
        locations=[_copy_location(location) for location in image.locations],
        events=[],
    )


def _copy_location(location: Location) -> Location:
    return replace(location, metadata=deepcopy(dict(location.metadata)))
