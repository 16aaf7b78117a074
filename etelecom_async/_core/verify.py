"""
How an unknown outcome is settled: the read to make, and which of its answers is the thing in question.

The room sends nothing; the engine makes the read.
"""

from __future__ import annotations

from typing import Any

import attrs

from etelecom_async._core.operation import Operation


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
    """Return whether *item* has all that is *wanted* of it, as far as it shows."""
    return all(str(getattr(item, name, value)) == str(value) for name, value in wanted.items())
