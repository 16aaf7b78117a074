"""Say what each section of a report shows: its notes, its chart, and the table with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Final

import attrs

from etelecom_async.history.report_charts import Chart, Mark
from etelecom_async.history.report_database import Step
from etelecom_async.history.report_figures import Figures, Period
from etelecom_async.history.report_numbers import linked, masked
from etelecom_async.history.report_tables import table
from etelecom_async.history.report_texts import UNKNOWN, Language, Texts, readable
from etelecom_async.history.spans import Span

_FEW_CALLERS: Final = 15
"""A list with so many callers is shown without a click."""

Names = Mapping[str, str]


@attrs.frozen(kw_only=True)
class Heading:
    """What the page says about itself."""

    language: Language
    shop: str
    """Name or id of the shop."""
    span: Span
    step: Step
    """Length of a period."""
    made: datetime
    limit: float
    """Seconds within which an answer is in time."""
    reveals_numbers: bool
    employees: Names | None
    """Names by their ids; `None` if the key may not read them."""


@attrs.frozen(kw_only=True)
class Section:
    """A part of the page. Its texts are HTML."""

    title: str
    notes: Sequence[str] = ()
    chart: Chart | None = None
    table: str
    is_open: bool = False
    """Whether the table is shown without a click."""
    summary: str = "show_figures"
    """Key of the text to click."""


class Sections:
    """
    The sections that need no names.

    Args:
        figures: The figures.
        heading: What the page says about itself.
    """

    def __init__(self, figures: Figures, heading: Heading) -> None:
        self._figures = figures
        self._heading = heading
        self._texts = Texts(heading.language)

    def _period(self, row: Period) -> str:
        t = self._texts
        if row.begin is None:
            return t("no_time")
        ways: dict[Step, Callable[[date], str]] = {
            "day": t.weekday_and_day,
            "week": t.day,
            "month": t.month,
            "year": t.year,
        }
        return ways[self._heading.step](row.begin)

    def periods(self) -> Section:
        """Return the calls by day and direction."""
        t, rows = self._texts, self._figures.periods
        names = {"in": "incoming", "out": "outgoing", "internal": "internal", "other": "other"}
        series = [(name, t(name)) for name in names]
        cells = [
            [self._period(row), *(t.count(getattr(row, name)) for name in names.values()), t.count(row.calls)]
            for row in rows
        ]
        total = [t.count(sum(getattr(row, name) for row in rows)) for name in names.values()]
        title = t(f"by_{self._heading.step}")
        return Section(
            title=title,
            chart=Chart(
                kind="time",
                title=title,
                step=self._heading.step,
                series=series,
                marks=[
                    self._mark(row, name, label, getattr(row, names[name]))
                    for row in rows
                    if row.begin is not None
                    for name, label in series
                ],
            ),
            table=table(
                title,
                [t(self._heading.step), *(label for _, label in series), t("total")],
                cells,
                total=[t("total"), *total, t.count(self._figures.calls)],
            ),
        )

    def _mark(self, row: Period, name: str, label: str, value: int) -> Mark:
        text = self._texts("mark", row=self._period(row), series=label, count=self._texts.count(value))
        return Mark(str(row.begin), name, value, text)

    def hours(self) -> Section:
        """Return the incoming calls by hour and weekday."""
        t = self._texts
        counts = {(row.weekday, row.hour): row.calls for row in self._figures.hours}
        days = list(enumerate(t.weekdays, start=1))
        busy = [hour for (_, hour), count in counts.items() if count] or [8, 17]
        shown = range(min(busy), max(busy) + 1)
        marks = [
            Mark(
                f"{hour}:00",
                name,
                counts[day, hour],
                t("field", day=name, hour=str(hour), calls=t.count(counts[day, hour])),
            )
            for hour in shown
            for day, name in days
        ]
        cells = [
            [
                f"{hour}:00",
                *(t.count(counts[day, hour]) for day, _ in days),
                t.count(sum(counts[day, hour] for day, _ in days)),
            ]
            for hour in range(24)
        ]
        sums = [sum(counts[day, hour] for hour in range(24)) for day, _ in days]
        return Section(
            title=t("by_hour"),
            notes=[t("by_hour_note")],
            chart=Chart(
                kind="fields", title=t("by_hour"), marks=marks, series=[(name, name) for name in t.weekdays]
            ),
            table=table(
                t("by_hour"),
                [t("hour"), *t.weekdays, t("total")],
                cells,
                total=[t("total"), *map(t.count, sums), t.count(sum(sums))],
                kind="dense",
            ),
        )

    def answering(self) -> Section:
        """Return the answered and missed calls by day."""
        t, rows = self._texts, self._figures.periods
        series = [("answered", t("answered")), ("missed", t("missed"))]
        cells = [
            [
                self._period(row),
                t.count(row.answered),
                t.count(row.missed),
                t.share(row.answered, row.answered + row.missed),
            ]
            for row in rows
        ]
        answered, missed = sum(row.answered for row in rows), sum(row.missed for row in rows)
        return Section(
            title=t("answering"),
            notes=[t("answering_note")],
            chart=Chart(
                kind="time",
                title=t("answering"),
                step=self._heading.step,
                series=series,
                marks=[
                    self._mark(row, name, label, getattr(row, name))
                    for row in rows
                    if row.begin is not None
                    for name, label in series
                ],
            ),
            table=table(
                t("answering"),
                [t(self._heading.step), t("answered"), t("missed"), t("rate")],
                cells,
                total=[t("total"), t.count(answered), t.count(missed), t.share(answered, answered + missed)],
            ),
        )

    def waits(self) -> Section:
        """Return the incoming calls by their wait."""
        t, rows = self._texts, self._figures.waits
        series = [("answered", t("answered")), ("missed", t("missed"))]
        labels = [t.between(row.least, row.most) for row in rows]
        return Section(
            title=t("waiting"),
            notes=[t("waiting_note")],
            chart=Chart(
                kind="rows",
                title=t("waiting"),
                series=series,
                marks=bars(t, labels, series, [(row.answered, row.missed) for row in rows]),
            ),
            table=table(
                t("waiting"),
                [t("wait"), *(label for _, label in series)],
                [
                    [label, t.count(row.answered), t.count(row.missed)]
                    for label, row in zip(labels, rows, strict=True)
                ],
            ),
        )

    def waiting(self) -> Section:
        """Return the waiting times and the service level, with its formula."""
        t, waiting = self._texts, self._figures.waiting
        limit = t.limit(self._heading.limit)
        rows = {
            t("asa"): t.length(waiting.asa),
            t("longest_wait"): t.length(waiting.longest),
            t("patience"): t.length(waiting.patience),
            t("service_level_row", limit=limit): t.percent(waiting.service_level),
        }
        formula = t(
            "def_service_level",
            limit=limit,
            in_time=t.count(waiting.in_time),
            answered=t.count(waiting.answered),
            late=t.count(waiting.abandoned_late),
        )
        return Section(
            title=t("service_level"),
            notes=[formula],
            table=table(t("service_level"), [t("figure"), t("value")], list(rows.items())),
            is_open=True,
        )

    def talking(self) -> Section:
        """Return the talk times."""
        t = self._texts
        cells = [
            [
                t(row.direction),
                t.count(row.answered),
                t.length(row.mean),
                t.length(row.longest),
                t.length(row.total),
            ]
            for row in self._figures.talking
        ]
        return Section(
            title=t("talking"),
            table=table(
                t("talking"),
                [t("direction"), t("answered"), t("mean"), t("longest"), t("total_talk")],
                cells,
            ),
            is_open=True,
        )

    def missed(self) -> Section:
        """Return the what became of missed calls."""
        t, missed = self._texts, self._figures.missed
        counts = {
            "missed_calls": missed.missed,
            "called_back": missed.called_back,
            "called_again": missed.called_again,
            "open": missed.open,
            "open_callers": missed.callers,
            "without_number": missed.without_number,
        }
        rows = [
            *([t(name), t.count(count)] for name, count in counts.items()),
            [t("mean_delay"), t.length(missed.mean)],
            [t("median_delay"), t.length(missed.median)],
        ]
        return Section(
            title=t("missed_section"),
            table=table(t("missed_section"), [t("figure"), t("value")], rows),
            is_open=True,
        )

    def delays(self) -> Section:
        """Return the times to call back."""
        t, rows = self._texts, self._figures.delays
        labels = [t.between(row.least, row.most) for row in rows]
        return Section(
            title=t("delay"),
            notes=[t("delays_note")],
            chart=Chart(
                kind="rows",
                title=t("delay"),
                series=[("out", t("called_back"))],
                marks=bars(t, labels, [("out", t("called_back"))], [(row.calls,) for row in rows]),
            ),
            table=table(
                t("delay"),
                [t("delay"), t("called_back")],
                [[label, t.count(row.calls)] for label, row in zip(labels, rows, strict=True)],
            ),
        )

    def callers(self) -> Section:
        """Return the numbers that nobody called back."""
        t, rows, total = self._texts, self._figures.callers, self._figures.missed.callers
        if not rows:
            return Section(title=t("callers_section"), notes=[t("callers_none")], table="")
        shows = self._heading.reveals_numbers
        cells = [
            [
                linked(readable(row.number)) if shows else escape(masked(readable(row.number))),
                t.count(row.missed),
                UNKNOWN if row.last is None else t.time(row.last),
                t.length(row.longest),
            ]
            for row in rows
        ]
        notes = [t("callers_note"), t("callers_shown" if shows else "callers_masked")]
        if total > len(rows):
            notes.append(t("callers_more", count=t.count(total - len(rows))))
        return Section(
            title=t("callers_section"),
            notes=notes,
            table=table(
                t("callers_section"), [t("number"), t("missed_calls"), t("last_call"), t("most_wait")], cells
            ),
            is_open=len(rows) <= _FEW_CALLERS,
            summary="show_list",
        )

    def outcomes(self) -> Section:
        """Return the directions and results of all calls."""
        t, rows = self._texts, self._figures.outcomes
        cells = [
            [t(row.direction), *map(t.count, (row.answered, row.unanswered, row.other, row.calls))]
            for row in rows
        ]
        sums = [
            sum(column)
            for column in zip(
                *((row.answered, row.unanswered, row.other, row.calls) for row in rows), strict=True
            )
        ]
        return Section(
            title=t("by_direction"),
            table=table(
                t("by_direction"),
                [t("direction"), t("answered"), t("unanswered"), t("other"), t("total")],
                cells,
                total=[t("total"), *map(t.count, sums)],
            ),
            is_open=True,
        )


def bars(
    texts: Texts, labels: Sequence[str], series: Sequence[tuple[str, str]], values: Iterable[Sequence[int]]
) -> list[Mark]:
    """Return the marks of horizontal bars: a row for each label, with a value for each series."""
    return [
        Mark(label, name, value, texts("mark", row=label, series=words, count=texts.count(value)))
        for label, row in zip(labels, values, strict=True)
        for (name, words), value in zip(series, row, strict=True)
    ]
