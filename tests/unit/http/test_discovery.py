"""Schemas and what clients find out before they begin (images-api §12)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.unit.http.service import (
    ADMIN,
    ONE_STORE,
    TWO_STORES,
    Headers,
    Service,
    each,
    identity,
)
from tintype.domain.status import Status

NULLABLE = {
    *("name", "owner", "container_format", "disk_format", "checksum", "os_hash_algo"),
    *("os_hash_value", "size", "virtual_size"),
}
READ_ONLY = {
    *("status", "checksum", "os_hash_algo", "os_hash_value", "size", "virtual_size"),
    *("created_at", "updated_at", "direct_url", "self", "file", "stores", "schema"),
}
WRITABLE = {
    *("id", "name", "visibility", "os_hidden", "protected", "owner", "disk_format"),
    *("container_format", "min_disk", "min_ram", "tags", "locations"),
}


def document(service: Service, name: str) -> Any:
    """Return a schema."""
    answer = service.get(f"/v2/schemas/{name}")
    assert answer.status == 200
    return answer.json


def properties(service: Service) -> dict[str, Any]:
    """Return the properties of the schema of an image."""
    found: dict[str, Any] = document(service, "image")["properties"]
    return found


def test_the_schema_has_every_base_field_and_no_other(service: Service) -> None:
    assert set(properties(service)) == READ_ONLY | WRITABLE


def test_the_schema_says_what_may_be_null(service: Service) -> None:
    nullable = {name for name, each in properties(service).items() if "null" in each["type"]}
    assert nullable == NULLABLE


def test_the_schema_says_what_is_read_only(service: Service) -> None:
    read_only = {name for name, each in properties(service).items() if each.get("readOnly")}
    assert read_only == READ_ONLY


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("id", "string"), ("name", ["null", "string"]), ("protected", "boolean")),
        *(("size", ["null", "integer"]), ("min_disk", "integer"), ("tags", "array")),
        *(("locations", "array"), ("created_at", "string"), ("stores", "string")),
    ],
)
def test_the_schema_says_of_what_type_a_field_is(service: Service, name: str, kind: Any) -> None:
    assert properties(service)[name]["type"] == kind


def test_custom_properties_are_text(service: Service) -> None:
    assert document(service, "image")["additionalProperties"] == {"type": "string"}


def test_nothing_is_required_of_an_image(service: Service) -> None:
    assert "required" not in document(service, "image")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("visibility", ["community", "private", "public", "shared"]),
        ("disk_format", [None, "qcow2", "raw"]),
        ("container_format", [None, "bare"]),
    ],
)
def test_the_schema_names_what_is_allowed(tmp_path: Path, name: str, allowed: Any) -> None:
    formats = "[image_format]\ndisk_formats = raw,qcow2\ncontainer_formats = bare"
    service = Service.configured(tmp_path, TWO_STORES, formats)
    enum = properties(service)[name]["enum"]
    assert sorted(enum, key=str) == sorted(allowed, key=str)


@pytest.mark.parametrize("name", ["disk_format", "container_format"])
def test_of_formats_null_comes_first(service: Service, name: str) -> None:
    assert properties(service)[name]["enum"][0] is None


def test_every_status_of_the_field_is_named(service: Service) -> None:
    known = {
        *("queued", "saving", "active", "killed", "deleted", "uploading", "importing"),
        *("pending_delete", "deactivated"),
    }
    assert set(properties(service)["status"]["enum"]) == known


@pytest.mark.parametrize(
    ("name", "links"),
    [
        ("image", {"self": "{self}", "enclosure": "{file}", "describedby": "{schema}"}),
        ("images", {"first": "{first}", "next": "{next}", "describedby": "{schema}"}),
        ("members", {"describedby": "{schema}"}),
    ],
)
def test_schemas_say_which_fields_are_links(service: Service, name: str, links: Any) -> None:
    assert {each["rel"]: each["href"] for each in document(service, name)["links"]} == links


@pytest.mark.parametrize("name", ["image", "images", "member", "members"])
def test_schemas_say_their_names(service: Service, name: str) -> None:
    assert document(service, name)["name"] == name


@pytest.mark.parametrize("name", ["image", "images", "member", "members"])
def test_schemas_are_valid_themselves(service: Service, name: str) -> None:
    Draft4Validator.check_schema(document(service, name))


def test_the_schema_of_a_list_has_the_one_of_its_items(service: Service) -> None:
    items = document(service, "images")["properties"]["images"]["items"]
    assert items == document(service, "image")


@pytest.mark.parametrize("name", ["image", "images", "member", "members"])
def test_schemas_are_for_anybody_who_is_known(service: Service, name: str) -> None:
    nobody_special = service.seen_by(identity(None, ""))
    assert nobody_special.get(f"/v2/schemas/{name}").status == 200


BODIES: dict[str, tuple[str, Callable[[Service], Any]]] = {
    "a new image": ("image", lambda s: s.send("POST", "/v2/images", {}).json),
    "a new image with everything": (
        "image",
        lambda s: (
            s.send(
                "POST",
                "/v2/images",
                {"name": "x", "tags": ["a"], "min_disk": 1.0, "protected": True, "hw:x": "y"},
            ).json
        ),
    ),
    "an active image": ("image", lambda s: s.show(s.an_image(b"data"))),
    "a deactivated image": ("image", lambda s: s.show(s.a_deactivated_image())),
    "an importing image": ("image", lambda s: s.show(an_importing_image(s))),
    "a patched image": (
        "image",
        lambda s: s.patch(s.an_image(), [{"op": "add", "path": "/a", "value": "b"}]).json,
    ),
    "an empty list": ("images", lambda s: s.get("/v2/images").json),
    "a list": (
        "images",
        lambda s: s.an_image(b"data") and s.get("/v2/images?limit=1").json,
    ),
    "a member": (
        "member",
        lambda s: s.send("POST", f"/v2/images/{s.an_image()}/members", {"member": "x"}).json,
    ),
    "members": ("members", lambda s: s.get(f"/v2/images/{s.an_image()}/members").json),
}


def an_importing_image(service: Service) -> str:
    """Return an image whose data is being imported."""
    image_id = service.an_image()
    service.put_into(image_id, Status.IMPORTING)
    return image_id


@pytest.mark.parametrize(("name", "body"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("shown", ["true", "false"])
def test_bodies_fit_their_schemas(tmp_path: Path, name: str, body: Any, shown: str) -> None:
    options = (f"show_multiple_locations = {shown}", f"show_image_direct_url = {shown}")
    service = Service.configured(tmp_path, TWO_STORES, *options)
    Draft4Validator(document(service, name)).validate(body(service))


# ---------------------------------------------------------------------- info


def test_import_methods_are_told(tmp_path: Path) -> None:
    methods = "enabled_import_methods = [web-download,copy-image]"
    service = Service.configured(tmp_path, TWO_STORES, methods)
    told = service.get("/v2/info/import").json["import-methods"]
    assert (told["type"], told["value"]) == ("array", ["web-download", "copy-image"])


def test_stores_are_told_in_the_order_of_configuration(service: Service) -> None:
    expected = [
        {"id": "ram", "description": "Gone with the process", "default": "true"},
        {"id": "more"},
    ]
    assert service.get("/v2/info/stores").json == {"stores": expected}


@each(
    {
        "named stores": (lambda s: s.get("/v2/info/stores"), 200),
        "import methods": (lambda s: s.get("/v2/info/import"), 200),
        "an unknown topic": (lambda s: s.get("/v2/info/weather"), 404),
        "an unknown schema": (lambda s: s.get("/v2/schemas/weather"), 404),
        "stores, to an administrator": (lambda s: s.seen_by(ADMIN).get("/v2/info/stores"), 200),
        "stores, to a caller without roles": (
            lambda s: s.seen_by(identity(None, "")).get("/v2/info/stores"),
            200,
        ),
    }
)
def test_what_is_told_to_whom(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@pytest.mark.parametrize("path", ["/v2/info/stores", "/v2/info/stores/detail"])
def test_without_named_stores_there_is_nothing_to_tell(tmp_path: Path, path: str) -> None:
    service = Service.configured(tmp_path, ONE_STORE).seen_by(ADMIN)
    assert service.get(path).status == 404


def test_an_administrator_is_told_how_the_stores_are_set_up(service: Service) -> None:
    now: dict[str, Any] = {
        "capabilities": ["read", "ranged_read", "write", "delete", "exclusive_delete"],
        "health": {"condition": "ok"},
    }
    expected = [
        {
            **{"id": "ram", "description": "Gone with the process", "default": "true"},
            **{"type": "memory", "weight": 1, "properties": {"capacity": 1 << 30}},
            **now,
        },
        {"id": "more", "type": "memory", "weight": 0, "properties": {"capacity": 4096}, **now},
    ]
    assert service.seen_by(ADMIN).get("/v2/info/stores/detail").json == {"stores": expected}


def test_of_a_store_of_files_the_place_and_form_are_told(tmp_path: Path) -> None:
    text = """
        [DEFAULT]
        auth_strategy = trusted_headers
        enabled_backends = disk:file
        [glance_store]
        default_backend = disk
        [disk]
        filesystem_store_datadir = {defaults}
    """
    service = Service.configured(tmp_path, text, f"{tmp_path}/images").seen_by(ADMIN)
    told = service.get("/v2/info/stores/detail").json["stores"]
    about = {"data_dir": f"{tmp_path}/images", "chunk_size": 65536, "thin_provisioning": False}
    assert [(store["type"], store["properties"]) for store in told] == [("file", about)]


@pytest.mark.parametrize(
    ("caller", "status"),
    [(ADMIN, 200), (identity(None, "service"), 200), (identity(), 403), (identity(None, ""), 403)],
    ids=["an administrator", "a service", "a member", "a caller without roles"],
)
def test_who_is_told_how_the_stores_are_set_up(
    service: Service, caller: Headers, status: int
) -> None:
    assert service.seen_by(caller).get("/v2/info/stores/detail").status == status


@pytest.mark.parametrize("path", ["/v2/info/stores", "/v2/info/stores/detail"])
def test_the_stores_of_the_service_itself_are_not_told(service: Service, path: str) -> None:
    told = service.seen_by(ADMIN).get(path).json["stores"]
    assert [store["id"] for store in told] == ["ram", "more"]


def test_a_node_taken_out_of_service_says_so(tmp_path: Path) -> None:
    switch = tmp_path / "out"
    options = f"[healthcheck]\nbackends = disable_by_file\ndisable_by_file_path = {switch}"
    service = Service.configured(tmp_path, TWO_STORES, options)
    before = service.get("/healthcheck").status
    switch.touch()
    answer = service.get("/healthcheck")
    assert (before, answer.status, answer.body) == (200, 503, b"DISABLED BY FILE")
