"""Mask phone numbers in texts. `etelecom_async.phones` normalizes them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

# Spaces, dots, brackets, all kinds of dashes, and invisible characters that a number copied from an address
# book may contain.
FILLER: Final = r"[\s.()\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
"""A pattern for one character between two digits."""

# Characters between two digits, also in JSON escapes. The quantifier is possessive, to avoid backtracking.
_GAP: Final = rf"(?:{FILLER}|\\+(?:u[\da-f]{{4}}|[nrt]))*+"
_COUNTRY: Final = rf"(?:\+{_GAP}|0{_GAP}0{_GAP})?8{_GAP}4{_GAP}(?:0{_GAP})?(?=[1-9])"
# A single zero is more often a separate number than the start of a phone number.
_TRUNK: Final = rf"0(?:(?=[1-9])|{_GAP}(?=[235789](?:{_GAP}\d){{8}}))"
_OTHER: Final = "|".join(
    (
        r"\\u[\da-f]{4}",  # a JSON escape, which contains digits
        r"(?<!\d)[0-3]?\d([.-])[01]?\d\2(?:19|20)\d\d(?!\2?\d)",  # a date with the day first
        r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)",  # an ISO 8601 date
        rf"(?<![\d.])0\.\d++(?!{_GAP}\d)",  # a fraction
        # a hexadecimal id
        r"(?<![^\W_])(?:[\da-f]{16,}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|0x[\da-f]+)(?![^\W_])",
    )
)
_NUMBER_IN_TEXT: Final = (
    # This line is for speed: most characters start neither alternative.
    rf"(?i)(?=[+\da-f\\])"
    rf"(?:(?P<other>{_OTHER})"
    # It may start directly after a letter or an escape, but not inside another number.
    rf"|(?:(?<!\d)(?<!\d\.)|(?<=\\u[\da-f]{{4}}))"
    # A number with one digit too many or too few may still be a person's number, so it is masked too.
    rf"(?P<start>(?:{_COUNTRY}|{_TRUNK})\d{_GAP}\d)(?:{_GAP}\d){{3,5}}(?P<end>(?:{_GAP}\d){{3}})(?!\d))"
)


def mask(text: str) -> str:
    """
    Return *text* with the middle of each phone number masked.

    Dates, fractions, ids of 19 digits and hexadecimal ids stay readable.
    """
    return _number_in_text().sub(_masked, text)


@cache
def _number_in_text() -> re.Pattern[str]:
    return re.compile(_NUMBER_IN_TEXT)  # slow, and few programs need it, so not at import


def _masked(found: re.Match[str]) -> str:
    return found["other"] or f"{found['start']}***{found['end']}"
