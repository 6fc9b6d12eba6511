"""What a catalogue of definitions is made of."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of things in the catalogue, by the words that sentences use."""

    NAMESPACE = "namespace"
    OBJECT = "object"
    PROPERTY = "property"
    TAG = "tag"
    ASSOCIATION = "resource type association"
    RESOURCE_TYPE = "resource type"


MAX_NAME = 80
MAX_DESCRIPTION = 500
MAX_OWNER = 255
