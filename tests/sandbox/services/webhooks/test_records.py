"""The record of a webhook."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.webhooks.records import add_webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_a_new_webhook(new_state: Callable[[], State]) -> None:
    """A new webhook has not been called, and its time is in UTC without a fraction."""
    state = new_state()
    moment = datetime(2026, 1, 1, 7, 0, 0, 5, tzinfo=UTC)
    url = "https://example.com/webhook"
    doc = add_webhook(state, record_id=7, account_id=1, url=url, entities=["call_log"], created_at=moment)
    assert (doc["id"], doc["url"], doc["entities"]) == ("7", url, ["call_log"])
    assert doc["created_at"] == "2026-01-01T07:00:00Z"
    assert doc["states"] == {"state": "ok", "last_sent_at": None, "last_error": None}
    assert state.fetch_doc("webhook", 7) == doc
