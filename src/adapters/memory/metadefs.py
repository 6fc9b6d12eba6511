"""Metadata definitions in memory."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from tintype.adapters.memory.state import Transaction
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    Invalid,
    MetadefExists,
    MetadefInUse,
    MetadefNotFound,
    ProtectedMetadef,
)
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Definitions, Namespace
from tintype.domain.metadef.part import PARTS, Association, Part, ResourceType
from tintype.domain.metadef.query import EVERY_PART, NamespaceQuery, PartQuery

P = TypeVar("P", bound=Part)


class MemoryMetadefRepository:
    """Finds and keeps definitions within one transaction on the state in memory."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def list(self, query: NamespaceQuery, seen_by: Caller | None) -> Sequence[Definitions]:
        """Return a page of namespaces with their associations.

        Raises:
            MetadefNotFound: the marker names none that the caller sees.
        """
        found = [
            Definitions(namespace, self.parts(namespace, Association))
            for namespace in self._transaction.state.namespaces.values()
            if seen_by is None or namespace.visible_to(seen_by)
        ]
        found.sort(
            key=lambda item: _namespace_key(item.namespace, query.sort_key),
            reverse=query.descending,
        )
        if query.marker is not None:
            names = [item.namespace.name for item in found]
            if query.marker not in names:
                raise MetadefNotFound(Kind.NAMESPACE, query.marker)
            found = found[names.index(query.marker) + 1 :]
        return [item for item in found if _matches(item, query)][: query.limit]

    def get(self, name: str, *, seen_by: Caller | None, for_update: bool = False) -> Namespace:
        """Return a namespace; a transaction that writes is alone anyway.

        Raises:
            MetadefNotFound: there is none that the caller sees.
        """
        for namespace in self._transaction.state.namespaces.values():
            if namespace.name == name and (seen_by is None or namespace.visible_to(seen_by)):
                return namespace
        raise MetadefNotFound(Kind.NAMESPACE, name)

    def add(self, namespace: Namespace) -> Namespace:
        """Record a new namespace and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: a text holds a NUL character.
        """
        state = self._transaction.change()
        namespace = replace(namespace, id=state.next_number())
        self.save(namespace)
        return namespace

    def save(self, namespace: Namespace) -> None:
        """Write all fields of a namespace; raises as `add`."""
        _require_storable(
            namespace.name, namespace.display_name, namespace.description, namespace.owner
        )
        kept = self._transaction.change().namespaces
        assert namespace.id is not None, "it was recorded"
        if any(it.name == namespace.name and it.id != namespace.id for it in kept.values()):
            raise MetadefExists(Kind.NAMESPACE, namespace.name)
        kept[namespace.id] = namespace

    def remove(self, namespace: Namespace) -> None:
        """Delete a namespace with everything in it; resource types stay."""
        for kind in PARTS:
            self.clear(namespace, kind)
        assert namespace.id is not None, "it was recorded"
        self._transaction.change().namespaces.pop(namespace.id, None)

    def parts(
        self, namespace: Namespace, kind: type[P], query: PartQuery = EVERY_PART
    ) -> Sequence[P]:
        """Return copies of the parts of one kind.

        Raises:
            MetadefNotFound: the marker names none.
        """
        kept = self._transaction.state.parts
        found = [
            deepcopy(part)
            for (home, _, _), part in kept.items()
            if home == namespace.id and isinstance(part, kind)
        ]
        found.sort(key=lambda part: _part_key(part, query.sort_key), reverse=query.descending)
        if query.marker is not None:
            self.part(namespace, kind, query.marker)
            names = [part.name for part in found]
            found = found[names.index(query.marker) + 1 :]
        return found[: query.limit]

    def part(self, namespace: Namespace, kind: type[P], name: str) -> P:
        """Return a copy of one part.

        Raises:
            MetadefNotFound: there is none of that name.
        """
        for part in self.parts(namespace, kind):
            if part.name == name:
                return part
        raise MetadefNotFound(kind.KIND, name, namespace.name)

    def add_parts(
        self, namespace: Namespace, parts: Sequence[Part], *, protect_types: bool = False
    ) -> None:
        """Record new parts.

        Raises:
            MetadefExists: a name is taken.
            Invalid: a text holds a NUL character.
        """
        for part in parts:
            state = self._transaction.change()
            if isinstance(part, Association):
                number = self._type_number(part.name, part.created_at, protect=protect_types)
            else:
                number = state.next_number()
            self._put(namespace, replace(part, id=number))

    def _type_number(self, name: str, at: datetime, *, protect: bool) -> int:
        kept = self._transaction.state.resource_types.get(name)
        if kept is None:
            new = ResourceType(name=name, created_at=at, updated_at=at, protected=protect)
            kept = self.add_resource_type(new)
        assert kept.id is not None, "it was recorded"
        return kept.id

    def _put(self, namespace: Namespace, part: Part) -> None:
        texts = (getattr(part, name, None) for name in _TEXTS)
        _require_storable(part.name, *texts, *getattr(part, "required", ()))
        kept = self._transaction.change().parts
        key = namespace.id, part.KIND, part.name
        if key in kept:
            raise MetadefExists(part.KIND, part.name, namespace.name)
        kept[key] = deepcopy(part)

    def save_part(self, namespace: Namespace, part: Part) -> None:
        """Write all fields of a part.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
            MetadefExists: the name is taken.
            Invalid: a text holds a NUL character.
        """
        before = self._held(namespace, part)
        kept = self._transaction.change().parts
        old = kept.pop((namespace.id, part.KIND, before.name))
        try:
            self._put(namespace, part)
        except (Invalid, MetadefExists):
            kept[namespace.id, part.KIND, before.name] = old
            raise

    def remove_part(self, namespace: Namespace, part: Part) -> None:
        """Delete one part.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
        """
        kept = self._held(namespace, part)
        del self._transaction.change().parts[namespace.id, part.KIND, kept.name]

    def _held(self, namespace: Namespace, part: Part) -> Part:
        for kept in self.parts(namespace, type(part)):
            if kept.id == part.id:
                return kept
        raise MetadefNotFound(part.KIND, part.name, namespace.name)

    def clear(self, namespace: Namespace, kind: type[Part]) -> int:
        """Delete all parts of one kind and return how many there were."""
        kept = self._transaction.change().parts
        keys = [key for key in kept if key[:2] == (namespace.id, kind.KIND)]
        for key in keys:
            del kept[key]
        return len(keys)

    def resource_types(self) -> Sequence[ResourceType]:
        """Return all resource types, in the order in which they were made."""
        return list(self._transaction.state.resource_types.values())

    def add_resource_type(self, resource_type: ResourceType) -> ResourceType:
        """Record a new resource type and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: the name holds a NUL character.
        """
        _require_storable(resource_type.name)
        state = self._transaction.change()
        if resource_type.name in state.resource_types:
            raise MetadefExists(Kind.RESOURCE_TYPE, resource_type.name)
        new = replace(resource_type, id=state.next_number())
        state.resource_types[new.name] = new
        return new

    def remove_resource_type(self, resource_type: ResourceType) -> None:
        """Delete a resource type.

        Raises:
            ProtectedMetadef: it is protected.
            MetadefInUse: a namespace is associated with it.
        """
        if resource_type.protected:
            raise ProtectedMetadef(Kind.RESOURCE_TYPE, resource_type.name)
        state = self._transaction.change()
        if any(
            isinstance(part, Association) and part.name == resource_type.name
            for part in state.parts.values()
        ):
            raise MetadefInUse(Kind.RESOURCE_TYPE, resource_type.name)
        state.resource_types.pop(resource_type.name, None)

    def remove_everything(self) -> None:
        """Delete all namespaces and resource types, the protected ones too."""
        state = self._transaction.change()
        state.namespaces, state.parts, state.resource_types = {}, {}, {}


_TEXTS = ("description", "prefix", "properties_target")


def _require_storable(*texts: str | None) -> None:
    if any("\0" in text for text in texts if text is not None):
        raise Invalid("NUL characters cannot be stored.")


def _namespace_key(namespace: Namespace, sort_key: str) -> tuple[Any, ...]:
    value = namespace.name if sort_key == "namespace" else getattr(namespace, sort_key)
    return ("" if value is None else value, namespace.created_at, namespace.id)


def _part_key(part: Part, sort_key: str) -> tuple[Any, ...]:
    return (getattr(part, sort_key), part.created_at, part.id)


def _matches(found: Definitions, query: NamespaceQuery) -> bool:
    if query.visibility not in (None, found.namespace.visibility):
        return False
    if query.ids is not None and found.namespace.id not in query.ids:
        return False
    tied = {part.name for part in found.of(Association)}
    return not query.resource_types or bool(tied.intersection(query.resource_types))
