"""Looking names up on this machine."""

from tintype.adapters.system.resolver import SystemResolver


def test_an_address_is_its_own() -> None:
    assert list(SystemResolver().resolve("127.0.0.1")) == ["127.0.0.1"]


def test_a_name_of_the_hosts_file_has_an_address() -> None:
    assert {"127.0.0.1", "::1"} & set(SystemResolver().resolve("localhost"))


def test_no_address_is_given_twice() -> None:
    found = SystemResolver().resolve("localhost")

    assert len(found) == len(set(found))


def test_an_unknown_name_has_none() -> None:
    assert list(SystemResolver().resolve("nowhere.invalid.")) == []


def test_what_cannot_be_a_name_has_none() -> None:
    assert list(SystemResolver().resolve("a" * 300)) == []
