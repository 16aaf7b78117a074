"""Test the comparison of JSON with models."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli.doctor.shapes import Shape, name_of, time_form
from etelecom_async.models import CallLog, Extension, Follower, SmsTemplate
from etelecom_async.paging import PageInfo


def found(kind: Any, *values: Any) -> set[tuple[str, str, str, str]]:
    """Return the differences of some values, except for missing fields."""
    shape = Shape("any")
    for value in values:
        shape.add(kind, value)
    return {each[1:5] for each in shape.differences() if each.kind != "missing field"}


@pytest.mark.parametrize(
    ("kind", "value", "difference"),
    [
        (PageInfo, {"limit": "100"}, ("type", "limit", "integer", "text")),
        (PageInfo, {"limit": 1.5}, ("type", "limit", "integer", "number")),
        (PageInfo, {"limit": True}, ("type", "limit", "integer", "boolean")),
        (PageInfo, {"next": False}, ("type", "next", "text", "boolean")),
        (PageInfo, {"total": 5}, ("unknown field", "total", "no field", "integer")),
        (PageInfo, {"0901234567": 5}, ("unknown field", "(a name that is not shown)", "no field", "integer")),
        (PageInfo, {"Lê An": {}}, ("unknown field", "(a name that is not shown)", "no field", "object")),
        (Extension, {"extension_password": 5}, ("type", "extension_password", "text", "integer")),
        (
            CallLog,
            {"call_targets": [{"fail_code": "1"}]},
            ("type", "call_targets[].fail_code", "integer", "text"),
        ),
        (CallLog, {"call_targets": {}}, ("type", "call_targets", "array", "object")),
        (CallLog, {"recording_urls": [5]}, ("type", "recording_urls[]", "text", "integer")),
        (Follower, {"avatars": {"240": 5}}, ("type", "avatars{}", "text", "integer")),
        (Follower, {"avatars": []}, ("type", "avatars", "object", "array")),
        (Follower, {"shared_info": "x"}, ("type", "shared_info", "object", "text")),
        (CallLog, {"direction": "sideways"}, ("unlisted text", "direction", "CallDirection", "'sideways'")),
        (CallLog, {"direction": ""}, ("unlisted text", "direction", "CallDirection", "''")),
        (
            SmsTemplate,
            {"ParamsFormat": {"an": {"Type": 1}}},
            ("type", "ParamsFormat{}.Type", "text", "integer"),
        ),
    ],
)
def test_difference(kind: Any, value: Any, difference: tuple[str, str, str, str]) -> None:
    """Each difference has its kind, its path without positions, and both types."""
    assert found(kind, value) == {difference}


@pytest.mark.parametrize("text", ["Nguyễn Văn An", "0901234567", "a0901234567", "x" * 41, "a b", "a@b.vn"])
def test_text_that_may_be_data(text: str) -> None:
    """A text in an enum field that does not look like one of a list is not shown."""
    ((*_, shown),) = found(CallLog, {"direction": text})
    assert text not in shown


@pytest.mark.parametrize(
    ("kind", "value", "differences"),
    [
        (CallLog, {"call_targets": None}, {("null", "call_targets", "array", "null")}),
        (CallLog, {"call_targets": []}, {("null", "call_targets", "array", "[]")}),
        (Follower, {"shared_info": None}, {("null", "shared_info", "object", "null")}),
        (Follower, {"avatars": {}}, set()),
        (dict, {"a": None}, set()),
        (dict, {"a": []}, set()),
    ],
)
def test_empty_values(kind: Any, value: Any, differences: set[tuple[str, ...]]) -> None:
    """The form of an array or an object without a value is noted; the baseline says which are expected."""
    assert found(kind, value) == differences


def test_missing_fields_are_counted() -> None:
    """A field that only some objects have is counted."""
    shape = Shape("any")
    shape.add_fields({"rows": tuple[PageInfo, ...]}, {"rows": [{"next": ""}, {"next": "", "prev": ""}, {}]})
    counts = {each.path: (each.seen, each.among) for each in shape.differences()}
    assert counts["rows[].prev"] == (2, 3)
    assert counts["rows[].next"] == (1, 3)


def test_fields_of_an_object_without_a_model() -> None:
    """The fields of an open object are noted with their types."""
    shape = Shape("any")
    shape.add(tuple[dict, ...], [{"id": "1", "owner": {"name": "canary"}}, {"id": 2}], "shops")
    assert {path: set(types) for path, types in shape.fields.items()} == {
        "shops": {"array"},
        "shops[]": {"object"},
        "shops[].id": {"text", "integer"},
        "shops[].owner": {"object"},
    }


def test_forms_of_values_that_are_not_set() -> None:
    """The forms are counted by the kind of value."""
    shape = Shape("any")
    for row in ({"id": "0", "note": ""}, {"id": "", "note": None}, {"call_targets": [], "ended_at": None}):
        shape.add(CallLog, row)
    assert shape.forms["id"] == {'"0"': 1, '""': 1}
    assert shape.forms["text"] == {'""': 1, "null": 1}
    assert shape.forms["array"] == {"[]": 1}
    assert shape.forms["time as text"] == {"null": 1}


@pytest.mark.parametrize(
    ("value", "form", "is_known"),
    [
        ("2026-11-28T10:00:00Z", "YYYY-MM-DDThh:mm:ssZ", True),
        ("2026-11-28T10:00:00.123+07:00", "YYYY-MM-DDThh:mm:ss.fff+07:00", True),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z for a time that is not set", True),
        ("2026-11-28T10:00:00", "YYYY-MM-DDThh:mm:ss", False),
        ("2026-11-28 10:00:00Z", "YYYY-MM-DD hh:mm:ssZ", False),
        ("28/11/2026 10:00", "99/99/9999 99:99", False),
        ("1764300000", "9999999999", False),
        (1764300000, "integer", False),
        ("", '""', False),
        ("hôm qua", "a text that is no time", False),
        ("٢٠٢٦", "a text that is no time", False),
        ("1" * 41, "a text that is no time", False),
    ],
)
def test_time_form(value: Any, form: str, is_known: bool) -> None:  # noqa: FBT001 - a column
    """The form of a time has no digit of it."""
    assert time_form(value) == (form, is_known)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (str, "text"),
        (int | None, "integer"),
        (tuple[str, ...] | None, "array"),
        (PageInfo, "object"),
        (Any, "any"),
    ],
)
def test_name(kind: Any, name: str) -> None:
    """A type has the name of its JSON."""
    assert name_of(kind) == name
