"""Custom properties whose types the site states in `schema-image.json` (images-api §12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from tintype.domain.errors import BadConfiguration, Invalid, TintypeError
from tintype.domain.image import BASE, READ_ONLY, check_property_name

FILE: Final = "schema-image.json"

_SMALLEST, _BIGGEST = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True)
class SiteProperty:
    """A custom property with a JSON schema of its own.

    The catalogue keeps the text of every value, as it does for other custom properties: a
    string is itself, anything else is written as JSON, and null as the empty text.
    """

    name: str
    description: Mapping[str, Any]
    _errors: Callable[[Any], Any] = field(repr=False)

    @property
    def types(self) -> Sequence[str]:
        """The JSON types that a value may have."""
        kind = self.description["type"]
        return [kind] if isinstance(kind, str) else kind

    def to_text(self, value: Any) -> str:
        """Check a value and return the text that is kept of it.

        Raises:
            Invalid: the site's schema does not allow it.
        """
        error = self._errors(value)
        if error is not None:
            expected = orjson.dumps(error.validator_value).decode()
            raise Invalid(
                f"Provided object does not match schema 'image': {self.name} must satisfy "
                f"{error.validator}: {expected}"
            )
        if value is None:
            return ""
        return value if isinstance(value, str) else self._written(value)

    def _written(self, value: Any) -> str:
        # JSON has one kind of number: 4.0 is the integer 4.
        if isinstance(value, float) and "integer" in self.types and value.is_integer():
            value = int(value)
        try:
            return orjson.dumps(value).decode()
        except orjson.JSONEncodeError:
            raise Invalid(f"{self.name} must lie between {_SMALLEST} and {_BIGGEST}.") from None

    def from_text(self, text: str) -> Any:
        """Return the value of a text that the catalogue has.

        Text that fits no type, from before the site stated one, is shown as it is.
        """
        if not text and "null" in self.types:
            return None
        for kind in self.types:
            reader = _READERS.get(kind)
            value = reader(text) if reader else None
            if value is not None:
                return value
        return text


def _integer(text: str) -> int | None:
    value = _json(text)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(text: str) -> float | None:
    value = _json(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(text: str) -> bool | None:
    # Glance wrote Python's names, and on MySQL digits.
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


def _array(text: str) -> list[Any] | None:
    value = _json(text)
    return value if isinstance(value, list) else None


def _object(text: str) -> dict[str, Any] | None:
    value = _json(text)
    return value if isinstance(value, dict) else None


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _types_of(definition: Mapping[str, Any]) -> str | list[str]:
    """Return the types of a property that states none: those of its values, or text."""
    values = definition.get("enum")
    if not isinstance(values, list) or not values:
        return "string"
    return list(dict.fromkeys(_NAMES[type(value)] for value in values))


_NAMES: Final[Mapping[type, str]] = {
    **{str: "string", bool: "boolean", int: "integer", float: "number"},
    **{list: "array", dict: "object", type(None): "null"},
}

_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": lambda text: text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}


@dataclass(frozen=True)
class SiteProperties:
    """What the site's schema says of images, beyond the base fields: nothing, by default."""

    properties: Mapping[str, SiteProperty] = field(default_factory=dict)
    required: Sequence[str] = ()

    @classmethod
    def from_file(cls, path: str | None) -> "SiteProperties":
        """Read the file, if there is one.

        It is a map of properties, or an object with `properties` and the list `required`.

        Raises:
            BadConfiguration: it cannot be used; says where and why.
        """
        if path is None:
            return cls()
        try:
            with open(path, "rb") as file:
                document = orjson.loads(file.read())
        except OSError as error:
            raise BadConfiguration(path, f"it cannot be read: {error.strerror}.") from error
        except orjson.JSONDecodeError as error:
            raise BadConfiguration(path, f"it is not JSON: {error}.") from error
        return cls.of(path, document)

    @classmethod
    def of(cls, path: str, document: Any) -> "SiteProperties":
        """Make sense of what stands in the file.

        Raises:
            BadConfiguration: it cannot be used; says where and why.
        """
        return _Document(path).read(document)


@dataclass(frozen=True)
class _Document:
    """The contents of a file on their way to properties."""

    path: str

    def read(self, document: Any) -> SiteProperties:
        definitions = self._object("the file", document)
        required: Any = []
        if "properties" in document:
            definitions = self._object("properties", document["properties"])
            required = document.get("required", [])
        properties = {name: self._property(name, each) for name, each in definitions.items()}
        return SiteProperties(properties, self._required(required))

    def _required(self, names: Any) -> Sequence[str]:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._bad("required must be a list of names.")
        for name in names:
            if name in READ_ONLY - {"id"} | {"locations"}:
                raise self._bad(f"nobody can set {name}, which is required.")
        return tuple(names)

    def _property(self, name: str, definition: Any) -> SiteProperty:
        # Slow to load, and needed by those sites alone that have such a file.
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError, best_match

        if name in BASE:
            raise self._bad(f"{name} is a field of every image and cannot be defined anew.")
        try:
            check_property_name(name)
        except TintypeError as error:
            raise self._bad(str(error)) from error
        stated = self._object(name, definition)
        described = {"type": _types_of(stated)} | stated | {"is_base": False}
        if b'"$ref"' in orjson.dumps(described):
            raise self._bad(f"{name} must be described here, without $ref.")
        try:
            Draft202012Validator.check_schema(described)
        except SchemaError as error:
            raise self._bad(f"{name} is no JSON schema: {error.message}.") from error
        checker = Draft202012Validator(described)
        return SiteProperty(name, described, lambda value: best_match(checker.iter_errors(value)))

    def _object(self, what: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._bad(f"{what} must be a JSON object.")
        return value

    def _bad(self, problem: str) -> BadConfiguration:
        return BadConfiguration(self.path, problem)
