"""
The later changes of consents, and the delivery of consents and ZNS.

A request for consent is received after 10 s, seen after 1 min and answered after 5 min; the consent is valid
for 30 days. Without an answer it expires after 24 h. The documentation gives no times, so the sandbox chooses
them. The phone number decides the behavior (`world.people`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import iso, micros
from etelecom_async.sandbox.world.people import Behavior

CONSENT_OPEN: Final = timedelta(hours=24)
"""Time in which a request for consent can be answered."""
CONSENT_VALID: Final = timedelta(days=30)
"""Time for which a consent is valid."""
ANSWERED: Final = timedelta(minutes=5)
"""Time until a person replies or rates."""

_RECEIVED: Final = timedelta(seconds=10)
_SEEN: Final = timedelta(minutes=1)


def schedule_delivery(
    state: State, table: str, record_id: int, created_at: datetime, *, received: bool, seen: bool
) -> None:
    """Schedule the delivery status of a record."""
    if received:
        arrived = {"delivery_status": "received", "delivery_time": iso(created_at + _RECEIVED)}
        state.schedule(created_at + _RECEIVED, table, record_id, arrived)
    if seen:
        state.schedule(created_at + _SEEN, table, record_id, {"delivery_status": "seen"})


def schedule_consent(state: State, doc: Mapping[str, Any], created_at: datetime, behavior: Behavior) -> None:
    """Schedule the changes of a request for consent."""
    record_id = int(doc["id"])
    received = behavior.receives
    schedule_delivery(state, "consent", record_id, created_at, received=received, seen=received)
    reply = {"reply_status": behavior.reply}
    if behavior.reply == "NS":
        state.schedule(created_at + CONSENT_OPEN, "consent", record_id, reply)
        return
    answered = created_at + ANSWERED
    until = micros(answered + CONSENT_VALID) if behavior.reply == "P" else 0
    state.schedule(answered, "consent", record_id, reply, granted_until=until)
