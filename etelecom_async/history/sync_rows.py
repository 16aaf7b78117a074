"""Turn tables of call logs into the rows of a database."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final, cast

import attrs

from etelecom_async.history.arrow import ArrowTable
from etelecom_async.history.schema import VERSION
from etelecom_async.history.sync_tables import RECORDINGS, TARGETS

Row = dict[str, Any]

_DIGEST_BYTES: Final = 16
_NUL: Final = "\0"
_NO_NUL: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for the character NUL, which PostgreSQL refuses in a text."""


@attrs.frozen
class SyncRows:
    """The rows of some pages. Each call comes once."""

    calls: dict[str, Row] = attrs.field(factory=dict)
    targets: dict[str, list[Row]] = attrs.field(factory=dict)
    """Rows of the targets, by the id of the call."""
    recordings: dict[str, list[Row]] = attrs.field(factory=dict)
    """Rows of the recordings, by the id of the call."""
    without_id: int = 0
    """Calls without an id, which cannot be stored."""


def rows_of(table: ArrowTable, shop_id: str, shop_name: str | None) -> SyncRows:
    """
    Return the rows of a table.

    Args:
        table: Call logs, in the columns of `schema.schema_of`.
        shop_id: The shop that they belong to.
        shop_name: Its name, if it is known.
    """
    found, without_id = SyncRows(), 0
    calls: list[Row] = [_without_nul(row) for row in table.to_pylist()]
    for call in calls:
        key: str = call["id"] or ""
        if not key:
            without_id += 1
            continue
        call["digest"] = _digest(call)
        call |= {"shop_id": shop_id, "shop_name": shop_name}
        targets: list[Row] = call.pop(TARGETS) or []
        urls: list[str | None] = call.pop(RECORDINGS) or []
        of_call = {"shop_id": shop_id, "call_id": key}
        found.calls[key] = call
        found.targets[key] = [{**of_call, "position": place, **row} for place, row in enumerate(targets)]
        found.recordings[key] = [
            {**of_call, "position": place, "recording_url": url} for place, url in enumerate(urls) if url
        ]
    return attrs.evolve(found, without_id=without_id)


def _digest(call: Row) -> str:
    text = json.dumps([VERSION, call], sort_keys=True, default=datetime.isoformat)
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_NUL, _NO_NUL)
    if isinstance(value, dict):
        return {name: _without_nul(part) for name, part in cast("Row", value).items()}
    if isinstance(value, list):
        return [_without_nul(part) for part in cast("list[object]", value)]
    return value
