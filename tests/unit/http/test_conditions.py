"""Entity tags, and requests that depend on them (RFC 9110 §13)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    READER,
    TWO_STORES,
    V21,
    Answer,
    Headers,
    Service,
    each,
)
from tintype.domain.status import Status

Change = Callable[[Service, str], object]


def path(image_id: str) -> str:
    """Return where an image is."""
    return f"/v2/images/{image_id}"


def tag_of(service: Service, image_id: str, headers: Headers | None = None) -> str:
    """Return the tag that an image is shown with."""
    return service.get(path(image_id), headers).headers["ETag"]


def patch(service: Service, image_id: str, condition: str, name: str = "new") -> Answer:
    """Rename an image on a condition."""
    change = [{"op": "replace", "path": "/name", "value": name}]
    headers = {"Content-Type": V21, "If-Match": condition}
    return service.send("PATCH", path(image_id), change, headers)


def delete(service: Service, image_id: str, condition: str) -> Answer:
    """Delete an image on a condition."""
    return service.ask("DELETE", path(image_id), headers={"If-Match": condition})


def renamed(service: Service, image_id: str) -> object:
    """Rename an image."""
    return service.patch(image_id, [{"op": "replace", "path": "/name", "value": "x"}])


# ---------------------------------------------------------------------- tags


CHANGES: dict[str, Change] = {
    "the name": renamed,
    "a property": lambda s, i: s.patch(i, [{"op": "add", "path": "/a", "value": "b"}]),
    "a tag put on": lambda s, i: s.ask("PUT", f"{path(i)}/tags/new"),
    "a tag taken off": lambda s, i: s.ask("DELETE", f"{path(i)}/tags/old"),
    "data": lambda s, i: s.upload(i, b"data"),
    "the status": lambda s, i: s.put_into(i, Status.SAVING),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_tag_changes_with_what_is_shown(service: Service, change: Change) -> None:
    image_id = service.an_image(tags=["old"])
    before = tag_of(service, image_id)
    change(service, image_id)
    assert tag_of(service, image_id) != before


def test_a_tag_is_strong(service: Service) -> None:
    tag = tag_of(service, service.an_image())
    assert tag.startswith('"') and tag.endswith('"') and len(tag) > 20


def test_the_same_is_shown_with_the_same_tag(service: Service) -> None:
    image_id = service.an_image(tags=["b", "a"], z="1", a="2")
    assert tag_of(service, image_id) == tag_of(service, image_id)


def test_a_new_image_comes_with_the_tag_that_it_is_shown_with(service: Service) -> None:
    created = service.send("POST", "/v2/images", {"tags": ["b", "a"], "z": "1", "a": "2"})
    assert created.headers["ETag"] == tag_of(service, created.json["id"])


def test_a_changed_image_comes_with_the_tag_that_it_is_shown_with(service: Service) -> None:
    image_id = service.an_image(tags=["b", "c"], z="1")
    changes = [
        {"op": "replace", "path": "/tags", "value": ["c", "a", "b"]},
        {"op": "add", "path": "/a", "value": "2"},
    ]
    assert service.patch(image_id, changes).headers["ETag"] == tag_of(service, image_id)


def test_callers_who_are_shown_different_things_get_different_tags(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "show_multiple_locations = true")
    image_id = service.a_deactivated_image()
    assert tag_of(service, image_id) != tag_of(service.seen_by(ADMIN), image_id)


def test_a_packed_answer_has_a_tag_of_its_own(service: Service) -> None:
    image_id = service.an_image()
    assert tag_of(service, image_id, {"Accept-Encoding": "gzip"}) != tag_of(service, image_id)


@each(
    {
        "a list": (lambda s: s.get("/v2/images"), 200),
        "members": (lambda s: s.get(f"{path(s.an_image())}/members"), 200),
        "a refusal": (lambda s: s.get(path(NO_SUCH_ID)), 404),
    }
)
def test_only_an_image_has_a_tag(service: Service, ask: Any, status: int) -> None:
    answer = ask(service)
    assert (answer.status, answer.headers.get("ETag")) == (status, None)


# ---------------------------------------------------------------------- If-None-Match


def quoted(template: str, service: Service, image_id: str) -> str:
    """Fill the present tag of an image into a condition."""
    tag = tag_of(service, image_id)
    return template.format(tag=tag, packed=tag[:-1] + '-gzip"')


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        *(("{tag}", 304), ("W/{tag}", 304), ("*", 304), ("{packed}", 304)),
        *(('"other", {tag}', 304), ('"with, comma",{tag}', 304)),
        *(('"other"', 200), ('W/"other"', 200), ("", 200), (",", 200), ("unquoted", 200)),
    ],
)
def test_an_image_is_sent_to_those_who_do_not_have_it(
    service: Service, condition: str, status: int
) -> None:
    image_id = service.an_image()
    known = quoted(condition, service, image_id)
    answer = service.get(path(image_id), {"If-None-Match": known})
    assert (answer.status, answer.body != b"") == (status, status == 200)


def test_an_image_that_a_client_has_comes_with_its_tag_alone(service: Service) -> None:
    image_id = service.an_image()
    tag = tag_of(service, image_id)
    answer = service.get(path(image_id), {"If-None-Match": tag})
    assert (answer.headers["ETag"], answer.headers.get("Content-Type")) == (tag, None)


def test_a_packed_image_that_a_client_has_keeps_its_tag(service: Service) -> None:
    image_id = service.an_image()
    packed = {"Accept-Encoding": "gzip"}
    tag = tag_of(service, image_id, packed)
    answer = service.get(path(image_id), {"If-None-Match": tag, **packed})
    assert (answer.status, answer.headers["ETag"]) == (304, tag)


def test_an_image_that_has_changed_is_sent(service: Service) -> None:
    image_id = service.an_image()
    tag = tag_of(service, image_id)
    renamed(service, image_id)
    assert service.get(path(image_id), {"If-None-Match": tag}).json["name"] == "x"


def test_what_a_caller_has_does_not_show_it_what_it_may_not_see(service: Service) -> None:
    image_id = service.an_image(visibility="private")
    assert service.seen_by(OTHER).get(path(image_id), {"If-None-Match": "*"}).status == 404


# ---------------------------------------------------------------------- If-Match

CONDITIONS = [
    *(("{tag}", True), ("*", True), ("{packed}", True), ('"other", {tag}', True), ("", True)),
    *(('"other"', False), ("W/{tag}", False), ('W/{tag}, "other"', False), ("unquoted", False)),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_an_image_is_changed_if_it_is_what_the_caller_saw(
    service: Service, condition: str, holds: bool
) -> None:
    image_id = service.an_image(name="old")
    answer = patch(service, image_id, quoted(condition, service, image_id))
    expected = (200, "new") if holds else (412, "old")
    assert (answer.status, service.show(image_id)["name"]) == expected


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_an_image_is_deleted_if_it_is_what_the_caller_saw(
    service: Service, condition: str, holds: bool
) -> None:
    image_id = service.an_image(b"data")
    answer = delete(service, image_id, quoted(condition, service, image_id))
    left = [] if holds else [image_id]
    assert (answer.status, service.stored()) == (204 if holds else 412, left)


@pytest.mark.parametrize("act", [patch, delete])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_image_that_has_changed_since_is_left_alone(
    service: Service, act: Callable[[Service, str, str], Answer], change: Change
) -> None:
    image_id = service.an_image(tags=["old"])
    tag = tag_of(service, image_id)
    change(service, image_id)
    assert act(service, image_id, tag).status == 412


def test_a_patch_that_changes_nothing_depends_on_its_condition_too(service: Service) -> None:
    headers = {"Content-Type": V21, "If-Match": '"other"'}
    assert service.send("PATCH", path(service.an_image()), [], headers).status == 412


def test_the_tag_of_a_change_allows_the_next(service: Service) -> None:
    image_id = service.an_image(tags=["b", "a"], z="1")
    first = patch(service, image_id, "*", "one").headers["ETag"]
    assert patch(service, image_id, first, "two").status == 200


def test_the_tag_holds_for_what_the_same_caller_is_shown(tmp_path: Path) -> None:
    options = ("show_multiple_locations = true", "show_image_direct_url = true")
    service = Service.configured(tmp_path, TWO_STORES, *options)
    image_id = service.an_image(b"data")
    assert patch(service, image_id, tag_of(service, image_id)).status == 200


@pytest.mark.parametrize("act", [patch, delete])
def test_what_a_caller_may_not_read_is_no_part_of_what_it_saw(
    tmp_path: Path, act: Callable[[Service, str, str], Answer]
) -> None:
    sections = (
        "[^secret]\ncreate = admin\nread = admin\nupdate = admin\ndelete = admin\n"
        "[.*]\ncreate = @\nread = @\nupdate = @\ndelete = @\n"
    )
    (tmp_path / "protections.conf").write_text(sections, encoding="utf-8")
    option = "property_protection_file = protections.conf"
    service = Service.configured(tmp_path, TWO_STORES, option)
    image_id = service.seen_by(ADMIN).an_image(owner="owner", secret="1", open="2")
    tag = tag_of(service, image_id)
    assert tag != tag_of(service.seen_by(ADMIN), image_id)
    assert act(service, image_id, tag).status in (200, 204)


@each(
    {
        "a change of what is not there": (lambda s: patch(s, NO_SUCH_ID, "*"), 404),
        "a change by a reader": (
            lambda s: patch(s.seen_by(READER), s.an_image(), '"other"'),
            403,
        ),
        "a change by a stranger": (
            lambda s: patch(s.seen_by(OTHER), s.an_image(visibility="private"), '"other"'),
            404,
        ),
        "a deletion of what is not there": (lambda s: delete(s, NO_SUCH_ID, "*"), 404),
        "a deletion by a reader": (
            lambda s: delete(s.seen_by(READER), s.an_image(), '"other"'),
            403,
        ),
        "a deletion by a stranger": (
            lambda s: delete(s.seen_by(OTHER), s.an_image(visibility="private"), '"other"'),
            404,
        ),
        "a deletion of a protected image": (
            lambda s: delete(s, s.an_image(protected=True), '"other"'),
            403,
        ),
        "a malformed patch": (
            lambda s: s.ask(
                "PATCH", path(s.an_image()), b"{", {"Content-Type": V21, "If-Match": '"other"'}
            ),
            400,
        ),
    }
)
def test_what_would_be_refused_anyhow_is_refused_for_that(
    service: Service, ask: Any, status: int
) -> None:
    assert ask(service).status == status
