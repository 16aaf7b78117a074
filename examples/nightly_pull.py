"""
Store the calls of many shops in SQLite, each night.

The first file has the key of each connected shop; connect_shops.py writes it. A run stores the last days that
are not complete yet. If it is interrupted, the next run continues where it stopped. All shops keep one rate
together, and a shop that fails does not stop the others. Needs `ETELECOM_PARTNER_API_KEY`.

    python examples/nightly_pull.py shop_keys.json calls.sqlite --days 3

prints a line for each day and shop:

    2026-11-26 1234567890123456789 112 calls, 9 missed
    2026-11-26 1234567890123456790 shop.call_logs.list: ... (unauthenticated, HTTP 401).

The exit code is 1 if a day of a shop could not be stored.
"""

import argparse
import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from etelecom_async import PagingError, PartnerClient, ShopClient, times
from etelecom_async.key_store import FileKeyStore

TABLES = """PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS call (day, shop, id, caller, direction, state, seconds, PRIMARY KEY (shop, id));
CREATE TABLE IF NOT EXISTS pull (day, shop, checkpoint, PRIMARY KEY (day, shop));"""
CALL, PULL = "REPLACE INTO call VALUES (?, ?, ?, ?, ?, ?, ?)", "REPLACE INTO pull VALUES (?, ?, ?)"
STATE = "SELECT max(checkpoint) FROM pull WHERE (day, shop) = (?, ?)"
COUNTS = """
SELECT count(*), total(direction = 'in' AND state = 'not_answered') FROM call WHERE (day, shop) = (?, ?)"""


async def pull(db: sqlite3.Connection, shop: ShopClient, unit: tuple[str, str]) -> str:
    """Store the calls of a day and a shop, from the checkpoint of an earlier run; return their numbers."""
    (checkpoint,) = db.execute(STATE, unit).fetchone()
    if checkpoint != "":  # a day that is complete
        calls = shop.call_logs.list(**times.day(unit[0]).filter, resume=checkpoint)
        async for page in calls.pages():  # first the rows, then the checkpoint after them
            db.executemany(
                CALL, [(*unit, c.id, c.caller, c.direction, c.call_state, c.duration) for c in page]
            )
            db.execute(PULL, (*unit, calls.checkpoint()))
        db.execute(PULL, (*unit, ""))
    return "{} calls, {:.0f} missed".format(*db.execute(COUNTS, unit).fetchone())


async def main(keys: FileKeyStore, database: Path, days: int) -> bool:
    """Store the calls of all connected shops in the file *database*; return whether all worked."""
    shop_ids = await keys.shop_ids()
    units = [(str(times.day(f"-{back}d").date), shop) for back in range(days, 0, -1) for shop in shop_ids]
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.executescript(TABLES)
        async with PartnerClient(key_store=keys, rate=10) as partner:  # attempts in a second, of all shops
            ended = [
                done async for done in partner.map(lambda unit: pull(db, partner.shop(unit[1]), unit), units)
            ]
        for unit, text, error in ended:
            print(*unit, text or error)
            if isinstance(error, PagingError):  # perhaps the checkpoint is too old: start again
                db.execute(PULL, (*unit, None))
    return all(done.error is None for done in ended)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Store the calls of many shops in SQLite.")
    parser.add_argument("keys", type=FileKeyStore)
    parser.add_argument("database", type=Path)
    parser.add_argument("--days", type=int, default=3)
    options = parser.parse_args()
    raise SystemExit(0 if asyncio.run(main(options.keys, options.database, options.days)) else 1)
