"""A page loads nothing, runs nothing, and has a table for each chart."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.history.arrow import pa
from etelecom_async.history.report_page import page
from etelecom_async.history.report_sections import Heading
from etelecom_async.history.report_texts import TEXTS
from etelecom_async.history.spans import Span

NASTY = "<script>alert('x')</script>\"&"
VOID = {"meta", "br", "link", "img", "input"}
RECORDING = "https://recordings.example/secret"


class Page(HTMLParser):
    """Reads a page: its tags, what they would load, and the content of each section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.sections: list[dict[str, Any]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a tag."""
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in ("href", "src", "xlink:href", "action", "data", "srcset", "poster"):
                self.addresses.append(value or "")
        if tag not in VOID:
            self._open.append(tag)
        if tag == "section":
            self.sections.append({"charts": 0, "tables": 0, "labels": [], "cells": []})
        elif self.sections and tag == "svg":
            self.sections[-1]["charts"] += 1
        elif self.sections and tag == "table":
            self.sections[-1]["tables"] += 1
        elif self.sections and tag in ("td", "th"):
            self.sections[-1]["cells"].append("")
        if self.sections and ("role", "graphics-symbol") in attrs:
            self.sections[-1]["labels"].append(dict(attrs)["aria-label"])

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Read a text."""
        if "style" not in self._open:
            self.text += data
        if self.sections and self._open and "table" in self._open and self.sections[-1]["cells"]:
            self.sections[-1]["cells"][-1] += data.strip()


def heading_of(maker: Any, **changes: Any) -> Heading:
    """Return the heading of a page in English."""
    heading = Heading(
        language="en", shop="Shop", span=maker.span, step="day", made=times.now(), limit=20,
        reveals_numbers=False, employees={},
    )  # fmt: skip
    return attrs.evolve(heading, **changes)


@pytest.fixture
def figures(maker: Any) -> Any:
    """Figures of calls whose texts are all nasty, with a hotline."""
    rows = [
        maker.call("2025-09-22T08:00:00", answer=5, user_id="1", recording_urls=[RECORDING]),
        maker.call("2025-09-22T09:00:00", caller=NASTY, note=NASTY, call_targets=[maker.target(NASTY)]),
        maker.call("2025-09-22T09:30:00", caller="0901234567" + NASTY, user_id=NASTY, answer=3),
        maker.call("2025-09-22T09:40:00", caller="0901234568", user_id=NASTY),
        maker.call("2025-09-22T09:20:00", caller="0901234568 " + NASTY),
        maker.call("2025-09-22T10:30:00", caller="0901234567"),
        maker.call("2025-09-22T11:00:00", direction="out", caller=NASTY, callee="0901234567", answer=30),
        maker.call("2025-09-22T11:00:00", direction=NASTY, call_state=NASTY),
    ]
    table = maker.table(rows)
    for name in ("hotline_id", "hotline", "hotline_name"):
        table = table.append_column(name, pa.array([NASTY] * len(rows), pa.string()))
    return maker.of_tables([table], has_hotlines=True)


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("reveals", [False, True])
def test_nothing_to_load_or_run(maker: Any, figures: Any, language: Any, *, reveals: bool) -> None:
    """The page has no script, no address of another place, no event handler and no form."""
    names = {"1": NASTY}
    html = page(
        figures, heading_of(maker, language=language, shop=NASTY, reveals_numbers=reveals, employees=names)
    )
    found = Page(html)
    assert not set(found.tags) & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "image",
        "use",
        "base",
    }
    assert "<script" not in html
    assert not re.search(r"://|@import|url\((?!#)", html)
    assert all(address.startswith("tel:+84") for address in found.addresses)
    assert bool(found.addresses) is reveals
    assert RECORDING not in html
    assert "recordings.example" not in html
    assert "default-src 'none'" in html
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_table_for_each_chart(maker: Any, figures: Any, language: Any) -> None:
    """Each section with a chart has it in both widths, and one table that has each number of the chart."""
    found = Page(page(figures, heading_of(maker, language=language)))
    charts = [section for section in found.sections if section["charts"]]
    assert len(charts) == 8
    for section in charts:
        assert (section["charts"], section["tables"]) == (2, 1)
        assert section["labels"]
        for label in section["labels"]:
            (number,) = re.findall(r": (\d+)(?: calls| cuộc gọi)?$", label)
            assert number in section["cells"]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_definitions(maker: Any, figures: Any, language: Any) -> None:
    """Every definition is printed once, in the language of the page, and none in the other one."""
    text = Page(page(figures, heading_of(maker, language=language))).text
    definitions = [words for key, words in TEXTS.items() if key.startswith("def_")]
    for words in definitions:
        own, other = (words.en, words.vi) if language == "en" else (words.vi, words.en)
        assert text.count(own.partition("{")[0]) == 1
        assert other.partition("{")[0] not in text


def test_heading(maker: Any, figures: Any) -> None:
    """The page says the shop, the days, when it was made, and the number of calls."""
    made = maker.hanoi("2025-09-29T07:05:00")
    text = Page(page(figures, heading_of(maker, shop="Mỹ phẩm & Co", made=made))).text
    for part in ("Mỹ phẩm & Co", "Mon 22 Sep 2025 \u2013 Sun 28 Sep 2025", "29 Sep 2025, 07:05", "Calls8"):
        assert part in text


def test_span_of_times(maker: Any, figures: Any) -> None:
    """A span that is not of whole days shows its times; one day shows one day."""
    span = Span(maker.hanoi("2025-09-22T08:00:00"), maker.hanoi("2025-09-22T09:30:00"))
    text = Page(page(figures, heading_of(maker, span=span))).text
    assert "22 Sep 2025, 08:00 \u2013 22 Sep 2025, 09:30" in text
    span = Span.of("2025-09-22", "2025-09-23")
    text = Page(page(figures, heading_of(maker, span=span))).text
    assert "PeriodMon 22 Sep 2025Calls" in text


def test_masked_numbers(maker: Any, figures: Any) -> None:
    """Without the wish of the caller, no number of a customer is anywhere in the page."""
    assert "901234568" not in page(figures, heading_of(maker))
    assert "901234568" in page(figures, heading_of(maker, reveals_numbers=True))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_calls(maker: Any, language: Any) -> None:
    """Without calls, the page says so, and still has its definitions."""
    found = Page(page(maker.figures(), heading_of(maker, language=language)))
    empty = TEXTS["empty"]
    assert (empty.en if language == "en" else empty.vi) in found.text
    assert (len(found.sections), "svg" in found.tags) == (2, False)


def test_hotlines_only_when_resolved(maker: Any) -> None:
    """Without the look-up, the page does not speak of hotlines."""
    html = page(maker.figures(maker.call("2025-09-22T08:00:00", answer=5)), heading_of(maker))
    assert "otline" not in html


@pytest.mark.parametrize("field", ["answer", "missed", "only internal"])
def test_one_call(maker: Any, field: str) -> None:
    """A page about one call of any kind is whole."""
    call = {
        "answer": maker.call("2025-09-22T08:00:00", answer=5),
        "missed": maker.call("2025-09-22T08:00:00", caller=""),
        "only internal": maker.call("2025-09-22T08:00:00", direction="ext", call_targets=[]),
    }[field]
    found = Page(page(maker.figures(call), heading_of(maker)))
    assert len(found.sections) == 13
    assert found.tags.count("table") >= 11
