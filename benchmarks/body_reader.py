"""What it costs to take image data off the wire: our `DirectBody` beside gunicorn's reader.

Run it by `python -m benchmarks.body_reader`. Data comes from another process over a TCP
connection; only the reading thread's processor time counts.
"""

import multiprocessing
import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.config import Config
from gunicorn.http import get_parser
from rich.console import Console
from rich.table import Table

from benchmarks.client import CHUNK, MIB, NOISE
from tintype.application.data_path import PIECE
from tintype.entrypoints.http.body import RequestBody
from tintype.entrypoints.http.worker import direct

SIZE_MIB = 512
FRAMINGS = {
    "length known": f"Content-Length: {SIZE_MIB * MIB}",
    "chunked": "Transfer-Encoding: chunked",
}


def _send(port: int, framing: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(f"PUT / HTTP/1.1\r\nHost: x\r\n{FRAMINGS[framing]}\r\n\r\n".encode())
        if framing == "chunked":
            chunks = [NOISE[at : at + CHUNK] for at in range(0, MIB, CHUNK)]
            piece = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        else:
            piece = NOISE
        for _ in range(SIZE_MIB):
            sender.sendall(piece)
        if framing == "chunked":
            sender.sendall(b"0\r\n\r\n")


def _ours(request: Any, parser: Any) -> Any:
    return direct(request.body, parser.unreader)


def _theirs(request: Any, parser: Any) -> Any:
    return request.body


READERS: dict[str, Callable[[Any, Any], Any]] = {"DirectBody": _ours, "gunicorn's": _theirs}


def mib_per_cpu_s(framing: str, reader: str) -> float:
    """Read one body as an upload does, in pieces; return MiB a second of processor time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = (server.getsockname()[1], framing)
        sender = multiprocessing.get_context("spawn").Process(target=_send, args=arguments)
        sender.start()
        connection, address = server.accept()
        with connection:
            parser = get_parser(Config(), connection, address)
            body = READERS[reader](next(parser), parser)
            length = SIZE_MIB * MIB if framing == "length known" else None
            used = _read(RequestBody(body, length))
        sender.join()
    return SIZE_MIB / used


def _read(body: RequestBody) -> float:
    buffer = memoryview(bytearray(PIECE))
    total, began = 0, time.thread_time()
    while count := body.readinto(buffer):
        total += count
    used = time.thread_time() - began
    assert total == SIZE_MIB * MIB, "not all of the body was read"
    return used


def main() -> None:
    """Print a table."""
    table = Table("body")
    for reader in READERS:
        table.add_column(f"{reader}, MiB per CPU second", justify="right")
    table.add_column("ratio", justify="right")
    for framing in FRAMINGS:
        ours, theirs = (mib_per_cpu_s(framing, reader) for reader in READERS)
        table.add_row(framing, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
