"""
Vietnamese phone numbers, as people write them and as they are sent.

The numbering plan is that of the Ministry of Information and Communications since 2018: ten digits for
mobile and eleven for fixed numbers, the zero before them included.
"""

from __future__ import annotations

import re
from typing import Final

_FILLERS: Final = re.compile(r"[\s.()\-]+")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)?84(?:0)?(?P<rest>[235789]\d+)")
_NATIONAL: Final = re.compile(r"0(?P<rest>[235789]\d+)")
_MOBILE: Final = re.compile(r"[35789]\d{8}")
_FIXED: Final = re.compile(r"2\d{9}")


def normal(number: str) -> str:
    """
    Return *number* with its country code, as in `84901234567`.

    Raises:
        ValueError: It cannot be a Vietnamese number; the message says how one looks.
    """
    bare = _FILLERS.sub("", number)
    match = _INTERNATIONAL.fullmatch(bare) or _NATIONAL.fullmatch(bare)
    rest = match["rest"] if match else ""
    if not (_MOBILE.fullmatch(rest) or _FIXED.fullmatch(rest)):
        message = "no Vietnamese phone number; one looks like 0901 234 567, +84 901 234 567 or 84901234567"
        raise ValueError(message)
    return f"84{rest}"
