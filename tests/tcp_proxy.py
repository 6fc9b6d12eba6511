"""A wire between a client and a server that can be cut, or fall silent."""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

ENOUGH = 1 << 60


class TcpProxy:
    """Passes bytes on both ways; `budget` bytes more from each side, then all is cut.

    `silent` keeps what comes, and answers nothing. After the first cut `cut_once` lets all pass.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self.budget = {"up": ENOUGH, "down": ENOUGH}
        self.silent = False
        self.cut_once = False
        self.url = ""

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Join a connection with one to the server."""
        server, there = await asyncio.open_connection(self._target.hostname, self._target.port)
        try:
            await asyncio.wait(
                {
                    asyncio.ensure_future(self._pass_on(client, there, "up")),
                    asyncio.ensure_future(self._pass_on(server, back, "down")),
                },
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for side in (there, back):
                side.transport.abort()

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(64 << 10):
                if self.silent:
                    continue
                if len(data) > self.budget[way]:
                    if self.cut_once:
                        self.budget[way] = ENOUGH
                    return
                self.budget[way] -= len(data)
                sink.write(data)
                await sink.drain()


@contextmanager
def tcp_proxy(target: str) -> Iterator[TcpProxy]:
    """Put a wire before the server at a URL, for the time of a block."""
    proxy = TcpProxy(target)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1"))
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_ended(asyncio.all_tasks(loop)))
        loop.close()


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
