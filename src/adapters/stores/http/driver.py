"""Data that lies on web servers, to be read only."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, NoReturn

from tintype.adapters.stores.http.addresses import SCHEMES, Address
from tintype.adapters.stores.http.client import HttpClient
from tintype.adapters.stores.http.options import OPTIONS, HttpSettings
from tintype.adapters.stores.http.stream import HttpStream
from tintype.domain.errors import (
    BadConfiguration,
    CannotSeek,
    DataNotFound,
    StoreNotWritable,
    WebServerFailed,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.uri_filter import UriFilter

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

MISSING = frozenset({404, 410})

_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)", re.ASCII)


class HttpDriver:
    """Reads from the URL that a location is. Parts can be had where the server gives them.

    Source: stores §6.2.
    """

    TYPE = "http"
    SCHEMES = SCHEMES
    OPTIONS = OPTIONS
    NEEDS_URI_FILTER = True

    type = TYPE
    schemes = SCHEMES
    capabilities = Capability.READ | Capability.RANGED_READ
    directories: Sequence[str] = ()
    url_prefixes: Sequence[str] = ("http:", "https:")

    def __init__(self, settings: HttpSettings, uri_filter: UriFilter) -> None:
        self.store = settings.store
        self._client = HttpClient(settings, uri_filter)

    @classmethod
    def from_settings(
        cls,
        store: str,
        settings: Mapping[str, Any],
        *,
        named: bool = False,
        uri_filter: UriFilter | None = None,
    ) -> "HttpDriver":
        """Build the driver from option values by name; without a filter it knows no names.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        return cls(HttpSettings.read(store, settings), uri_filter or UriFilter())

    @property
    def properties(self) -> Mapping[str, Any]:
        """Nothing is to be known of it."""
        return {}

    def start(self) -> None:
        """Read the certificates.

        Raises:
            BadConfiguration: they cannot be read.
        """
        try:
            _ = self._client.trust
        except OSError as error:
            raise BadConfiguration(
                "https_ca_certificates_file", f"it has no certificates to read: {error.strerror}."
            ) from error

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> HttpStream:
        """Ask for the data, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the URL is none of the web, or may not be called.
            CannotSeek: the server gives nothing but the whole.
            DataNotFound: nothing is there.
            WebServerFailed: the server does not answer, or not as it should.
            RedirectedTooOften: it sends on and on.
        """
        if length == 0:
            self.size(location)
            return HttpStream(self._client, None, 0)
        whole = offset == 0 and length is None
        last = "" if length is None else offset + length - 1
        answer = self._ask("GET", location, {} if whole else {"Range": f"bytes={offset}-{last}"})
        try:
            size = self._whole(answer) if whole else self._part(answer, offset)
        except BaseException:
            answer.close()
            raise
        return HttpStream(self._client, answer, size)

    def _whole(self, answer: "BaseHTTPResponse") -> int | None:
        """Return how many bytes come, None if the server does not say."""
        if answer.status != 200:
            raise self._odd(answer)
        return _length(answer)

    def _part(self, answer: "BaseHTTPResponse", offset: int) -> int:
        """Return how many bytes come; none if the data ends before the offset."""
        first, last, total = _content_range(answer)
        if answer.status == 206 and first == offset and last is not None:
            return last - offset + 1
        total = _length(answer) if answer.status == 200 else total
        if answer.status in (200, 416) and total is not None and offset >= total:
            return 0
        if answer.status in (200, 206):
            raise CannotSeek(self.store)
        raise self._odd(answer)

    def size(self, location: Location) -> int:
        """Return the size of the data in bytes, 0 if the server does not say.

        One that does not answer HEAD, as with presigned URLs, is asked for one byte.

        Raises:
            Invalid, DataNotFound, WebServerFailed, RedirectedTooOften: as `open`.
        """
        with closing(self._ask("HEAD", location, {})) as answer:
            size = _length(answer)
            if answer.status == 200 and size is not None:
                return size
        with closing(self._ask("GET", location, {"Range": "bytes=0-0"})) as answer:
            size = _length(answer) if answer.status == 200 else _content_range(answer)[2]
            if size is None and answer.status not in (200, 206):
                raise self._odd(answer)
            return size or 0

    def _ask(
        self, method: str, location: Location, headers: Mapping[str, str]
    ) -> "BaseHTTPResponse":
        address = Address.of(location.url, self.store)
        answer = self._client.send(method, address, headers)
        if answer.status in MISSING:
            answer.close()
            raise DataNotFound("the location", self.store)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            answer.close()
            raise WebServerFailed(f"Data of store {self.store} comes packed, unasked.")
        return answer

    def _odd(self, answer: "BaseHTTPResponse") -> WebServerFailed:
        return WebServerFailed(f"The server of data of store {self.store} answers {answer.status}.")

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> NoReturn:
        """Raise StoreNotWritable."""
        raise StoreNotWritable(self.store)

    def delete(self, location: Location) -> None:
        """Raise StoreNotWritable: the data is not ours.

        Raises:
            Invalid: the URL is none of the web.
        """
        Address.of(location.url, self.store)
        raise StoreNotWritable(self.store)

    def locate(self, key: str) -> list[Location]:
        """Return nothing: no key leads to a URL."""
        return []

    def discard_unfinished(self, key: str) -> None:
        """Do nothing: nothing is ever begun."""

    def keys(self) -> Iterator[str]:
        """Give nothing: nobody lists what web servers have."""
        return iter(())


def _length(answer: "BaseHTTPResponse") -> int | None:
    text = answer.headers.get("Content-Length", "")
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


def _content_range(answer: "BaseHTTPResponse") -> tuple[int | None, int | None, int | None]:
    """Return the first byte, the last one and the size of all, as far as they are told."""
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None:
        return None, None, None
    first, last, total = (int(text) if text and text != "*" else None for text in match.groups())
    return first, last, total
