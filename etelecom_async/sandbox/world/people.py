"""
Mobile numbers, and the behavior of their owners.

Zalo's documentation lists the forms of a number: `84…`, `0…`, and without either. The last digits decide the
behavior, so a test can choose an outcome by the number:

    - 0-4  receives and opens everything, agrees to calls
    - 5    never opens a ZNS; refuses calls
    - 6    does not reply to a request for consent, and takes no call
    - 7    phone is off: receives no ZNS and no call, but receives SMS
    - 8    Zalo rejects ZNS, because its version is too old; otherwise like 0
    - 18   the same, because there is no Zalo account
    - 48   the same, because Zalo cannot reach the person
    - 9    unreachable: receives nothing on any channel
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from etelecom_async.sandbox.world.fake import network

_MOBILE_NUMBER: Final = re.compile(r"(?:84|0)?(?P<rest>[35789]\d{8})", re.ASCII)


@attrs.frozen(kw_only=True)
class Behavior:
    """The behavior of the owner of a phone number."""

    zalo_code: int = 0
    """Zalo's code for ZNS and requests to the number; 0 if it accepts them."""
    receives: bool = True
    """Whether ZNS and requests arrive."""
    opens: bool = True
    reply: str = "P"
    """`reply_status` of a request for consent: agrees `P`, refuses `N`, does not reply `NS`."""
    takes_calls: bool = True
    gets_sms: bool = True


_DEFAULT: Final = Behavior()
_BY_LAST_DIGITS: Final = {
    "5": Behavior(opens=False, reply="N"),
    "6": Behavior(reply="NS", takes_calls=False),
    "7": Behavior(receives=False, opens=False, reply="NS", takes_calls=False),
    "18": Behavior(zalo_code=-118),
    "48": Behavior(zalo_code=-114),
    "8": Behavior(zalo_code=-110),
    "9": Behavior(receives=False, opens=False, reply="NS", takes_calls=False, gets_sms=False),
}


def normalize(text: str) -> str | None:
    """Return a mobile number with its country code, as in records; `None` if it is not a mobile number."""
    found = _MOBILE_NUMBER.fullmatch(text)
    return f"84{found['rest']}" if found else None


def behavior_of(phone: str) -> Behavior:
    """Return the behavior of the owner of a number."""
    return _BY_LAST_DIGITS.get(phone[-2:]) or _BY_LAST_DIGITS.get(phone[-1:], _DEFAULT)


def network_of(phone: str) -> str:
    """Return the mobile network of a normalized number."""
    return network(f"0{phone.removeprefix('84')}")
