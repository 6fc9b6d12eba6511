"""What the options, URLs, sizes and files of a cinder store come to, without a service."""

import errno
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.stores.cinder.addresses import Address, url_of
from tintype.adapters.stores.cinder.faults import moving
from tintype.adapters.stores.cinder.growth import GIB, MAX_STEP, gibibytes, grown
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.volume_file import DeviceFile
from tintype.domain.errors import (
    BadConfiguration,
    Invalid,
    StorageFull,
    StoreUnavailable,
    StoreWriteDenied,
    TintypeError,
)

VOLUME = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
NEEDED = {
    "cinder_store_auth_address": "https://keystone.example/v3",
    "cinder_store_user_name": "tintype",
    "cinder_store_password": "the-password",
    "cinder_store_project_name": "service",
}


def settings(**other: Any) -> CinderSettings:
    return CinderSettings.read("shelf", {**NEEDED, **other}, named=True)


@pytest.mark.parametrize(
    ("store", "url"), [("a", f"cinder://a/{VOLUME}"), (None, f"cinder://{VOLUME}")]
)
def test_urls_are_read_as_they_are_written(store: str | None, url: str) -> None:
    assert url_of(VOLUME, store) == url
    assert Address.of(url, "shelf") == Address(store, VOLUME)


@pytest.mark.parametrize(
    "url", ["cinder://", "cinder://a/b", f"cinder://a/b/{VOLUME}", f"rbd://{VOLUME}", f"{VOLUME}"]
)
def test_what_does_not_end_in_a_volume_is_no_location(url: str) -> None:
    with pytest.raises(Invalid, match="shelf"):
        Address.of(url, "shelf")


@given(st.integers(0, 1 << 50), st.integers(0, 1 << 50))
def test_a_volume_grows_by_what_is_needed_and_not_much_more(written: int, more: int) -> None:
    capacity = gibibytes(written) * GIB
    size = grown(capacity, written + more)
    assert size * GIB >= written + more
    assert size <= max(gibibytes(written + more), gibibytes(capacity) + MAX_STEP)
    assert size > gibibytes(capacity)


def test_no_secret_is_shown() -> None:
    text = repr(settings())
    assert "the-password" not in text
    assert "tintype" in text


@pytest.mark.parametrize("text", ["volumev3", "volumev3:publicURL", "::publicURL", "a::b:c"])
def test_a_catalogue_entry_has_three_parts(text: str) -> None:
    with pytest.raises(BadConfiguration, match="cinder_catalog_info"):
        settings(cinder_catalog_info=text)


def test_an_application_credential_is_enough() -> None:
    own = settings(
        cinder_store_user_name=None,
        cinder_store_application_credential_id="id",
        cinder_store_application_credential_secret="the-secret",
    )
    assert own.credentials.application_id == "id"
    assert "the-secret" not in repr(own)


@pytest.mark.parametrize(
    ("insecure", "file", "verify"), [(False, None, True), (True, None, False), (True, "/ca", "/ca")]
)
def test_a_file_of_certificates_is_stronger_than_carelessness(
    insecure: bool, file: str | None, verify: object
) -> None:
    own = settings(cinder_api_insecure=insecure, cinder_ca_certificates_file=file)
    assert own.verify == verify


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, ""), StorageFull),
        (OSError(errno.EFBIG, ""), StorageFull),
        (OSError(errno.EACCES, ""), StoreWriteDenied),
        (OSError(errno.EIO, ""), StoreUnavailable),
        (ValueError("of some library"), StoreUnavailable),
    ],
)
def test_failures_of_devices_are_told_by_their_numbers(
    error: Exception, kind: type[TintypeError]
) -> None:
    with pytest.raises(kind, match="shelf"), moving("shelf"):
        raise error


def test_a_device_is_read_and_written_from_where_one_is(tmp_path: Path) -> None:
    path = tmp_path / "device"
    path.write_bytes(bytes(20))
    file = DeviceFile(str(path), writable=True)
    file.seek(5)
    file.write(memoryview(b"01234"))
    file.write(memoryview(b"56789"))
    file.sync()
    file.seek(7)
    assert file.read(3) == b"234"
    file.close()
    file.close()
    assert path.read_bytes() == bytes(5) + b"0123456789" + bytes(5)


def test_a_device_opened_for_reading_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "device"
    path.write_bytes(bytes(20))
    file = DeviceFile(str(path), writable=False)
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.write(memoryview(b"data"))
    file.close()
