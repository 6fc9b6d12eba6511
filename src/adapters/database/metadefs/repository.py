"""Namespaces in SQL, and the door to what they hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Row, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.exactly import equals, is_one_of
from tintype.adapters.database.metadefs.columns import (
    SORT,
    after,
    namespaces,
    ordered,
    resource_types,
    ties,
)
from tintype.adapters.database.metadefs.parts import SqlParts
from tintype.adapters.database.metadefs.resource_types import SqlResourceTypes
from tintype.adapters.database.metadefs.shelves import ASSOCIATIONS, SHELVES
from tintype.adapters.database.session import Session
from tintype.adapters.database.values import aware, naive, require_storable, storable
from tintype.domain.caller import Caller
from tintype.domain.errors import MetadefExists, MetadefNotFound
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Definitions, Namespace
from tintype.domain.metadef.part import Association, Part, ResourceType
from tintype.domain.metadef.query import EVERY_PART, NamespaceQuery, PartQuery
from tintype.domain.visibility import Visibility

P = TypeVar("P", bound=Part)
_c = namespaces.c


class SqlMetadefRepository:
    """The tables `metadef_*`, which databases do not clean up by themselves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._parts = SqlParts(session)
        self._types = SqlResourceTypes(session)

    def list(self, query: NamespaceQuery, seen_by: Caller | None) -> Sequence[Definitions]:
        """Return a page of namespaces with their associations, in two statements or three.

        Raises:
            MetadefNotFound: the marker names none that the caller sees.
        """
        statement = self._page(query, seen_by)
        if not all(map(storable, query.resource_types)):
            return []
        found = [_namespace(row) for row in self._session.find(statement)]
        held = self._associations(found)
        return [Definitions(namespace, held.get(namespace.id, [])) for namespace in found]

    def _page(self, query: NamespaceQuery, seen_by: Caller | None) -> Select[Any]:
        keys = [SORT[key] for key in dict.fromkeys((query.sort_key, "created_at", "id"))]
        statement = _seen(select(namespaces), seen_by)
        if query.visibility is not None:
            statement = statement.where(SORT["visibility"] == query.visibility.value)
        if query.resource_types:
            statement = statement.where(_c.id.in_(_associated(query.resource_types)))
        if query.ids is not None:
            statement = statement.where(_c.id.in_(query.ids))
        if query.marker is not None:
            marker = self.get(query.marker, seen_by=seen_by)
            [row] = self._session.execute(select(*keys).where(_c.id == marker.id)).all()
            statement = statement.where(after(keys, tuple(row), descending=query.descending))
        return statement.order_by(*ordered(keys, descending=query.descending)).limit(query.limit)

    def _associations(
        self, found: Sequence[Namespace]
    ) -> Mapping[int | None, Sequence[Association]]:
        held = defaultdict(list)
        if found:
            numbers = [namespace.id for namespace in found]
            statement = ASSOCIATIONS.rows.where(ties.c.namespace_id.in_(numbers))
            for row in self._session.find(statement.order_by(ties.c.resource_type_id)):
                held[row.namespace_id].append(ASSOCIATIONS.part(row))
        return held

    def get(self, name: str, *, seen_by: Caller | None, for_update: bool = False) -> Namespace:
        """Return a namespace.

        Raises:
            MetadefNotFound: there is none that the caller sees.
        """
        statement = select(namespaces).where(_c.namespace == name)
        if for_update:
            statement = statement.with_for_update()
        for row in self._session.find(statement, about=name) if storable(name) else ():
            found = _namespace(row)
            # An adopted column may compare without regard to case.
            if found.name == name and (seen_by is None or found.visible_to(seen_by)):
                return found
        raise MetadefNotFound(Kind.NAMESPACE, name)

    def add(self, namespace: Namespace) -> Namespace:
        """Record a new namespace and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """
        row = _columns(namespace)
        try:
            number = self._session.insert(insert(namespaces), row, about=namespace.name)
        except IntegrityError as error:
            raise MetadefExists(Kind.NAMESPACE, namespace.name) from error
        return replace(namespace, id=number)

    def save(self, namespace: Namespace) -> None:
        """Write all fields of a namespace; raises as `add`."""
        statement = update(namespaces).where(_c.id == namespace.id)
        try:
            self._session.execute(statement.values(**_columns(namespace)), about=namespace.name)
        except IntegrityError as error:
            raise MetadefExists(Kind.NAMESPACE, namespace.name) from error

    def remove(self, namespace: Namespace) -> None:
        """Delete a namespace with everything in it; resource types stay."""
        for kind in SHELVES:
            self._parts.clear(namespace, kind)
        self._session.execute(delete(namespaces).where(_c.id == namespace.id))

    def remove_everything(self) -> None:
        """Delete all namespaces and resource types, the protected ones too."""
        for table in (*(shelf.table for shelf in SHELVES.values()), namespaces, resource_types):
            self._session.execute(delete(table))

    def parts(
        self, namespace: Namespace, kind: type[P], query: PartQuery = EVERY_PART
    ) -> Sequence[P]:
        """Return the parts of one kind.

        Raises:
            MetadefNotFound: the marker names none.
        """
        return self._parts.list(namespace, kind, query)

    def part(self, namespace: Namespace, kind: type[P], name: str) -> P:
        """Return one part.

        Raises:
            MetadefNotFound: there is none of that name.
        """
        return self._parts.get(namespace, kind, name)

    def add_parts(
        self, namespace: Namespace, parts: Sequence[Part], *, protect_types: bool = False
    ) -> None:
        """Record new parts.

        Raises:
            MetadefExists: a name is taken.
            StaleWrite: somebody else made the same resource type just now.
            AlikeInDatabase: the database takes a resource type for another one.
            Invalid: the database cannot hold a text.
        """
        self._parts.add(namespace, parts, protect_types=protect_types)

    def save_part(self, namespace: Namespace, part: Part) -> None:
        """Write all fields of a part.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """
        self._parts.save(namespace, part)

    def remove_part(self, namespace: Namespace, part: Part) -> None:
        """Delete one part.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
        """
        self._parts.remove(namespace, part)

    def clear(self, namespace: Namespace, kind: type[Part]) -> int:
        """Delete all parts of one kind and return how many there were."""
        return self._parts.clear(namespace, kind)

    def resource_types(self) -> Sequence[ResourceType]:
        """Return all resource types, in the order in which they were made."""
        return self._types.list()

    def add_resource_type(self, resource_type: ResourceType) -> ResourceType:
        """Record a new resource type and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """
        return self._types.add(resource_type)

    def remove_resource_type(self, resource_type: ResourceType) -> None:
        """Delete a resource type.

        Raises:
            ProtectedMetadef: it is protected.
            MetadefInUse: a namespace is associated with it.
        """
        self._types.remove(resource_type)


def _seen(statement: Select[Any], caller: Caller | None) -> Select[Any]:
    if caller is None or caller.is_admin:
        return statement
    public = SORT["visibility"] == Visibility.PUBLIC.value
    if caller.project_id is None or not storable(caller.project_id):
        return statement.where(public)
    return statement.where(or_(public, equals(_c.owner, caller.project_id)))


def _associated(names: Sequence[str]) -> Select[Any]:
    joined = select(ties.c.namespace_id).join(
        resource_types, ties.c.resource_type_id == resource_types.c.id
    )
    return joined.where(is_one_of(resource_types.c.name, names))


def _columns(namespace: Namespace) -> dict[str, Any]:
    texts = {
        "namespace": namespace.name,
        "display_name": namespace.display_name,
        "description": namespace.description,
        "owner": namespace.owner,
    }
    require_storable(*texts.values())
    return {
        **texts,
        "visibility": namespace.visibility.value,
        "protected": namespace.protected,
        "created_at": naive(namespace.created_at),
        "updated_at": naive(namespace.updated_at),
    }


def _namespace(row: Row[Any]) -> Namespace:
    # The field leaves visibility and protection empty where a file does not state them.
    return Namespace(
        id=row.id,
        name=row.namespace,
        owner=row.owner,
        display_name=row.display_name,
        description=row.description,
        visibility=Visibility.PUBLIC if row.visibility == "public" else Visibility.PRIVATE,
        protected=bool(row.protected),
        created_at=aware(row.created_at),
        updated_at=aware(row.updated_at or row.created_at),
    )
