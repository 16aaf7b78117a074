"""Turn models into rows of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, cast

from etelecom_async._core.codec.raw_pages import Beside
from etelecom_async._core.model import Model, write_time
from etelecom_async.history.arrow import ArrowTable, ArrowType, pa
from etelecom_async.history.schema import columns_of

_LARGEST: Final = 2**63


def table_of(model: Any, items: Iterable[Model]) -> ArrowTable:
    """Return the fields of models as columns. Secrets are masked, and ids that are not set are null."""
    schema = pa.schema(columns_of(model))
    rows = [item.to_dict(unset_ids_as_none=True) for item in items]
    for row in rows:
        for field in schema:
            row[field.name] = _with_texts(row[field.name], field.type)
        take_unfit(row)
    return pa.Table.from_pylist(rows, schema=schema)


def _with_texts(value: Any, kind: ArrowType) -> object:
    """Return a value with JSON texts in place of objects for which the schema has texts."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: _with_texts(value[field.name], field.type) for field in kind}
    if pa.types.is_list(kind):
        return [_with_texts(part, kind.value_type) for part in value]
    if pa.types.is_string(kind) and not isinstance(value, str):
        return _json_text(value)
    return cast("object", value)


def take_unfit(row: dict[str, Any]) -> Beside:
    """
    Replace the values that no column can hold with null, and return them as JSON texts.

    They are whole numbers with more than 64 bits, and times outside of the calendar in UTC.
    """
    unfit: dict[str, str | list[Beside]] = {}
    for name, value in row.items():
        if _fits(value):
            continue
        objects = _objects(value)
        if objects:
            unfit[name] = [take_unfit(part) for part in objects]
        else:
            unfit[name] = _json_text(value)
            row[name] = _fitting(value)
    return unfit


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list that has nothing else."""
    parts = cast("list[dict[str, Any]]", value) if isinstance(value, list) else []
    return parts if {dict}.issuperset(map(type, parts)) else []


def _json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=write_time)


def _fits(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_fits, cast("dict[str, object]", value).values()))
    if isinstance(value, list):
        return all(map(_fits, cast("list[object]", value)))
    if isinstance(value, datetime):
        return _is_in_calendar(value)
    return not isinstance(value, int) or -_LARGEST <= value < _LARGEST


def _fitting(value: object) -> object:
    if isinstance(value, dict):
        return {name: _fitting(part) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_fitting(part) for part in cast("list[object]", value)]
    return value if _fits(value) else None


def _is_in_calendar(when: datetime) -> bool:
    try:
        when.astimezone(UTC)
    except OverflowError:
        return False
    return True
