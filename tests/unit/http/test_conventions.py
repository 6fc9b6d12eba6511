"""What holds for every request (images-api §1)."""

import io
import re
from typing import Any

import pytest

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    NOBODY,
    OTHER,
    OWNER,
    V21,
    Answer,
    Rows,
    Service,
    each,
)

CHUNKED = {"Transfer-Encoding": "chunked"}
JSON_OPERATIONS = (
    ("POST", "/v2/images"),
    ("PATCH", f"/v2/images/{NO_SUCH_ID}"),
    ("POST", f"/v2/images/{NO_SUCH_ID}/members"),
    ("PUT", f"/v2/images/{NO_SUCH_ID}/members/friend"),
)

# ---------------------------------------------------------------------- bodies


@pytest.mark.parametrize(("method", "path"), JSON_OPERATIONS)
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"nul", b'"text"', b"1", b"true", b"null", b"\xff", b"[1]", b"1e999"),
        *(b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b"[" * 5000),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_a_body_that_is_missing_or_no_json_of_the_right_kind_is_refused(
    service: Service, method: str, path: str, body: bytes
) -> None:
    assert service.ask(method, path, body, {"Content-Type": V21}).status == 400


@pytest.mark.parametrize(("method", "path"), [row for row in JSON_OPERATIONS if row[0] != "PATCH"])
def test_an_array_where_an_object_is_expected_is_refused(
    service: Service, method: str, path: str
) -> None:
    assert service.send(method, path, []).status == 400


def test_the_content_type_of_json_is_not_looked_at(service: Service) -> None:
    answer = service.ask("POST", "/v2/images", b"{}", {"Content-Type": "text/xml"})
    assert answer.status == 201


def test_non_ascii_text_comes_back_unescaped(service: Service) -> None:
    answer = service.send("POST", "/v2/images", {"name": "Gentoo – 磁盘 💿"})
    assert '"Gentoo – 磁盘 💿"'.encode() in answer.body


def test_a_body_that_breaks_off_is_refused(service: Service) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    answer = service.ask("POST", "/v2/images", b"{}", environ={"wsgi.input": Broken()})
    assert answer.status == 400


def test_a_body_larger_than_any_honest_one_is_refused(service: Service) -> None:
    body = b'{"name": "' + b"x" * (9 << 20) + b'"}'
    assert service.ask("POST", "/v2/images", body).status == 413


NO_BODY_ALLOWED = (
    ("GET", "/v2/images/{id}"),
    ("GET", "/v2/images/{id}/file"),
    ("GET", "/v2/images/{id}/members"),
    ("GET", "/v2/images/{id}/members/friend"),
    ("GET", "/v2/schemas/image"),
    ("GET", "/v2/schemas/images"),
    ("GET", "/v2/schemas/member"),
    ("GET", "/v2/schemas/members"),
    ("GET", "/v2/info/import"),
    ("GET", "/v2/info/stores"),
    ("GET", "/v2/info/stores/detail"),
    ("GET", "/v2/cache"),
    ("GET", "/v2/cache/nodes/{id}"),
    ("DELETE", "/v2/images/{id}"),
    ("DELETE", "/v2/images/{id}/members/friend"),
    ("DELETE", "/v2/images/{id}/tags/old"),
    ("PUT", "/v2/images/{id}/tags/new"),
    ("POST", "/v2/images/{id}/actions/deactivate"),
    ("POST", "/v2/images/{id}/actions/reactivate"),
)


@pytest.mark.parametrize(("method", "path"), NO_BODY_ALLOWED)
def test_a_body_where_none_is_allowed_is_refused_before_all_else(
    service: Service, method: str, path: str
) -> None:
    answer = service.ask(method, path.format(id=NO_SUCH_ID), b"{}")
    assert (answer.status, "body is not expected" in answer.message.lower()) == (400, True)


@pytest.mark.parametrize(
    ("method", "path"), [row for row in NO_BODY_ALLOWED if row[0] in ("PUT", "POST")]
)
@pytest.mark.parametrize("coding", ["chunked", "gzip", "Chunked"])
def test_a_coded_body_counts_as_one(service: Service, method: str, path: str, coding: str) -> None:
    answer = service.ask(method, path.format(id=NO_SUCH_ID), headers={"Transfer-Encoding": coding})
    assert answer.status == 400


@each(
    {
        "an empty one": (lambda s: s.ask("GET", "/v2/info/import"), 200),
        "a length of 0": (
            lambda s: s.ask("GET", "/v2/info/import", environ={"CONTENT_LENGTH": "0"}),
            200,
        ),
        "a coded GET": (lambda s: s.get("/v2/info/import", CHUNKED), 200),
        "a list of images": (lambda s: s.ask("GET", "/v2/images", b"{}"), 200),
    }
)
def test_what_counts_as_a_body(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def of_unknown_length(service: Service, method: str, path: str, body: bytes) -> Answer:
    """Send a request as HTTP/2 does: no header says whether it has a body, its end is known."""
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    return service.ask(method, path, headers={"Content-Type": V21}, environ=environ)


def test_json_of_unknown_length_is_read_to_its_end(service: Service) -> None:
    body = b'{"name": "' + b"x" * 200 + b'"}'
    answer = of_unknown_length(service, "POST", "/v2/images", body)
    assert (answer.status, answer.json["name"]) == (201, "x" * 200)
    path = f"/v2/images/{answer.json['id']}"
    change = b'[{"op": "replace", "path": "/name", "value": "y"}]'
    assert of_unknown_length(service, "PATCH", path, change).json["name"] == "y"


@pytest.mark.parametrize(("method", "path"), JSON_OPERATIONS)
def test_a_body_of_unknown_length_that_is_empty_is_missing(
    service: Service, method: str, path: str
) -> None:
    answer = of_unknown_length(service, method, path, b"")
    assert (answer.status, "must have a JSON body" in answer.message) == (400, True)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "tags/new"), ("POST", "actions/deactivate")], ids=str
)
@pytest.mark.parametrize(("body", "status"), [(b"{}", 400), (b"", 204)], ids=["some", "none"])
def test_a_body_of_unknown_length_counts_as_one_if_a_byte_of_it_comes(
    service: Service, method: str, path: str, body: bytes, status: int
) -> None:
    path = f"/v2/images/{service.an_image(b'data')}/{path}"
    assert of_unknown_length(service, method, path, body).status == status


# ---------------------------------------------------------------------- methods and paths


def tasks_of(service: Service) -> str:
    return f"/v2/images/{service.an_image()}/tasks"


RESOURCES = {
    "/v2/images": {"GET", "POST"},
    "/v2/images/{id}": {"GET", "PATCH", "DELETE"},
    "/v2/images/{id}/file": {"GET", "PUT"},
    "/v2/images/{id}/actions/deactivate": {"POST"},
    "/v2/images/{id}/actions/reactivate": {"POST"},
    "/v2/images/{id}/tags/tag": {"PUT", "DELETE"},
    "/v2/images/{id}/members": {"GET", "POST"},
    "/v2/images/{id}/members/friend": {"GET", "PUT", "DELETE"},
    "/v2/schemas/image": {"GET"},
    "/v2/info/import": {"GET"},
    "/v2/info/stores": {"GET"},
    "/v2/info/stores/detail": {"GET"},
    "/v2/cache": {"GET", "DELETE"},
    "/v2/cache/{id}": {"PUT", "DELETE"},
    "/v2/cache/clean": {"POST"},
    "/v2/cache/prune": {"POST"},
    "/v2/cache/nodes/{id}": {"GET"},
}
ALL_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@pytest.mark.parametrize(
    ("method", "path"),
    [(verb, path) for path, known in RESOURCES.items() for verb in ALL_VERBS if verb not in known],
)
def test_a_method_that_a_path_does_not_know_is_refused_with_those_that_it_knows(
    service: Service, method: str, path: str
) -> None:
    answer = service.ask(method, path.format(id=NO_SUCH_ID))
    allowed = set(answer.headers.get("Allow", "").split(", "))
    assert (answer.status, allowed) == (405, RESOURCES[path])


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@each(
    {
        "GET of an unknown path": (lambda s: s.get("/v2/nothing"), 404),
        "HEAD of an unknown path": (lambda s: s.ask("HEAD", "/v2/nothing"), 404),
        "an unknown verb": (lambda s: s.ask("BREW", "/v2/nothing"), 501),
        "OPTIONS of an unknown path": (lambda s: s.ask("OPTIONS", "/v2/nothing"), 501),
        "DELETE of usage": (lambda s: s.ask("DELETE", "/v2/info/usage"), 404),
        "an unknown verb for usage": (lambda s: s.ask("BREW", "/v2/info/usage"), 501),
        "POST of an image's tasks": (lambda s: s.send("POST", tasks_of(s), {}), 404),
        "HEAD of an image's tasks": (lambda s: s.ask("HEAD", tasks_of(s)), 404),
        "an empty id": (lambda s: s.get("/v2/images/"), 404),
        "DELETE of an empty id": (lambda s: s.ask("DELETE", "/v2/images/"), 404),
        "POST of an empty id": (lambda s: s.send("POST", "/v2/images/", {}), 404),
        "an empty member": (
            lambda s: s.send("POST", f"/v2/images/{s.an_image()}/members/", {"member": "x"}),
            404,
        ),
        "a trailing slash": (lambda s: s.get(f"/v2/images/{s.an_image()}/"), 404),
        "an id beyond the path": (lambda s: s.get(f"/v2/images/{s.an_image()}/file/x"), 404),
        "the root of the API": (lambda s: s.get("/v2/"), 404),
        "an unknown action": (
            lambda s: s.ask("POST", f"/v2/images/{s.an_image()}/actions/explode"),
            404,
        ),
        "an id that is none": (lambda s: s.get("/v2/images/no-uuid"), 404),
        "an over-long id": (lambda s: s.get(f"/v2/images/{'x' * 5000}"), 404),
        "an id of other case": (
            lambda s: s.get(f"/v2/images/{s.an_image(id='a' * 8 + NO_SUCH_ID[8:]).upper()}"),
            404,
        ),
        "an id with a NUL": (lambda s: s.get("/v2/images/%00"), 404),
    }
)
def test_unknown_paths_and_ids(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@each(
    {
        "in the path": (lambda s: s.ask("GET", "/", environ={"PATH_INFO": "/v2/images/\xff"}), 400),
        "in a tag": (
            lambda s: s.ask(
                "PUT", "/", environ={"PATH_INFO": f"/v2/images/{NO_SUCH_ID}/tags/\xc3\x28"}
            ),
            400,
        ),
        "in the query": (lambda s: s.get("/v2/images?name=%FF"), 400),
        "in the query of a call that has none": (
            lambda s: s.get(f"/v2/images/{s.an_image()}?x=%FF"),
            400,
        ),
        "a sign for what was none": (
            lambda s: s.ask("PUT", f"/v2/images/{s.an_image()}/tags/%EF%BF%BD"),
            204,
        ),
        "of a stranger": (lambda s: s.seen_by(NOBODY).get("/v2/images?name=%FF"), 401),
        "in the query of versions": (lambda s: s.get("/versions?x=%C3%28"), 200),
        "in the name of a parameter": (lambda s: s.get("/v2/images?%FF=1"), 400),
    }
)
def test_text_that_is_no_utf_8_is_refused(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_a_stray_percent_sign_stands_for_itself(service: Service) -> None:
    image_id = service.an_image(name="%@")
    found = service.get("/v2/images?name=%%40").json["images"]
    assert [image["id"] for image in found] == [image_id]


# ---------------------------------------------------------------------- times and links


def test_times_are_whole_seconds_of_utc(service: Service) -> None:
    shown = service.show(service.an_image())
    times = {shown["created_at"], shown["updated_at"]}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


def test_links_have_no_host(service: Service) -> None:
    image_id = service.an_image()
    shown = service.show(image_id)
    path = f"/v2/images/{image_id}"
    assert (shown["self"], shown["file"], shown["schema"]) == (
        *(path, f"{path}/file"),
        "/v2/schemas/image",
    )


# ---------------------------------------------------------------------- errors


def refused(service: Service, accept: str | None) -> Answer:
    """Return the answer to a question about an image that is not there."""
    headers = {} if accept is None else {"Accept": accept}
    return service.get(f"/v2/images/{NO_SUCH_ID}<b>", headers)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("application/octet-stream, */*;q=0.1", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png", "text/plain; charset=utf-8"),
        ("application/octet-stream", "text/plain; charset=utf-8"),
        ("gibberish", "text/plain; charset=utf-8"),
        ("text/html;q=x", "text/plain; charset=utf-8"),
    ],
)
def test_an_error_has_the_form_that_the_caller_prefers(
    service: Service, accept: str | None, expected: str
) -> None:
    assert refused(service, accept).headers["Content-Type"] == expected


def test_an_error_in_json_is_nested_as_clients_read_it(service: Service) -> None:
    message = f"No image found with ID {NO_SUCH_ID}<b>"
    error = {"code": 404, "title": "Not Found", "message": message}
    assert refused(service, None).json == {"error": error}


def test_an_error_in_plain_text_begins_with_its_status(service: Service) -> None:
    message = f"No image found with ID {NO_SUCH_ID}<b>"
    assert refused(service, "text/plain").body.decode() == f"404 Not Found\n\n{message}\n\n   "


def test_an_error_in_html_has_its_text_escaped(service: Service) -> None:
    page = refused(service, "text/html").body.decode()
    assert "<h1>404 Not Found</h1>" in page and f"{NO_SUCH_ID}&lt;b&gt;" in page


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/html"])
def test_an_answer_of_204_has_no_byte_of_body(service: Service, accept: str) -> None:
    answer = service.get(f"/v2/images/{service.an_image()}/file", {"Accept": accept})
    assert (answer.status, answer.body, answer.headers.get("Content-Type")) == (204, b"", None)


def test_what_nobody_foresaw_is_told_without_details(service: Service) -> None:
    class Trap(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise RuntimeError("the password is swordfish")

    answer = service.ask("POST", "/v2/images", b"{}", environ={"wsgi.input": Trap()})
    assert (answer.status, b"swordfish" in answer.body) == (500, False)


# ---------------------------------------------------------------------- request ids

REQUEST_ID = "X-Openstack-Request-Id"


def test_a_request_gets_an_id(service: Service) -> None:
    given = service.get("/v2/images").headers[REQUEST_ID]
    assert re.fullmatch(r"req-[0-9a-f-]{36}", given)


@pytest.mark.parametrize(
    ("sent", "told"),
    [("req-mine", "req-mine"), ("mine", "req-mine"), ("x" * 64, "req-" + "x" * 64)],
)
def test_the_id_that_a_client_gives_is_used(service: Service, sent: str, told: str) -> None:
    assert service.get("/v2/images", {REQUEST_ID: sent}).headers[REQUEST_ID] == told


def test_an_id_that_is_too_long_is_refused(service: Service) -> None:
    assert service.get("/v2/images", {REQUEST_ID: "x" * 65}).status == 431


def test_refusals_carry_the_id_as_well(service: Service) -> None:
    answer = service.get(f"/v2/images/{NO_SUCH_ID}", {REQUEST_ID: "req-mine"})
    assert answer.headers[REQUEST_ID] == "req-mine"


@each(
    {
        "a stranger": (lambda s: s.seen_by(NOBODY).get("/v2/images"), 401),
        "the health": (lambda s: s.get("/healthcheck"), 200),
        "the versions": (lambda s: s.get("/versions"), 200),
        "no version": (lambda s: s.get("/"), 300),
        "a version without a slash": (lambda s: s.get("/v2"), 302),
    }
)
def test_what_is_answered_without_an_identity_has_no_request_id(
    service: Service, ask: Any, status: int
) -> None:
    answer = ask(service)
    assert (answer.status, answer.headers.get(REQUEST_ID)) == (status, None)


# ---------------------------------------------------------------------- identity, health, gzip

PUBLIC: Rows = {
    "the health": (lambda s: s.get("/healthcheck"), 200),
    "the versions": (lambda s: s.get("/versions"), 200),
    "another version": (lambda s: s.get("/v1/images"), 300),
    "images": (lambda s: s.get("/v2/images"), 401),
    "schemas": (lambda s: s.get("/v2/schemas/image"), 401),
    "an unknown path": (lambda s: s.get("/v2/nothing"), 401),
}


@each(PUBLIC)
def test_what_a_stranger_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service.seen_by(NOBODY)).status == status


def test_the_service_is_healthy(service: Service) -> None:
    answer = service.get("/healthcheck")
    assert (answer.body, answer.headers["Content-Type"]) == (b"OK", "text/plain")


@pytest.mark.parametrize("caller", [OWNER, OTHER, ADMIN])
@pytest.mark.parametrize(
    ("accept", "coding"),
    [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("identity", None), ("gzip;q=0", None)],
)
def test_json_is_packed_for_those_who_unpack_it(
    service: Service, caller: Any, accept: str, coding: str | None
) -> None:
    answer = service.seen_by(caller).get("/v2/images", {"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == coding


def test_image_data_is_never_packed(service: Service) -> None:
    image_id = service.an_image(b"0" * 5000)
    answer = service.get(f"/v2/images/{image_id}/file", {"Accept-Encoding": "gzip"})
    assert answer.body == b"0" * 5000
