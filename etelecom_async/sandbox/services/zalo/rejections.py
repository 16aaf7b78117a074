"""
Rejections by Zalo: codes inside a 200, for requests to a phone number.

The codes are Zalo's own. The sandbox assumes that eTelecom passes them on. Codes of ZNS alone are in
`services.zns.rejections`.
"""

from __future__ import annotations

from typing import Final

import attrs

from etelecom_async.sandbox.world import people


@attrs.frozen
class Rejection:
    """The reason of a rejection, as `error_code` and `error_message` show it."""

    code: int
    text: str


ACCEPTED: Final = Rejection(0, "")
"""No rejection."""
BAD_PHONE: Final = Rejection(-108, "Phone number invalid")
OLD_ZALO: Final = Rejection(-110, "Zalo version unsupported")
UNREACHABLE: Final = Rejection(-114, "User cannot be reached")
NO_ACCOUNT: Final = Rejection(-118, "Zalo account does not exist")

_BY_CODE: Final = {one.code: one for one in (ACCEPTED, OLD_ZALO, UNREACHABLE, NO_ACCOUNT)}


def read_phone(text: str) -> tuple[str, Rejection]:
    """Return a phone number in the form of records, and its rejection, which may be `ACCEPTED`."""
    phone = people.normalize(text)
    if phone is None:
        return text, BAD_PHONE
    return phone, _BY_CODE[people.behavior_of(phone).zalo_code]
