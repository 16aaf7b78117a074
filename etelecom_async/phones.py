"""
Compare and check phone numbers, in the forms in which people and spreadsheets write them.

    >>> phones.normalize("0901 234 567")
    '84901234567'
    >>> phones.same("+84 901-234-567", 901234567)
    True
    >>> phones.forms("(028) 3822 1234")
    ('02838221234', '842838221234')

The numbering plan is that of the Ministry of Information and Communications since 2018. With the leading
zero, a mobile number has ten digits and a fixed number eleven. A service number starts with 1800 or 1900,
and has eight to ten digits. The functions check the form of a number. They do not check whether it is in use.

No error of this module contains the number: a phone number is personal data.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Integral
from typing import Final

from etelecom_async._core.phone import FILLER

__all__ = ["COUNTRY_CODE", "forms", "national", "normalize", "same"]

_Written = str | float | Decimal | None
"""A phone number in a text or in the cell of a spreadsheet; `None` is an empty cell."""
COUNTRY_CODE: Final = "84"
"""The first digits of a normalized mobile or fixed number of Vietnam, and of no other."""

_MOST_CHARACTERS: Final = 200
_MOST_DIGITS: Final = 15
"""The longest number of the international plan, E.164."""
_FEWEST_DIGITS: Final = 6
"""Parts of a text with so many digits are numbers of their own."""

# ASCII characters and their full-width forms, and the full-width space.
_FULL_WIDTH: Final = {0xFF01 + index: 0x21 + index for index in range(94)} | {0x3000: 0x20}
_SCIENTIFIC: Final = r"(?a)(\d)(?:[.,](\d+))?[eE](\+?)0{0,2}(\d\d?)"
_THOUSANDS: Final = r"(?a)\d{1,3}(?:,\d{3}){2,4}"
_DECIMALS: Final = r"(?a)([1-9]\d{8,}|\d{1,3}(?:,\d{3}){2,4})[.,](\d{1,6})"
_ROUNDED_ZEROS: Final = 2
"""A program may leave out so many zeros at the end, as in `9.012345E8`. Excel's short form omits more."""

# The first digits of the part behind the zero or the country code are those of mobile or of fixed numbers.
_SUBSCRIBER: Final = r"[35789]\d{8}|2\d{9}"
_VIETNAMESE: Final = rf"(?a)(?:(?:(?:\+|00)?840?|0)(?P<rest>{_SUBSCRIBER})|(?P<bare>{_SUBSCRIBER}))"
_SERVICE: Final = r"(?a)(?:(?:\+|00)?84)?(?P<service>1[89]00\d{4,6})"
_FOREIGN: Final = r"(?a)(?:\+|00)(?!84)(?P<foreign>[1-9]\d{6,14})"

_EXAMPLES: Final = "write it like 0901 234 567, +84 901 234 567 or 84901234567"


def normalize(number: _Written) -> str:
    """
    Return *number* in the one form for comparing and storing.

    - A Vietnamese number gets its country code, as in `84901234567`. The SMS service documents this form.
    - A service number stays as it is dialled, as in `19001234`.
    - A foreign number keeps its plus sign and country code, as in `+12125550123`. It needs `+` or `00`.

    Args:
        number: A text, or a number of a spreadsheet cell. Spaces, dots, dashes, brackets, full-width digits
            and the country code as `+84`, `0084` or `84` are accepted. So are numbers that lost their zero
            in Excel, as 901234567 or `9.01234567E8`.

    Raises:
        ValueError: It is not exactly one phone number. The message says what is wrong, without the number.
    """
    text = _text(number)
    digits = _without_fillers(text)
    if (found := re.fullmatch(_SERVICE, digits)) is not None:
        return found["service"]
    if (found := re.fullmatch(_VIETNAMESE, digits)) is not None:
        return f"{COUNTRY_CODE}{found['rest'] or found['bare']}"
    if (found := re.fullmatch(_FOREIGN, digits)) is not None:
        if digits.startswith("00") and re.fullmatch(f"(?a){_SUBSCRIBER}", found["foreign"]):
            # A zero too many is more likely than a foreign number.
            raise ValueError("a number that starts with 00 is unclear here; write + and the country code")
        return f"+{found['foreign']}"
    raise ValueError(_problem(text, digits))


def national(number: _Written) -> str:
    """
    Return a Vietnamese number as it is dialled in Vietnam, as in `0901234567` or `19001234`.

    Args:
        number: As in `normalize`.

    Raises:
        ValueError: It is not exactly one phone number, or it is a foreign one.
    """
    normal = normalize(number)
    if normal.startswith("+"):
        raise ValueError(f"a foreign phone number has no Vietnamese form; {_EXAMPLES}")
    return f"0{normal[2:]}" if normal.startswith(COUNTRY_CODE) else normal


def forms(number: _Written) -> tuple[str, ...]:
    """
    Return the forms in which the service may have stored *number*: `0901234567` and `84901234567`.

    A filter may compare texts exactly. So a look-up has to try each form. A service number or a foreign
    number has one form.

    Args:
        number: As in `normalize`.

    Raises:
        ValueError: It is not exactly one phone number.
    """
    normal = normalize(number)
    return (national(normal), normal) if normal.startswith(COUNTRY_CODE) else (normal,)


def same(one: _Written, other: _Written) -> bool:
    """Return whether both are the same phone number; false if one of them is no phone number."""
    try:
        return normalize(one) == normalize(other)
    except ValueError:
        return False


def _text(number: object) -> str:
    """Return *number* as a text with ASCII digits, without the marks of a spreadsheet."""
    if isinstance(number, str):
        return _text_of_cell(number)
    if number is None or (isinstance(number, float | Decimal) and math.isnan(number)):
        raise ValueError("the phone number is empty")  # pandas has "not a number" for an empty cell
    if isinstance(number, bool) or not isinstance(number, float | Decimal | Integral):  # also those of numpy
        raise ValueError(f"a phone number is a text or a number, not {type(number).__name__}")  # noqa: TRY004 - one error for every cell
    value = number if isinstance(number, float | Decimal) else int(number)
    if not 0 < value < 10**_MOST_DIGITS:
        raise ValueError(f"a number of this size is not a phone number; {_EXAMPLES}")
    if value != int(value):
        raise ValueError(f"a number with a fraction is not a phone number; {_EXAMPLES}")
    return str(int(value))


def _text_of_cell(cell: str) -> str:
    if len(cell) > _MOST_CHARACTERS:
        raise ValueError("the text is too long for a phone number")
    text = cell.translate(_FULL_WIDTH).strip()
    if (quoted := re.fullmatch(r'=?"([^"]*)"|[\'\u2018\u2019](.*)', text, re.DOTALL)) is not None:
        text = (quoted[1] or quoted[2] or "").strip()  # the cell is marked as text
    if (found := re.fullmatch(_DECIMALS, text)) is not None:
        if found[2].strip("0"):
            raise ValueError(f"a number with a fraction is not a phone number; {_EXAMPLES}")
        text = found[1]
    if (found := re.fullmatch(_SCIENTIFIC, text)) is not None:
        return _digits_of_scientific(found)
    return text.replace(",", "") if re.fullmatch(_THOUSANDS, text) else text


def _digits_of_scientific(found: re.Match[str]) -> str:
    first, more, sign, exponent = found[1], found[2] or "", found[3], int(found[4])
    missing = exponent - len(more)
    # Excel writes a plus sign, and shows only the digits that fit.
    if missing > (0 if sign else _ROUNDED_ZEROS):
        raise ValueError("the cell shows only the first digits of the number; format the column as text")
    if more[exponent:].strip("0"):
        raise ValueError(f"a number with a fraction is not a phone number; {_EXAMPLES}")
    return f"{first}{more[:exponent]}{'0' * missing}"


def _without_fillers(text: str) -> str:
    plain = re.sub(f"{FILLER}+", "", text)
    if re.match(rf"(?:\+|00)(?!{COUNTRY_CODE})", plain):
        # The zero in brackets after a country code is for callers in that country.
        foreign = re.sub(rf"^({FILLER}*[+0](?:{FILLER}*\d){{1,5}}{FILLER}*?)\(0\)", r"\1", text)
        return re.sub(f"{FILLER}+", "", foreign)
    return plain


def _problem(text: str, digits: str) -> str:
    """Return what is wrong with *text*, whose *digits* are no phone number."""
    if not digits:
        return "the phone number is empty"
    count = _count_digits(digits)
    parts = [part for part in re.split(r"[,;/|&\n+]", text) if _count_digits(part) >= _FEWEST_DIGITS]
    if len(parts) > 1 or count > _MOST_DIGITS:
        return "more than one phone number, or too many digits; give one number"
    if any(character.isalpha() for character in digits):
        return f"a phone number has no letters; {_EXAMPLES}"
    if re.search(r"(?a)[^\d+]", digits):
        return f"a phone number has only digits, spaces, dots, dashes, brackets and +; {_EXAMPLES}"
    return f"not a Vietnamese phone number ({count} digits); {_EXAMPLES}"


def _count_digits(text: str) -> int:
    return len(re.findall(r"(?a)\d", text))
