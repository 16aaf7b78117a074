"""The quota and the templates of the SMS service in a new sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from etelecom_async.sandbox.services.sms.seed import TEMPLATES, populate
from etelecom_async.sandbox.world.content import Content

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_templates(new_state: Callable[[], State]) -> None:
    """Each template has senders for its channels and formats for its variables; one has no channel."""
    state = new_state()
    populate(state, Content(sms_quota=3))
    assert state.setting("sms_quota") == "3"
    found = {
        row["code"]: json.loads(row["doc"]) for row in state.fetch_all("SELECT code, doc FROM sms_template")
    }
    assert list(found) == list(TEMPLATES)
    assert set(found["OTP"]["SenderChannel"]) == {"ZNS", "AutoCall", "SMS"}
    assert found["DRAFT"]["SenderChannel"] == {}
    assert found["OTP"]["ParamsFormat"] == {"otp": {"Regex": r"\d{4,8}", "Type": "number"}}
