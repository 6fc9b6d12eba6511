"""Text that some database cannot hold or compare, in every place where callers write text."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from dependency_injector import providers

from tests.databases import catalogues
from tests.unit.http.service import ADMIN, NO_SUCH_ID, Service, each, identity

IMAGES = "/v2/images"


@pytest.fixture(scope="module", params=["memory", *catalogues()])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The application, in this process, on a catalogue of each kind."""
    service = Service.configured(tmp_path_factory.mktemp("odd"))
    with ExitStack() as opened:
        if request.param != "memory":
            work = opened.enter_context(catalogues()[request.param]())
            service.container.work.override(providers.Object(work))
        yield service


def create(service: Service, **body: Any) -> Any:
    """Create an image."""
    return service.send("POST", IMAGES, body)


def change(service: Service, op: str, path: str, value: Any = "x") -> Any:
    """Send a patch of one operation."""
    item = {"op": op, "path": path} | ({} if op == "remove" else {"value": value})
    return service.patch(service.an_image(), [item])


def on_an_image(service: Service, method: str, path: str, value: Any = None) -> Any:
    """Ask for something below an image."""
    whole = f"{IMAGES}/{service.an_image()}/{path}"
    return service.ask(method, whole) if value is None else service.send(method, whole, value)


@each(
    {
        "a NUL in a name": (lambda s: create(s, name="a\0"), 400),
        "a NUL in a key": (lambda s: create(s, **{"a\0": "x"}), 400),
        "a NUL in a value": (lambda s: create(s, a="\0"), 400),
        "a NUL in a tag": (lambda s: create(s, tags=["\0"]), 400),
        "a NUL in an owner": (lambda s: create(s.seen_by(ADMIN), owner="\0"), 400),
        "a NUL in the caller's project": (lambda s: create(s.seen_by(identity("a\0"))), 400),
        "a NUL in a changed name": (lambda s: change(s, "replace", "/name", "\0"), 400),
        "a NUL in an added key": (lambda s: change(s, "add", "/a\0"), 400),
        "a NUL in a removed key": (lambda s: change(s, "remove", "/a\0"), 409),
        "a NUL in changed tags": (lambda s: change(s, "replace", "/tags", ["\0"]), 400),
        "a NUL in a tag put on": (lambda s: on_an_image(s, "PUT", "tags/%00"), 400),
        "a NUL in a tag taken off": (lambda s: on_an_image(s, "DELETE", "tags/%00"), 404),
        "a NUL in a member": (
            lambda s: on_an_image(s, "POST", "members", {"member": "\0"}),
            400,
        ),
        "a NUL in a member looked for": (lambda s: on_an_image(s, "GET", "members/%00"), 404),
        "a NUL in a member removed": (lambda s: on_an_image(s, "DELETE", "members/%00"), 404),
        "a NUL in an id": (lambda s: s.get(f"{IMAGES}/%00"), 404),
        "a NUL in a marker": (lambda s: s.get(f"{IMAGES}?marker=%00"), 400),
        "a long id": (lambda s: s.get(f"{IMAGES}/{'x' * 5000}"), 404),
        "a long tag taken off": (lambda s: on_an_image(s, "DELETE", "tags/" + "x" * 5000), 404),
        "a long member looked for": (
            lambda s: on_an_image(s, "GET", "members/" + "x" * 5000),
            404,
        ),
        "a long marker": (lambda s: s.get(f"{IMAGES}?marker={'x' * 5000}"), 400),
        "a surrogate in an id": (
            lambda s: s.ask("GET", "/", environ={"PATH_INFO": f"{IMAGES}/\xed\xa0\x80"}),
            400,
        ),
        "a disk in an id": (lambda s: s.get(f"{IMAGES}/{quote('💿')}"), 404),
        "disks everywhere": (
            lambda s: create(s, name="💿", tags=["💿"], **{"k💿": "v💿"}),
            201,
        ),
        "a disk for a changed key": (lambda s: change(s, "add", "/💿", "💿"), 200),
        "a disk for a tag": (lambda s: on_an_image(s, "PUT", f"tags/{quote('💿')}"), 204),
        "a disk for a member": (
            lambda s: on_an_image(s, "POST", "members", {"member": "💿"}),
            200,
        ),
        "an unknown id": (lambda s: s.get(f"{IMAGES}/{NO_SUCH_ID}"), 404),
    }
)
def test_what_odd_text_is_answered(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


@pytest.mark.parametrize(
    "name",
    [
        *("name", "id", "status", "container_format", "disk_format", "owner", "checksum"),
        *("os_hash_value", "os_hash_algo", "tag", "color", "k\0", "k💿"),
    ],
)
@pytest.mark.parametrize("value", ["\0", "a\0", "💿", "x" * 5000, "in:\0,a", "%", "_", "\\"])
def test_nothing_is_found_by_text_that_nothing_has(service: Service, name: str, value: str) -> None:
    if value.startswith("in:") and name == "color":
        value = "a\0,b"
    answer = service.get(f"{IMAGES}?{quote(name)}={quote(value)}&visibility=private")
    assert (answer.status, answer.json["images"]) == (200, [])


@pytest.mark.parametrize("name", ["size", "virtual_size", "min_disk", "min_ram"])
@pytest.mark.parametrize("bound", ["", "_min", "_max"])
@pytest.mark.parametrize("number", [(1 << 31) - 1, 1 << 31, (1 << 63) - 1, 1 << 63, 10**29])
@pytest.mark.parametrize("sign", ["", "-"])
def test_numbers_of_any_size_are_compared(
    service: Service, name: str, bound: str, number: int, sign: str
) -> None:
    answer = service.get(f"{IMAGES}?{name}{bound}={sign}{number}")
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["sort_key=name"] * 400),
        "&".join(f"p{number}=x" for number in range(128)),
        "&".join(f"tag={number}" for number in range(128)),
        "name=in:" + ",".join(map(str, range(3000))),
        "limit=" + "9" * 25,
        "created_at=gt:0001-01-01T00:00:00Z",
        "created_at=lt:9999-12-31T23:59:59.999999Z",
    ],
    ids=lambda query: query[:30],
)
def test_long_questions_are_answered(service: Service, query: str) -> None:
    answer = service.get(f"{IMAGES}?{query}")
    assert answer.status == 200, answer.body
