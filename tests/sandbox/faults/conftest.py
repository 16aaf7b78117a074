"""A caller that reads each byte of a response, and notices how the connection ends."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from etelecom_async.sandbox import Sandbox
    from tests.sandbox.conftest import Peer


@attrs.frozen
class Heard:
    """The bytes that a caller received until the connection ended."""

    data: bytes
    end: str
    """`closed` or `reset`."""

    @property
    def head(self) -> bytes:
        """Returns the bytes before the body."""
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """Returns the bytes after the head."""
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def announced(self) -> int:
        """Returns the number in Content-Length."""
        (line,) = [line for line in self.head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        return int(line.partition(b":")[2])


class Line:
    """A connection to a sandbox."""

    def __init__(self, service: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._service = service
        self.reader = reader
        self.writer = writer

    def ask(self, method: str, *, more_headers: str = "Connection: close\r\n", **body: Any) -> None:
        """Sends a request with the partner's key for the shop; the server then closes the connection."""
        content = json.dumps(body).encode()
        self.writer.write(self.head(method, len(content), more_headers) + content)

    def head(self, method: str, length: int, more_headers: str = "") -> bytes:
        """Returns the head of a request."""
        return (
            f"POST /v1/partner.{method} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._service.shop_key}\r\n"
            f"Content-Length: {length}\r\n{more_headers}\r\n"
        ).encode()

    async def hear(self) -> Heard:
        """Reads until the connection ends."""
        data = b""
        async with asyncio.timeout(PATIENCE):
            try:
                while piece := await self.reader.read(65536):
                    data += piece
            except ConnectionResetError:
                return Heard(data, "reset")
        return Heard(data, "closed")


@pytest.fixture
async def dial(peer: Peer) -> AsyncIterator[Callable[..., Any]]:
    """Opens a connection to the peer's sandbox, or to another one."""
    lines: list[Line] = []

    async def dial(service: Sandbox = peer.service) -> Line:
        port = int(service.sms_base_url.rpartition(":")[2])
        lines.append(Line(service, *await asyncio.open_connection("127.0.0.1", port)))
        return lines[-1]

    yield dial
    for line in lines:
        line.writer.transport.abort()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Runs the event loop until a condition is true."""

    async def until(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():  # noqa: ASYNC110 - the sandbox runs on this loop and sets no event
                await asyncio.sleep(0)

    return until
