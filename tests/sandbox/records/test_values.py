"""Checks of the fields of a record."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import freezegun
import pytest

from etelecom_async.models import CallDirection, CallState
from etelecom_async.sandbox.records.fields import FollowerFields, NewCall
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.sandbox.records.values import RecordError, check_fields, hints_of, to_wire
from tests.sandbox.records.conftest import NOW

ENUMS = KINDS["calls"].enums()


def checked(**given: Any) -> tuple[dict[str, Any], list[str]]:
    """Returns the right fields of a call, and the problems."""
    return check_fields(given, NewCall, ENUMS, NOW)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"extension_id": 1001}, "1001"),
        ({"direction": CallDirection.OUT}, "out"),
        ({"direction": "callback"}, "callback"),
        ({"recording_urls": ("https://example.com/a.wav",)}, ["https://example.com/a.wav"]),
        ({"recording_urls": None}, None),
        ({"ended_at": None}, None),
        ({"call_targets": [{"ring_time": NOW, "n": [1, None, True]}]},
         [{"ring_time": "2026-11-29T00:00:30+07:00", "n": [1, None, True]}]),
    ],
)  # fmt: skip
def test_right_values(given: dict[str, Any], expected: object) -> None:
    """Numbers stand for ids, enums for their texts, tuples for lists, and null where a record can have it."""
    assert checked(**given) == ({next(iter(given)): expected}, [])
    assert type(checked(**given)[0][next(iter(given))]) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("-90m", NOW - timedelta(minutes=90)),
        ("-2s", NOW - timedelta(seconds=2)),
        ("-3h", NOW - timedelta(hours=3)),
        ("-30d", NOW - timedelta(days=30)),
        ("yesterday 09:30", datetime.fromisoformat("2026-11-28T09:30:00+07:00")),
        ("today 0:00", datetime.fromisoformat("2026-11-29T00:00:00+07:00")),
        ("-29d 23:59:59", datetime.fromisoformat("2026-10-31T23:59:59+07:00")),
        ("2028-02-29 08:00", datetime.fromisoformat("2028-02-29T08:00:00+07:00")),
        ("2026-11-28T17:30:00Z", datetime.fromisoformat("2026-11-29T00:30:00+07:00")),
    ],
)
def test_times_as_texts(text: str, expected: datetime) -> None:
    """A text is ISO 8601, a time before now, or a day with a time in Hanoi."""
    assert checked(started_at=text) == ({"started_at": expected}, [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"duraton": 5}, "duraton: there is no such field; did you mean 'duration'?"),
        ({"xyz": 5}, "xyz: there is no such field; there are "),
        ({"duration": "5"}, "duration: '5' is not a whole number"),
        ({"duration": True}, "duration: True is not a whole number"),
        ({"duration": 2**63}, "duration: the number has more than 64 bits"),
        ({"duration": None}, "duration: cannot be null"),
        ({"recording": 1}, "recording: 1 is neither true nor false"),
        ({"note": 1.5}, "note: 1.5 is not a text"),
        ({"note": "\ud800"}, "note: the text has half of a surrogate pair"),
        ({"recording_urls": "https://example.com"}, "recording_urls: 'https://example.com' is not a list"),
        ({"recording_urls": [None]}, "recording_urls: cannot be null"),
        ({"call_targets": ["a"]}, "call_targets: 'a' is not an object"),
        ({"call_targets": [{"a": {1}}]}, "call_targets: {1} cannot be in JSON"),
        ({"call_targets": [{"a": ["\ud800"]}]}, "call_targets: the text has half of a surrogate pair"),
        ({"started_at": datetime(2026, 1, 1)}, "started_at: the time has no offset"),  # noqa: DTZ001
        ({"started_at": "2026-01-01T09:00:00"}, "started_at: the time has no offset"),
        ({"started_at": "2026-02-30 09:00"}, "started_at: '2026-02-30 09:00' is not a time; write "),
        ({"started_at": "soon"}, "started_at: 'soon' is not a time; write "),
        ({"started_at": 5}, "started_at: 5 is not a time; write "),
        ({"started_at": "-999999999d"}, "started_at: '-999999999d' is outside of the years 1 to 9999"),
        ({"call_state": "answred"}, "call_state: 'answred' is no listed value; did you mean 'answered'?"),
        ({"note": ["x" * 100]}, f"note: {str(['x' * 100])[:60]}... is not a text"),
    ],
)  # fmt: skip
def test_wrong_values(given: dict[str, Any], problem: str) -> None:
    """A wrong field gives one text with its name, and is left out."""
    values, problems = checked(**given, caller="1001")
    assert values == {"caller": "1001"}
    assert [text[: len(problem)] for text in problems] == [problem]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("Answered", "did you mean 'answered'?"),
        ("answred", "In Python, CallState.unlisted(...) keeps it"),
        ("transferred", None),
        (CallState.unlisted("answred"), None),
        (CallState.ANSWERED, None),
    ],
)
def test_spelling(given: str, problem: str | None) -> None:
    """A value like a listed one is a typing error, unless the caller says that it is none."""
    values, problems = checked(call_state=given)
    assert values == ({} if problem else {"call_state": str(given)})
    assert all(problem and problem in text for text in problems)


def test_all_mistakes_are_reported() -> None:
    """All wrong fields are reported together, in their order."""
    _, problems = checked(duration="5", note=None, started_at="x")
    assert [problem.partition(":")[0] for problem in problems] == ["duration", "note", "started_at"]


def test_an_object() -> None:
    """A mapping with times inside of it becomes plain JSON."""
    given = {"shared_info": {"since": datetime(2026, 1, 1, tzinfo=UTC)}}
    values, problems = check_fields(given, FollowerFields, {}, NOW)
    assert (values, problems) == ({"shared_info": {"since": "2026-01-01T07:00:00+07:00"}}, [])
    assert check_fields({"shared_info": [1]}, FollowerFields, {}, NOW)[1] == [
        "shared_info: [1] is not an object"
    ]


def test_an_object_that_contains_itself() -> None:
    """A list that contains itself is a problem of its field, not an endless loop."""
    targets: list[dict[str, Any]] = [{}]
    targets[0]["targets"] = targets
    assert checked(call_targets=targets)[1] == ["call_targets: it is nested too deep, or contains itself"]


def test_in_frozen_time() -> None:
    """Fields are checked in time frozen by freezegun too, which replaces the class of times."""
    hints_of.cache_clear()
    with freezegun.freeze_time("2026-01-01", real_asyncio=True):
        values, problems = checked(started_at=datetime.now(UTC))
    assert not problems
    assert to_wire(values["started_at"]) == "2026-01-01T07:00:00+07:00"


def test_the_error() -> None:
    """The error has all problems, also after pickling."""
    error = pickle.loads(pickle.dumps(RecordError(["a: x", "b: y"])))
    assert (error.problems, str(error)) == (("a: x", "b: y"), "a: x\nb: y")
