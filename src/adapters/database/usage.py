"""What projects have, counted in SQL. Source: spec database §7."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.sql.dml import Insert

from tintype.adapters.database.exactly import equals
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import (
    image_locations,
    image_properties,
    images,
    leases,
    projects,
)
from tintype.adapters.database.values import storable
from tintype.domain.quota import Resource, Used
from tintype.domain.status import DEAD, STAGING, UPLOADING, Status

_IMPORTING = "os_glance_importing_to_stores"

_OWNED = and_(
    equals(images.c.owner, bindparam("project", type_=String)),
    # Says nothing new, but leads to an index.
    images.c.deleted == false(),
    images.c.status.not_in(sorted(status.value for status in DEAD)),
    images.c.id != bindparam("without_image"),
)
_COPYING = exists().where(
    image_properties.c.image_id == images.c.id,
    image_properties.c.name == _IMPORTING,
    image_properties.c.value != "",
    image_properties.c.deleted == false(),
)


def _in(statuses: frozenset[Status]) -> ColumnElement[bool]:
    return or_(images.c.status.in_(sorted(status.value for status in statuses)), _COPYING)


_SIZE = func.coalesce(func.sum(images.c.size), 0)
_COUNT = func.count(images.c.id)
_PRESENT: Mapping[Resource, Select[Any]] = {
    Resource.SIZE_TOTAL: select(_SIZE)
    .join(image_locations, image_locations.c.image_id == images.c.id)
    .where(_OWNED, image_locations.c.status != Status.DELETED.value),
    Resource.STAGE_TOTAL: select(_SIZE).where(_OWNED, _in(STAGING)),
    Resource.COUNT_TOTAL: select(_COUNT).where(_OWNED),
    Resource.COUNT_UPLOADING: select(_COUNT).where(_OWNED, _in(UPLOADING)),
}


@lru_cache
def _statement(resources: tuple[Resource, ...]) -> Select[Any]:
    columns = []
    for resource in resources:
        reserved = select(func.coalesce(func.sum(leases.c.reserved_size), 0)).where(
            leases.c.reserved_by == bindparam("project"), leases.c.reserved_of == resource.value
        )
        columns += [_PRESENT[resource].scalar_subquery(), reserved.scalar_subquery()]
    return select(*columns)


def _lock(dialect: str) -> Insert:
    """Lock the row of a project, which need not be there yet."""
    if dialect == "mysql":
        on_mysql = mysql.insert(projects)
        return on_mysql.on_duplicate_key_update(id=on_mysql.inserted.id)
    on_postgresql = postgresql.insert(projects)
    return on_postgresql.on_conflict_do_update(
        index_elements=["id"], set_={"id": on_postgresql.excluded.id}
    )


_LOCK: Mapping[str, Executable] = {
    "postgresql": _lock("postgresql"),
    "mysql": _lock("mysql"),
    # Everything is locked once a transaction has begun, which the first statement does.
    "sqlite": select(bindparam("id")),
}


class SqlUsageRepository:
    """Sums over the tables of images and of leases; each call is one statement."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._locked: set[str] = set()

    def lock(self, project: str) -> None:
        """Let nobody else lock the project until the unit of work ends.

        Raises:
            StaleWrite: others were locking it too, and this one had to give way.
        """
        if project not in self._locked and storable(project):
            self._session.execute(_LOCK[self._session.dialect], {"id": project})
            self._locked.add(project)

    def of(
        self, project: str, *resources: Resource, without_image: str = ""
    ) -> Mapping[Resource, Used]:
        """Count those resources as they are at one moment; sizes are in bytes."""
        if not storable(project):
            return {resource: Used(0) for resource in resources}
        parameters = {"project": project, "without_image": without_image}
        (row,) = self._session.execute(_statement(resources), parameters)
        # Sums come as decimals from servers.
        figures = iter(map(int, row))
        return {resource: Used(next(figures), next(figures)) for resource in resources}
