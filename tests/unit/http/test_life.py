"""Deleting images, withholding their data, and who sees what (images-api §4.4, §5, §6)."""

from collections.abc import Callable, Mapping
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
    identity,
)
from tintype.domain.status import Status


def delete(service: Service, image_id: str) -> Answer:
    """Delete an image."""
    return service.ask("DELETE", f"/v2/images/{image_id}")


def switch(service: Service, image_id: str, action: str = "deactivate") -> Answer:
    """Withhold the data of an image or hand it out again."""
    return service.ask("POST", f"/v2/images/{image_id}/actions/{action}")


def an_image_in(service: Service, status: Status, **attributes: Any) -> str:
    """Return an image in that status, with data if there is some in that status."""
    image_id = service.an_image(
        b"data" if status in (Status.ACTIVE, Status.DEACTIVATED) else None, **attributes
    )
    if status not in (Status.QUEUED, Status.ACTIVE):
        service.put_into(image_id, status)
    return image_id


def shared(service: Service, data: bytes | None = b"data") -> str:
    """Return an image that is shared with the other project."""
    image_id = service.an_image(data)
    service.shared_with(image_id, "other")
    return image_id


def public(service: Service, data: bytes | None = b"data", **attributes: Any) -> str:
    """Return a public image of the owner's project."""
    maker = service.seen_by(ADMIN)
    return maker.an_image(data, visibility="public", owner="owner", **attributes)


# ---------------------------------------------------------------------- deleting


@each(
    {
        "an image without data": (lambda s: delete(s, s.an_image()), 204),
        "an active image": (lambda s: delete(s, s.an_image(b"data")), 204),
        "a deactivated image": (lambda s: delete(s, s.a_deactivated_image()), 204),
        "an image being uploaded": (lambda s: delete(s, an_image_in(s, Status.SAVING)), 204),
        "a staged image": (lambda s: delete(s, an_image_in(s, Status.UPLOADING)), 204),
        "an importing image": (lambda s: delete(s, an_image_in(s, Status.IMPORTING)), 204),
        "a killed image": (lambda s: delete(s, an_image_in(s, Status.KILLED)), 204),
        "an image whose data is lost": (lambda s: delete(s, an_image_without_bytes(s)), 204),
        "an administrator": (lambda s: delete(s.seen_by(ADMIN), s.an_image(b"data")), 204),
        "a body": (lambda s: s.ask("DELETE", f"/v2/images/{s.an_image()}", b"{}"), 400),
        "a protected image": (lambda s: delete(s, s.an_image(protected=True)), 403),
        "a protected image, by an administrator": (
            lambda s: delete(s.seen_by(ADMIN), s.an_image(protected=True)),
            403,
        ),
        "a reader": (lambda s: delete(s.seen_by(READER), s.an_image()), 403),
        "a member": (lambda s: delete(s.seen_by(OTHER), shared(s)), 403),
        "a public image of others": (lambda s: delete(s.seen_by(OTHER), public(s)), 403),
        "a protected image of others": (
            lambda s: delete(s.seen_by(OTHER), public(s, protected=True)),
            403,
        ),
        "a protected image that is not seen": (
            lambda s: delete(s.seen_by(OTHER), s.an_image(protected=True)),
            404,
        ),
        "a stranger": (lambda s: delete(s.seen_by(OTHER), s.an_image()), 404),
        "an unknown image": (lambda s: delete(s, NO_SUCH_ID), 404),
        "a deleted image": (lambda s: delete(s, a_deleted_image(s)), 404),
        "a deleted image, by an administrator": (
            lambda s: delete(s.seen_by(ADMIN), a_deleted_image(s)),
            404,
        ),
    }
)
def test_what_a_deletion_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def a_deleted_image(service: Service) -> str:
    """Create and delete an image, and return its id."""
    image_id = service.an_image()
    assert delete(service, image_id).status == 204
    return image_id


def an_image_without_bytes(service: Service) -> str:
    """Return an active image whose data the store has lost."""
    image_id = service.an_image(b"data")
    service.lose(image_id)
    return image_id


def test_the_answer_to_a_deletion_is_empty(service: Service) -> None:
    answer = delete(service, service.an_image(b"data"))
    assert (answer.body, answer.headers.get("Content-Type")) == (b"", None)


def test_with_an_image_its_data_goes(service: Service) -> None:
    delete(service, service.an_image(b"data"))
    assert service.stored() == []


@pytest.mark.parametrize("caller", [identity(), ADMIN], ids=["its owner", "an administrator"])
@pytest.mark.parametrize("path", ["", "/file", "/members"])
def test_a_deleted_image_is_not_found(service: Service, caller: Headers, path: str) -> None:
    image_id = a_deleted_image(service)
    assert service.seen_by(caller).get(f"/v2/images/{image_id}{path}").status == 404


def test_a_deleted_image_is_in_no_list(service: Service) -> None:
    a_deleted_image(service)
    assert service.seen_by(ADMIN).get("/v2/images?visibility=all").json["images"] == []


# ---------------------------------------------------------------------- withholding


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((Status.ACTIVE, 204), (Status.DEACTIVATED, 204), (Status.QUEUED, 403)),
        *((Status.SAVING, 403), (Status.UPLOADING, 403), (Status.IMPORTING, 403)),
        (Status.KILLED, 403),
    ],
)
def test_only_an_image_with_data_can_be_switched(
    service: Service, action: str, status: Status, expected: int
) -> None:
    assert switch(service, an_image_in(service, status), action).status == expected


@each(
    {
        "a body": (
            lambda s: s.ask("POST", f"/v2/images/{s.an_image(b'x')}/actions/deactivate", b"{}"),
            400,
        ),
        "a reader": (lambda s: switch(s.seen_by(READER), s.an_image(b"x")), 403),
        "a member": (lambda s: switch(s.seen_by(OTHER), shared(s)), 403),
        "a public image of others": (lambda s: switch(s.seen_by(OTHER), public(s)), 403),
        "a stranger to a queued image": (lambda s: switch(s.seen_by(OTHER), s.an_image()), 404),
        "a stranger": (lambda s: switch(s.seen_by(OTHER), s.an_image(b"x")), 404),
        "an unknown image": (lambda s: switch(s, NO_SUCH_ID), 404),
        "an unknown action": (lambda s: switch(s, s.an_image(b"x"), "format"), 404),
        "an administrator": (lambda s: switch(s.seen_by(ADMIN), s.an_image(b"x")), 204),
    }
)
def test_what_a_switch_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_a_deactivated_image_is_shown_as_such(service: Service) -> None:
    assert service.show(service.a_deactivated_image())["status"] == "deactivated"


def test_a_deactivated_image_stays_in_lists(service: Service) -> None:
    image_id = service.a_deactivated_image()
    assert [image["id"] for image in service.get("/v2/images").json["images"]] == [image_id]


def test_a_deactivated_image_hands_no_data_out(service: Service) -> None:
    assert service.get(f"/v2/images/{service.a_deactivated_image()}/file").status == 403


def test_an_administrator_gets_the_data_of_a_deactivated_image(service: Service) -> None:
    image_id = service.a_deactivated_image()
    assert service.seen_by(ADMIN).get(f"/v2/images/{image_id}/file").body == b"data"


def test_a_reactivated_image_hands_its_data_out_again(service: Service) -> None:
    image_id = service.a_deactivated_image()
    switch(service, image_id, "reactivate")
    assert service.get(f"/v2/images/{image_id}/file").body == b"data"


# ---------------------------------------------------------------------- who sees what

VISIBILITIES: Mapping[str, Callable[[Service], str]] = {
    "public": public,
    "community": lambda s: s.an_image(b"data", visibility="community"),
    "shared": shared,
    "private": lambda s: s.an_image(b"data", visibility="private"),
    "nobody's": lambda s: s.seen_by(ADMIN).an_image(b"data", owner=None, visibility="private"),
    "nobody's public": lambda s: s.seen_by(ADMIN).an_image(
        b"data", owner=None, visibility="public"
    ),
}
CALLERS = {
    "owner": identity(),
    "reader": READER,
    "member": OTHER,
    "reader of member": identity("other", "reader"),
    "stranger": identity("third"),
    "without roles": identity(roles=""),
    "without reader": identity(roles="member"),
    "without project": identity(None),
    "admin": ADMIN,
}
SHOW = {
    "public": {"without roles": 404, "without reader": 404},
    "community": {"without roles": 404, "without reader": 404},
    "shared": {
        **{"stranger": 404, "without roles": 404},
        **{"without reader": 404, "without project": 404},
    },
    "private": {
        **{"member": 404, "reader of member": 404, "stranger": 404, "without roles": 404},
        **{"without reader": 404, "without project": 404},
    },
    "nobody's": dict.fromkeys(set(CALLERS) - {"admin"}, 404),
    "nobody's public": {"without roles": 404, "without reader": 404},
}
"""What is answered to showing an image, where it is not 200."""

READERS = {"reader": 403, "reader of member": 403}
DOWNLOAD = {
    visibility: {
        **refused,
        **{caller: 403 for caller in READERS if caller not in refused},
        "without reader": 200 if visibility != "nobody's" else 404,
    }
    for visibility, refused in SHOW.items()
}
"""What is answered to downloading it: the role of a reader is not enough, and not needed."""


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("caller", CALLERS)
def test_who_is_shown_an_image(service: Service, visibility: str, caller: str) -> None:
    image_id = VISIBILITIES[visibility](service)
    answer = service.seen_by(CALLERS[caller]).get(f"/v2/images/{image_id}")
    assert answer.status == SHOW[visibility].get(caller, 200)


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("caller", CALLERS)
def test_who_gets_the_data_of_an_image(service: Service, visibility: str, caller: str) -> None:
    image_id = VISIBILITIES[visibility](service)
    answer = service.seen_by(CALLERS[caller]).get(f"/v2/images/{image_id}/file")
    assert answer.status == DOWNLOAD[visibility].get(caller, 200)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"owner": "pcsn", "other": "ps", "third": "p", "admin": "psno"}),
        ("visibility=all", {"owner": "pcsn", "other": "pcs", "third": "pc", "admin": "pcsno"}),
        ("visibility=public", dict.fromkeys(("owner", "other", "third", "admin"), "p")),
        ("visibility=community", dict.fromkeys(("owner", "other", "third", "admin"), "c")),
        ("visibility=shared", {"owner": "s", "other": "s", "third": "", "admin": "so"}),
        ("visibility=private", {"owner": "n", "other": "", "third": "", "admin": "n"}),
    ],
)
@pytest.mark.parametrize("caller", ["owner", "other", "third", "admin"])
def test_who_is_listed_what(
    service: Service, caller: str, query: str, expected: dict[str, str]
) -> None:
    public(service, None, name="p")
    service.an_image(name="c", visibility="community")
    service.shared_with(service.an_image(name="s"), "other", "accepted")
    service.an_image(name="n", visibility="private")
    service.seen_by(ADMIN).an_image(name="o", owner=None)
    asker = service.seen_by(ADMIN if caller == "admin" else identity(caller))
    shown = asker.get(f"/v2/images?{query}").json["images"]
    assert {image["name"] for image in shown} == set(expected[caller])


@pytest.mark.parametrize(
    ("query", "shown"), [("", False), ("?os_hidden=true", True), ("?os_hidden=True", True)]
)
def test_a_hidden_image_is_listed_only_if_asked_for(
    service: Service, query: str, shown: bool
) -> None:
    service.an_image(os_hidden=True)
    assert bool(service.get(f"/v2/images{query}").json["images"]) is shown


def test_members_come_back_when_an_image_is_shared_again(service: Service) -> None:
    image_id = shared(service)
    for visibility in ("private", "shared"):
        change = [{"op": "replace", "path": "/visibility", "value": visibility}]
        assert service.patch(image_id, change).status == 200
    assert service.seen_by(OTHER).get(f"/v2/images/{image_id}").status == 200


def test_members_of_an_image_made_private_see_it_no_more(service: Service) -> None:
    image_id = shared(service)
    service.patch(image_id, [{"op": "replace", "path": "/visibility", "value": "private"}])
    assert service.seen_by(OTHER).get(f"/v2/images/{image_id}").status == 404
