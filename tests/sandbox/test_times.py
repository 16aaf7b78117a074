"""Times as texts and as numbers."""

from __future__ import annotations

from datetime import datetime

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async.sandbox.times import (
    iso,
    iso_utc,
    micros,
    midnight,
    moment,
    next_day,
    next_month,
    this_month,
)

MOMENT = datetime.fromisoformat("2025-09-25T03:50:25.123456Z")


def test_texts() -> None:
    """Records have Vietnam's offset and microseconds; webhooks have UTC and whole seconds."""
    assert iso(MOMENT) == "2025-09-25T10:50:25.123456+07:00"
    assert iso_utc(MOMENT) == "2025-09-25T03:50:25Z"


def test_microseconds_are_exact() -> None:
    """A time and its number are the same moment, to the microsecond, even centuries from now."""
    assert micros(MOMENT) == 1_758_772_225_123_456
    assert micros(datetime.fromisoformat(NEVER)) == -62_135_596_800_000_000
    assert moment(micros(MOMENT)) == MOMENT


def test_days_and_months_are_vietnams() -> None:
    """Days and months start at midnight in Vietnam, seven hours before midnight in UTC."""
    late = datetime.fromisoformat("2025-12-31T16:59:59Z")
    assert next_day(late) == next_month(late) == datetime.fromisoformat("2025-12-31T17:00:00Z")
    assert this_month(late) == datetime.fromisoformat("2025-11-30T17:00:00Z")
    first = datetime.fromisoformat("2025-12-31T17:00:00Z")
    assert this_month(first) == midnight(first) == first
    assert midnight(late) == datetime.fromisoformat("2025-12-30T17:00:00Z")
    assert next_day(first) == datetime.fromisoformat("2026-01-01T17:00:00Z")
    assert next_month(first) == datetime.fromisoformat("2026-01-31T17:00:00Z")
