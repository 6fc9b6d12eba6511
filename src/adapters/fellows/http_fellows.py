"""Other workers, over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
    TimeoutError,
)

from tintype.adapters.fellows.deadline import Deadline
from tintype.domain.caller import Caller
from tintype.domain.errors import WorkerGarbled, WorkerSilent
from tintype.domain.ports.fellow_workers import PASSED_ON, PassedOn

TIMEOUT_S: Final = 60
MAX_ANSWER: Final = 1 << 20
"""Bytes of the longest answer that is handed back; those of the API stay far below it."""


class HttpFellows:
    """Sends each request over a connection of its own; follows no redirection, uses no proxy.

    `timeout_s` is what one call may take from its beginning to the last byte of its answer.

    Source: spec contract, between workers.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s

    def import_image(
        self,
        host: str,
        caller: Caller,
        image_id: str,
        body: bytes,
        store: str | None = None,
    ) -> PassedOn:
        """Ask for an import; `body` is sent as it is, `store` is that of the header.

        Raises:
            WorkerSilent, WorkerGarbled: there is no answer that could be handed back.
        """
        headers = {"Content-Type": "application/json"}
        if store is not None:
            headers["X-Image-Meta-Store"] = store
        url = f"{host.rstrip('/')}/v2/images/{image_id}/import"
        return self._send(host, "POST", url, caller, headers, body)

    def delete_image(self, host: str, caller: Caller, image_id: str) -> PassedOn:
        """Ask for a deletion.

        Raises:
            WorkerSilent, WorkerGarbled: there is no answer that could be handed back.
        """
        return self._send(host, "DELETE", f"{host.rstrip('/')}/v2/images/{image_id}", caller, {})

    def _send(
        self,
        host: str,
        method: str,
        url: str,
        caller: Caller,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> PassedOn:
        sent = {"User-Agent": "tintype", "Connection": "close", PASSED_ON: "1", **headers}
        if caller.auth_token:
            sent["X-Auth-Token"] = caller.auth_token
        with (
            Deadline(self._timeout_s) as deadline,
            _translated(host, deadline),
            urllib3.PoolManager(retries=False) as pools,
        ):
            pool = pools.connection_from_url(url)
            pool.ConnectionCls = deadline.watched(pool.ConnectionCls)
            answer = pools.request(
                method,
                url,
                body=body,
                headers=sent,
                timeout=urllib3.Timeout(total=self._timeout_s),
                redirect=False,
                preload_content=False,
            )
            data = answer.read(MAX_ANSWER + 1)
        if len(data) > MAX_ANSWER or answer.status < 200:
            raise WorkerGarbled(host)
        return PassedOn(
            answer.status,
            answer.reason or "",
            data,
            answer.headers.get("Content-Type"),
            answer.headers.get("X-Openstack-Request-Id"),
            answer.headers.get("OpenStack-image-import-task-id"),
        )


@contextmanager
def _translated(host: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except (HTTPError, LocationParseError, ValueError) as error:
        kind = WorkerSilent if deadline.over or _is_silence(error) else WorkerGarbled
        raise kind(host) from error
    if deadline.over:
        # A body of unknown length looks whole where it was cut.
        raise WorkerSilent(host)


def _is_silence(error: Exception) -> bool:
    if isinstance(error, ProtocolError):
        # The server hung up without a word, or in the middle of one.
        return bool(error.args) and isinstance(error.args[-1], ConnectionError)
    return isinstance(error, NewConnectionError | TimeoutError)
