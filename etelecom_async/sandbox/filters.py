"""
Filters of lists.

The documentation leaves some rules open, so the sandbox chooses. A field that is missing, blank, or an id "0"
does not filter. Texts must be equal. A time span includes both ends. `leniency` removes `unknown`, the zero
value of many enums; a strict sandbox compares it like other values.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from etelecom_async.sandbox.listing import ListQuery
from etelecom_async.sandbox.params import read_number, read_optional_id
from etelecom_async.sandbox.store.state import search_name
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world import people


def filter_by_fields(
    query: ListQuery, wanted: Any, *, ids: Iterable[str] = (), words: Iterable[str] = ()
) -> None:
    """
    Keep the records that have the values of a filter.

    Args:
        query: The list.
        wanted: The filter.
        ids: Names of fields that are ids.
        words: Names of fields that are texts, numbers, booleans or enum values. `phone` may have any form.

    Raises:
        InvalidArgumentError: An id is wrong, or a number is too large.
    """
    for name in ids:
        if number := read_optional_id(getattr(wanted, name), f"filter.{name}"):
            query.where_field(name, str(number))
    for name in words:
        value = getattr(wanted, name)
        if value is None or value == "":
            continue
        if name == "phone":
            value = people.normalize(value) or value
        elif isinstance(value, int):
            value = read_number(value, f"filter.{name}", minimum=0)
        query.where_field(name, str(value) if isinstance(value, str) else value)


def filter_by_name(query: ListQuery, name: str | None) -> None:
    """Keep the records whose name contains *name*, ignoring case."""
    if name:
        query.where("instr(search_name, ?)", search_name(name))


def filter_by_time(
    query: ListQuery, column: str, date_from: datetime | None, date_to: datetime | None
) -> None:
    """Keep the records whose time is in the span; the rules of the list say whether it includes its ends."""
    if date_from:
        query.where(f"{column} {'>=' if query.rules.include_date_from else '>'} ?", micros(date_from))
    # The zero time means "not set".
    if date_to and date_to.year > 1:
        query.where(f"{column} {'<=' if query.rules.include_date_to else '<'} ?", micros(date_to))
