"""Downloads from the store that the caller prefers (images-api §8.2)."""

from pathlib import Path

import pytest

from tests.unit.http.located import in_two_stores, with_locations, with_one_store
from tests.unit.http.service import ADMIN, OTHER, READER, Answer, Ask, Service, each
from tintype.domain.status import Status


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return with_locations(tmp_path)


def ask_for(service: Service, prefer: str, image_id: str | None = None) -> Answer:
    return service.get(f"/v2/images/{image_id or in_two_stores(service)}/file?prefer={prefer}")


@each(
    {
        "one store": (lambda s: ask_for(s, "more"), 200),
        "several": (lambda s: ask_for(s, "more,ram"), 200),
        "one that has no data": (lambda s: ask_for(s, "web"), 200),
        "one twice": (lambda s: ask_for(s, "more,more"), 200),
        "nothing": (lambda s: ask_for(s, ""), 200),
        "empty names": (lambda s: ask_for(s, ",,more,"), 200),
        "only empty names": (lambda s: ask_for(s, ",,"), 200),
        "something else": (lambda s: s.get(f"/v2/images/{in_two_stores(s)}/file?x=gone"), 200),
        "an unknown store": (lambda s: ask_for(s, "gone"), 400),
        "an unknown store among others": (lambda s: ask_for(s, "more,gone"), 400),
        "a store of the service": (lambda s: ask_for(s, "os_glance_staging_store"), 400),
        "an unknown store for no data": (lambda s: ask_for(s, "gone", s.an_image()), 400),
        "a store for no data": (lambda s: ask_for(s, "more", s.an_image()), 204),
        "a deactivated image": (lambda s: ask_for(s, "gone", s.a_deactivated_image()), 403),
        "a deactivated image, by an administrator": (
            lambda s: ask_for(s.seen_by(ADMIN), "ram", s.a_deactivated_image()),
            200,
        ),
        "by a reader": (lambda s: ask_for(s.seen_by(READER), "more", in_two_stores(s)), 403),
        "by a stranger": (lambda s: ask_for(s.seen_by(OTHER), "gone", in_two_stores(s)), 404),
        "a query that is no text": (lambda s: ask_for(s, "%FF"), 400),
    }
)
def test_preferring(service: Service, ask: Ask, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


@pytest.mark.parametrize(
    ("prefer", "lost", "expected"),
    [
        ("", [], b"of ram"),
        ("ram", [], b"of ram"),
        ("more", [], b"of more"),
        ("more,ram", [], b"of more"),
        ("ram,more", [], b"of ram"),
        ("web,more", [], b"of more"),
        ("more", ["more"], b"of ram"),
        ("", ["ram"], b"of more"),
        ("ram", ["ram"], b"of more"),
    ],
)
def test_data_comes_from_the_store_preferred_and_else_from_another(
    service: Service, prefer: str, lost: list[str], expected: bytes
) -> None:
    image_id = service.an_image()
    locations = []
    for name in ("ram", "more"):
        driver = service.container.stores().named(name)
        assert driver is not None
        with driver.create(image_id, None) as handle:
            handle.write(memoryview(f"of {name}".encode()))
            locations.append(handle.commit())
        if name in lost:
            driver.delete(locations[-1])
    service.put_into(image_id, Status.ACTIVE, locations=locations)

    assert ask_for(service, prefer, image_id).body == expected


def test_there_is_nothing_to_prefer_where_stores_have_no_names(tmp_path: Path) -> None:
    service = with_one_store(tmp_path)
    image_id = service.an_image(b"data")

    assert ask_for(service, "memory", image_id).status == 400
    assert ask_for(service, "", image_id).status == 200


@pytest.mark.parametrize(("prefer", "status"), [("more", 403), ("", 200)])
def test_preferring_has_a_policy_of_its_own(tmp_path: Path, prefer: str, status: int) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text('"download_from_store": "!"\n', encoding="utf-8")
    service = with_locations(
        tmp_path, "show_multiple_locations = true", "[oslo_policy]", f"policy_file = {policy}"
    )
    assert ask_for(service, prefer).status == status
