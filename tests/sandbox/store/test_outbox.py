"""The events that wait for their receivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from etelecom_async.sandbox.store.outbox import (
    Outbox,
    forget_receiver,
    oa_receiver,
    webhook_id_of,
    webhook_receiver,
)
from etelecom_async.sandbox.store.state import State

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ERROR = {"error": "no", "retried": 0}


@pytest.fixture
def outbox(new_state: Callable[[], State]) -> Outbox:
    """Returns the outbox of a new state."""
    return Outbox(new_state())


def due(outbox: Outbox, moment: datetime = NOW) -> list[str]:
    """Return the bodies of the events that are due."""
    return [event.body for event in outbox.due(moment)]


def test_the_first_event_of_each_receiver_is_due(outbox: Outbox) -> None:
    """The events of a receiver wait in their order, and those of another one do not wait for them."""
    for receiver, body in (("webhook:2", "a"), ("webhook:1", "b"), ("webhook:2", "c")):
        outbox.add(receiver, "call_log", body)
    assert due(outbox) == ["a", "b"]
    outbox.succeed(outbox.due(NOW)[0])
    assert due(outbox) == ["b", "c"]
    first = outbox.first_due("webhook:2", NOW)
    assert first is not None
    assert (first.event, first.body) == ("call_log", "c")
    assert outbox.first_due("webhook:3", NOW) is None


def test_a_retry_is_due_later(outbox: Outbox) -> None:
    """A failed event holds the events after it until its retry is due."""
    outbox.add("webhook:1", "call_log", "a")
    outbox.add("webhook:1", "call_log", "b")
    event = outbox.due(NOW)[0]
    outbox.postpone(event, NOW + timedelta(minutes=1), ERROR)
    assert due(outbox) == []
    assert outbox.next_due(NOW) == NOW + timedelta(minutes=1)
    receiver = outbox.receiver("webhook:1")
    assert (receiver.state, receiver.waiting, receiver.retried) == ("retry", 2, 1)
    assert receiver.last_error == ERROR
    assert due(outbox, NOW + timedelta(minutes=1)) == ["a"]
    assert outbox.next_due(NOW + timedelta(minutes=1)) is None
    outbox.succeed(event)
    receiver = outbox.receiver("webhook:1")
    assert (receiver.state, receiver.waiting, receiver.retried) == ("ok", 1, 0)
    assert receiver.to_dict()["next_at"] == "1970-01-01T07:00:00+07:00"


def test_a_stopped_receiver_gets_nothing(outbox: Outbox) -> None:
    """A stop drops the waiting events and later ones; a receiver that was forgotten starts anew."""
    outbox.add("webhook:1", "call_log", "a")
    outbox.add("webhook:1", "call_log", "b")
    event = outbox.due(NOW)[0]
    outbox.postpone(event, None, ERROR)
    outbox.add("webhook:1", "call_log", "c")
    assert not outbox.has(event)
    assert [(each.state, each.waiting, each.next_at) for each in outbox.receivers()] == [("stop", 0, None)]
    forget_receiver(outbox._state, "webhook:1")
    assert outbox.receivers() == ()
    outbox.add("webhook:1", "call_log", "d")
    assert due(outbox) == ["d"]


def test_an_id_is_used_once(outbox: Outbox) -> None:
    """An event that was forgotten during an attempt is not mistaken for a later one."""
    outbox.add("webhook:1", "call_log", "a")
    event = outbox.due(NOW)[0]
    assert outbox.has(event)
    forget_receiver(outbox._state, "webhook:1")
    outbox.add("webhook:1", "call_log", "b")
    assert not outbox.has(event)


def test_the_time_of_sending(outbox: Outbox) -> None:
    """The time of the last attempt is kept."""
    outbox.add("sms", "sms_status", "a")
    assert outbox.receiver("sms").last_sent_at is None
    outbox.mark_sent("sms", "2026-11-30T00:00:00Z")
    assert outbox.receiver("sms").last_sent_at == "2026-11-30T00:00:00Z"


def test_names_of_receivers() -> None:
    """A name has the kind and the id; only that of a webhook has a webhook's id."""
    assert webhook_id_of(webhook_receiver(7)) == 7
    assert webhook_id_of(oa_receiver(7)) is None
    assert webhook_id_of("sms") is None
