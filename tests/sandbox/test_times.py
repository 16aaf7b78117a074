"""Times as text and as numbers."""

from __future__ import annotations

from datetime import datetime

from etelecom_async.sandbox.times import UNSET_TIME, iso, iso_utc, micros

MOMENT = datetime.fromisoformat("2025-09-25T03:50:25.123456Z")


def test_texts() -> None:
    """Records carry Vietnam's offset and microseconds, webhooks UTC and whole seconds."""
    assert iso(MOMENT) == "2025-09-25T10:50:25.123456+07:00"
    assert iso_utc(MOMENT) == "2025-09-25T03:50:25Z"


def test_microseconds_are_exact() -> None:
    """A time and its number are the same moment, to the microsecond, also far from now."""
    assert micros(MOMENT) == 1_758_772_225_123_456
    assert micros(datetime.fromisoformat(UNSET_TIME)) == -62_135_596_800_000_000
