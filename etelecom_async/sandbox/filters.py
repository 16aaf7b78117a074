"""
Chooses the rows of a list by what a filter gives.

Where no page says more: a field that is left out, blank, or an id "0" chooses nothing away; a text has to be
equal; both ends of a span belong to it. `unknown`, the zero value of many enums, is looked for as others are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from etelecom_async.sandbox import people
from etelecom_async.sandbox.arguments import read_number, read_optional_id
from etelecom_async.sandbox.paging import Rows
from etelecom_async.sandbox.times import micros


def choose(rows: Rows, wanted: Any, *, ids: Iterable[str] = (), words: Iterable[str] = ()) -> None:
    """
    Keep the rows whose records have the filter's values.

    Args:
        rows: What is listed.
        wanted: The filter.
        ids: Fields that are ids.
        words: Fields that are texts, numbers, truths or words of an enum; `phone` in any of its forms.

    Raises:
        InvalidArgumentError: An id is none, or a number too large.
    """
    for name in ids:
        if number := read_optional_id(getattr(wanted, name), f"filter.{name}"):
            rows.where_field(name, str(number))
    for name in words:
        value = getattr(wanted, name)
        if value is None or value == "":
            continue
        if name == "phone":
            value = people.normalize(value) or value
        elif isinstance(value, int):
            value = read_number(value, f"filter.{name}", least=0)
        rows.where_field(name, str(value) if isinstance(value, str) else value)


def choose_by_time(rows: Rows, column: str, date_from: datetime | None, date_to: datetime | None) -> None:
    """Keep the rows whose time is in the span."""
    if date_from:
        rows.where(f"{column} >= ?", micros(date_from))
    # Go's zero time is how this wire says "not set".
    if date_to and date_to.year > 1:
        rows.where(f"{column} <= ?", micros(date_to))
