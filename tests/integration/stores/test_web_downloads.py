"""Imports from web servers, through the whole service (import-and-tasks §10)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import (
    OddServer,
    Raw,
    a_redirect,
    an_answer,
    odd_server,
)
from tests.service import wait_until
from tests.unit.http.service import TWO_STORES, Service

DATA = b"0123456789"
HERE = """
    [import_filtering_opts]
    allowed_hosts = [127.0.0.1]
    allowed_ports = []
    [web_download]
    read_timeout = 1
"""


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def service(tmp_path: Path) -> Service:
    service = Service.configured(tmp_path, TWO_STORES + HERE)
    service.container.stores().start()
    return service


def imported(service: Service, url: str) -> tuple[str, dict[str, Any]]:
    """Import from a URL into all stores, and return the image and its task at the end."""
    image_id = service.an_image()
    body = {"method": {"name": "web-download", "uri": url}, "all_stores": True}
    assert service.send("POST", f"/v2/images/{image_id}/import", body).status == 202
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the import ends")
    (task,) = service.get(f"/v2/images/{image_id}/tasks").json["tasks"]
    return image_id, task


@pytest.mark.parametrize("length", [["Content-Length: 10"], []], ids=["announced", "unannounced"])
def test_data_of_a_web_server_is_taken(service: Service, odd: OddServer, length: list[str]) -> None:
    odd.answers["GET /disk"] = an_answer(200, *length, "Connection: close", body=DATA)
    if not length:
        odd.answers["GET /disk"] = an_answer(
            200, "Transfer-Encoding: chunked", body=b"a\r\n" + DATA + b"\r\n0\r\n\r\n"
        )
    image_id, task = imported(service, odd.url("/disk"))
    assert task["status"] == "success", task["message"]
    assert service.get(f"/v2/images/{image_id}/file").body == DATA
    assert service.show(image_id)["stores"] == "ram,more"


def test_a_redirection_is_followed(service: Service, odd: OddServer) -> None:
    odd.answers["GET /old"] = a_redirect(302, odd.url("/disk"))
    odd.answers["GET /disk"] = an_answer(200, "Content-Length: 10", body=DATA)
    assert imported(service, odd.url("/old"))[1]["status"] == "success"


def test_credentials_in_a_url_go_to_its_server_and_nowhere_else(
    service: Service, odd: OddServer
) -> None:
    odd.answers["GET /disk"] = an_answer(200, "Content-Length: 10", body=DATA)
    _, task = imported(service, odd.url("/disk", credentials="me:secret@"))
    assert "Authorization: Basic bWU6c2VjcmV0" in odd.heard[0]
    assert "secret" not in str(task)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (an_answer(404, "Content-Length: 0"), "remote answered 404"),
        (an_answer(500, "Content-Length: 0"), "remote answered 500"),
        (an_answer(200, "Content-Length: 20", body=DATA), "cannot be fetched"),
        (an_answer(200, "Content-Length: 10", "Content-Encoding: gzip", body=DATA), "packed"),
        (b"", "cannot be fetched"),
        (a_redirect(302, "http://127.0.0.2/"), "does not pass filtering"),
        (a_redirect(302, "http://[::1]/"), "does not pass filtering"),
        (a_redirect(302, "http://0.0.0.0/"), "does not pass filtering"),
        (a_redirect(302, "http://2130706433/"), "does not pass filtering"),
        (a_redirect(302, "http://[::ffff:127.0.0.1]/"), "does not pass filtering"),
        (a_redirect(302, "http://[64:ff9b::7f00:1]/"), "does not pass filtering"),
        (a_redirect(302, "http://169.254.169.254/"), "does not pass filtering"),
        (a_redirect(302, "file:///etc/passwd"), ""),
        (a_redirect(302, "/disk"), "redirected more than"),
    ],
    ids=[
        *("missing", "broken", "short", "packed", "silent"),
        *("loopback", "IPv6 loopback", "unspecified", "decimal", "mapped", "NAT64", "metadata"),
        *("a file", "round and round"),
    ],
)
def test_what_cannot_be_fetched_leaves_the_image_queued_and_tells_why(
    service: Service, odd: OddServer, answer: Raw, cause: str
) -> None:
    odd.answers["GET /disk"] = answer
    image_id, task = imported(service, odd.url("/disk"))
    image = service.show(image_id)
    assert (task["status"], image["status"], image["size"]) == ("failure", "queued", None)
    assert cause in task["message"]
    assert image["os_glance_failed_import"] == "more,ram"
    assert (service.stored("ram"), service.stored("more")) == ([], [])
