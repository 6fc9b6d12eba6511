"""Requests between workers, to servers that answer as told (contract, between workers)."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.builders import a_caller
from tintype.adapters.fellows.http_fellows import MAX_ANSWER, HttpFellows
from tintype.domain.errors import TintypeError, WorkerGarbled, WorkerSilent
from tintype.domain.ports.fellow_workers import PassedOn

CALLER = a_caller(auth_token="the token")
ID = "11111111-2222-3333-4444-555555555555"
HUNG_UP = b""


class Dripping(bytes):
    """An answer of which a byte comes now and then."""


class Peer:
    """A server for one connection: it reads a request, then sends `answer` as it is."""

    def __init__(self, listener: socket.socket, answer: bytes | None) -> None:
        self._listener = listener
        self._answer = answer
        self.done = threading.Event()
        self.request = b""
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while not self._is_whole():
                self.request += connection.recv(1 << 16)
            if self._answer is None:
                self.done.wait()
            elif isinstance(self._answer, Dripping):
                self._drip(connection, self._answer)
            else:
                connection.sendall(self._answer)

    def _drip(self, connection: socket.socket, answer: bytes) -> None:
        with suppress(OSError):
            for place in range(len(answer)):
                connection.sendall(answer[place : place + 1])
                if self.done.wait(0.02):
                    return

    def _is_whole(self) -> bool:
        head, end, body = self.request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return bool(end) and len(body) >= (int(length[1]) if length else 0)


@contextmanager
def peer(answer: bytes | None) -> Iterator[Peer]:
    """Run a server; None: it never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Peer(listener, answer)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        server.done.set()
        thread.join()


def asked(answer: bytes | None, timeout_s: float = 60) -> tuple[PassedOn, Peer]:
    with peer(answer) as server:
        return HttpFellows(timeout_s).delete_image(server.url, CALLER, ID), server


def test_an_answer_comes_back_as_it_was_given() -> None:
    given, server = asked(
        b"HTTP/1.1 409 Some Reason\r\nX-Openstack-Request-Id: req-there\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nbecause"
    )
    assert given == PassedOn(409, "Some Reason", b"because", "text/plain", "req-there")
    head = server.request.decode().lower()
    assert head.startswith(f"delete /v2/images/{ID} http/1.1")
    assert "x-auth-token: the token" in head
    assert "x-tintype-passed-on: 1" in head


def test_an_import_is_sent_with_its_body_and_store_below_the_path_of_the_host() -> None:
    body = b'{"method": {"name": "glance-direct"},  "stores": ["a"]}'
    with peer(b"HTTP/1.1 202 Accepted\r\nOpenStack-image-import-task-id: t\r\n\r\n") as server:
        given = HttpFellows().import_image(f"{server.url}/image/", CALLER, ID, body, "a")
    assert given == PassedOn(202, "Accepted", task_id="t")
    head, _, sent = server.request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST /image/v2/images/{ID}/import HTTP/1.1".encode())
    assert b"x-image-meta-store: a" in head.lower()
    assert sent == body


def test_a_redirection_is_handed_back_and_the_token_goes_nowhere() -> None:
    given, _ = asked(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
    assert (given.status, given.reason) == (302, "Found")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HUNG_UP, WorkerSilent),
        (b"SSH-2.0-OpenSSH_9.2\r\n", WorkerGarbled),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", WorkerGarbled),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * (MAX_ANSWER + 1),
            WorkerGarbled,
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", WorkerGarbled),
    ],
    ids=["hung up", "no HTTP", "short", "long", "malformed"],
)
def test_an_answer_that_makes_no_sense_is_told_from_none(
    answer: bytes, error: type[TintypeError]
) -> None:
    with pytest.raises(error, match="Stage host is unavailable"):
        asked(answer)


def test_a_worker_that_never_answers_is_silent() -> None:
    with pytest.raises(WorkerSilent):
        asked(None, timeout_s=0.05)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 409 Some Reason\r\nX-Long: " + b"x" * 200 + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"x" * 200,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200,
    ],
    ids=["the head", "the body", "a body of unknown length"],
)
def test_a_worker_is_waited_for_no_longer_however_often_it_sends_a_byte(answer: bytes) -> None:
    with pytest.raises(WorkerSilent):
        asked(Dripping(answer), timeout_s=1)


def refused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("host", "error"),
    [
        (refused, WorkerSilent),
        (lambda: "http://no-such-host.invalid", WorkerSilent),
        (lambda: "http://[::", WorkerGarbled),
        (lambda: "ftp://127.0.0.1", WorkerGarbled),
        (lambda: "not a url", WorkerGarbled),
    ],
    ids=["refused", "unknown", "malformed", "no http", "no url"],
)
def test_a_host_that_cannot_be_reached_is_told_of(
    host: Callable[[], str], error: type[TintypeError]
) -> None:
    with pytest.raises(error, match="Stage host is unavailable"):
        HttpFellows(5).delete_image(host(), CALLER, ID)
