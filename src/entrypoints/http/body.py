"""The body of a request as a source of bytes."""

from typing import Any

from falcon import Request

from tintype.domain.errors import BrokenSource


class RequestBody:
    """Reads a body of announced length, or one that ends where the server says so.

    Reads straight into the caller's buffer where the server's stream can (ours does).
    """

    def __init__(self, stream: Any, length: int | None) -> None:
        self._stream = stream
        self._left = length
        self._direct = hasattr(stream, "readinto")
        self._ahead = b""

    @classmethod
    def of(cls, req: Request) -> "RequestBody":
        """Return the body of a request, the same one each time.

        Without a length there is none (RFC 9112 §6.3), unless there is a transfer coding or the
        server says that it ends the stream where the body ends: HTTP/2 needs no header for that.

        Source: spec contract, building the application.
        """
        body: RequestBody | None = req.context.get("body")
        if body is None:
            length = req.content_length
            if length is None and not (
                req.get_header("Transfer-Encoding") or is_ended_by_server(req)
            ):
                length = 0
            body = req.context.body = cls(req.env["wsgi.input"], length)
        return body

    def is_empty(self) -> bool:
        """Wait for the first byte, which `readinto` gives all the same; tell if there is none.

        Raises:
            BrokenSource: the client left before the announced end.
        """
        if not self._ahead:
            first = bytearray(1)
            self._ahead = bytes(first[: self.readinto(memoryview(first))])
        return not self._ahead

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as the stream gives bytes at once; 0 at the end.

        Raises:
            BrokenSource: the client left before the announced end.
        """
        if self._ahead:
            buffer[:1], self._ahead = self._ahead, b""
            return 1
        if self._left == 0:
            return 0
        if self._left is not None:
            buffer = buffer[: self._left]
        count = self._read(buffer)
        if self._left is not None:
            if count == 0:
                raise BrokenSource()
            self._left -= count
        return count

    def _read(self, buffer: memoryview) -> int:
        try:
            if self._direct:
                return int(self._stream.readinto(buffer))
            data = self._stream.read(len(buffer))
        except OSError:
            raise BrokenSource() from None
        buffer[: len(data)] = data
        return len(data)


def is_ended_by_server(req: Request) -> bool:
    """Tell whether reading ends where the body does, although no header says where that is.

    gunicorn says so of every request, also of those that have no body.
    """
    return bool(req.env.get("wsgi.input_terminated")) and req.content_length is None
