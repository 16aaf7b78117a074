"""
The sync that is killed: `python -m kills.sync_job`, with its settings on standard input.

It prints its result as JSON, if it lives that long.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Self

import attrs

from etelecom_async import ShopClient, history
from kills.provision_job import RETRIES


@attrs.frozen(kw_only=True)
class SyncSettings:
    """What to sync, as JSON: the process that kills the sync gives it to the process of the sync."""

    base_url: str
    key: str = attrs.field(repr=False)
    database: str
    since: str
    reread: bool = False
    limit: int = 4
    """Rows in a page."""

    def encode(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(attrs.asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the settings in a JSON text."""
        return cls(**json.loads(text))


async def run(settings: SyncSettings) -> history.ShopSync:
    """Sync the calls of the shop."""
    async with ShopClient(settings.key, base_url=settings.base_url, retries=RETRIES) as shop:
        return await history.sync(
            shop, settings.database, settings.since, reread=settings.reread, limit=settings.limit
        )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(SyncSettings.decode(sys.stdin.read()))).to_dict()))
