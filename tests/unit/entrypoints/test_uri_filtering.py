"""The rules for URLs as configuration files write them."""

from pathlib import Path

import pytest

from tintype.domain.errors import BadConfiguration
from tintype.domain.uri_filter import UriRules
from tintype.entrypoints.config import new_config
from tintype.entrypoints.uri_filtering import rules_of


def rules(tmp_path: Path, *lines: str) -> UriRules:
    file = tmp_path / "tintype.conf"
    file.write_text("\n".join(["[import_filtering_opts]", *lines]), encoding="utf-8")
    return rules_of(new_config([str(file)]))


def test_rules_that_nobody_sets_are_the_default(tmp_path: Path) -> None:
    assert rules(tmp_path) == UriRules()


def test_lists_stand_in_brackets_or_not(tmp_path: Path) -> None:
    assert rules(
        tmp_path,
        "allowed_schemes = [HTTPS]",
        "disallowed_schemes = http",
        "allowed_hosts = [mirror.example.com, 10.0.0.0/8]",
        "disallowed_hosts = [bad.example.com]",
        "allowed_ports = [80,443, 8080]",
        "disallowed_ports = 22, 25",
        "deny_private = true",
    ) == UriRules(
        *(("https",), ("http",), ("mirror.example.com", "10.0.0.0/8"), ("bad.example.com",)),
        *((80, 443, 8080), (22, 25), True),
    )


@pytest.mark.parametrize("empty", ["[]", "", "[ ]"])
def test_an_empty_list_of_ports_means_any(tmp_path: Path, empty: str) -> None:
    assert rules(tmp_path, f"allowed_ports = {empty}").allowed_ports == ()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_must_be_one(tmp_path: Path, port: str) -> None:
    with pytest.raises(BadConfiguration, match=r"\[import_filtering_opts\] allowed_ports"):
        rules(tmp_path, f"allowed_ports = [80,{port}]")


def test_the_file_that_glance_keeps_them_in_is_read_if_it_lies_beside(tmp_path: Path) -> None:
    beside = tmp_path / "glance-image-import.conf"
    text = "[import_filtering_opts]\nallowed_ports = [81]\nallowed_schemes = [https]\n"
    beside.write_text(text, encoding="utf-8")
    found = rules(tmp_path, "allowed_ports = [82]")
    assert (found.allowed_schemes, found.allowed_ports) == (("https",), (82,))


def test_the_file_that_glance_keeps_them_in_comes_where_it_is_named(tmp_path: Path) -> None:
    beside, file = tmp_path / "glance-image-import.conf", tmp_path / "tintype.conf"
    beside.write_text("[import_filtering_opts]\nallowed_ports = [81]\n", encoding="utf-8")
    file.write_text("[import_filtering_opts]\nallowed_ports = [82]\n", encoding="utf-8")
    assert rules_of(new_config([str(file), str(beside)])).allowed_ports == (81,)
