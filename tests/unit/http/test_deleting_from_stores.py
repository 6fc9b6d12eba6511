"""Removing the data of an image from one of several stores (images-api §9.3)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.located import a_place, add, in_two_stores, there, urls, with_locations
from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    NOBODY,
    ONE_STORE,
    OTHER,
    Answer,
    Ask,
    Service,
    each,
    identity,
)
from tintype.domain.errors import InUse, StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.status import Status


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return with_locations(tmp_path)


def delete(service: Service, store: str, image_id: str, body: bytes = b"") -> Answer:
    """Delete from a store, as an administrator."""
    return by(service.seen_by(ADMIN), store, image_id, body)


def by(service: Service, store: str, image_id: str, body: bytes = b"") -> Answer:
    return service.ask("DELETE", f"/v2/stores/{store}/{image_id}", body)


def in_status(service: Service, status: Status) -> str:
    image_id = in_two_stores(service)
    service.put_into(image_id, status)
    return image_id


def one_left_elsewhere(service: Service) -> str:
    """Create an image whose one location is in `ram`."""
    return service.an_image(b"data")


@each(
    {
        "one of two": (lambda s: delete(s, "ram", in_two_stores(s)), 204),
        "the other one": (lambda s: delete(s, "more", in_two_stores(s)), 204),
        "with a body": (lambda s: delete(s, "ram", in_two_stores(s), b"x"), 400),
        "an unknown store": (lambda s: delete(s, "gone", in_two_stores(s)), 409),
        "an unknown store and no image": (lambda s: delete(s, "gone", NO_SUCH_ID), 409),
        "a store of the service": (
            lambda s: delete(s, "os_glance_staging_store", in_two_stores(s)),
            409,
        ),
        "no image": (lambda s: delete(s, "ram", NO_SUCH_ID), 404),
        "by its owner": (lambda s: by(s, "ram", in_two_stores(s)), 403),
        "by a stranger": (lambda s: by(s.seen_by(OTHER), "ram", in_two_stores(s)), 404),
        "by nobody": (lambda s: by(s.seen_by(NOBODY), "ram", in_two_stores(s)), 401),
        "while it is deactivated": (
            lambda s: delete(s, "ram", in_status(s, Status.DEACTIVATED)),
            409,
        ),
        "while it is queued": (lambda s: delete(s, "ram", s.an_image()), 409),
        "the only one": (lambda s: delete(s, "ram", one_left_elsewhere(s)), 403),
        "the only one is in another store": (
            lambda s: delete(s, "more", one_left_elsewhere(s)),
            403,
        ),
        "none of several": (lambda s: delete(s, "web", in_two_stores(s)), 404),
        "an unknown verb": (lambda s: s.get(f"/v2/stores/ram/{NO_SUCH_ID}"), 405),
    }
)
def test_deleting_from_a_store(service: Service, ask: Ask, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


def test_there_is_no_such_call_where_stores_have_no_names(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, ONE_STORE)
    assert delete(service, "memory", NO_SUCH_ID).status == 404
    assert delete(service, "gone", service.an_image(b"data")).status == 404


def test_the_data_is_gone_from_that_store_alone(service: Service) -> None:
    image_id = in_two_stores(service)
    answer = delete(service, "ram", image_id)

    assert (answer.status, answer.body) == (204, b"")
    assert (service.stored("ram"), service.stored("more")) == ([], [image_id])
    assert service.show(image_id)["stores"] == "more"
    assert service.get(f"/v2/images/{image_id}/file").body == b"data"


def test_a_store_that_has_lost_the_data_is_forgotten(service: Service) -> None:
    image_id = in_two_stores(service)
    service.lose(image_id)

    assert delete(service, "ram", image_id).status == 204
    assert urls(service, image_id) == [f"memory://more/{image_id}"]


def test_what_goes_is_neither_copied_nor_added_meanwhile_and_that_is_a_conflict(
    service: Service,
) -> None:
    image_id = in_two_stores(service)
    url = urls(service, image_id)[0]
    copy = {"method": {"name": "copy-image"}, "stores": ["ram"]}
    statuses: list[int] = []

    def meanwhile(location: Location) -> None:
        operator = service.seen_by(ADMIN)
        statuses.append(operator.send("POST", f"/v2/images/{image_id}/import", copy).status)
        statuses.append(add(service, image_id, a_place(url)).status)
        statuses.append(delete(service, "more", image_id).status)

    while_deleting(service, "ram", meanwhile)

    assert delete(service, "ram", image_id).status == 204
    assert statuses == [409, 409, 403]


@pytest.mark.parametrize(
    ("refusal", "status"), [(InUse("it", "ram"), 409), (StoreUnavailable("gone"), 503)]
)
def test_data_that_the_store_keeps_stays_where_it_is_shown(
    service: Service, refusal: Exception, status: int
) -> None:
    image_id = in_two_stores(service)
    before = urls(service, image_id)

    def refuse(location: Location) -> None:
        raise refusal

    while_deleting(service, "ram", refuse)

    assert delete(service, "ram", image_id).status == status
    assert urls(service, image_id) == before


def while_deleting(service: Service, store: str, step: Callable[[Location], None]) -> None:
    """Let something happen whenever a store is about to delete."""
    driver: Any = service.container.stores().named(store)
    delete = driver.delete

    def slowly(location: Location) -> None:
        step(location)
        delete(location)

    driver.delete = slowly


def test_of_two_locations_in_a_store_one_goes(service: Service) -> None:
    image_id = in_two_stores(service)
    add(service, image_id, a_place(there(service, "again")))

    assert delete(service, "more", image_id).status == 204
    assert urls(service, image_id) == [f"memory://ram/{image_id}", "memory://more/again"]


def test_a_location_on_a_web_server_is_forgotten_and_nothing_more(service: Service) -> None:
    image_id = in_two_stores(service)
    service.put_into(image_id, Status.ACTIVE, locations=located_on_the_web(service, image_id))

    assert delete(service, "web", image_id).status == 204
    assert urls(service, image_id) == [f"memory://ram/{image_id}"]


def located_on_the_web(service: Service, image_id: str) -> list[Location]:
    ram = service.container.stores().named("ram")
    assert ram is not None
    return [*ram.locate(image_id), Location("http://192.0.2.1/a", {"store": "web"})]


def test_opening_the_policies_to_all_opens_no_image_to_strangers(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text('"get_image_location": ""\n"delete_image_location": ""\n', encoding="utf-8")
    service = with_locations(
        tmp_path, "show_multiple_locations = true", "[oslo_policy]", f"policy_file = {policy}"
    )
    image_id = in_two_stores(service)

    assert by(service.seen_by(OTHER), "ram", image_id).status == 404
    assert by(service, "ram", image_id).status == 204


@pytest.mark.parametrize("denied", ["get_image_location", "delete_image_location"])
def test_both_policies_are_asked(tmp_path: Path, denied: str) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f'"{denied}": "!"\n', encoding="utf-8")
    service = with_locations(
        tmp_path, "show_multiple_locations = true", "[oslo_policy]", f"policy_file = {policy}"
    )
    image_id = in_two_stores(service)

    assert delete(service, "ram", image_id).status == 403


def test_an_image_that_is_shared_is_not_to_be_cut_by_its_members(service: Service) -> None:
    image_id = in_two_stores(service)
    service.shared_with(image_id, "other", "accepted")
    operator = service.seen_by(identity("other", "member,reader"))
    assert by(operator, "ram", image_id).status == 403
