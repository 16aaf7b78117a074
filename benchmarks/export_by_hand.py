"""Write call logs into a Parquet file by hand, with aiohttp, orjson and pyarrow, as the SDK writes them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.recordings import ROWS

_GROUP: Final = 100
"""Pages in a row group of the file by hand: as many rows as in those of the SDK."""
_TIME: Final = pa.timestamp("us", "UTC")
_TEXT: Final = pa.string()
_TARGET_FIELDS: Final[dict[str, pa.DataType]] = {
    "add_time": _TIME,
    "answered_time": _TIME,
    "end_reason": _TEXT,
    "ended_time": _TIME,
    "fail_code": pa.int64(),
    "ring_duration": pa.int64(),
    "ring_time": _TIME,
    "status": _TEXT,
    "target_number": _TEXT,
    "trunk_name": _TEXT,
}
_SCHEMA: Final = pa.schema(
    {
        "id": _TEXT,
        "call_state": _TEXT,
        "call_status": _TEXT,
        "call_targets": pa.list_(pa.struct(list(_TARGET_FIELDS.items()))),
        "callee": _TEXT,
        "caller": _TEXT,
        "contact_id": _TEXT,
        "created_at": _TIME,
        "direction": _TEXT,
        "duration": pa.int64(),
        "ended_at": _TIME,
        "extension_id": _TEXT,
        "external_id": _TEXT,
        "external_session_id": _TEXT,
        "note": _TEXT,
        "recording_urls": pa.list_(_TEXT),
        "started_at": _TIME,
        "updated_at": _TIME,
        "user_id": _TEXT,
    }
)
_TIMES: Final = ("created_at", "ended_at", "started_at", "updated_at")
_TARGET_TIMES: Final = ("add_time", "answered_time", "ended_time", "ring_time")
_IDS: Final = ("contact_id", "extension_id", "external_id", "external_session_id", "user_id")
_BEGIN: Final = datetime.fromisoformat("2025-01-01T00:00:00+07:00")
_END: Final = datetime.fromisoformat("2026-01-01T00:00:00+07:00")
_NEVER: Final = "0001-01-01T00:00:00Z"


async def export(http: aiohttp.ClientSession, url: str, path: Path) -> None:
    """Write the pages of a list into a file."""
    request: dict[str, Any] = {"paging": {"limit": ROWS}}
    seen: set[str] = set()
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        waiting: list[pa.Table] = []
        while True:
            async with http.post(url, json=request) as response:
                page = orjson.loads(await response.read())
            if not page["call_logs"]:
                break
            rows = [row for row in map(_row, page["call_logs"]) if _is_new(row, seen)]
            waiting.append(pa.Table.from_pylist(rows, schema=_SCHEMA))
            if len(waiting) == _GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
            request["paging"]["after"] = page["paging"]["next"]
        if waiting:
            writer.write_table(pa.concat_tables(waiting))


def _is_new(row: dict[str, Any], seen: set[str]) -> bool:
    """Return whether a call is in the span and did not come before: rows shift while a list is read."""
    if row["id"] in seen or not _BEGIN <= (row["started_at"] or row["created_at"]) < _END:
        return False
    seen.add(row["id"])
    return True


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the same values as in the SDK's file."""
    for name in _TIMES:
        row[name] = _time(row[name])
    for name in _IDS:
        if row[name] in ("", "0"):
            row[name] = None
    row["recording_urls"] = row["recording_urls"] or []
    targets: list[dict[str, Any]] = row["call_targets"] or []
    row["call_targets"] = targets
    for target in targets:
        for name in _TARGET_TIMES:
            target[name] = _time(target[name])
    return row


def _time(text: str) -> datetime | None:
    return None if text == _NEVER else datetime.fromisoformat(text)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    table: Any = cast("Any", pq.ParquetFile(path)).read()
    return cast("list[dict[str, Any]]", table.to_pylist())
