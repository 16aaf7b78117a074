"""The scheduled changes of messages of the SMS service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.services.sms.lifecycle import schedule_message

if TYPE_CHECKING:
    from tests.sandbox.services.conftest import Schedule


@pytest.mark.parametrize(
    ("digit", "channels", "expected"),
    [
        (0, "123", [(20, "SUCCESS", None)]),
        (7, "123", [(20, None, "autocall"), (65, None, "brandnamesms"), (70, "SUCCESS", None)]),
        (8, "12", [(20, None, "autocall"), (65, "SUCCESS", None)]),
        (6, "2", [(45, "FAIL", None)]),
        (9, "31", [(5, None, "zns"), (25, "FAIL", None)]),
    ],
)
def test_channels_follow_one_another(
    schedule: Schedule, digit: int, channels: str, expected: list[tuple[float, str | None, str | None]]
) -> None:
    """A failed channel passes the message to the next one; the failure of the last one is final."""
    phone = f"8490123456{digit}"
    schedule_message(schedule.state, 1, phone=phone, channels=list(channels), created_at=schedule.start)
    found = [
        (seconds, changes.get("status"), changes.get("channel")) for seconds, changes in schedule.changes()
    ]
    assert found == expected
