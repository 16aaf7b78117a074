"""
Write rows as an HTML table, as notebooks show the last value of a cell.

The tables have no script, no colour and no style sheet, so they fit light and dark pages. Every text is
escaped. Only `_repr_html_` methods load this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from html import escape
from typing import Final, TypeAlias

from etelecom_async._core.secret import MASK, Secret

MOST_ROWS: Final = 10
"""Rows that a table shows."""
LONGEST: Final = 200
"""Characters of a cell."""

Record: TypeAlias = Mapping[str, object]
"""The cells of a row, by the heading of their column."""

_LEFT: Final = ' style="text-align:left"'
_RIGHT: Final = ' style="text-align:right"'


def records_table(
    caption: str, records: Sequence[Record], *, notes: Iterable[str] = (), most: int = MOST_ROWS
) -> str:
    """
    Return a table with a row for each record. A column without any value is left out.

    Args:
        caption: The title of the table.
        records: The rows. The first record that has a column decides on its place.
        notes: Sentences below the table.
        most: Maximum number of rows; a line below says how many more there are.
    """
    names = dict.fromkeys(name for record in records for name in record)
    columns = [name for name in names if any(not _is_blank(record.get(name)) for record in records)]
    rows = [[record.get(name) for name in columns] for record in records[:most]]
    return table(caption, columns, rows, notes=_with_rest(len(records) - most, notes))


def fields_table(caption: str, fields: Record, *, notes: Iterable[str] = ()) -> str:
    """
    Return a table with a row for each field: its name and its value.

    Args:
        caption: The title of the table.
        fields: The values by their names.
        notes: Sentences below the table.
    """
    return table(caption, ("field", "value") if fields else (), list(fields.items()), notes=notes)


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[object]], *, notes: Iterable[str] = ()
) -> str:
    """
    Return a table of all *rows*. Numbers stand on the right, all other cells on the left.

    Args:
        caption: The title of the table.
        headings: The title of each column.
        rows: The cells of each row.
        notes: Sentences below the table.
    """
    sides = [
        _RIGHT if any(map(_is_number, column)) and all(map(_is_number_or_blank, column)) else _LEFT
        for column in (zip(*rows, strict=True) if rows else [()] * len(headings))
    ]
    heading = "".join(f"<th{side}>{escape(title)}</th>" for title, side in zip(headings, sides, strict=True))
    head = f"<thead><tr>{heading}</tr></thead>" if heading else ""
    lines = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    body = f"<tbody>\n{lines}\n</tbody>" if rows else ""
    title = f"<caption{_LEFT}>{escape(caption)}</caption>"
    return f'<div style="overflow-x:auto"><table>{title}{head}{body}</table>{_paragraphs(notes)}</div>'


def hint(text: str, *codes: str) -> str:
    """
    Return a paragraph with one line of code for each of *codes*.

    Args:
        text: The sentence before the code.
        codes: Lines of code.
    """
    items = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    return f"<p>{escape(text)}</p><ul>{items}</ul>"


def shown(value: object) -> str:
    """Return the text of a cell. A secret is masked, and a long text is shortened."""
    if _is_blank(value):
        return ""
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Enum):
        return str(value.value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _cell(value: object) -> str:
    return f"<td{_RIGHT if _is_number(value) else _LEFT}>{escape(shown(value))}</td>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _with_rest(more: int, notes: Iterable[str]) -> list[str]:
    return [f"… and {more:,} more", *notes] if more > 0 else [*notes]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool | Enum)


def _is_number_or_blank(value: object) -> bool:
    return _is_number(value) or _is_blank(value)


def _is_blank(value: object) -> bool:
    # Compared by type first: `0` and `False` are values, and `Secret` compares by its text.
    return value is None or (isinstance(value, str | tuple | list | dict) and not value)
