"""Write the page of a report: one HTML file without a script and without any address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import escape
from typing import Final

from etelecom_async.history import report_charts
from etelecom_async.history.report_figures import Figures
from etelecom_async.history.report_rankings import Rankings
from etelecom_async.history.report_sections import Heading, Section, Sections
from etelecom_async.history.report_style import CSS
from etelecom_async.history.report_texts import UNKNOWN, Texts
from etelecom_async.history.spans import Span
from etelecom_async.times import local

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Even if a text was not escaped, a browser would load and run nothing."""


def page(figures: Figures, heading: Heading) -> str:
    """Return the page."""
    return _Page(figures, heading).html()


class _Page:
    def __init__(self, figures: Figures, heading: Heading) -> None:
        self._figures = figures
        self._heading = heading
        self._texts = Texts(heading.language)

    def html(self) -> str:
        t = self._texts
        title = f"{t('title')} · {self._heading.shop}"
        sections = self._sections() if self._figures.calls else iter(())
        parts = [self._section(section, number) for number, section in enumerate(sections)]
        return (
            f'<!DOCTYPE html>\n<html lang="{self._heading.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="format-detection" content="telephone=no">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
            f"{self._header()}\n<main>\n{self._cards()}\n{''.join(parts)}{self._definitions()}</main>\n"
            "</body>\n</html>\n"
        )

    def _header(self) -> str:
        t, heading = self._texts, self._heading
        facts = {
            t("span"): _span(t, heading.span),
            t("calls"): t.count(self._figures.calls),
            t("made"): t.time(local(heading.made)),
        }
        rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts.items())
        return (
            f'<header><div><p class="kind">{t("title")}</p><h1>{escape(heading.shop)}</h1>'
            f"<dl>{rows}</dl></div></header>"
        )

    def _cards(self) -> str:
        t, figures = self._texts, self._figures
        if not figures.calls:
            return f"<section><h2>{t('empty')}</h2></section>"
        waiting, missed = figures.waiting, figures.missed
        talk = {row.direction: t.length(row.mean) for row in figures.talking}
        answered, offered = waiting.answered, waiting.answered + waiting.abandoned
        cards = [
            (
                "incoming_calls",
                t.count(figures.outcomes[0].calls),
                t("card_incoming", answered=t.count(answered), missed=t.count(waiting.abandoned)),
            ),
            ("answer_rate", t.share(answered, offered), t("card_answer_rate")),
            ("not_returned", t.count(missed.open), t("card_not_returned", missed=t.count(missed.missed))),
            ("asa", t.length(waiting.asa), t("card_asa", longest=t.length(waiting.longest))),
            (
                "service_level",
                t.percent(waiting.service_level),
                t("card_service_level", limit=t.limit(self._heading.limit)),
            ),
            ("mean_talk", talk["in"], t("card_mean_talk", outgoing=talk["out"])),
        ]
        items = "".join(
            f'<li><span class="name">{t(name)}</span>'
            f'<span class="big{" bad" if name == "not_returned" and missed.open else ""}">{big}</span>'
            f'<span class="more">{more}</span></li>'
            for name, big, more in cards
        )
        return f'<ul class="cards">{items}</ul>'

    def _section(self, section: Section, number: int) -> str:
        t = self._texts
        notes = "".join(f"<p>{note}</p>" for note in section.notes)
        figure = ""
        if section.chart is not None and any(mark.value for mark in section.chart.marks):
            drawing = report_charts.draw(section.chart, self._heading.language, number)
            figure = (
                f'<figure><div class="wide">{drawing.wide}</div><div class="narrow">{drawing.narrow}</div>'
                "</figure>"
            )
        table = f'<div class="scroll">{section.table}</div>' if section.table else ""
        if table and not section.is_open:
            table = f"<details><summary>{t(section.summary)}</summary>{table}</details>"
        return f"<section><h2>{section.title}</h2>{notes}{figure}{table}</section>\n"

    def _sections(self) -> Iterator[Section]:
        sections, rankings = Sections(self._figures, self._heading), Rankings(self._figures, self._heading)
        yield sections.periods()
        yield sections.answering()
        yield sections.missed()
        yield sections.callers()
        yield sections.delays()
        yield sections.hours()
        yield sections.waits()
        yield sections.waiting()
        yield sections.talking()
        yield rankings.employees()
        yield rankings.extensions()
        if self._figures.hotlines is not None:
            yield rankings.hotlines()
        yield sections.outcomes()

    def _definitions(self) -> str:
        t = self._texts
        names = [
            *("hanoi", "def_source", "def_direction", "def_answered", "def_missed", "def_rate", "def_wait"),
            *("def_talk", "def_extension", "def_returned"),
            *(["def_hotline"] if self._figures.hotlines is not None else []),
        ]
        items = "".join(f"<li>{t(name)}</li>" for name in names)
        return f'<section class="definitions"><h2>{t("definitions")}</h2><ul>{items}</ul></section>\n'


def _span(texts: Texts, span: Span) -> str:
    begin, end = local(span.begin), local(span.end)
    if any((each.hour, each.minute, each.second, each.microsecond) != (0, 0, 0, 0) for each in (begin, end)):
        return f"{texts.time(begin)} {UNKNOWN} {texts.time(end)}"
    last = end - timedelta(days=1)
    days = [texts.weekday_and_day(day) for day in dict.fromkeys((begin.date(), last.date()))]
    return f" {UNKNOWN} ".join(days)
