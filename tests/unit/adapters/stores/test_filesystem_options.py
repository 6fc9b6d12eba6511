"""How the options of a file store are read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.filesystem.datadirs import Datadir
from tintype.adapters.stores.filesystem.options import FilesystemSettings, permissions_from
from tintype.domain.errors import BadConfiguration


def read(**values: Any) -> FilesystemSettings:
    return FilesystemSettings.read(
        "a", {f"filesystem_{name}": value for name, value in values.items()}, named=False
    )


def datadirs(*entries: str) -> tuple[Datadir, ...]:
    return read(store_datadir="", store_datadirs=list(entries)).datadirs


def test_without_any_option_images_are_where_they_always_were() -> None:
    assert read().datadirs == (Datadir("/var/lib/glance/images"),)


def test_a_datadir_is_written_in_one_way() -> None:
    assert read(store_datadir="//srv/./images//").datadirs == (Datadir("/srv/images"),)


def test_datadirs_have_priorities() -> None:
    assert datadirs("/a:200", "/b") == (Datadir("/a", 200), Datadir("/b", 0))


@given(st.integers(-1000, 1000))
def test_any_whole_number_is_a_priority(priority: int) -> None:
    assert datadirs(f"/a:{priority}") == (Datadir("/a", priority),)


def test_naming_a_datadir_twice_is_as_good_as_once() -> None:
    assert datadirs("/a:1", "/a/:1") == (Datadir("/a", 1),)


@pytest.mark.parametrize(
    "entries",
    [["/a:1", "/a:2"], ["/a:high"], ["/a:1:2"], [":1"], [""], ["relative"], ["/a?b"], ["/a#b"]],
)
def test_datadirs_that_make_no_sense_are_refused(entries: list[str]) -> None:
    with pytest.raises(BadConfiguration, match="filesystem_store_datadirs"):
        datadirs(*entries)


@pytest.mark.parametrize("path", ["", " ", "relative/path", "/a?b", "/a#b"])
def test_a_datadir_that_makes_no_sense_is_refused(path: str) -> None:
    with pytest.raises(BadConfiguration, match="filesystem_store_datadir"):
        read(store_datadir=path)


def test_both_options_at_once_are_refused() -> None:
    with pytest.raises(BadConfiguration, match="to nothing"):
        read(store_datadirs=["/a"])


@pytest.mark.parametrize(("digits", "mode"), [(640, 0o640), (400, 0o400), (0, None), (-1, None)])
def test_permissions_are_octal_digits(digits: int, mode: int | None) -> None:
    assert permissions_from(digits) == mode


@pytest.mark.parametrize("digits", [648, 1777, 240, 40, 4])
def test_permissions_that_make_no_sense_are_refused(digits: int) -> None:
    with pytest.raises(BadConfiguration, match=f"filesystem_store_file_perm: {digits} "):
        permissions_from(digits)


@pytest.mark.parametrize(
    ("digits", "extra"), [(600, 0), (640, 0o010), (604, 0o001), (666, 0o011), (0, 0)]
)
def test_who_may_read_a_file_may_pass_its_directory(digits: int, extra: int) -> None:
    assert read(store_file_perm=digits).directory_permissions == extra
