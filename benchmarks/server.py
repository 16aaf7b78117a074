"""
Serve prepared responses to the benchmarks, in a separate process that does nothing else.

The path selects the response. Each path under `/plain/` and `/quirks/` has one response.
`/walk/PAGES/MILLISECONDS/...` is a list with that many pages. The server delays each page by that time.
`/spread/PAGES/MILLISECONDS/...` is one whose pages are spread over a year, and filtered by time.
`/late/MILLISECONDS/...` has the responses of `/plain/...`, each delayed by that time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from benchmarks.recordings import CALL_LOGS, pages, record, response, spread_pages

_NOT_FOUND = response(b"{}").replace(b"200 OK", b"404 Not Found", 1)


@contextmanager
def serving() -> Generator[str]:
    """Run the server in another process, and give its URL. The server ends with this process."""
    with subprocess.Popen(
        (sys.executable, "-m", "benchmarks.server"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server's standard input and output are not pipes")
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise RuntimeError("the server did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


class Responding(asyncio.Protocol):
    """
    Respond to the requests of one connection.

    Args:
        prepared: The prepared responses, by path.
        lists: Return the pages of lists, by the first part of the path.
    """

    _transport: asyncio.Transport

    def __init__(
        self, prepared: Mapping[str, bytes], lists: Mapping[str, Callable[[bytes, int], bytes]]
    ) -> None:
        self._prepared = prepared
        self._lists = lists
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport of the new connection."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the transport cannot write bytes")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond when a request is complete. Clients send no other request before the response."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        self._received = b""
        path = head.split(b" ", 2)[1].decode()
        latency = 0
        pages = self._lists.get(path.split("/", 2)[1])
        if pages is not None and path.endswith(CALL_LOGS):
            _, _, count, milliseconds, *_ = path.split("/")
            message, latency = pages(body, int(count)), int(milliseconds)
        elif path.startswith("/late/"):
            _, _, milliseconds, rest = path.split("/", 3)
            message, latency = self._prepared.get(f"/plain/{rest}", _NOT_FOUND), int(milliseconds)
        else:
            message = self._prepared.get(path, _NOT_FOUND)
        if latency:
            asyncio.get_running_loop().call_later(latency / 1000, self._transport.write, message)
        else:
            self._transport.write(message)


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0] or 0)


async def serve() -> None:
    """Serve until the standard input ends."""
    prepared = await record()
    page = prepared[f"/plain{CALL_LOGS}"]
    lists = {"walk": pages(page), "spread": spread_pages(page)}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Responding(prepared, lists), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
