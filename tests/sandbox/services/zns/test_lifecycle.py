"""The scheduled changes of ZNS and journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.zns import lifecycle
from etelecom_async.sandbox.world.people import behavior_of

if TYPE_CHECKING:
    from tests.sandbox.services.conftest import Schedule

SENT = {"status", "sent_time", "is_charged", "fee_main", "fee_token"}


def send(schedule: Schedule, digit: int, *, rated: bool = False) -> list[tuple[float, set[str]]]:
    """Schedules a ZNS to a number with this last digit; returns the time and the fields of each change."""
    doc, fees = {"id": "1", "msg_id": "m"}, lifecycle.Fees(main=200)
    behavior = behavior_of(f"8490123456{digit}")
    lifecycle.schedule_message(schedule.state, doc, schedule.start, behavior, fees, rated=rated)
    return [(seconds, set(changes)) for seconds, changes in schedule.changes()]


def test_a_zns_is_sent_received_seen_and_rated(schedule: Schedule) -> None:
    """A ZNS is sent, received, seen and rated, in this order."""
    assert send(schedule, 0, rated=True) == [
        (2, SENT),
        (10, {"delivery_status", "delivery_time"}),
        (60, {"delivery_status"}),
        (300, {"rate", "note", "feedback", "submit_time"}),
    ]
    changes = dict(schedule.changes())
    assert changes[2]["status"] == "P"
    assert (changes[2]["is_charged"], changes[2]["fee_main"]) == (True, 200)
    assert (changes[10]["delivery_status"], changes[60]["delivery_status"]) == ("received", "seen")
    assert 1 <= changes[300]["rate"] <= 5


def test_an_unopened_zns_is_not_rated(schedule: Schedule) -> None:
    """A ZNS that is never opened is sent and received only."""
    assert [seconds for seconds, _ in send(schedule, 5, rated=True)] == [2, 10]


def test_a_zns_to_a_phone_that_is_off(schedule: Schedule) -> None:
    """A ZNS to a phone that is off is sent and never received."""
    assert [seconds for seconds, _ in send(schedule, 7)] == [2]


def test_a_free_zns_is_not_charged(schedule: Schedule) -> None:
    """A ZNS without a fee is sent, and not charged."""
    doc = {"id": "1", "msg_id": "m"}
    lifecycle.schedule_message(
        schedule.state, doc, schedule.start, behavior_of("0"), lifecycle.FREE, rated=False
    )
    assert schedule.changes()[0][1]["is_charged"] is False


def test_a_journey_ends(schedule: Schedule) -> None:
    """A journey ends at its time."""
    lifecycle.schedule_journey(schedule.state, 1, schedule.start)
    assert schedule.changes() == [(0, {"status": "N"})]
