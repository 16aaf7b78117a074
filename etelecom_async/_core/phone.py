"""
Vietnamese phone numbers, as people write them and as they are sent.

The numbering plan is that of the Ministry of Information and Communications since 2018: ten digits for
mobile and eleven for fixed numbers, the zero before them included.
"""

from __future__ import annotations

import re
from typing import Final

# Blanks, dots, brackets and dashes, also those of print, and the marks that come along when a number is
# copied out of an address book.
_FILLERS: Final = re.compile(r"[\s.()\-\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_NUMBER: Final = re.compile(r"(?:(?:\+|00)?840?|0)(?P<rest>[35789]\d{8}|2\d{9})", re.ASCII)


def normal(number: str) -> str:
    """
    Return *number* with its country code, as in `84901234567`.

    Raises:
        ValueError: It cannot be a Vietnamese number; the message says how one looks.
    """
    match = _NUMBER.fullmatch(_FILLERS.sub("", number))
    if match is None:
        message = "no Vietnamese phone number; one looks like 0901 234 567, +84 901 234 567 or 84901234567"
        raise ValueError(message)
    return f"84{match['rest']}"
