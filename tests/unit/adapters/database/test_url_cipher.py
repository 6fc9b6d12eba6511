"""URLs of locations, encrypted in the field's form and in ours."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.adapters.database.url_cipher import Form, UrlCipher, form_of, is_encrypted
from tintype.domain.errors import BadConfiguration

KEY = "0123456789abcdef"
ENCRYPTED = (Form.FIELD, Form.OWN)
URLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(
    "x://".__add__
)

KEPT_BY_THE_FIELD = "AAECAwQFBgcICQoLDA0ODwj-hUg3YMk1PMMRhtwRMJNKSCym16W-62DBJodHkLOt"
"""`file:///var/lib/glance/images/1`, a NUL and padding, by KEY with the vector 00 01 … 0f."""


@given(URLS, st.sampled_from(ENCRYPTED), st.sampled_from([16, 24, 32]))
def test_a_url_comes_back_from_either_form(url: str, form: Form, length: int) -> None:
    cipher = UrlCipher("k" * length)

    kept = cipher.kept(url, form)

    assert is_encrypted(kept)
    assert cipher.plain(kept) == url


def test_what_the_field_keeps_is_read() -> None:
    assert UrlCipher(KEY).plain(KEPT_BY_THE_FIELD) == "file:///var/lib/glance/images/1"


@given(URLS)
def test_urls_that_are_not_encrypted_are_read_with_a_key_too(url: str) -> None:
    assert UrlCipher(KEY).plain(url) == url


@given(URLS, st.sampled_from(Form))
def test_without_a_key_nothing_is_encrypted(url: str, form: Form) -> None:
    assert UrlCipher().kept(url, form) == url


@pytest.mark.parametrize("form", ENCRYPTED)
@pytest.mark.parametrize("other", [None, "another key of 32 characters ..."])
def test_what_another_key_encrypted_is_left_as_it_is(other: str | None, form: Form) -> None:
    kept = UrlCipher(KEY).kept("rbd://pool/image", form)

    assert UrlCipher(other).plain(kept) == kept


def test_what_was_changed_in_the_database_does_not_pass_for_a_url() -> None:
    cipher = UrlCipher(KEY)
    mark, _, text = cipher.kept("rbd://pool/image", Form.OWN).partition(":")
    data = bytearray(base64.urlsafe_b64decode(text))
    data[20] ^= 1
    changed = f"{mark}:{base64.urlsafe_b64encode(data).decode()}"

    assert cipher.plain(changed) == changed


@given(st.text())
def test_any_text_can_be_read_or_is_left_as_it_is(text: str) -> None:
    assert UrlCipher(KEY).plain(text) == text


@pytest.mark.parametrize("form", Form)
def test_a_form_is_told_by_what_is_kept(form: Form) -> None:
    assert form_of(UrlCipher(KEY).kept("a://1", form)) is form


def test_the_same_url_is_kept_otherwise_each_time() -> None:
    cipher = UrlCipher(KEY)

    assert len({cipher.kept("a://1", form) for form in ENCRYPTED * 5}) == 10


@pytest.mark.parametrize("key", ["short", "x" * 17, "x" * 33])
def test_a_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(BadConfiguration, match=r"metadata_encryption_key.*16, 24 or 32"):
        UrlCipher(key)
