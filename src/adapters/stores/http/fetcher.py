"""Data that callers let us fetch from web servers.

It stands beside the driver because both send the same requests: where the service may be sent
by a caller is decided in one client.
"""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from oslo_config import cfg

from tintype.adapters.stores.http.addresses import Address
from tintype.adapters.stores.http.client import HttpClient
from tintype.adapters.stores.http.options import HttpSettings
from tintype.domain.errors import FetchFailed, StoreUnavailable
from tintype.domain.uri_filter import UriFilter

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

GROUP: Final = "web_download"
OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.IntOpt(
        "connect_timeout", min=1, default=10, help="Seconds to wait for a server to be reached."
    ),
    cfg.IntOpt(
        "read_timeout", min=1, default=60, help="Seconds for which a server may fall silent."
    ),
    cfg.IntOpt(
        "total_timeout", min=1, default=86400, help="Seconds that one download may take in all."
    ),
)

_SUBJECT: Final = "web-download"


class HttpFetcher:
    """Fetches with GET; safe between threads."""

    def __init__(self, uri_filter: UriFilter, timeouts_s: tuple[int, int, int]) -> None:
        connect_s, read_s, self._total_s = timeouts_s
        settings = HttpSettings(_SUBJECT, connect_timeout_s=connect_s, read_timeout_s=read_s)
        self._client = HttpClient(settings, uri_filter, subject="The data at the URL")

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, uri_filter: UriFilter) -> "HttpFetcher":
        """Build it with the time-outs of `[web_download]`."""
        values = conf[GROUP]
        timeouts_s = (values.connect_timeout, values.read_timeout, values.total_timeout)
        return cls(uri_filter, timeouts_s)

    def open(self, url: str) -> "HttpAnswer":
        """Ask for the data at a URL, which may hold credentials.

        Raises:
            UriRefused: it, or where it leads, may not be called.
            FetchFailed: there is no data there.
        """
        end = time.monotonic() + self._total_s
        try:
            answer = self._client.send("GET", Address.of(url, _SUBJECT), {})
        except StoreUnavailable as error:
            raise FetchFailed(str(error)) from error
        if answer.status != 200:
            answer.close()
            raise FetchFailed(f"The data cannot be fetched: remote answered {answer.status}.")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            answer.close()
            raise FetchFailed("The data cannot be fetched: it comes packed, unasked.")
        return HttpAnswer(self._client, answer, end)


class HttpAnswer:
    """The body of an answer, which must be there before `end` on the monotonic clock."""

    def __init__(self, client: HttpClient, answer: "BaseHTTPResponse", end: float) -> None:
        self._client = client
        self._answer = answer
        self._end = end
        length = answer.headers.get("Content-Length", "")
        self._size = int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None
        self._done = 0

    @property
    def size(self) -> int | None:
        """How many bytes it will give, if the server says so."""
        return self._size

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            FetchFailed: the server broke off, fell silent or took too long.
        """
        if time.monotonic() > self._end:
            raise FetchFailed("The data cannot be fetched: it took longer than is allowed.")
        try:
            with self._client.translated():
                piece = self._answer.read(size)
        except StoreUnavailable as error:
            raise FetchFailed(str(error)) from error
        self._done += len(piece)
        if not piece and self._size not in (None, self._done):
            raise FetchFailed(
                f"The data broke off: {self._done} of {self._size} bytes were received."
            )
        return piece

    def close(self) -> None:
        """Hang up; twice is as good as once."""
        self._answer.close()
