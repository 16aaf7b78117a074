"""Test which differences are expected."""

from __future__ import annotations

import pytest

from etelecom_async.cli.doctor.baseline import is_expected, unexpected
from etelecom_async.cli.doctor.shapes import Difference


@pytest.mark.parametrize(
    ("operation", "kind", "path", "expected", "found", "answer"),
    [
        ("shop.zns.templates.get", "missing field", "oa_id", "text", "no field", True),
        ("shop.zns.templates.list", "missing field", "oa_id", "text", "no field", False),
        ("shop.zns.templates.get", "type", "oa_id", "text", "integer", False),
        ("shop.zalo.accounts.get", "null", "daily_quota_promotion", "integer", "null", True),
        ("shop.zalo.accounts.get", "null", "name", "text", "null", False),
        ("shop.call_logs.list", "null", "call_logs[].call_targets", "array", "null", True),
        ("shop.call_logs.list", "null", "call_logs[].call_targets", "array", "[]", False),
        ("shop.call_logs.list", "null", "call_logs[].recording_urls", "array", "[]", True),
        ("shop.call_logs.list", "null", "call_logs", "array", "[]", True),
        ("shop.call_logs.list", "null", "call_logs", "array", "null", False),
        ("shop.call_logs.list", "null", "paging", "object", "null", False),
        ("shop.call_logs.list", "unlisted text", "call_logs[].call_status", "CallStatus", "'N'", True),
        ("shop.call_logs.list", "unlisted text", "call_logs[].call_status", "CallStatus", "'X'", False),
        ("shop.extensions.list", "unlisted text", "extensions[].state", "ExtensionState", "'N'", False),
    ],
)
def test_expected(operation: str, kind: str, path: str, expected: str, found: str, *, answer: bool) -> None:
    """Only the exact operation, kind, field and text are expected."""
    assert is_expected(Difference(operation, kind, path, expected, found, 1, 1)) is answer


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"null": 19}, []),
        ({"null": 20}, ["always null"]),
        ({"[]": 20}, ["always []"]),
        ({"null": 99, "[]": 1}, []),
    ],
)
def test_form_that_is_never_used(counts: dict[str, int], found: list[str]) -> None:
    """A field with two forms is named if it has only one of them in many records."""
    path = "call_logs[].recording_urls"
    seen = [
        Difference("shop.call_logs.list", "null", path, "array", form, n, 99) for form, n in counts.items()
    ]
    assert [(each.expected, each.found) for each in unexpected(seen)] == [
        ("null or []", form) for form in found
    ]


def test_field_that_is_rarely_empty() -> None:
    """A field that is null in nearly all records shows nothing about its other form."""
    path = "messages[].feedback"
    assert unexpected([Difference("shop.zns.messages.list", "null", path, "array", "null", 99, 99)]) == []
