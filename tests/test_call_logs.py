"""Test which calls are missed calls."""

from __future__ import annotations

import pytest

from etelecom_async import ShopClient, call_logs
from etelecom_async.models import CallLog
from etelecom_async.testing import sandbox


@pytest.mark.parametrize(
    ("direction", "state", "expected"),
    [
        ("in", "not_answered", True),
        ("in", "answered", False),
        ("in", "unknown", False),
        ("in", "voicemail", False),
        ("out", "not_answered", False),
        ("ext", "not_answered", False),
        (None, None, False),
    ],
)
def test_is_missed(direction: str | None, state: str | None, *, expected: bool) -> None:
    """Only a call from outside that was not answered is missed; other states prove nothing."""
    call = CallLog.from_dict({"direction": direction, "call_state": state})
    assert call_logs.is_missed(call) is expected


async def test_filter() -> None:
    """The filter selects exactly the calls that are missed."""
    async with sandbox() as service, ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        calls = await shop.call_logs.list().collect()
        missed = await shop.call_logs.list(**call_logs.MISSED).collect()
    assert missed == [call for call in calls if call_logs.is_missed(call)]
    assert 0 < len(missed) < len(calls)


def test_rang_at() -> None:
    """A call rang at the numbers of its targets; there may be none."""
    call = CallLog.from_dict({"callee": "1001", "call_targets": [{"target_number": "1002"}]})
    assert call_logs.rang_at(call, ["1003", "1002"])
    assert not call_logs.rang_at(call, {"1001"})
    assert not call_logs.rang_at(CallLog(), {""})
