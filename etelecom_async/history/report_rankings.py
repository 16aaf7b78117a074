"""Rank the extensions, employees and hotlines of a report by their calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from etelecom_async.history.hotlines import UNRESOLVED
from etelecom_async.history.report_charts import Chart
from etelecom_async.history.report_figures import Figures
from etelecom_async.history.report_numbers import masked
from etelecom_async.history.report_sections import Heading, Section, bars
from etelecom_async.history.report_tables import Cells, table
from etelecom_async.history.report_texts import UNKNOWN, Texts, readable

MOST_ROWS: Final = 200
"""Rows of a table."""
MOST_BARS: Final = 12
"""Bars of a chart."""


class Rankings:
    """
    The sections with a row for each extension, employee or hotline.

    Args:
        figures: The figures.
        heading: What the page says about itself.
    """

    def __init__(self, figures: Figures, heading: Heading) -> None:
        self._figures = figures
        self._heading = heading
        self._texts = Texts(heading.language)

    def extensions(self) -> Section:
        """Return the calls by extension."""
        t, rows = self._texts, self._figures.extensions
        numbers = [row.number if self._heading.reveals_numbers else masked(row.number) for row in rows]
        labels = unique(numbers)
        series = [("answered", t("answered")), ("not_here", t("not_here")), ("outgoing", t("outgoing"))]
        return self._ranking(
            "by_extension",
            series,
            labels,
            [(row.answered, row.rang - row.answered, row.outgoing) for row in rows],
            headings=[t("extension"), *(t(name) for name in ("rang", "answered", "not_here")),
                      *(t(name) for name in ("outgoing", "reached", "talk"))],
            cells=[
                [
                    t.count(row.rang),
                    t.count(row.answered),
                    t.count(row.rang - row.answered),
                    t.count(row.outgoing),
                    t.count(row.reached),
                    t.length(row.talk),
                ]
                for row in rows
            ],
            notes=[t("by_extension_note")],
        )  # fmt: skip

    def employees(self) -> Section:
        """Return the calls by employee."""
        t, rows, names = self._texts, self._figures.employees, self._heading.employees
        known = names or {}
        labels = unique(
            [t("nobody") if row.employee is None else known.get(row.employee) or row.employee for row in rows]
        )
        return self._ranking(
            "by_employee",
            [("answered", t("answered")), ("outgoing", t("outgoing"))],
            labels,
            [(row.answered, row.outgoing) for row in rows],
            headings=[t(name) for name in ("employee", "answered", "outgoing", "reached", "talk", "mean")],
            cells=[
                [
                    t.count(row.answered),
                    t.count(row.outgoing),
                    t.count(row.reached),
                    t.length(row.talk),
                    t.length(row.mean),
                ]
                for row in rows
            ],
            notes=[t("by_employee_note"), *([t("no_names")] if names is None else [])],
        )

    def hotlines(self) -> Section:
        """Return the calls by hotline."""
        t, rows = self._texts, self._figures.hotlines or []
        labels = unique(
            [
                t("unresolved")
                if row.hotline == UNRESOLVED
                else " · ".join(filter(None, (row.name, row.hotline)))
                for row in rows
            ]
        )
        return self._ranking(
            "by_hotline",
            [("answered", t("answered")), ("missed", t("missed")), ("outgoing", t("outgoing"))],
            labels,
            [(row.answered, row.missed, row.outgoing) for row in rows],
            headings=[t(name) for name in ("hotline", "in", "answered", "missed", "rate", "outgoing")],
            cells=[
                [
                    t.count(row.incoming),
                    t.count(row.answered),
                    t.count(row.missed),
                    t.share(row.answered, row.answered + row.missed),
                    t.count(row.outgoing),
                ]
                for row in rows
            ],
            notes=[],
        )

    def _ranking(
        self,
        name: str,
        series: Sequence[tuple[str, str]],
        labels: Sequence[str],
        values: Sequence[Sequence[int]],
        *,
        headings: Sequence[str],
        cells: Sequence[Cells],
        notes: Sequence[str],
    ) -> Section:
        """Return a section with the rows that have the most calls."""
        t = self._texts
        more = len(labels) - MOST_ROWS
        return Section(
            title=t(name),
            notes=[*notes, *([t("rows_more", count=t.count(more))] if more > 0 else [])],
            chart=Chart(
                kind="rows",
                title=t(name),
                series=series,
                marks=bars(t, labels[:MOST_BARS], series, values[:MOST_BARS]),
            ),
            table=table(
                t(name),
                headings,
                [
                    [escape(label), *row]
                    for label, row in zip(labels[:MOST_ROWS], cells[:MOST_ROWS], strict=True)
                ],
            ),
        )


def unique(labels: Iterable[str]) -> list[str]:
    """Return labels that can be read and that differ, because equal ones would share a bar."""
    seen: Counter[str] = Counter()
    unique: dict[str, None] = {}
    for text in labels:
        name = label = readable(text) or UNKNOWN
        while label in unique:
            seen[name] += 1
            label = f"{name} ({seen[name] + 1})"
        unique[label] = None
    return list(unique)
