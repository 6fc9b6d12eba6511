"""The catalogue of metadata definitions."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from tintype.domain.caller import Caller
from tintype.domain.metadef.namespace import Definitions, Namespace
from tintype.domain.metadef.part import Part, ResourceType
from tintype.domain.metadef.query import EVERY_PART, NamespaceQuery, PartQuery

P = TypeVar("P", bound=Part)


class MetadefRepository(Protocol):
    """Finds definitions and keeps what became of them, within one unit of work.

    Names match by case. What is got is a value: `save` and `save_part` find by number what
    they replace. Whoever changes parts has got the namespace with `for_update` before, so that
    it is neither deleted nor protected meanwhile. JSON values come back as they were given.
    """

    def list(self, query: NamespaceQuery, seen_by: Caller | None) -> Sequence[Definitions]:
        """Return a page of namespaces with their associations, in O(1) statements.

        None sees everything.

        Raises:
            MetadefNotFound: the marker names none that the caller sees.
        """

    def get(self, name: str, *, seen_by: Caller | None, for_update: bool = False) -> Namespace:
        """Return a namespace; with `for_update` nobody else changes it until the work ends.

        Raises:
            MetadefNotFound: there is none that the caller sees.
        """

    def add(self, namespace: Namespace) -> Namespace:
        """Record a new namespace, without parts, and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """

    def save(self, namespace: Namespace) -> None:
        """Write all fields of a namespace, its name too. Raises as `add`."""

    def remove(self, namespace: Namespace) -> None:
        """Delete a namespace with everything in it; resource types stay."""

    def parts(
        self, namespace: Namespace, kind: type[P], query: PartQuery = EVERY_PART
    ) -> Sequence[P]:
        """Return the parts of one kind.

        Raises:
            MetadefNotFound: the marker names none.
        """

    def part(self, namespace: Namespace, kind: type[P], name: str) -> P:
        """Return one part.

        Raises:
            MetadefNotFound: there is none of that name.
        """

    def add_parts(
        self, namespace: Namespace, parts: Sequence[Part], *, protect_types: bool = False
    ) -> None:
        """Record new parts, of any kinds, whose names are distinct.

        Resource types that associations name first come to be; `protect_types` protects those.

        Raises:
            MetadefExists: a name is taken; nothing was recorded that may be committed.
            StaleWrite: somebody else made the same resource type just now.
            AlikeInDatabase: the database takes a resource type for another one.
            Invalid: the database cannot hold a text.
        """

    def save_part(self, namespace: Namespace, part: Part) -> None:
        """Write all fields of a part, its name too; associations are never changed.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """

    def remove_part(self, namespace: Namespace, part: Part) -> None:
        """Delete one part.

        Raises:
            MetadefNotFound: the namespace holds no part of that number.
        """

    def clear(self, namespace: Namespace, kind: type[Part]) -> int:
        """Delete all parts of one kind and return how many there were."""

    def resource_types(self) -> Sequence[ResourceType]:
        """Return all resource types, in the order in which they were made."""

    def add_resource_type(self, resource_type: ResourceType) -> ResourceType:
        """Record a new resource type and return it with its number.

        Raises:
            MetadefExists: the name is taken.
            Invalid: the database cannot hold a text.
        """

    def remove_resource_type(self, resource_type: ResourceType) -> None:
        """Delete a resource type.

        Raises:
            ProtectedMetadef: it is protected.
            MetadefInUse: a namespace is associated with it.
        """

    def remove_everything(self) -> None:
        """Delete all namespaces and resource types, the protected ones too."""
