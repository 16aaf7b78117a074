"""
Remember the deliveries that were accepted, by the hashes of their bodies.

The service posts an event again if it did not get the acknowledgement. Anybody who has seen a delivery can
post it again, too.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Final, Protocol

KEEP: Final = timedelta(hours=25)
"""The older platform of the same make waits up to 24 hours between two deliveries."""
MOST: Final = 50_000
"""Maximum number of hashes in memory, about 10 MB."""


def digest_of(body: bytes) -> str:
    """Return the hash of a body: SHA-256 in hexadecimal."""
    return sha256(body).hexdigest()


class SeenStore(Protocol):
    """
    Where a router keeps the hashes of accepted deliveries, for example a table of your database.

    Implement it if several processes receive, or if a restart must not forget.
    """

    async def add(self, digest: str) -> bool:
        """
        Add a hash in one step, and return whether it is new.

        Args:
            digest: 64 hexadecimal digits.

        Returns:
            False if the store has the hash already.
        """
        ...


class SeenInMemory:
    """
    Keeps hashes in the memory of this process. A restart forgets them.

    Args:
        keep: How long a hash is kept.
        most: Maximum number of hashes; the oldest ones are forgotten first.
        now: Returns seconds since any fixed point.
    """

    def __init__(
        self, *, keep: timedelta = KEEP, most: int = MOST, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds: Final = keep.total_seconds()
        self._most: Final = most
        self._now: Final = now
        self._times: Final[OrderedDict[bytes, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    async def add(self, digest: str) -> bool:
        """Add a hash, and return whether it is new."""
        now, key = self._now(), bytes.fromhex(digest)
        while self._times and next(iter(self._times.values())) <= now - self._seconds:
            self._times.popitem(last=False)
        if key in self._times:
            return False
        self._times[key] = now
        if len(self._times) > self._most:
            self._times.popitem(last=False)
        return True
