"""Answers leave in one piece, and nothing of them is lost or sent twice."""

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tintype.entrypoints.http.whole_answers import WholeAnswers


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give the two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Ends = tuple[socket.socket, socket.socket]


def test_a_head_leaves_with_the_first_of_the_body(ends: Ends) -> None:
    ours, theirs = ends
    theirs.setblocking(False)
    answer = WholeAnswers(ours)

    answer.sendall(b"head")
    with pytest.raises(BlockingIOError):
        theirs.recv(99)
    answer.sendall(b"body")

    assert theirs.recv(99) == b"headbody"


def test_a_head_without_a_body_leaves_at_the_end(ends: Ends) -> None:
    ours, theirs = ends
    answer = WholeAnswers(ours)

    answer.sendall(b"head")
    answer.flush()
    answer.flush()

    assert theirs.recv(99) == b"head"


def test_a_head_leaves_before_anything_else_is_done(ends: Ends) -> None:
    ours, theirs = ends
    answer = WholeAnswers(ours)

    answer.sendall(b"head")
    answer.shutdown(socket.SHUT_WR)

    assert theirs.recv(99) == b"head"
    assert theirs.recv(99) == b""


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 1 << 20), min_size=1, max_size=4))
def test_every_byte_arrives_once_whatever_the_kernel_takes_at_a_time(sizes: list[int]) -> None:
    ours, theirs = socket.socketpair()
    pieces = [bytes([65 + at]) * size for at, size in enumerate(sizes)]
    received: list[bytes] = []

    def receive() -> None:
        while data := theirs.recv(1 << 16):
            received.append(data)

    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        reader = threading.Thread(target=receive)
        reader.start()
        answer = WholeAnswers(ours)
        for piece in pieces:
            answer.sendall(piece)
        answer.flush()
        ours.shutdown(socket.SHUT_WR)
        reader.join()

    assert b"".join(received) == b"".join(pieces)
