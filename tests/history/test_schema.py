"""The columns of models: names, types and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import pyarrow as pa
import pytest

from etelecom_async import Secret
from etelecom_async._core.model import fields_of
from etelecom_async.history import schema
from etelecom_async.models import CallLog, CallState, CallTarget

TIME = pa.timestamp("us", "UTC")


def test_schema_of_call_logs() -> None:
    """The id is first, then the fields in the order of the model, then `extra`."""
    found = schema.schema_of(CallLog)
    others = [field.name for field in fields_of(CallLog) if field.name != "id"]
    assert found.names == ["id", *others, "extra"]
    assert found.field("started_at").type == TIME
    assert found.field("duration").type == pa.int64()
    assert found.field("call_state").type == pa.string()
    assert found.field("recording_urls").type == pa.list_(pa.string())
    assert found.field("call_targets").type == pa.list_(pa.struct(schema.columns_of(CallTarget)))
    assert found.field("extra").metadata == {b"content": b"JSON"}
    assert all(field.nullable for field in found)


def test_version() -> None:
    """The schema has its version in its metadata; another set of columns needs another version."""
    found = schema.schema_of(CallLog)
    assert found.metadata == {b"etelecom_async.schema_version": b"1"}
    assert len(found.names) == 20


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (str, pa.string()),
        (bool, pa.bool_()),
        (int, pa.int64()),
        (float | None, pa.float64()),
        (datetime, TIME),
        (Annotated[datetime, "with an offset"] | None, TIME),
        (CallState | None, pa.string()),
        (Secret, pa.string()),
        (tuple[int, ...] | None, pa.list_(pa.int64())),
        (list[bool], pa.list_(pa.bool_())),
        (Sequence[CallState], pa.list_(pa.string())),
        (dict[str, Any] | None, pa.string()),
        (Mapping[str, str], pa.string()),
        (Any, pa.string()),
        (CallTarget, pa.struct(schema.columns_of(CallTarget))),
    ],
)
def test_types(kind: Any, expected: pa.DataType) -> None:
    """Each type of a field has its type of column; fields that keep any JSON are texts."""
    assert schema.arrow_type(kind) == expected


def test_columns_are_in_the_order_of_the_fields() -> None:
    """`columns_of` keeps the order of the model, as its JSON has it."""
    assert [column.name for column in schema.columns_of(CallLog)] == [
        field.name for field in fields_of(CallLog)
    ]


def test_known_fields() -> None:
    """A field of models has the names of their fields; any other field has none."""
    known = schema.known_fields(CallLog)
    assert list(known) == [field.name for field in fields_of(CallLog)]
    assert list(known["call_targets"]) == [field.name for field in fields_of(CallTarget)]
    assert {name for name, inner in known.items() if inner is not None} == {"call_targets"}
