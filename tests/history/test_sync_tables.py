"""The tables of a sync: their columns, and their times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async import models
from etelecom_async._core.model import fields_of
from etelecom_async.history.sync_tables import CALL_LOGS, CALL_TARGETS, RECORDING_URLS, UtcTime

HANOI = timezone(timedelta(hours=7))


def names(table: Table) -> set[str]:
    """Return the names of the columns of a table."""
    return {column.name for column in table.c}


def test_columns_are_those_of_the_wire() -> None:
    """Each field of a call and of a target is a column, and the two lists of a call are tables."""
    call = {field.name for field in fields_of(models.CallLog)}
    target = {field.name for field in fields_of(models.CallTarget)}
    assert names(CALL_LOGS) == call - {"call_targets", "recording_urls"} | {
        *("shop_id", "shop_name", "extra", "digest")
    }
    assert names(CALL_TARGETS) == target | {"shop_id", "call_id", "position"}
    assert names(RECORDING_URLS) == {"shop_id", "call_id", "position", "recording_url"}
    assert [column.name for column in CALL_LOGS.primary_key] == ["shop_id", "id"]


async def test_times(database: str) -> None:
    """Times of any zone come back as the same moments in UTC, in their order; SQLite has texts."""
    moments = [
        None,
        datetime(1000, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 29, 9, 30, tzinfo=HANOI),
        datetime(2026, 11, 29, 2, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 29, 3, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ]
    table = Table("moments", MetaData(), Column("moment", UtcTime))
    engine = create_async_engine(database)
    async with engine.connect() as connection:
        await connection.run_sync(table.create)
        await connection.execute(insert(table), [{"moment": moment} for moment in reversed(moments)])
        wanted = select(table).order_by(table.c.moment.nulls_first())
        found = list((await connection.execute(wanted)).scalars())
        assert found == moments
        assert all(moment is None or moment.tzinfo is UTC for moment in found)
        if database.startswith("sqlite"):
            query = text("SELECT moment, strftime('%H:%M', moment) FROM moments ORDER BY 1 LIMIT 1 OFFSET 2")
            assert (await connection.execute(query)).all() == [("2026-11-29T02:30:00.000000Z", "02:30")]
        await connection.rollback()
    await engine.dispose()


@pytest.mark.parametrize("table", [CALL_LOGS, CALL_TARGETS, RECORDING_URLS], ids=str)
def test_key_starts_with_the_shop(table: Table) -> None:
    """Two shops may use the same ids: the key of each table starts with the shop."""
    assert next(iter(table.primary_key)).name == "shop_id"
