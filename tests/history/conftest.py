"""Call logs that are made by hand, the figures of a report about them, and databases for a sync."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async import models, times
from etelecom_async.history.arrow import pa
from etelecom_async.history.report_database import Database
from etelecom_async.history.report_figures import Figures
from etelecom_async.history.schema import schema_of
from etelecom_async.history.spans import Span
from etelecom_async.history.sync_tables import METADATA

SCHEMA = schema_of(models.CallLog)
FIRST, LAST = "2025-09-22", "2025-09-29"
"""A week from Monday."""
BLANK = {
    field.name: [] if pa.types.is_list(field.type) else "" if pa.types.is_string(field.type) else None
    for field in SCHEMA
}

Row = dict[str, Any]


def hanoi(text: str) -> datetime:
    """Return a time of Hanoi; the text needs no offset."""
    return datetime.fromisoformat(text).replace(tzinfo=times.VIETNAM)


def new_target(number: str, answered: datetime | None = None, ended: datetime | None = None) -> Row:
    """Return a target of a call."""
    return {"target_number": number, "answered_time": answered, "ended_time": ended}


class Maker:
    """Makes rows, tables and figures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.span = Span.of(FIRST, LAST)
        self.hanoi = hanoi
        self.target = new_target

    def call(self, at: str | None, *, answer: float | None = None, lasts: float = 60, **fields: Any) -> Row:
        """
        Return a row.

        Args:
            at: Its start in Hanoi.
            answer: Seconds until the extension 1001 answers; `None` for a call that nobody answers.
            lasts: Seconds from its start to its end.
            fields: The fields that are different.
        """
        self._count += 1
        row: Row = {**BLANK, "id": str(self._count), "extra": None, "user_id": None, "extension_id": None}
        row |= {"direction": "in", "caller": "0901234567", "callee": "1001"}
        row["call_state"] = "not_answered" if answer is None else "answered"
        if at is not None:
            begin = hanoi(at)
            row |= {"started_at": begin, "created_at": begin, "ended_at": begin + timedelta(seconds=lasts)}
            answered = None if answer is None else begin + timedelta(seconds=answer)
            row["call_targets"] = [new_target("1001", answered, row["ended_at"])]
        return row | fields

    def table(self, rows: Sequence[Row]) -> Any:
        """Return rows as columns."""
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def figures(
        self, *rows: Row, limit: float = 20, span: Span | None = None, has_hotlines: bool = False
    ) -> Figures:
        """Return the figures of some rows."""
        return self.of_tables([self.table(rows)], limit=limit, span=span, has_hotlines=has_hotlines)

    def of_tables(
        self,
        tables: Sequence[Any],
        *,
        limit: float = 20,
        span: Span | None = None,
        has_hotlines: bool = False,
    ) -> Figures:
        """Return the figures of some tables."""
        self._count += 1
        folder = self._folder / f"database-{self._count}"
        folder.mkdir()
        with Database(folder) as database:
            for table in tables:
                database.add(table)
            return database.figures(span or self.span, limit=limit, has_hotlines=has_hotlines)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """Return a maker of calls in the last week of September 2025."""
    return Maker(tmp_path)


@pytest.fixture
def calls_database(database: str) -> Iterator[str]:
    """The URL of a database of each kind, without tables of a sync."""
    yield database
    asyncio.run(drop_tables(database))


async def drop_tables(url: str) -> None:
    """Remove the tables of a sync; the server of PostgreSQL lasts for all tests."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await engine.dispose()
