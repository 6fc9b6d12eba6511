"""Images whose data is on web servers, through the whole service (images-api §8.2, §9.1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import OddServer, a_redirect, an_answer, odd_server
from tests.service import free_port
from tests.unit.http.located import STORES, a_place, add, remove, there, urls
from tests.unit.http.service import V20, Answer, Service
from tests.web_server import WebServer, web_server
from tintype.domain.errors import StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.status import Status

DATA = b"0123456789"
HERE = """
    [import_filtering_opts]
    allowed_hosts = [127.0.0.1]
    allowed_ports = []
"""
ONE = """
    [DEFAULT]
    auth_strategy = trusted_headers
    show_multiple_locations = true
    {defaults}
    [glance_store]
    filesystem_store_datadir = %s/images
"""


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service.configured(tmp_path, STORES + HERE, "show_multiple_locations = true")


def located(service: Service, url: str) -> str:
    """Return an active image whose data is recorded at a URL."""
    image_id = service.an_image()
    service.put_into(
        image_id, Status.ACTIVE, size=len(DATA), locations=[Location(url, {"store": "web"})]
    )
    return image_id


def download(service: Service, image_id: str, **headers: str) -> Answer:
    return service.get(f"/v2/images/{image_id}/file", headers)


def test_data_on_a_web_server_makes_an_image_active(service: Service, web: WebServer) -> None:
    image_id = service.an_image()
    answer = add(service, image_id, a_place(web.put("a", DATA), note="n"))

    assert answer.status == 200, answer.body
    assert (answer.json["status"], answer.json["size"], answer.json["stores"]) == (
        "active",
        10,
        "web",
    )
    assert answer.json["locations"] == [
        {"url": web.url("a"), "metadata": {"note": "n", "store": "web"}}
    ]
    assert download(service, image_id).body == DATA


@pytest.mark.parametrize("store", [None, "web", "ram"])
def test_the_older_form_takes_locations_on_web_servers_as_they_are_given(
    tmp_path: Path, web: WebServer, store: str | None
) -> None:
    service = Service.configured(tmp_path, ONE % tmp_path + HERE)
    service.container.stores().start()
    image_id = service.an_image()
    place = a_place(web.put("a", DATA), **({"store": store} if store else {}))

    assert add(service, image_id, place, dialect=V20).status == 200
    assert service.show(image_id)["locations"] == [place]
    assert "stores" not in service.show(image_id)
    assert download(service, image_id).body == DATA


@pytest.mark.parametrize("manner", ["/no-head", "/no-range"])
def test_the_size_is_found_out_from_servers_that_can_do_less(
    service: Service, web: WebServer, manner: str
) -> None:
    web.put("a", DATA)
    image_id = service.an_image()
    assert add(service, image_id, a_place(web.url("a", manner=manner))).json["size"] == 10


def test_nothing_is_to_be_had_at(service: Service, web: WebServer, odd: OddServer) -> None:
    web.put("a", DATA)
    odd.answers |= {
        "HEAD /inward": a_redirect(302, "http://169.254.169.254/latest"),
        "HEAD /loop": a_redirect(302, "/loop"),
        "HEAD /empty": an_answer(200, "Content-Length: 0"),
    }
    for url in (
        web.url("missing"),
        web.put("empty", b""),
        web.url("a", manner="/unmeasured"),
        web.url("a", manner="/locked"),
        web.url("a", tls=True),
        odd.url("/inward"),
        odd.url("/loop"),
        odd.url("/empty"),
        f"http://127.0.0.1:{free_port()}/a",
        f"http://127.0.0.2:{odd.port}/a",
    ):
        image_id = service.an_image()
        answer = add(service, image_id, a_place(url))
        assert (url, answer.status) == (url, 400)
        assert (service.show(image_id)["status"], urls(service, image_id)) == ("queued", [])


def test_removing_such_a_location_leaves_the_data_to_its_owner(
    service: Service, web: WebServer
) -> None:
    image_id = service.an_image(DATA)
    add(service, image_id, a_place(web.put("a", DATA)))
    add(service, image_id, a_place(web.url("a") + "#new"))

    assert [remove(service, image_id, "-").status for _ in range(2)] == [200, 200]
    assert (web.folder / "a").read_bytes() == DATA
    assert urls(service, image_id) == [f"memory://ram/{image_id}"]


def test_an_image_can_be_deleted_whose_server_is_gone(service: Service) -> None:
    image_id = located(service, f"http://127.0.0.1:{free_port()}/a")

    assert download(service, image_id).status == 503
    assert service.ask("DELETE", f"/v2/images/{image_id}").status == 204


# ---------------------------------------------------------------------- downloads


def test_a_part_is_handed_out_where_the_server_gives_parts(
    service: Service, web: WebServer
) -> None:
    answer = download(service, located(service, web.put("a", DATA)), Range="bytes=2-5")
    assert (answer.status, answer.body) == (206, b"2345")
    assert answer.headers["Content-Range"] == "bytes 2-5/10"


def test_a_part_cannot_be_had_where_the_server_gives_none(service: Service, web: WebServer) -> None:
    web.put("a", DATA)
    image_id = located(service, web.url("a", manner="/no-range"))

    answer = download(service, image_id, Range="bytes=2-5")
    assert (answer.status, "ask for all of it" in answer.message) == (400, True)
    assert download(service, image_id).body == DATA


def test_data_whose_server_tells_no_length_is_as_long_as_the_image(
    service: Service, web: WebServer
) -> None:
    web.put("a", DATA)
    answer = download(service, located(service, web.url("a", manner="/unmeasured")))
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["Content-Length"] == "10"


def test_data_that_ends_before_the_image_does_is_no_answer(
    service: Service, web: WebServer
) -> None:
    web.put("a", DATA[:-1])
    image_id = located(service, web.url("a", manner="/unmeasured"))
    with pytest.raises(StoreUnavailable, match="9 of 10 bytes"):
        download(service, image_id)


def test_data_of_which_nobody_knows_the_length_is_not_handed_out(
    service: Service, web: WebServer
) -> None:
    web.put("a", DATA)
    image_id = service.an_image()
    location = Location(web.url("a", manner="/unmeasured"), {"store": "web"})
    service.put_into(image_id, Status.ACTIVE, size=None, locations=[location])
    answer = download(service, image_id)
    assert (answer.status, "how long" in answer.message) == (503, True)


def test_a_part_comes_from_a_store_that_can_give_one(service: Service, web: WebServer) -> None:
    web.put("a", DATA)
    image_id = located(service, web.url("a", manner="/no-range"))
    add(service, image_id, a_place(there(service, "copy", DATA)))

    path = f"/v2/images/{image_id}/file?prefer=web"
    assert service.get(path, {"Range": "bytes=2-5"}).body == b"2345"


def test_data_that_the_server_has_lost_is_answered_by_nothing(
    service: Service, web: WebServer
) -> None:
    assert download(service, located(service, web.url("a"))).status == 204


@pytest.mark.parametrize(
    "answer",
    [
        an_answer(500, "Content-Length: 0"),
        an_answer(401, "Content-Length: 0"),
        a_redirect(302, "http://169.254.169.254/latest"),
        a_redirect(302, "/a"),
        b"nonsense\r\n",
    ],
)
def test_a_server_out_of_order_is_unavailable(
    service: Service, odd: OddServer, answer: bytes
) -> None:
    odd.answers["GET /a"] = answer
    image_id = located(service, odd.url("/a"))
    assert download(service, image_id).status == 503

    add(service, image_id, a_place(there(service, "copy", DATA)))
    assert download(service, image_id).body == DATA


def test_a_url_that_may_no_longer_be_called_is_not_called(tmp_path: Path, odd: OddServer) -> None:
    service = Service.configured(tmp_path, STORES, "show_multiple_locations = true")
    odd.answers["GET /a"] = an_answer(200, "Content-Length: 10", body=DATA)

    assert download(service, located(service, odd.url("/a"))).status == 503
    assert odd.heard == []


def test_data_that_breaks_off_does_not_end_well(service: Service, odd: OddServer) -> None:
    odd.answers["GET /a"] = an_answer(200, "Content-Length: 10", body=DATA[:5])
    image_id = located(service, odd.url("/a"))

    with pytest.raises(Exception, match="cannot be fetched"):
        download(service, image_id)


def test_all_methods_of_the_file_store_are_there_beside(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, ONE % tmp_path)
    service.container.stores().start()
    image_id = service.an_image(DATA)
    shown: Any = service.show(image_id)

    assert shown["locations"] == [{"url": f"file://{tmp_path}/images/{image_id}", "metadata": {}}]
    assert download(service, image_id).body == DATA
