"""The JSON of the SMS service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.services.sms.records import add_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


@pytest.mark.parametrize(("digit", "expected"), [(0, '{"otp":"1234"}'), (1, {"otp": "1234"})])
def test_values_are_text_or_an_object(new_state: Callable[[], State], digit: int, expected: object) -> None:
    """The documentation's sample allows text and an object, so the phone number decides between them."""
    state = new_state()
    add_message(
        state,
        record_id=1,
        name="ICOMNI",
        phone=f"8490123456{digit}",
        template_code="OTP",
        values={"otp": "1234"},
        channel="zns",
        created_at=datetime(2021, 5, 21, 7, 43, 22, tzinfo=UTC),
    )
    doc = json.loads(state.fetch_one("SELECT doc FROM sms_message")["doc"])
    assert doc["list_param"] == expected
    assert doc["createdatetime"] == "21/05/2021 14:43:22"
