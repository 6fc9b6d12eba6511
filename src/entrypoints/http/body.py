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

    @classmethod
    def of(cls, req: Request) -> "RequestBody":
        """Return the body of a request.

        Without a length and a transfer coding there is none (RFC 9112 §6.3).
        """
        length = req.content_length
        if length is None and not req.get_header("Transfer-Encoding"):
            length = 0
        return cls(req.env["wsgi.input"], length)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer as far as the stream gives bytes at once; 0 at the end.

        Raises:
            BrokenSource: the client left before the announced end.
        """
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
