"""
Store the calls of several shops in SQLite, each night.

The first file is a JSON object with the name and the key of each shop. A run stores those of the last days
that are not complete yet. If it is interrupted, the next run continues where it stopped.

    python examples/nightly_pull.py shops.json calls.sqlite --days 3

prints a line for each shop and day:

    Trà sữa Mây 2026-11-26: 112 calls, 9 missed
    Bánh mì Gió 2026-11-26: shop.call_logs.list: ... (unauthenticated, HTTP 401).

The exit code is 1 if a day of a shop could not be stored.
"""

import argparse
import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from etelecom_async import EtelecomError, PagingError, ShopClient, times

TABLES = """
CREATE TABLE IF NOT EXISTS call (
    shop TEXT, id TEXT, day TEXT, caller TEXT, callee TEXT, missed INT, seconds INT, PRIMARY KEY (shop, id));
CREATE TABLE IF NOT EXISTS pull (shop TEXT, day TEXT, done INT, checkpoint TEXT, PRIMARY KEY (shop, day));
"""
CALL, PULL = "REPLACE INTO call VALUES (?, ?, ?, ?, ?, ?, ?)", "REPLACE INTO pull VALUES (?, ?, ?, ?)"


async def pull(db: sqlite3.Connection, name: str, key: str, day: date, checkpoint: str | None) -> None:
    """Store the calls of a shop on a day in Vietnam, from the checkpoint of an earlier run."""
    async with ShopClient(key) as shop:
        calls = shop.call_logs.list(**times.day(day).filter, resume=checkpoint)
        async for page in calls.pages():
            with db:  # one transaction: first the rows, then the checkpoint after them
                for call in page:
                    missed = call.direction == "in" and call.call_state == "not_answered"
                    values = (call.caller, call.callee, missed, call.duration)
                    db.execute(CALL, (name, call.id, str(day), *values))
                db.execute(PULL, (name, str(day), False, calls.checkpoint()))
    with db:
        db.execute(PULL, (name, str(day), True, None))


async def pull_all(db: sqlite3.Connection, shops: dict[str, str], days: int, today: date) -> bool:
    """Store the calls of *shops*, keys by name, on the *days* before *today*; return whether all worked."""
    all_worked = True
    db.executescript(TABLES)
    for name, key in shops.items():
        for day in (today - timedelta(days=back) for back in range(days, 0, -1)):
            unit = (name, str(day))
            query = "SELECT max(done), max(checkpoint) FROM pull WHERE shop = ? AND day = ?"
            done, checkpoint = db.execute(query, unit).fetchone()
            try:
                if not done:
                    await pull(db, name, key, day, checkpoint)
            except EtelecomError as error:  # the other shops and days continue
                print(f"{name} {day}: {error}")
                all_worked = False
                if isinstance(error, PagingError):  # perhaps the checkpoint is too old
                    with db:
                        db.execute("DELETE FROM pull WHERE shop = ? AND day = ?", unit)
            else:
                found = db.execute(
                    "SELECT count(*), total(missed) FROM call WHERE shop = ? AND day = ?", unit
                )
                print("{} {}: {} calls, {:.0f} missed".format(*unit, *found.fetchone()))
    return all_worked


async def main(shops: dict[str, str], database: Path, days: int, today: date) -> bool:
    """Store the calls of *shops* in the file *database*; return whether all worked."""
    with closing(sqlite3.connect(database)) as db:
        return await pull_all(db, shops, days, today)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Store the calls of several shops in SQLite.")
    parser.add_argument("shops", type=Path)
    parser.add_argument("database", type=Path)
    parser.add_argument("--days", type=int, default=3)
    options = parser.parse_args()
    keys = json.loads(options.shops.read_text(encoding="utf-8"))
    all_stored = asyncio.run(main(keys, options.database, options.days, times.day("today").date))
    raise SystemExit(0 if all_stored else 1)
