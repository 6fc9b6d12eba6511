"""Metadata definitions: names, limits, and what a resource type makes of them."""

from typing import Any

import pytest

from tests.builders import THEN, a_caller
from tintype.domain.errors import Invalid, MetadefExists, ProtectedMetadef
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Definitions, Namespace
from tintype.domain.metadef.part import Association, Object, Part, Property, Tag, new_parts
from tintype.domain.visibility import Visibility


def a_namespace(**facts: Any) -> Namespace:
    return Namespace.new(THEN, **{"name": "N", "owner": "owner"} | facts)


@pytest.mark.parametrize(
    ("field", "most"),
    [("name", 80), ("display_name", 80), ("description", 500), ("owner", 255)],
)
def test_texts_of_a_namespace_have_an_end(field: str, most: int) -> None:
    a_namespace(**{field: "x" * most})

    with pytest.raises(Invalid, match=f"at most {most} characters"):
        a_namespace(**{field: "x" * (most + 1)})
    with pytest.raises(Invalid):
        a_namespace().replaced(THEN, **{"name": "N", "owner": "o", field: "x" * (most + 1)})


@pytest.mark.parametrize("name", ["", "x" * 81])
@pytest.mark.parametrize(
    ("kind", "values"), [(Object, {}), (Property, {"schema": {}}), (Tag, {}), (Association, {})]
)
def test_a_name_has_1_to_80_characters(kind: type[Part], values: dict[str, Any], name: str) -> None:
    part = kind.new(THEN, name="x" * 80, **values)

    with pytest.raises(Invalid):
        kind.new(THEN, name=name, **values)
    with pytest.raises(Invalid):
        part.replaced(THEN, name=name, **values)


@pytest.mark.parametrize("field", ["prefix", "properties_target"])
def test_texts_of_an_association_have_an_end(field: str) -> None:
    Association.new(THEN, name="r", **{field: "x" * 80})

    with pytest.raises(Invalid):
        Association.new(THEN, name="r", **{field: "x" * 81})


def test_two_parts_of_one_kind_have_two_names() -> None:
    assert len(new_parts({Tag: [{"name": "a"}], Object: [{"name": "a"}]}, THEN)) == 2

    with pytest.raises(MetadefExists):
        new_parts({Tag: [{"name": "a"}, {"name": "a"}]}, THEN)


def test_what_is_not_protected_may_be_deleted() -> None:
    a_namespace().require_deletable(Kind.TAG, "t")

    with pytest.raises(ProtectedMetadef, match="tag t is protected and cannot be deleted"):
        a_namespace(protected=True).require_deletable(Kind.TAG, "t")


def test_null_owns_nothing() -> None:
    nobody = a_caller(None)

    assert not a_namespace(owner="None").visible_to(nobody)
    assert a_namespace(visibility=Visibility.PUBLIC).visible_to(nobody)


@pytest.mark.parametrize(
    ("resource_type", "prefix"), [("prefixed", "x_"), ("plain", ""), ("unknown", "")]
)
def test_a_resource_type_writes_its_prefix_before_the_names_of_properties(
    resource_type: str, prefix: str
) -> None:
    parts = new_parts(
        {
            Association: [{"name": "prefixed", "prefix": "x_"}, {"name": "plain"}],
            Property: [{"name": "p", "schema": {}}],
            Object: [{"name": "o", "properties": {"a": {}}, "required": ("a",)}],
            Tag: [{"name": "t"}],
        },
        THEN,
    )

    written = Definitions(a_namespace(), parts).written_by(resource_type)

    [prop], [obj], [tag] = written.of(Property), written.of(Object), written.of(Tag)
    assert (prop.name, obj.name, tag.name) == (f"{prefix}p", "o", "t")
    assert (list(obj.properties), list(obj.required_names)) == ([f"{prefix}a"], [f"{prefix}a"])
