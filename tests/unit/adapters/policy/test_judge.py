"""Asking about many images at once gives what asking about each would."""

import json
import tempfile
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_policy import _checks, policy

from tests.patience import examples
from tests.unit.adapters.policy.builders import NOW, a_caller, a_configuration, an_image
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser, credentials_of
from tintype.adapters.policy.rules import list_rules
from tintype.adapters.policy.target import ImageTarget
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.ports.authoriser import Authoriser
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

PROJECTS = st.sampled_from(["p1", "p2", "None", None])
TEXTS = st.sampled_from(["p1", "reader", "Reader", "public", "None", "True", "1", "ulla", ""])
ROLES = st.frozensets(st.sampled_from(["admin", "member", "reader", "service", "true"]))

CALLERS = st.builds(
    Caller,
    user_id=st.just("ulla"),
    project_id=PROJECTS,
    roles=ROLES,
    is_admin=st.booleans(),
    domain_id=st.sampled_from([None, None, None, "d"]),
    system_scope=st.sampled_from([None, None, None, "all"]),
    service_roles=ROLES,
)
IMAGES = st.builds(
    Image,
    id=st.uuids().map(str),
    created_at=st.just(NOW),
    updated_at=st.just(NOW),
    status=st.sampled_from(Status),
    visibility=st.sampled_from(Visibility),
    owner=PROJECTS,
    protected=st.booleans(),
    min_disk=st.sampled_from([0, 1]),
    properties=st.dictionaries(st.sampled_from(["one", "other"]), TEXTS),
    tags=st.lists(st.sampled_from(["a", "b"]), unique=True),
)

KEYS = st.sampled_from(
    [
        *("owner", "project_id", "member", "member_id", "visibility", "status", "protected"),
        *("id", "min_disk", "tags", "one", "other", "missing", "locations"),
    ]
)
KINDS = st.sampled_from(
    [
        *("project_id", "tenant", "user_id", "role", "roles", "is_admin", "service_roles"),
        *("nothing", "'public'", "'p1'", "True", "None", "1", "rule"),
    ]
)
SOURCES = st.one_of(KEYS.map("%({})s".format), TEXTS, KEYS.map("p%({})s".format))
NAMES = ["context_is_admin", "service_api", "get_image", "undefined", "default"]
LEAVES = st.one_of(
    st.sampled_from(["@", "!"]),
    st.sampled_from([f"rule:{name}" for name in NAMES]),
    st.builds("{}:{}".format, KINDS, SOURCES),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds("({} and {})".format, parts, parts),
        st.builds("({} or {})".format, parts, parts),
        st.builds("(not ({}))".format, parts),
    ),
    max_leaves=8,
)


def authorised_by(policies: dict[str, str], directory: Path) -> Authoriser:
    return OsloAuthoriser(a_configuration(directory, json.dumps(policies)))


def asked_of_oslo(policies: dict[str, str], directory: Path, caller: Caller, image: Image) -> bool:
    enforcer = policy.Enforcer(a_configuration(directory, json.dumps(policies)))
    enforcer.register_defaults(list_rules())
    credentials = credentials_of(caller)
    return bool(enforcer.enforce("modify_image", dict(ImageTarget(image, caller)), credentials))


@settings(max_examples=examples(150), deadline=None)
@given(expression=EXPRESSIONS, caller=CALLERS, images=st.lists(IMAGES, max_size=8))
def test_judging_many_is_allowing_each(
    expression: str, caller: Caller, images: list[Image]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        authoriser = authorised_by({"modify_image": expression}, Path(directory))
        judge = authoriser.judge(caller, "modify_image")

        judged = [judge(image) for image in images]

        assert judged == [authoriser.allows(caller, "modify_image", image) for image in images]


@settings(max_examples=examples(150), deadline=None)
@given(expression=EXPRESSIONS, caller=CALLERS, image=IMAGES)
def test_a_policy_means_what_oslo_policy_says(
    expression: str, caller: Caller, image: Image
) -> None:
    policies = {"modify_image": expression}
    with tempfile.TemporaryDirectory() as directory:
        authoriser = authorised_by(policies, Path(directory))

        allowed = authoriser.allows(caller, "modify_image", image)

        assert allowed == asked_of_oslo(policies, Path(directory), caller, image)


@settings(max_examples=examples(200), deadline=None)
@given(
    rule=st.sampled_from([rule.name for rule in list_rules()]),
    caller=CALLERS,
    images=st.lists(IMAGES, max_size=8),
)
def test_judging_many_by_a_default_is_allowing_each(
    authoriser: OsloAuthoriser, rule: str, caller: Caller, images: list[Image]
) -> None:
    judge = authoriser.judge(caller, rule)

    judged = [judge(image) for image in images]

    assert judged == [authoriser.allows(caller, rule, image) for image in images]


OF_ALL_KINDS = [
    an_image(owner, visibility)
    for owner, visibility in product(
        ["p1", "p2", None], ["public", "community", "shared", "private"]
    )
]


@pytest.mark.parametrize("project_id", ["p1", None])
@pytest.mark.parametrize("rule", ["get_image", "download_image", "get_members", "modify_member"])
def test_what_was_judged_before_makes_no_difference(
    authoriser: OsloAuthoriser, rule: str, project_id: str | None
) -> None:
    caller = a_caller("member", "reader", project_id=project_id)
    for earlier, image in permutations(OF_ALL_KINDS, 2):
        judge = authoriser.judge(caller, rule)
        judge(earlier)

        assert judge(image) is authoriser.allows(caller, rule, image)


def test_an_image_changed_in_between_is_judged_anew(authoriser: OsloAuthoriser) -> None:
    image = an_image(visibility="private")
    judge = authoriser.judge(a_caller("reader", project_id="other"), "get_image")
    before = judge(image)

    image.visibility = Visibility.PUBLIC

    assert (before, judge(image)) == (False, True)


class EverySecond(_checks.Check):
    """A check whose answer depends on what no target tells."""

    asked = 0

    def __call__(self, *args: Any) -> bool:
        EverySecond.asked += 1
        return EverySecond.asked % 2 == 0


def test_a_check_that_knows_more_than_the_image_is_asked_for_each(tmp_path: Path) -> None:
    policy.register("every_second", EverySecond)
    authoriser = authorised_by({"get_image": "role:admin or every_second:x"}, tmp_path)
    judge = authoriser.judge(a_caller("reader"), "get_image")
    EverySecond.asked = 0

    assert [judge(an_image()) for _ in range(4)] == [False, True, False, True]
