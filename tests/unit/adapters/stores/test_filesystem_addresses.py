"""From URLs to paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.filesystem.addresses import path_of, url_of
from tintype.adapters.stores.object_keys import is_key
from tintype.domain.errors import Invalid

DATADIRS = ["/srv/images", "/srv/more images"]

keys = st.text(min_size=1, max_size=40).filter(is_key)


def path(url: str) -> str:
    return path_of(url, DATADIRS, "a")


@given(st.sampled_from(DATADIRS), keys)
def test_a_url_leads_back_to_the_path_that_it_was_made_of(datadir: str, key: str) -> None:
    assert path(url_of(f"{datadir}/{key}")) == f"{datadir}/{key}"


@pytest.mark.parametrize("scheme", ["file", "filesystem", "FILE"])
def test_the_scheme_has_two_names(scheme: str) -> None:
    assert path(f"{scheme}:///srv/images/a") == "/srv/images/a"


@pytest.mark.parametrize("end", ["#new", "?x=y", "?x#y", "#"])
def test_a_query_and_a_fragment_are_cut_off(end: str) -> None:
    assert path("file:///srv/images/a" + end) == "/srv/images/a"


def test_nothing_is_percent_decoded() -> None:
    assert path("file:///srv/images/%61") == "/srv/images/%61"


def test_a_path_may_be_below_a_datadir() -> None:
    assert path("file:///srv/images/old/a") == "/srv/images/old/a"


def test_doubled_slashes_do_not_matter() -> None:
    assert path("file:////srv//images//old//a") == "/srv/images/old/a"


@pytest.mark.parametrize(
    "url",
    [
        "file:///srv/images/../images/a",
        "file:///srv/images/..",
        "file:///srv/images/.a.0123456789abcdef.part",
        "file:///srv/images/",
        "file:///srv/images",
        "file:///srv/imagesque/a",
        "file:///srv/a",
        "file:///a",
        "file:///",
        "file://",
        "file://srv/images/a",
        "file://localhost/srv/images/a",
        "file:/srv/images/a",
        "/srv/images/a",
        "file:///srv/images/a\0b",
        "file:///srv/\ud800/a",
        "http:///srv/images/a",
        "file+x:///srv/images/a",
    ],
)
def test_whatever_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="store a"):
        path(url)


@given(st.text(st.sampled_from("/.ab:fileimagsrv?#%"), max_size=60))
def test_no_url_leads_out_of_the_datadirs(text: str) -> None:
    try:
        found = path("file:///" + text)
    except Invalid:
        return
    assert ".." not in found.split("/")
    assert found.startswith(tuple(f"{datadir}/" for datadir in DATADIRS))
