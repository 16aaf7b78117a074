"""Models become rows: secrets stay masked, and a value that no column can hold does not stop the others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pyarrow as pa
import pytest

from etelecom_async import Secret
from etelecom_async._core.model import Many, Map, Model
from etelecom_async.history.model_rows import table_of, take_unfit
from etelecom_async.models import CallLog, CallState, CallTarget, Extension

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TOO_LATE = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-7)))
TOO_EARLY = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7)))


@attrs.frozen(kw_only=True, repr=False)
class Inner(Model):
    """A model in the model below."""

    meta: dict[str, Any] | None = None


@attrs.frozen(kw_only=True, repr=False)
class Outer(Model):
    """A model with fields that keep any JSON."""

    names: Map = attrs.field(factory=dict)
    inner: Inner | None = None
    many: Many[Inner] = ()


def test_call_logs() -> None:
    """Each field is a column; times are moments, enums their texts, and ids that are not set null."""
    target = CallTarget(ring_time=NOON, target_number="101")
    log = CallLog(
        id="1", user_id="0", call_state=CallState("answered"), call_targets=(target,), created_at=NOON
    )
    table = table_of(CallLog, [log, CallLog()])
    assert table.to_pylist() == [
        log.to_dict(unset_ids_as_none=True),
        CallLog().to_dict(unset_ids_as_none=True),
    ]
    assert table.schema.field("created_at").type == pa.timestamp("us", "UTC")
    assert len(table_of(CallLog, [])) == 0


def test_secrets_are_masked() -> None:
    """The password of an extension is masked."""
    table = table_of(Extension, [Extension(id="1", extension_password=Secret("hunter2"))])
    assert "hunter2" not in str(table.to_pylist())
    assert table.column("extension_password").to_pylist() == ["****"]


def test_objects_are_json() -> None:
    """A field that keeps any JSON is a JSON text, also inside of another model."""
    meta = {"á": [1, None], "at": NOON, "large": 2**70}
    model = Outer(names={"a": "b"}, inner=Inner(meta=meta), many=(Inner(), Inner(meta={})))
    first, second = table_of(Outer, [model, Outer()]).to_pylist()
    assert json.loads(first["names"]) == {"a": "b"}
    assert first["inner"]["meta"] == f'{{"á": [1, null], "at": "2026-11-02T12:00:00Z", "large": {2**70}}}'
    assert first["many"] == [{"meta": None}, {"meta": "{}"}]
    assert second == {"names": "{}", "inner": None, "many": []}


def test_unfit_values_are_null() -> None:
    """A value that no column can hold is null in a table of models."""
    log = CallLog(id="1", duration=2**63, started_at=TOO_LATE, call_targets=(CallTarget(fail_code=-(2**70)),))
    (row,) = table_of(CallLog, [log]).to_pylist()
    assert (row["duration"], row["started_at"], row["call_targets"][0]["fail_code"]) == (None, None, None)


class TestTakeUnfit:
    """Values that no column can hold."""

    @pytest.mark.parametrize("value", [2**63 - 1, -(2**63), True, 1.5, "x", None, [], {}, NOON, [{"a": 1}]])
    def test_fitting(self, value: Any) -> None:
        """A value that fits stays."""
        row = {"a": value}
        assert take_unfit(row) == {}
        assert row == {"a": value}

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (2**63, "9223372036854775808"),
            (-(2**63) - 1, "-9223372036854775809"),
            (TOO_LATE, '"9999-12-31T23:00:00-07:00"'),
            (TOO_EARLY, '"0001-01-01T00:00:00+07:00"'),
        ],
    )
    def test_unfit(self, value: Any, text: str) -> None:
        """A value that does not fit is returned as a JSON text, and is null in the row."""
        row = {"a": value, "b": 1}
        assert take_unfit(row) == {"a": text}
        assert row == {"a": None, "b": 1}

    def test_objects(self) -> None:
        """Objects in a list lose only the values that do not fit."""
        row: dict[str, Any] = {"a": [{"b": 1, "c": 2**64}, {"b": 1}]}
        assert take_unfit(row) == {"a": [{"c": "18446744073709551616"}, {}]}
        assert row == {"a": [{"b": 1, "c": None}, {"b": 1}]}

    def test_other_parts(self) -> None:
        """Another list, or an object, is returned as a whole; the values that fit stay in the row, too."""
        row: dict[str, Any] = {"a": [1, 2**64], "b": {"c": 2**64, "d": "á"}}
        assert take_unfit(row) == {
            "a": "[1, 18446744073709551616]",
            "b": '{"c": 18446744073709551616, "d": "á"}',
        }
        assert row == {"a": [1, None], "b": {"c": None, "d": "á"}}
