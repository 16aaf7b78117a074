"""Test the forms of values: times, listed texts, pairs, numbers and columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from etelecom_async import times
from etelecom_async.cli.index import Enum
from etelecom_async.cli.values import (
    Columns,
    Count,
    Day,
    Duration,
    Listed,
    Moment,
    Numbers,
    OutputPath,
    Pair,
    Phone,
    Rate,
    Size,
    Word,
)
from etelecom_async.times import VIETNAM

NOW = datetime(2026, 11, 28, 20, 30, tzinfo=UTC)
"""The 29th in Hanoi."""


def refused(kind: click.ParamType[Any], text: str) -> str:
    """Return the text of the error."""
    with pytest.raises(click.BadParameter) as raised:
        kind.convert(text, None, None)
    return raised.value.message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-11-28", "2026-11-28T00:00:00+07:00"),
        ("today", "2026-11-29T00:00:00+07:00"),
        ("Yesterday", "2026-11-28T00:00:00+07:00"),
        ("-7d", "2026-11-22T00:00:00+07:00"),
    ],
)
def test_days(monkeypatch: pytest.MonkeyPatch, text: str, start: str) -> None:
    """A day is Hanoi's; it stands for its start, or for its end in an option that ends in `-to`."""
    monkeypatch.setattr(times, "now", lambda zone=VIETNAM: NOW.astimezone(zone))
    begin = Moment(is_end=False).convert(text, None, None)
    assert begin == datetime.fromisoformat(start)
    assert Moment(is_end=True).convert(text, None, None) == begin + timedelta(days=1)


def test_time_that_needs_an_offset() -> None:
    """Some options refuse a time of day without an offset, and say how to write it; days need none."""
    kind = Moment(is_end=False, needs_offset=True)
    assert kind.convert("2026-11-28T09:30Z", None, None) == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert kind.convert("2026-11-28", None, None) == datetime(2026, 11, 28, tzinfo=VIETNAM)
    problem = "'2026-11-28T09:30' has no offset; for a time of Hanoi write 2026-11-28T09:30+07:00"
    assert refused(kind, "2026-11-28T09:30") == problem
    assert refused(kind, "9:3").endswith("write 2026-11-28T09:30+07:00, or a day")


def test_output_path(tmp_path: Path) -> None:
    """A path to write may be a folder or stdout, and is not empty."""
    for text in (str(tmp_path), "calls.csv", "-"):
        assert OutputPath().convert(text, None, None) == text
    assert refused(OutputPath(), "") == "the name of the file is empty"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-28T09:30", "2026-11-28T09:30:00+07:00"),
        ("2026-11-28 09:30:05", "2026-11-28T09:30:05+07:00"),
        ("2026-11-28T09:30Z", "2026-11-28T09:30:00+00:00"),
        ("2026-11-28T09:30-05:00", "2026-11-28T09:30:00-05:00"),
    ],
)
def test_times(text: str, moment: str) -> None:
    """A time without an offset is Hanoi's; one with an offset keeps it."""
    for is_end in (False, True):
        assert Moment(is_end=is_end).convert(text, None, None).isoformat() == moment
    converted = Moment(is_end=False).convert(text, None, None)
    assert Moment(is_end=True).convert(converted, None, None) is converted


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-13-01", "28/11/2026", "", "-7w", "2026-11-28T25:00", "12:61"]
)
def test_wrong_times(text: str) -> None:
    """The error of a wrong time shows how to write one."""
    assert "2026-11-28T09:30" in refused(Moment(is_end=False), text)


def test_listed() -> None:
    """A listed text may have any case; another one is refused with a similar one and the list."""
    names = {"in": "IN", "out": "OUT", "VI": "VIETNAMESE", "A": "ALL", "a": "ANY"}
    kind = Listed(Enum(names, is_complete=True))
    assert [kind.convert(text, None, None) for text in ("in", "OUT", "vi", "a", "A")] == [
        "in",
        "out",
        "VI",
        "a",
        "A",
    ]
    values = "Values: 'in', 'out', 'VI' (VIETNAMESE), 'A' (ALL), 'a' (ANY)"
    assert refused(kind, "ot") == f"'ot' is not listed: did you mean 'out'? {values}"
    assert refused(kind, "any") == f"'any' is not listed: did you mean 'a' (ANY)? {values}"
    assert refused(kind, "0") == f"'0' is not listed. {values}"


def test_open_list() -> None:
    """An open list takes any text; the help shows that."""
    kind = Listed(Enum({"in": "IN", "A": "ALL", "a": "ANY"}, is_complete=False))
    assert [kind.convert(text, None, None) for text in ("IN", "a", "ot")] == ["in", "a", "ot"]
    option = click.Option(["--kind"], type=kind)
    assert option.make_metavar(click.Context(click.Command("x"))) == "[in|A|a|...]"


def test_pairs() -> None:
    """A pair is split at its first equals sign; the value may be empty."""
    assert [Pair().convert(text, None, None) for text in ("a=b=c", "a=")] == [("a", "b=c"), ("a", "")]
    assert Pair().convert(("a", "b"), None, None) == ("a", "b")
    for text in ("a", "=b", ""):
        assert "name=value" in refused(Pair(), text)


def test_counts() -> None:
    """A count is a whole number in its range."""
    assert [Count().convert(text, None, None) for text in ("0", "12", 3)] == [0, 12, 3]
    assert refused(Count(least=1), "0") == "0 is below 1"
    assert refused(Count(most=5), "6") == "6 is above 5"
    assert refused(Count(), "1.5") == "'1.5' is no whole number"


def test_durations() -> None:
    """A length of time has a unit."""
    lengths = [Duration().convert(text, None, None) for text in ("90s", " 10m ", "2h", timedelta(days=1))]
    assert lengths == [
        timedelta(seconds=90), timedelta(minutes=10), timedelta(hours=2), timedelta(days=1),
    ]  # fmt: skip
    for text in ("", "10", "m", "-1m", "1.5h", "10 min"):
        assert refused(Duration(), text) == f"{text!r} is no length of time: write it like 90s, 10m or 1h"


def test_rates() -> None:
    """A rate is a number above 0."""
    assert [Rate().convert(text, None, None) for text in ("5", " 0.5 ", "1e3", 7)] == [5, 0.5, 1000, 7]
    for text in ("", "five", "5/s"):
        assert refused(Rate(), text) == f"{text!r} is no number"
    for text in ("0", "-1", "inf", "nan"):
        assert refused(Rate(), text) == f"{text} is not above 0"


def test_sizes() -> None:
    """A size has a decimal unit, or none for bytes."""
    sizes = [Size().convert(text, None, None) for text in ("7", "800kB", " 500 mb ", "20G", "1TB", 5)]
    assert sizes == [7, 800_000, 500_000_000, 20_000_000_000, 10**12, 5]
    for text in ("", "0", "MB", "-1MB", "1.5GB", "1 PB", "1 000"):
        assert refused(Size(), text) == f"{text!r} is no size: write it like 500MB or 20GB"


def test_columns() -> None:
    """Columns are checked where they are known; a part of a column, or a part of a list, is one, too."""
    kind = Columns(("id", "shop.name", "calls"))
    names = ("id", "shop", "shop.name", "calls.to")
    assert kind.convert(" id, shop ,shop.name,,calls.to", None, None) == names
    assert kind.convert(names, None, None) == names
    assert Columns(()).convert("anything", None, None) == ("anything",)
    assert refused(kind, "idd").startswith(
        "no column 'idd'. Did you mean 'id'? Columns: id, shop.name, calls"
    )
    assert refused(kind, " , ") == "name at least one column"


def test_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day is one of Hanoi, from midnight to midnight; the error shows how to write one."""
    monkeypatch.setattr(times, "now", lambda zone=VIETNAM: NOW.astimezone(zone))
    day = Day().convert("yesterday", None, None)
    assert day == times.day("2026-11-28")
    assert Day().convert(day, None, None) is day
    assert refused(Day(), "12:30") == "'12:30' names no day; write today, yesterday, -7d or 2026-11-28"


@pytest.mark.parametrize("text", ["0901 234 567", "+84 901-234-567", "84901234567", "901234567"])
def test_phone(text: str) -> None:
    """A phone number may have any notation."""
    assert Phone().convert(text, None, None) == "84901234567"


def test_word() -> None:
    """A text must not be empty; white space around it does not count."""
    assert Word().convert(" Lan ", None, None) == "Lan"
    assert refused(Word(), " ") == "the text is empty"


def test_wrong_phone() -> None:
    """The error says how to write a phone number, and does not repeat it."""
    message = refused(Phone(), "09012x4567")
    assert message.startswith("a phone number has no letters; write it like")
    assert "09012" not in message


def test_numbers() -> None:
    """One number or a range; only where it is allowed, a shop stands before it."""
    assert Numbers().convert("1001", None, None) == ("", range(1001, 1002))
    assert Numbers().convert("1001 - 1999", None, None) == ("", range(1001, 2000))
    both = Numbers(has_shop=True)
    assert both.convert("A = B =7-9", None, None) == ("A = B", range(7, 10))
    assert both.convert(("", range(1)), None, None) == ("", range(1))
    assert refused(Numbers(), "May=7") == "'May=7' has not the form 1001 or 1001-1999"
    assert refused(both, "May=0-7") == "'0-7' has not the form 1001 or 1001-1999"
    assert refused(both, "9-7") == "7 is below 9"
