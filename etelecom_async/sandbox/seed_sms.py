"""The account of the SMS service: its user name and password, how much it may send, and its templates."""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox.records_sms import add_template
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.fake import Rng, company, landline_numbers

_OTP: Final = {"otp": (r"\d{4,8}", "number")}
_ORDER: Final = {"customer": (r".{1,50}", "string"), "code": (r"[A-Z0-9-]{1,20}", "string")}

TEMPLATES: Final = {
    "OTP": (("ZNS", "AutoCall", "SMS"), _OTP),
    "ORDER": (("ZNS", "SMS"), _ORDER),
    "OTP_SMS": (("SMS",), _OTP),
    "OTP_CALL": (("AutoCall",), _OTP),
    "DRAFT": ((), _OTP),
}
"""Channels and variables by code; the last one has no channel yet, so nothing can be sent with it."""


def populate(state: State, rng: Rng, quota: int) -> None:
    """Make the templates, with senders that are invented for each channel."""
    state.save_settings(sms_quota=str(quota))
    senders = {
        "ZNS": company(rng),
        "AutoCall": landline_numbers(rng, 1)[0],
        "SMS": f"SHOP{rng.randrange(100, 999)}",
    }
    for code, (channels, formats) in TEMPLATES.items():
        chosen = {name: sender for name, sender in senders.items() if name in channels}
        add_template(state, code=code, senders=chosen, formats=formats)
