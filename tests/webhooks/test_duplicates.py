"""Hashes of accepted deliveries."""

from __future__ import annotations

from datetime import timedelta

from etelecom_async.webhooks import SeenInMemory
from etelecom_async.webhooks.duplicates import digest_of

HOUR = 3600.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        return self.at


def test_digest() -> None:
    """The hash depends on each byte of the body."""
    assert digest_of(b"{}") != digest_of(b"{} ")
    assert len(digest_of(b"")) == 64


async def test_once() -> None:
    """A hash is new once."""
    seen = SeenInMemory()
    assert [await seen.add(digest_of(body)) for body in (b"a", b"b", b"a", b"b")] == [
        True,
        True,
        False,
        False,
    ]
    assert len(seen) == 2


async def test_time() -> None:
    """By default a hash is kept for 25 hours after it was new, however often it comes."""
    clock = Clock()
    seen = SeenInMemory(now=clock.now)
    for at, expected in ((0, True), (24, False), (24.9, False), (25, True), (49, False)):
        clock.at = at * HOUR
        assert await seen.add(digest_of(b"a")) is expected
    clock.at += 26 * HOUR
    assert await seen.add(digest_of(b"b"))
    assert len(seen) == 1


async def test_memory() -> None:
    """The number of hashes is bounded; the oldest is forgotten first."""
    seen = SeenInMemory(most=2, keep=timedelta(days=1))
    for body in (b"a", b"b", b"c"):
        assert await seen.add(digest_of(body))
    assert len(seen) == 2
    assert not await seen.add(digest_of(b"b"))
    assert await seen.add(digest_of(b"a"))
