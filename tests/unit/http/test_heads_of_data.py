"""What a download would give, without downloading (HEAD of images-api §8.2)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    READER,
    Answer,
    Headers,
    Service,
    each,
)
from tintype.domain.status import Status

DATA = b"0123456789" * 100
TOLD = ("Content-Length", "Content-Type", "Content-MD5", "Accept-Ranges", "Content-Range")

Make = Callable[[Service], tuple[Service, str]]


def path(image_id: str) -> str:
    """Return where the data of an image is."""
    return f"/v2/images/{image_id}/file"


def head(service: Service, image_id: str, headers: Headers | None = None) -> Answer:
    """Send a HEAD."""
    return service.ask("HEAD", path(image_id), headers=headers)


def of_unknown_size(service: Service) -> str:
    """Return an image of whose data only the store knows the size."""
    image_id = service.an_image(DATA)
    service.put_into(image_id, Status.ACTIVE, size=None)
    return image_id


IMAGES: dict[str, Make] = {
    "data": (lambda s: (s, s.an_image(DATA))),
    "no byte": (lambda s: (s, s.an_image(b""))),
    "data of a size that only the store knows": (lambda s: (s, of_unknown_size(s))),
    "no data": (lambda s: (s, s.an_image())),
    "data that is withheld": (lambda s: (s, s.a_deactivated_image())),
    "data that is withheld, but not from administrators": (
        lambda s: (s.seen_by(ADMIN), s.a_deactivated_image())
    ),
    "no image": (lambda s: (s, NO_SUCH_ID)),
    "an image that a reader may not fetch": (lambda s: (s.seen_by(READER), s.an_image(DATA))),
    "an image that is not for these eyes": (
        lambda s: (s.seen_by(OTHER), s.an_image(DATA, visibility="private"))
    ),
}
RANGES = (
    *(None, "bytes=0-0", "bytes=5-", "bytes=-5", "bytes=-0", "bytes=5-99999"),
    *("bytes=1000-", "bytes=9-5", "lines=1-2", "bytes=0-1,3-4", "nonsense"),
)


@pytest.mark.parametrize("byte_range", RANGES)
@pytest.mark.parametrize("make", IMAGES.values(), ids=IMAGES)
def test_a_head_is_that_of_the_download(
    service: Service, make: Make, byte_range: str | None
) -> None:
    caller, image_id = make(service)
    headers = {} if byte_range is None else {"Range": byte_range}
    download, told = caller.get(path(image_id), headers), head(caller, image_id, headers)
    assert (told.status, told.body) == (download.status, b"")
    assert [told.headers.get(name) for name in TOLD] == [
        download.headers.get(name) for name in TOLD
    ]


def test_the_store_is_not_asked_for_what_the_record_says(service: Service) -> None:
    image_id = service.an_image(DATA)
    service.lose(image_id)
    assert head(service, image_id).headers["Content-Length"] == str(len(DATA))


@each(
    {
        "a body": (lambda s: s.ask("HEAD", path(s.an_image(DATA)), b"{}"), 400),
        "the older header": (
            lambda s: head(s, s.an_image(DATA), {"Content-Range": "bytes 1-3/*"}),
            206,
        ),
    }
)
def test_what_a_head_is_answered(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)
    assert (answer.status, answer.body) == (status, b"")
