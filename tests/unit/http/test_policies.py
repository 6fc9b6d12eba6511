"""Policies of an operator, as callers feel them (access-control §3)."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.personas import KINDS, PERSONAS, ask
from tests.unit.http.service import ADMIN, NOBODY, OTHER, TWO_STORES, Service, identity


def with_policy(folder: Path, **rules: str) -> Service:
    """Return an application with rules of its own, in force when it is asked next."""
    write_policy(folder, **rules)
    return Service.configured(folder, TWO_STORES, "allow_anonymous_access = true")


def write_policy(folder: Path, **rules: str) -> None:
    lines = [f'"{name}": "{check}"\n' for name, check in rules.items()]
    (folder / "policy.yaml").write_text("".join(lines))


def test_a_policy_counts_from_the_next_request_on(tmp_path: Path) -> None:
    service = with_policy(tmp_path, get_images="!")
    before = service.get("/v2/images").status

    write_policy(tmp_path, get_images="@")

    assert (before, service.get("/v2/images").status) == (403, 200)


def test_a_policy_counts_from_the_next_request_of_an_anonymous_caller_on(tmp_path: Path) -> None:
    service = with_policy(tmp_path).seen_by(NOBODY)
    before = service.get("/v2/images").status

    write_policy(tmp_path, get_images="@")

    assert (before, service.get("/v2/images").status) == (403, 200)


def test_a_policy_may_open_images_to_anonymous_callers(tmp_path: Path) -> None:
    service = with_policy(tmp_path, get_images="@", get_image="'public':%(visibility)s")
    public = service.seen_by(ADMIN).an_image(visibility="public")
    private = service.an_image(visibility="private")
    nobody = service.seen_by(NOBODY)

    assert [image["id"] for image in nobody.get("/v2/images").json["images"]] == [public]
    assert nobody.get(f"/v2/images/{public}").status == 200
    assert nobody.get(f"/v2/images/{private}").status == 404
    assert nobody.ask("DELETE", f"/v2/images/{public}").status == 403


def test_where_the_policy_says_so_nobody_is_an_administrator(tmp_path: Path) -> None:
    service = with_policy(tmp_path, context_is_admin="!")
    image_id = service.an_image(visibility="private")
    admin = service.seen_by(ADMIN)

    assert admin.get(f"/v2/images/{image_id}").status == 404
    assert admin.send("POST", "/v2/images", {"visibility": "public"}).status == 403
    assert admin.send("POST", "/v2/images", {"owner": "owner"}).status == 403
    assert admin.get("/v2/images").json["images"] == []


def test_another_role_may_make_the_administrator(tmp_path: Path) -> None:
    service = with_policy(tmp_path, context_is_admin="role:cloud_admin")
    image_id = service.an_image(visibility="private")

    assert service.seen_by(identity("x", "cloud_admin")).show(image_id)["id"] == image_id
    assert service.seen_by(ADMIN).get(f"/v2/images/{image_id}").status == 404


def test_creation_may_be_kept_to_one_project(tmp_path: Path) -> None:
    service = with_policy(tmp_path, add_image="'owner':%(owner)s")

    assert service.send("POST", "/v2/images", {}).status == 201
    assert service.seen_by(OTHER).send("POST", "/v2/images", {}).status == 403


def test_a_policy_may_compare_attributes_with_roles(tmp_path: Path) -> None:
    check = "not ('aki':%(container_format)s and role:_member_)"
    service = with_policy(tmp_path, download_image=check)
    kernel = service.an_image(b"x", container_format="aki", disk_format="aki")
    disk = service.an_image(b"x")
    member = service.seen_by(identity(roles="_member_,reader"))

    assert member.get(f"/v2/images/{kernel}/file").status == 403
    assert member.get(f"/v2/images/{disk}/file").status == 200
    assert service.get(f"/v2/images/{kernel}/file").status == 200


OPENED = ("modify_image", "delete_image", "upload_image", "deactivate", "reactivate")
OPENED_TOO = (
    *("add_member", "delete_member", "communitize_image", "publicize_image"),
    "add_image_location",
)
STRANGE = {"public": 403, "community": 403, "shared to me": 403, "ownerless public": 403}
CHANGES = (
    *("patch", "publicize", "communitize", "delete", "upload", "deactivate", "reactivate"),
    *("tag", "untag", "add member", "remove member", "add location"),
)


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The application, whose policies let everybody change everything."""
    folder = tmp_path_factory.mktemp("open")
    return with_policy(folder, **dict.fromkeys(OPENED + OPENED_TOO, "@"))


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"own"}))
def test_opening_the_policies_opens_no_image_to_strangers(
    open_to_all: Service, operation: str, kind: str
) -> None:
    stranger = open_to_all.seen_by(PERSONAS["member"])
    assert ask(stranger, operation, kind) == STRANGE.get(kind, 404)


def test_a_stranger_is_told_whose_image_it_is_not(open_to_all: Service) -> None:
    image_id = open_to_all.seen_by(ADMIN).an_image(visibility="public")
    answer = open_to_all.seen_by(OTHER).ask("DELETE", f"/v2/images/{image_id}")
    assert "do not own" in answer.message


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("call", ["file", "actions/deactivate", "actions/reactivate"])
def test_permission_comes_before_status(open_to_all: Service, visibility: str, call: str) -> None:
    admin = open_to_all.seen_by(ADMIN)
    # Data cannot be uploaded twice, nor an image without data be withheld.
    image_id = admin.an_image(b"data" if call == "file" else None, visibility=visibility)
    stranger = open_to_all.seen_by(OTHER)

    if call == "file":
        status = stranger.upload(image_id, b"more").status
    else:
        status = stranger.ask("POST", f"/v2/images/{image_id}/{call}").status

    assert status == (403 if visibility == "public" else 404)


def test_the_owner_does_not_answer_for_itself_however_open_the_policy_is(tmp_path: Path) -> None:
    service = with_policy(tmp_path, modify_member="@")
    image_id = service.an_image()
    service.shared_with(image_id, "owner")
    path = f"/v2/images/{image_id}/members/owner"

    assert service.send("PUT", path, {"status": "accepted"}).status == 403
    assert service.seen_by(ADMIN).send("PUT", path, {"status": "accepted"}).status == 200


@pytest.mark.parametrize("catalogue", ["{[", "catalogue"])
def test_a_broken_catalogue_of_services_is_refused(tmp_path: Path, catalogue: str) -> None:
    answer = with_policy(tmp_path).get("/v2/images", {"X-Service-Catalog": catalogue})
    assert answer.status == 400 and "x-openstack-request-id" in answer.headers


# ---------------------------------------------------------------------- the older defaults

#  own, shared to me, public, community, private, ownerless, ownerless public
ONCE = {
    "show":              "200 200 200 200 404 200 200",
    "patch":             "200 403 403 403 404 403 403",
    "publicize":         "403 403 403 403 404 403 403",
    "communitize":       "200 403 403 403 404 403 403",
    "give away":         "403 403 403 403 404 403 403",
    "delete":            "204 403 403 403 404 403 403",
    "upload":            "204 403 403 403 404 403 403",
    "download":          "200 200 200 200 404 200 200",
    "download withheld": "403 403 403 403 404 403 403",
    "deactivate":        "204 403 403 403 404 403 403",
    "reactivate":        "204 403 403 403 404 403 403",
    "tag":               "204 403 403 403 404 403 403",
    "untag":             "204 403 403 403 404 403 403",
    "list members":      "200 200 403 403 404 403 403",
    "add member":        "200 403 403 403 404 403 403",
    "show member":       "200 200 404 404 404 404 404",
    "answer":            "403 200 403 403 404 403 403",
    "remove member":     "204 403 403 403 404 403 403",
}  # fmt: skip


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The application with the defaults of old, which left almost all to ownership."""
    text = TWO_STORES + "\n    [oslo_policy]\n    enforce_new_defaults = false\n"
    return Service.configured(tmp_path_factory.mktemp("lenient"), text)


@pytest.mark.parametrize("operation", ONCE)
@pytest.mark.parametrize("persona", ["member", "reader", "without roles"])
def test_by_the_older_defaults_ownership_decides(
    lenient: Service, persona: str, operation: str
) -> None:
    asker = lenient.seen_by(PERSONAS[persona])

    answers = {kind: ask(asker, operation, kind) for kind in KINDS}

    assert answers == dict(zip(KINDS, map(int, ONCE[operation].split()), strict=True))


@pytest.mark.parametrize("operation", ONCE)
def test_by_the_older_defaults_a_caller_without_project_changes_nothing(
    lenient: Service, operation: str
) -> None:
    asker = lenient.seen_by(identity(None, ""))
    reads = operation in ("show", "download", "download withheld")
    allowed = {200, 403, 404} if reads else {403, 404}

    assert {ask(asker, operation, kind) for kind in KINDS} <= allowed


@pytest.mark.parametrize(
    ("persona", "body", "status"),
    [
        ("without roles", {}, 201),
        ("without roles", {"owner": "owner"}, 403),
        ("without roles", {"visibility": "public"}, 403),
        ("without roles", {"visibility": "community"}, 201),
        ("without project", {}, 403),
        ("admin", {"owner": "owner", "visibility": "public"}, 201),
        ("system admin", {}, 403),
    ],
)
def test_by_the_older_defaults_everybody_creates_images_of_its_own(
    lenient: Service, persona: str, body: Any, status: int
) -> None:
    assert lenient.seen_by(PERSONAS[persona]).send("POST", "/v2/images", body).status == status


@pytest.mark.parametrize("persona", ["system admin", "domain admin"])
@pytest.mark.parametrize("operation", ONCE)
def test_the_older_defaults_do_not_widen_the_scope(
    lenient: Service, persona: str, operation: str
) -> None:
    asker = lenient.seen_by(PERSONAS[persona])
    assert {ask(asker, operation, kind) for kind in KINDS} == {404}
