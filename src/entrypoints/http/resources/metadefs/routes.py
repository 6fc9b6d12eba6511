"""The paths of metadata definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tintype.entrypoints.http.resources.discovery import Document
from tintype.entrypoints.http.resources.metadefs.namespaces import Namespaces, OneNamespace
from tintype.entrypoints.http.resources.metadefs.objects import Objects, OneObject
from tintype.entrypoints.http.resources.metadefs.properties import OneProperty, Properties
from tintype.entrypoints.http.resources.metadefs.resource_types import (
    Associations,
    OneAssociation,
    ResourceTypes,
)
from tintype.entrypoints.http.resources.metadefs.tags import OneTag, Tags
from tintype.entrypoints.http.schemas.metadef.documents import documents


@dataclass(frozen=True)
class MetadefResources:
    """Everything below `/v2/metadefs`, and the documents that describe it."""

    namespaces: Namespaces
    namespace: OneNamespace
    objects: Objects
    object: OneObject
    properties: Properties
    property: OneProperty
    tags: Tags
    tag: OneTag
    associations: Associations
    association: OneAssociation
    resource_types: ResourceTypes

    def routes(self) -> Sequence[tuple[str, Any]]:
        """Return each path with what answers it."""
        root = "/v2/metadefs/namespaces"
        one = f"{root}/{{namespace}}"
        return (
            (root, self.namespaces),
            (one, self.namespace),
            (f"{one}/objects", self.objects),
            (f"{one}/objects/{{name}}", self.object),
            (f"{one}/properties", self.properties),
            (f"{one}/properties/{{name}}", self.property),
            (f"{one}/tags", self.tags),
            (f"{one}/tags/{{name}}", self.tag),
            (f"{one}/resource_types", self.associations),
            (f"{one}/resource_types/{{name}}", self.association),
            ("/v2/metadefs/resource_types", self.resource_types),
            *(
                (f"/v2/schemas/metadefs/{name}", Document(document))
                for name, document in documents().items()
            ),
        )
