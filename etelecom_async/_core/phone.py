"""
Vietnamese phone numbers, as people write them and as they are sent, and how they are kept out of other text.

The numbering plan is that of the Ministry of Information and Communications since 2018: ten digits for
mobile and eleven for fixed numbers, the zero before them included.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

# Blanks, dots, brackets and dashes, also those of print, and the marks that come along when a number is
# copied out of an address book.
_FILLER: Final = r"[\s.()\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_NUMBER: Final = r"(?a)(?:(?:\+|00)?840?|0)(?P<rest>[35789]\d{8}|2\d{9})"


def normal(number: str) -> str:
    """
    Return *number* with its country code, as in `84901234567`.

    Raises:
        ValueError: It cannot be a Vietnamese number; the message says how one looks.
    """
    match = re.fullmatch(_NUMBER, re.sub(f"{_FILLER}+", "", number))
    if match is None:
        message = "no Vietnamese phone number; one looks like 0901 234 567, +84 901 234 567 or 84901234567"
        raise ValueError(message)
    return f"84{match['rest']}"


# What stands between two digits, also as JSON escapes it; it never gives back what it has read.
_GAP: Final = rf"(?:{_FILLER}|\\+(?:u[\da-f]{{4}}|[nrt]))*+"
_COUNTRY: Final = rf"(?:\+{_GAP}|0{_GAP}0{_GAP})?8{_GAP}4{_GAP}(?:0{_GAP})?(?=[1-9])"
# A zero that stands alone is more often a number of its own than the beginning of one.
_TRUNK: Final = rf"0(?:(?=[1-9])|{_GAP}(?=[235789](?:{_GAP}\d){{8}}))"
_OTHER: Final = "|".join(
    (
        r"\\u[\da-f]{4}",  # an escape of JSON, which has digits of its own
        r"(?<!\d)[0-3]?\d([.-])[01]?\d\2(?:19|20)\d\d(?!\2?\d)",  # a date, and
        r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)",  # one in the order of ISO 8601
        rf"(?<![\d.])0\.\d++(?!{_GAP}\d)",  # a fraction
        # an id in hexadecimal
        r"(?<![^\W_])(?:[\da-f]{16,}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|0x[\da-f]+)(?![^\W_])",
    )
)
_NUMBER_IN_TEXT: Final = (
    # The first line is for speed: most of a text is neither.
    rf"(?i)(?=[+\da-f\\])"
    rf"(?:(?P<other>{_OTHER})"
    # It may begin right behind a letter or an escape, but not in the middle of another number.
    rf"|(?:(?<!\d)(?<!\d\.)|(?<=\\u[\da-f]{{4}}))"
    # With a digit more or less than it should have, it is still someone's.
    rf"(?P<start>(?:{_COUNTRY}|{_TRUNK})\d{_GAP}\d)(?:{_GAP}\d){{3,5}}(?P<end>(?:{_GAP}\d){{3}})(?!\d))"
)


def mask(text: str) -> str:
    """
    Return *text* with the middle of each phone number masked.

    Dates, fractions, and ids, be they of 19 digits or in hexadecimal, stay readable.
    """
    return _number_in_text().sub(_masked, text)


@cache
def _number_in_text() -> re.Pattern[str]:
    return re.compile(_NUMBER_IN_TEXT)  # takes longer than most programs need to start, and few need it


def _masked(found: re.Match[str]) -> str:
    return found["other"] or f"{found['start']}***{found['end']}"
