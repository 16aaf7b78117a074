"""Values that pyarrow reads get the meaning of the models; what it reads differently is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pyarrow as pa
import pytest

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async._core.model import Model
from etelecom_async.history import arrow_values
from etelecom_async.models import CallLog

CONVERTS = arrow_values.columns(CallLog)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@attrs.frozen(kw_only=True, repr=False)
class Optional(Model):
    """A model with a text that may be null."""

    title: str | None = None
    url: str = ""


def converted(name: str, values: list[Any], kind: Any = None) -> Any:
    """Return the column of a field as Python values."""
    return CONVERTS[name](pa.array(values, kind or pa.string())).to_pylist()


@pytest.mark.parametrize("name", ["id", "user_id", "contact_id", "extension_id"])
def test_ids(name: str) -> None:
    """Ids that are not set are null."""
    assert converted(name, ["17", "0", "", None, "00"]) == ["17", None, None, None, "00"]


@pytest.mark.parametrize("name", ["external_id", "external_session_id"])
def test_ids_of_the_caller(name: str) -> None:
    """An id that the caller chose may be `0`."""
    assert converted(name, ["17", "0", "", None]) == ["17", "0", None, None]


def test_texts() -> None:
    """Null is an empty text; a text that may be null stays null."""
    assert converted("note", ["a", None, "", "0", NEVER]) == ["a", "", "", "0", NEVER]
    assert converted("note", ["a"]) == ["a"]
    texts = pa.array(["a", None])
    optional = arrow_values.columns(Optional)
    assert optional["title"](texts).to_pylist() == ["a", None]
    assert optional["url"](texts).to_pylist() == ["a", ""]


def test_enums() -> None:
    """Enums are their texts, also unlisted ones; null stays null."""
    assert converted("call_state", ["answered", "new", "", None]) == ["answered", "new", "", None]
    with pytest.raises(pa.ArrowInvalid, match="a time in place of a word"):
        converted("call_state", ["answered", NEVER])


def test_numbers() -> None:
    """Numbers stay as they are."""
    assert converted("duration", [5, None, 2**63 - 1], pa.int64()) == [5, None, 2**63 - 1]


def test_times() -> None:
    """Times are moments in UTC; the zero time, null and an empty text are null."""
    texts = ["2026-11-02T12:00:00Z", "2026-11-02T19:00:00.000+07:00", NEVER, "", None]
    assert converted("started_at", texts) == [NOON, NOON, None, None, None]
    assert converted("started_at", [NEVER, None]) == [None, None]
    assert converted("started_at", []) == []


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"])
def test_ends_of_the_calendar(text: str) -> None:
    """The first and the last time of the calendar are times."""
    assert converted("started_at", [text]) == [datetime.fromisoformat(text)]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02T12:00:00",
        "2026-11-02",
        "2026-11-02T12:00:60Z",
        "0000-12-31T00:00:00Z",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:59:59-07:00",
        "1700000000",
        "tomorrow",
    ],
)
def test_refused_times(text: str) -> None:
    """A time that pyarrow would read in another way than the models is refused: the models read it."""
    with pytest.raises((pa.ArrowInvalid, OverflowError)):
        converted("started_at", ["2026-11-02T12:00:00Z", text])


def test_lists() -> None:
    """Null is an empty list; null in place of an item is refused."""
    kind = pa.list_(pa.string())
    assert converted("recording_urls", [["a", ""], None, []], kind) == [["a", ""], [], []]
    assert converted("recording_urls", [None], kind) == [[]]
    assert converted("recording_urls", [], kind) == []
    with pytest.raises(pa.ArrowInvalid, match="null in place of an item"):
        converted("recording_urls", [["a", None]], kind)


def test_part_of_an_array() -> None:
    """A part of a longer array is converted alone."""
    lists = pa.array([["a"], ["b", "c"], None, ["d"]])[1:3]
    assert CONVERTS["recording_urls"](lists).to_pylist() == [["b", "c"], []]


def test_objects() -> None:
    """Values in the objects of a list are converted, too."""
    kind = pa.list_(
        pa.struct(
            [
                *((name, pa.string()) for name in ("add_time", "answered_time", "end_reason", "ended_time")),
                *((name, pa.int64()) for name in ("fail_code", "ring_duration")),
                *((name, pa.string()) for name in ("ring_time", "status", "target_number", "trunk_name")),
            ]
        )
    )
    target = {"add_time": "2026-11-02T19:00:00+07:00", "ring_time": NEVER, "fail_code": 3}
    ((found,), nothing) = converted("call_targets", [[target], None], kind)
    assert (found["add_time"], found["ring_time"], found["fail_code"]) == (NOON, None, 3)
    assert (found["status"], found["ring_duration"], nothing) == ("", None, [])
