"""The record of a webhook: its JSON, its columns and the state of its deliveries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from etelecom_async.sandbox.store.outbox import Receiver, webhook_id_of
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


def set_states(state: State, receiver: Receiver) -> None:
    """Write the state of a receiver into its webhook; other receivers have no record."""
    webhook_id = webhook_id_of(receiver.name)
    if webhook_id is None:
        return
    row = state.fetch_one("SELECT doc FROM webhook WHERE id = ?", webhook_id)
    states = {
        "state": receiver.state,
        "last_sent_at": receiver.last_sent_at,
        "last_error": receiver.last_error,
    }
    doc = to_json({**json.loads(row["doc"]), "states": states})
    state.execute("UPDATE webhook SET doc = ? WHERE id = ?", doc, webhook_id)
