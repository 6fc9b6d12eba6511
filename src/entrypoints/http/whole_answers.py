"""A socket that sends the head of an answer and what follows it in one system call."""

import socket
from typing import Any


class WholeAnswers:
    """Stands in for the socket of a connection while one answer is written to it.

    The server sends the head of an answer by itself, and a short answer thus costs two packets
    and two changes of thread. The head is held here until the first of the body comes, or
    until anything else is done with the socket.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._head: bytes | None = None
        self._begun = False

    def sendall(self, data: bytes) -> None:
        """Send the data; the first of it waits for the second."""
        if not self._begun:
            self._begun = True
            self._head = data
        elif self._head is None:
            self._sock.sendall(data)
        else:
            head, self._head = self._head, None
            self._send_both(head, data)

    def _send_both(self, head: bytes, data: bytes) -> None:
        sent = self._sock.sendmsg([head, data])
        if sent < len(head):
            self._sock.sendall(head[sent:])
            sent = len(head)
        if sent < len(head) + len(data):
            self._sock.sendall(memoryview(data)[sent - len(head) :])

    def flush(self) -> None:
        """Send what is held."""
        if self._head is not None:
            head, self._head = self._head, None
            self._sock.sendall(head)

    def __getattr__(self, name: str) -> Any:
        """Hand the socket out for anything else, with nothing held."""
        self.flush()
        return getattr(self._sock, name)
