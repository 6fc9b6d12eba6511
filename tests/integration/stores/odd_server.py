"""A web server that answers as it is told, for what no decent one does."""

import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

Raw = bytes
"""An answer as it goes over the wire."""


def an_answer(status: int, *headers: str, body: bytes = b"") -> Raw:
    """Write an answer; its length is not announced unless a header does so."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} Odd", *headers, ""))
    return head.encode() + body


def a_redirect(status: int, to: str) -> Raw:
    """Write an answer that sends the client elsewhere."""
    return an_answer(status, f"Location: {to}", "Content-Length: 0")


class Dripping(bytes):
    """An answer of which a byte comes now and then."""


@dataclass
class OddServer:
    """Answers by method and path, else with 404; `heard` has what was asked, headers and all."""

    port: int
    answers: dict[str, "Raw | Callable[[str], Raw]"] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    def url(self, path: str, host: str = "127.0.0.1", credentials: str = "") -> str:
        return f"http://{credentials}{host}:{self.port}{path}"

    def answer(self, request: str) -> Raw:
        self.heard.append(request)
        found = self.answers.get(request.split(" HTTP/")[0], an_answer(404, "Content-Length: 0"))
        return found if isinstance(found, bytes) else found(request)


@contextmanager
def odd_server(host: str = "127.0.0.1") -> Iterator[OddServer]:
    """Serve on a free port; an answer of no bytes is silence until the end of the test."""

    def drops(answer: bytes) -> Iterator[bytes]:
        for place in range(len(answer)):
            yield answer[place : place + 1]
            if odd.stop.wait(0.05):
                return

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                piece = self.request.recv(4096)
                if not piece:
                    return
                request += piece
            answer = odd.answer(request.decode())
            for piece in drops(answer) if isinstance(answer, Dripping) else [answer]:
                with suppress(OSError):
                    self.request.sendall(piece)
            if not answer:
                odd.stop.wait()

    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer((host, 0), Handler) as server:
        odd = OddServer(server.server_address[1])
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield odd
        finally:
            odd.stop.set()
            server.shutdown()
