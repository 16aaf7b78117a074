"""Rows go into a folder for their shop, their day in Hanoi and their month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import times
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.partitions import Layout, Partitions, check, of_span
from etelecom_async.history.schema import TIME
from etelecom_async.history.spans import Span

SCHEMA = pa.schema([("id", pa.string()), ("started_at", TIME), ("created_at", TIME)])
MIDNIGHT = times.day("2026-11-29").begin
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def table_of(*starts: datetime | None) -> ArrowTable:
    """Return rows with these starts; their ids are their places."""
    ids = [f"{number}" for number in range(len(starts))]
    return pa.table([ids, starts, [None] * len(starts)], schema=SCHEMA)


def written(
    folder: Path, names: Any, *tables: ArrowTable, shop_id: str = "1", first: int = 0
) -> dict[str, str]:
    """Return the ids of each file that the tables make."""
    partitions = Partitions(folder, Layout(names, shop_id, "csv", SCHEMA), first)
    for table in tables:
        partitions.write(table)
    partitions.close()
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("part-*")):
        lines = path.read_text().splitlines()[1:]
        found[path.relative_to(folder).as_posix()] = " ".join(line.split('"')[1] for line in lines)
    return found


def test_days_of_hanoi(tmp_path: Path) -> None:
    """A call at 00:30 in Hanoi belongs to that day, one tick before midnight to the day before."""
    table = table_of(MIDNIGHT - TICK, MIDNIGHT + timedelta(minutes=30), MIDNIGHT + DAY - TICK, None)
    assert written(tmp_path, ["day"], table) == {
        "day=2026-11-28/part-00000.csv": "0",
        "day=2026-11-29/part-00001.csv": "1 2",
        "day=unknown/part-00002.csv": "3",
    }


@pytest.mark.parametrize("names", [("month", "day"), ("day", "month")])
def test_levels(names: Any, tmp_path: Path) -> None:
    """Days and months in any order of the levels keep each day apart."""
    moments = [MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY, MIDNIGHT + DAY, None]
    values = {0: "2026-11-29", 1: "2026-11-30", 2: "2026-12-01", 3: "2026-11-30", 4: "unknown"}
    for path, ids in written(tmp_path, names, table_of(*moments)).items():
        for number in map(int, ids.split()):
            parts = {"day": values[number], "month": values[number][:7]}
            assert path.startswith("/".join(f"{name}={parts[name]}" for name in names))


def test_shop(tmp_path: Path) -> None:
    """A shop alone has all rows in one file; its id cannot leave the folder."""
    table = table_of(MIDNIGHT, None)
    assert written(tmp_path / "a", ["shop"], table, table) == {"shop=1/part-00000.csv": "0 1 0 1"}
    assert written(tmp_path / "b", ["shop"], table, shop_id="../../x") == {
        "shop=..%2F..%2Fx/part-00000.csv": "0 1"
    }


def test_open_files(tmp_path: Path) -> None:
    """A seventeenth partition closes the file that was unused for longest; its rows go on in another file."""
    days = [table_of(MIDNIGHT + number * DAY) for number in range(17)]
    found = written(tmp_path, ["day"], *days, days[1], days[0], first=5)
    assert len(found) == 18
    numbers = sorted(path.partition("part-")[2] for path in found)
    assert numbers == [f"{number:05}.csv" for number in range(5, 23)]
    assert [path for path in found if "day=2026-11-29" in path] == [
        "day=2026-11-29/part-00005.csv",
        "day=2026-11-29/part-00022.csv",
    ]
    assert found["day=2026-11-30/part-00006.csv"] == "0 0"


NOVEMBER = Span(times.day("2026-11-01").begin, times.day("2026-12-01").begin)


@pytest.mark.parametrize(
    ("names", "begin", "end"),
    [
        (("day",), MIDNIGHT, MIDNIGHT + DAY),
        (("month", "day"), MIDNIGHT.astimezone(UTC), MIDNIGHT + 9 * DAY),
        (("month",), NOVEMBER.begin, NOVEMBER.end),
        (("shop", "month"), NOVEMBER.begin, times.day("2027-01-01").begin),
        (("shop",), MIDNIGHT + TICK, MIDNIGHT + 5 * TICK),
    ],
)
def test_spans(names: Any, begin: datetime, end: datetime) -> None:
    """Whole days and months are accepted; with the shop alone, any span is."""
    check(names, Span(begin, end))


@pytest.mark.parametrize(
    ("problem", "names", "begin", "end"),
    [
        ("must be days", ("day",), MIDNIGHT + TICK, MIDNIGHT + DAY),
        ("must be days", ("shop", "day"), MIDNIGHT, MIDNIGHT + DAY / 2),
        ("must be days", ("day",), MIDNIGHT + timedelta(hours=7), MIDNIGHT + DAY),
        ("must be first days of a month", ("month",), MIDNIGHT, NOVEMBER.end),
        ("must be first days of a month", ("month", "shop"), NOVEMBER.begin, MIDNIGHT),
        ("each once", ("day", "day"), MIDNIGHT, MIDNIGHT + DAY),
        ("each once", ("hour",), MIDNIGHT, MIDNIGHT + DAY),
    ],
)
def test_refused_spans(problem: str, names: Any, begin: datetime, end: datetime) -> None:
    """Half days, half months and other names are refused."""
    with pytest.raises(InvalidRequestError, match=problem):
        check(names, Span(begin, end))


def test_paths_of_a_span() -> None:
    """A span fills the partitions of its days or months; the last day is not included."""
    days = of_span(["day"], "1", Span(MIDNIGHT, MIDNIGHT + 3 * DAY))
    assert days == ["day=2026-11-29", "day=2026-11-30", "day=2026-12-01"]
    assert of_span(["shop", "month"], "1", NOVEMBER) == ["shop=1/month=2026-11"]
    assert of_span(["shop"], "a/b", NOVEMBER) == ["shop=a%2Fb"]
    assert len(of_span(["month", "day"], "1", NOVEMBER)) == 30
    early = Span(times.day(date(999, 12, 31)).begin, times.day(date(1000, 1, 2)).begin)
    assert of_span(["month"], "1", early) == ["month=0999-12", "month=1000-01"]
