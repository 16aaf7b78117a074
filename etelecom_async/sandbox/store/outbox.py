"""
The events that wait for their receivers, and the state of each receiver.

An event is stored in the transaction of the change that it tells of, so neither exists without the other. The
events of a receiver wait in their order. This module knows neither HTTP nor the meaning of an event.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from etelecom_async.sandbox.store.state import State, to_json
from etelecom_async.sandbox.times import iso, micros, moment

OK: Final = "ok"
RETRY: Final = "retry"
STOP: Final = "stop"


_RECEIVERS: Final = (
    "SELECT *, (SELECT count(*) FROM queued_event WHERE queued_event.receiver = name) AS waiting "
    "FROM receiver"
)
_FIRST: Final = (
    "SELECT queued_event.* FROM receiver JOIN queued_event ON queued_event.id = "
    "(SELECT min(id) FROM queued_event WHERE queued_event.receiver = name)"
)


@attrs.frozen
class QueuedEvent:
    """An event that waits."""

    id: int
    receiver: str
    event: str
    body: str


@attrs.frozen
class Receiver:
    """The state of deliveries to one address."""

    name: str
    """`webhook:ID`, `oa:ID` or `sms`."""
    state: str
    """`ok`, `retry` after a failure, or `stop` after the last retry."""
    waiting: int
    """Number of events that wait."""
    retried: int
    """Retries of the first event that waits."""
    next_at: datetime | None
    """When the next attempt is due; a time in the past means at once, and `None` that no event waits."""
    last_sent_at: str | None
    last_error: Mapping[str, Any] | None
    """The last failure, in the form of `states.last_error` of a webhook."""

    def to_dict(self) -> dict[str, Any]:
        """Return the receiver as JSON."""
        return {**attrs.asdict(self), "next_at": None if self.next_at is None else iso(self.next_at)}


class Outbox:
    """
    The waiting events of one sandbox.

    Args:
        state: The state.
    """

    def __init__(self, state: State) -> None:
        self._state: Final = state

    def add(self, receiver: str, event: str, body: str) -> None:
        """Queue an event; a receiver that is stopped gets none."""
        self._state.execute(
            "INSERT OR IGNORE INTO receiver (name, state, retried, due_at) VALUES (?, ?, 0, 0)", receiver, OK
        )
        if self._state.fetch_first("SELECT 1 FROM receiver WHERE name = ? AND state <> ?", receiver, STOP):
            self._state.insert("queued_event", receiver=receiver, event=event, body=body)

    def receivers(self) -> tuple[Receiver, ...]:
        """Return the receivers that have had an event, by name."""
        return tuple(map(_receiver, self._state.fetch_all(f"{_RECEIVERS} ORDER BY name")))

    def receiver(self, name: str) -> Receiver:
        """
        Return a receiver.

        Raises:
            LookupError: It has had no event.
        """
        return _receiver(self._state.fetch_one(f"{_RECEIVERS} WHERE name = ?", name))

    def due(self, now: datetime) -> list[QueuedEvent]:
        """Return the first event of each receiver whose next attempt is due, oldest first."""
        rows = self._state.fetch_all(f"{_FIRST} WHERE due_at <= ? ORDER BY queued_event.id", micros(now))
        return [QueuedEvent(**row) for row in rows]

    def first_due(self, receiver: str, now: datetime) -> QueuedEvent | None:
        """Return the first event of a receiver; `None` if its next attempt is not due."""
        row = self._state.fetch_first(f"{_FIRST} WHERE due_at <= ? AND name = ?", micros(now), receiver)
        return None if row is None else QueuedEvent(**row)

    def next_due(self, now: datetime) -> datetime | None:
        """Return the time of the next attempt after *now*; `None` if there is none."""
        at: int | None = self._state.fetch_one(
            "SELECT min(due_at) FROM receiver WHERE due_at > ? "
            "AND EXISTS (SELECT 1 FROM queued_event WHERE queued_event.receiver = name)",
            micros(now),
        )[0]
        return None if at is None else moment(at)

    def has(self, event: QueuedEvent) -> bool:
        """Return whether an event still waits."""
        found = "SELECT 1 FROM queued_event WHERE id = ? AND receiver = ?"
        return self._state.fetch_first(found, event.id, event.receiver) is not None

    def succeed(self, event: QueuedEvent) -> None:
        """Remove an event that was delivered."""
        self._state.execute("DELETE FROM queued_event WHERE id = ?", event.id)
        ready = "UPDATE receiver SET state = ?, retried = 0, due_at = 0 WHERE name = ?"
        self._state.execute(ready, OK, event.receiver)

    def postpone(self, event: QueuedEvent, until: datetime | None, error: Mapping[str, Any]) -> None:
        """
        Keep an event for a retry, or stop its receiver, whose events are then dropped.

        Args:
            event: The event.
            until: When the retry is due; `None` to stop.
            error: The failure.
        """
        self._state.execute(
            "UPDATE receiver SET state = ?, retried = retried + ?, due_at = ?, last_error = ? WHERE name = ?",
            STOP if until is None else RETRY,
            int(until is not None),
            0 if until is None else micros(until),
            to_json(error),
            event.receiver,
        )
        if until is None:
            self._state.execute("DELETE FROM queued_event WHERE receiver = ?", event.receiver)

    def mark_sent(self, receiver: str, sent_at: str) -> None:
        """Store when a request was sent to a receiver."""
        self._state.execute("UPDATE receiver SET last_sent_at = ? WHERE name = ?", sent_at, receiver)


def _receiver(row: sqlite3.Row) -> Receiver:
    return Receiver(
        name=row["name"],
        state=row["state"],
        waiting=row["waiting"],
        retried=row["retried"],
        next_at=moment(row["due_at"]) if row["waiting"] else None,
        last_sent_at=row["last_sent_at"],
        last_error=json.loads(row["last_error"]) if row["last_error"] else None,
    )


def forget_receiver(state: State, receiver: str) -> None:
    """Drop the waiting events and the state of a receiver, because its address was deleted or changed."""
    state.execute("DELETE FROM queued_event WHERE receiver = ?", receiver)
    state.execute("DELETE FROM receiver WHERE name = ?", receiver)


def webhook_receiver(webhook_id: int) -> str:
    """Return the name of the receiver of a webhook."""
    return f"webhook:{webhook_id}"


def webhook_id_of(receiver: str) -> int | None:
    """Return the id of the webhook of a receiver; `None` for another receiver."""
    kind, _, number = receiver.partition(":")
    return int(number) if kind == "webhook" else None


def oa_receiver(oa_id: int) -> str:
    """Return the name of the receiver of the events of an official account."""
    return f"oa:{oa_id}"


SMS_RECEIVER: Final = "sms"
"""The receiver of the states of SMS messages."""
