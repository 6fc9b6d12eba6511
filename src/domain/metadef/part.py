"""What a namespace holds: objects, properties, tags, and its ties to resource types."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Self

from tintype.domain.errors import Invalid, MetadefExists
from tintype.domain.metadef.kind import MAX_NAME, Kind


def check_text(what: str, text: str | None, maximum: int) -> None:
    """Refuse a text that is too long.

    Raises:
        Invalid: it has more than `maximum` characters.
    """
    if text is not None and len(text) > maximum:
        raise Invalid(f"The {what} has at most {maximum} characters, this one has {len(text)}.")


def check_name(kind: Kind, name: str) -> None:
    """Refuse what cannot be a name.

    Raises:
        Invalid: the name is empty or has more than 80 characters.
    """
    if not name:
        raise Invalid(f"The name of a {kind} must not be empty.")
    check_text(f"name of a {kind}", name, MAX_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that a namespace holds under a name of its own.

    Names are compared by case. `id` is None until it is recorded.
    """

    KIND: ClassVar[Kind]

    name: str
    created_at: datetime
    updated_at: datetime
    id: int | None = None

    @classmethod
    def new(cls, at: datetime, **values: Any) -> Self:
        """Make one that did not exist before `at`.

        Raises:
            Invalid: a name is empty or too long.
        """
        part = cls(created_at=at, updated_at=at, **values)
        part.check()
        return part

    def replaced(self, at: datetime, **values: Any) -> Self:
        """Return what becomes of it when all its fields are given anew.

        Raises:
            Invalid: a name is empty or too long.
        """
        part = type(self)(id=self.id, created_at=self.created_at, updated_at=at, **values)
        part.check()
        return part

    def check(self) -> None:
        """Refuse what may be stored by others, but not by us.

        Raises:
            Invalid: a name is empty or too long.
        """
        check_name(self.KIND, self.name)


def stated(schema: Any) -> dict[str, Any]:
    """Return what the schema of a property says.

    Programs of the field also write the property's name into it, which a change of the name
    leaves behind, and null for what they do not say. A default of null is said. What is no
    schema says nothing.
    """
    if not isinstance(schema, Mapping):
        return {}
    said = {
        name: value
        for name, value in schema.items()
        if name != "name" and (value is not None or name == "default")
    }
    if isinstance(items := said.get("items"), Mapping):
        said["items"] = {name: value for name, value in items.items() if value is not None}
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(Part):
    """A group of properties that belong together; `properties` are their schemas by name.

    Programs may have written `required` as one text with commas, or not at all.
    """

    KIND: ClassVar[Kind] = Kind.OBJECT

    description: str | None = None
    required: Sequence[str] | None = ()
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required_names(self) -> Sequence[str]:
        """The names of the properties that must be there, however they were written."""
        if isinstance(self.required, str):
            return [name for name in self.required.split(",") if name]
        return self.required or ()

    @property
    def stated_properties(self) -> dict[str, dict[str, Any]]:
        """What the schemas of the properties say, by name."""
        held = self.properties if isinstance(self.properties, Mapping) else {}
        return {name: stated(schema) for name, schema in held.items()}

    def prefixed(self, prefix: str) -> "Object":
        """Return the object as a resource type with that prefix writes it."""
        properties = {prefix + name: schema for name, schema in self.properties.items()}
        return replace(
            self,
            properties=properties,
            required=tuple(prefix + name for name in self.required_names),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Part):
    """One property; `schema` says in the terms of JSON Schema which values it takes."""

    KIND: ClassVar[Kind] = Kind.PROPERTY

    schema: Mapping[str, Any]

    @property
    def stated_schema(self) -> dict[str, Any]:
        """What the schema says."""
        return stated(self.schema)

    def prefixed(self, prefix: str) -> "Property":
        """Return the property as a resource type with that prefix writes it."""
        return replace(self, name=prefix + self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Part):
    """A word that things may be labelled with."""

    KIND: ClassVar[Kind] = Kind.TAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Association(Part):
    """Says that properties are meant for a type of resource; `name` is that of the type.

    The resource writes each property with the prefix before its name. `properties_target` says
    which of several bags of properties is meant, such as `image` of a volume.
    """

    KIND: ClassVar[Kind] = Kind.ASSOCIATION

    prefix: str | None = None
    properties_target: str | None = None

    def check(self) -> None:
        """Refuse what is too long.

        Raises:
            Invalid: a name is empty, or a text has more than 80 characters.
        """
        check_name(self.KIND, self.name)
        check_text("prefix", self.prefix, MAX_NAME)
        check_text("properties_target", self.properties_target, MAX_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A type of resource that some namespace was once associated with."""

    name: str
    created_at: datetime
    updated_at: datetime
    protected: bool = False
    id: int | None = None


PARTS: Sequence[type[Part]] = (Association, Property, Object, Tag)
"""Every kind of part."""

Content = Mapping[type[Part], Sequence[Mapping[str, Any]]]
"""Parts that are to be made, as the values of their fields by kind."""


def new_parts(content: Content, at: datetime) -> list[Part]:
    """Make all parts that are named.

    Raises:
        Invalid: one of them cannot be.
        MetadefExists: two of a kind have the same name.
    """
    parts = [kind.new(at, **values) for kind in PARTS for values in content.get(kind, ())]
    require_distinct(parts)
    return parts


def require_distinct(parts: Iterable[Part]) -> None:
    """Refuse parts of which two have the same name.

    Raises:
        MetadefExists: there are such.
    """
    for (kind, name), times in Counter((part.KIND, part.name) for part in parts).items():
        if times > 1:
            raise MetadefExists(kind, name)
