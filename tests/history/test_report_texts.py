"""The texts of a report are complete in both languages, and each language writes numbers its own way."""

from __future__ import annotations

import re
import string
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import pytest

import etelecom_async.history
from etelecom_async.history.report_texts import LANGUAGES, TEXTS, UNKNOWN, Language, Texts, readable

EN, VI = Texts("en"), Texts("vi")


def places(text: str) -> set[str]:
    """Return the names of the places in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages() -> None:
    """Each text has every language, without a blank, and with the same places for values."""
    assert get_args(Language) == LANGUAGES == ("en", "vi")
    for key, words in TEXTS.items():
        assert words._fields == LANGUAGES
        assert all(text.strip() for text in words), key
        assert places(words.en) == places(words.vi), key


def test_vietnamese_is_vietnamese() -> None:
    """No longer text was left in English, and no text of English has letters of Vietnamese."""
    for key, words in TEXTS.items():
        assert words.en.isascii() or re.fullmatch(r"[\x00-\x7f“”…]+", words.en), key
        assert words.en != words.vi or key in {"hotline", "mark"}, key
        if len(words.vi) > 15 and key != "mark":
            assert not words.vi.isascii(), key


def test_every_text_is_used() -> None:
    """Each key is in the code of a report, or is a name of its figures."""
    folder = Path(etelecom_async.history.__file__).parent
    code = (
        "".join(
            file.read_text(encoding="utf-8")
            for file in folder.glob("report*.py")
            if file.name != "report_texts.py"
        )
        + (folder / "report_texts.py").read_text(encoding="utf-8").partition("class Texts")[2]
    )
    made = {f"by_{step}" for step in ("day", "week", "month", "year")} | {"in", "out", "internal", "other"}
    for key in TEXTS.keys() - made - {"week", "month", "year", "day"}:
        assert re.search(rf"[\"']{key}[\"']", code) or key.removesuffix("_note") in made, key


def test_no_term_for_figures_that_there_are_not() -> None:
    """No text speaks of handle time, which the service does not give."""
    for words in TEXTS.values():
        assert not re.search(r"\bAHT\b|handle time|handling time", words.en + words.vi, re.IGNORECASE)


def test_numbers() -> None:
    """English and Vietnamese have other separators."""
    assert (EN.count(1234567), VI.count(1234567)) == ("1,234,567", "1.234.567")
    assert (EN.count(1234.56, 1), VI.count(1234.56, 1)) == ("1,234.6", "1.234,6")
    assert (EN.share(1, 3), VI.share(1, 3), EN.share(0, 0)) == ("33.3%", "33,3%", UNKNOWN)
    assert (EN.percent(1), EN.percent(None)) == ("100.0%", UNKNOWN)


@pytest.mark.parametrize(
    ("seconds", "english", "vietnamese"),
    [
        (None, UNKNOWN, UNKNOWN),
        (0, "0s", "0s"),
        (9.04, "9s", "9s"),
        (9.06, "9.1s", "9,1s"),
        (59.94, "59.9s", "59,9s"),
        (59.96, "1m 00s", "1p 00s"),
        (65, "1m 05s", "1p 05s"),
        (3599.4, "59m 59s", "59p 59s"),
        (3599.6, "1h 00m", "1g 00p"),
        (4_000_000, "1,111h 06m", "1.111g 06p"),
    ],
)
def test_lengths(seconds: float | None, english: str, vietnamese: str) -> None:
    """A length of time has two units at most, and never 60 of one."""
    assert (EN.length(seconds), VI.length(seconds)) == (english, vietnamese)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        (" a\t b\r\n\u2028c ", "a b c"),
        ("\x00\x1b[31m", "[31m"),
        ("a\ud83d", "a"),
        ("\uffff\ufffe", ""),
        ("Tr\u202eần\u202c", "Tr ần"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("مرحبا", "مرحبا"),
        ("x" * 80, "x" * 80),
        ("x" * 81, f"{'x' * 79}…"),
        ("x" * 78 + " yyyy", f"{'x' * 78}…"),
        ("x" * 10**6, f"{'x' * 79}…"),
        ("", ""),
    ],
)
def test_readable(name: str, shown: str) -> None:
    """A name of the service is one short line, and does not turn the texts beside it."""
    assert readable(name) == shown


def test_ranges() -> None:
    """The bounds of a range are in their largest unit."""
    assert (EN.between(0, 5), EN.between(5, 60), EN.between(60, None)) == (
        "under 5 s",
        "5 s to 1 min",
        "1 min or more",
    )
    assert (VI.between(0, 300), VI.between(3600, 86400)) == ("dưới 5 phút", "1 giờ đến 24 giờ")
    assert (EN.between(None, None), EN.limit(90), EN.limit(7.5), EN.limit(5400)) == (
        "Not known", "90 s", "7.5 s", "90 min",
    )  # fmt: skip


def test_days() -> None:
    """Days are written as in each language."""
    day = date(2025, 9, 8)
    assert (EN.day(day), VI.day(day)) == ("8 Sep 2025", "08/09/2025")
    assert (EN.weekday_and_day(day), VI.weekday_and_day(day)) == ("Mon 8 Sep 2025", "T2 08/09/2025")
    assert (EN.month(day), VI.month(day), EN.year(day)) == ("Sep 2025", "09/2025", "2025")
    moment = datetime(2025, 9, 8, 7, 5)  # noqa: DTZ001 - the figures have local times
    assert (EN.time(moment), VI.time(moment)) == ("8 Sep 2025, 07:05", "08/09/2025, 07:05")
    assert (len(EN.weekdays), VI.weekdays[-1]) == (7, "CN")
