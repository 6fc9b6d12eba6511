"""How bodies come over the wire, and that it makes no difference."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.http.wire import (
    Wire,
    an_image,
    ask,
    chunked,
    data_of,
    framed,
    head,
    known,
    parts,
    status_of,
    upload_of,
)
from tests.service import Service, wait_until

MIB = 1 << 20
SMALL = bytes(random.Random(1).randbytes(700))
LARGE = random.Random(2).randbytes(3 * MIB + 17)

FEW = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def by_bytes(request: bytes) -> list[bytes]:
    """Cut a request into single bytes."""
    return [request[at : at + 1] for at in range(len(request))]


def sent(service: Service, *pieces: bytes) -> int:
    """Send a request in these pieces and return the status of the answer."""
    with Wire(service) as wire:
        wire.send(*pieces)
        return wire.answer().status


# ---------------------------------------------------------------------- segments


@pytest.mark.parametrize("data", [b"", b"x", SMALL, LARGE], ids=len)
def test_data_of_known_length_arrives_as_it_was(service: Service, data: bytes) -> None:
    image_id = an_image(service)
    assert sent(service, known(image_id, data)) == 204
    assert data_of(service, image_id) == data


@pytest.mark.parametrize("data", [b"", b"x", SMALL, LARGE], ids=len)
def test_data_in_one_chunk_arrives_as_it_was(service: Service, data: bytes) -> None:
    image_id = an_image(service)
    assert sent(service, chunked(image_id, *parts(data, []))) == 204
    assert data_of(service, image_id) == data


@pytest.mark.parametrize("request_of", [known, chunked])
def test_data_that_comes_byte_by_byte_arrives_as_it_was(
    service: Service, request_of: Callable[[str, bytes], bytes]
) -> None:
    image_id = an_image(service)
    assert sent(service, *by_bytes(request_of(image_id, SMALL))) == 204
    assert data_of(service, image_id) == SMALL


def test_data_in_chunks_of_one_byte_arrives_as_it_was(service: Service) -> None:
    image_id = an_image(service)
    request = chunked(image_id, *by_bytes(SMALL))
    assert sent(service, *parts(request, [200, 1, 2, 3, 500, 7])) == 204
    assert data_of(service, image_id) == SMALL


@FEW
@given(
    st.lists(st.integers(1, 100_000), max_size=30),
    st.lists(st.integers(1, 100_000) | st.integers(1, 5), max_size=30),
)
def test_however_chunks_and_segments_are_cut_data_arrives_as_it_was(
    service: Service, chunks: list[int], segments: list[int]
) -> None:
    image_id = an_image(service)
    request = chunked(image_id, *parts(LARGE[: sum(chunks) + 1], chunks))
    assert sent(service, *parts(request, segments)) == 204
    assert data_of(service, image_id) == LARGE[: sum(chunks) + 1]


@FEW
@given(st.lists(st.integers(1, 200_000) | st.integers(1, 5), max_size=30))
def test_however_segments_are_cut_data_of_known_length_arrives_as_it_was(
    service: Service, segments: list[int]
) -> None:
    image_id = an_image(service)
    request = known(image_id, LARGE[: sum(segments)])
    assert sent(service, *parts(request, segments)) == 204
    assert data_of(service, image_id) == LARGE[: sum(segments)]


@pytest.mark.parametrize(
    "body",
    [
        b"4;name=value\r\ndata\r\n0\r\n\r\n",
        b"00004\r\ndata\r\n000\r\n\r\n",
        b"4\r\ndata\r\n0\r\nX-Checksum: none\r\n\r\n",
        b"2\r\nda\r\n2\r\nta\r\n0;last\r\n\r\n",
    ],
    ids=["an extension", "leading zeros", "a trailer", "an extension at the end"],
)
def test_chunks_may_be_written_in_several_ways(service: Service, body: bytes) -> None:
    image_id = an_image(service)
    request = upload_of(image_id, Transfer_Encoding="chunked") + body
    assert sent(service, *by_bytes(request)) == 204
    assert data_of(service, image_id) == b"data"


def test_an_image_may_be_created_in_chunks(service: Service) -> None:
    request = head("POST", "/v2/images", Transfer_Encoding="chunked")
    with Wire(service) as wire:
        wire.send(*by_bytes(request + framed(b'{"name": "in', b' chunks"}')))
        assert wire.answer().json["name"] == "in chunks"


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "tags/new"), ("POST", "actions/deactivate")], ids=str
)
def test_a_request_without_any_word_of_a_body_has_none(
    service: Service, method: str, path: str
) -> None:
    image_id = an_image(service, b"data")
    with Wire(service) as wire:
        bare = head(method, f"/v2/images/{image_id}/{path}")
        wire.send(bare + head("GET", f"/v2/images/{image_id}"))
        assert [wire.answer().status, wire.answer().json["id"]] == [204, image_id]


def test_json_without_any_word_of_a_body_is_missing_and_the_next_request_is_answered(
    service: Service,
) -> None:
    with Wire(service) as wire:
        wire.send(head("POST", "/v2/images") + head("GET", "/v2/images"))
        assert [wire.answer().status, wire.answer().status] == [400, 200]


# ---------------------------------------------------------------------- one after another


@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=len)
@pytest.mark.parametrize("form", ["known", "chunked"])
def test_the_request_behind_an_upload_is_answered_next(
    service: Service, data: bytes, form: str
) -> None:
    image_id = an_image(service)
    upload = known(image_id, data) if form == "known" else chunked(image_id, *parts(data, [500]))
    with Wire(service) as wire:
        wire.send(upload + head("GET", f"/v2/images/{image_id}/file"))
        assert (wire.answer().status, wire.answer().body) == (204, data)


def test_several_uploads_may_come_at_once_on_one_connection(service: Service) -> None:
    ids = [an_image(service) for _ in range(4)]
    requests = [known(ids[0], SMALL), chunked(ids[1], SMALL), known(ids[2], b""), chunked(ids[3])]
    with Wire(service) as wire:
        wire.send(b"".join(requests))
        assert [wire.answer().status for _ in ids] == [204] * 4


def test_a_small_body_that_was_refused_unread_does_not_spoil_the_next_request(
    service: Service,
) -> None:
    image_id = an_image(service, SMALL)
    with Wire(service) as wire:
        wire.send(known(image_id, SMALL) + head("GET", f"/v2/images/{image_id}/file"))
        assert (wire.answer().status, wire.answer().body) == (409, SMALL)


def test_a_client_that_waits_for_permission_gets_it_once(service: Service) -> None:
    image_id = an_image(service)
    with Wire(service) as wire:
        wire.send(upload_of(image_id, Content_Length=len(SMALL), Expect="100-continue"))
        assert wire.answer().status == 100
        wire.send(SMALL)
        assert wire.answer().status == 204


# ---------------------------------------------------------------------- malformed


MALFORMED = {
    "a size that is none": b"xyz\r\ndata\r\n0\r\n\r\n",
    "a negative size": b"-4\r\ndata\r\n0\r\n\r\n",
    "a size in C": b"0x4\r\ndata\r\n0\r\n\r\n",
    "no size": b"\r\ndata\r\n0\r\n\r\n",
    "a space before the size": b" 4\r\ndata\r\n0\r\n\r\n",
    "more data than said": b"2\r\ndata\r\n0\r\n\r\n",
    "less data than said": b"6\r\ndata\r\n0\r\n\r\n\r\n",
    "a line end of another kind": b"4\ndata\n0\n\n\r\n",
}
SMUGGLED = head("POST", "/v2/images", Content_Length=2) + b"{}"


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed_chunks_are_refused_and_nothing_behind_them_is_obeyed(
    service: Service, body: bytes
) -> None:
    image_id = an_image(service)
    with Wire(service) as wire:
        wire.send(upload_of(image_id, Transfer_Encoding="chunked") + body + SMUGGLED)
        assert (wire.answer().status, wire.has_ended()) == (400, True)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed_chunks_leave_an_image_that_takes_data(service: Service, body: bytes) -> None:
    image_id = an_image(service)
    sent(service, upload_of(image_id, Transfer_Encoding="chunked") + body)
    assert (status_of(service, image_id), image_id in service.stored) == ("queued", False)
    assert sent(service, known(image_id, SMALL)) == 204


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_json_in_malformed_chunks_is_refused_and_nothing_behind_it_is_obeyed(
    service: Service, body: bytes
) -> None:
    with Wire(service) as wire:
        wire.send(head("POST", "/v2/images", Transfer_Encoding="chunked") + body + SMUGGLED)
        assert (wire.answer().status, wire.has_ended()) == (400, True)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_nothing_behind_malformed_chunks_that_nobody_read_is_obeyed(
    service: Service, body: bytes
) -> None:
    taken = an_image(service, b"data")
    with Wire(service) as wire:
        wire.send(upload_of(taken, Transfer_Encoding="chunked") + body + SMUGGLED)
        assert (wire.answer().status, wire.has_ended()) == (409, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Length": "many"},
        {"Content_Length": "-5"},
        {"Content_Length": "+5"},
        {"Content_Length": "5, 6"},
        {"Content_Length": "5", "Transfer_Encoding": "chunked"},
        {"Transfer_Encoding": "chunked, chunked"},
    ],
    ids=str,
)
def test_a_body_whose_end_is_not_clear_is_refused(
    service: Service, headers: dict[str, str]
) -> None:
    image_id = an_image(service)
    with Wire(service) as wire:
        wire.send(upload_of(image_id, **headers) + b"0\r\n\r\n")
        assert (wire.answer().status, wire.has_ended()) == (400, True)


# ---------------------------------------------------------------------- hanging up


@pytest.mark.parametrize("size", [0, 1, 700, 2 * MIB])
@pytest.mark.parametrize("form", ["known", "chunked"])
def test_a_client_that_hangs_up_leaves_an_image_that_takes_data(
    service: Service, form: str, size: int
) -> None:
    image_id = an_image(service)
    with Wire(service) as wire:
        if form == "known":
            wire.send(upload_of(image_id, Content_Length=3 * MIB))
            wire.send(LARGE[:size])
        else:
            wire.send(upload_of(image_id, Transfer_Encoding="chunked"))
            wire.send(b"%x\r\n%s" % (3 * MIB, LARGE[:size]))
        wait_until(lambda: status_of(service, image_id) == "saving", "the upload has begun")
    wait_until(lambda: status_of(service, image_id) == "queued", "the upload has ended")
    assert not any(image_id in name for name in service.stored)
    assert sent(service, known(image_id, SMALL)) == 204


@pytest.mark.parametrize(
    "beginning",
    [
        head("POST", "/v2/images", Content_Length=100) + b"{",
        head("POST", "/v2/images", Transfer_Encoding="chunked") + b"64\r\n{",
    ],
    ids=["known", "chunked"],
)
def test_a_client_that_hangs_up_within_json_creates_nothing(
    service: Service, beginning: bytes
) -> None:
    count = len(ask(service, "GET", "/v2/images?limit=1000").json["images"])
    with Wire(service) as wire:
        wire.send(beginning)
    with Wire(service) as wire:
        wire.send(head("GET", "/v2/images?limit=1000"))
        assert len(wire.answer().json["images"]) == count
