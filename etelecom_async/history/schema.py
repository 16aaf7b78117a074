"""Say which columns a model has: their names, their types and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final, cast, get_args, get_origin

from etelecom_async._core.model import Model, fields_of, value_type
from etelecom_async.history.arrow import ArrowField, ArrowSchema, ArrowType, pa

VERSION: Final = "1"
"""Version of the schema of call logs. A column that goes, or gets another type, raises it."""
EXTRA: Final = "extra"
"""Column with the fields that the schema does not have, as a JSON text; null if there are none."""
TIME: Final = pa.timestamp("us", "UTC")

_VERSION_KEY: Final = b"etelecom_async.schema_version"


@cache
def schema_of(model: Any) -> ArrowSchema:
    """
    Return the columns of a model: the id first, then the fields in their order, then `extra`.

    Times are UTC with microseconds. Objects in a row are nested. Fields that keep any JSON are JSON texts.
    """
    columns = sorted(columns_of(model), key=lambda column: column.name != "id")
    extra = pa.field(EXTRA, pa.string(), metadata={b"content": b"JSON"})
    return pa.schema([*columns, extra], metadata={_VERSION_KEY: VERSION.encode()})


def columns_of(model: Any) -> list[ArrowField]:
    """Return a column for each field of a model, in the order of the fields."""
    return [pa.field(field.name, arrow_type(field.type)) for field in fields_of(model)]


def arrow_type(kind: Any) -> ArrowType:
    """Return the type of the column for a field of type *kind*."""
    kind = value_type(kind)
    origin: Any = get_origin(kind)
    if origin is not None and hasattr(kind, "__metadata__"):  # Annotated
        return arrow_type(get_args(kind)[0])
    if origin in (tuple, list, Sequence):
        return pa.list_(arrow_type(get_args(kind)[0]))
    if isinstance(kind, type):
        if issubclass(kind, Model):
            return pa.struct(columns_of(kind))
        for base, found in _TYPES.items():
            if issubclass(kind, base):
                return found
    return pa.string()  # any JSON


_TYPES: Final[Mapping[type, ArrowType]] = {
    Enum: pa.string(),
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: TIME,
}


@cache
def known_fields(model: Any) -> Mapping[str, Any]:
    """Return the names of the fields of a model; a field of models has those of the models in it."""
    return {field.name: _inner(field.type) for field in fields_of(model)}


def _inner(kind: Any) -> Mapping[str, Any] | None:
    part = value_type(kind)
    items = get_args(part)
    part = items[0] if get_origin(part) in (tuple, list) and items else part
    return known_fields(cast("Any", part)) if isinstance(part, type) and issubclass(part, Model) else None
