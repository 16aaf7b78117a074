"""
Why Zalo refuses what is meant for a phone number, as codes inside a 200.

The codes are Zalo's own, that eTelecom hands on by inference. Zalo's page was read up to -111; -115 for a
quota that is used up is what programs of others read.
"""

from __future__ import annotations

from typing import Final

from etelecom_async.sandbox.records_zns import ACCEPTED, Rejection
from etelecom_async.sandbox.world import people

BAD_PHONE: Final = Rejection(-108, "Phone number invalid")
OLD_ZALO: Final = Rejection(-110, "Zalo version unsupported")
OUT_OF_QUOTA: Final = Rejection(-115, "Out of quota")
NOT_ADMINISTRATOR: Final = Rejection(-108, "Phone number invalid: a test goes to an administrator only")
NOT_WHITELISTED: Final = Rejection(
    -106, "Method unsupported: tag3 is for whitelisted accounts and tag-3 templates"
)


def bad_template(why: str) -> Rejection:
    """Return the refusal of a template that cannot be sent."""
    return Rejection(-109, f"Template ID invalid: {why}")


def read_phone(text: str) -> tuple[str, Rejection]:
    """Return a phone number as records carry it, and whether Zalo takes it."""
    phone = people.normalize(text)
    if phone is None:
        return text, BAD_PHONE
    return phone, ACCEPTED if people.behavior_of(phone).has_zalo else OLD_ZALO
