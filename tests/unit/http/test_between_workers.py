"""Requests that go on to another worker over HTTP (contract, between workers)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.service import OWNER, TWO_STORES, Service
from tests.unit.http.test_image_import import DIRECT, ask, stage, started
from tintype.domain.image_import import STAGE_HOST

TOKEN = {**OWNER, "X-Auth-Token": "the token"}


class Other:
    """Another worker, that answers as told and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.reason, self.body = 202, "Accepted", b""
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""


@pytest.fixture
def other() -> Iterator[Other]:
    told = Other()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((f"{self.command} {self.path}", headers, body))
            self.send_response(told.status, told.reason)
            self.send_header("x-openstack-request-id", "req-of-the-other")
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_DELETE = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A worker that others know by a URL, and whose tasks nobody works on."""
    own = "worker_self_reference_url = http://192.0.2.1:9292"
    service = started(Service.configured(tmp_path, TWO_STORES, own)).seen_by(TOKEN)
    service.container.task_queue().stop(0)
    return service


@pytest.fixture
def image_id(service: Service, other: Other) -> str:
    """Have an image that the other worker staged."""
    image_id = service.an_image()
    assert stage(service, image_id).status == 204
    with service.container.work()() as work:
        image = work.images.get_gone(image_id)
        assert image is not None
        assert image.properties[STAGE_HOST] == "http://192.0.2.1:9292"
        image.properties[STAGE_HOST] = other.url
        work.images.save(image)
        work.commit()
    return image_id


def test_an_import_goes_on_with_path_token_and_body(
    service: Service, other: Other, image_id: str
) -> None:
    body: Any = {**DIRECT, "stores": ["more"], "more": {"than": "needed"}}
    answer = ask(service, image_id, body)
    ((line, headers, sent),) = other.asked
    assert line == f"POST /v2/images/{image_id}/import"
    assert headers["x-auth-token"] == "the token"
    assert json.loads(sent) == body
    assert (answer.status, answer.body) == (202, b"")
    assert answer.headers["x-openstack-request-id"] == "req-of-the-other"


def test_the_body_goes_on_as_it_was_received(service: Service, other: Other, image_id: str) -> None:
    body = '{"method":\t{"name": "glance-direct"}, "Größe": 1.0, "stores" : ["more"]}\n'.encode()
    assert service.ask("POST", f"/v2/images/{image_id}/import", body).status == 202
    ((_, _, sent),) = other.asked
    assert sent == body


def test_a_refusal_of_the_other_worker_comes_back_word_for_word(
    service: Service, other: Other, image_id: str
) -> None:
    other.status, other.reason, other.body = 409, "Some Reason", b"because"
    for answer in (ask(service, image_id), service.ask("DELETE", f"/v2/images/{image_id}")):
        assert (answer.status, answer.body) == (409, b"because")
        assert answer.headers["x-openstack-request-id"] == "req-of-the-other"
        assert answer.headers["content-type"] == "text/plain"


def test_a_token_that_the_other_worker_refuses_comes_back_with_its_request_id(
    service: Service, other: Other, image_id: str
) -> None:
    other.status, other.reason = 401, "Unauthorized"
    for answer in (ask(service, image_id), service.ask("DELETE", f"/v2/images/{image_id}")):
        assert answer.status == 401
        assert answer.headers["x-openstack-request-id"] == "req-of-the-other"


def test_a_deletion_by_the_other_worker_is_answered_as_one_of_our_own(
    service: Service, other: Other, image_id: str
) -> None:
    other.status, other.reason = 204, "No Content"
    answer = service.ask("DELETE", f"/v2/images/{image_id}")
    assert (answer.status, answer.body) == (204, b"")
    assert "content-type" not in answer.headers
    assert answer.headers["x-openstack-request-id"] == "req-of-the-other"


def test_a_worker_that_is_gone_makes_504_and_is_done_without(
    service: Service, other: Other, image_id: str
) -> None:
    with service.container.work()() as work:
        image = work.images.get_gone(image_id)
        assert image is not None
        image.properties[STAGE_HOST] = "http://127.0.0.1:1"
        work.images.save(image)
        work.commit()
    answer = ask(service, image_id)
    assert (answer.status, "Stage host is unavailable" in answer.message) == (504, True)
    assert service.ask("DELETE", f"/v2/images/{image_id}").status == 204
    assert service.get(f"/v2/images/{image_id}").status == 404


def test_where_data_is_staged_nobody_is_shown(
    service: Service, other: Other, image_id: str
) -> None:
    assert other.url not in service.get(f"/v2/images/{image_id}").body.decode()


def test_a_worker_that_others_know_by_a_url_says_that_it_computes_a_hash(
    service: Service,
) -> None:
    assert service.container.import_location().own_url == "http://192.0.2.1:9292"
