"""Custom properties that have the types of the site's schema file (images-api §3, §12)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from tests.unit.http.service import V20, V21, Answer, Service
from tintype.domain.errors import BadConfiguration
from tintype.domain.status import Status
from tintype.entrypoints.http.schemas.site import SiteProperties

SAMPLE = Path(__file__).parents[3] / "etc" / "schema-image.json.sample"
KERNEL = "11111111-2222-4333-8444-555555555555"

TYPES = {
    "text": {"type": "string", "maxLength": 5},
    "kernel": {"type": ["null", "string"], "pattern": "^[0-9a-f-]{36}$"},
    "count": {"type": "integer", "minimum": 0},
    "maybe": {"type": ["null", "integer"]},
    "ratio": {"type": "number"},
    "flag": {"type": "boolean"},
    "colour": {"enum": ["red", "blue"]},
    "cores": {"enum": [None, 1, 2, 4]},
    "sizes": {"type": "array", "items": {"type": "integer"}},
    "limits": {"type": "object", "properties": {"cpu": {"type": "integer"}}},
    "either": {"type": ["string", "integer"]},
    "untyped": {"description": "Has no type"},
}

Site = Callable[..., Service]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make services with a schema file beside the configuration file."""

    def make(document: Any = TYPES) -> Service:
        text = document if isinstance(document, str) else json.dumps(document)
        (tmp_path / "schema-image.json").write_text(text, encoding="utf-8")
        return Service.configured(tmp_path)

    return make


def create(service: Service, **body: Any) -> Answer:
    """Create an image."""
    return service.send("POST", "/v2/images", body)


# ---------------------------------------------------------------------- the document


def test_what_the_file_describes_is_in_the_schema_as_no_base_field(site: Site) -> None:
    shown = site().get("/v2/schemas/image").json["properties"]
    assert shown["count"] == {"type": "integer", "minimum": 0, "is_base": False}


def test_without_the_file_no_property_has_a_type(service: Service) -> None:
    shown = service.get("/v2/schemas/image").json["properties"]
    assert [name for name, each in shown.items() if "is_base" in each] == []


def test_the_schema_of_a_list_has_the_same_properties(site: Site) -> None:
    service = site()
    items = service.get("/v2/schemas/images").json["properties"]["images"]["items"]
    assert items == service.get("/v2/schemas/image").json


def test_the_file_may_name_what_is_required(site: Site) -> None:
    service = site({"properties": TYPES, "required": ["text"]})
    assert service.get("/v2/schemas/image").json["required"] == ["text"]


def test_the_sample_describes_the_well_known_properties(site: Site) -> None:
    shown = site(SAMPLE.read_text("utf-8")).get("/v2/schemas/image").json["properties"]
    assert {name for name, each in shown.items() if each.get("is_base") is False} == {
        *("kernel_id", "ramdisk_id", "instance_uuid", "architecture", "os_distro", "os_version"),
        *("description", "cinder_encryption_key_id", "cinder_encryption_key_deletion_policy"),
    }


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        *(("kernel_id", KERNEL, 201), ("kernel_id", None, 201), ("kernel_id", "mine", 400)),
        *(("ramdisk_id", None, 201), ("ramdisk_id", "", 400), ("instance_uuid", "any", 201)),
        *(("instance_uuid", None, 400), ("os_distro", "gentoo", 201), ("description", 1, 400)),
        ("cinder_encryption_key_deletion_policy", "on_image_deletion", 201),
        ("cinder_encryption_key_deletion_policy", "never", 400),
    ],
)
def test_the_sample_asks_for_what_the_well_known_properties_are(
    site: Site, name: str, value: Any, status: int
) -> None:
    assert create(site(SAMPLE.read_text("utf-8")), **{name: value}).status == status


# ---------------------------------------------------------------------- values

GOOD: list[tuple[str, Any]] = [
    *(("text", ""), ("text", "12345"), ("kernel", KERNEL), ("kernel", None), ("count", 0)),
    *(("count", (1 << 63) - 1), ("maybe", None), ("maybe", -7), ("ratio", 1.5), ("ratio", 2)),
    *(
        ("flag", True),
        ("flag", False),
        ("colour", "blue"),
        ("cores", 4),
        ("cores", None),
        ("sizes", []),
        ("sizes", [1, 2]),
    ),
    *(("limits", {}), ("limits", {"cpu": 4, "x": ["y"]}), ("either", "4"), ("untyped", "x")),
]
BAD: list[tuple[str, Any]] = [
    *(("text", "123456"), ("text", 1), ("text", None), ("kernel", ""), ("kernel", "x")),
    *(("count", "1"), ("count", -1), ("count", True), ("count", None), ("count", 1.5)),
    *(("count", 1e30), ("maybe", ""), ("ratio", "1.5"), ("flag", "true"), ("flag", 1)),
    *(
        ("cores", 3),
        ("cores", "4"),
        ("colour", "green"),
        ("colour", None),
        ("sizes", ["1"]),
        ("sizes", "[]"),
        ("limits", []),
    ),
    *(("either", None), ("untyped", 1), ("other", 1), ("other", None), ("other", ["x"])),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_value_comes_back_in_its_type(site: Site, name: str, value: Any) -> None:
    service = site()
    created = create(service, **{name: value}).json
    shown = service.show(created["id"])[name]
    assert (created[name], shown, type(shown)) == (value, value, type(value))


@pytest.mark.parametrize(("name", "value"), GOOD)
@pytest.mark.parametrize("dialect", [V20, V21])
def test_a_value_may_come_by_patch(site: Site, dialect: str, name: str, value: Any) -> None:
    operation = {"op": "add", "path": f"/{name}"} if dialect == V21 else {"add": f"/{name}"}
    service = site()
    answer = service.patch(service.an_image(), [operation | {"value": value}], dialect)
    assert answer.json[name] == value


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_of_another_type_is_refused(site: Site, name: str, value: Any) -> None:
    service = site()
    change = [{"op": "add", "path": f"/{name}", "value": value}]
    refused = create(service, **{name: value}), service.patch(service.an_image(), change)
    assert [answer.status for answer in refused] == [400, 400]


def test_a_whole_number_written_as_a_fraction_is_an_integer(site: Site) -> None:
    shown = create(site(), count=4.0).json["count"]
    assert (shown, type(shown)) == (4, int)


def test_a_typed_value_is_found_by_its_text(site: Site) -> None:
    service = site()
    image_id = create(service, count=4, flag=True).json["id"]
    found = service.get("/v2/images?count=4&flag=true").json["images"]
    assert [image["id"] for image in found] == [image_id]


def test_what_is_shown_fits_the_schema(site: Site) -> None:
    service = site()
    checker = Draft4Validator(service.get("/v2/schemas/image").json)
    checker.validate(create(service, **dict(GOOD)).json)


@pytest.mark.parametrize(
    ("name", "stored", "shown"),
    [
        *(("flag", "True", True), ("flag", "0", False), ("count", "4", 4), ("maybe", "", None)),
        *(("count", "many", "many"), ("count", "", ""), ("flag", "perhaps", "perhaps")),
        *(("count", "9" * 40, "9" * 40), ("sizes", "1", "1"), ("limits", "{", "{")),
    ],
)
def test_text_from_before_is_shown_in_its_type_if_it_has_it(
    site: Site, name: str, stored: str, shown: Any
) -> None:
    service = site()
    image_id = service.an_image()
    service.put_into(image_id, Status.QUEUED, properties={name: stored})
    assert service.show(image_id)[name] == shown


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"text": "x"}, 400), ({"name": "x"}, 400), ({"text": "x", "name": "x"}, 201)],
)
def test_what_is_required_must_be_there(site: Site, body: dict[str, Any], status: int) -> None:
    service = site({"properties": TYPES, "required": ["text", "name"]})
    assert create(service, **body).status == status


def test_what_is_required_cannot_be_removed(site: Site) -> None:
    service = site({"properties": TYPES, "required": ["text"]})
    image_id = service.an_image(text="x", count=1)
    changes = [[{"op": "remove", "path": f"/{name}"}] for name in ("text", "count")]
    assert [service.patch(image_id, change).status for change in changes] == [400, 200]


PROPERTIES = SiteProperties.of("a file", TYPES).properties.values()


@given(st.text())
def test_any_text_that_the_catalogue_has_can_be_shown(text: str) -> None:
    for each in PROPERTIES:
        json.dumps(each.from_text(text))


# ---------------------------------------------------------------------- broken files


@pytest.mark.parametrize(
    "document",
    [
        *("", "{", "[]", "null", "\ufeff{}", '{"a": NaN}', "[" * 5000),
        *({"a": 1}, {"a": []}, {"a": {"type": "text"}}, {"a": {"type": 1}}, {"a": {"enum": 1}}),
        *({"a": {"pattern": "("}}, {"a": {"$ref": "#/b"}}, {"a": {"items": {"$ref": "x"}}}),
        *({"name": {"type": "string"}}, {"size": {}}, {"deleted": {}}, {"os_glance_x": {}}),
        *({"": {}}, {"x" * 256: {}}, {"properties": []}, {"properties": {"a": 1}}),
        *({"properties": {}, "required": "a"}, {"properties": {}, "required": [1]}),
        *({"properties": {}, "required": ["size"]}, {"properties": {}, "required": ["locations"]}),
    ],
    ids=lambda document: str(document)[:40],
)
def test_a_broken_file_stops_the_start_with_a_sentence(site: Site, document: Any) -> None:
    service = site(document)
    with pytest.raises(BadConfiguration, match=r"schema-image\.json: .*\.$"):
        service.container.application()


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "schema-image.json").mkdir()
    with pytest.raises(BadConfiguration, match=r"schema-image\.json: it cannot be read"):
        Service.configured(tmp_path).container.application()
