"""Ids in the form of the platform."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from etelecom_async.sandbox.ids import id_at, parse_id


@pytest.mark.parametrize(
    ("documented", "created_at"),
    [
        (1415096549774721835, "2025-09-25T03:50:25Z"),
        (1414892734919211862, "2025-09-23T18:05:42Z"),
    ],
)
def test_ids_of_the_documentation(documented: int, created_at: str) -> None:
    """The id of a documented record matches its time, to within a second."""
    moment = datetime.fromisoformat(created_at)
    made = id_at(moment, documented)
    assert abs(made - documented) < id_at(moment + timedelta(seconds=1), documented) - made


def test_ids_grow_with_time() -> None:
    """A later id is greater, for any low bits; all ids have 19 digits."""
    moment = datetime.fromisoformat("2025-10-01T00:00:00+07:00")
    first, second = id_at(moment, 2**24 - 1), id_at(moment + timedelta(milliseconds=10), 0)
    assert first < second
    assert {len(str(first)), len(str(second))} == {19}


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("-1", None), ("\u0661", None)],
)
def test_texts_of_ids(text: str, number: int | None) -> None:
    """An id is a whole number of 64 bits in ASCII digits."""
    assert parse_id(text) == number
