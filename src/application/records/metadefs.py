"""Metadata definitions by the database functions (metadefs §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tintype.application.retry import retried
from tintype.domain.errors import MetadefHidden, MetadefNotFound
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import OWNER_OF_NOBODY, Namespace
from tintype.domain.metadef.part import (
    Association,
    Part,
    ResourceType,
    check_name,
    require_distinct,
)
from tintype.domain.metadef.query import EVERY_PART, NamespaceQuery, PartQuery
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.metadef_repository import MetadefRepository
from tintype.domain.ports.records import RecordWork, Row
from tintype.domain.record.metadef import fields_of, new_fields, row_of, times_of
from tintype.domain.record.text import require_mapping, require_three_bytes
from tintype.domain.record.viewer import Viewer


@dataclass(frozen=True)
class MetadefRecords:
    """Namespaces and what they hold, as rows; who sees a namespace may change it.

    All that names a namespace raises MetadefNotFound if there is none, and MetadefHidden if the
    caller does not see it; what names a part in it raises MetadefNotFound if there is none.
    """

    work: RecordWork
    clock: Clock

    # ------------------------------------------------------------------ namespaces

    def namespaces(
        self, viewer: Viewer, query: NamespaceQuery, marker: int | None = None
    ) -> Sequence[Row]:
        """Return a page of the namespaces that the caller sees, after the one of that number."""
        with self.work(read_only=True) as records:
            if marker is not None:
                after = _numbered(records.metadefs, viewer, marker)
                query = replace(query, marker=after.name)
            found = records.metadefs.list(query, seen_by=viewer.caller)
        return [row_of(each.namespace) for each in found]

    def namespace(self, viewer: Viewer, name: str) -> Row:
        """Return a namespace."""
        with self.work(read_only=True) as records:
            return row_of(_named(records.metadefs, viewer, name))

    @retried
    def create_namespace(self, viewer: Viewer, values: Mapping[str, Any]) -> Row:
        """Record a namespace, which is the caller's unless the values say whose it is.

        Raises:
            MetadefExists: the name is taken.
            Invalid: a value cannot be.
        """
        require_mapping("A namespace", values)
        require_three_bytes(values)
        owner = viewer.caller.project_id or OWNER_OF_NOBODY
        fields = {"owner": owner, **new_fields(Kind.NAMESPACE, values)}
        new = Namespace.new(self.clock.now(), **fields)
        with self.work() as records:
            made = records.metadefs.add(replace(new, **times_of(values)))
            records.commit()
        return row_of(made)

    @retried
    def update_namespace(self, viewer: Viewer, number: int, values: Mapping[str, Any]) -> Row:
        """Change what the values name of the namespace of that number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: a value cannot be.
        """
        require_mapping("A namespace", values)
        require_three_bytes(values)
        fields = fields_of(Kind.NAMESPACE, values)
        with self.work() as records:
            name = _numbered(records.metadefs, viewer, number).name
            old = _named(records.metadefs, viewer, name, lock=True)
            whole = fields_of(Kind.NAMESPACE, row_of(old)) | fields
            after = old.replaced(self.clock.now(), **whole)
            records.metadefs.save(after)
            records.commit()
        return row_of(after)

    @retried
    def delete_namespace(self, viewer: Viewer, name: str) -> Row:
        """Delete a namespace with everything in it, and return what it was."""
        with self.work() as records:
            namespace = _named(records.metadefs, viewer, name, lock=True)
            records.metadefs.remove(namespace)
            records.commit()
        return row_of(namespace)

    # ------------------------------------------------------------------ parts

    def parts(
        self,
        viewer: Viewer,
        namespace_name: str,
        kind: type[Part],
        query: PartQuery = EVERY_PART,
        marker: int | None = None,
    ) -> Sequence[Row]:
        """Return the parts of one kind; a page begins after the one of that number."""
        with self.work(read_only=True) as records:
            home = _named(records.metadefs, viewer, namespace_name)
            if marker is not None:
                after = _part_numbered(records.metadefs, home, kind, marker)
                query = replace(query, marker=after.name)
            return [row_of(part, home) for part in records.metadefs.parts(home, kind, query)]

    def part(self, viewer: Viewer, namespace_name: str, kind: type[Part], name: str) -> Row:
        """Return one part."""
        with self.work(read_only=True) as records:
            home = _named(records.metadefs, viewer, namespace_name)
            return row_of(_part(records.metadefs, home, kind, name), home)

    def create_part(
        self, viewer: Viewer, namespace_name: str, kind: type[Part], values: Mapping[str, Any]
    ) -> Row:
        """Record a part; raises as `create_parts`."""
        (row,) = self.create_parts(viewer, namespace_name, kind, [values])
        return row

    def create_parts(
        self,
        viewer: Viewer,
        namespace_name: str,
        kind: type[Part],
        values: Sequence[Mapping[str, Any]],
        *,
        instead: bool = False,
    ) -> Sequence[Row]:
        """Record parts, which can take the place of all that there are of the kind.

        Raises:
            MetadefExists: a name is taken, or given twice.
            Invalid: a value cannot be.
        """
        for each in values:
            require_mapping(f"A {kind.KIND}", each)
        require_three_bytes(*values)
        now = self.clock.now()
        new = [
            replace(kind.new(now, **new_fields(kind.KIND, each)), **times_of(each))
            for each in values
        ]
        require_distinct(new)
        return self._add(viewer, namespace_name, kind, new, instead=instead) if new else []

    @retried
    def _add(
        self,
        viewer: Viewer,
        namespace_name: str,
        kind: type[Part],
        new: Sequence[Part],
        *,
        instead: bool,
    ) -> Sequence[Row]:
        with self.work() as records:
            home = _named(records.metadefs, viewer, namespace_name, lock=True)
            if instead:
                records.metadefs.clear(home, kind)
            records.metadefs.add_parts(home, new)
            made = [records.metadefs.part(home, kind, part.name) for part in new]
            records.commit()
        return [row_of(part, home) for part in made]

    @retried
    def update_part(
        self,
        viewer: Viewer,
        namespace_name: str,
        kind: type[Part],
        number: int,
        values: Mapping[str, Any],
    ) -> Row:
        """Change what the values name of the part of that number in that namespace.

        Raises:
            MetadefExists: the name is taken.
            Invalid: a value cannot be.
        """
        require_mapping(f"A {kind.KIND}", values)
        require_three_bytes(values)
        fields = fields_of(kind.KIND, values)
        with self.work() as records:
            home = _named(records.metadefs, viewer, namespace_name, lock=True)
            old = _part_numbered(records.metadefs, home, kind, number)
            after = replace(old, updated_at=self.clock.now(), **fields)
            after.check()
            records.metadefs.save_part(home, after)
            records.commit()
        return row_of(after, home)

    @retried
    def delete_part(self, viewer: Viewer, namespace_name: str, kind: type[Part], name: str) -> Row:
        """Delete one part, and return what it was."""
        with self.work() as records:
            home = _named(records.metadefs, viewer, namespace_name, lock=True)
            part = _part(records.metadefs, home, kind, name)
            records.metadefs.remove_part(home, part)
            records.commit()
        return row_of(part, home)

    @retried
    def clear(self, viewer: Viewer, namespace_name: str, kind: type[Part]) -> int:
        """Delete all parts of one kind, and return how many there were."""
        with self.work() as records:
            home = _named(records.metadefs, viewer, namespace_name, lock=True)
            gone = records.metadefs.clear(home, kind)
            records.commit()
        return gone

    def association(self, viewer: Viewer, namespace_name: str, type_name: str) -> Row:
        """Return the association with a resource type; raises as `resource_type` too."""
        with self.work(read_only=True) as records:
            home = _named(records.metadefs, viewer, namespace_name)
            _type(records.metadefs, type_name)
            return row_of(_part(records.metadefs, home, Association, type_name), home)

    def delete_association(self, viewer: Viewer, namespace_name: str, type_name: str) -> Row:
        """End the association with a resource type; raises as `association`."""
        self.association(viewer, namespace_name, type_name)
        return self.delete_part(viewer, namespace_name, Association, type_name)

    # ------------------------------------------------------------------ resource types

    def resource_types(self) -> Sequence[Row]:
        """Return all resource types, in the order in which they were made."""
        with self.work(read_only=True) as records:
            return [*map(row_of, records.metadefs.resource_types())]

    def resource_type(self, name: str) -> Row:
        """Return a resource type.

        Raises:
            MetadefNotFound: there is none of that name.
        """
        with self.work(read_only=True) as records:
            return row_of(_type(records.metadefs, name))

    @retried
    def create_resource_type(self, values: Mapping[str, Any]) -> Row:
        """Record a resource type.

        Raises:
            MetadefExists: the name is taken.
            Invalid: a value cannot be.
        """
        require_mapping("A resource type", values)
        require_three_bytes(values)
        now = self.clock.now()
        fields = new_fields(Kind.RESOURCE_TYPE, values)
        check_name(Kind.RESOURCE_TYPE, fields["name"])
        new = ResourceType(**{**fields, "created_at": now, "updated_at": now, **times_of(values)})
        with self.work() as records:
            made = records.metadefs.add_resource_type(new)
            records.commit()
        return row_of(made)

    @retried
    def delete_resource_type(self, name: str) -> Row:
        """Delete a resource type, and return what it was.

        Raises:
            MetadefNotFound: there is none of that name.
            ProtectedMetadef: it is protected.
            MetadefInUse: a namespace is associated with it.
        """
        with self.work() as records:
            resource_type = _type(records.metadefs, name)
            records.metadefs.remove_resource_type(resource_type)
            records.commit()
        return row_of(resource_type)


def _named(
    metadefs: MetadefRepository, viewer: Viewer, name: str, *, lock: bool = False
) -> Namespace:
    if not isinstance(name, str):
        raise MetadefNotFound(Kind.NAMESPACE, repr(name))
    return _seen(metadefs.get(name, seen_by=None, for_update=lock), viewer)


def _numbered(metadefs: MetadefRepository, viewer: Viewer, number: int) -> Namespace:
    found = metadefs.list(NamespaceQuery(ids=(number,)), seen_by=None)
    if not found:
        raise MetadefNotFound(Kind.NAMESPACE, f"with the number {number}")
    return _seen(found[0].namespace, viewer)


def _seen(namespace: Namespace, viewer: Viewer) -> Namespace:
    if not namespace.visible_to(viewer.caller):
        raise MetadefHidden(Kind.NAMESPACE, namespace.name)
    return namespace


def _part(metadefs: MetadefRepository, home: Namespace, kind: type[Part], name: str) -> Part:
    if not isinstance(name, str):
        raise MetadefNotFound(kind.KIND, repr(name), home.name)
    return metadefs.part(home, kind, name)


def _part_numbered(
    metadefs: MetadefRepository, home: Namespace, kind: type[Part], number: int
) -> Part:
    for part in metadefs.parts(home, kind):
        if part.id == number:
            return part
    raise MetadefNotFound(kind.KIND, f"with the number {number}", home.name)


def _type(metadefs: MetadefRepository, name: str) -> ResourceType:
    for resource_type in metadefs.resource_types():
        if resource_type.name == name:
            return resource_type
    raise MetadefNotFound(Kind.RESOURCE_TYPE, name)
