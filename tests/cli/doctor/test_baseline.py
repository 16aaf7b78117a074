"""Test which differences are expected."""

from __future__ import annotations

import pytest

from etelecom_async.cli.doctor.baseline import is_expected
from etelecom_async.cli.doctor.shapes import Difference


@pytest.mark.parametrize(
    ("operation", "kind", "path", "expected", "found", "answer"),
    [
        ("shop.zns.templates.get", "missing field", "oa_id", "text", "no field", True),
        ("shop.zns.templates.list", "missing field", "oa_id", "text", "no field", False),
        ("shop.zns.templates.get", "type", "oa_id", "text", "integer", False),
        ("shop.zalo.accounts.get", "null", "daily_quota_promotion", "integer", "null", True),
        ("shop.zalo.accounts.get", "null", "name", "text", "null", False),
        ("shop.call_logs.list", "unlisted text", "call_logs[].call_status", "CallStatus", "'N'", True),
        ("shop.call_logs.list", "unlisted text", "call_logs[].call_status", "CallStatus", "'X'", False),
        ("shop.extensions.list", "unlisted text", "extensions[].state", "ExtensionState", "'N'", False),
    ],
)
def test_expected(operation: str, kind: str, path: str, expected: str, found: str, *, answer: bool) -> None:
    """Only the exact operation, kind, field and text are expected."""
    assert is_expected(Difference(operation, kind, path, expected, found, 1, 1)) is answer
