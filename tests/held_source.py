"""A web server that gives data out as far as a test lets it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 16


class HeldSource:
    """Holds each transfer at a byte, until `let_go`; later ones are not held."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.url = ""
        self._hold_at: int | None = None
        self._going_on = threading.Event()
        self.reached = threading.Event()
        self.left = threading.Event()

    def hold(self, at: int) -> None:
        """Hold the next transfers at that byte."""
        self._hold_at = at
        self.reached.clear()
        self.left.clear()
        self._going_on.clear()

    def let_go(self) -> None:
        """Let all transfers go on, and hold no more."""
        self._hold_at = None
        self._going_on.set()

    def send(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a GET."""
        place = 0
        with suppress(OSError):
            while place < len(self.data):
                if self._hold_at is not None and place >= self._hold_at:
                    self.reached.set()
                    if not self._going_on.wait(0.05):
                        # A drip, by which a client that has left is noticed.
                        handler.wfile.write(self.data[place : place + 1])
                        place += 1
                        continue
                end = min(place + PIECE, len(self.data))
                if self._hold_at is not None:
                    end = max(place + 1, min(end, self._hold_at))
                handler.wfile.write(self.data[place:end])
                place = end
            return
        self.left.set()


@contextmanager
def held_source(data: bytes, address: str = "127.0.0.1") -> Iterator[HeldSource]:
    """Run a server of that data, for the time of a block."""
    source = HeldSource(data)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            source.send(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((address, 0), Handler) as server:
        server.daemon_threads = True
        source.url = f"http://{address}:{server.server_address[1]}/disk"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield source
        finally:
            source.let_go()
            server.shutdown()
            thread.join()
