"""Each section shows its figures in a table, and the same numbers in its chart."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.history.report_sections import Heading, Section, Sections, bars
from etelecom_async.history.report_texts import Texts


class Cells(HTMLParser):
    """Reads the cells of a table, row by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a row or a cell."""
        del attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        """Read the text of a cell."""
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def heading_of(maker: Any, **changes: Any) -> Heading:
    """Return the heading of a page in English."""
    heading = Heading(
        language="en",
        shop="Shop",
        span=maker.span,
        step="day",
        made=times.now(),
        limit=20,
        reveals_numbers=False,
        employees={},
    )
    return attrs.evolve(heading, **changes)


@pytest.fixture
def rows(maker: Any) -> list[dict[str, Any]]:
    """Calls of all directions; some were missed."""
    return [
        maker.call("2025-09-22T08:10:00", answer=4),
        maker.call("2025-09-22T08:20:00", answer=25),
        maker.call("2025-09-22T09:00:00", caller="0901234568", lasts=40),
        maker.call("2025-09-23T17:00:00", caller="0901234569", lasts=12),
        maker.call("2025-09-23T17:04:00", direction="out", caller="1001", callee="0901234569", answer=9),
        maker.call("2025-09-24T10:00:00", direction="ext", answer=3),
        maker.call("2025-09-24T11:00:00", direction="callback", call_state="odd"),
        maker.call(None, caller="0901234560"),
    ]


def counts_of(section: Section) -> dict[tuple[str, str], int]:
    """Return the numbers in the chart of a section that are not 0, by row and series."""
    assert section.chart is not None
    labels = dict(section.chart.series)
    return {
        (mark.text.rpartition(",")[0], labels[mark.series]): mark.value
        for mark in section.chart.marks
        if mark.value
    }


@pytest.mark.parametrize("name", ["periods", "answering", "waits", "delays"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_chart_and_table(maker: Any, rows: list[dict[str, Any]], name: str, language: Any) -> None:
    """Each bar of a chart has its number in the table, in the row and the column that it names."""
    sections = Sections(maker.figures(*rows), heading_of(maker, language=language))
    section: Section = getattr(sections, name)()
    head, *body = Cells(section.table).rows
    table = {
        (row[0], column): int(value)
        for row in body
        for column, value in zip(head[1:], row[1:], strict=True)
        if value.isdigit() and int(value)
    }
    charted = counts_of(section)
    assert charted
    assert charted.items() <= table.items()
    columns = {column for _, column in charted}
    total, without_time = Texts(language)("total"), Texts(language)("no_time")
    left = {place for place in table if place[1] in columns and place[0] not in (total, without_time)}
    assert left == set(charted)


def test_hours(maker: Any, rows: list[dict[str, Any]]) -> None:
    """The heat map has the hours with calls, and its table all hours, with sums."""
    section = Sections(maker.figures(*rows), heading_of(maker)).hours()
    assert section.chart is not None
    fields = {(mark.row, mark.series): mark.value for mark in section.chart.marks}
    assert {place: value for place, value in fields.items() if value} == {
        ("8:00", "Mon"): 2, ("9:00", "Mon"): 1, ("17:00", "Tue"): 1,
    }  # fmt: skip
    assert len(fields) == 10 * 7
    head, *body, total = Cells(section.table).rows
    assert len(body) == 24
    for row in body:
        for day, value in zip(head[1:-1], row[1:-1], strict=True):
            assert int(value) == fields.get((row[0], day), 0)
    assert total == ["Total", "3", "1", "0", "0", "0", "0", "0", "4"]


def test_waiting(maker: Any, rows: list[dict[str, Any]]) -> None:
    """The formula of the service level is printed with its numbers."""
    section = Sections(maker.figures(*rows), heading_of(maker)).waiting()
    assert "answered within 20 s / (answered + missed after more than 20 s) = 1 / (2 + 2)" in section.notes[0]
    assert Cells(section.table).rows[1:] == [
        ["Average speed of answer", "14.5s"],
        ["Longest wait until an answer", "25s"],
        ["Average wait of missed calls", "26s"],
        ["Service level (20 s)", "25.0%"],
    ]


def test_talking(maker: Any, rows: list[dict[str, Any]]) -> None:
    """Talk times have a row for each direction."""
    section = Sections(maker.figures(*rows), heading_of(maker)).talking()
    assert Cells(section.table).rows[1:] == [
        ["Incoming", "2", "45.5s", "56s", "1m 31s"],
        ["Outgoing", "1", "51s", "51s", "51s"],
        ["Internal", "1", "57s", "57s", "57s"],
    ]


def test_outcomes(maker: Any, rows: list[dict[str, Any]]) -> None:
    """Unknown directions and states have a row and a column."""
    section = Sections(maker.figures(*rows), heading_of(maker)).outcomes()
    assert Cells(section.table).rows[1:] == [
        ["Incoming", "2", "3", "0", "5"],
        ["Outgoing", "1", "0", "0", "1"],
        ["Internal", "1", "0", "0", "1"],
        ["Other", "0", "0", "1", "1"],
        ["Total", "4", "3", "1", "8"],
    ]


def test_missed(maker: Any, rows: list[dict[str, Any]]) -> None:
    """What became of missed calls, with the time to call back."""
    section = Sections(maker.figures(*rows), heading_of(maker)).missed()
    assert [row[1] for row in Cells(section.table).rows[1:]] == [
        "3",
        "1",
        "0",
        "2",
        "2",
        "0",
        "4m 00s",
        "4m 00s",
    ]


def test_callers(maker: Any, rows: list[dict[str, Any]]) -> None:
    """Numbers are masked, and shown with a link only when the caller of the report asks for them."""
    figures = maker.figures(*rows)
    hidden = Sections(figures, heading_of(maker)).callers()
    assert "tel:" not in hidden.table
    assert [row[0] for row in Cells(hidden.table).rows[1:]] == ["090***568", "090***560"]
    assert "masked" in hidden.notes[1]
    shown = Sections(figures, heading_of(maker, reveals_numbers=True)).callers()
    assert 'href="tel:+84901234568"' in shown.table
    assert Cells(shown.table).rows[1] == ["0901234568", "1", "22 Sep 2025, 09:00", "40s"]
    assert Cells(shown.table).rows[2] == ["0901234560", "1", "\u2013", "\u2013"]
    assert "personal data" in shown.notes[1]


def test_many_callers(maker: Any) -> None:
    """A long list is behind a click, and it says how many numbers it leaves out."""
    rows = [maker.call(f"2025-09-23T09:{n // 60:02}:{n % 60:02}", caller=f"09012{n:05}") for n in range(230)]
    section = Sections(maker.figures(*rows), heading_of(maker)).callers()
    assert len(Cells(section.table).rows) == 201
    assert section.notes[-1] == "… and 30 more numbers"
    assert not section.is_open


def test_no_callers(maker: Any) -> None:
    """If every missed call was returned, the page says so."""
    section = Sections(
        maker.figures(maker.call("2025-09-22T08:10:00", answer=4)), heading_of(maker)
    ).callers()
    assert (section.table, section.notes) == ("", ["Every missed call with a number was returned."])


@pytest.mark.parametrize(
    ("step", "first"),
    [("day", "Mon 22 Sep 2025"), ("week", "22 Sep 2025"), ("month", "Sep 2025"), ("year", "2025")],
)
def test_steps(maker: Any, step: Any, first: str) -> None:
    """The title and the rows of the table say what a row is."""
    figures = maker.figures(maker.call("2025-09-22T08:10:00", answer=4))
    section = Sections(figures, heading_of(maker, step=step)).periods()
    assert section.title == f"Calls by {step}"
    assert Cells(section.table).rows[1][0] == first


def test_bars() -> None:
    """Each label and series has a mark with its number."""
    marks = bars(Texts("en"), ["a"], [("in", "Incoming"), ("out", "Outgoing")], [(1, 2000)])
    assert [mark.text for mark in marks] == ["a, Incoming: 1", "a, Outgoing: 2,000"]
