"""The tables."""

from __future__ import annotations

import sqlite3

from etelecom_async.sandbox.store.tables import RECORDS, TABLES


def test_every_table_is_created() -> None:
    """The statements are valid SQL, and create each table that `count_records` counts."""
    with sqlite3.connect(":memory:") as db:
        db.executescript(TABLES)
        made = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    assert set(RECORDS) < made
    assert {"setting", "due"} < made
