"""Data of images on its way in and out (images-api §8.1, §8.2)."""

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from falcon import Request, testing
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OCTETS,
    ONE_STORE,
    OTHER,
    READER,
    TWO_STORES,
    Answer,
    Service,
    each,
)
from tintype.domain.errors import TintypeError
from tintype.domain.status import Status
from tintype.entrypoints.http.resources.image_file import wanted_range

DATA = bytes(range(256)) * 40
SIZE = len(DATA)


class WithoutEnd(io.RawIOBase):
    """A stream that a server ends where the body ends, whatever is asked of it."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def read(self, size: int = -1, /) -> bytes:
        piece, self._rest = self._rest[: min(size, 7)], self._rest[min(size, 7) :]
        return piece


def chunked(service: Service, image_id: str, data: bytes, **headers: str) -> Answer:
    """Send the data of an image without its length."""
    return service.ask(
        "PUT",
        f"/v2/images/{image_id}/file",
        headers={"Content-Type": OCTETS, "Transfer-Encoding": "chunked", **headers},
        environ={"wsgi.input": WithoutEnd(data), "wsgi.input_terminated": True},
    )


def unannounced(service: Service, image_id: str, data: bytes) -> Answer:
    """Send data as HTTP/2 does: no header says that there is any, its end is known."""
    return service.ask(
        "PUT",
        f"/v2/images/{image_id}/file",
        headers={"Content-Type": OCTETS},
        environ={"wsgi.input": WithoutEnd(data), "wsgi.input_terminated": True},
    )


def broken_off(service: Service, image_id: str) -> Answer:
    """Send less data than the length promises."""
    path = f"/v2/images/{image_id}/file"
    length = {"CONTENT_LENGTH": "100"}
    return service.ask("PUT", path, b"less", {"Content-Type": OCTETS}, environ=length)


def sized(service: Service, size: Any, data: bytes = b"data", image_id: str = "") -> Answer:
    """Send data with a header that says how much it is."""
    image = image_id or service.an_image()
    return service.upload(image, data, {"x-openstack-image-size": str(size)})


def an_image_in(service: Service, status: Status) -> str:
    """Return an image in that status."""
    image_id = service.an_image()
    service.put_into(image_id, status)
    return image_id


def shared(service: Service, data: bytes | None = None) -> str:
    """Return an image that is shared with the other project."""
    image_id = service.an_image(data)
    service.shared_with(image_id, "other")
    return image_id


def typed(service: Service, media_type: str) -> Answer:
    """Send data of some type."""
    return service.upload(service.an_image(), b"data", {"Content-Type": media_type})


# ---------------------------------------------------------------------- in

REFUSED = {
    "less than its length": (lambda s: broken_off(s, s.an_image()), 400),
    "less than the header says": (lambda s: sized(s, 5), 400),
    "more than the header says": (lambda s: sized(s, 3), 400),
    "a size that is no number": (lambda s: sized(s, "big"), 400),
    "a negative size": (lambda s: sized(s, -1), 400),
    "an empty size": (lambda s: sized(s, ""), 400),
    "a size in other digits": (lambda s: sized(s, "4_0"), 400),
    "another size than its length": (lambda s: sized(s, 5, image_id=NO_SUCH_ID), 400),
    "an unknown store": (
        lambda s: s.upload(s.an_image(), b"data", {"x-image-meta-store": "none"}),
        400,
    ),
    "the service's own store": (
        lambda s: s.upload(
            s.an_image(), b"data", {"x-image-meta-store": "os_glance_staging_store"}
        ),
        400,
    ),
    "no formats": (
        lambda s: s.upload(s.an_image(disk_format=None, container_format=None), b"data"),
        400,
    ),
    "no container format": (lambda s: s.upload(s.an_image(container_format=None), b"data"), 400),
    "a reader": (lambda s: s.seen_by(READER).upload(s.an_image(), b"data"), 403),
    "a member": (lambda s: s.seen_by(OTHER).upload(shared(s), b"data"), 403),
    "a member of an active image": (
        lambda s: s.seen_by(OTHER).upload(shared(s, b"old"), b"data"),
        403,
    ),
    "a stranger": (lambda s: s.seen_by(OTHER).upload(s.an_image(), b"data"), 404),
    "an unknown image": (lambda s: s.upload(NO_SUCH_ID, b"data"), 404),
    "an image being uploaded": (lambda s: s.upload(an_image_in(s, Status.SAVING), b"data"), 409),
    "a staged image": (lambda s: s.upload(an_image_in(s, Status.UPLOADING), b"data"), 409),
    "an image with data": (lambda s: s.upload(s.an_image(b"old"), b"data"), 409),
    "a deactivated image": (lambda s: s.upload(s.a_deactivated_image(), b"data"), 409),
    "more than fits": (
        lambda s: s.upload(s.an_image(), b"x" * 5000, {"x-image-meta-store": "more"}),
        413,
    ),
    "more than fits, of unknown length": (
        lambda s: chunked(s, s.an_image(), b"x" * 5000, **{"x-image-meta-store": "more"}),
        413,
    ),
    "data of another format": (lambda s: s.upload(s.an_image(disk_format="qcow2"), b"data"), 415),
    "no type": (lambda s: typed(s, ""), 415),
    "another type": (lambda s: typed(s, "application/json"), 415),
    "a type that only begins so": (lambda s: typed(s, OCTETS + "x"), 415),
}
TAKEN = {
    "a length that is known": (lambda s: s.upload(s.an_image(), b"data"), 204),
    "a length that is not": (lambda s: chunked(s, s.an_image(), DATA), 204),
    "nothing": (lambda s: s.upload(s.an_image(), b""), 204),
    "nothing, of unknown length": (lambda s: chunked(s, s.an_image(), b""), 204),
    "a type with parameters": (lambda s: typed(s, OCTETS + "; x=y"), 204),
    "a type in capitals": (lambda s: typed(s, OCTETS.upper()), 204),
    "as much as was said": (lambda s: sized(s, 4), 204),
    "a size that says nothing": (lambda s: sized(s, 0), 204),
    "a size that says nothing, of unknown length": (
        lambda s: chunked(s, s.an_image(), DATA, **{"x-openstack-image-size": "0"}),
        204,
    ),
    "as much as was said, of unknown length": (
        lambda s: chunked(s, s.an_image(), DATA, **{"x-openstack-image-size": str(SIZE)}),
        204,
    ),
    "another store": (
        lambda s: s.upload(s.an_image(), b"data", {"x-image-meta-store": "more"}),
        204,
    ),
    "an administrator": (lambda s: s.seen_by(ADMIN).upload(s.an_image(), b"data"), 204),
    "a container that is not looked into": (
        lambda s: s.upload(s.an_image(disk_format="qcow2", container_format="ovf"), b"data"),
        204,
    ),
}


@each({**TAKEN, **REFUSED})
def test_what_an_upload_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@each(REFUSED)
def test_refused_data_does_not_stay_in_a_store(service: Service, ask: Any, status: int) -> None:
    ask(service)
    left = [*service.stored(), *service.stored("more")]
    assert [
        key for key in left if service.show(key)["status"] not in ("active", "deactivated")
    ] == []


@pytest.mark.parametrize(
    "refuse",
    [
        broken_off,
        lambda s, i: sized(s, 5, image_id=i),
        lambda s, i: sized(s, 3, image_id=i),
        lambda s, i: s.upload(i, b"x" * 5000, {"x-image-meta-store": "more"}),
        lambda s, i: chunked(s, i, b"x" * 5000, **{"x-image-meta-store": "more"}),
    ],
    ids=["broken off", "too little", "too much", "no room", "no room, of unknown length"],
)
def test_after_a_refusal_the_image_is_as_if_no_data_had_come_and_takes_the_next(
    service: Service, refuse: Any
) -> None:
    image_id = service.an_image()
    untouched = service.show(image_id)
    assert refuse(service, image_id).status in (400, 413)
    left = service.show(image_id)
    assert {**left, "updated_at": ""} == {**untouched, "updated_at": ""}
    assert service.upload(image_id, DATA).status == 204


def test_data_of_a_wrong_format_is_never_handed_out(service: Service) -> None:
    image_id = service.an_image(disk_format="qcow2")
    service.upload(image_id, b"not a disk")
    assert service.get(f"/v2/images/{image_id}/file").status == 204


@pytest.mark.parametrize(("size", "status"), [(100, 204), (101, 413)])
@pytest.mark.parametrize("send", [chunked, lambda s, i, d: s.upload(i, d)], ids=["chunked", "not"])
def test_an_image_is_no_larger_than_allowed(
    tmp_path: Path, size: int, status: int, send: Any
) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "image_size_cap = 100")
    assert send(service, service.an_image(), b"x" * size).status == status


def test_data_whose_length_no_header_tells_is_read_to_its_end(service: Service) -> None:
    image_id = service.an_image()
    assert unannounced(service, image_id, DATA).status == 204
    assert service.get(f"/v2/images/{image_id}/file").body == DATA


def test_the_answer_to_an_upload_is_empty(service: Service) -> None:
    answer = service.upload(service.an_image(), DATA)
    assert (answer.body, answer.headers.get("Content-Type")) == (b"", None)


def test_an_image_knows_its_data(service: Service) -> None:
    shown = service.show(service.an_image(DATA))
    expected = {
        **{"status": "active", "size": SIZE, "virtual_size": SIZE},
        **{"checksum": hashlib.md5(DATA).hexdigest(), "os_hash_algo": "sha512"},
        **{"os_hash_value": hashlib.sha512(DATA).hexdigest(), "stores": "ram"},
    }
    assert expected.items() <= shown.items()


def test_an_empty_image_is_active_and_has_no_virtual_size(service: Service) -> None:
    shown = service.show(service.an_image(b""))
    assert (shown["status"], shown["size"], shown["virtual_size"]) == ("active", 0, None)


def test_the_hash_is_the_one_that_was_configured(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "hashing_algorithm = sha256")
    shown = service.show(service.an_image(DATA))
    assert shown["os_hash_value"] == hashlib.sha256(DATA).hexdigest()


def test_without_named_stores_the_header_is_not_looked_at(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, ONE_STORE)
    answer = service.upload(service.an_image(), b"data", {"x-image-meta-store": "none"})
    assert answer.status == 204


def test_the_type_is_looked_at_before_all_else(service: Service) -> None:
    headers = {"Content-Type": "text/plain", "x-openstack-image-size": "big"}
    assert service.upload(NO_SUCH_ID, b"data", headers).status == 415


def test_the_size_is_looked_at_before_the_store(service: Service) -> None:
    headers = {"x-openstack-image-size": "big", "x-image-meta-store": "none"}
    told = service.upload(NO_SUCH_ID, b"data", headers).message
    assert "none" not in told


def test_the_store_is_looked_at_before_the_image(service: Service) -> None:
    assert service.upload(NO_SUCH_ID, b"data", {"x-image-meta-store": "none"}).status == 400


# ---------------------------------------------------------------------- out


@pytest.fixture
def path(service: Service) -> str:
    """The path of the data of an image."""
    return f"/v2/images/{service.an_image(DATA)}/file"


def test_data_comes_back_as_it_was(service: Service, path: str) -> None:
    assert service.get(path).body == DATA


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Type", OCTETS),
        ("Content-Length", str(SIZE)),
        ("Content-MD5", hashlib.md5(DATA).hexdigest()),
        ("Accept-Ranges", "bytes"),
    ],
)
def test_data_comes_with_what_clients_check_it_by(
    service: Service, path: str, header: str, value: str
) -> None:
    assert service.get(path).headers[header] == value


@pytest.mark.parametrize("range_header", [None, "bytes=0-0"], ids=["all of it", "a part"])
@pytest.mark.parametrize(
    "status", [Status.QUEUED, Status.SAVING, Status.UPLOADING, Status.IMPORTING, Status.KILLED]
)
def test_an_image_without_data_is_answered_by_nothing(
    service: Service, status: Status, range_header: str | None
) -> None:
    headers = {} if range_header is None else {"Range": range_header}
    answer = service.get(f"/v2/images/{an_image_in(service, status)}/file", headers)
    assert (answer.status, answer.body, answer.headers.get("Content-Type")) == (204, b"", None)


@pytest.mark.parametrize("range_header", [None, "bytes=0-0"], ids=["all of it", "a part"])
def test_an_image_whose_data_the_store_lost_is_answered_by_nothing(
    service: Service, range_header: str | None
) -> None:
    image_id = service.an_image(DATA)
    service.lose(image_id)
    headers = {} if range_header is None else {"Range": range_header}
    assert service.get(f"/v2/images/{image_id}/file", headers).status == 204


def test_data_without_a_checksum_comes_without_one(service: Service) -> None:
    image_id = service.an_image(DATA)
    service.put_into(image_id, Status.ACTIVE, checksum=None)
    assert "Content-MD5" not in service.get(f"/v2/images/{image_id}/file").headers


def test_a_part_of_an_image_of_unknown_size_is_answered_by_nothing(service: Service) -> None:
    image_id = service.an_image(DATA)
    service.put_into(image_id, Status.ACTIVE, size=None)
    answer = service.get(f"/v2/images/{image_id}/file", {"Range": "bytes=0-1"})
    assert answer.status == 204


def test_all_of_an_image_of_unknown_size_is_handed_out(service: Service) -> None:
    image_id = service.an_image(DATA)
    service.put_into(image_id, Status.ACTIVE, size=None)
    assert service.get(f"/v2/images/{image_id}/file").body == DATA


# ---------------------------------------------------------------------- parts

LAST = SIZE - 1


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        *(("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), (f"bytes=0-{LAST}", 0, LAST)),
        *((f"bytes={LAST}-", LAST, LAST), ("bytes=100-", 100, LAST), ("bytes=0-", 0, LAST)),
        *(("bytes=-1", LAST, LAST), ("bytes=-100", SIZE - 100, LAST), ("bytes=-0", 0, LAST)),
        *((f"bytes=-{SIZE}", 0, LAST), ("bytes=-99999999", 0, LAST)),
        *(("bytes=5-99999999", 5, LAST), ("bytes= 3 - 7 ", 3, 7), ("bytes=007-8", 7, 8)),
    ],
)
def test_a_part_is_handed_out(
    service: Service, path: str, text: str, first: int, last: int
) -> None:
    answer = service.get(path, {"Range": text})
    told = (answer.status, answer.headers["Content-Range"], answer.headers["Content-Length"])
    assert told == (206, f"bytes {first}-{last}/{SIZE}", str(last - first + 1))
    assert answer.body == DATA[first : last + 1]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((f"bytes={SIZE}-", 416), (f"bytes={SIZE}-{SIZE + 9}", 416), ("bytes=9-3", 416)),
        *(("bytes=", 416), ("bytes=-", 416), ("bytes=a-b", 416), ("bytes=1", 416), ("", 416)),
        *(("lines=0-1", 416), ("bytes 0-1", 416), ("bytes=--1", 416), ("bytes=1--1", 416)),
        *(("bytes=+1-2", 416), ("bytes=1.0-2", 416), ("bytes=٣-٤", 416), ("0-1", 416)),
        *(("bytes=0-1,3-4", 400), ("bytes=0-1, -5", 400), ("bytes=0-" + "9" * 30, 206)),
        *(("bytes=0-" + "9" * 5000, 206), ("bytes=" + "9" * 5000 + "-", 416)),
        *(("bytes=-" + "9" * 5000, 206), ("lines=0-1,3-4", 416), ("bytes=a-b,c", 416)),
    ],
)  # fmt: skip
def test_what_other_ranges_are_answered(
    service: Service, path: str, text: str, status: int
) -> None:
    latin = text.encode().decode("latin-1")
    assert service.ask("GET", path, environ={"HTTP_RANGE": latin}).status == status


@pytest.mark.parametrize("text", [f"bytes={SIZE}-", "bytes=9-3", "bytes=a-b", "lines=0-1", ""])
def test_who_asks_for_no_part_of_the_data_is_told_its_size(
    service: Service, path: str, text: str
) -> None:
    answer = service.get(path, {"Range": text})
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_part_comes_with_the_checksum_of_the_whole(service: Service, path: str) -> None:
    answer = service.get(path, {"Range": "bytes=0-0"})
    assert answer.headers["Content-MD5"] == hashlib.md5(DATA).hexdigest()


@pytest.mark.parametrize("text", ["bytes=0-", "bytes=-5", "bytes=-0"])
def test_no_part_of_an_empty_image_can_be_had(service: Service, text: str) -> None:
    answer = service.get(f"/v2/images/{service.an_image(b'')}/file", {"Range": text})
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */0")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((f"bytes 0-9/{SIZE}", 206), ("bytes 0-9/*", 206), (f"bytes 0-{LAST}/*", 206)),
        *((f"bytes 0-{SIZE}/*", 416), (f"bytes 0-{SIZE}/{SIZE}", 416), ("bytes 9-3/*", 416)),
        *((f"bytes */{SIZE}", 416), ("bytes 0-9", 416), ("bytes=0-9", 416), ("", 416)),
        *((f"bytes {SIZE}-{SIZE}/*", 416), ("bytes -9/*", 416), ("bytes 0-/*", 416)),
    ],
)
def test_a_part_may_be_asked_for_by_the_older_header(
    service: Service, path: str, text: str, status: int
) -> None:
    assert service.get(path, {"Content-Range": text}).status == status


def test_the_older_header_hands_the_part_out(service: Service, path: str) -> None:
    answer = service.get(path, {"Content-Range": "bytes 3-7/*"})
    assert (answer.body, answer.headers["Content-Range"]) == (DATA[3:8], f"bytes 3-7/{SIZE}")


@pytest.mark.parametrize("text", ["bytes=0-", "bytes=7-", "bytes=3-1", "words", "bytes=0-1,3-4"])
@pytest.mark.parametrize(
    ("caller", "status"), [(READER, 403), (OTHER, 404)], ids=["a reader", "a stranger"]
)
def test_parts_are_refused_like_the_whole(
    service: Service, path: str, caller: Any, status: int, text: str
) -> None:
    assert service.seen_by(caller).get(path, {"Range": text}).status == status


@given(st.text() | st.from_regex(r"bytes=[0-9 ,-]*"), st.sampled_from(["RANGE", "CONTENT_RANGE"]))
def test_any_text_is_a_range_or_refused(text: str, header: str) -> None:
    environ = testing.create_environ() | {f"HTTP_{header}": text}
    with suppress(TintypeError):
        wanted_range(Request(environ))


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_span_lies_within_the_data(first: int, last: int, size: int) -> None:
    environ = testing.create_environ() | {"HTTP_RANGE": f"bytes={first}-{last}"}
    with suppress(TintypeError):
        byte_range = wanted_range(Request(environ))
        assert byte_range is not None
        span = byte_range.within(size)
        assert span == (first, min(last, size - 1) - first + 1)
