"""A seeded history of calls."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.services.pbx import call_history
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

UNTIL = datetime(2025, 10, 1, tzinfo=VIETNAM)
"""An end after which the days of the history are those of a week."""


def docs(state: State) -> list[dict[str, Any]]:
    """Returns the calls of a state, oldest first within each shop."""
    rows = state.fetch_all("SELECT doc FROM call_log ORDER BY shop_id, id")
    return [json.loads(row["doc"]) for row in rows]


@pytest.fixture(scope="module")
def history(populated: Callable[..., State]) -> list[dict[str, Any]]:
    """Returns some thousand calls, oldest first."""
    return docs(populated(call_logs=6000, tenants=1, until=UNTIL))


def test_times_fit_together(history: list[dict[str, Any]]) -> None:
    """A call starts, is recorded soon after, ends and is updated in this order."""
    delays: Counter[timedelta] = Counter()
    for call in history:
        created, started = (datetime.fromisoformat(call[name]) for name in ("created_at", "started_at"))
        delays[created - started] += 1
        changed = datetime.fromisoformat(call["updated_at"])
        assert started <= created <= changed <= UNTIL
        if call["ended_at"] == "0001-01-01T00:00:00Z":
            assert call["call_state"] == "unknown"
        else:
            ended = datetime.fromisoformat(call["ended_at"])
            assert started < ended <= changed
            assert created <= ended
    assert delays.total() - delays[timedelta(seconds=2)] <= 1  # only a call at the end is recorded earlier


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
    state = populated(extensions=0, users=0, call_logs=50, tenants=1)
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


def _shifted(value: Any, days: int) -> Any:
    """Returns a value of a record with its times shifted by whole days."""
    if isinstance(value, dict):
        return {name: _shifted(item, days) for name, item in value.items()}
    if isinstance(value, list):
        return [_shifted(item, days) for item in value]
    if isinstance(value, str) and re.fullmatch(r"2\d{3}-\d\d-\d\dT.*", value):
        return datetime.fromisoformat(value) + timedelta(days=days)
    return value


@pytest.fixture(scope="module")
def first(populated: Callable[..., State]) -> list[dict[str, Any]]:
    """Returns calls that tests compare with those of another end."""
    return docs(populated(call_logs=500, until=UNTIL))


@pytest.mark.parametrize("end", ["2026-03-01", "2024-02-29", "2026-01-01", "2026-11-29"])
def test_another_end_shifts_the_calls(
    populated: Callable[..., State], first: list[dict[str, Any]], end: str
) -> None:
    """With another end, each call is the same, with all its times and ids shifted by whole days."""
    days = (datetime.fromisoformat(end).date() - UNTIL.date()).days
    second = docs(populated(call_logs=500, until=end))
    ids = re.compile(r"\d{19}")
    assert len(first) == len(second) == 600
    for one, other in zip(first, second, strict=True):
        expected, found = _shifted(one, days), _shifted(other, 0)
        assert ids.sub("id", str(found)) == ids.sub("id", str(expected))
        # The id has the time in its upper bits and the same lower bits.
        assert int(other["id"]) - int(one["id"]) == days * 8_640_000 << 24


@pytest.mark.parametrize("seed", range(8))
def test_no_call_is_after_the_end(populated: Callable[..., State], seed: int) -> None:
    """
    No time of a call is after the end, not even of calls just before midnight, and durations fit.

    The last day of 600 calls has as many calls as that of 4000, which are spread over more days.
    """
    state = populated(call_logs=600, tenants=1, seed=seed, until=UNTIL)
    for call in docs(state):
        began = datetime.fromisoformat(call["started_at"])
        text = json.dumps(call)
        assert max(map(datetime.fromisoformat, re.findall(r"2\d{3}-[-0-9]{5}T[^\"]+", text))) <= UNTIL
        if call["call_state"] == "answered":
            ended = datetime.fromisoformat(call["ended_at"])
            assert timedelta(seconds=call["duration"]) <= ended - began
            assert call["duration"] > 0


def test_a_call_that_would_last_past_the_end() -> None:
    """A call is cut at the end of the history: first its duration, then its ring time."""
    cut = call_history._cut
    assert cut("answered", 60, 5, 66) == ("answered", 60, 5)
    assert cut("answered", 60, 5, 65) == ("answered", 59, 5)
    assert cut("answered", 60, 5, 7) == ("answered", 1, 5)
    assert cut("answered", 60, 5, 6) == ("not_answered", 0, 5)
    assert cut("not_answered", 0, 30, 4) == ("not_answered", 0, 3)
    assert cut("voicemail", 0, 30, 0) == ("voicemail", 0, 0)


@pytest.mark.parametrize("tenants", [2, 3, 30])
def test_every_shop_has_calls(populated: Callable[..., State], tenants: int) -> None:
    """Each other shop has a tenth of the calls; many shops have together as many as the first."""
    state = populated(call_logs=100, tenants=tenants)
    rows = state.fetch_all("SELECT shop_id, count(*) AS number FROM call_log GROUP BY shop_id")
    counts = {str(row["shop_id"]): row["number"] for row in rows}
    assert counts.pop(state.setting("shop_id")) == 100
    assert list(counts.values()) == [min(10, 100 // (tenants - 1))] * (tenants - 1)
    callers = state.fetch_all(
        "SELECT DISTINCT shop_id, caller AS numbers FROM call_log WHERE direction = 'in'"
    )
    assert len(callers) == len({row["numbers"] for row in callers})


def test_calls_fit_the_extensions_of_their_shop(populated: Callable[..., State]) -> None:
    """A call has an extension and an employee of its own shop, and a hotline that exists."""
    state = populated(tenants=6, call_logs=300, extensions=20)
    strangers = state.fetch_all(
        "SELECT call_log.id FROM call_log LEFT JOIN extension ON extension.id = call_log.extension_id "
        "LEFT JOIN hotline ON hotline.id = call_log.hotline_id WHERE hotline.id IS NULL OR "
        "(call_log.extension_id > 0 AND extension.shop_id IS NOT call_log.shop_id)"
    )
    assert not strangers
