"""The scheduled changes of consents, and the delivery of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.services.zalo.lifecycle import schedule_consent, schedule_delivery
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world.people import behavior_of

if TYPE_CHECKING:
    from tests.sandbox.services.conftest import Schedule


@pytest.mark.parametrize(
    ("digit", "seconds", "reply"), [(0, 300, "P"), (5, 300, "N"), (6, 86_400, "NS"), (9, 86_400, "NS")]
)
def test_a_request_for_consent_is_answered(
    schedule: Schedule, digit: int, seconds: float, reply: str
) -> None:
    """The person agrees, refuses, or does not reply until the request expires."""
    behavior = behavior_of(f"8490123456{digit}")
    schedule_consent(schedule.state, {"id": "1"}, schedule.start, behavior)
    assert schedule.changes()[-1] == (seconds, {"reply_status": reply})
    granted_until = schedule.last_columns().get("granted_until", 0)
    assert (granted_until > micros(schedule.start)) == (reply == "P")


@pytest.mark.parametrize(
    ("received", "seen", "times"), [(False, False, []), (True, False, [10]), (True, True, [10, 60])]
)
def test_delivery(schedule: Schedule, *, received: bool, seen: bool, times: list[float]) -> None:
    """A record is received after 10 seconds and seen after a minute, or not."""
    schedule_delivery(schedule.state, "consent", 1, schedule.start, received=received, seen=seen)
    assert [seconds for seconds, _ in schedule.changes()] == times
