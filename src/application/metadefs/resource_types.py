"""Resource types, and properties as they write them (metadefs §2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.metadefs.access import MetadefAccess
from tintype.domain.caller import Caller
from tintype.domain.errors import MetadefNotFound
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.part import Association, Property, ResourceType
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class ListResourceTypes:
    """Show all types of resources that definitions are made for."""

    work: Work
    access: MetadefAccess

    def __call__(self, caller: Caller) -> Sequence[ResourceType]:
        """Return the types, oldest first.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
        """
        self.access.require_anywhere(caller, "list_metadef_resource_types")
        with self.work(read_only=True) as work:
            return work.metadefs.resource_types()


@dataclass(frozen=True)
class ShowPropertyOf:
    """Look a property up by the name that a type of resource writes it with."""

    work: Work
    access: MetadefAccess

    def __call__(self, caller: Caller, namespace: str, name: str, resource_type: str) -> Property:
        """Return the property, under the name that it was asked for by.

        Raises:
            MetadefNotFound: there is none that the caller may see, the type is not associated
                with the namespace, or the name lacks its prefix.
            Forbidden: the caller may see the namespace, but not this.
        """
        with self.work(read_only=True) as work:
            home = work.metadefs.get(namespace, seen_by=caller)
            self.access.require(caller, home, "get_metadef_property", "get_metadef_resource_type")
            tie = work.metadefs.part(home, Association, resource_type)
            prefix = tie.prefix or ""
            if not name.startswith(prefix):
                raise MetadefNotFound(Kind.PROPERTY, name, namespace)
            found = work.metadefs.part(home, Property, name.removeprefix(prefix))
        return found.prefixed(prefix)
