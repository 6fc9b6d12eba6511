"""The catalogue as rows, for programs that call the database functions (decision 0024)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from tintype.domain.ports.metadef_repository import MetadefRepository
from tintype.domain.ports.usage_repository import UsageRepository
from tintype.domain.record.image_query import ImageRecordQuery
from tintype.domain.record.task_query import TaskRecordQuery
from tintype.domain.record.viewer import Viewer

Row = dict[str, Any]
"""The columns of a row by name; times are naive UTC, booleans True or False."""


class Rows(Protocol):
    """The rows of one table within one unit of work.

    `equal` says which rows are meant: those whose columns equal the values; None equals NULL,
    and of a list any value. Text is compared by case.
    """

    def find(self, *, lock: bool = False, **equal: Any) -> list[Row]:
        """Return rows in order of their keys; with `lock` nobody else changes them meanwhile."""

    def add(self, **values: Any) -> Any:
        """Add a row and return its key.

        Raises:
            Duplicate: the table has such a row and may have it but once.
            Invalid: a column cannot hold its value.
        """

    def change(self, values: Mapping[str, Any], **equal: Any) -> int:
        """Change rows and return how many there were; raises as `add`."""

    def remove(self, **equal: Any) -> int:
        """Delete rows for good and return how many there were."""

    def fitting(self, values: Mapping[str, Any]) -> Row:
        """Return those values that the table has a column for; others are left out."""


class ImageRows(Rows, Protocol):
    """The rows of images, of which there may be many."""

    def list(self, query: ImageRecordQuery, viewer: Viewer, marker: Row | None) -> list[Row]:
        """Return a page, which begins after the marker."""


class TaskRows(Rows, Protocol):
    """The rows of tasks, of which there may be many."""

    def list(
        self, query: TaskRecordQuery, viewer: Viewer, marker: Row | None, at: datetime
    ) -> list[Row]:
        """Return a page, which begins after the marker, as tasks are at that time."""


class MemberRows(Rows, Protocol):
    """The rows of members, of which there may be many."""

    def seen_by(self, viewer: Viewer, **equal: Any) -> list[Row]:
        """Return rows of the caller's and of its images, all to administrators, by number.

        A caller without a project has the images without an owner.
        """

    def drop_doubles(self, image_id: str) -> None:
        """Delete live rows of an image that cannot end in one moment with an older one.

        Older programs may have left a member twice.
        """


class CacheRows(Rows, Protocol):
    """The rows that say what caches hold."""

    def oldest(self, **equal: Any) -> list[Row]:
        """Return the row that was hit the longest ago, the first of several; none of nothing."""

    def hit(self, at: datetime, **equal: Any) -> int:
        """Count one hit more for rows, at that time; return how many rows there were."""


class DeletedRows(Protocol):
    """Rows with a time of deletion, which only wait to go."""

    def purge(self, table: str, before: datetime, at_most: int) -> int:
        """Delete the oldest rows of a table whose time of deletion is earlier; return how many.

        With a task goes what belongs to it. Rows that others refer to stay, and so does what
        has data still, or is getting it.
        """

    def count(self, table: str, before: datetime, at_most: int | None) -> int:
        """Return how many rows `purge` would delete of a table, `at_most` or all."""

    def was_purged(self, image_id: str) -> bool:
        """Tell whether there was an image of that id, whose row was purged."""


class Records(Protocol):
    """All or nothing, as `UnitOfWork`."""

    @property
    def images(self) -> ImageRows:
        """The table `images`."""

    @property
    def properties(self) -> Rows:
        """The table `image_properties`.

        `add` raises AlikeInDatabase, a Duplicate, if the database takes the name for that of
        another property which is not deleted.
        """

    @property
    def locations(self) -> Rows:
        """The table `image_locations`."""

    @property
    def members(self) -> MemberRows:
        """The table `image_members`."""

    @property
    def tags(self) -> Rows:
        """The table `image_tags`."""

    @property
    def tasks(self) -> TaskRows:
        """The table `tasks`."""

    @property
    def task_info(self) -> Rows:
        """The table `task_info`."""

    @property
    def nodes(self) -> Rows:
        """The table `node_reference`."""

    @property
    def cached_images(self) -> CacheRows:
        """The table `cached_images`."""

    @property
    def deleted(self) -> DeletedRows:
        """What is marked as deleted."""

    @property
    def usage(self) -> UsageRepository:
        """What projects have."""

    @property
    def metadefs(self) -> MetadefRepository:
        """The metadata definitions."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; undo what was not committed."""

    def commit(self) -> None:
        """Make what was done true for good."""


class RecordWork(Protocol):
    """Begins units of work; safe between threads."""

    def __call__(self, *, read_only: bool = False) -> Records:
        """Return a new one; one that only reads may be cheaper and must not write."""


PURGED: Sequence[str] = (
    *("image_properties", "image_tags", "image_locations", "image_members"),
    "tasks",
)
"""The tables whose rows are marked before they go, in the order in which they can; images last,
and by themselves."""
