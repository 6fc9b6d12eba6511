"""Who a caller is by the headers of its request (access-control §1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.identity.trusted_headers import TrustedHeaders
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import Invalid, Unauthenticated


def identity(allow_anonymous: bool = False) -> TrustedHeaders:
    return TrustedHeaders(lambda caller: "admin" in caller.roles, allow_anonymous)


def environ(*, status: str = "Confirmed", **headers: str) -> dict[str, str]:
    """Return the environ of a request with these headers, written X_User_Id."""
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {"REQUEST_METHOD": "GET", "HTTP_X_IDENTITY_STATUS": status, **named}


def caller(**headers: str) -> Caller:
    return identity().identify(environ(**headers))


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        ("X_User_Id", "user_id"),
        ("X_User", "user_id"),
        ("X_Project_Id", "project_id"),
        ("X_Tenant_Id", "project_id"),
        ("X_Tenant", "project_id"),
        ("X_User_Name", "user_name"),
        ("X_Project_Name", "project_name"),
        ("X_Tenant_Name", "project_name"),
        ("X_User_Domain_Id", "user_domain_id"),
        ("X_User_Domain_Name", "user_domain_name"),
        ("X_Project_Domain_Id", "project_domain_id"),
        ("X_Project_Domain_Name", "project_domain_name"),
        ("X_Domain_Id", "domain_id"),
        ("X_Domain_Name", "domain_name"),
        ("Openstack_System_Scope", "system_scope"),
        ("X_Auth_Token", "auth_token"),
        ("X_Storage_Token", "auth_token"),
        ("X_Service_User_Id", "service_user_id"),
        ("X_Service_Project_Id", "service_project_id"),
    ],
)
def test_a_header_says(header: str, attribute: str) -> None:
    assert caller(**{header: "thing"}) == Caller(**{attribute: "thing"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("winner", "loser", "attribute"),
    [
        ("X_User_Id", "X_User", "user_id"),
        ("X_Project_Id", "X_Tenant_Id", "project_id"),
        ("X_Project_Id", "X_Tenant", "project_id"),
        ("X_Tenant_Id", "X_Tenant", "project_id"),
        ("X_Project_Name", "X_Tenant_Name", "project_name"),
        ("X_Auth_Token", "X_Storage_Token", "auth_token"),
    ],
)
def test_of_two_names_for_one_thing_the_first_wins(winner: str, loser: str, attribute: str) -> None:
    assert getattr(caller(**{loser: "this", winner: "that"}), attribute) == "that"


def test_of_two_lists_of_roles_the_first_wins() -> None:
    assert caller(X_Role="admin", X_Roles="reader").roles == {"reader"}


def test_roles_may_be_given_by_the_older_name() -> None:
    assert caller(X_Role="reader").roles == {"reader"}


def test_roles_are_trimmed_and_lower_case() -> None:
    assert caller(X_Roles=" Member ,READER,, ").roles == {"member", "reader"}


@given(st.lists(st.text(st.characters(codec="latin-1"), max_size=8), max_size=6))
def test_no_list_of_roles_gives_an_empty_or_untidy_one(texts: list[str]) -> None:
    roles = caller(X_Roles=",".join(texts)).roles
    assert all(role and role == role.strip().lower() for role in roles)


def test_an_empty_list_of_roles_is_none() -> None:
    assert caller(X_Roles="").roles == frozenset()


@pytest.mark.parametrize("header", ["X_User_Id", "X_Project_Id", "X_Domain_Id", "X_Auth_Token"])
def test_an_empty_header_says_none(header: str) -> None:
    assert caller(**{header: ""}) == Caller()


def test_an_empty_project_is_not_made_good_by_the_older_name() -> None:
    assert caller(X_Project_Id="", X_Tenant_Id="p").project_id is None


def test_an_administrator_is_whom_the_policy_says() -> None:
    assert caller(X_Roles="Admin").is_admin


def test_a_change_of_policy_counts_at_once() -> None:
    admins: set[str] = set()
    headers = TrustedHeaders(lambda caller: caller.user_id in admins)
    request = environ(X_User_Id="ulla")
    before = headers.identify(request).is_admin

    admins.add("ulla")

    assert (before, headers.identify(request).is_admin) == (False, True)


def test_roles_of_a_service_are_not_those_of_the_user() -> None:
    lent = caller(X_Roles="reader", X_Service_Roles="Service, admin")
    assert lent == Caller(
        roles=frozenset({"reader"}), service_roles=frozenset({"service", "admin"})
    )


def test_a_service_that_was_not_confirmed_lends_nothing() -> None:
    lent = caller(
        X_Service_Identity_Status="Invalid",
        X_Service_Roles="service",
        X_Service_User_Id="nova",
        X_Service_Project_Id="services",
    )
    assert lent == Caller()


@pytest.mark.parametrize("text", ['[{"type": "image"}]', "[]", "{}", ""])
def test_a_catalogue_of_services_is_kept_as_it_is(text: str) -> None:
    expected = Caller(user_id="ulla", service_catalog=text or None)
    assert caller(X_Service_Catalog=text, X_User_Id="ulla") == expected


@pytest.mark.parametrize("text", ["{[", "catalogue", "[" * 100_000])
def test_a_broken_catalogue_of_services_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="X-Service-Catalog"):
        caller(X_Service_Catalog=text, X_User_Id="ulla")


def test_whoever_is_not_confirmed_is_not_told_of_a_broken_catalogue() -> None:
    with pytest.raises(Unauthenticated):
        identity().identify(environ(status="Invalid", X_Service_Catalog="{["))


def test_the_token_does_not_show() -> None:
    assert "s3cret" not in repr(caller(X_Auth_Token="s3cret"))


@pytest.mark.parametrize("status", ["Invalid", "confirmed", ""])
def test_whoever_is_not_confirmed_is_refused(status: str) -> None:
    with pytest.raises(Unauthenticated):
        identity().identify(environ(status=status, X_User_Id="ulla", X_Roles="admin"))


def test_whoever_says_nothing_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        identity().identify({"REQUEST_METHOD": "GET"})


def test_whoever_is_not_confirmed_may_be_let_in_as_nobody() -> None:
    request = environ(status="Invalid", X_User_Id="ulla", X_Roles="admin")
    assert identity(allow_anonymous=True).identify(request) == ANONYMOUS


def test_whoever_is_confirmed_is_somebody_where_anonymous_callers_are_let_in() -> None:
    request = environ(X_User_Id="ulla")
    assert identity(allow_anonymous=True).identify(request) == Caller(user_id="ulla")
