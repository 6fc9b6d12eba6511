"""Who sees and who changes images, against the sentences of access-control §4."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import an_image
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.visibility import Sight, Visibility, may_change, sight_of

ADMIN = Caller(project_id="theirs", is_admin=True)
LOST_ADMIN = Caller(project_id=None, is_admin=True)
OWNER = Caller(project_id="owner")
OTHER = Caller(project_id="theirs")
LOST = Caller(project_id=None)

SIGHT = {
    # caller: (public, community, shared, private) owned by "owner"; then the same ownerless
    "ADMIN": ("yes yes yes yes", "yes yes yes yes"),
    "LOST_ADMIN": ("yes yes yes yes", "yes yes yes yes"),
    "OWNER": ("yes yes yes yes", "yes yes if_member yes"),
    "OTHER": ("yes yes if_member no", "yes yes if_member yes"),
    "LOST": ("yes yes no no", "yes yes no yes"),
    "ANONYMOUS": ("yes yes no no", "yes yes no yes"),
}
CHANGE = {
    # caller: may it change an image of "owner"; an ownerless one
    "ADMIN": (True, True),
    "LOST_ADMIN": (True, True),
    "OWNER": (True, False),
    "OTHER": (False, False),
    "LOST": (False, False),
    "ANONYMOUS": (False, False),
}
CALLERS = {
    "ADMIN": ADMIN,
    "LOST_ADMIN": LOST_ADMIN,
    "OWNER": OWNER,
    "OTHER": OTHER,
    "LOST": LOST,
    "ANONYMOUS": ANONYMOUS,
}
ORDER = (Visibility.PUBLIC, Visibility.COMMUNITY, Visibility.SHARED, Visibility.PRIVATE)


@pytest.mark.parametrize(("name", "column"), list(product(SIGHT, range(4))))
@pytest.mark.parametrize(("row", "owner"), [(0, "owner"), (1, None)])
def test_images_are_seen_as_the_table_says(
    name: str, column: int, row: int, owner: str | None
) -> None:
    expected = Sight[SIGHT[name][row].split()[column].upper()]

    assert sight_of(ORDER[column], owner, CALLERS[name]) is expected


@pytest.mark.parametrize("name", CHANGE)
@pytest.mark.parametrize(("row", "owner"), [(0, "owner"), (1, None)])
def test_images_are_changed_as_the_table_says(name: str, row: int, owner: str | None) -> None:
    assert may_change(owner, CALLERS[name]) is CHANGE[name][row]


projects = st.none() | st.sampled_from(["a", "b", "A", ""])
callers = st.builds(Caller, project_id=projects, is_admin=st.booleans())


@given(callers, projects, st.sampled_from(Visibility))
def test_what_one_may_change_one_sees(
    caller: Caller, owner: str | None, visibility: Visibility
) -> None:
    if may_change(owner, caller):
        assert sight_of(visibility, owner, caller) is Sight.YES


@given(callers, projects)
def test_null_never_equals_null(caller: Caller, owner: str | None) -> None:
    both_set = owner is not None and caller.project_id is not None

    assert caller.owns(owner) is (both_set and owner == caller.project_id)


@given(callers, projects)
def test_only_shared_images_leave_it_to_the_members(caller: Caller, owner: str | None) -> None:
    undecided = {it for it in Visibility if sight_of(it, owner, caller) is Sight.IF_MEMBER}

    assert undecided <= {Visibility.SHARED}
    assert not (undecided and caller.project_id is None)


def test_an_image_asks_with_its_own_owner_and_visibility() -> None:
    image = an_image(owner="owner", visibility=Visibility.SHARED)

    assert image.sight(OTHER) is Sight.IF_MEMBER
    assert image.changeable_by(OWNER)
    assert not image.changeable_by(OTHER)


@pytest.mark.parametrize(
    ("caller", "visibility", "member"),
    [
        (OTHER, Visibility.SHARED, "theirs"),
        (OWNER, Visibility.SHARED, None),
        (LOST, Visibility.SHARED, None),
        (OTHER, Visibility.PUBLIC, None),
        (OTHER, Visibility.PRIVATE, None),
    ],
)
def test_a_caller_is_a_member_of_what_others_share_with_it(
    caller: Caller, visibility: Visibility, member: str | None
) -> None:
    assert an_image(owner="owner", visibility=visibility).member_for(caller) == member


def test_a_caller_does_not_show_its_token() -> None:
    assert "secret" not in repr(Caller(auth_token="secret"))
