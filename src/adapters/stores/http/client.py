"""Requests to servers that callers named: only where the rules lead, and never for ever."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from tintype.adapters.stores.http.addresses import Address
from tintype.adapters.stores.http.deadline import Deadline
from tintype.adapters.stores.http.options import HttpSettings
from tintype.domain.errors import RedirectedTooOften, StoreUnavailable, WebServerFailed
from tintype.domain.uri_filter import PORTS, PinnedUrl, UriFilter

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS: Final = 5
MAX_ADDRESSES: Final = 4

_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "tintype", "Connection": "close"}


class HttpClient:
    """Sends requests, each over a connection of its own; safe between threads.

    Every hop is judged by the filter, and the connection goes to an address that it gave.
    """

    def __init__(
        self,
        settings: HttpSettings,
        uri_filter: UriFilter,
        subject: str | None = None,
        redirects: int = MAX_REDIRECTS,
    ) -> None:
        self._settings = settings
        self._redirects = redirects
        self._subject = subject or f"Data of store {settings.store}"
        self._filter = uri_filter

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """Whom we believe.

        Raises:
            OSError: the file of certificates cannot be read, or has none.
        """
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        if self._settings.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def send(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> "BaseHTTPResponse":
        """Return the answer that the last redirection leads to; it is the caller's to close.

        Credentials of the address, and headers among `secrets`, are sent to its origin alone.

        Raises:
            UriRefused: a hop leads where we may not go.
            WebServerFailed, RedirectedTooOften: nobody answers, or not in an end.
        """
        origin = None
        for _ in range(self._redirects + 1):
            pinned = self._filter.check(address.url)
            origin = origin or _origin(pinned)
            extra = dict(headers)
            if _origin(pinned) == origin:
                extra |= secrets or {}
                if address.authorization:
                    extra["Authorization"] = address.authorization
            answer = self._hop(method, pinned, address, extra, deadline)
            if answer.status not in REDIRECTS:
                return answer
            answer.close()
            address = self._next(address, answer.headers.get("Location"))
        raise RedirectedTooOften(self._subject, self._redirects)

    def _next(self, address: Address, location: str | None) -> Address:
        if not location:
            raise self._unavailable("is redirected to nowhere")
        try:
            url = urljoin(address.url, location)
        except ValueError:
            raise self._unavailable("is redirected to what is no URL") from None
        there = Address.of(url, self._settings.store)
        # Whoever redirects may not choose the credentials; ours are sent to their origin only.
        return Address(there.url, there.target, address.authorization)

    def _hop(
        self,
        method: str,
        pinned: PinnedUrl,
        address: Address,
        extra: Mapping[str, str],
        deadline: Deadline | None,
    ) -> "BaseHTTPResponse":
        headers = {**_HEADERS, "Host": _authority(pinned), **extra}
        proxy = self._settings.proxies.get(pinned.scheme)
        if proxy is not None:
            return self._by_proxy(proxy, method, address, headers)
        failure: StoreUnavailable | None = None
        for place in pinned.addresses[:MAX_ADDRESSES]:
            try:
                pool = self._pool(place, pinned, deadline)
                with self.translated():
                    return pool.urlopen(method, address.target, headers=headers, **self._manner)
            except StoreUnavailable as error:
                failure = failure or error
        assert failure is not None  # the filter gives an address at the least
        raise failure

    def _pool(
        self, place: str, pinned: PinnedUrl, deadline: Deadline | None
    ) -> "HTTPConnectionPool":
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

        from tintype.adapters.stores.http.watched import watched_by

        pool: HTTPConnectionPool
        if pinned.scheme == "https":
            pool = HTTPSConnectionPool(
                place, pinned.port, ssl_context=self.trust, server_hostname=pinned.host
            )
        else:
            pool = HTTPConnectionPool(place, pinned.port)
        if deadline is not None:
            pool.ConnectionCls = watched_by(deadline, pool.ConnectionCls)
        return pool

    def _by_proxy(
        self, proxy: str, method: str, address: Address, headers: Mapping[str, str]
    ) -> "BaseHTTPResponse":
        from urllib3 import ProxyManager

        with self.translated():
            manager = ProxyManager(proxy, ssl_context=self.trust)
            return manager.urlopen(method, address.url, headers=headers, **self._manner)

    @cached_property
    def _manner(self) -> dict[str, Any]:
        from urllib3 import Timeout

        settings = self._settings
        return {
            "timeout": Timeout(connect=settings.connect_timeout_s, read=settings.read_timeout_s),
            "retries": False,
            "redirect": False,
            "assert_same_host": False,
            "preload_content": False,
            "decode_content": False,
        }

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise what goes wrong on the way as WebServerFailed; URLs stay out of its sentence."""
        from urllib3.exceptions import HTTPError

        try:
            yield
        except (HTTPError, OSError) as error:
            raise self._unavailable(f"cannot be fetched ({type(error).__name__})") from error

    def _unavailable(self, problem: str) -> WebServerFailed:
        return WebServerFailed(f"{self._subject} {problem}.")


def _origin(pinned: PinnedUrl) -> tuple[str, str, int]:
    return pinned.scheme, pinned.host, pinned.port


def _authority(pinned: PinnedUrl) -> str:
    host = f"[{pinned.host}]" if ":" in pinned.host else pinned.host
    return host if pinned.port == PORTS[pinned.scheme] else f"{host}:{pinned.port}"
