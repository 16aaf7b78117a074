"""Tables for notebooks: what a person sees, whatever the texts contain."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

from etelecom_async import Secret
from etelecom_async._core.html_tables import LONGEST, fields_table, hint, records_table, shown, table
from tests.conftest import read_html

SCRIPT = "<script>alert('&')</script>"


class Kind(StrEnum):
    """An enum of texts, as the models have them."""

    IN = "in"


def test_texts_are_escaped() -> None:
    """Markup in a title, a heading, a cell, a note or a line of code is text, and never an element."""
    for html in (
        table(SCRIPT, [SCRIPT], [[SCRIPT]], notes=[SCRIPT]),
        records_table(SCRIPT, [{SCRIPT: SCRIPT}], notes=[SCRIPT]),
    ):
        assert "<script" not in html
        assert read_html(html) == ([[SCRIPT], [SCRIPT]], [SCRIPT, SCRIPT])
    assert read_html(hint(SCRIPT, SCRIPT)) == ([], [SCRIPT, SCRIPT])


def test_cap() -> None:
    """A table shows its first rows, and says how many more there are. A table of them all says nothing."""
    hundred: list[dict[str, object]] = [{"n": n} for n in range(100)]
    rows, texts = read_html(records_table("A", hundred))
    assert rows == [["n"], *([str(n)] for n in range(10))]
    assert texts == ["A", "… and 90 more"]
    assert read_html(records_table("A", hundred[:10]))[1] == ["A"]
    assert read_html(records_table("A", hundred * 20, most=1, notes=["b"]))[1] == [
        "A",
        "… and 1,999 more",
        "b",
    ]


def test_columns_have_values() -> None:
    """Columns without any value are left out; zero and `False` are values. Rows may lack a column."""
    records: list[dict[str, object]] = [
        {"a": None, "b": "", "c": 0, "d": (), "e": {}},
        {"c": 1, "f": False},
    ]
    assert read_html(records_table("A", records))[0] == [["c", "f"], ["0", ""], ["1", "False"]]
    assert read_html(records_table("A", [])) == ([], ["A"])
    assert read_html(fields_table("A", {})) == ([], ["A"])


def test_numbers_stand_on_the_right() -> None:
    """Numbers are aligned on the right, with the title of a column of numbers. Ids and booleans are not."""
    html = table("A", ["id", "n", "mixed"], [["10", 1, 1], ["2", 2.5, "x"], ["3", None, True]])
    aligned = re.findall(r'<(t[hd]) style="text-align:(\w+)">([^<]*)<', html)
    right = [(tag, text) for tag, side, text in aligned if side == "right"]
    assert right == [("th", "n"), ("td", "1"), ("td", "1"), ("td", "2.5")]
    assert len(aligned) == 12


def test_no_colours() -> None:
    """The only styles are those of the text's side and of scrolling, so light and dark pages both fit."""
    html = records_table("A", [{"a": 1, "b": "c"}])
    assert set(re.findall(r'style="([^"]*)"', html)) == {
        "overflow-x:auto",
        "text-align:left",
        "text-align:right",
    }


def test_shown() -> None:
    """A secret is masked, an enum is its text, a time has its offset, and a long text is shortened."""
    assert shown(Secret("canary")) == "****"
    assert shown(Kind.IN) == "in"
    assert shown(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02 00:00:00+00:00"
    assert shown("a" * LONGEST) == "a" * LONGEST
    assert shown("a" * (LONGEST + 1)) == "a" * LONGEST + "…"
