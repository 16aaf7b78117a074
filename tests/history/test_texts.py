"""Times become texts with the offset of Hanoi, lists become JSON, and formulas become harmless."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.formulas import harmless
from etelecom_async.history.arrow import pa
from etelecom_async.history.schema import TIME, schema_of
from etelecom_async.history.texts import flat, offsets, with_time_texts
from etelecom_async.models import CallLog

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def texts_of(*times: datetime | None) -> list[str | None]:
    """Return the texts of times."""
    table = pa.table({"at": pa.array(times, TIME)})
    found: list[str | None] = with_time_texts(table).column("at").to_pylist()
    return found


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (FIRST, "0001-01-01T07:00:00+07:00"),
        (datetime(2026, 11, 28, 17, 30, tzinfo=UTC), "2026-11-29T00:30:00+07:00"),
        (datetime(2026, 11, 28, 17, 30, 0, 1, tzinfo=UTC), "2026-11-29T00:30:00.000001+07:00"),
        (datetime(2026, 11, 28, 17, 30, 0, 120_000, tzinfo=UTC), "2026-11-29T00:30:00.120000+07:00"),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "1970-01-01T06:59:59.999999+07:00"),
        (LAST - timedelta(hours=7), "9999-12-31T23:59:59.999999+07:00"),
        (LAST - timedelta(hours=7) + timedelta(microseconds=1), "9999-12-31T17:00:00Z"),
        (LAST, "9999-12-31T23:59:59.999999Z"),
        (None, None),
    ],
)
def test_times(time: datetime | None, text: str | None) -> None:
    """A time has the offset of Hanoi, and microseconds if it has some; the last hours are in UTC."""
    assert texts_of(time) == [text]
    assert texts_of(None, time, None) == [None, text, None]


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC))))
def test_all_times(times: list[datetime | None]) -> None:
    """Each text is the same moment."""
    assert [None if text is None else datetime.fromisoformat(text) for text in texts_of(*times)] == times


def test_nested_times() -> None:
    """Times in objects in lists become texts, too; lists keep their lengths, also in slices and chunks."""
    targets = [[], [{"ring_time": FIRST, "target_number": "1"}, {"ring_time": None}], [{}], []]
    schema = schema_of(CallLog)
    table = pa.Table.from_pylist([{"call_targets": each} for each in targets], schema=schema)
    for part, start, stop in ((table, 0, 4), (table[1:3], 1, 3), (table[:0], 0, 0), (table[2:], 2, 4)):
        found = with_time_texts(part).column("call_targets").to_pylist()
        assert [len(each) for each in found] == [len(each) for each in targets[start:stop]]
    chunked = pa.concat_tables([table[3:], table[1:2], table[:1]])
    empty, full, last = with_time_texts(chunked).column("call_targets").to_pylist()
    assert (empty, last) == ([], [])
    assert [each["ring_time"] for each in full] == ["0001-01-01T07:00:00+07:00", None]
    assert full[0]["target_number"] == "1"


def test_flat() -> None:
    """Lists are JSON texts, null stays null, and numbers stay numbers."""
    values: dict[str, Any] = {"texts": [["=1", "ệ"], []], "numbers": [1, None], "text": ["'=1", None]}
    table = flat(pa.table(values))
    assert table.column("texts").to_pylist() == ['["=1","ệ"]', "[]"]
    assert json.loads(table.column("texts")[0].as_py()) == ["=1", "ệ"]
    assert table.column("numbers").to_pylist() == [1, None]
    assert table.column("text").to_pylist() == ["'=1", None]
    assert flat(pa.table({"nothing": pa.array([None], pa.string())})).column("nothing").to_pylist() == [None]


def test_formulas() -> None:
    """A text is as harmless as `harmless` makes it, whatever character stands before the sign."""
    characters = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace() or code < 0x3000]
    odd: list[str | None] = [f"{character}{sign}1+1" for character in ["", *characters] for sign in "=@"]
    odd += ["-5", "+84 90", "\uff1d1", "\uff0bx", "a=1", "", None]
    found = flat(pa.table({"text": pa.array(odd, pa.string())})).column("text").to_pylist()
    assert found == [None if text is None else harmless(text) for text in odd]
    assert "'=1+1" in found


def test_offsets() -> None:
    """Lists start where the ones before them end."""
    assert offsets(pa.array([2, 0, 3], pa.int32())).to_pylist() == [0, 2, 2, 5]
    assert offsets(pa.array([], pa.int32())).to_pylist() == [0]
