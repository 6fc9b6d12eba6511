"""Imports from web servers, through the whole service (import-and-tasks §10)."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import (
    Dripping,
    OddServer,
    Raw,
    a_redirect,
    an_answer,
    odd_server,
)
from tests.service import wait_until
from tests.unit.http.service import TWO_STORES, Service
from tests.web_server import web_server

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


def imported(service: Service, url: str, **facts: str) -> tuple[str, dict[str, Any]]:
    """Import from a URL into all stores, and return the image and its task at the end."""
    image_id = service.an_image()
    body = {"method": {"name": "web-download", "uri": url, **facts}, "all_stores": True}
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


# ---------------------------------------------------------------------- servers without an end

SLOW = HERE.replace("read_timeout = 1", "read_timeout = 30\n    total_timeout = 1")


@pytest.fixture
def impatient(tmp_path: Path) -> Service:
    """A service that waits a second for the whole of it."""
    service = Service.configured(tmp_path, TWO_STORES + SLOW)
    service.container.stores().start()
    return service


@pytest.mark.parametrize(
    "answer",
    [
        Dripping(an_answer(200, "Content-Length: 500", body=b"x" * 500)),
        Dripping(b"HTTP/1.1 200 " + b"x" * 500),
        Dripping(an_answer(200, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n" * 99)),
        Dripping(an_answer(302, "Location: /else" + "e" * 500)),
        b"",
    ],
    ids=["body", "head", "chunks", "redirection", "silence"],
)
def test_a_server_that_goes_on_for_ever_is_left(
    impatient: Service, odd: OddServer, answer: Raw
) -> None:
    odd.answers["GET /disk"] = answer
    image_id, task = imported(impatient, odd.url("/disk"))
    assert (task["status"], impatient.show(image_id)["status"]) == ("failure", "queued")
    assert "longer than is allowed" in task["message"]


def test_no_redirections_where_the_site_wants_none(tmp_path: Path, odd: OddServer) -> None:
    service = Service.configured(tmp_path, TWO_STORES + HERE + "    max_redirects = 0\n")
    service.container.stores().start()
    odd.answers["GET /old"] = a_redirect(302, odd.url("/disk"))
    odd.answers["GET /disk"] = an_answer(200, "Content-Length: 10", body=DATA)
    _, task = imported(service, odd.url("/old"))
    assert "redirected more than 0 times" in task["message"]
    assert imported(service, odd.url("/disk"))[1]["status"] == "success"


# ---------------------------------------------------------------------- going on


def breaking_off(then: Callable[[int], Raw], tag: str = '"v1"') -> Callable[[str], Raw]:
    """Return answers of which the first breaks off after 4 bytes; the next depend on the place."""

    def answer(request: str) -> Raw:
        found = re.search(r"Range: bytes=(\d+)-", request)
        if found is None:
            return an_answer(200, "Content-Length: 10", f"ETag: {tag}", body=DATA[:4])
        assert f"If-Range: {tag}" in request
        return then(int(found[1]))

    return answer


def part(start: int, tag: str = '"v1"', end: int = 10) -> Raw:
    """Return the rest from a place on, or less of it."""
    headers = (f"Content-Range: bytes {start}-9/10", f"Content-Length: {10 - start}")
    return an_answer(206, *headers, f"ETag: {tag}", body=DATA[start:end])


def test_a_download_that_breaks_off_goes_on_where_it_was(service: Service, odd: OddServer) -> None:
    odd.answers["GET /disk"] = breaking_off(lambda start: part(start, end=start + 3))
    image_id, task = imported(service, odd.url("/disk"))
    assert task["status"] == "success", task["message"]
    assert service.get(f"/v2/images/{image_id}/file").body == DATA
    assert len(odd.heard) == 3


@pytest.mark.parametrize(
    "answer",
    [
        breaking_off(lambda start: part(start), tag='W/"v1"'),
        breaking_off(lambda start: part(start, tag='"v2"')),
        breaking_off(lambda start: part(start + 1)),
        breaking_off(lambda start: an_answer(200, "Content-Length: 10", body=DATA)),
        breaking_off(lambda start: an_answer(416, "Content-Length: 0")),
        breaking_off(lambda start: part(start, end=start)),
    ],
    ids=["weak tag", "other tag", "other place", "anew", "not any more", "never an end"],
)
def test_it_goes_on_only_with_the_same_data(
    service: Service, odd: OddServer, answer: Callable[[str], Raw]
) -> None:
    odd.answers["GET /disk"] = answer
    image_id, task = imported(service, odd.url("/disk"))
    assert (task["status"], service.show(image_id)["status"]) == ("failure", "queued")
    assert len(odd.heard) <= 4
    assert service.stored("ram") == []


# ---------------------------------------------------------------------- what the caller expects


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_data_is_held_to_the_digest_that_the_caller_expects(
    service: Service, odd: OddServer, algorithm: str, right: bool
) -> None:
    odd.answers["GET /disk"] = an_answer(200, "Content-Length: 10", body=DATA)
    value = hashlib.new(algorithm, DATA if right else b"other").hexdigest().upper()
    facts = {"os_hash_algo": algorithm, "os_hash_value": value}
    image_id, task = imported(service, odd.url("/disk"), **facts)
    assert task["status"] == ("success" if right else "failure")
    assert service.show(image_id)["status"] == ("active" if right else "queued")
    assert bool(service.stored("ram")) is right


def test_passwords_are_in_no_log(
    service: Service, odd: OddServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in ("/disk", "/nothing"):
            odd.answers["GET /disk"] = an_answer(200, "Content-Length: 10", body=DATA)
            imported(service, odd.url(path, credentials="me:pa55word@"))
        imported(service, odd.url("/disk", host="127.0.0.1").replace("//", "//me:pa55word@"))
    assert "pa55word" not in caplog.text
    assert "bWU6cGE1NXdvcmQ" not in caplog.text


# ---------------------------------------------------------------------- TLS


def test_data_of_a_server_with_a_certificate_is_taken(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server() as web:
        # What the operating system trusts.
        monkeypatch.setenv("SSL_CERT_FILE", web.ca_file)
        web.put("disk", DATA)
        image_id, task = imported(service, web.url("disk", tls=True))
    assert task["status"] == "success", task["message"]
    assert service.get(f"/v2/images/{image_id}/file").body == DATA


def test_a_server_whose_certificate_nobody_knows_is_not_believed(service: Service) -> None:
    with web_server() as web:
        web.put("disk", DATA)
        image_id, task = imported(service, web.url("disk", tls=True))
    assert (task["status"], service.show(image_id)["status"]) == ("failure", "queued")


def test_a_handshake_without_an_end_is_left(impatient: Service, odd: OddServer) -> None:
    # The other side takes the greeting for an unfinished request, and waits.
    image_id, task = imported(impatient, odd.url("/disk").replace("http:", "https:"))
    assert (task["status"], impatient.show(image_id)["status"]) == ("failure", "queued")
