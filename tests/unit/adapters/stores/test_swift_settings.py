"""What the options, accounts and URLs of a swift store come to, without a service."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from swiftclient.exceptions import ClientException

from tintype.adapters.stores.swift import SwiftDriver
from tintype.adapters.stores.swift.addresses import Address, url_of
from tintype.adapters.stores.swift.faults import writing
from tintype.adapters.stores.swift.references import Reference
from tintype.adapters.stores.swift.segments import IN_FLIGHT, SENDERS, window
from tintype.adapters.stores.swift.settings import IN_MEMORY, MB, SwiftSettings
from tintype.domain.errors import (
    BadConfiguration,
    Invalid,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)
from tintype.domain.location import Location

NEEDED = {
    "swift_store_auth_address": "https://auth.example:5000/v3/",
    "swift_store_user": "project:user",
    "swift_store_key": "the-key",
}
FILE = """\
[ref1]
user = project:user
key = 'the-key'
auth_address = "https://auth.example:5000/v3"
user_domain_name = People
[other]
application_credential_id = the-id
application_credential_secret = the-secret
auth_address = http://other.example/v3
project_name = demo
"""


def settings(**options: Any) -> SwiftSettings:
    return SwiftSettings.read("shelf", {**NEEDED, **options}, named=True)


def with_file(tmp_path: Path, text: str = FILE, **options: Any) -> SwiftSettings:
    path = tmp_path / "accounts.conf"
    path.write_text(text)
    values = {"swift_store_config_file": str(path), **options}
    return SwiftSettings.read("shelf", values, named=True)


def urls(settings: SwiftSettings) -> list[str]:
    return [location.url for location in SwiftDriver(settings).locate("a")]


# ---------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"swift_store_auth_address": None}, "swift_store_auth_address"),
        ({"swift_store_auth_address": "auth.example/v3"}, "swift_store_auth_address"),
        ({"swift_store_auth_address": "https://me:secret@auth"}, "swift_store_auth_address"),
        ({"swift_store_user": None}, "swift_store_user"),
        ({"swift_store_user": "no-project"}, "project:user"),
        ({"swift_store_key": ""}, "swift_store_key"),
        ({"swift_store_application_credential_id": "id"}, "secret"),
        ({"swift_store_container": ""}, "swift_store_container"),
        ({"swift_store_container": "a/b"}, "swift_store_container"),
        ({"swift_buffer_on_upload": True}, "swift_upload_buffer_dir"),
        ({"swift_store_config_file": "/nowhere/accounts.conf"}, "swift_store_config_file"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(options: Mapping[str, Any], option: str) -> None:
    with pytest.raises(BadConfiguration, match=option) as caught:
        settings(**options)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "key = the-key",
        "[ref1]\nauth_address = https://auth.example/v3\nuser = project:user",
        "[ref1]\nauth_address = https://auth.example/v3\nuser = user\nkey = the-key",
        "[ref1]\nuser = project:user\nkey = the-key",
        "[other]\nauth_address = https://auth.example/v3\nuser = p:u\nkey = the-key",
        "[ref1]\nthe-key\n",
    ],
)
def test_a_file_of_accounts_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        with_file(tmp_path, text)
    assert "the-key" not in str(caught.value)


def test_a_file_has_accounts_by_name(tmp_path: Path) -> None:
    found = with_file(tmp_path)
    assert list(found.references) == ["ref1", "other"]
    assert found.reference == Reference(
        *("ref1", "https://auth.example:5000/v3", "3", "project:user", "the-key"),
        user_domain=("name", "People"),
    )


def test_no_credential_is_in_what_the_settings_look_like(tmp_path: Path) -> None:
    assert "the-" not in repr(settings()) + repr(with_file(tmp_path))


def test_a_megabyte_is_that_of_the_field_and_memory_bounds_segments() -> None:
    found = settings(swift_store_large_object_chunk_size=3)
    assert (found.large_object_size, found.segment_size) == (5120 * 1_024_000, 3 * 1_024_000)
    assert settings().segment_size == IN_MEMORY


def test_segments_in_files_are_as_large_as_configured(tmp_path: Path) -> None:
    found = settings(swift_buffer_on_upload=True, swift_upload_buffer_dir=str(tmp_path))
    assert (found.segment_size, found.buffer_dir) == (200 * MB, str(tmp_path))


@given(size=st.integers(1, 400 * MB))
def test_what_is_on_its_way_is_bounded(size: int) -> None:
    segments = window(size, None)
    assert 1 <= segments <= SENDERS
    assert segments == 1 or (segments + 1) * size <= IN_FLIGHT


@pytest.mark.parametrize(
    ("seed", "container"),
    [(0, "glance"), (1, "glance_f"), (8, "glance_fdae39a1"), (10, "glance_fdae39a1-ba")],
)
def test_the_beginning_of_an_id_names_its_container(seed: int, container: str) -> None:
    found = settings(swift_store_multiple_containers_seed=seed)
    assert found.container_of("fdae39a1-bac5-4238-aba4-69bcc726e848") == container


def test_administrators_are_shown_the_container_and_sizes() -> None:
    assert SwiftDriver(settings()).properties == {
        "container": "glance",
        "large_object_size": 5120 * 1_024_000,
        "large_object_chunk_size": 16 * 1_024_000,
    }


# ---------------------------------------------------------------------- locations


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "swift+https://project%3Auser:the-key@auth.example:5000/v3/glance/a"),
        (
            {"swift_store_auth_address": "http://auth/v1", "swift_store_key": "p@ss/w:rd"},
            "swift+http://project%3Auser:p%40ss%2Fw%3Ard@auth/v1/glance/a",
        ),
        (
            {
                "swift_store_application_credential_id": "the-id",
                "swift_store_application_credential_secret": "the-secret",
            },
            "swift+config://ref1/glance/a",
        ),
    ],
)
def test_locations_are_in_the_form_of_the_field(options: Mapping[str, Any], url: str) -> None:
    assert urls(settings(**options)) == [url]


def test_locations_refer_to_accounts_that_have_names(tmp_path: Path) -> None:
    assert urls(with_file(tmp_path)) == ["swift+config://ref1/glance/a"]
    other = with_file(tmp_path, default_swift_reference="other", swift_store_container="box")
    assert urls(other) == ["swift+config://other/box/a"]


HERE = ("project:user", "k/e:y", "auth:5000/v3", "box", "a")


@pytest.mark.parametrize(
    "url",
    [
        "swift+https://project%3Auser:k%2Fe%3Ay@auth:5000/v3/box/a",
        "swift://project%3Auser:k/e%3Ay@auth:5000/v3/box/a",
        "swift+http://project:user:k%2Fe%3Ay@auth:5000/v3/box/a#new",
    ],
)
def test_a_url_says_who_where_and_what(url: str) -> None:
    found = Address.of(url, "shelf")
    assert (found.user, found.key, found.place, found.container, found.name) == HERE


@given(
    user=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_any_user_and_key_survive_the_url(user: str, key: str) -> None:
    reference = replace(settings().reference, user=f"project:{user}", key=key)
    found = Address.of(url_of(reference, "ref1", "box", "a"), "shelf")
    assert (found.user, found.key) == (f"project:{user}", key)


@pytest.mark.parametrize(
    "url",
    [
        "swift://box/a",
        "swift://project:user:key@/box/a",
        "swift://https://project:user:key@auth/box/a",
        "swift://user@auth/v3/box/a",
        "swift://a:b:c:d@auth/v3/box/a",
        "swift:///somewhere/box/a",
        "swift+config://box/a",
        "swift+https://project%3Auser:key@auth/v3/box/.a",
        "swift+https://project%3Auser:key@auth/v3//a",
        "s3://auth/v3/box/a",
    ],
)
def test_a_malformed_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Address.of(url, "shelf")
    assert "key" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "swift+config://unknown/glance/a",
        "swift+config://ref1@evil/glance/a",
        "swift+https://project%3Auser:the-key@evil.example/v3/glance/a",
    ],
)
def test_a_service_that_is_not_configured_is_never_called(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid):
        SwiftDriver(with_file(tmp_path)).open(Location(url))


# ---------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (413, StorageFull),
        (507, StorageFull),
        (401, StoreWriteDenied),
        (403, StoreWriteDenied),
        (404, StoreWriteDenied),
        (422, StoreUnavailable),
        (500, StoreUnavailable),
        (0, StoreUnavailable),
    ],
)
def test_each_refusal_of_a_change_has_an_error_that_tells_its_status_only(
    status: int, error: type[TintypeError]
) -> None:
    with pytest.raises(error, match="shelf") as caught, writing("shelf"):
        raise ClientException("the-key", http_status=status)
    assert type(caught.value) is error
    assert "the-key" not in str(caught.value)
