"""The part of the composition that is about metadata definitions, where no adapter is named."""

from typing import TypeVar

from tintype.application.metadefs.access import MetadefAccess
from tintype.application.metadefs.namespaces import (
    CreateNamespace,
    DeleteNamespace,
    ListNamespaces,
    ReplaceNamespace,
    ShowNamespace,
)
from tintype.application.metadefs.parts import (
    AddPart,
    ClearParts,
    ListParts,
    RemovePart,
    ReplacePart,
    ShowPart,
)
from tintype.application.metadefs.resource_types import ListResourceTypes, ShowPropertyOf
from tintype.application.metadefs.tags import SetTags
from tintype.domain.metadef.part import Association, Object, Part, Property, Tag
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work
from tintype.entrypoints.http.resources.metadefs.namespaces import Namespaces, OneNamespace
from tintype.entrypoints.http.resources.metadefs.objects import Objects, OneObject
from tintype.entrypoints.http.resources.metadefs.properties import OneProperty, Properties
from tintype.entrypoints.http.resources.metadefs.resource_types import (
    Associations,
    OneAssociation,
    ResourceTypes,
)
from tintype.entrypoints.http.resources.metadefs.routes import MetadefResources
from tintype.entrypoints.http.resources.metadefs.tags import OneTag, Tags
from tintype.entrypoints.http.schemas.query import Paging

P = TypeVar("P", bound=Part)


def make_resources(
    work: Work, access: MetadefAccess, notifier: Notifier, clock: Clock, paging: Paging
) -> MetadefResources:
    """Put what answers below `/v2/metadefs` together."""

    def find(kind: type[P]) -> ListParts[P]:
        return ListParts(work, access, kind)

    def show(kind: type[P]) -> ShowPart[P]:
        return ShowPart(work, access, kind)

    def add(kind: type[P]) -> AddPart[P]:
        return AddPart(work, access, notifier, clock, kind)

    def replace(kind: type[P]) -> ReplacePart[P]:
        return ReplacePart(work, access, notifier, clock, kind)

    def remove(kind: type[P]) -> RemovePart[P]:
        return RemovePart(work, access, notifier, kind)

    def clear(kind: type[P]) -> ClearParts[P]:
        return ClearParts(work, access, notifier, kind)

    return MetadefResources(
        namespaces=Namespaces(
            CreateNamespace(work, access, notifier, clock), ListNamespaces(work, access), paging
        ),
        namespace=OneNamespace(
            ShowNamespace(work, access),
            ReplaceNamespace(work, access, notifier, clock),
            DeleteNamespace(work, access, notifier),
        ),
        objects=Objects(find(Object), add(Object), clear(Object)),
        object=OneObject(show(Object), replace(Object), remove(Object)),
        properties=Properties(find(Property), add(Property), clear(Property)),
        property=OneProperty(
            show(Property), ShowPropertyOf(work, access), replace(Property), remove(Property)
        ),
        tags=Tags(find(Tag), SetTags(work, access, notifier, clock), clear(Tag)),
        tag=OneTag(show(Tag), add(Tag), replace(Tag), remove(Tag)),
        associations=Associations(find(Association), add(Association)),
        association=OneAssociation(remove(Association)),
        resource_types=ResourceTypes(ListResourceTypes(work, access)),
    )
