"""How lists are sorted."""

from collections.abc import Collection, Sequence

from tintype.domain.image_query import SortKey, sort_keys
from tintype.entrypoints.python import exceptions

_DIRECTIONS = {"asc": False, "desc": True}
_BIGGEST = (1 << 63) - 1
"""What a database takes for a number of rows."""


def sorted_by(
    keys: Sequence[str] | str | None,
    directions: Sequence[str] | str | None,
    columns: Collection[str],
) -> tuple[SortKey, ...]:
    """Return the order that keys and directions ask for, with created_at and id at its end.

    Without keys it is created_at; without directions all is descending; one holds for all.

    Raises:
        InvalidSortKey: there is no such column.
        Invalid: a direction is neither asc nor desc, or there are not as many as keys.
    """
    names = [keys] if isinstance(keys, str) else [*(keys or ["created_at"])]
    given = [directions] if isinstance(directions, str) else [*(directions or [])]
    for name in names:
        if name not in columns:
            raise exceptions.InvalidSortKey(
                f"Rows cannot be sorted by '{name}': use {', '.join(columns)}."
            )
    for direction in given:
        if direction not in _DIRECTIONS:
            raise exceptions.Invalid(f"Unknown sort direction '{direction}': use asc or desc.")
    single = _DIRECTIONS[given[0]] if len(given) == 1 else None
    if len(given) < 2:
        given = (given or ["desc"]) * len(names)
    if len(given) != len(names):
        raise exceptions.Invalid("There must be one sort direction, or one for each sort key.")
    pairs = zip(names, given, strict=True)
    return sort_keys(tuple(SortKey(it, _DIRECTIONS[way]) for it, way in pairs), single)


def page_size(limit: int | None) -> int | None:
    """Return how many rows a page has at most, None for all.

    Raises:
        Invalid: less than none is asked for, or it is no number.
    """
    if limit is None:
        return None
    try:
        size = int(limit)
    except (TypeError, ValueError, OverflowError):
        raise exceptions.Invalid(f"A limit must be an integer, not {limit!r}.") from None
    if size < 0:
        raise exceptions.Invalid(f"A limit must not be negative: {size}.")
    return min(size, _BIGGEST)
