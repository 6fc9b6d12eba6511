"""Properties that are not everybody's business (access-control §5)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import examples
from tests.unit.http.service import (
    ADMIN,
    OWNER,
    TWO_STORES,
    V20,
    V21,
    Answer,
    Headers,
    Service,
    each,
    identity,
)
from tintype.domain.errors import BadConfiguration
from tintype.domain.status import Status

RULES = """
[^sealed$]
create = !
read = !
update = !
delete = !

[^hidden]
create = @
read = billing
update = @
delete = @

[^fixed$]
create = billing
read = @
update = billing
delete = billing

[.*]
create = @
read = @
update = @
delete = @
"""
BILLING = identity(roles="member,reader,billing")
BILLED = {**OWNER, "X-Service-Roles": "billing"}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application with protected properties, asked by the owner."""
    return protected(tmp_path, RULES)


def protected(folder: Path, rules: str, *defaults: str) -> Service:
    """Return an application that reads those rules."""
    (folder / "protections.conf").write_text(rules)
    return Service.configured(
        folder, TWO_STORES, "property_protection_file = protections.conf", *defaults
    )


def an_image(service: Service, **properties: str) -> str:
    """Return an image with a property of each kind, whoever may have set it."""
    image_id = service.an_image(plain="1")
    given = {"plain": "1", "hidden": "2", "fixed": "3", "sealed": "4"} | properties
    service.put_into(image_id, Status.QUEUED, properties=given)
    return image_id


def recorded(service: Service, image_id: str) -> dict[str, str]:
    """Return all properties of an image, as the catalogue has them."""
    with service.container.work()(read_only=True) as work:
        image = work.images.get_gone(image_id)
        assert image is not None
        return dict(image.properties)


ALL = {"plain": "1", "hidden": "2", "fixed": "3", "sealed": "4"}


def visible(shown: Any) -> set[str]:
    """Return which of the properties an answer shows."""
    return set(shown) & set(ALL)


def test_tasks_of_old_give_an_image_no_property_that_its_maker_may_not_set(
    service: Service,
) -> None:
    properties = {"sealed": "1"}
    given = {"import_from": "http://192.0.2.1/x", "import_from_format": "raw"}
    body = {"type": "import", "input": {**given, "image_properties": properties}}

    assert service.seen_by(ADMIN).send("POST", "/v2/tasks", body).status == 403
    del properties["sealed"]
    assert service.seen_by(ADMIN).send("POST", "/v2/tasks", body).status == 201


# ---------------------------------------------------------------------- reading

PERSONAS: dict[str, tuple[Headers, set[str]]] = {
    "the owner": (OWNER, {"plain", "fixed"}),
    "an administrator": (ADMIN, {"plain", "fixed"}),
    "billing": (BILLING, {"plain", "fixed", "hidden"}),
    "a service of billing, for the owner": (BILLED, {"plain", "fixed", "hidden"}),
}


@pytest.mark.parametrize("persona", PERSONAS)
def test_what_a_caller_may_not_read_is_in_no_answer(service: Service, persona: str) -> None:
    caller, expected = PERSONAS[persona]
    image_id = an_image(service)
    asker = service.seen_by(caller)

    shown = asker.show(image_id)
    [listed] = asker.get("/v2/images").json["images"]
    untouched = asker.patch(image_id, []).json
    patched = asker.patch(image_id, [{"op": "replace", "path": "/name", "value": "x"}]).json

    assert [visible(answer) for answer in (shown, listed, untouched, patched)] == [expected] * 4


def test_what_was_just_created_may_be_unreadable_to_its_creator(service: Service) -> None:
    created = service.send("POST", "/v2/images", {"hidden": "x", "plain": "y"})

    assert (created.status, visible(created.json)) == (201, {"plain"})
    assert recorded(service, created.json["id"])["hidden"] == "x"


# ---------------------------------------------------------------------- saving


def tag(service: Service, image_id: str) -> Answer:
    return service.ask("PUT", f"/v2/images/{image_id}/tags/t")


def untag(service: Service, image_id: str) -> Answer:
    tag(service, image_id)
    return service.ask("DELETE", f"/v2/images/{image_id}/tags/t")


def rename(service: Service, image_id: str) -> Answer:
    return service.patch(image_id, [{"op": "replace", "path": "/name", "value": "x"}])


def upload(service: Service, image_id: str) -> Answer:
    return service.upload(image_id, b"data")


def deactivate(service: Service, image_id: str) -> Answer:
    upload(service, image_id)
    return service.ask("POST", f"/v2/images/{image_id}/actions/deactivate")


def reactivate(service: Service, image_id: str) -> Answer:
    deactivate(service, image_id)
    return service.ask("POST", f"/v2/images/{image_id}/actions/reactivate")


def share(service: Service, image_id: str) -> Answer:
    return service.send("POST", f"/v2/images/{image_id}/members", {"member": "other"})


def look(service: Service, image_id: str) -> Answer:
    service.get("/v2/images")
    return service.get(f"/v2/images/{image_id}")


SAVES = [tag, untag, rename, upload, deactivate, reactivate, share, look]


@pytest.mark.parametrize("save", SAVES)
def test_unreadable_properties_survive_the_saves_of_others(service: Service, save: Any) -> None:
    image_id = an_image(service)

    assert save(service, image_id).status in (200, 204)

    assert recorded(service, image_id) == ALL


def test_removing_one_property_leaves_the_unreadable_ones(service: Service) -> None:
    image_id = an_image(service)

    assert service.patch(image_id, [{"op": "remove", "path": "/plain"}]).status == 200

    assert set(recorded(service, image_id)) == {"hidden", "fixed", "sealed"}


# ---------------------------------------------------------------------- changing


def change(service: Service, caller: Headers, op: str, name: str, **properties: str) -> Answer:
    """Send a patch of one operation on a property of an image that has those given."""
    image_id = service.an_image()
    service.put_into(image_id, Status.QUEUED, properties=properties)
    return service.seen_by(caller).patch(image_id, [operation(op, name)])


def operation(op: str, name: str) -> dict[str, str]:
    value = {} if op == "remove" else {"value": "new"}
    return {"op": op, "path": f"/{name}", **value}


@each(
    {
        "a new plain one": (lambda s: change(s, OWNER, "add", "plain"), 200),
        "a plain one again": (lambda s: change(s, OWNER, "add", "plain", plain="1"), 200),
        "a new one that it cannot read": (lambda s: change(s, OWNER, "add", "hidden"), 200),
        "one that it may not create": (lambda s: change(s, OWNER, "add", "fixed"), 403),
        "one that nobody may create": (lambda s: change(s, ADMIN, "add", "sealed"), 403),
        "one that is there, unreadable": (
            lambda s: change(s, OWNER, "add", "hidden", hidden="1"),
            403,
        ),
        "one that is there, unreadable, as administrator": (
            lambda s: change(s, ADMIN, "add", "sealed", sealed="1"),
            403,
        ),
        "one that it may only read": (lambda s: change(s, OWNER, "add", "fixed", fixed="1"), 403),
        "one by who may": (lambda s: change(s, BILLING, "add", "fixed", fixed="1"), 200),
        "one by a service that may": (lambda s: change(s, BILLED, "add", "fixed"), 200),
        "a plain one replaced": (lambda s: change(s, OWNER, "replace", "plain", plain="1"), 200),
        "one that it may only read, replaced": (
            lambda s: change(s, OWNER, "replace", "fixed", fixed="1"),
            403,
        ),
        "an unreadable one replaced": (
            lambda s: change(s, OWNER, "replace", "hidden", hidden="1"),
            409,
        ),
        "an absent one replaced": (lambda s: change(s, OWNER, "replace", "fixed"), 409),
        "a plain one removed": (lambda s: change(s, OWNER, "remove", "plain", plain="1"), 200),
        "one that it may only read, removed": (
            lambda s: change(s, ADMIN, "remove", "fixed", fixed="1"),
            403,
        ),
        "an unreadable one removed": (
            lambda s: change(s, OWNER, "remove", "hidden", hidden="1"),
            409,
        ),
        "an unreadable one removed by who may": (
            lambda s: change(s, BILLING, "remove", "hidden", hidden="1"),
            200,
        ),
        "an absent one removed": (lambda s: change(s, OWNER, "remove", "fixed"), 409),
        "one of the system's": (lambda s: change(s, ADMIN, "add", "os_glance_x"), 403),
    }
)
def test_what_a_patch_of_a_property_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


@each(
    {
        "a present one": (
            lambda s: s.patch(an_image(s), [{"add": "/plain", "value": ""}], V20),
            409,
        ),
        "an unreadable one": (
            lambda s: s.patch(an_image(s), [{"add": "/hidden", "value": ""}], V20),
            403,
        ),
        "an absent one": (lambda s: s.patch(an_image(s), [{"add": "/new", "value": ""}], V20), 200),
    }
)
def test_what_adding_in_the_older_dialect_is_answered(
    service: Service, ask: Any, status: int
) -> None:
    assert ask(service).status == status


def test_a_refused_property_leaves_all_as_it_was(service: Service) -> None:
    image_id = an_image(service)
    changes = [operation("replace", "plain"), operation("replace", "fixed")]

    assert service.patch(image_id, changes, V21).status == 403

    assert recorded(service, image_id) == ALL


def test_a_property_that_the_same_patch_made_unreadably_is_not_overwritten(
    service: Service,
) -> None:
    changes = [operation("add", "hidden"), operation("add", "hidden")]
    assert service.patch(service.an_image(), changes).status == 403


@each(
    {
        "a plain property": (lambda s: s.send("POST", "/v2/images", {"plain": ""}), 201),
        "one that it may not create": (lambda s: s.send("POST", "/v2/images", {"fixed": ""}), 403),
        "one that it may create": (
            lambda s: s.seen_by(BILLING).send("POST", "/v2/images", {"fixed": ""}),
            201,
        ),
        "one that a service may create for it": (
            lambda s: s.seen_by(BILLED).send("POST", "/v2/images", {"fixed": ""}),
            201,
        ),
        "one that no administrator may create": (
            lambda s: s.seen_by(ADMIN).send("POST", "/v2/images", {"sealed": ""}),
            403,
        ),
        "too many tags as well": (
            lambda s: s.send(
                "POST", "/v2/images", {"fixed": "", "tags": [f"t{n}" for n in range(129)]}
            ),
            403,
        ),
    }
)
def test_what_a_creation_is_answered(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def test_base_attributes_are_not_protected(tmp_path: Path) -> None:
    service = protected(tmp_path, "")
    image_id = service.an_image(name="a")
    assert rename(service, image_id).json["name"] == "x"


@pytest.fixture(scope="module")
def one_service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """An application for many examples, each with an image of its own."""
    return protected(tmp_path_factory.mktemp("protected"), RULES)


@settings(max_examples=examples(150), deadline=None)
@given(
    patches=st.lists(
        st.lists(
            st.builds(
                operation,
                st.sampled_from(["add", "replace", "remove"]),
                st.sampled_from([*ALL, "new", "hidden_too"]),
            ),
            max_size=3,
        ),
        max_size=4,
    ),
    caller=st.sampled_from([OWNER, ADMIN]),
)
def test_no_patch_touches_what_its_sender_cannot_read(
    one_service: Service, patches: list[Any], caller: Headers
) -> None:
    image_id = an_image(one_service)
    asker = one_service.seen_by(caller)

    answers = {asker.patch(image_id, patch).status for patch in patches}

    unreadable = {"hidden": "2", "sealed": "4"}
    assert answers <= {200, 403, 409}
    assert unreadable.items() <= recorded(one_service, image_id).items()


# ---------------------------------------------------------------------- probing


@pytest.mark.parametrize(
    ("caller", "query", "found"),
    [
        (OWNER, "plain=1", 1),
        (OWNER, "plain=2", 0),
        (OWNER, "hidden=2", 0),
        (OWNER, "plain=1&hidden=2", 0),
        (ADMIN, "sealed=4", 0),
        (BILLING, "hidden=2", 1),
        (BILLED, "hidden=2", 1),
        (OWNER, "hidden=2&limit=1", 0),
    ],
)
def test_filters_find_nothing_by_what_cannot_be_read(
    service: Service, caller: Headers, query: str, found: int
) -> None:
    an_image(service)
    answer = service.seen_by(caller).get(f"/v2/images?{query}")
    assert (answer.status, len(answer.json["images"])) == (200, found)


def test_a_list_of_nothing_readable_has_no_next_page(service: Service) -> None:
    an_image(service)
    assert "next" not in service.get("/v2/images?hidden=2&limit=1").json


def test_a_bad_marker_is_one_whatever_is_filtered_by(service: Service) -> None:
    assert service.get("/v2/images?hidden=2&marker=none").status == 400


# ---------------------------------------------------------------------- policies, roles, start


def test_policies_may_decide_instead_of_roles(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("billing_rule: role:billing")
    rules = "[.*]\ncreate = @\nread = billing_rule\nupdate = context_is_admin\ndelete = missing\n"
    service = protected(tmp_path, rules, "property_protection_rule_format = policies")
    image_id = service.an_image(plain="1")

    assert visible(service.show(image_id)) == set()
    assert visible(service.seen_by(BILLING).show(image_id)) == {"plain"}
    # Roles of services are not those of the user to any policy.
    assert visible(service.seen_by(BILLED).show(image_id)) == set()
    assert service.seen_by(BILLING).patch(image_id, [operation("add", "plain")]).status == 403
    both = identity(roles="admin,billing")
    assert service.seen_by(both).patch(image_id, [operation("add", "plain")]).status == 200
    assert service.seen_by(both).patch(image_id, [operation("remove", "plain")]).status == 403


def test_privilege_escalation_by_an_admin_service_token_through_a_property_check(
    service: Service,
) -> None:
    image_id = an_image(service)
    reader = service.seen_by(
        {**identity(roles="reader"), "X-Service-Roles": "admin,member,billing"}
    )

    assert visible(reader.show(image_id)) == {"plain", "fixed", "hidden"}
    assert reader.patch(image_id, [operation("add", "hidden")]).status == 403
    assert reader.ask("DELETE", f"/v2/images/{image_id}").status == 403


def test_the_service_does_not_start_without_the_file_that_it_was_told_of(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "property_protection_file = missing.conf")
    with pytest.raises(BadConfiguration, match=r"missing\.conf"):
        service.container.application()
