"""Which definitions a list shows, in which order, from where on."""

from dataclasses import dataclass

from tintype.domain.visibility import Visibility

NAMESPACE_SORT_KEYS = (
    *("created_at", "updated_at", "id", "namespace", "display_name"),
    *("description", "visibility", "protected", "owner"),
)
"""Columns that a list of namespaces may be sorted by (metadefs §3)."""

PART_SORT_KEYS = ("created_at", "updated_at", "id", "name")


@dataclass(frozen=True, slots=True)
class NamespaceQuery:
    """A question for namespaces; `marker` is the name of the last one of the page before.

    Ties in the sort key are broken by time of creation, then by number, in the same direction.
    Of `resource_types`, a namespace has to be associated with any; of `ids`, where they are
    given, it has to have one. No limit is no end.
    """

    limit: int | None = None
    marker: str | None = None
    sort_key: str = "created_at"
    descending: bool = True
    visibility: Visibility | None = None
    resource_types: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class PartQuery:
    """A question for parts of one kind; `marker` is a name, and no limit is no end.

    As it is, it asks for all of them in the order in which they were made.
    """

    limit: int | None = None
    marker: str | None = None
    sort_key: str = "id"
    descending: bool = False


EVERY_PART = PartQuery()
