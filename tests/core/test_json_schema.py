"""Test the JSON Schema of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import pytest

from etelecom_async import Attachment, Page, Secret
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.json_schema import json_schema
from etelecom_async._core.model import Many, Map, Model, Moment


class Mood(OpenEnum):
    """An enum for these tests."""

    GOOD = "good"


@attrs.frozen(kw_only=True, repr=False)
class Row(Model):
    """A model for these tests."""

    count: int
    moods: Many[Mood] = ()


ROW = {
    "title": "Row",
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "moods": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    },
    "required": ["count"],
}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (bool, {"type": "boolean"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (Moment, {"type": "string", "format": "date-time"}),
        (Secret, {"type": "string", "format": "password"}),
        (Attachment, {"type": "string"}),
        (Mood, {"type": "string"}),
        (Mood | str, {"type": "string"}),
        (Mood | str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (Map, {"anyOf": [{"type": "object"}, {"type": "null"}]}),
        (dict[str, Any], {"type": "object"}),
        (dict, {"type": "object"}),
        (Mapping[str, Any], {"type": "object"}),
        (Any, {}),
        (Row, ROW),
    ],
    ids=str,
)
def test_schema(kind: Any, schema: dict[str, object]) -> None:
    """Each type of a field has its schema; an enum is a text, because the API may add values."""
    assert json_schema(kind) == schema


def test_page() -> None:
    """The items of a page have the schema of their model, or any schema if it is not given."""
    properties = json_schema(Page[Row])["properties"]
    assert properties["items"] == {"type": "array", "items": ROW}
    assert json_schema(Page)["properties"]["items"] == {"type": "array", "items": {}}
    assert json_schema(Page)["required"] == ["items"]
