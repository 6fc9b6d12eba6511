"""Data that callers let us fetch from web servers.

It stands beside the driver because both send the same requests: where the service may be sent
by a caller is decided in one client.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oslo_config import cfg

from tintype.adapters.stores.http.addresses import Address
from tintype.adapters.stores.http.client import MAX_REDIRECTS, HttpClient
from tintype.adapters.stores.http.deadline import Deadline
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
    cfg.IntOpt(
        "max_redirects", min=0, default=MAX_REDIRECTS, help="Redirections that one request follows."
    ),
    cfg.IntOpt(
        "max_resumes",
        min=0,
        default=3,
        help="How often a download that broke off is gone on with where it was, if the server can "
        "do so and says that it still has the same data.",
    ),
)

_SUBJECT: Final = "web-download"
_PART: Final = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a server is waited for."""

    connect_s: int = 10
    read_s: int = 60
    total_s: float = 86400
    redirects: int = MAX_REDIRECTS
    resumes: int = 3


class HttpFetcher:
    """Fetches with GET; safe between threads."""

    def __init__(self, uri_filter: UriFilter, patience: Patience) -> None:
        self._patience = patience
        settings = HttpSettings(
            _SUBJECT, connect_timeout_s=patience.connect_s, read_timeout_s=patience.read_s
        )
        self._client = HttpClient(
            settings, uri_filter, subject="The data at the URL", redirects=patience.redirects
        )

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, uri_filter: UriFilter) -> "HttpFetcher":
        """Build it with the options of `[web_download]`."""
        values = conf[GROUP]
        patience = Patience(
            *(values.connect_timeout, values.read_timeout, values.total_timeout),
            *(values.max_redirects, values.max_resumes),
        )
        return cls(uri_filter, patience)

    def open(self, url: str, secrets: Mapping[str, str] | None = None) -> "HttpAnswer":
        """Ask for the data at a URL, which may hold credentials.

        The headers `secrets` are sent to the origin of the URL alone.

        Raises:
            UriRefused: it, or where it leads, may not be called.
            FetchFailed: there is no data there.
        """
        request = _Request(
            self._client, Address.of(url, _SUBJECT), secrets or {}, Deadline(self._patience.total_s)
        )
        try:
            return HttpAnswer(request, request.send({}, 200), self._patience.resumes)
        except BaseException:
            request.deadline.lift()
            raise


@dataclass(frozen=True)
class _Request:
    """What is asked for, from its first answer to its last."""

    client: HttpClient
    address: Address
    secrets: Mapping[str, str]
    deadline: Deadline

    def send(self, headers: Mapping[str, str], status: int) -> "BaseHTTPResponse":
        """Return an answer of that status.

        Raises:
            UriRefused, FetchFailed: there is none.
        """
        with self.translated():
            answer = self.client.send("GET", self.address, headers, self.secrets, self.deadline)
        if answer.status != status:
            answer.close()
            raise FetchFailed(f"The data cannot be fetched: remote answered {answer.status}.")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            answer.close()
            raise FetchFailed("The data cannot be fetched: it comes packed, unasked.")
        return answer

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise what goes wrong on the way as FetchFailed."""
        try:
            with self.client.translated():
                yield
        except StoreUnavailable as error:
            if self.deadline.over:
                raise FetchFailed(_TOO_LONG) from error
            raise FetchFailed(str(error)) from error


_TOO_LONG: Final = "The data cannot be fetched: it took longer than is allowed."


class HttpAnswer:
    """The body of an answer, gone on with where it broke off if the server helps."""

    def __init__(self, request: _Request, answer: "BaseHTTPResponse", resumes: int) -> None:
        self._request = request
        self._answer = answer
        self._resumes = resumes
        length = answer.headers.get("Content-Length", "")
        self._size = int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None
        tag = answer.headers.get("ETag", "")
        # A weak tag may stay when bytes change.
        self._tag = tag if re.fullmatch(r'"[^"]*"', tag) else None
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
        while True:
            try:
                return self._next(size)
            except FetchFailed as failure:
                self._go_on(failure)

    def _next(self, size: int) -> bytes:
        if self._request.deadline.over:
            raise FetchFailed(_TOO_LONG)
        try:
            with self._request.client.translated():
                # What has come is enough: a server may send little at a time.
                piece = self._answer.read1(size)
        except StoreUnavailable as error:
            raise self._failure() from error
        self._done += len(piece)
        if not piece and (self._request.deadline.over or self._size not in (None, self._done)):
            raise self._failure()
        return piece

    def _failure(self) -> FetchFailed:
        if self._request.deadline.over:
            return FetchFailed(_TOO_LONG)
        total = f" of {self._size}" if self._size is not None else ""
        return FetchFailed(
            f"The data cannot be fetched: it broke off after {self._done}{total} bytes."
        )

    def _go_on(self, failure: FetchFailed) -> None:
        """Ask for the rest.

        Raises:
            FetchFailed: it cannot be had, or not for sure of the same data.
        """
        self._answer.close()
        over = self._request.deadline.over
        if over or self._resumes <= 0 or self._tag is None or self._size is None:
            raise failure
        self._resumes -= 1
        headers = {"Range": f"bytes={self._done}-", "If-Range": self._tag}
        answer = self._request.send(headers, 206)
        part = _PART.fullmatch(answer.headers.get("Content-Range", ""))
        same = answer.headers.get("ETag") == self._tag
        if not same or part is None or (int(part[1]), int(part[2])) != (self._done, self._size):
            answer.close()
            raise failure
        self._answer = answer

    def close(self) -> None:
        """Hang up; twice is as good as once."""
        self._request.deadline.lift()
        self._answer.close()
