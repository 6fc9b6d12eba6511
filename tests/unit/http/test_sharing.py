"""Members and tags (images-api §10, §11)."""

from typing import Any

import pytest

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    READER,
    Answer,
    Service,
    each,
    identity,
)

THIRD = identity("third")


def members(image_id: str, member: str = "") -> str:
    """Return the path of the members of an image, or of one of them."""
    return f"/v2/images/{image_id}/members" + (f"/{member}" if member else "")


def offer(service: Service, image_id: str, member: Any = "third") -> Answer:
    """Make a project a member of an image."""
    return service.send("POST", members(image_id), {"member": member})


def answer(service: Service, image_id: str, status: Any = "accepted", who: str = "other") -> Answer:
    """Answer an offer."""
    return service.send("PUT", members(image_id, who), {"status": status})


def remove(service: Service, image_id: str, who: str = "other") -> Answer:
    """Stop sharing an image with a project."""
    return service.ask("DELETE", members(image_id, who))


def shared(service: Service, *projects: str, **attributes: Any) -> str:
    """Return an image that is shared with the other project, or with those named."""
    image_id = service.an_image(**attributes)
    for project in projects or ("other",):
        service.shared_with(image_id, project)
    return image_id


def no_more(service: Service) -> str:
    """Return an image that is shared no more, but was."""
    image_id = shared(service)
    change = [{"op": "replace", "path": "/visibility", "value": "community"}]
    assert service.patch(image_id, change).status == 200
    return image_id


# ---------------------------------------------------------------------- offering


@each(
    {
        "the owner": (lambda s: offer(s, s.an_image()), 200),
        "an administrator": (lambda s: offer(s.seen_by(ADMIN), s.an_image()), 200),
        "itself": (lambda s: offer(s, s.an_image(), "owner"), 200),
        "a member that was removed": (lambda s: offer(s, once_shared(s), "other"), 200),
        "no member": (lambda s: s.send("POST", members(s.an_image()), {}), 400),
        "an empty member": (lambda s: offer(s, s.an_image(), ""), 400),
        "a number": (lambda s: offer(s, s.an_image(), 1), 400),
        "null": (lambda s: offer(s, s.an_image(), None), 400),
        "a long one": (lambda s: offer(s, s.an_image(), "x" * 256), 400),
        "no object": (lambda s: s.send("POST", members(s.an_image()), ["third"]), 400),
        "no body": (lambda s: s.ask("POST", members(s.an_image())), 400),
        "a private image": (lambda s: offer(s, s.an_image(visibility="private")), 403),
        "a private image, by an administrator": (
            lambda s: offer(s.seen_by(ADMIN), s.an_image(visibility="private")),
            403,
        ),
        "an image shared no more": (lambda s: offer(s, no_more(s)), 403),
        "a reader": (lambda s: offer(s.seen_by(READER), s.an_image()), 403),
        "a member": (lambda s: offer(s.seen_by(OTHER), shared(s)), 403),
        "a stranger": (lambda s: offer(s.seen_by(OTHER), s.an_image()), 404),
        "an unknown image": (lambda s: offer(s, NO_SUCH_ID), 404),
        "a member already": (lambda s: offer(s, shared(s), "other"), 409),
        "one more than allowed": (lambda s: offer(s, shared(s, *map(str, range(128)))), 413),
    }
)
def test_what_an_offer_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def once_shared(service: Service) -> str:
    """Return an image that the other project was removed from."""
    image_id = shared(service)
    assert remove(service, image_id).status == 204
    return image_id


def test_members_that_were_removed_do_not_count(service: Service) -> None:
    image_id = shared(service, *map(str, range(128)))
    remove(service, image_id, "7")
    assert offer(service, image_id).status == 200


def test_an_offer_is_shown_as_it_was_recorded(service: Service) -> None:
    image_id = service.an_image()
    shown = offer(service, image_id).json
    assert {"member_id": "third", "image_id": image_id, "status": "pending"}.items() < shown.items()
    assert set(shown) == {
        *("member_id", "image_id", "status", "created_at", "updated_at", "schema")
    }


def test_a_new_member_sees_the_image_at_once(service: Service) -> None:
    assert service.seen_by(OTHER).show(shared(service))["visibility"] == "shared"


def test_only_shared_images_have_members_is_what_clients_look_for(service: Service) -> None:
    told = offer(service, service.an_image(visibility="private")).message
    assert "Only shared images have members" in told


# ---------------------------------------------------------------------- looking


@each(
    {
        "the owner": (lambda s: s.get(members(shared(s))), 200),
        "a reader": (lambda s: s.seen_by(READER).get(members(shared(s))), 200),
        "a member": (lambda s: s.seen_by(OTHER).get(members(shared(s))), 200),
        "an administrator": (lambda s: s.seen_by(ADMIN).get(members(shared(s))), 200),
        "an image without members": (lambda s: s.get(members(s.an_image())), 200),
        "a private image": (lambda s: s.get(members(s.an_image(visibility="private"))), 403),
        "an image shared no more": (lambda s: s.get(members(no_more(s))), 403),
        "an image shared no more, by an administrator": (
            lambda s: s.seen_by(ADMIN).get(members(no_more(s))),
            403,
        ),
        "a stranger": (lambda s: s.seen_by(THIRD).get(members(shared(s))), 404),
        "an unknown image": (lambda s: s.get(members(NO_SUCH_ID)), 404),
        "one member, by the owner": (lambda s: s.get(members(shared(s), "other")), 200),
        "one member, by itself": (lambda s: s.seen_by(OTHER).get(members(shared(s), "other")), 200),
        "one member, by another one": (
            lambda s: s.seen_by(OTHER).get(members(shared(s, "other", "third"), "third")),
            404,
        ),
        "one member, by a stranger": (
            lambda s: s.seen_by(THIRD).get(members(shared(s), "other")),
            404,
        ),
        "one member, of an image shared no more": (
            lambda s: s.get(members(no_more(s), "other")),
            404,
        ),
        "no such member": (lambda s: s.get(members(shared(s), "third")), 404),
        "a removed member": (lambda s: s.get(members(once_shared(s), "other")), 404),
        "one member, by a caller without the role": (
            lambda s: s.seen_by(identity(roles="member")).get(members(shared(s), "other")),
            404,
        ),
    }
)
def test_what_looking_at_members_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (identity(), ["other", "third"]),
        (READER, ["other", "third"]),
        (ADMIN, ["other", "third"]),
        (OTHER, ["other"]),
        (THIRD, ["third"]),
    ],
    ids=["owner", "reader", "administrator", "one member", "another member"],
)
def test_a_member_sees_only_itself(service: Service, caller: Any, expected: list[str]) -> None:
    image_id = shared(service, "other", "third")
    listed = service.seen_by(caller).get(members(image_id)).json
    assert [member["member_id"] for member in listed["members"]] == expected


def test_a_list_of_members_names_its_schema(service: Service) -> None:
    listed = service.get(members(service.an_image())).json
    assert listed == {"members": [], "schema": "/v2/schemas/members"}


# ---------------------------------------------------------------------- answering


@each(
    {
        "accepting": (lambda s: answer(s.seen_by(OTHER), shared(s)), 200),
        "rejecting": (lambda s: answer(s.seen_by(OTHER), shared(s), "rejected"), 200),
        "shelving": (lambda s: answer(s.seen_by(OTHER), shared(s), "pending"), 200),
        "an administrator": (lambda s: answer(s.seen_by(ADMIN), shared(s)), 200),
        "an unknown answer": (lambda s: answer(s.seen_by(OTHER), shared(s), "maybe"), 400),
        "an answer of a wrong type": (lambda s: answer(s.seen_by(OTHER), shared(s), 1), 400),
        "no answer": (lambda s: s.seen_by(OTHER).send("PUT", members(shared(s), "other"), {}), 400),
        "a list": (lambda s: s.seen_by(OTHER).send("PUT", members(shared(s), "other"), []), 400),
        "the owner": (lambda s: answer(s, shared(s)), 403),
        "the owner of an image shared no more": (lambda s: answer(s, no_more(s)), 403),
        "a reader": (
            lambda s: answer(s.seen_by(identity("other", "reader")), shared(s)),
            403,
        ),
        "for another member": (
            lambda s: answer(s.seen_by(OTHER), shared(s, "other", "third"), who="third"),
            404,
        ),
        "for a project that is no member": (
            lambda s: answer(s.seen_by(OTHER), shared(s), who="third"),
            404,
        ),
        "a stranger": (lambda s: answer(s.seen_by(THIRD), shared(s), who="third"), 404),
        "an unknown image": (lambda s: answer(s.seen_by(OTHER), NO_SUCH_ID), 404),
    }
)
def test_what_an_answer_to_an_offer_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_an_answer_is_shown(service: Service) -> None:
    image_id = shared(service)
    answer(service.seen_by(OTHER), image_id, "rejected")
    assert service.get(members(image_id, "other")).json["status"] == "rejected"


def test_a_member_that_rejected_has_access_all_the_same(service: Service) -> None:
    image_id = shared(service)
    answer(service.seen_by(OTHER), image_id, "rejected")
    assert service.seen_by(OTHER).get(f"/v2/images/{image_id}").status == 200


# ---------------------------------------------------------------------- removing


@each(
    {
        "the owner": (lambda s: remove(s, shared(s)), 204),
        "an administrator": (lambda s: remove(s.seen_by(ADMIN), shared(s)), 204),
        "a member": (lambda s: remove(s.seen_by(OTHER), shared(s)), 403),
        "a reader": (lambda s: remove(s.seen_by(READER), shared(s)), 403),
        "an image shared no more": (lambda s: remove(s, no_more(s)), 403),
        "no such member of a private image": (
            lambda s: remove(s, s.an_image(visibility="private")),
            403,
        ),
        "no such member": (lambda s: remove(s, shared(s), "third"), 404),
        "a removed member": (lambda s: remove(s, once_shared(s)), 404),
        "a stranger": (lambda s: remove(s.seen_by(THIRD), shared(s)), 404),
        "an unknown image": (lambda s: remove(s, NO_SUCH_ID), 404),
    }
)
def test_what_removing_a_member_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_a_removed_member_sees_the_image_no_more(service: Service) -> None:
    image_id = once_shared(service)
    assert service.seen_by(OTHER).get(f"/v2/images/{image_id}").status == 404


# ---------------------------------------------------------------------- tags


def put(service: Service, tag: str, image_id: str | None = None) -> Answer:
    """Put a tag on an image."""
    return service.ask("PUT", f"/v2/images/{image_id or service.an_image()}/tags/{tag}")


def take_off(service: Service, tag: str, image_id: str) -> Answer:
    """Take a tag off an image."""
    return service.ask("DELETE", f"/v2/images/{image_id}/tags/{tag}")


@each(
    {
        "a new tag": (lambda s: put(s, "new"), 204),
        "a tag that is there": (lambda s: put(s, "old", s.an_image(tags=["old"])), 204),
        "the longest tag": (lambda s: put(s, "x" * 255), 204),
        "a tag in any script": (lambda s: put(s, "%F0%9F%92%BF"), 204),
        "a longer tag": (lambda s: put(s, "x" * 256), 400),
        "a tag with a NUL": (lambda s: put(s, "%00"), 400),
        "a tag with a slash": (lambda s: put(s, "a%2Fb"), 404),
        "no tag": (lambda s: put(s, ""), 404),
        "a reader": (lambda s: put(s.seen_by(READER), "new", s.an_image()), 403),
        "a member": (lambda s: put(s.seen_by(OTHER), "new", shared(s)), 403),
        "a stranger": (lambda s: put(s.seen_by(OTHER), "new", s.an_image()), 404),
        "an unknown image": (lambda s: put(s, "new", NO_SUCH_ID), 404),
        "one more than allowed": (
            lambda s: put(s, "new", s.an_image(tags=[str(n) for n in range(128)])),
            413,
        ),
        "one of as many as allowed": (
            lambda s: put(s, "7", s.an_image(tags=[str(n) for n in range(128)])),
            204,
        ),
        "a tag taken off": (lambda s: take_off(s, "old", s.an_image(tags=["old"])), 204),
        "an absent tag taken off": (lambda s: take_off(s, "old", s.an_image()), 404),
        "a tag taken off by a reader": (
            lambda s: take_off(s.seen_by(READER), "old", s.an_image(tags=["old"])),
            403,
        ),
        "an absent tag taken off by a member": (
            lambda s: take_off(s.seen_by(OTHER), "old", shared(s)),
            403,
        ),
        "a tag taken off by a stranger": (
            lambda s: take_off(s.seen_by(OTHER), "old", s.an_image(tags=["old"])),
            404,
        ),
        "a tag taken off an unknown image": (lambda s: take_off(s, "old", NO_SUCH_ID), 404),
    }
)
def test_what_tagging_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_tags_are_shown(service: Service) -> None:
    image_id = service.an_image(tags=["b"])
    put(service, "a%20%F0%9F%92%BF", image_id)
    assert service.show(image_id)["tags"] == ["a 💿", "b"]


def test_a_tag_taken_off_is_not_shown(service: Service) -> None:
    image_id = service.an_image(tags=["a", "b"])
    take_off(service, "a", image_id)
    assert service.show(image_id)["tags"] == ["b"]
