"""The record of a webhook: its JSON and its columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from etelecom_async.sandbox.store.state import State, to_json
from etelecom_async.sandbox.times import iso_utc


def add_webhook(
    state: State, *, record_id: int, account_id: int, url: str, entities: list[str], created_at: datetime
) -> dict[str, Any]:
    """Add a webhook that has not been called yet; return its JSON."""
    doc = {
        "id": str(record_id),
        "entities": entities,
        "fields": [],
        "url": url,
        "metadata": "",
        "created_at": iso_utc(created_at),
        "states": {"state": "ok", "last_sent_at": None, "last_error": None},
    }
    state.insert("webhook", id=record_id, account_id=account_id, doc=to_json(doc))
    return doc
