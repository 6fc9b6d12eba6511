"""URLs of locations that are kept encrypted. Source: spec database §3.

There are two forms. The field's is base64 of an initial vector and of AES-CBC of the URL, a
NUL and random bytes; whoever can write to the database can change unnoticed what it says.
Ours is AES-GCM behind a mark. Neither has the `://` that every URL has.
"""

import base64
import logging
import os
import secrets
from enum import Enum
from typing import Any, Final

from tintype.domain.errors import BadConfiguration

LOG = logging.getLogger(__name__)

OPTION: Final = "metadata_encryption_key"
_MARK: Final = "tintype-gcm:"
_KEY_LENGTHS: Final = (16, 24, 32)
_BLOCK: Final = 16
_NONCE: Final = 12


def is_encrypted(text: str) -> bool:
    """Tell whether what is kept is no URL as it stands."""
    return "://" not in text


class Form(Enum):
    """How a URL is kept."""

    PLAIN = "plain"
    FIELD = "field"
    OWN = "own"


def form_of(text: str) -> Form:
    """Return the form of what is kept."""
    if not is_encrypted(text):
        return Form.PLAIN
    return Form.OWN if text.startswith(_MARK) else Form.FIELD


class UrlCipher:
    """Turns URLs into what the database keeps, and back; without a key it leaves them alone.

    Safe between threads.
    """

    def __init__(self, key: str | None = None) -> None:
        """Take the key of the configuration.

        Raises:
            BadConfiguration: it is none of AES.
        """
        self._key = key.encode() if key else b""
        if self._key and len(self._key) not in _KEY_LENGTHS:
            raise BadConfiguration(OPTION, "it must have 16, 24 or 32 characters.")

    @property
    def encrypts(self) -> bool:
        """Whether there is a key."""
        return bool(self._key)

    def plain(self, text: str) -> str:
        """Return the URL that is kept in whatever form; the text itself if it is not readable."""
        if not is_encrypted(text):
            return text
        try:
            url = self._open(text)
        except ValueError:
            url = text
        if is_encrypted(url):
            LOG.warning("The URL of a location cannot be read with %s as it is set.", OPTION)
            return text
        return url

    def kept(self, url: str, form: Form) -> str:
        """Return what the database keeps of a URL in a form; without a key that is plain."""
        if not self._key or form is Form.PLAIN or is_encrypted(url):
            return url
        return self._field_form(url) if form is Form.FIELD else self._own_form(url)

    # ------------------------------------------------------------------ the two forms

    def _open(self, text: str) -> str:
        if not self._key:
            return text
        if text.startswith(_MARK):
            return self._open_own_form(text.removeprefix(_MARK))
        return self._open_field_form(text)

    def _own_form(self, url: str) -> str:
        nonce = os.urandom(_NONCE)
        return _MARK + _text(nonce + self._gcm().encrypt(nonce, url.encode(), None))

    def _open_own_form(self, text: str) -> str:
        from cryptography.exceptions import InvalidTag

        data = base64.urlsafe_b64decode(text)
        try:
            return str(self._gcm().decrypt(data[:_NONCE], data[_NONCE:], None), "utf-8")
        except InvalidTag as error:
            raise ValueError("another key, or changed by somebody") from error

    def _field_form(self, url: str) -> str:
        data = url.encode() + b"\0"
        # What fills the last block must hold no NUL, which ends the URL.
        data += bytes(1 + secrets.randbelow(255) for _ in range(-len(data) % _BLOCK))
        vector = os.urandom(_BLOCK)
        encryptor = self._cbc(vector).encryptor()
        return _text(vector + encryptor.update(data) + encryptor.finalize())

    def _open_field_form(self, text: str) -> str:
        data = base64.urlsafe_b64decode(text)
        decryptor = self._cbc(data[:_BLOCK]).decryptor()
        opened: bytes = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
        return opened.rpartition(b"\0")[0].decode()

    def _gcm(self) -> Any:
        # Needed by few, slow to load.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def _cbc(self, vector: bytes) -> Any:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        return Cipher(algorithms.AES(self._key), modes.CBC(vector))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
