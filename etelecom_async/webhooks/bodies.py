"""Receive bodies of a limited size, in a limited time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

MAX_BYTES: Final = 1024 * 1024
"""Default maximum of bytes in a body."""
SECONDS: Final = 10.0
"""Default maximum of seconds for a whole body."""


class BodyTooLargeError(Exception):
    """The body has more bytes than the receiver accepts."""


class BodyTooSlowError(Exception):
    """The body does not end in time."""


class Collector:
    """
    Collects the pieces of a body.

    Args:
        max_bytes: Maximum number of bytes.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes: Final = max_bytes
        self._body: Final = bytearray()  # a list of pieces of one byte would be many times as large

    def add(self, piece: bytes) -> None:
        """
        Add a piece.

        Raises:
            BodyTooLargeError: The body is too large with this piece.
        """
        if len(self._body) + len(piece) > self._max_bytes:
            self._body.clear()
            raise BodyTooLargeError
        self._body.extend(piece)

    def body(self) -> bytes:
        """Return the body."""
        return bytes(self._body)


async def receive(
    next_piece: Callable[[], Awaitable[bytes | None]], *, max_bytes: int, seconds: float
) -> bytes:
    """
    Return a body.

    Args:
        next_piece: Waits for the next piece; `None` at the end.
        max_bytes: Maximum number of bytes.
        seconds: Maximum of seconds until its end.

    Raises:
        BodyTooLargeError: The body is too large.
        BodyTooSlowError: The body does not end in time.
    """
    collector = Collector(max_bytes)
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            while (piece := await next_piece()) is not None:
                collector.add(piece)
    except TimeoutError:
        if limit.expired():
            raise BodyTooSlowError from None
        raise
    return collector.body()
