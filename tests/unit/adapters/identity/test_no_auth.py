import pytest

from tintype.adapters.identity.no_auth import NoAuth, require_loopback
from tintype.domain.errors import BadConfiguration


def is_admin(*_: object) -> bool:
    return True


def test_everybody_is_the_administrator() -> None:
    assert NoAuth(is_admin).identify({}).is_admin


def test_everybody_has_the_roles_that_policies_ask_for() -> None:
    assert NoAuth(is_admin).identify({}).roles == {"admin", "member", "reader"}


def test_nobody_has_a_project() -> None:
    assert NoAuth(is_admin).identify({}).project_id is None


def test_headers_make_nobody_somebody_else() -> None:
    headers = {"HTTP_X_USER_ID": "ulla", "HTTP_X_PROJECT_ID": "p", "HTTP_X_ROLES": "reader"}
    assert NoAuth(is_admin).identify(headers) == NoAuth(is_admin).identify({})


def test_nobody_is_an_administrator_where_the_policy_says_so() -> None:
    assert not NoAuth(lambda caller: False).identify({}).is_admin


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1", "localhost", "unix:/run/t.sock"],
)
def test_this_machine_alone_may_be_served(host: str) -> None:
    require_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "[::]", "0", "192.0.2.7", "10.0.0.1", "2001:db8::7", "::ffff:10.0.0.1"],
)
def test_others_may_not_be_served(host: str) -> None:
    with pytest.raises(BadConfiguration, match="other machines"):
        require_loopback(host)


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadConfiguration, match=r"no-such-host\.invalid"):
        require_loopback("no-such-host.invalid")


def test_others_may_be_served_by_force() -> None:
    require_loopback("0.0.0.0", force=True)


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(BadConfiguration, match=r"127\.0\.0\.1.*auth_strategy"):
        require_loopback("0.0.0.0")
