"""A chart is an SVG element with real texts, in two widths, without addresses."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from etelecom_async.history.report_charts import COLOURS, NARROW, WIDE, Chart, Drawing, Mark, draw, shortened

NASTY = "<script>alert('x')</script> \"&\" \\' Đặng"
DAYS = ("2025-09-22", "2025-09-23", "2025-09-24")


def chart_of(kind: str, rows: tuple[str, ...] = DAYS, step: str = "day") -> Chart:
    """Return a chart with two series."""
    series = [("in", "Gọi đến"), ("out", "It's going out")]
    marks = [
        Mark(row, name, number * 3 + place, f"{row}, {label}: {number * 3 + place}")
        for place, row in enumerate(rows)
        for number, (name, label) in enumerate(series)
    ]
    return Chart(kind=kind, title="Calls", marks=marks, series=series, step=step)


def texts_of(svg: str) -> list[str]:
    """Return the texts of a chart."""
    return [element.text or "" for element in ET.fromstring(svg).iter("text")]


def labels_of(svg: str) -> list[str]:
    """Return what the marks say."""
    root = ET.fromstring(svg)
    return [
        element.get("aria-label", "") for element in root.iter() if element.get("role") == "graphics-symbol"
    ]


@pytest.mark.parametrize("kind", ["time", "rows", "fields"])
def test_marks(kind: str) -> None:
    """Each mark says its number, in both widths; a bar without calls is not drawn, but a field is."""
    chart = chart_of(kind)
    expected = {mark.text for mark in chart.marks if mark.value or kind == "fields"}
    drawing = draw(chart, "en", 1)
    for svg, width in ((drawing.wide, WIDE), (drawing.narrow, NARROW)):
        assert set(labels_of(svg)) == expected
        assert abs(float(ET.fromstring(svg).get("width", "")) - width) < 40


@pytest.mark.parametrize("kind", ["time", "rows", "fields"])
def test_nothing_to_load(kind: str) -> None:
    """A chart has no address, no script, no picture and no font; its texts are texts, not outlines."""
    for svg in _both(draw(chart_of(kind), "vi", 1)):
        assert "://" not in svg
        assert {element.tag for element in ET.fromstring(svg).iter()} <= {
            "svg", "g", "path", "line", "rect", "text", "title", "defs", "clipPath",
        }  # fmt: skip
        assert len(texts_of(svg)) > 3
        fonts = set(re.findall(r'font-family="([^"]*)"', svg))
        assert all("system-ui" in font and "sans-serif" in font for font in fonts)
        assert fonts


@pytest.mark.parametrize(
    ("language", "step", "label"),
    [
        ("en", "day", "22 Sep"),
        ("vi", "day", "22/09"),
        ("vi", "week", "22/09"),
        ("en", "month", "Sep 2025"),
        ("vi", "month", "09/2025"),
        ("en", "year", "2025"),
    ],
)
def test_dates(language: Any, step: str, label: str) -> None:
    """The days of an axis are written as in the language of the page."""
    assert label in texts_of(draw(chart_of("time", step=step), language, 1).wide)


def test_numbers() -> None:
    """The numbers of an axis have the separators of the language."""
    chart = Chart(kind="rows", title="Calls", series=[("in", "In")], marks=[Mark("a", "in", 5000, "5000")])
    assert "5,000" in texts_of(draw(chart, "en", 1).wide)
    assert "5.000" in texts_of(draw(chart, "vi", 1).wide)


@pytest.mark.parametrize("kind", ["time", "rows"])
@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 12])
def test_no_half_calls(kind: str, most: int) -> None:
    """An axis of few calls has each whole number at most once, up to the longest bar."""
    marks = [Mark("2025-09-22", "in", 1, "1"), Mark("2025-09-22", "out", most - 1, "2")]
    chart = Chart(kind=kind, title="Calls", series=[("in", "Incoming"), ("out", "Outgoing")], marks=marks)
    for svg in _both(draw(chart, "en", 1)):
        numbers = [int(text) for text in texts_of(svg) if text.isdecimal()]
        assert numbers == sorted(set(numbers))
        assert numbers[:1] == [0]
        assert 2 <= len(numbers) <= 8
        assert most - 2 <= numbers[-1] <= most + 1


def test_nasty_names() -> None:
    """A name with markup, quotes or backslashes stays a text, in labels, legends and marks."""
    chart = Chart(
        kind="rows",
        title=NASTY,
        series=[("in", NASTY), ("out", "b\\")],
        marks=[Mark(NASTY, "in", 3, NASTY), Mark("x", "out", 1, "x")],
    )
    for svg in _both(draw(chart, "en", 1)):
        assert "<script" not in svg
        assert NASTY in labels_of(svg)
        assert any(text.startswith("<script>alert") for text in texts_of(svg))
        assert any("b\\" in text for text in texts_of(svg))


@pytest.mark.parametrize("name", ["a\nb", "a\u2028b", "${x}", "`", "\\u0041", "👩\u200d👧 Ánh", "مرحبا"])
def test_odd_names(name: str) -> None:
    """No character of a name disturbs the drawing."""
    chart = Chart(
        kind="rows",
        title="Calls",
        series=[("in", name)],
        marks=[Mark(name, "in", 3, "three"), Mark("x", "in", 1, "one")],
    )
    for svg in _both(draw(chart, "en", 1)):
        assert "three" in labels_of(svg)
    if name.isprintable():
        assert name in texts_of(draw(chart, "en", 1).wide)


def test_long_names() -> None:
    """A name that does not fit is cut, never in the middle of a character, and cut names stay apart."""
    names = [f"{'x' * number}{'😀' * 60}" for number in range(4)] + ["名" * 60, "W" * 60, "W" * 61]
    chart = Chart(
        kind="rows", title="Calls", series=[("in", "In")], marks=[Mark(name, "in", 3, name) for name in names]
    )
    for svg in _both(draw(chart, "en", 1)):
        cut = [text for text in texts_of(svg) if text.endswith("…")]
        assert len(cut) == len(names)
        assert all(name.startswith(text.removesuffix("…")) for name, text in zip(names, cut, strict=True))
        assert labels_of(svg) == names


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("", 20, ""),
        ("abc", 18, "abc"),
        ("abc", 17, "…"),
        ("abcdef", 30, "abc…"),
        ("a  bcdef", 36, "a  b…"),
        ("ab  cdef", 36, "ab…"),
        ("ABC", 26, "A…"),
        ("e\u0301e\u0301", 12, "e\u0301e\u0301"),
        ("Không có nhân viên", 120, "Không có nhân viên"),
        ("😀😀", 23, "…"),
    ],
)
def test_shortened(text: str, most: int, expected: str) -> None:
    """A text is cut to about a number of pixels, and shows that it is cut."""
    assert shortened(text, most) == expected


def test_ids() -> None:
    """The ids of two charts on one page differ."""
    ids = [
        found
        for number in (1, 2)
        for svg in _both(draw(chart_of("rows", ("<b>",)), "en", number))
        for found in re.findall(r'\bid="([^"]*)"', svg)
    ]
    assert len(ids) == len(set(ids))


def test_colours() -> None:
    """Every colour is a colour of CSS."""
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in COLOURS.values())


def _both(drawing: Drawing) -> tuple[str, str]:
    return drawing.wide, drawing.narrow
