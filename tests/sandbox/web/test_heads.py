"""The time limit for the head of a request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import LoopClock
    from tests.sandbox.conftest import Peer

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def dial(peer: Peer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection."""
    host, _, port = peer.service.sms_base_url.removeprefix("http://").rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def read_page(reader: asyncio.StreamReader) -> None:
    """Read one response."""
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    assert await reader.readuntil(b"</html>\n")


async def turn() -> None:
    """Let the sandbox accept a connection, and read what was sent."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b""),
        (b"", b"G"),
        (b"GET / HTTP/1.1\r\n", b"Host: 127.0.0.1\r\n"),
        (REQUEST, b""),
        (REQUEST, b"G"),
        (REQUEST + b"GET / HTTP/1.1\r\nHost: ", b"127."),
    ],
)
async def test_a_head_that_does_not_end(
    newcomer: Peer, loop_clock: LoopClock, first: bytes, then: bytes
) -> None:
    """A connection whose first or later head does not end is closed after half a minute, and not before."""
    reader, writer = await dial(newcomer)
    writer.write(first)
    if REQUEST in first:
        await read_page(reader)
    reading = asyncio.create_task(reader.read())
    await turn()
    loop_clock.advance(25)  # the clock runs on: a slow machine may need seconds for the steps before
    writer.write(then)
    await turn()
    assert not reading.done()
    loop_clock.advance(6)
    assert await reading == b""
    writer.close()
    await writer.wait_closed()


async def test_a_head_that_ends(newcomer: Peer, loop_clock: LoopClock) -> None:
    """The time limit ends with the head: a request that came in time gets its response later."""
    reader, writer = await dial(newcomer)
    for _ in range(3):
        writer.write(REQUEST[:20])
        await turn()
        loop_clock.advance(20)
        await turn()
        writer.write(REQUEST[20:])
        await read_page(reader)
    writer.close()
    await writer.wait_closed()
