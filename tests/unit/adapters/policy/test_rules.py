"""Every rule, for every kind of caller, on every kind of image (access-control §2-4)."""

from pathlib import Path

import pytest
from oslo_policy.policy import DocumentedRuleDefault

from tests.unit.adapters.policy.builders import (
    MINE,
    THEIRS,
    a_caller,
    a_configuration,
    an_image,
)
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.adapters.policy.rules import list_rules
from tintype.domain.caller import ANONYMOUS

IMAGES = {
    "own private": an_image(MINE, "private"),
    "own shared": an_image(MINE, "shared"),
    "own public": an_image(MINE, "public"),
    "shared": an_image(THEIRS, "shared"),
    "public": an_image(THEIRS, "public"),
    "community": an_image(THEIRS, "community"),
    "private": an_image(THEIRS, "private"),
    "ownerless": an_image(None, "private"),
    "ownerless public": an_image(None, "public"),
}
EVERY = frozenset(IMAGES)
OWN = frozenset({"own private", "own shared", "own public"})
OPEN = frozenset({"own shared", "own public", "shared", "public", "community", "ownerless public"})
SHARED = frozenset({"shared"})
SEEN = OWN | OPEN
NONE: frozenset[str] = frozenset()

CALLERS = {
    "member": a_caller("member", "reader"),
    "only member": a_caller("member"),
    "reader": a_caller("reader"),
    "admin": a_caller("admin", project_id="0f0f"),
    "service": a_caller("service"),
    "without roles": a_caller(),
    "without project": a_caller("member", "reader", project_id=None),
    "project called None": a_caller("member", "reader", project_id="None"),
    "system admin": a_caller("admin", "member", "reader", project_id=None, system_scope="all"),
    "domain admin": a_caller("admin", "member", "reader", project_id=None, domain_id="d"),
    "lent roles": a_caller(service_roles=frozenset({"admin", "service", "member", "reader"})),
    "anonymous": ANONYMOUS,
}
IN_SCOPE = frozenset(CALLERS) - {"system admin", "domain admin"}

ADMIN = {"admin": EVERY}
MEMBER = ADMIN | {"member": OWN, "only member": OWN}
READER = ADMIN | {"member": OWN, "reader": OWN}
SERVICE = ADMIN | {"service": EVERY}
# Whoever has no project sees what is open, and owns nothing, least of all what is ownerless.
BODILESS = {"without project": OPEN, "project called None": OPEN}
SHARER = ADMIN | {"member": OWN | SHARED, "reader": OWN | SHARED}
PUBLIC = frozenset({"own public", "public", "ownerless public"})
METADEF_READER = (
    ADMIN
    | {"member": OWN | PUBLIC, "reader": OWN | PUBLIC}
    | {"without project": PUBLIC, "project called None": PUBLIC}
)
STRANGE_MEMBER = {"project called None": frozenset({"own shared", "shared"})}
ANYBODY = dict.fromkeys(IN_SCOPE, EVERY)

EXPECTED: dict[str, dict[str, frozenset[str]]] = {
    "default": ANYBODY,
    "context_is_admin": ADMIN,
    "service_api": SERVICE,
    "add_image": MEMBER,
    "get_images": READER,
    "get_image": ADMIN | {"member": SEEN, "reader": SEEN} | BODILESS,
    "modify_image": MEMBER,
    "delete_image": MEMBER,
    "publicize_image": ADMIN,
    "communitize_image": MEMBER,
    "upload_image": MEMBER,
    "download_image": ADMIN | {"member": SEEN, "only member": SEEN} | BODILESS,
    "download_from_store": ADMIN | {"member": SEEN, "only member": SEEN} | BODILESS,
    "get_image_location": READER,
    "set_image_location": MEMBER,
    "delete_image_location": ADMIN,
    "add_image_location": MEMBER | SERVICE,
    "fetch_image_location": SERVICE,
    "add_member": MEMBER,
    "delete_member": MEMBER,
    "get_member": SHARER | STRANGE_MEMBER,
    "get_members": SHARER | STRANGE_MEMBER,
    "modify_member": ADMIN | {"member": SHARED, "only member": SHARED} | STRANGE_MEMBER,
    "deactivate": MEMBER,
    "reactivate": MEMBER,
    "copy_image": ADMIN,
    "cache_list": ADMIN,
    "cache_image": ADMIN,
    "cache_delete": ADMIN,
    "cache_clean": ADMIN,
    "cache_prune": ADMIN,
    "list_cached_nodes": ADMIN,
    "manage_image_cache": ADMIN,
    "stores_info_detail": SERVICE,
    "tasks_api_access": ADMIN,
    "get_task": ANYBODY,
    "get_tasks": ANYBODY,
    "add_task": ANYBODY,
    "modify_task": ANYBODY,
    "cancel_task": MEMBER,
    "retry_task": MEMBER,
    "metadef_default": ANYBODY,
    "metadef_admin": ADMIN,
    "get_metadef_namespaces": READER,
    "get_metadef_namespace": METADEF_READER,
    "get_metadef_objects": METADEF_READER,
    "get_metadef_object": METADEF_READER,
    "list_metadef_resource_types": METADEF_READER,
    "get_metadef_resource_type": METADEF_READER,
    "get_metadef_properties": METADEF_READER,
    "get_metadef_property": METADEF_READER,
    "get_metadef_tags": METADEF_READER,
    "get_metadef_tag": METADEF_READER,
    "add_metadef_namespace": ADMIN,
    "modify_metadef_namespace": ADMIN,
    "delete_metadef_namespace": ADMIN,
    "add_metadef_object": ADMIN,
    "modify_metadef_object": ADMIN,
    "delete_metadef_object": ADMIN,
    "add_metadef_resource_type_association": ADMIN,
    "remove_metadef_resource_type_association": ADMIN,
    "add_metadef_property": ADMIN,
    "modify_metadef_property": ADMIN,
    "remove_metadef_property": ADMIN,
    "add_metadef_tag": ADMIN,
    "add_metadef_tags": ADMIN,
    "modify_metadef_tag": ADMIN,
    "delete_metadef_tag": ADMIN,
    "delete_metadef_tags": ADMIN,
}
OPEN_ONCE = frozenset(
    {"add_image", "get_images", "get_image", "modify_image", "delete_image", "communitize_image"}
    | {"upload_image", "download_image", "deactivate", "reactivate"}
    | {"get_image_location", "set_image_location", "delete_image_location"}
    | {"add_member", "delete_member", "get_member", "get_members", "modify_member"}
    | {name for name in EXPECTED if name.startswith(("get_metadef_", "list_metadef_"))}
)


@pytest.mark.parametrize("persona", CALLERS)
@pytest.mark.parametrize("rule", EXPECTED)
def test_a_rule_allows_just_these_images(
    authoriser: OsloAuthoriser, rule: str, persona: str
) -> None:
    caller = CALLERS[persona]

    allowed = {kind for kind, image in IMAGES.items() if authoriser.allows(caller, rule, image)}

    assert allowed == EXPECTED[rule].get(persona, NONE)


def test_the_table_names_every_rule() -> None:
    assert {rule.name for rule in list_rules()} == set(EXPECTED)


def test_every_rule_is_for_projects_only() -> None:
    assert all(rule.scope_types == ["project"] for rule in list_rules())


def test_every_rule_of_a_call_says_which() -> None:
    documented = [rule for rule in list_rules() if isinstance(rule, DocumentedRuleDefault)]
    assert all(rule.operations and rule.description for rule in documented)


@pytest.mark.parametrize("persona", sorted(IN_SCOPE - {"anonymous"}))
def test_whoever_reads_may_ask_for_a_list_with_or_without_a_project(
    authoriser: OsloAuthoriser, persona: str
) -> None:
    caller = CALLERS[persona]
    reads = bool(caller.roles & {"reader", "admin"})

    assert authoriser.allows_target(caller, "get_images", {"project_id": caller.project_id}) is (
        reads
    )


def test_a_member_creates_images_of_its_own(authoriser: OsloAuthoriser) -> None:
    target = {"project_id": MINE, "owner": MINE, "visibility": "private"}
    assert authoriser.allows_target(a_caller("member"), "add_image", target)


def test_a_member_creates_no_images_of_others(authoriser: OsloAuthoriser) -> None:
    target = {"project_id": THEIRS, "owner": THEIRS, "visibility": "private"}
    assert not authoriser.allows_target(a_caller("member"), "add_image", target)


def test_an_administrator_creates_images_of_others(authoriser: OsloAuthoriser) -> None:
    target = {"project_id": THEIRS, "owner": THEIRS, "visibility": "private"}
    assert authoriser.allows_target(a_caller("admin"), "add_image", target)


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> OsloAuthoriser:
    directory: Path = tmp_path_factory.mktemp("lenient")
    policy = "manage_image_cache: role:cacher"
    with pytest.warns(UserWarning, match="manage_image_cache"):
        return OsloAuthoriser(a_configuration(directory, policy, enforce_new_defaults="false"))


@pytest.mark.parametrize("rule", EXPECTED)
def test_old_defaults_let_everybody_pass_where_there_were_such(
    lenient: OsloAuthoriser, rule: str
) -> None:
    opened = OPEN_ONCE | {rule for rule, expected in EXPECTED.items() if expected is ANYBODY}

    assert lenient.allows(a_caller(), rule, an_image(THEIRS)) is (rule in opened)


@pytest.mark.parametrize("rule", ["cache_list", "cache_image", "cache_delete"])
def test_an_override_of_the_old_cache_rule_counts_for_those_that_replaced_it(
    lenient: OsloAuthoriser, rule: str
) -> None:
    assert lenient.allows_target(a_caller("cacher"), rule, {})


def test_an_override_of_the_old_rule_of_definitions_counts_for_reading_them(
    tmp_path: Path,
) -> None:
    authoriser = OsloAuthoriser(
        a_configuration(tmp_path, "metadef_default: role:curator", enforce_new_defaults="false")
    )
    curator = a_caller("curator")

    assert authoriser.allows_target(curator, "get_metadef_tags", {"project_id": THEIRS})
    assert not authoriser.allows_target(curator, "add_metadef_tags", {"project_id": THEIRS})


@pytest.mark.parametrize("rule", ["cache_clean", "cache_prune", "list_cached_nodes"])
def test_an_override_of_the_old_cache_rule_is_nothing_to_newer_ones(
    lenient: OsloAuthoriser, rule: str
) -> None:
    assert not lenient.allows_target(a_caller("cacher"), rule, {})


def test_no_option_widens_the_scope(tmp_path: Path) -> None:
    authoriser = OsloAuthoriser(a_configuration(tmp_path, enforce_scope="false"))
    assert not authoriser.allows(CALLERS["system admin"], "get_image", an_image())


def test_old_defaults_do_not_widen_the_scope(lenient: OsloAuthoriser) -> None:
    assert not lenient.allows(CALLERS["system admin"], "get_image", an_image())
