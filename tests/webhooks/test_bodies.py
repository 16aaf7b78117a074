"""Bodies of a limited size, in a limited time."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from etelecom_async.webhooks.bodies import BodyTooLargeError, BodyTooSlowError, Collector, receive


def pieces_of(*pieces: bytes) -> asyncio.Queue[bytes | None]:
    """Return a queue with these pieces and the end."""
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
    for piece in (*pieces, None):
        waiting.put_nowait(piece)
    return waiting


async def test_whole_body() -> None:
    """The pieces are joined; an empty piece is not the end. The limit itself is allowed."""
    assert await receive(pieces_of(b"ab", b"", b"c").get, max_bytes=3, seconds=60) == b"abc"
    assert await receive(pieces_of().get, max_bytes=1, seconds=60) == b""


async def test_too_large() -> None:
    """One byte more is refused, and the rest is not read."""
    pieces = pieces_of(b"ab", b"cd", b"ef")
    with pytest.raises(BodyTooLargeError):
        await receive(pieces.get, max_bytes=3, seconds=60)
    assert pieces.qsize() == 2


async def test_too_slow() -> None:
    """A body that does not end in time is refused."""
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
    with pytest.raises(BodyTooSlowError):
        await receive(waiting.get, max_bytes=3, seconds=0)


async def test_another_timeout() -> None:
    """A timeout of the server itself is not taken for a slow body."""

    async def fails() -> bytes | None:
        raise TimeoutError("of the server")

    with pytest.raises(TimeoutError, match="of the server"):
        await receive(fails, max_bytes=3, seconds=60)


def test_memory_of_small_pieces() -> None:
    """A body in pieces of one byte takes little more memory than the body."""
    collector = Collector(100_000)
    tracemalloc.start()
    try:
        for number in range(100_000):
            collector.add(bytes((number % 256,)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 400_000
    assert len(collector.body()) == 100_000
