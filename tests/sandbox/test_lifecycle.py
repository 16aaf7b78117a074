"""What time does to records: the changes that are written down, each with its time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox import lifecycle
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world.people import behavior_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

MADE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def state(new_state: Callable[[], State]) -> State:
    """An empty state."""
    return new_state()


def due(state: State) -> list[tuple[float, dict[str, Any]]]:
    """Seconds after `MADE`, and what changes then."""
    rows = state.fetch_all("SELECT at, changes FROM due ORDER BY at, id")
    return [((row["at"] - micros(MADE)) / 1e6, json.loads(row["changes"])) for row in rows]


def zns(state: State, digit: int, *, rated: bool = False) -> list[tuple[float, set[str]]]:
    """When what of a ZNS changes."""
    doc = {"id": "1", "msg_id": "m"}
    fees = lifecycle.Fees(main=200)
    lifecycle.schedule_message(state, doc, MADE, behavior_of(f"8490123456{digit}"), fees, rated=rated)
    return [(seconds, set(changes)) for seconds, changes in due(state)]


SENT = {"status", "sent_time", "is_charged", "fee_main", "fee_token"}


def test_a_zns_is_sent_received_seen_and_rated(state: State) -> None:
    """All of it happens, in this order."""
    assert zns(state, 0, rated=True) == [
        (2, SENT),
        (10, {"delivery_status", "delivery_time"}),
        (60, {"delivery_status"}),
        (300, {"rate", "note", "feedback", "submit_time"}),
    ]
    changes = dict(due(state))
    assert changes[2]["status"] == "P"
    assert (changes[2]["is_charged"], changes[2]["fee_main"]) == (True, 200)
    assert (changes[10]["delivery_status"], changes[60]["delivery_status"]) == ("received", "seen")
    assert 1 <= changes[300]["rate"] <= 5


def test_a_zns_that_nobody_opens_is_not_rated(state: State) -> None:
    """It arrives, and that is all."""
    assert [seconds for seconds, _ in zns(state, 5, rated=True)] == [2, 10]


def test_a_zns_to_a_phone_that_is_off(state: State) -> None:
    """It is sent and never arrives."""
    assert [seconds for seconds, _ in zns(state, 7)] == [2]


def test_what_is_free_is_not_charged(state: State) -> None:
    """A ZNS without a fee is sent, and not charged."""
    lifecycle.schedule_message(
        state, {"id": "1", "msg_id": "m"}, MADE, behavior_of("0"), lifecycle.FREE, rated=False
    )
    assert due(state)[0][1]["is_charged"] is False


@pytest.mark.parametrize(
    ("digit", "seconds", "reply"), [(0, 300, "P"), (5, 300, "N"), (6, 86_400, "NS"), (9, 86_400, "NS")]
)
def test_a_consent_is_answered(state: State, digit: int, seconds: float, reply: str) -> None:
    """Agreed, refused, or left unanswered until it cannot be answered any more."""
    lifecycle.schedule_consent(state, {"id": "1"}, MADE, behavior_of(f"8490123456{digit}"))
    assert due(state)[-1] == (seconds, {"reply_status": reply})
    columns = json.loads(state.fetch_one("SELECT columns FROM due ORDER BY at DESC, id DESC")["columns"])
    assert (columns.get("granted_until", 0) > micros(MADE)) == (reply == "P")


def test_a_journey_ends(state: State) -> None:
    """It is over at its time."""
    lifecycle.schedule_journey(state, 1, MADE)
    assert due(state) == [(0, {"status": "N"})]


@pytest.mark.parametrize(
    ("digit", "channels", "expected"),
    [
        (0, "123", [(20, "SUCCESS", None)]),
        (7, "123", [(20, None, "autocall"), (65, None, "brandnamesms"), (70, "SUCCESS", None)]),
        (8, "12", [(20, None, "autocall"), (65, "SUCCESS", None)]),
        (6, "2", [(45, "FAIL", None)]),
        (9, "31", [(5, None, "zns"), (25, "FAIL", None)]),
    ],
)
def test_channels_hand_over(
    state: State, digit: int, channels: str, expected: list[tuple[float, str | None, str | None]]
) -> None:
    """A channel that fails hands over to the next one; the last one's failure is the message's."""
    lifecycle.schedule_sms(state, 1, phone=f"8490123456{digit}", channels=list(channels), created_at=MADE)
    found = [(seconds, changes.get("status"), changes.get("channel")) for seconds, changes in due(state)]
    assert found == expected
