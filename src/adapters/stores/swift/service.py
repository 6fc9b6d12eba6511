"""An account's containers and objects, asked in the few ways that the driver needs."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import tenacity

from tintype.adapters.stores.swift.accounts import Account, Entry
from tintype.adapters.stores.swift.connections import Body, Connections
from tintype.adapters.stores.swift.faults import ABSENT, PASSING, REFUSED, faults, status_of
from tintype.adapters.stores.swift.settings import SwiftSettings

Answer = TypeVar("Answer")
Headers = Mapping[str, str]
Request = Callable[[Entry, Any], Answer]
"""Sends one request over a connection, and reads the answer."""

ATTEMPTS: Final = 3
PIECE: Final = 1 << 20
SHORT: Final = 100
"""A page of a list that has fewer lines is the last one: no service has shorter full ones."""

NEWEST: Final = {"X-Newest": "true"}
"""Asks all copies and takes the newest, instead of any one."""


class Service:
    """One account; safe between threads. Methods raise what the client libraries do.

    What fails in passing is tried again, and a token that is refused is replaced.
    """

    def __init__(self, account: Account, settings: SwiftSettings) -> None:
        self.account = account
        self._connections = Connections(settings)
        self._features: Mapping[str, Any] | None = None

    # ------------------------------------------------------------------ calls

    def _ask(self, function: Callable[..., Answer], *args: Any, **named: Any) -> Answer:
        """Call a function of the client library for this account."""

        def request(entry: Entry, connection: Any) -> Answer:
            lent = urlsplit(entry.url), connection
            return function(entry.url, entry.token, *args, http_conn=lent, **named)

        return self._send(request)

    def _send(self, request: Request[Answer]) -> Answer:
        def attempt() -> Answer:
            entry = self.account.enter()
            with self._connections.lent(entry.url) as connection:
                return request(entry, connection)

        return self._persistently(attempt)

    def _persistently(self, attempt: Callable[[], Answer]) -> Answer:
        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential(multiplier=0.1, max=2),
            retry=tenacity.retry_if_exception(_is_passing),
            reraise=True,
        )
        try:
            return trying(attempt)
        except faults() as error:
            if status_of(error) != REFUSED:
                raise
            # Others may have found out at the same moment: what they forgot is asked for anew.
            self.account.forget()
        return trying(attempt)

    def _ask_for(self, function: Callable[..., Answer], *args: Any, **named: Any) -> Answer | None:
        """Do as `_ask`; None stands for what is not there."""
        try:
            return self._ask(function, *args, **named)
        except faults() as error:
            if status_of(error) != ABSENT:
                raise
            return None

    def leave(self) -> None:
        """Give up what was made for one transfer. Never fails."""
        with suppress(*faults()):
            self.account.leave()

    # ------------------------------------------------------------------ the cluster

    @property
    def url(self) -> str:
        """Where the account is."""
        return self.account.enter().url

    @property
    def features(self) -> Mapping[str, Any]:
        """What the cluster says that it can; nothing, where it does not say.

        Source: Swift's discoverability, `/info`.
        """
        if self._features is None:
            self._features = self._send(_features)
        return self._features

    # ------------------------------------------------------------------ containers

    def has_container(self, container: str) -> bool:
        """Say whether it is there."""
        from swiftclient.client import head_container

        return self._ask_for(head_container, container) is not None

    def make_container(self, container: str, headers: Headers | None = None) -> None:
        """Make it, there or not."""
        from swiftclient.client import put_container

        self._ask(put_container, container, headers=headers)

    def set_access(self, container: str, headers: Headers) -> bool:
        """Say who may read and write; say whether it is there."""
        from swiftclient.client import post_container

        def post(*args: Any, **named: Any) -> bool:
            post_container(*args, **named)
            return True

        return self._ask_for(post, container, headers) is not None

    def remove_container(self, container: str) -> None:
        """Remove it if it is there and empty."""
        from swiftclient.client import delete_container

        try:
            self._ask_for(delete_container, container)
        except faults() as error:
            if status_of(error) != HTTPStatus.CONFLICT:
                raise

    def containers(self, prefix: str) -> Iterator[str]:
        """Give the names of the containers that begin so."""
        from swiftclient.client import get_account

        last = ""
        while True:
            _, entries = self._ask(get_account, marker=last, prefix=prefix)
            yield from (entry["name"] for entry in entries)
            if len(entries) < SHORT:
                return
            last = entries[-1]["name"]

    def names(self, container: str, prefix: str = "", delimiter: str = "") -> Iterator[str]:
        """Give the names of the objects that begin so; those with a delimiter only up to it."""
        for entry in self.entries(container, prefix, delimiter):
            yield entry.get("name") or entry["subdir"]

    def entries(
        self, container: str, prefix: str = "", delimiter: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        """Give what the service lists of the objects that begin so."""
        from swiftclient.client import get_container

        last = ""
        while True:
            answer = self._ask_for(
                get_container,
                container,
                marker=last,
                prefix=prefix,
                delimiter=delimiter or None,
                headers=NEWEST,
            )
            if answer is None:
                return
            yield from answer[1]
            if len(answer[1]) < SHORT:
                return
            last = answer[1][-1].get("name") or answer[1][-1]["subdir"]

    # ------------------------------------------------------------------ objects

    def head(self, container: str, name: str, *, newest: bool = False) -> Headers | None:
        """Return what is known of an object, None if it is not there."""
        from swiftclient.client import head_object

        headers = NEWEST if newest else None
        found: Headers | None = self._ask_for(head_object, container, name, headers=headers)
        return found

    def get(
        self, container: str, name: str, headers: Headers, query: str | None = None
    ) -> tuple[Headers, Body]:
        """Return the headers of an object, and its bytes, which are the caller's to close."""
        from swiftclient.client import get_object

        def attempt() -> tuple[Headers, Body]:
            entry = self.account.enter()
            connection = self._connections.take(entry.url)
            try:
                told, body = get_object(
                    *(entry.url, entry.token, container, name),
                    http_conn=(urlsplit(entry.url), connection),
                    resp_chunk_size=PIECE,
                    headers=headers,
                    query_string=query,
                )
            except BaseException:
                connection.close()
                raise
            return told, Body(body, connection, self._connections)

        return self._persistently(attempt)

    def put(
        self,
        container: str,
        name: str,
        data: Any,
        size: int,
        headers: Headers | None = None,
        query: str | None = None,
    ) -> str:
        """Store bytes, or a file of them, and return their digest as the service has it.

        `ETag` among the headers is compared with it by the service.
        """
        from swiftclient.client import put_object

        def request(entry: Entry, connection: Any) -> str:
            if hasattr(data, "seek"):
                data.seek(0)
            etag: str = put_object(
                *(entry.url, entry.token, container, name),
                contents=data,
                content_length=size,
                content_type="application/octet-stream",
                headers=headers,
                query_string=query,
                http_conn=(urlsplit(entry.url), connection),
            )
            return etag

        return self._send(request)

    def set_type(self, container: str, name: str, content_type: str) -> bool:
        """Change what lists say of an object; say whether it is there."""
        from swiftclient.client import post_object

        def post(*args: Any, **named: Any) -> bool:
            post_object(*args, **named)
            return True

        headers = {"Content-Type": content_type}
        return self._ask_for(post, container, name, headers=headers) is not None

    def delete(self, container: str, name: str) -> bool:
        """Remove an object; say whether it was there.

        It was, if it is not there when one asks again because the answer was lost.
        """
        from swiftclient.client import delete_object

        unsure = False

        def remove(*args: Any, **named: Any) -> bool:
            nonlocal unsure
            try:
                delete_object(*args, **named)
            except faults() as error:
                unsure = unsure or _is_passing(error)
                raise
            return True

        return self._ask_for(remove, container, name) is not None or unsure

    def delete_all(self, container: str, name: str) -> None:
        """Remove an object of segments, and them before it.

        Source: Swift's static large objects.
        """
        from swiftclient.exceptions import ClientException

        def request(entry: Entry, connection: Any) -> None:
            path = quote(f"{urlsplit(entry.url).path}/{container}/{name}")
            headers = {"X-Auth-Token": entry.token, "Accept": "application/json"}
            connection.request("DELETE", f"{path}?multipart-manifest=delete", "", headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != HTTPStatus.OK:
                raise ClientException.from_response(answer, "Object DELETE failed", body)
            # What went wrong on the way is told in the end, under a status of success; and all
            # that went wrong with segments, which may pass, as a bad request.
            told = json.loads(body)
            failed = [_told_status(each) for _, each in told.get("Errors", [])]
            status = max([_told_status(told["Response Status"]), *failed])
            if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
                raise ClientException("Object DELETE failed", http_status=status)

        self._send(request)

    def manifests_in(self, container: str, name: str) -> list[tuple[str, str]]:
        """Return which segments of an object have segments themselves: containers and names.

        Source: Swift's static large objects.
        """
        try:
            told, body = self.get(container, name, NEWEST, "multipart-manifest=get")
        except faults() as error:
            if status_of(error) != ABSENT:
                raise
            return []
        with closing(body):
            # A service that does not know such questions answers with the bytes of the object.
            if not told.get("content-type", "").startswith("application/json"):
                return []
            entries = json.loads(b"".join(iter(lambda: body.read(PIECE), b"")))
            body.drained = True
        names = [each["name"] for each in entries if each.get("sub_slo")]
        return [(part[0], part[2]) for part in (each[1:].partition("/") for each in names)]


def _told_status(text: object) -> int:
    """Return the status that a text begins with; what says none is told of failed reads."""
    code, _, _ = str(text).partition(" ")
    return int(code) if code.isdecimal() else HTTPStatus.BAD_GATEWAY


def _is_passing(error: BaseException) -> bool:
    if not isinstance(error, faults()):
        return False
    status = status_of(error)
    return status is None or status in PASSING


def _features(entry: Entry, connection: Any) -> Mapping[str, Any]:
    from swiftclient.client import get_capabilities

    root = urlsplit(entry.url)._replace(path="/info", query="")
    try:
        found: Mapping[str, Any] = get_capabilities((root, connection))
    except faults() as error:
        if _is_passing(error):
            raise
        return {}
    return found
