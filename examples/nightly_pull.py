"""
Store the calls of many shops in SQLite, each night.

The first file is a JSON object with the name of each shop and the partner's key for it. A run stores the last
days that are not complete yet. If it is interrupted, the next run continues where it stopped. All shops keep
one rate together, and a shop that fails does not stop the others. Needs `ETELECOM_PARTNER_API_KEY`.

    python examples/nightly_pull.py shops.json calls.sqlite --days 3

prints a line for each day and shop:

    2026-11-26 Trà sữa Mây 112 calls, 9 missed
    2026-11-26 Bánh mì Gió shop.call_logs.list: ... (unauthenticated, HTTP 401).

The exit code is 1 if a day of a shop could not be stored.
"""

import argparse
import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from etelecom_async import PagingError, PartnerClient, ShopClient, times

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


async def main(keys: Mapping[str, str], database: Path, days: int) -> bool:
    """Store the calls of the shops, *keys* by name, in the file *database*; return whether all worked."""
    units = [(str(times.day(f"-{back}d").date), name) for back in range(days, 0, -1) for name in keys]
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.executescript(TABLES)
        async with PartnerClient(rate=10) as partner:  # attempts in a second, of all shops together
            shops = {name: partner.for_shop(key) for name, key in keys.items()}
            ended = [done async for done in partner.map(lambda unit: pull(db, shops[unit[1]], unit), units)]
        for unit, text, error in ended:
            print(*unit, text or error)
            if isinstance(error, PagingError):  # perhaps the checkpoint is too old: start again
                db.execute(PULL, (*unit, None))
    return all(done.error is None for done in ended)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Store the calls of many shops in SQLite.")
    parser.add_argument("shops", type=Path)
    parser.add_argument("database", type=Path)
    parser.add_argument("--days", type=int, default=3)
    options = parser.parse_args()
    shop_keys = json.loads(options.shops.read_text(encoding="utf-8"))
    raise SystemExit(0 if asyncio.run(main(shop_keys, options.database, options.days)) else 1)
