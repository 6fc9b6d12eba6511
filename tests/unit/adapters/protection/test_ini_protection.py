"""Files that protect properties: what they mean, and which of them stop the start."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_caller
from tintype.adapters.protection.ini_protection import IniPropertyProtection
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.property_protection import Operation
from tintype.entrypoints.config import new_config

GOOD = """
[^x_billing_.*]
create = admin,Member
read = admin, member
update = admin
delete = !

[secret]
create = !
read = !
update = !
delete = !

[.*]
create = @
read = @
update = @
delete =
"""


def rules_by_policy(caller: Caller, rule: str) -> bool:
    """Answer for the rules that the tests name; a name that nothing defines denies."""
    return rule == "only_admins" and "admin" in caller.roles


def protection(folder: Path, text: str, rule_format: str = "roles") -> IniPropertyProtection:
    """Return what protects by a file of that text, beside the configuration file."""
    (folder / "protections.conf").write_text(text)
    found = configured(folder, "protections.conf", rule_format)
    assert found is not None
    return found


def configured(folder: Path, file: str, rule_format: str) -> IniPropertyProtection | None:
    """Return what a configuration with such options asks for."""
    ini = folder / "tintype.conf"
    options = {"property_protection_file": file, "property_protection_rule_format": rule_format}
    ini.write_text("\n".join(["[DEFAULT]", *map(" = ".join, options.items()), ""]))
    return IniPropertyProtection.from_conf(new_config([str(ini)]), rules_by_policy)


def may(
    protection: IniPropertyProtection, operation: str, name: str, *roles: str, lent: str = ""
) -> bool:
    """Ask for a caller with those roles, and perhaps one lent by a service."""
    caller = a_caller(roles=frozenset(roles), service_roles=frozenset(lent.split()))
    return protection.judge(caller, Operation(operation))(name)


def test_without_a_file_there_is_no_protection(tmp_path: Path) -> None:
    assert configured(tmp_path, "", "roles") is None


@pytest.mark.parametrize(
    ("operation", "name", "roles", "allowed"),
    [
        ("create", "x_billing_code", ("member",), True),
        ("create", "x_billing_code", ("reader",), False),
        ("read", "x_billing_code", ("admin",), True),
        ("read", "x_billing_code", (), False),
        ("update", "x_billing_code", ("member",), False),
        ("delete", "x_billing_code", ("admin", "member"), False),
        ("read", "my_x_billing_code", ("reader",), True),
        ("read", "top_secret_thing", ("admin",), False),
        ("create", "colour", (), True),
        ("delete", "colour", ("admin",), False),
        ("read", "os_glance_import_task", (), True),
        ("delete", "os_glance_secret", (), True),
    ],
)
def test_the_first_section_found_in_the_name_decides(
    tmp_path: Path, operation: str, name: str, roles: tuple[str, ...], allowed: bool
) -> None:
    assert may(protection(tmp_path, GOOD), operation, name, *roles) is allowed


def section(pattern: str = ".*", **values: str) -> str:
    """Return a section that lets everybody do everything but what is said otherwise."""
    values = dict.fromkeys(Operation, "@") | values
    return "\n".join([f"[{pattern}]", *(f"{name} = {value}" for name, value in values.items()), ""])


def test_what_no_section_is_found_in_is_nobodys_business(tmp_path: Path) -> None:
    protected = protection(tmp_path, section("^known$"))
    assert not any(may(protected, operation, "unknown", "admin") for operation in Operation)


def test_a_file_without_sections_denies_everything(tmp_path: Path) -> None:
    assert not may(protection(tmp_path, ""), "read", "colour", "admin")


def test_sections_of_the_systems_properties_are_left_out(tmp_path: Path) -> None:
    protected = protection(tmp_path, section("os_glance", read="!") + section())
    assert may(protected, "read", "os_glance_x") and may(protected, "read", "my_os_glance_x")


@pytest.mark.parametrize(
    ("value", "roles", "lent", "allowed"),
    [
        ("@", (), "", True),
        ("!", ("admin",), "admin", False),
        ("", ("admin",), "admin", False),
        (" , ", ("admin",), "", False),
        ("member", ("member",), "", True),
        ("MEMBER , Billing", ("billing",), "", True),
        ("member", ("reader",), "", False),
        ("service", ("reader",), "service", True),
        ("admin,@", ("reader",), "", True),
        ("admin,!", ("admin",), "", False),
    ],
)
def test_roles_are_those_of_the_user_and_of_the_service(
    tmp_path: Path, value: str, roles: tuple[str, ...], lent: str, allowed: bool
) -> None:
    protected = protection(tmp_path, section(update=value))
    assert may(protected, "update", "colour", *roles, lent=lent) is allowed


@pytest.mark.parametrize(
    ("value", "roles", "allowed"),
    [
        ("@", (), True),
        ("!", ("admin",), False),
        ("", ("admin",), False),
        ("only_admins", ("admin",), True),
        ("only_admins", ("member",), False),
        ("nothing_defines_this", ("admin",), False),
    ],
)
def test_policies_are_asked_by_name(
    tmp_path: Path, value: str, roles: tuple[str, ...], allowed: bool
) -> None:
    protected = protection(tmp_path, section(update=value), "policies")
    assert may(protected, "update", "colour", *roles) is allowed


def test_an_empty_value_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    protection(tmp_path, section(delete=""))
    assert "delete in section [.*]" in caplog.text


def test_nothing_is_warned_of_where_all_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "tintype"):
        protection(tmp_path, section())
    assert caplog.text == ""


BROKEN = {
    "no section": "create = @",
    "no ini file": "[.*]\n{}",
    "a section twice": section() + section(),
    "an option twice": section() + "read = @",
    "a bad expression": section("*"),
    "no create": "[.*]\nread = @\nupdate = @\ndelete = @",
    "no read": "[.*]\ncreate = @\nupdate = @\ndelete = @",
    "no update": "[.*]\ncreate = @\nread = @\ndelete = @",
    "no delete": "[.*]\ncreate = @\nread = @\nupdate = @",
    "everybody and nobody": section(read="@,!"),
    "everybody and nobody among roles": section(read="admin,!,@"),
}
BROKEN_POLICIES = BROKEN | {
    "two policies": section(read="only_admins,default"),
    "a comma": section(read="only_admins,"),
    "two words": section(read="only_admins default"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_service_does_not_start_on(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadConfiguration, match=r"protections\.conf") as caught:
        protection(tmp_path, BROKEN[kind])
    assert caught.value.option == "property_protection_file"


@pytest.mark.parametrize("kind", BROKEN_POLICIES)
def test_the_service_does_not_start_by_policies_on(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadConfiguration, match=r"protections\.conf"):
        protection(tmp_path, BROKEN_POLICIES[kind], "policies")


@pytest.mark.parametrize(
    "make",
    [lambda file: None, Path.mkdir, lambda file: file.write_bytes(b"[\xff]")],
    ids=["that is not there", "that is a directory", "that is no text"],
)
def test_the_service_does_not_start_on_a_file(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "missing.conf")
    with pytest.raises(BadConfiguration):
        configured(tmp_path, "missing.conf", "roles")


def test_a_file_may_have_a_name_of_its_own_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "rules").write_text(section())
    assert configured(tmp_path, str(elsewhere / "rules"), "roles") is not None


def test_the_file_is_read_once(tmp_path: Path) -> None:
    protected = protection(tmp_path, section())
    (tmp_path / "protections.conf").write_text(section(read="!"))
    assert may(protected, "read", "colour")


def test_an_anonymous_caller_has_no_roles(tmp_path: Path) -> None:
    protected = protection(tmp_path, GOOD)
    assert not protected.judge(ANONYMOUS, Operation.READ)("x_billing_code")


@given(
    names=st.lists(st.sampled_from(["x_billing_a", "secret", "colour"]) | st.text(), max_size=9),
    roles=st.lists(st.sampled_from(["admin", "member", "reader"])),
    operation=st.sampled_from(Operation),
)
def test_what_was_asked_before_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    roles: list[str],
    operation: Operation,
) -> None:
    protected = protection(tmp_path_factory.mktemp("protection"), GOOD)
    caller = a_caller(roles=frozenset(roles))
    judge = protected.judge(caller, operation)

    answers = [judge(name) for name in [*names, *names]]

    assert answers == [protected.judge(caller, operation)(name) for name in [*names, *names]]
