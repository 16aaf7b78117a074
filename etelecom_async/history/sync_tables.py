"""
Define the tables of a sync.

Their columns have the names of the wire. A row belongs to a shop, so each key starts with `shop_id`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from etelecom_async._generated import models
from etelecom_async.history.arrow import ArrowField, pa
from etelecom_async.history.schema import EXTRA, columns_of

TARGETS: Final = "call_targets"
RECORDINGS: Final = "recording_urls"
_PARTS: Final = (TARGETS, RECORDINGS)
"""Fields of a call whose values have tables of their own."""


class UtcTime(TypeDecorator[datetime]):
    """
    An aware time.

    SQLite would drop the offset. So it stores a text of fixed length in UTC, `2026-11-29T02:30:00.000000Z`.
    The texts sort like the times, and the functions of SQLite read them. PostgreSQL has
    `timestamp with time zone`.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver gets."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the time that the driver has read."""
        del dialect
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def _column(field: ArrowField) -> Column[Any]:
    found = (column for is_kind, column in _TYPES if is_kind(field.type))
    return Column(field.name, next(found, Text()))


_TYPES: Final[tuple[tuple[Any, TypeEngine[Any]], ...]] = (
    (pa.types.is_timestamp, UtcTime()),
    (pa.types.is_integer, BigInteger()),
    (pa.types.is_floating, Double()),
    (pa.types.is_boolean, Boolean()),
)


def _columns(model: Any) -> list[Column[Any]]:
    return [_column(field) for field in columns_of(model) if field.name not in ("id", *_PARTS)]


METADATA: Final = MetaData()
"""The tables, for example for migrations of your own."""

CALL_LOGS: Final = Table(
    "call_logs",
    METADATA,
    Column("shop_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("shop_name", Text),
    *_columns(models.CallLog),
    Column(EXTRA, Text),
    Column("digest", String(32), nullable=False),
    Index("call_logs_by_start", "shop_id", "started_at"),
)
"""The calls. `digest` tells a changed call from an unchanged one, with its targets and recordings."""

CALL_TARGETS: Final = Table(
    "call_targets",
    METADATA,
    Column("shop_id", Text, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    *_columns(models.CallTarget),
)
"""The extensions that calls reached; `position` is their place in the list of the call, from 0."""

RECORDING_URLS: Final = Table(
    "recordings",
    METADATA,
    Column("shop_id", Text, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("recording_url", Text, nullable=False),
)
"""The addresses of recordings. They seem to need no key, so they are secrets."""

STATES: Final = Table(
    "sync_state",
    METADATA,
    Column("shop_id", Text, primary_key=True),
    Column("shop_name", Text),
    Column("synced_since", UtcTime),
    Column("synced_until", UtcTime),
    Column("open_since", UtcTime),
    Column("open_until", UtcTime),
    Column("checkpoint", Text),
)
"""
How far each shop is.

All calls from `synced_since` until `synced_until` are in the tables. The open span is read at present, or a
run has ended inside of it; its checkpoint stands after the last page that was stored.
"""
