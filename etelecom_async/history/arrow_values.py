"""Give the values that pyarrow reads from JSON the meaning that the models give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Final, get_args, get_origin

from etelecom_async._core.codec.scalars import NEVER
from etelecom_async._core.model import Model, fields_of, unset_ids, value_type
from etelecom_async.history.arrow import ArrowType, pa, pc
from etelecom_async.history.schema import TIME, arrow_type

Convert = Callable[[Any], Any]
"""Takes an array as pyarrow reads it from JSON, and returns the array of the column."""

FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
"""The times that a `datetime` can have in UTC."""


def columns(model: Any) -> Mapping[str, Convert]:
    """Return for each field of a model the function that converts its array."""
    unset = unset_ids(model)
    return {field.name: _convert(field.type, unset.get(field.name)) for field in fields_of(model)}


def _convert(kind: Any, unset: tuple[str, ...] | None) -> Convert:
    part = value_type(kind)
    if unset is not None:
        return _without(unset, pa.string())
    if get_origin(part) in (tuple, list):
        return _lists(_convert(get_args(part)[0], None))
    if isinstance(part, type) and issubclass(part, Model):
        return _structs(part)
    if arrow_type(kind) == TIME:
        return _times
    return _leaf(part, may_be_null=part is not kind)


def _leaf(kind: Any, *, may_be_null: bool) -> Convert:
    if kind is str and not may_be_null:
        return lambda texts: texts.fill_null("") if texts.null_count else texts
    is_enum = isinstance(kind, type) and issubclass(kind, Enum)
    return _choices if is_enum else lambda values: values


def _without(blanks: tuple[str, ...], kind: ArrowType) -> Convert:
    """Return a function that replaces texts by null."""
    known = pa.array(blanks)
    null = pa.scalar(None, kind)

    def replace(texts: Any) -> Any:
        found = pc.is_in(texts, value_set=known)
        return pc.if_else(found, null, texts) if pc.any(found).as_py() else texts

    return replace


@cache
def _without_unset_times() -> Convert:
    # Made on first use: the first array of pyarrow imports pandas, if it is installed.
    return _without((NEVER, ""), pa.string())


def _times(texts: Any) -> Any:
    """
    Return the times of texts; null for a time that was never set.

    Raises:
        ArrowInvalid: A text is no time, or has no offset.
    """
    # A cast refuses a time without an offset, which the JSON reader of pyarrow takes for UTC.
    times = _without_unset_times()(texts).cast(TIME)
    if len(times) > times.null_count:
        span = pc.min_max(times)
        if not span["min"].as_py() >= FIRST or not span["max"].as_py() <= LAST:
            raise pa.ArrowInvalid("a time outside of the calendar")
    return times


def _choices(texts: Any) -> Any:
    """
    Return the texts of enums.

    Raises:
        ArrowInvalid: A text is the zero time, which the models may take for null in any field.
    """
    if pc.any(pc.equal(texts, NEVER)).as_py():
        raise pa.ArrowInvalid("a time in place of a word")
    return texts


def _lists(convert: Convert) -> Convert:
    def lists(arrays: Any) -> Any:
        values = arrays.flatten()
        if values.null_count:
            raise pa.ArrowInvalid("null in place of an item")
        # Without the bitmap, null is an empty list.
        lengths = pc.fill_null(pc.list_value_length(arrays), 0)
        offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
        return pa.ListArray.from_arrays(offsets, convert(values))

    return lists


def _structs(model: Any) -> Convert:
    converts = columns(model)

    def structs(objects: Any) -> Any:
        arrays = [convert(array) for convert, array in zip(converts.values(), objects.flatten(), strict=True)]
        return pa.StructArray.from_arrays(arrays, names=list(converts))

    return structs
