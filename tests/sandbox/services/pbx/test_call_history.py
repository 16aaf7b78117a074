"""A seeded history of calls."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.world.content import UNTIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


@pytest.fixture(scope="module")
def history(populated: Callable[..., State]) -> list[dict[str, Any]]:
    """Returns some thousand calls, oldest first."""
    state = populated(call_logs=6000)
    return [json.loads(row["doc"]) for row in state.fetch_all("SELECT doc FROM call_log ORDER BY id")]


def test_times_fit_together(history: list[dict[str, Any]]) -> None:
    """A call starts, ends and is updated in this order; `created_at` equals `started_at`."""
    for call in history:
        began, started = (datetime.fromisoformat(call[name]) for name in ("created_at", "started_at"))
        assert began == started < UNTIL
        changed = datetime.fromisoformat(call["updated_at"])
        if call["ended_at"] == "0001-01-01T00:00:00Z":
            assert call["call_state"] == "unknown"
        else:
            assert began < datetime.fromisoformat(call["ended_at"]) <= changed


def test_answered_calls(history: list[dict[str, Any]]) -> None:
    """
    An answered call has a duration, a recording and a target that answered.

    Other calls have none of these.
    """
    for call in history:
        is_answered = call["call_state"] == "answered"
        statuses = [target["status"] for target in call["call_targets"] or ()]
        assert (call["duration"] > 0) == is_answered
        assert bool(call["recording_urls"]) == is_answered
        assert ("answered" in statuses) == is_answered


def test_hours_and_days_differ(history: list[dict[str, Any]]) -> None:
    """Calls are in working hours; more are missed at lunch than in the morning, and few are on Sundays."""
    hours: dict[int, Counter[str]] = defaultdict(Counter)
    days: Counter[int] = Counter()
    for call in history:
        began = datetime.fromisoformat(call["created_at"])
        hours[began.hour][call["call_state"]] += 1
        days[began.weekday()] += 1

    def answered(hour: int) -> float:
        return hours[hour]["answered"] / hours[hour].total()

    assert hours[9].total() > 10 * hours[21].total()
    assert answered(9) > answered(12) + 0.1
    assert days[6] < days[0] / 3


def test_rows_have_unusual_values(history: list[dict[str, Any]]) -> None:
    """Some rows have unset ids and times, null arrays, both formats of a time, and unlisted values."""
    text = json.dumps(history, ensure_ascii=False)
    for piece in (
        '"contact_id": "0"',
        '"user_id": "0"',
        '"extension_id": "0"',
        '"ended_at": "0001-01-01T00:00:00Z"',
        '"answered_time": "0001-01-01T00:00:00Z"',
        '"call_targets": null',
        '"recording_urls": null',
        '"recording_urls": []',
        '"direction": "callback"',
        '"call_state": "voicemail"',
    ):
        assert piece in text, piece
    assert re.search(r'"created_at": "[^"]+\.\d{6}\+07:00"', text)
    assert re.search(r'"started_at": "[^"]+\.\d{6}Z"', text)
    directions = {call["direction"] for call in history}
    assert directions == {"unknown", "in", "out", "ext", "ext_in", "ext_out", "callback"}


def test_ids_and_moments(history: list[dict[str, Any]]) -> None:
    """Ids are unique and grow with time; a few calls start in the same microsecond."""
    ids = [int(call["id"]) for call in history]
    moments = [datetime.fromisoformat(call["created_at"]) for call in history]
    assert ids == sorted(set(ids))
    assert moments == sorted(moments)
    assert len(set(moments)) < len(moments)


def test_calls_without_extensions_are_missed(populated: Callable[..., State]) -> None:
    """A hotline without extensions has a history of missed calls."""
    state = populated(extensions=0, users=0, call_logs=50)
    calls = [json.loads(row["doc"]) for row in state.fetch_all("SELECT doc FROM call_log")]
    assert len(calls) == 50
    assert {call["extension_id"] for call in calls} == {"0"}
    assert "answered" not in {call["call_state"] for call in calls}


def test_columns_have_the_values_of_the_record(populated: Callable[..., State]) -> None:
    """The columns for filters have the values of the record."""
    state = populated(call_logs=200)
    for row in state.fetch_all("SELECT * FROM call_log"):
        doc = json.loads(row["doc"])
        for column in (
            "id",
            "caller",
            "callee",
            "direction",
            "call_state",
            "duration",
            "extension_id",
            "user_id",
        ):
            assert str(row[column]) == str(doc[column])
        for column in ("external_id", "external_session_id"):
            assert row[column] == doc[column]
