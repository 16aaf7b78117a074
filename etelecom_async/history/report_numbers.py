"""Show phone numbers on the page of a report: masked, or as a phone can dial them."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import Final

from etelecom_async import phones
from etelecom_async._core import phone

_FEWEST_DIGITS: Final = 7
"""A number with so many digits is no extension, so it may be that of a person."""


def masked(number: str) -> str:
    """Return a number with its middle masked, if it is so long that it may be that of a person."""
    shown = phone.mask(number)
    if shown == number and sum(character.isdigit() for character in number) >= _FEWEST_DIGITS:
        return f"{number[:2]}***{number[-3:]}"
    return shown


def linked(number: str) -> str:
    """Return a number as a phone can dial it."""
    with suppress(ValueError):
        dialled = shown = phones.normalize(number)
        if dialled.startswith(phones.COUNTRY_CODE):
            dialled, shown = f"+{dialled}", phones.national(number)
        return f'<a href="tel:{dialled}">{escape(shown)}</a>'
    return escape(number)
