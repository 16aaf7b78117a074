"""
Draw the charts of a report as SVG, with altair and vl-convert.

A chart is drawn twice: for desktop and paper, and for a phone. The texts in it stay texts. It has no script,
no address and no picture.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple, cast

import altair  # noqa: ICN001 - `_alt` is its form without types
import attrs
import vl_convert

from etelecom_async.history.report_texts import Language

# The types of both packages are not complete.
_alt: Final[Any] = altair
_convert: Final[Any] = vl_convert.vegalite_to_svg

WIDE: Final = 800
NARROW: Final = 330
"""Widths of a chart in pixels."""
_LABELS: Final = {WIDE: 200, NARROW: 120}
"""Most pixels of a label beside a bar."""
_LEFT: Final = {WIDE: 24, NARROW: 16}
"""Pixels before these labels, because the font of a reader may be wider than that of vl-convert."""
_LETTER: Final = 6
_CAPITAL: Final = 9
_WIDEST: Final = 12
"""Pixels of a small letter, of a capital one, and of an ideogram or an emoji."""
_BASIC: Final = 0xFFFF
"""The last character that JavaScript cannot cut in two."""
_GAP: Final = 10
"""Pixels between two labels of an axis, for the same reason."""
_BAR_HEIGHT: Final = 26
_PLOT_HEIGHT: Final = 220
_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_INK: Final = "#334155"
_LINE: Final = "#e2e8f0"
_SHADES: Final = ("#f1f5f9", "#bfdbfe", "#60a5fa", "#2563eb", "#1e3a8a")
"""Colours of a heat map, from no call to the most calls."""
_ROW_HEIGHT: Final = 24
_NUMBERS: Final[dict[Language, dict[str, Any]]] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
}
_TIMES: Final[dict[Language, str]] = {"en": "en-GB", "vi": "vi-VN"}
_DAY_FORMATS: Final[dict[Language, dict[str, str]]] = {
    "en": {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y", "year": "%Y"},
    "vi": {"day": "%d/%m", "week": "%d/%m", "month": "%m/%Y", "year": "%Y"},
}

COLOURS: Final = {
    "in": "#2563eb",
    "out": "#0d9488",
    "internal": "#94a3b8",
    "other": "#d97706",
    "answered": "#2563eb",
    "missed": "#dc2626",
    "not_here": "#cbd5e1",
    "outgoing": "#0d9488",
}
"""Colour of each series. Red and blue, not red and green, so that everyone can tell them apart."""


class Mark(NamedTuple):
    """A bar, or a field of a heat map."""

    row: str
    series: str
    value: int
    text: str
    """What it says, for people who listen to the page."""


@attrs.frozen
class Drawing:
    """A chart in both widths, as SVG elements."""

    wide: str
    narrow: str


@attrs.frozen(kw_only=True)
class Chart:
    """A chart: its kind, and its marks in their order."""

    kind: str
    """`time` (a bar for each period), `rows` (horizontal bars) or `fields` (a heat map)."""
    title: str
    marks: Sequence[Mark]
    series: Sequence[tuple[str, str]]
    """Name in `COLOURS` and label of each series; for a heat map, the names of its columns."""
    step: str = "day"
    """Length of a period."""


def draw(chart: Chart, language: Language, number: int) -> Drawing:
    """
    Return a chart as SVG.

    Args:
        chart: What to draw.
        language: Language of the axes.
        number: Is different for each chart of a page.
    """
    wide, narrow = (
        _svg(_plot(chart, width, language), language, f"c{number}{letter}", chart.title)
        for width, letter in ((WIDE, "w"), (NARROW, "n"))
    )
    return Drawing(wide, narrow)


def _plot(chart: Chart, width: int, language: Language) -> Any:
    rows = list(dict.fromkeys(mark.row for mark in chart.marks))
    # Vega writes these names into expressions, where some characters are errors: labels come later.
    keys = {row: str(number) if chart.kind == "rows" else row for number, row in enumerate(rows)}
    values = [
        {**mark._asdict(), "row": keys[mark.row], "rank": rank}
        for rank, (name, _) in enumerate(chart.series)
        for mark in chart.marks
        if mark.series == name and (mark.value or chart.kind == "fields")
    ]
    data = _alt.Data(values=values)
    plot = _fields(data, chart, rows) if chart.kind == "fields" else _bars(data, chart, rows, language, width)
    return plot.properties(
        width=width,
        height=_height(chart, rows),
        autosize=_alt.AutoSizeParams(type="fit-x", contains="padding"),
        background="transparent",
        padding={"left": _LEFT[width] if chart.kind == "rows" else 4, "right": 4, "top": 4, "bottom": 0},
    )


def _height(chart: Chart, rows: Sequence[str]) -> int:
    if chart.kind == "rows":
        return _BAR_HEIGHT * len(rows)
    return _ROW_HEIGHT * len(rows) if chart.kind == "fields" else _PLOT_HEIGHT


def _bars(data: Any, chart: Chart, rows: Sequence[str], language: Language, width: int) -> Any:
    names = [name for name, _ in chart.series]
    labels = dict(chart.series)
    legend = _alt.Legend(
        title=None,
        orient="top",
        symbolType="square",
        labelExpr=_choice("datum.value", labels),
        columns=2 if width == NARROW else len(names),
        columnPadding=20,
    )
    colour = _alt.Color(
        "series:N",
        scale=_alt.Scale(domain=names, range=[COLOURS[name] for name in names]),
        legend=legend if len(names) > 1 else None,
    )
    upright = chart.kind != "rows"
    length = {"title": None, "axis": _counts(chart, 3 if width == NARROW and not upright else 5)}
    axis = _alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=_GAP, grid=False, ticks=False)
    if chart.kind == "time":
        axis.labelExpr = f"utcFormat(toDate(datum.value), '{_DAY_FORMATS[language][chart.step]}')"
    elif not upright:
        shown = {str(number): shortened(row, _LABELS[width]) for number, row in enumerate(rows)}
        axis = _alt.Axis(grid=False, ticks=False, labelLimit=0, labelExpr=_choice("datum.value", shown))
    keys = rows if upright else list(map(str, range(len(rows))))
    band = {"title": None, "sort": keys, "scale": _alt.Scale(domain=keys, paddingInner=0.25), "axis": axis}
    across, along = (_alt.X, _alt.Y) if upright else (_alt.Y, _alt.X)
    return (
        _alt.Chart(data)
        .mark_bar()
        .encode(
            across("row:N", **band),
            along("value:Q", stack="zero", **length),
            color=colour,
            order=_alt.Order("rank:Q"),
            description=_alt.Description("text:N"),
        )
    )


def _counts(chart: Chart, ticks: int) -> Any:
    """Return an axis for numbers of calls: no half calls, and about so many ticks."""
    lengths: Counter[str] = Counter()
    for mark in chart.marks:
        lengths[mark.row] += mark.value
    most = max(lengths.values(), default=0)
    axis = _alt.Axis(format=",d", tickCount=ticks, labelOverlap=True, labelSeparation=_GAP)
    if most <= ticks:
        axis.values = list(range(most + 1))
    return axis


def _fields(data: Any, chart: Chart, rows: Sequence[str]) -> Any:
    columns = [name for name, _ in chart.series]
    most = max((mark.value for mark in chart.marks), default=0)
    grid = _alt.Chart(data).encode(
        x=_alt.X(
            "series:N",
            sort=columns,
            title=None,
            axis=_alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False),
        ),
        y=_alt.Y("row:N", sort=rows, title=None, axis=_alt.Axis(ticks=False, domain=False)),
    )
    fields = grid.mark_rect(cornerRadius=3, stroke="white", strokeWidth=2).encode(
        color=_alt.Color(
            "value:Q",
            scale=_alt.Scale(range=list(_SHADES), domain=[0, max(most, 1)], type="linear"),
            legend=None,
        ),
        description=_alt.Description("text:N"),
    )
    numbers = (
        grid.transform_filter("datum.value > 0")
        .mark_text(fontSize=11, aria=False)
        .encode(
            text=_alt.Text("value:Q", format=",d"),
            color=_alt.condition(f"datum.value > {most * 0.45}", _alt.value("white"), _alt.value(_INK)),
        )
    )
    return _alt.layer(fields, numbers)


def _choice(value: str, labels: dict[str, str]) -> str:
    """Return an expression of Vega that turns a name into its label."""
    cases = "".join(f"{value} === {_quoted(name)} ? {_quoted(label)} : " for name, label in labels.items())
    return f"{cases}''"


def _quoted(text: str) -> str:
    return json.dumps(text)  # with escapes for all that is not ASCII


def shortened(text: str, most: int) -> str:
    """
    Return a text that is about so many pixels wide at most.

    Vega would cut it in the middle of an emoji, and then fail.
    """
    widths = list(itertools.accumulate(map(_width, text)))
    if not widths or widths[-1] <= most:
        return text
    return f"{text[: sum(width <= most - _WIDEST for width in widths)].rstrip()}…"


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF" or ord(character) > _BASIC:
        return _WIDEST
    return _CAPITAL if character.isupper() else _LETTER


def _svg(plot: Any, language: Language, prefix: str, title: str) -> str:
    styled = plot.configure(font=_FONT, axis=_axis(), legend=_legend(), view=_alt.ViewConfig(stroke=None))
    text = cast(
        "str",
        _convert(
            styled.to_dict(),
            allowed_base_urls=[],
            format_locale=_NUMBERS[language],
            time_format_locale=_TIMES[language],
        ),
    )
    return _inline(text, prefix, title)


def _axis() -> Any:
    return _alt.AxisConfig(
        aria=False,  # its words are English
        labelFontSize=12,
        labelColor=_INK,
        gridColor=_LINE,
        domainColor=_LINE,
        tickColor=_LINE,
        labelPadding=6,
    )


def _legend() -> Any:
    return _alt.LegendConfig(
        aria=False, labelFontSize=12, labelColor=_INK, labelLimit=300, symbolSize=120, padding=0
    )


def _inline(svg: str, prefix: str, title: str) -> str:
    """Return an SVG document as an element of a page: without addresses, and with ids of its own."""
    svg = re.sub(r' xmlns(?::xlink)?="[^"]*"', "", svg, count=2)
    svg = re.sub(r'<text[^>]* opacity="0"[^>]*>[^<]*</text>', "", svg)  # labels without a place
    svg = re.sub(r' aria-roledescription="[^"]*"', "", svg)  # English words
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    return svg.replace("<svg ", f'<svg role="graphics-document" aria-label="{escape(title)}" ', 1)
