"""Every kind of caller, on every kind of image, in every call on one (access-control §2, §4)."""

from pathlib import Path

import pytest

from tests.unit.http.personas import KINDS, PERSONAS, an_image, ask
from tests.unit.http.service import TWO_STORES, Service

#  own, shared to me, public, community, private, ownerless, ownerless public
MEMBER = {
    "show":              "200 200 200 200 404 404 200",
    "patch":             "200 403 403 403 404 404 403",
    "publicize":         "403 403 403 403 404 404 403",
    "communitize":       "200 403 403 403 404 404 403",
    "give away":         "403 403 403 403 404 404 403",
    "delete":            "204 403 403 403 404 404 403",
    "delete protected":  "403 403 403 403 404 404 403",
    "upload":            "204 403 403 403 404 404 403",
    "download":          "200 200 200 200 404 404 200",
    "download withheld": "403 403 403 403 404 404 403",
    "deactivate":        "204 403 403 403 404 404 403",
    "reactivate":        "204 403 403 403 404 404 403",
    "tag":               "204 403 403 403 404 404 403",
    "untag":             "204 403 403 403 404 404 403",
    "list members":      "200 200 403 403 404 404 403",
    "add member":        "200 403 403 403 404 404 403",
    "show member":       "200 200 404 404 404 404 404",
    "answer":            "403 200 403 403 404 404 403",
    "remove member":     "204 403 403 403 404 404 403",
    "stage":             "204 403 403 403 404 404 403",
    "import":            "409 403 403 403 404 404 403",
    "copy":              "403 403 403 403 404 404 403",
    "add location":      "403 403 403 403 404 404 403",
    "list locations":    "403 403 403 403 404 404 403",
    "delete copy":       "403 403 403 403 404 404 403",
    "list tasks":        "200 200 200 200 404 404 200",
}  # fmt: skip
CHANGES = frozenset(MEMBER) - {
    *("show", "download", "download withheld", "list members", "show member"),
    *("list locations", "list tasks"),
}
READER = {
    **{operation: "403 403 403 403 404 404 403" for operation in CHANGES | {"download"}},
    "show":              "200 200 200 200 404 404 200",
    "download withheld": "403 403 403 403 404 404 403",
    "list members":      "200 200 403 403 404 404 403",
    "show member":       "200 200 404 404 404 404 404",
    "list locations":    "403 403 403 403 404 404 403",
    "list tasks":        "200 200 200 200 404 404 200",
}  # fmt: skip
NOTHING = dict.fromkeys(MEMBER, "404 404 404 404 404 404 404")
# What a policy lets it do, it does; of everything else it is told that there is no image.
ONLY_MEMBER = NOTHING | {
    "patch":             "200 404 404 404 404 404 404",
    "communitize":       "200 404 404 404 404 404 404",
    "give away":         "403 404 404 404 404 404 404",
    "delete":            "204 404 404 404 404 404 404",
    "delete protected":  "403 404 404 404 404 404 404",
    "upload":            "204 404 404 404 404 404 404",
    "download":          "200 200 200 200 404 404 200",
    "deactivate":        "204 404 404 404 404 404 404",
    "reactivate":        "204 404 404 404 404 404 404",
    "tag":               "204 404 404 404 404 404 404",
    "untag":             "204 404 404 404 404 404 404",
    "add member":        "200 404 404 404 404 404 404",
    "answer":            "404 200 404 404 404 404 404",
    "remove member":     "204 404 404 404 404 404 404",
    "stage":             "204 404 404 404 404 404 404",
    "import":            "409 404 404 404 404 404 404",
    "add location":      "403 404 404 404 404 404 404",
}  # fmt: skip
ADMIN = {
    "show":              "200 200 200 200 200 200 200",
    "patch":             "200 200 200 200 200 200 200",
    "publicize":         "200 200 200 200 200 200 200",
    "communitize":       "200 200 200 200 200 200 200",
    "give away":         "200 200 200 200 200 200 200",
    "delete":            "204 204 204 204 204 204 204",
    "delete protected":  "403 403 403 403 403 403 403",
    "upload":            "204 204 204 204 204 204 204",
    "download":          "200 200 200 200 200 200 200",
    "download withheld": "200 200 200 200 200 200 200",
    "deactivate":        "204 204 204 204 204 204 204",
    "reactivate":        "204 204 204 204 204 204 204",
    "tag":               "204 204 204 204 204 204 204",
    "untag":             "204 204 204 204 204 204 204",
    "list members":      "200 200 403 403 403 403 403",
    "add member":        "200 200 403 403 403 403 403",
    "show member":       "200 200 404 404 404 404 404",
    "answer":            "200 200 403 403 403 403 403",
    "remove member":     "204 204 403 403 403 403 403",
    "stage":             "204 204 204 204 204 204 204",
    "import":            "409 409 409 409 409 409 409",
    "copy":              "400 400 400 400 400 400 400",
    # No role makes up for a place that only services may name.
    "add location":      "403 403 403 403 403 403 403",
    "list locations":    "200 200 200 200 200 200 200",
    "delete copy":       "403 403 403 403 403 403 403",
    "list tasks":        "200 200 200 200 200 200 200",
}  # fmt: skip
WITHOUT_PROJECT = {
    **{operation: "404 404 403 403 404 404 403" for operation in MEMBER},
    "show":              "404 404 200 200 404 404 200",
    "download":          "404 404 200 200 404 404 200",
    "show member":       "404 404 404 404 404 404 404",
    "list tasks":        "404 404 200 200 404 404 200",
}  # fmt: skip
# A service finds any image for what only services do (access-control §4).
SERVICE = NOTHING | {
    "add location":      "202 202 202 202 202 202 202",
    "list locations":    "200 200 200 200 200 200 200",
}  # fmt: skip
# Whoever is nobody is told so before anything is looked for.
ANONYMOUS = NOTHING | dict.fromkeys(CHANGES, "403 403 403 403 403 403 403")

EXPECTED = {
    "member": MEMBER,
    "reader": READER,
    "only member": ONLY_MEMBER,
    "admin": ADMIN,
    "only admin": ADMIN,
    "service": SERVICE,
    "lent roles": READER,
    "without roles": NOTHING,
    "without project": WITHOUT_PROJECT,
    "admin without project": ADMIN,
    "system admin": NOTHING,
    "domain admin": NOTHING,
    "anonymous": ANONYMOUS,
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The application, which lets anonymous callers in."""
    folder = tmp_path_factory.mktemp("personas")
    service = Service.configured(folder, TWO_STORES, "allow_anonymous_access = true")
    service.container.stores().start()
    service.container.task_queue().stop(0)  # nobody works on what is asked for
    return service


@pytest.mark.parametrize("operation", MEMBER)
@pytest.mark.parametrize("persona", PERSONAS)
def test_what_a_caller_is_answered_about_each_kind_of_image(
    service: Service, persona: str, operation: str
) -> None:
    asker = service.seen_by(PERSONAS[persona])

    answers = {kind: ask(asker, operation, kind) for kind in KINDS}

    expected = map(int, EXPECTED[persona][operation].split())
    assert answers == dict(zip(KINDS, expected, strict=True))


def test_every_persona_is_asked_about() -> None:
    assert set(EXPECTED) == set(PERSONAS)


CREATE_AND_LIST = {
    "member": (201, 200),
    "reader": (403, 200),
    "only member": (201, 403),
    "admin": (201, 200),
    "only admin": (201, 200),
    "service": (403, 403),
    "lent roles": (403, 200),
    "without roles": (403, 403),
    "without project": (403, 200),
    "admin without project": (201, 200),
    "system admin": (403, 403),
    "domain admin": (403, 403),
    "anonymous": (403, 403),
}


@pytest.mark.parametrize("persona", PERSONAS)
def test_who_creates_and_who_lists(service: Service, persona: str) -> None:
    asker = service.seen_by(PERSONAS[persona])
    answers = asker.send("POST", "/v2/images", {}).status, asker.get("/v2/images").status
    assert answers == CREATE_AND_LIST[persona]


MINE = {"own", "shared to me", "public", "ownerless public"}
OPEN = {"public", "ownerless public"}
ALL = set(KINDS)
LISTED = {
    "member": (MINE, MINE | {"community"}),
    "reader": (MINE, MINE | {"community"}),
    "admin": (ALL - {"community"}, ALL),
    "only admin": (ALL - {"community"}, ALL),
    "lent roles": (MINE, MINE | {"community"}),
    "without project": (OPEN, OPEN | {"community"}),
    "admin without project": (ALL - {"community"}, ALL),
}


@pytest.mark.parametrize("persona", LISTED)
def test_what_is_in_the_list_of_a_caller(tmp_path: Path, persona: str) -> None:
    service = Service.configured(tmp_path)
    kinds = {an_image(service, kind): kind for kind in KINDS}
    asker = service.seen_by(PERSONAS[persona])

    def listed(query: str = "") -> set[str]:
        return {kinds[image["id"]] for image in asker.get(f"/v2/images{query}").json["images"]}

    assert (listed(), listed("?visibility=all")) == LISTED[persona]


def test_images_of_an_administrator_without_project_have_no_owner(service: Service) -> None:
    asker = service.seen_by(PERSONAS["admin without project"])
    assert asker.send("POST", "/v2/images", {}).json["owner"] is None


@pytest.mark.parametrize("visibility", ["shared", "private", "community"])
def test_no_project_is_not_the_same_as_no_owner(service: Service, visibility: str) -> None:
    image_id = service.seen_by(PERSONAS["admin"]).an_image(owner=None, visibility=visibility)
    asker = service.seen_by(PERSONAS["without project"])

    assert asker.patch(image_id, [{"op": "add", "path": "/a", "value": ""}]).status in (403, 404)
    listed = asker.get("/v2/images?limit=1000").json["images"]
    assert image_id not in {image["id"] for image in listed}


@pytest.mark.parametrize("persona", PERSONAS)
def test_schemas_are_for_everybody(service: Service, persona: str) -> None:
    asker = service.seen_by(PERSONAS[persona])
    paths = ("schemas/image", "schemas/members", "info/import", "info/stores")
    assert {asker.get(f"/v2/{path}").status for path in paths} == {200}


def test_an_anonymous_caller_is_told_to_authenticate(service: Service) -> None:
    answer = service.seen_by(PERSONAS["anonymous"]).send("POST", "/v2/images", {})
    assert "Read-only access" in answer.message
