"""The parts of namespaces in SQL."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, update
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.metadefs.columns import after, batches, ordered
from tintype.adapters.database.metadefs.resource_types import SqlResourceTypes
from tintype.adapters.database.metadefs.shelves import SHELVES, Shelf
from tintype.adapters.database.session import Session
from tintype.adapters.database.values import naive, require_storable, storable
from tintype.domain.errors import MetadefExists, MetadefNotFound
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Association, Object, Part
from tintype.domain.metadef.query import PartQuery

P = TypeVar("P", bound=Part)


class SqlParts:
    """Objects, properties, tags and associations, each kind in its table."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._types = SqlResourceTypes(session)

    def list(self, namespace: Namespace, kind: type[P], query: PartQuery) -> Sequence[P]:
        """Return the parts of one kind, as `MetadefRepository.parts`."""
        shelf = SHELVES[kind]
        keys = _sort_keys(shelf, query.sort_key)
        statement = _within(shelf, namespace)
        if query.marker is not None:
            values = self._values(shelf, namespace, keys, query.marker)
            statement = statement.where(after(keys, values, descending=query.descending))
        statement = statement.order_by(*ordered(keys, descending=query.descending))
        rows = self._session.find(statement.limit(query.limit))
        return [shelf.part(row) for row in rows]

    def _values(
        self, shelf: Shelf[P], namespace: Namespace, keys: Sequence[Any], marker: str
    ) -> Sequence[Any]:
        part = self.get(namespace, shelf.kind, marker)
        statement = _within(shelf, namespace).where(shelf.number == part.id)
        [row] = self._session.execute(statement.with_only_columns(*keys)).all()
        return tuple(row)

    def get(self, namespace: Namespace, kind: type[P], name: str) -> P:
        """Return one part, as `MetadefRepository.part`."""
        shelf = SHELVES[kind]
        if storable(name):
            for row in self._session.find(_within(shelf, namespace).where(shelf.name == name)):
                # An adopted column may compare without regard to case.
                if row.name == name:
                    part: P = shelf.part(row)
                    return part
        raise MetadefNotFound(kind.KIND, name, namespace.name)

    def add(self, namespace: Namespace, parts: Sequence[Part], *, protect_types: bool) -> None:
        """Record new parts, as `MetadefRepository.add_parts`."""
        for part in parts:
            _check(part)
        for kind, shelf in SHELVES.items():
            new = [part for part in parts if part.KIND is kind.KIND]
            if new:
                self._refuse_taken(namespace, shelf, new)
                self._insert(namespace, shelf, new, protect_types=protect_types)

    def _refuse_taken(self, namespace: Namespace, shelf: Shelf[P], new: Sequence[P]) -> None:
        for names in batches([part.name for part in new]):
            taken = _within(shelf, namespace).where(shelf.name.in_(names))
            for row in self._session.find(taken):
                raise MetadefExists(shelf.kind.KIND, row.name, namespace.name)

    def _insert(
        self, namespace: Namespace, shelf: Shelf[P], new: Sequence[P], *, protect_types: bool
    ) -> None:
        rows = [{"namespace_id": namespace.id, **_columns(shelf, part)} for part in new]
        if shelf.kind is Association:
            numbers = self._types.numbers(
                [part.name for part in new], new[0].created_at, protect=protect_types
            )
            for row in rows:
                row["resource_type_id"] = numbers[row.pop("name")]
        try:
            self._session.execute(insert(shelf.table), rows)
        except IntegrityError as error:
            names = ", ".join(part.name for part in new)
            raise MetadefExists(shelf.kind.KIND, names, namespace.name) from error

    def save(self, namespace: Namespace, part: Part) -> None:
        """Write a part, as `MetadefRepository.save_part`."""
        _check(part)
        shelf = SHELVES[type(part)]
        statement = update(shelf.table).where(_row(shelf, namespace, part))
        try:
            result = self._session.execute(statement.values(**_columns(shelf, part)))
        except IntegrityError as error:
            raise MetadefExists(part.KIND, part.name, namespace.name) from error
        if result.rowcount != 1:
            raise MetadefNotFound(part.KIND, part.name, namespace.name)

    def remove(self, namespace: Namespace, part: Part) -> None:
        """Delete a part, as `MetadefRepository.remove_part`."""
        shelf = SHELVES[type(part)]
        result = self._session.execute(delete(shelf.table).where(_row(shelf, namespace, part)))
        if result.rowcount != 1:
            raise MetadefNotFound(part.KIND, part.name, namespace.name)

    def clear(self, namespace: Namespace, kind: type[Part]) -> int:
        """Delete all parts of a kind, as `MetadefRepository.clear`."""
        table = SHELVES[kind].table
        statement = delete(table).where(table.c.namespace_id == namespace.id)
        return int(self._session.execute(statement).rowcount)


def _within(shelf: Shelf[Any], namespace: Namespace) -> Select[Any]:
    return shelf.rows.where(shelf.table.c.namespace_id == namespace.id)


def _row(shelf: Shelf[Any], namespace: Namespace, part: Part) -> ColumnElement[bool]:
    return and_(shelf.number == part.id, shelf.table.c.namespace_id == namespace.id)


def _sort_keys(shelf: Shelf[Any], name: str) -> Sequence[ColumnElement[Any]]:
    times = shelf.table.c
    columns = {
        "id": shelf.number,
        "name": shelf.name,
        "created_at": times.created_at,
        "updated_at": func.coalesce(times.updated_at, times.created_at),
    }
    if name == "id":
        return [shelf.number]
    return [columns[key] for key in dict.fromkeys((name, "created_at", "id"))]


def _columns(shelf: Shelf[P], part: P) -> dict[str, Any]:
    return {
        "name": part.name,
        "created_at": naive(part.created_at),
        "updated_at": naive(part.updated_at),
        **shelf.columns(part),
    }


def _check(part: Part) -> None:
    require_storable(part.name)
    if isinstance(part, Object):
        require_storable(part.description, *part.required_names)
    if isinstance(part, Association):
        require_storable(part.prefix, part.properties_target)
