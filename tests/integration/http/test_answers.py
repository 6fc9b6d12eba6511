"""How answers go over the wire."""

import random
import re

import pytest

from tests.integration.http.wire import (
    Wire,
    an_image,
    ask,
    head,
    known,
    parts,
    status_of,
    upload_of,
)
from tests.service import Service, wait_until

MIB = 1 << 20
DATA = random.Random(3).randbytes(5 * MIB + 11)
SIZE = len(DATA)


@pytest.fixture(scope="module")
def image_id(service: Service) -> str:
    """An image of some MiB."""
    return an_image(service, DATA)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        *(("bytes=0-0", 0, 0), ("bytes=5-9", 5, 9), (f"bytes={MIB - 1}-{MIB}", MIB - 1, MIB)),
        *(("bytes=1000000-", 1_000_000, SIZE - 1), ("bytes=-1", SIZE - 1, SIZE - 1)),
        *((f"bytes=-{SIZE}", 0, SIZE - 1), ("bytes=3-99999999999", 3, SIZE - 1)),
    ],
)
def test_a_part_of_a_file_is_that_part(
    service: Service, image_id: str, text: str, first: int, last: int
) -> None:
    with Wire(service) as wire:
        wire.send(head("GET", f"/v2/images/{image_id}/file", Range=text))
        answer = wire.answer()
    told = (answer.status, answer.headers["content-range"])
    assert told == (206, f"bytes {first}-{last}/{SIZE}")
    assert answer.body == DATA[first : last + 1]


def test_parts_one_after_the_other_on_one_connection_are_the_whole(
    service: Service, image_id: str
) -> None:
    path = f"/v2/images/{image_id}/file"
    found = b""
    with Wire(service) as wire:
        for at in range(0, SIZE, MIB):
            wire.send(head("GET", path, Range=f"bytes={at}-{at + MIB - 1}"))
            found += wire.answer().body
    assert found == DATA


def test_a_whole_file_comes_between_other_answers_on_one_connection(
    service: Service, image_id: str
) -> None:
    path = f"/v2/images/{image_id}"
    with Wire(service) as wire:
        bodies = []
        for target in (path, f"{path}/file", path):
            wire.send(head("GET", target))
            bodies.append(wire.answer().body)
    assert (bodies[0], bodies[1]) == (bodies[2], DATA)


def test_requests_that_were_sent_at_once_are_answered_in_order(
    service: Service, image_id: str
) -> None:
    path = f"/v2/images/{image_id}/file"
    with Wire(service) as wire:
        wire.send(b"".join(head("GET", path, Range=f"bytes={n}-{n}") for n in range(9)))
        assert b"".join(wire.answer().body for _ in range(9)) == DATA[:9]


def test_an_answer_without_content_is_followed_by_the_next(service: Service) -> None:
    path = f"/v2/images/{an_image(service)}/file"
    with Wire(service) as wire:
        wire.send(head("GET", path), head("GET", path))
        assert [wire.answer().status, wire.answer().status] == [204, 204]


def test_a_connection_goes_on_after_an_upload(service: Service) -> None:
    taken = an_image(service)
    with Wire(service) as wire:
        wire.send(known(taken, DATA))
        uploaded = wire.answer()
        wire.send(head("GET", f"/v2/images/{taken}"))
        assert (uploaded.status, wire.answer().json["status"]) == (204, "active")


def test_a_connection_ends_when_the_client_says_so(service: Service, image_id: str) -> None:
    with Wire(service) as wire:
        wire.send(head("GET", f"/v2/images/{image_id}", Connection="close"))
        assert (wire.answer().status, wire.has_ended()) == (200, True)


def test_a_large_body_that_was_refused_unread_ends_the_connection_as_announced(
    service: Service, image_id: str
) -> None:
    with Wire(service) as wire:
        wire.send(upload_of(image_id, Content_Length=SIZE), DATA[:5])
        answer = wire.answer()
        assert (answer.status, answer.headers["connection"]) == (409, "close")


@pytest.mark.parametrize("path", ["/v2/images/%FF", "/v2/images?name=%FF"])
def test_what_is_no_utf_8_is_refused(service: Service, path: str) -> None:
    assert ask(service, "GET", path).status == 400


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS", "BREW"])
def test_a_verb_that_a_path_does_not_know_does_not_spoil_the_next_request(
    service: Service, image_id: str, verb: str
) -> None:
    with Wire(service) as wire:
        wire.send(head(verb, f"/v2/images/{image_id}", Connection="keep-alive"))
        refused = wire.answer(without_body=verb == "HEAD")
        wire.send(head("GET", f"/v2/images/{image_id}"))
        assert (refused.status, wire.answer().status) == (405, 200)


def test_a_request_id_cannot_smuggle_a_header_in(service: Service) -> None:
    request = head("GET", "/v2/images", X_Openstack_Request_Id="a\rSet-Cookie: b")
    with Wire(service) as wire:
        wire.send(request)
        answer = wire.answer()
    assert answer.status == 400 or re.fullmatch(
        r"[^\r\n]*", answer.headers["x-openstack-request-id"]
    )
    assert "set-cookie" not in answer.headers


def test_a_client_that_leaves_during_a_download_is_no_failure(
    service: Service, image_id: str
) -> None:
    before = service.output
    with Wire(service) as wire:
        wire.send(head("GET", f"/v2/images/{image_id}/file"))
        assert wire.read(100).startswith(b"HTTP/1.1 200 OK\r\n")
    wait_until(lambda: ask(service, "GET", "/healthcheck").status == 200, "it goes on")
    assert service.output == before


def test_an_upload_is_seen_by_others_as_it_goes(service: Service) -> None:
    taken = an_image(service)
    with Wire(service) as wire:
        wire.send(*parts(known(taken, DATA), [MIB])[:1])
        wait_until(lambda: status_of(service, taken) == "saving", "the upload has begun")
        wire.send(known(taken, DATA)[MIB:])
        assert wire.answer().status == 204


def test_processes_of_a_service_do_not_give_the_same_request_ids(service: Service) -> None:
    given = []
    for _ in range(60):
        # A connection stays with one process.
        with Wire(service) as wire:
            wire.send(head("GET", "/v2/images"))
            given.append(wire.answer().headers["x-openstack-request-id"])

    assert len(set(given)) == len(given)


def test_long_questions_and_tokens_come_through(service: Service) -> None:
    ids = "in:" + ",".join(["0" * 36] * 215)
    with Wire(service) as wire:
        wire.send(head("GET", f"/v2/images?id={ids}", **{"X-Auth-Token": "t" * 16_000}))
        answer = wire.answer()
    assert (answer.status, answer.json["images"]) == (200, [])
