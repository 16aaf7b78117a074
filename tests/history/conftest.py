"""Databases for the tests of the sync."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from etelecom_async.history.sync_tables import METADATA


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
