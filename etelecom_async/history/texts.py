"""Write columns as texts: times with the offset of Hanoi, and lists as JSON."""

from __future__ import annotations

from typing import Final

from etelecom_async._core.codec.responses import encode
from etelecom_async._core.formulas import FORMULA, harmless
from etelecom_async.history.arrow import ArrowArray, ArrowTable, ArrowType, pa, pc
from etelecom_async.history.schema import TIME

_HANOI: Final = "+07:00"
_LOCAL: Final = pa.timestamp("us")
_OFFSET_MICROS: Final = 7 * 3600 * 10**6
_LATEST_MICROS: Final = 253402300799999999 - _OFFSET_MICROS


def with_time_texts(table: ArrowTable) -> ArrowTable:
    """Return the columns with texts in place of times, for example `2026-11-29T00:30:00+07:00`."""
    columns = [_as_texts(column.combine_chunks(), column.type) for column in table.columns]
    return pa.table(columns, names=table.column_names)


def flat(table: ArrowTable) -> ArrowTable:
    """Return texts and numbers only: a list becomes its JSON text. No text is a formula of a spreadsheet."""
    table = with_time_texts(table)
    return pa.table([_cell(column) for column in table.columns], names=table.column_names)


def _as_texts(values: ArrowArray, kind: ArrowType) -> ArrowArray:
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], kind)
    if kind == TIME:
        return _time_texts(values)
    if pa.types.is_list(kind):
        items = _as_texts(values.flatten(), kind.value_type)
        lengths = pc.fill_null(pc.list_value_length(values), 0)
        return pa.ListArray.from_arrays(offsets(lengths), items)
    if pa.types.is_struct(kind):
        arrays = [_as_texts(array, field.type) for array, field in zip(values.flatten(), kind, strict=True)]
        return pa.StructArray.from_arrays(arrays, names=[field.name for field in kind])
    return values


def offsets(lengths: ArrowArray) -> ArrowArray:
    """Return the places where the lists with these lengths start, and where the last one ends."""
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])


def _time_texts(times: ArrowArray) -> ArrowArray:
    micros = times.cast(pa.int64())
    # A time in the last hours of the calendar has no date in Hanoi; UTC has one.
    local = pc.if_else(pc.greater(micros, _LATEST_MICROS), micros, pc.add(micros, _OFFSET_MICROS))
    zone = pc.if_else(pc.greater(micros, _LATEST_MICROS), "Z", _HANOI)
    texts = pc.replace_substring(pc.cast(local.cast(_LOCAL), pa.string()), " ", "T")
    texts = pc.replace_substring(texts, ".000000", "")
    return pc.binary_join_element_wise(texts, zone, "")


def _cell(column: ArrowArray) -> ArrowArray:
    if pa.types.is_list(column.type) or pa.types.is_struct(column.type):
        return pa.array([encode(value).decode() for value in column.to_pylist()], pa.string())
    if not pa.types.is_string(column.type):
        return column
    candidates = pc.match_substring_regex(pc.utf8_trim_whitespace(column), f"^{FORMULA}")
    if not pc.any(candidates).as_py():
        return column
    return pa.array([None if text is None else harmless(text) for text in column.to_pylist()], pa.string())
