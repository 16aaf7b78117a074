"""
How an unknown outcome is settled: the read to make, and which of its answers is the thing in question.

The room sends nothing; the engine makes the read.
"""

from __future__ import annotations

from typing import Any

import attrs

from etelecom_async._core.operation import Operation
from etelecom_async._core.phone import normal


def question(row: Operation[Any, Any], wanted: dict[str, object]) -> Any:
    """
    Return the request of the read *row* that asks for what is *wanted*, as far as it can be asked for.

    Args:
        row: A read, of one thing or of a list.
        wanted: Values by the names of fields.
    """
    asked: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(row.request)):
        if field.name == "filter":
            filters = next(part for part in field.type.__args__ if part is not type(None))
            known = attrs.fields_dict(filters)
            asked["filter"] = filters(**{name: value for name, value in wanted.items() if name in known})
        elif field.name in wanted:
            # A number on the one side may be a text on the other, as an extension's is.
            asked[field.name] = str(wanted[field.name])
    return row.request(**asked)


def is_it(item: object, wanted: dict[str, object]) -> bool:
    """
    Return whether *item* is the thing in question.

    Args:
        item: What the read gave.
        wanted: Values by the names of fields. The last one tells the thing from all others, so the item has
            to have it; of the others it must not show another value.
    """
    if item == type(item)():
        return False  # an answer in which nothing is
    for number, (name, value) in enumerate(wanted.items(), 1):
        shown = getattr(item, name, None) or ""
        is_key = number == len(wanted)
        if (is_key or shown) and _in_one_form(shown) != _in_one_form(value):
            return False
    return True


def _in_one_form(value: object) -> str:
    # A server may give a phone number back otherwise than it was given.
    try:
        return normal(str(value))
    except ValueError:
        return str(value)
