"""Identity by user name and password, without Keystone.

oslo.middleware's basic authentication is not used: it computes bcrypt, some tenth of a second,
for every request, answers 401 to failures of the application, and its 401 lacks the header
that makes clients ask for a password. The file is the one that it reads.
"""

import binascii
import hashlib
import logging
import os
import threading
from base64 import b64decode
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import bcrypt

from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration, Unauthenticated

LOG = logging.getLogger(__name__)

OPTION = "[oslo_middleware] http_basic_auth_user_file"
ROLES = frozenset({"admin", "member", "reader"})
BCRYPT = ("$2a$", "$2b$", "$2y$")
MAX_REMEMBERED = 1024
CHALLENGE = ("WWW-Authenticate", 'Basic realm="tintype", charset="UTF-8"')


@dataclass
class _Users:
    """One state of the user file.

    `verified` remembers, by a salted digest of the header, who proved to be whom, so that
    bcrypt runs once a user and not once a request. It goes with the file that it is true for.
    """

    state: Hashable = None
    passwords: Mapping[str, bytes] = field(default_factory=dict)
    verified: dict[bytes, str] = field(default_factory=dict)


class HttpBasic:
    """Knows the users of a file of lines `user:bcrypt-hash`, as htpasswd -B writes it.

    A user is a caller of that id with the roles admin, member and reader and without a
    project, like that of `NoAuth`. The file is read again when it changes; lines that cannot
    be used then let nobody in. Safe between threads.
    """

    def __init__(self, user_file: str, is_admin: Callable[[Caller], bool]) -> None:
        """Read the file.

        Raises:
            BadConfiguration: it cannot be read, or holds a password that is not by bcrypt.
        """
        self._file = user_file
        self._is_admin = is_admin
        self._salt = os.urandom(32)
        self._reading = threading.Lock()
        self._users = self._read(_fail)

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Return the caller that proved to know a password; `headers` is the WSGI environ.

        Raises:
            Unauthenticated: no header of basic authentication, or a wrong one.
        """
        header = headers.get("HTTP_AUTHORIZATION", "")
        users = self._current_users()
        digest = hashlib.sha256(self._salt + header.encode("utf-8", "replace")).digest()
        name = users.verified.get(digest)
        if name is None:
            name = _verify(header, users.passwords)
            if len(users.verified) >= MAX_REMEMBERED:
                users.verified.clear()
            users.verified[digest] = name
        caller = Caller(user_id=name, user_name=name, roles=ROLES)
        return replace(caller, is_admin=self._is_admin(caller))

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application with a challenge in its answers of status 401."""

        def challenging(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
                challenge = [CHALLENGE] if status.startswith("401") else []
                return start_response(status, [*headers, *challenge], *exc_info)

            return app(environ, start)

        return challenging

    def _current_users(self) -> _Users:
        if _state(self._file) != self._users.state:
            with self._reading:
                if _state(self._file) != self._users.state:
                    self._users = self._read(LOG.error)
        return self._users

    def _read(self, complain: Callable[[str], None]) -> _Users:
        # Before reading: a change during it shows at the next look.
        state = _state(self._file)
        try:
            with open(self._file, encoding="utf-8") as lines:
                return _Users(state, _passwords(lines, self._file, complain))
        except (OSError, UnicodeDecodeError) as error:
            complain(f"{self._file} cannot be read: {error}.")
            return _Users(state)


def _fail(problem: str) -> None:
    raise BadConfiguration(OPTION, problem)


def _state(path: str) -> Hashable:
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _passwords(
    lines: Iterable[str], path: str, complain: Callable[[str], None]
) -> Mapping[str, bytes]:
    passwords: dict[str, bytes] = {}
    for line in lines:
        name, colon, crypted = line.strip().partition(":")
        if not colon or name.startswith("#"):
            continue
        if crypted.startswith(BCRYPT):
            passwords.setdefault(name, crypted.encode())
        else:
            complain(f"the password of {name} in {path} is not by bcrypt: set it by htpasswd -B.")
    return passwords


def _verify(header: str, passwords: Mapping[str, bytes]) -> str:
    """Return the name of the user whose password the header holds.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = header.strip().partition(" ")
    try:
        pair = b64decode(token.strip(), validate=True) if scheme.lower() == "basic" else b""
        name, colon, password = pair.decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise Unauthenticated from None
    # Somebody unknown is compared with anybody, and takes as long as with a wrong password.
    crypted = passwords.get(name, next(iter(passwords.values()), b""))
    if not colon or not _matches(password.encode(), crypted) or name not in passwords:
        raise Unauthenticated
    return name


def _matches(password: bytes, crypted: bytes) -> bool:
    try:
        return bcrypt.checkpw(password, crypted)
    except ValueError:
        # Longer than the 72 bytes that bcrypt takes, or no hash.
        return False
