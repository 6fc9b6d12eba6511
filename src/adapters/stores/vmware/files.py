"""The files of datastores as the server gives and takes them over https."""

import http.client
from typing import Any, Final

from tintype.adapters.stores.vmware.addresses import Address
from tintype.adapters.stores.vmware.faults import Refused
from tintype.adapters.stores.vmware.inventory import Inventory
from tintype.adapters.stores.vmware.options import VmwareSettings

DONE: Final = frozenset({200, 201})


class Files:
    """The server's folder of files; safe between threads, each transfer on its own connection.

    Methods raise Refused, and what http.client does.
    """

    def __init__(self, settings: VmwareSettings, inventory: Inventory) -> None:
        self._settings = settings
        self._inventory = inventory

    def _connect(self) -> http.client.HTTPSConnection:
        own = self._settings
        return http.client.HTTPSConnection(
            own.host, own.port, timeout=own.request_timeout_s, context=self._inventory.trust
        )

    def _ask(
        self, verb: str, address: Address, headers: dict[str, str]
    ) -> tuple[http.client.HTTPSConnection, http.client.HTTPResponse]:
        """Return connection and answer; in a new session if the server has ended this one."""
        for left in range(self._settings.retries, -1, -1):
            session = self._inventory.session()
            connection = self._connect()
            try:
                cookie = {"Cookie": self._inventory.cookie()}
                connection.request(verb, address.target, headers=headers | cookie)
                answer = connection.getresponse()
            except BaseException:
                connection.close()
                raise
            if answer.status != 401 or not left:
                return connection, answer
            connection.close()
            self._inventory.forget(session)
        raise AssertionError("the last attempt returns or raises")

    def size(self, address: Address) -> int | None:
        """Return the size of a file in bytes, None if there is none."""
        connection, answer = self._ask("HEAD", address, {})
        connection.close()
        if answer.status == 404:
            return None
        if answer.status != 200 or answer.getheader("Content-Length") is None:
            raise Refused(answer.status)
        return int(str(answer.getheader("Content-Length")))

    def get(self, address: Address, offset: int) -> tuple[Any, http.client.HTTPResponse] | None:
        """Return a connection and the answer with a file from a byte on, None if there is none.

        Servers may give all of it, with status 200, whatever is asked.
        """
        part = {"Range": f"bytes={offset}-"} if offset else {}
        connection, answer = self._ask("GET", address, part)
        if answer.status in (200, 206):
            return connection, answer
        connection.close()
        if answer.status == 404:
            return None
        raise Refused(answer.status)

    def put(self, address: Address, size: int | None) -> "Upload":
        """Begin to send a file."""
        return Upload(self._connect(), address, self._inventory.cookie(), size)


class Upload:
    """A file on its way to the server; in pieces of their own lengths if its is not known."""

    def __init__(
        self,
        connection: http.client.HTTPSConnection,
        address: Address,
        cookie: str,
        size: int | None,
    ) -> None:
        self._connection = connection
        self._chunked = size is None
        connection.putrequest("PUT", address.target)
        connection.putheader("Cookie", cookie)
        connection.putheader("Content-Type", "application/octet-stream")
        if size is None:
            connection.putheader("Transfer-Encoding", "chunked")
        else:
            connection.putheader("Content-Length", str(size))
        connection.endheaders()

    def send(self, piece: memoryview) -> None:
        """Send the next bytes."""
        if self._chunked and piece:
            self._connection.send(b"%x\r\n" % len(piece))
        self._connection.send(piece)
        if self._chunked and piece:
            self._connection.send(b"\r\n")

    def finish(self) -> None:
        """Send the end, and wait until the server has all of it."""
        if self._chunked:
            self._connection.send(b"0\r\n\r\n")
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in DONE:
            raise Refused(answer.status)

    def close(self) -> None:
        """Hang up; twice is as good as once."""
        self._connection.close()
