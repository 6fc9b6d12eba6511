"""Resource types in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from tintype.adapters.database.metadefs.columns import batches, resource_types, ties
from tintype.adapters.database.session import Session
from tintype.adapters.database.values import aware, naive, require_storable
from tintype.domain.errors import (
    AlikeInDatabase,
    MetadefExists,
    MetadefInUse,
    ProtectedMetadef,
    StaleWrite,
)
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.part import ResourceType

_c = resource_types.c
_ALL = select(resource_types).order_by(_c.id)


class SqlResourceTypes:
    """The table of resource types, which all namespaces share."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> Sequence[ResourceType]:
        """Return all of them, in the order in which they were made."""
        return [_resource_type(row) for row in self._session.find(_ALL)]

    def add(self, resource_type: ResourceType) -> ResourceType:
        """Record a new one, as `MetadefRepository.add_resource_type`."""
        require_storable(resource_type.name)
        try:
            number = self._session.insert(
                insert(resource_types), _columns(resource_type), about=resource_type.name
            )
        except IntegrityError as error:
            raise MetadefExists(Kind.RESOURCE_TYPE, resource_type.name) from error
        return replace(resource_type, id=number)

    def remove(self, resource_type: ResourceType) -> None:
        """Delete one, as `MetadefRepository.remove_resource_type`."""
        if resource_type.protected:
            raise ProtectedMetadef(Kind.RESOURCE_TYPE, resource_type.name)
        used = select(ties.c.namespace_id).where(ties.c.resource_type_id == resource_type.id)
        if self._session.find(used.limit(1)):
            raise MetadefInUse(Kind.RESOURCE_TYPE, resource_type.name)
        self._session.execute(delete(resource_types).where(_c.id == resource_type.id))

    def numbers(
        self, names: Sequence[str], at: datetime, *, protect: bool
    ) -> Mapping[str, int | None]:
        """Return the numbers of the types of these names, which are made if need be.

        Raises:
            StaleWrite: somebody else made one of them just now.
            AlikeInDatabase: the database takes one for another one.
        """
        found: dict[str, int | None] = {
            row.name: row.id
            for some in batches(names)
            for row in self._session.find(_ALL.where(_c.name.in_(some)))
        }
        for name in names:
            if name not in found:
                new = ResourceType(name=name, created_at=at, updated_at=at, protected=protect)
                try:
                    found[name] = self.add(new).id
                except MetadefExists as error:
                    self._require_none_like(name)
                    raise StaleWrite(name) from error
        return found

    def _require_none_like(self, name: str) -> None:
        if self._session.dialect != "mysql":
            # It takes no other name for that one, and answers nothing after an error.
            return
        for row in self._session.find(_ALL.where(_c.name == name)):
            if row.name != name:
                raise AlikeInDatabase("resource types", name, row.name)


def _columns(resource_type: ResourceType) -> dict[str, Any]:
    return {
        "name": resource_type.name,
        "protected": resource_type.protected,
        "created_at": naive(resource_type.created_at),
        "updated_at": naive(resource_type.updated_at),
    }


def _resource_type(row: Row[Any]) -> ResourceType:
    return ResourceType(
        id=row.id,
        name=row.name,
        protected=bool(row.protected),
        created_at=aware(row.created_at),
        updated_at=aware(row.updated_at or row.created_at),
    )
