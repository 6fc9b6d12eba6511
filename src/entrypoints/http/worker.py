"""A gunicorn worker that takes image data off the wire as cheaply as the server allows."""

import select
import signal
import socket
import struct
from abc import ABC, abstractmethod
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

from tintype.entrypoints.http.whole_answers import WholeAnswers

CHUNKED_READ = 1 << 16
"""Bytes per read of a chunked body: about what clients send in a chunk. The server's own 8 KiB
cost four times the system calls, much more than this copies each byte again and again."""

DISCARDED = 1 << 16
"""Bytes of an unread body up to which the server keeps a connection. Beyond them it hangs up,
which its answer must announce: a client would send its next request into nowhere."""

LINGER_MS = 5
"""How long a thread waits for the next request of a connection before it looks for other work."""

BODY_TIMEOUT_S = 900
"""How long a client may send nothing in the middle of a body; Glance's client_socket_timeout."""


class DirectBody(Body, ABC):
    """A body that goes from the socket straight into the buffer of whoever reads it.

    The server's own reader passes each kilobyte through three copies, and needs about as much
    processor time for a mebibyte as half of the hashing of it. The framing stays the server's:
    its readers know how much there is, and what they read ahead is used up first.
    """

    def __init__(self, reader: LengthReader | ChunkedReader, unreader: SocketUnreader) -> None:
        super().__init__(reader)
        self._unreader = unreader
        self._prepared = False

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer from its start, as far as is cheap; 0 at the end."""
        if not self._prepared:
            timeout = struct.pack("ll", BODY_TIMEOUT_S, 0)
            self._unreader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
            self._prepared = True
        return self._fill(buffer)

    @abstractmethod
    def _fill(self, buffer: memoryview) -> int:
        """Fill the buffer from its start; 0 at the end."""

    @property
    @abstractmethod
    def abandoned(self) -> bool:
        """Whether more may be left unread than the server discards to keep a connection."""


class KnownLengthBody(DirectBody):
    """A body whose length was announced."""

    def __init__(self, reader: LengthReader, unreader: SocketUnreader) -> None:
        super().__init__(reader, unreader)
        self._length = reader

    def _fill(self, buffer: memoryview) -> int:
        wanted = min(len(buffer), self._length.length)
        if wanted == 0:
            return 0
        ahead = self._unreader.take_buffered()
        if ahead:
            count = min(wanted, len(ahead))
            buffer[:count] = ahead[:count]
            self._unreader.unread(ahead[count:])
        else:
            # The kernel waits until the whole piece is there: one call a piece.
            sock: socket.socket = self._unreader.sock
            count = sock.recv_into(buffer[:wanted], wanted, socket.MSG_WAITALL)
        self._length.length -= count
        return count

    @property
    def abandoned(self) -> bool:
        """Whether more is left unread than the server discards to keep a connection."""
        return self._length.length >= DISCARDED

    @property
    def consumed(self) -> bool:
        """Whether nothing is left to read."""
        return self._length.length == 0


class ChunkedBody(DirectBody):
    """A body that comes in chunks, as the server's own parser takes them apart."""

    def __init__(self, reader: ChunkedReader, unreader: SocketUnreader) -> None:
        super().__init__(reader, unreader)
        self._chunks = reader
        self._rest = memoryview(b"")
        unreader.mxchunk = CHUNKED_READ

    def _fill(self, buffer: memoryview) -> int:
        if not self._rest:
            self._rest = memoryview(self._next_chunk())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    @property
    def abandoned(self) -> bool:
        """Whether the last chunk has not come yet; how much is left nobody knows."""
        return self._chunks.parser is not None

    def _next_chunk(self) -> bytes:
        if self._chunks.parser is None:
            return b""
        try:
            # The parser also gives empty pieces, where a read ended between a chunk's size and
            # its data: only its end is the end.
            piece = next(filter(None, self._chunks.parser), b"")
        except ParseException as error:
            raise OSError(f"malformed chunk: {error}") from error
        if not piece:
            self._chunks.parser = None
        return bytes(piece)


def direct(body: Body, unreader: SocketUnreader) -> Body:
    """Return the body so that it can be read directly, if it is of a kind that can."""
    if isinstance(body.reader, LengthReader):
        return KnownLengthBody(body.reader, unreader)
    if isinstance(body.reader, ChunkedReader):
        return ChunkedBody(body.reader, unreader)
    return body


class Worker(ThreadWorker):
    """gthread with `DirectBody`, which leaves Ctrl-C to the parent process."""

    def init_signals(self) -> None:
        """Set the handlers; a terminal sends its interrupt to all processes, and the parent
        then lets the workers finish what they are at."""
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle(self, conn: Any) -> Any:
        """Serve the next request of a connection, and those that come right behind it.

        The server itself hands a connection back to its main thread after each request, which
        waits for the socket. A request that was sent together with another has been read
        already: it would never be answered. And one that follows at once costs less here than
        two changes of thread.
        """
        kept = super().handle(conn)
        while kept is True and self.alive and self._has_more(conn):
            kept = super().handle(conn)
        return kept

    def _has_more(self, conn: Any) -> bool:
        if conn.parser.unreader.buf.getbuffer().nbytes:
            return True
        if self.nr_conns > self.cfg.threads:
            return False  # others wait for this thread
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(LINGER_MS))

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        # The server prepares the socket for discarding an unread body, in two system calls.
        body = conn.parser.mesg.body
        if keepalive and isinstance(body, KnownLengthBody) and body.consumed:
            return True
        kept: bool = super()._keepalive_after(conn, keepalive)  # type: ignore[misc]
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve one request."""
        unreader = conn.parser.unreader
        if not isinstance(unreader, SocketUnreader) or self.cfg.is_ssl:
            return super().handle_request(req, conn)
        req.body = body = direct(req.body, unreader)
        if isinstance(body, DirectBody):
            asked_to_close = req.should_close
            req.should_close = lambda: asked_to_close() or body.abandoned
        sock = conn.sock
        conn.sock = answers = WholeAnswers(sock)
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock = sock
            answers.flush()

    def murder_keepalived(self) -> None:
        """Close idle connections that are too old; when the service stops, all of them are."""
        if not self.alive:
            for conn in (*self.keepalived_conns, *self.pending_conns):
                conn.timeout = 0.0
        super().murder_keepalived()
