"""
Phone numbers as the Zalo and SMS services take them, and what becomes of whom one calls there.

The forms are those that Zalo's own page lists: `84…`, `0…`, and neither. Everything else is chosen here, by
the last digit, so that a caller decides what happens by the number that it takes:

    0-4  gets and opens everything, agrees to be called
    5    never opens a ZNS; refuses to be called
    6    does not answer: neither a request for consent nor a call
    7    phone is off: gets no ZNS and no call, but the SMS
    8    Zalo is too old for ZNS, so they are refused; everything else as 0
    9    out of reach: nothing arrives, on any channel
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from etelecom_async.sandbox.world.fake import network

_MOBILE_NUMBER: Final = re.compile(r"(?:84|0)?(?P<rest>[35789]\d{8})", re.ASCII)


@attrs.frozen(kw_only=True)
class Behavior:
    """What the one behind a phone number does."""

    has_zalo: bool = True
    """Whether ZNS and requests are taken for this number at all."""
    receives: bool = True
    """Whether they arrive."""
    opens: bool = True
    reply: str = "P"
    """`reply_status` of a request for consent: agrees `P`, refuses `N`, does not answer `NS`."""
    takes_calls: bool = True
    gets_sms: bool = True


_DEFAULT: Final = Behavior()
_BY_LAST_DIGIT: Final = {
    "5": Behavior(opens=False, reply="N"),
    "6": Behavior(reply="NS", takes_calls=False),
    "7": Behavior(receives=False, opens=False, reply="NS", takes_calls=False),
    "8": Behavior(has_zalo=False),
    "9": Behavior(receives=False, opens=False, reply="NS", takes_calls=False, gets_sms=False),
}


def normalize(text: str) -> str | None:
    """Return a mobile number with its country code, as records carry it; `None` where it is none."""
    found = _MOBILE_NUMBER.fullmatch(text)
    return f"84{found['rest']}" if found else None


def behavior_of(phone: str) -> Behavior:
    """Return who is behind a number."""
    return _BY_LAST_DIGIT.get(phone[-1:], _DEFAULT)


def network_of(phone: str) -> str:
    """Return the mobile network of a number that is normal."""
    return network(f"0{phone.removeprefix('84')}")
