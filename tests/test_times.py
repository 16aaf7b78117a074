"""Test local times and days: in Hanoi by default, in another zone if it is given."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import ShopClient, times
from etelecom_async.testing import sandbox

LATE = datetime(2026, 11, 27, 20, 30, tzinfo=UTC)
"""Friday evening in London, and already Saturday in Hanoi."""
TOKYO = timezone(timedelta(hours=9))


SUMMER = datetime(2026, 3, 29, 2, tzinfo=UTC)


class Spring(tzinfo):
    """A zone whose clocks go forward by an hour at 02:00 on 2026-03-29; it needs no database of zones."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return one hour, and two in summer."""
        return timedelta(hours=1) + self.dst(moment)

    def dst(self, moment: datetime | None) -> timedelta:
        """Return an hour in summer."""
        is_summer = moment is not None and moment.replace(tzinfo=UTC) >= SUMMER
        return timedelta(hours=1 if is_summer else 0)

    def tzname(self, moment: datetime | None) -> str:
        """Return a name."""
        return f"spring+{self.dst(moment)}"


def test_local() -> None:
    """A time gets the date and the hour of Hanoi, or of another zone, and stays the same moment."""
    local = times.local(LATE)
    assert local.isoformat() == "2026-11-28T03:30:00+07:00"
    assert local == LATE
    assert times.local(LATE, TOKYO).isoformat() == "2026-11-28T05:30:00+09:00"
    assert times.local(local, UTC).isoformat() == LATE.isoformat()


def test_local_of_a_time_that_is_not_set() -> None:
    """A field that is not set stays `None`."""
    assert times.local(None) is None


def test_local_without_an_offset() -> None:
    """A naive time could be any of many moments, so it is refused."""
    with pytest.raises(ValueError, match=r"this time has no offset.*\.replace\(tzinfo=UTC\)"):
        times.local(LATE.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime.max.replace(tzinfo=UTC), TOKYO),
        (datetime.min.replace(tzinfo=UTC), timezone(-timedelta(hours=5))),
    ],
)
def test_local_outside_of_the_calendar(moment: datetime, zone: tzinfo) -> None:
    """A time that has no date in the zone, such as a far limit of a server, is one clear error."""
    with pytest.raises(ValueError, match="outside of the years 1 to 9999"):
        times.local(moment, zone)


def test_zone() -> None:
    """The zone has the offset that Vietnam has had since 1975, and its usual name."""
    assert times.VIETNAM.utcoffset(None) == timedelta(hours=7)
    assert str(times.VIETNAM) == "Asia/Ho_Chi_Minh"


def test_database_of_zones_agrees() -> None:
    """The system's database of zones, where there is one, has the same offset since July 1975."""
    try:
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
    except KeyError:
        pytest.skip("this system has no database of time zones")
    for year in range(1976, 2038):
        for month in (1, 7):
            assert datetime(year, month, 1, tzinfo=zone).utcoffset() == timedelta(hours=7)


def test_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The present time is that of the system, in the zone; a test replaces one function to drive the days."""
    before = datetime.now(UTC)
    assert before <= times.now() <= datetime.now(UTC)
    assert times.now().tzinfo is times.VIETNAM
    assert times.now(TOKYO).tzinfo is TOKYO
    monkeypatch.setattr(times, "now", LATE.astimezone)
    assert str(times.day("today").date) == "2026-11-28"
    assert str(times.day("today", UTC).date) == "2026-11-27"


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("today", "2026-11-28"),
        ("yesterday", "2026-11-27"),
        (" Yesterday\n", "2026-11-27"),
        ("TODAY", "2026-11-28"),
        ("-0d", "2026-11-28"),
        ("-1d", "2026-11-27"),
        ("-7d", "2026-11-21"),
        ("-7", "2026-11-21"),
        ("-28D", "2026-10-31"),
        ("-365d", "2025-11-28"),
        ("2026-02-28", "2026-02-28"),
        (" 2024-02-29 ", "2024-02-29"),
        (date(2025, 9, 30), "2025-09-30"),
        (datetime(2025, 9, 30, 16, 59, tzinfo=UTC), "2025-09-30"),
        (datetime(2025, 9, 30, 17, tzinfo=UTC), "2025-10-01"),
    ],
    ids=repr,
)
def test_day(which: Any, expected: str) -> None:
    """A word, a date or a time names a day of Hanoi, from midnight to midnight."""
    day = times.day(which, now=LATE)
    begin, end = day
    assert begin.isoformat() == f"{expected}T00:00:00+07:00"
    assert end - begin == timedelta(days=1)
    assert str(day.date) == expected
    assert (day.begin, day.end) == (begin, end)
    assert day.filter == {"date_from": begin, "date_to": end}


def test_day_of_another_zone() -> None:
    """In another zone, the same words name its own days."""
    assert times.day("today", TOKYO, now=LATE).begin.isoformat() == "2026-11-28T00:00:00+09:00"
    assert times.day("today", UTC, now=LATE).begin.isoformat() == "2026-11-27T00:00:00+00:00"
    assert times.day(LATE, zone=UTC).begin.isoformat() == "2026-11-27T00:00:00+00:00"


def test_day_with_a_change_of_the_clocks() -> None:
    """A day on which clocks change has 23 hours: both ends are midnight."""
    begin, end = times.day("2026-03-29", Spring())
    assert (begin.isoformat(), end.isoformat()) == ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00")
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=23)


EXAMPLES = "write today, yesterday, -7d or 2026-11-28"


@pytest.mark.parametrize(
    ("which", "problem"),
    [
        *(
            (text, f"{text!r} names no day; {EXAMPLES}")
            for text in (
                "",
                " ",
                "now",
                "tomorrow",
                "hôm qua",
                "7d",
                "+7d",
                "-d",
                "--7d",
                "-7w",
                "-1.5d",
                "-7 d",
            )
        ),
        *(
            (text, f"{text!r} names no day; {EXAMPLES}")
            for text in (
                "28/11/2026",
                "2026-11",
                "20261128",
                "2026-W48-6",
                "2026-11-28T10:00:00Z",
                "-\u0667d",
            )
        ),
        ("x" * 1000, f"{'x' * 40!r} names no day; {EXAMPLES}"),
        ("2026-02-29", f"2026-02-29 is not in the calendar; {EXAMPLES}"),
        ("2026-13-01", f"2026-13-01 is not in the calendar; {EXAMPLES}"),
        ("0000-01-01", f"0000-01-01 is not in the calendar; {EXAMPLES}"),
        ("-9999999d", f"this day is outside of the years 1 to 9999; {EXAMPLES}"),
        ("9999-12-31", f"the last day of the calendar has no end; {EXAMPLES}"),
        (date.max, f"the last day of the calendar has no end; {EXAMPLES}"),
        (-7, f"a day is a text or a date, not int; {EXAMPLES}"),
        (None, f"a day is a text or a date, not NoneType; {EXAMPLES}"),
        (
            LATE.replace(tzinfo=None),
            "this time has no offset, so it is not clear which moment it is; add one: .replace(tzinfo=UTC)",
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_no_day(which: Any, problem: str) -> None:
    """Anything else is refused with a reason and with examples."""
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        times.day(which, now=LATE)


def test_naive_now() -> None:
    """The present time needs an offset, too."""
    with pytest.raises(ValueError, match="this time has no offset"):
        times.day("today", now=LATE.replace(tzinfo=None))


def test_moments_in_a_day() -> None:
    """A day contains its first moment, and not the first one of the next day; nothing else is in it."""
    day = times.day("2026-11-28")
    assert day.begin in day
    assert LATE in day
    assert day.end not in day
    assert day.begin - timedelta(microseconds=1) not in day
    assert None not in day


@given(
    seconds=st.integers(0, 4_000_000_000),
    hours=st.integers(-12, 14),
)
def test_each_moment_is_in_its_day(seconds: int, hours: int) -> None:
    """Each moment is in the day that is named by it, in each zone, and this day follows the one before."""
    moment = datetime.fromtimestamp(seconds, UTC)
    zone = timezone(timedelta(hours=hours))
    day = times.day(moment, zone)
    assert moment in day
    assert day.date == times.local(moment, zone).date()
    assert times.day("yesterday", zone, now=moment).end == day.begin
    assert times.day("today", zone, now=moment) == day


async def test_calls_of_a_day() -> None:
    """The filter of a day gives a list its limits: all calls of this day in Hanoi, and no other call."""
    async with (
        sandbox(call_logs=1000) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        every = await shop.call_logs.list().collect()
        newest = max(call.started_at for call in every if call.started_at)
        day = times.day(newest)
        calls = await shop.call_logs.list(**day.filter).collect()
        expected = {call.id for call in every if times.local(call.started_at).date() == day.date}
        assert {call.id for call in calls if call.started_at in day} == expected
        assert 0 < len(expected) < len(every)
