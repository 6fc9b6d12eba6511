"""A line in the log for each request, once all of its answer is gone (operations §4)."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from tintype.entrypoints.http.middleware import log_context

ACCESS: Final = "tintype.access"
LOG = logging.getLogger(ACCESS)
FORM: Final = "%s %s answered %s to %s: %s bytes in %.3f s"
FILE_WRAPPER: Final = "wsgi.file_wrapper"


class RequestLines:
    """Stands around everything else: what the application never hears of leaves a line too.

    A query string is left out, as nobody knows what clients put there.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Pass a request on; lines about it say nothing of the thread's last one."""
        log_context.forget()
        if not LOG.isEnabledFor(logging.INFO):
            return self._app(environ, start)
        line = _Line(environ, start)
        wrapper = environ.get(FILE_WRAPPER)
        if wrapper is None:
            return line.follow(self._app(environ, line.start))
        environ[FILE_WRAPPER] = line.wrap
        try:
            answer = self._app(environ, line.start)
        finally:
            # Servers compare an answer with it.
            environ[FILE_WRAPPER] = wrapper
        return line.follow(answer)


class _Line:
    """What the line of a request will say."""

    def __init__(self, environ: WSGIEnvironment, start: StartResponse) -> None:
        self._begun = time.perf_counter()
        self._environ = environ
        self._start = start
        self._wrapper: Callable[..., Any] | None = environ.get(FILE_WRAPPER)
        self._file: Any = None
        self._status = "-"
        self._context: Any = None
        self.sent = 0
        self.counted = True

    def start(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        """Begin the answer."""
        self._status = status
        return self._start(status, headers, *exc_info)

    def wrap(self, file: Any, *size: int) -> Any:
        """Have the server send a file in its own way, which is counted."""
        assert self._wrapper is not None
        self._file = self._wrapper(_CountedFile(file, self), *size)
        return self._file

    def follow(self, answer: Iterable[bytes]) -> Iterable[bytes]:
        """Return what gives the answer, and writes the line at its end."""
        self._context = log_context.current()
        if isinstance(answer, list):
            self.sent = sum(map(len, answer))
            self.write()
            return answer
        return answer if answer is self._file else _Pieces(answer, self)

    def write(self) -> None:
        """Write the line."""
        environ = self._environ
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if not (path.isascii() and path.isprintable()):
            path = quote(path, encoding="latin-1")  # a line break would make lines of its own
        said = (
            environ["REQUEST_METHOD"],
            path,
            self._status[:3],
            environ.get("REMOTE_ADDR", "-"),
            self.sent if self.counted else "some",
            time.perf_counter() - self._begun,
        )
        LOG.info(FORM, *said, extra={"context": self._context})


class _Pieces:
    """An answer that is counted while the server takes it."""

    def __init__(self, answer: Iterable[bytes], line: _Line) -> None:
        self._answer = answer
        self._rest = iter(answer)
        self._line = line

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._rest)
        self._line.sent += len(piece)
        return piece

    def close(self) -> None:
        """Let go of the answer, also when the client has left."""
        try:
            if hasattr(self._answer, "close"):
                self._answer.close()
        finally:
            self._line.write()


class _CountedFile:
    """A file that is counted while the server reads it."""

    def __init__(self, file: Any, line: _Line) -> None:
        self._file = file
        self._line = line
        self._by_kernel = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end."""
        piece: bytes = self._file.read(size)
        self._line.sent += len(piece)
        return piece

    def fileno(self) -> int:
        """Return the descriptor, from which the kernel may send without anything being read."""
        self._by_kernel = True
        number: int = self._file.fileno()
        return number

    def close(self) -> None:
        """Close the file, also when the client has left."""
        if self._by_kernel and not self._line.sent:
            self._line.sent = getattr(self._file, "size", 0)
            # Of what a client left behind, nobody knows how much had gone out.
            self._line.counted = sys.exc_info()[0] is None
        try:
            self._file.close()
        finally:
            self._line.write()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
