"""The quota and the templates of the SMS service in a new sandbox."""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox.services.sms.records import add_template
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import Content
from etelecom_async.sandbox.world.fake import company, landline_numbers

_OTP: Final = {"otp": (r"\d{4,8}", "number")}
_ORDER: Final = {"customer": (r".{1,50}", "string"), "code": (r"[A-Z0-9-]{1,20}", "string")}

TEMPLATES: Final = {
    "OTP": (("ZNS", "AutoCall", "SMS"), _OTP),
    "ORDER": (("ZNS", "SMS"), _ORDER),
    "OTP_SMS": (("SMS",), _OTP),
    "OTP_CALL": (("AutoCall",), _OTP),
    "DRAFT": ((), _OTP),
}
"""Channels and variables by code; the last template has no channel, so it cannot be sent."""


def populate(state: State, content: Content) -> None:
    """Save the quota; add the templates, with an invented sender for each channel."""
    rng = content.rng("sms")
    state.save_settings(sms_quota=str(content.sms_quota))
    senders = {
        "ZNS": company(rng),
        "AutoCall": landline_numbers(rng, 1)[0],
        "SMS": f"SHOP{rng.randrange(100, 999)}",
    }
    for code, (channels, formats) in TEMPLATES.items():
        chosen = {name: sender for name, sender in senders.items() if name in channels}
        add_template(state, code=code, senders=chosen, formats=formats)
