"""
Reads what a caller sent: ids, URLs and texts that cannot be empty.

`wire` has checked the types by then; here is what a type does not say. Every refusal names the field.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from etelecom_async.errors import InvalidArgumentError

_GREATEST: Final = 2**63 - 1


def wrong(where: str, what: str) -> InvalidArgumentError:
    """Return the error for the field at the JSON path *where*."""
    return InvalidArgumentError(f"{where} {what}", meta={"field": where})


def read_id(text: str | None, where: str) -> int:
    """
    Return the number of an id that has to be there, "0" among them.

    Raises:
        InvalidArgumentError: It is missing, or not a whole number of 64 bits.
    """
    text = read_text(text, where)
    # `isdecimal` alone takes the digits of every script.
    if text.isascii() and text.isdecimal() and len(text) <= len(str(_GREATEST)):
        number = int(text)
        if number <= _GREATEST:
            return number
    raise wrong(where, f"is {text[:40]!r}, which is not an id")


def read_optional_id(text: str | None, where: str) -> int | None:
    """Return the number of an id; `None` where it was left out, or is the platform's "0" for not set."""
    return (read_id(text, where) or None) if text else None


def read_number(number: int | None, where: str, *, least: int) -> int:
    """
    Return a whole number that has to be there.

    Raises:
        InvalidArgumentError: It is missing, below *least*, or has more than 64 bits.
    """
    if number is None:
        raise wrong(where, "is required")
    if not least <= number <= _GREATEST:
        raise wrong(where, f"is not between {least} and {_GREATEST}")
    return number


def read_text(text: str | None, where: str) -> str:
    """
    Return a text that has to be there.

    Raises:
        InvalidArgumentError: It is missing or blank.
    """
    if text is None or not text.strip():
        raise wrong(where, "is required")
    return text


def read_text_of(text: str | None, where: str, *, longest: int) -> str:
    """
    Return a text that may be left out.

    Raises:
        InvalidArgumentError: It has more than *longest* characters.
    """
    text = text or ""
    if len(text) > longest:
        raise wrong(where, f"has {len(text)} characters, but may have {longest} at most")
    return text


def read_url(text: str, where: str) -> str:
    """
    Return a URL to which a browser or an event can be sent.

    Raises:
        InvalidArgumentError: It is not a whole http or https URL.
    """
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise wrong(where, "is not an http or https URL")
    return text
