"""
Why Zalo refuses what is meant for a phone number, as codes inside a 200.

The codes are Zalo's own, that eTelecom hands on by inference. Zalo's page was read up to -111; -115 for a
quota that is used up is what programs of others read.
"""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox import phones
from etelecom_async.sandbox.records_zns import ACCEPTED, Refusal

BAD_PHONE: Final = Refusal(-108, "Phone number invalid")
OLD_ZALO: Final = Refusal(-110, "Zalo version unsupported")
OUT_OF_QUOTA: Final = Refusal(-115, "Out of quota")
NOT_ADMINISTRATOR: Final = Refusal(-108, "Phone number invalid: a test goes to an administrator only")
NOT_WHITELISTED: Final = Refusal(
    -106, "Method unsupported: tag3 is for whitelisted accounts and tag-3 templates"
)


def bad_template(why: str) -> Refusal:
    """Return the refusal of a template that cannot be sent."""
    return Refusal(-109, f"Template ID invalid: {why}")


def read_phone(text: str) -> tuple[str, Refusal]:
    """Return a phone number as records carry it, and whether Zalo takes it."""
    phone = phones.normal(text)
    if phone is None:
        return text, BAD_PHONE
    return phone, ACCEPTED if phones.person(phone).has_zalo else OLD_ZALO
