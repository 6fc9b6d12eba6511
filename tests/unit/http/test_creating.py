"""Creating and showing images (images-api §3, §4.1, §4.2)."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    NOBODY,
    ONE_STORE,
    OTHER,
    READER,
    TWO_STORES,
    Answer,
    Service,
    each,
    identity,
)
from tintype.domain.location import Location
from tintype.domain.status import Status

BASE_FIELDS = {
    *("id", "name", "status", "visibility", "os_hidden", "protected", "owner"),
    *("disk_format", "container_format", "min_disk", "min_ram", "size", "virtual_size"),
    *("checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at", "tags"),
    *("self", "file", "schema"),
}


def create(service: Service, **body: Any) -> Answer:
    """Create an image."""
    return service.send("POST", "/v2/images", body)


def test_a_new_image_has_all_base_fields_and_no_other(service: Service) -> None:
    assert set(create(service).json) == BASE_FIELDS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", None), ("status", "queued"), ("visibility", "shared"), ("os_hidden", False)),
        *(("protected", False), ("owner", "owner"), ("disk_format", None), ("min_disk", 0)),
        *(("container_format", None), ("min_ram", 0), ("size", None), ("virtual_size", None)),
        *(("checksum", None), ("os_hash_algo", None), ("os_hash_value", None), ("tags", [])),
    ],
)
def test_fields_have_defaults(service: Service, field: str, value: Any) -> None:
    assert create(service).json[field] == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", "cirros"), ("name", ""), ("name", None), ("name", "x" * 255)),
        *(("visibility", "private"), ("visibility", "community"), ("os_hidden", True)),
        *(("protected", True), ("owner", "owner"), ("disk_format", "qcow2")),
        *(("disk_format", None), ("container_format", "ova"), ("min_disk", 2147483647)),
        *(
            ("min_ram", 7),
            ("tags", ["a", "b"]),
            ("id", NO_SUCH_ID),
            ("id", NO_SUCH_ID[:-4] + "AbCd"),
        ),
        *(("hw:cpu.cores/max", "4"), ("x" * 255, ""), ("emoji 💿", "💿"), ("self_", "x")),
    ],
)
def test_fields_that_were_sent_are_shown(service: Service, field: str, value: Any) -> None:
    assert create(service, **{field: value}).json[field] == value


@each(
    {
        "nothing said": (lambda s: create(s), 201),
        "a whole number written as 1.0": (lambda s: create(s, min_disk=1.0), 201),
        "an administrator's public one": (
            lambda s: create(s.seen_by(ADMIN), visibility="public"),
            201,
        ),
        "an administrator's for somebody": (lambda s: create(s.seen_by(ADMIN), owner="owner"), 201),
        "an administrator's for nobody": (lambda s: create(s.seen_by(ADMIN), owner=None), 201),
        "a number for text": (lambda s: create(s, name=1), 400),
        "a long name": (lambda s: create(s, name="x" * 256), 400),
        "an id that is none": (lambda s: create(s, id="mine"), 400),
        "an id with a line after it": (lambda s: create(s, id=NO_SUCH_ID + "\n"), 400),
        "no id": (lambda s: create(s, id=None), 400),
        "an unknown visibility": (lambda s: create(s, visibility="secret"), 400),
        "no visibility": (lambda s: create(s, visibility=None), 400),
        "an unknown disk format": (lambda s: create(s, disk_format="floppy"), 400),
        "an unknown container format": (lambda s: create(s, container_format="box"), 400),
        "text for a boolean": (lambda s: create(s, protected="true"), 400),
        "a number for a boolean": (lambda s: create(s, os_hidden=1), 400),
        "text for a number": (lambda s: create(s, min_ram="1"), 400),
        "a boolean for a number": (lambda s: create(s, min_ram=True), 400),
        "no number": (lambda s: create(s, min_disk=None), 400),
        "a fraction": (lambda s: create(s, min_disk=1.5), 400),
        "an infinite number": (
            lambda s: s.ask("POST", "/v2/images", b'{"min_disk": 1e400}'),
            400,
        ),
        "a negative number": (lambda s: create(s, min_disk=-1), 400),
        "a number beyond the column": (lambda s: create(s, min_ram=2147483648), 400),
        "a number beyond all columns": (
            lambda s: s.ask("POST", "/v2/images", b'{"min_ram": 1' + b"0" * 30 + b"}"),
            400,
        ),
        "no tags": (lambda s: create(s, tags=None), 400),
        "text for tags": (lambda s: create(s, tags="a"), 400),
        "a number among tags": (lambda s: create(s, tags=["a", 1]), 400),
        "a long tag": (lambda s: create(s, tags=["x" * 256]), 400),
        "a long owner": (lambda s: create(s.seen_by(ADMIN), owner="x" * 256), 400),
        "a number for a property": (lambda s: create(s, color=1), 400),
        "null for a property": (lambda s: create(s, color=None), 400),
        "an object for a property": (lambda s: create(s, color={}), 400),
        "a long key": (lambda s: create(s, **{"x" * 256: ""}), 400),
        "an empty key": (lambda s: create(s, **{"": "x"}), 400),
        "another project": (lambda s: create(s, owner="other"), 403),
        "nobody": (lambda s: create(s, owner=None), 403),
        "a public one": (lambda s: create(s, visibility="public"), 403),
        "a reader's": (lambda s: create(s.seen_by(READER)), 403),
        "one without project": (lambda s: create(s.seen_by(identity(None))), 403),
        "status": (lambda s: create(s, status="active"), 403),
        "size": (lambda s: create(s, size=1), 403),
        "virtual_size": (lambda s: create(s, virtual_size=1), 403),
        "checksum": (lambda s: create(s, checksum="0" * 32), 403),
        "os_hash_algo": (lambda s: create(s, os_hash_algo="md5"), 403),
        "os_hash_value": (lambda s: create(s, os_hash_value="00"), 403),
        "created_at": (lambda s: create(s, created_at="2020-01-01T00:00:00Z"), 403),
        "updated_at": (lambda s: create(s, updated_at="2020-01-01T00:00:00Z"), 403),
        "direct_url": (lambda s: create(s, direct_url="file:///etc/passwd"), 403),
        "direct_url of a wrong type": (lambda s: create(s, direct_url=1), 403),
        "self": (lambda s: create(s, self="x"), 403),
        "file": (lambda s: create(s, file="x"), 403),
        "schema": (lambda s: create(s, schema="x"), 403),
        "stores": (lambda s: create(s, stores="ram"), 403),
        "locations": (
            lambda s: create(s, locations=[{"url": "file:///etc/passwd", "metadata": {}}]),
            403,
        ),
        "location": (lambda s: create(s, location="x"), 403),
        "deleted": (lambda s: create(s, deleted="x"), 403),
        "deleted_at": (lambda s: create(s, deleted_at="x"), 403),
        "a property of the service": (lambda s: create(s, os_glance_importing_to_stores="x"), 403),
        "the owner of another project, by a reader": (
            lambda s: create(s.seen_by(READER), owner="other"),
            403,
        ),
        "a community image": (lambda s: create(s, visibility="community"), 201),
        "a store named in a header": (
            lambda s: s.send("POST", "/v2/images", {}, {"x-image-meta-store": "unknown"}),
            201,
        ),
        "a key said twice": (
            lambda s: s.ask("POST", "/v2/images", b'{"name": "a", "name": "b"}'),
            201,
        ),
        "a read-only key said twice": (
            lambda s: s.ask("POST", "/v2/images", b'{"stores": "a", "stores": "b"}'),
            403,
        ),
        "a property that is deep": (
            lambda s: s.ask("POST", "/v2/images", b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"),
            400,
        ),
        "an owner that is too long": (
            lambda s: s.seen_by(identity("p" * 256)).send("POST", "/v2/images", {}),
            400,
        ),
        "a number of 400 digits": (
            lambda s: s.ask("POST", "/v2/images", b'{"a": ' + b"9" * 400 + b"}"),
            400,
        ),
        "minus nothing": (lambda s: s.ask("POST", "/v2/images", b'{"min_ram": -0.0}'), 201),
        "the id of an image": (lambda s: create(s, id=s.an_image()), 409),
        "the id of a deleted image": (lambda s: create(s, id=a_deleted_image(s)), 409),
        "the id of an invisible image": (
            lambda s: create(s.seen_by(OTHER), id=s.an_image(visibility="private")),
            409,
        ),
        "too many tags": (lambda s: create(s, tags=[f"t{n}" for n in range(129)]), 413),
        "too many properties": (lambda s: create(s, **{f"p{n}": "" for n in range(129)}), 413),
    }
)
def test_what_creating_an_image_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def a_deleted_image(service: Service) -> str:
    """Create and delete an image, and return its id."""
    image_id = service.an_image()
    assert service.ask("DELETE", f"/v2/images/{image_id}").status == 204
    return image_id


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"self": "x", "name": 1}, 403),
        ({"name": 1, "deleted": "x"}, 400),
        ({"x" * 256: "", "owner": "other"}, 400),
        ({"deleted": "x", "min_disk": -1}, 403),
        ({"owner": "other", "visibility": "public"}, 403),
        ({"size": 1, "min_disk": -1}, 403),
        ({"tags": [f"t{n}" for n in range(129)], "size": 1}, 413),
        ({"min_disk": -1, **{f"p{n}": "" for n in range(129)}}, 400),
        ({"min_disk": 1 << 31, **{f"p{n}": "" for n in range(129)}}, 413),
    ],
    ids=[
        *("read-only before types", "types before reserved names"),
        *("long keys before the owner", "reserved names before ranges"),
        *("the owner before visibility", "read-only before ranges"),
        *("tags before read-only", "below nothing before the number of properties"),
        "the number of properties before what is too large",
    ],
)
def test_of_two_mistakes_the_first_in_order_is_told(
    service: Service, body: Any, status: int
) -> None:
    assert service.send("POST", "/v2/images", body).status == status


def test_a_foreign_owner_is_refused_in_the_words_that_clients_look_for(service: Service) -> None:
    told = create(service, owner="other").message
    assert "You are not permitted to create images owned by 'other'" in told


def test_a_foreign_owner_is_told_before_what_the_caller_may_not_do(service: Service) -> None:
    told = create(service.seen_by(READER), owner="other").message
    assert "You are not permitted to create images owned by 'other'" in told


def test_a_stranger_who_may_read_creates_nothing(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "allow_anonymous_access = true")
    answer = create(service.seen_by(NOBODY))
    assert (answer.status, "Read-only access" in answer.message) == (403, True)


def test_a_refused_image_is_not_there(service: Service) -> None:
    create(service, id=NO_SUCH_ID, **{f"p{n}": "" for n in range(129)})
    assert service.get(f"/v2/images/{NO_SUCH_ID}").status == 404


def test_equal_tags_become_one(service: Service) -> None:
    assert create(service, tags=["a", "b", "a"]).json["tags"] == ["a", "b"]


def test_a_new_image_was_made_and_changed_at_one_instant(service: Service) -> None:
    shown = create(service).json
    assert shown["created_at"] == shown["updated_at"]


def test_an_image_of_a_caller_without_project_belongs_to_nobody(service: Service) -> None:
    operator = identity(None, "admin,member,reader")
    assert create(service.seen_by(operator)).json["owner"] is None


def test_the_answer_says_where_the_image_is(service: Service) -> None:
    answer = create(service, id=NO_SUCH_ID)
    place = f"http://falconframework.org/v2/images/{NO_SUCH_ID}"
    assert answer.headers["Location"] == place


def test_the_answer_names_the_stores(service: Service) -> None:
    assert create(service).headers["OpenStack-image-store-ids"] == "ram,more"


def test_without_named_stores_none_are_told(tmp_path: Path) -> None:
    answer = create(Service.configured(tmp_path, ONE_STORE))
    assert "OpenStack-image-store-ids" not in answer.headers


def test_the_answer_names_the_import_methods(tmp_path: Path) -> None:
    methods = "enabled_import_methods = [web-download,copy-image]"
    answer = create(Service.configured(tmp_path, TWO_STORES, methods))
    assert answer.headers["OpenStack-image-import-methods"] == "web-download,copy-image"


def test_without_import_methods_none_are_told(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "enabled_import_methods = []")
    assert "OpenStack-image-import-methods" not in create(service).headers


# ---------------------------------------------------------------------- showing


def test_what_was_answered_to_the_creation_is_shown(service: Service) -> None:
    created = create(service, name="cirros", tags=["a"], color="red").json
    assert service.show(created["id"]) == created


def test_an_image_in_a_store_names_it(service: Service) -> None:
    image_id = service.an_image()
    service.upload(image_id, b"data", {"x-image-meta-store": "more"})
    assert service.show(image_id)["stores"] == "more"


@pytest.fixture
def open_service(tmp_path: Path) -> Service:
    """A service that shows where data is."""
    options = ("show_multiple_locations = true", "show_image_direct_url = true")
    return Service.configured(tmp_path, TWO_STORES, *options)


def test_an_image_without_data_has_an_empty_list_of_locations(open_service: Service) -> None:
    shown = open_service.show(open_service.an_image())
    assert (shown["locations"], "direct_url" in shown) == ([], False)


def test_an_image_with_data_shows_where_it_is(open_service: Service) -> None:
    image_id = open_service.an_image(b"data")
    locations = [{"url": f"memory://ram/{image_id}", "metadata": {"store": "ram"}}]
    assert open_service.show(image_id)["locations"] == locations


def test_the_direct_url_is_that_of_the_first_location(open_service: Service) -> None:
    shown = open_service.show(open_service.an_image(b"data"))
    assert shown["direct_url"] == shown["locations"][0]["url"]


def test_of_a_deactivated_image_no_location_is_shown(open_service: Service) -> None:
    shown = open_service.show(open_service.a_deactivated_image())
    assert (shown["locations"], {"stores", "direct_url"} & set(shown)) == ([], set())


def test_an_administrator_is_shown_locations_of_a_deactivated_image(open_service: Service) -> None:
    shown = open_service.seen_by(ADMIN).show(open_service.a_deactivated_image())
    assert (len(shown["locations"]), shown["stores"]) == (1, "ram")


@pytest.mark.parametrize("name", ["os_glance_stage_host", "os_glance_hash_op_host"])
def test_properties_of_processes_are_never_shown(service: Service, name: str) -> None:
    image_id = service.an_image()
    service.put_into(image_id, Status.QUEUED, properties={name: "http://worker-1"})
    assert name not in service.show(image_id)


@pytest.mark.parametrize("name", ["os_glance_importing_to_stores", "os_glance_failed_import"])
def test_properties_of_imports_are_shown_to_those_who_wait_for_them(
    service: Service, name: str
) -> None:
    image_id = service.an_image()
    service.put_into(image_id, Status.QUEUED, properties={name: "ram"})
    assert service.show(image_id)[name] == "ram"


@pytest.mark.parametrize("name", ["stores", "locations", "direct_url", "self", "os_hash_algo"])
def test_a_property_that_poses_as_a_field_is_not_shown(service: Service, name: str) -> None:
    image_id = service.an_image()
    before = service.show(image_id)
    service.put_into(image_id, Status.QUEUED, properties={name: "fake"})
    assert service.show(image_id) | {"updated_at": ""} == before | {"updated_at": ""}


def test_stores_come_by_weight_and_once_each(open_service: Service) -> None:
    image_id = open_service.an_image(b"data")
    held = [
        Location(f"memory://{store}/{number}", {"store": store})
        for number, store in enumerate(("more", "ram", "more"))
    ]
    open_service.put_into(image_id, Status.ACTIVE, locations=held)
    shown = open_service.show(image_id)
    assert shown["stores"] == "ram,more"
    assert [each["url"] for each in shown["locations"]] == [
        *("memory://ram/1", "memory://more/0", "memory://more/2")
    ]


def test_a_location_comes_back_as_it_was_written(open_service: Service) -> None:
    location = Location("memory://ram/x?a=b#ä", {"store": "ram", "deep": {"list": ["x"]}})
    image_id = open_service.an_image(b"data")
    open_service.put_into(image_id, Status.ACTIVE, locations=[location])
    shown = open_service.show(image_id)["locations"]
    assert shown == [{"url": location.url, "metadata": location.metadata}]
