"""Extensions, employees and hotlines are ranked by their calls."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.history.arrow import pa
from etelecom_async.history.report_rankings import MOST_BARS, MOST_ROWS, Rankings, unique
from etelecom_async.history.report_sections import Heading, Section
from etelecom_async.history.report_texts import UNKNOWN

NASTY = "<script>alert(1)</script>"


def rankings_of(maker: Any, *rows: Any, **changes: Any) -> Rankings:
    """Return the rankings of some calls."""
    heading = Heading(
        language="en", shop="Shop", span=maker.span, step="day", made=times.now(), limit=20,
        reveals_numbers=False, employees={},
    )  # fmt: skip
    return Rankings(maker.figures(*rows), attrs.evolve(heading, **changes))


def rows_of(section: Section) -> list[list[str]]:
    """Return the cells of the table of a section."""
    return [
        [unescape(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", section.table, re.DOTALL)
    ]


def charted(section: Section) -> list[tuple[str, str, int]]:
    """Return the bars of a section."""
    assert section.chart is not None
    return [(mark.row, mark.series, mark.value) for mark in section.chart.marks]


def test_extensions(maker: Any) -> None:
    """The table and the bars have the calls of each extension; a number that is none is masked."""
    rows = [
        maker.call("2025-09-22T08:00:00", answer=5),
        maker.call("2025-09-22T09:00:00", call_targets=[maker.target("1001"), maker.target("0901234567")]),
        maker.call("2025-09-22T10:00:00", direction="out", caller="1001", callee="0901234567", answer=7),
        maker.call("2025-09-22T11:00:00", direction="out", caller="", callee="0901234567"),
    ]
    section = rankings_of(maker, *rows).extensions()
    assert rows_of(section)[1:] == [
        ["1001", "2", "1", "1", "1", "1", "1m 48s"],
        ["\u2013", "0", "0", "0", "1", "0", "0s"],
        ["090***567", "1", "0", "1", "0", "0", "0s"],
    ]
    assert charted(section)[:3] == [("1001", "answered", 1), ("1001", "not_here", 1), ("1001", "outgoing", 1)]
    assert "0901234567" in rankings_of(maker, *rows, reveals_numbers=True).extensions().table


def test_employees(maker: Any) -> None:
    """Employees have their names, or their ids; equal names stay apart, and markup is escaped."""
    rows = [
        maker.call(f"2025-09-22T08:0{n}:00", answer=5, user_id=user)
        for n, user in enumerate(["1", "1", "2", "3", "4", None])
    ]
    section = rankings_of(
        maker, *rows, employees={"1": "Lan", "2": "Lan", "3": NASTY, "9": "Gone"}
    ).employees()
    assert [row[:2] for row in rows_of(section)[1:]] == [
        ["Lan", "2"], ["Lan (2)", "1"], [NASTY, "1"], ["4", "1"], ["No employee", "1"],
    ]  # fmt: skip
    assert NASTY not in section.table
    assert section.notes == ["A missed call belongs to no employee."]
    without = rankings_of(maker, *rows, employees=None).employees()
    assert [row[0] for row in rows_of(without)[1:]] == ["1", "2", "3", "4", "No employee"]
    assert "could not be read" in without.notes[1]


def test_hotlines(maker: Any) -> None:
    """A hotline has its name and number, and the calls that no list has are unresolved."""
    rows = [maker.call(f"2025-09-22T08:0{n}:00", answer=5) for n in range(3)]
    table = maker.table(rows)
    for name, values in {
        "hotline_id": ["9", "8", None],
        "hotline": ["1900", "1800", "unresolved"],
        "hotline_name": ["Sales & <b>", "", "unresolved"],
    }.items():
        table = table.append_column(name, pa.array(values, pa.string()))
    figures = maker.of_tables([table], has_hotlines=True)
    heading = rankings_of(maker)._heading
    section = Rankings(figures, heading).hotlines()
    assert [row[0] for row in rows_of(section)[1:]] == ["1800", "Sales & <b> · 1900", "Unresolved"]
    assert rows_of(section)[1] == ["1800", "1", "1", "0", "100.0%", "0"]
    assert "<b>" not in section.table


def test_many_rows(maker: Any) -> None:
    """A long ranking has the first rows and bars, and says how many rows it leaves out."""
    rows = [maker.call("2025-09-22T08:00:00", call_targets=[maker.target(str(1000 + n))]) for n in range(230)]
    section = rankings_of(maker, *rows).extensions()
    assert len(rows_of(section)) == MOST_ROWS + 1
    assert len({row for row, _, _ in charted(section)}) == MOST_BARS
    assert section.notes[-1] == "… and 30 more, with fewer calls"


@pytest.mark.parametrize("labels", [["a", "b"], []])
def test_labels_that_differ(labels: list[str]) -> None:
    """Labels that differ stay as they are."""
    assert unique(labels) == labels


def test_equal_labels() -> None:
    """Equal labels get numbers."""
    assert unique(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
    assert unique(["a", "a", "a (2)", "a (2)", "a"]) == ["a", "a (2)", "a (2) (2)", "a (2) (3)", "a (3)"]


def test_labels_of_odd_names() -> None:
    """Names are cleaned before anything is drawn: a zero byte would abort the drawing, and the process."""
    assert unique(["a\0", "a\n", "\x1b", "x" * 90, "x" * 91]) == [
        "a",
        "a (2)",
        UNKNOWN,
        f"{'x' * 79}…",
        f"{'x' * 79}… (2)",
    ]
