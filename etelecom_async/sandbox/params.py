"""
Checks of the values in a request: ids, numbers, texts, choices and URLs.

The codec has checked the types. The functions here check values; each error names the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.ids import MAX_INT64, parse_id


def invalid(field: str, problem: str) -> InvalidArgumentError:
    """Return the error for a field; *field* is its JSON path."""
    return InvalidArgumentError(f"{field} {problem}", meta={"field": field})


def read_id(text: str | None, field: str) -> int:
    """
    Return the number of a required id, which may be "0".

    Raises:
        InvalidArgumentError: The id is missing, or is not a whole number of 64 bits.
    """
    text = read_text(text, field)
    number = parse_id(text)
    if number is None:
        raise invalid(field, f"is {text[:40]!r}, which is not an id")
    return number


def read_optional_id(text: str | None, field: str) -> int | None:
    """Return the number of an id; `None` if it is missing, empty or "0" ("not set")."""
    return (read_id(text, field) or None) if text else None


def read_ids(texts: Sequence[str], field: str) -> list[int]:
    """Return the numbers of a list of ids."""
    return [read_id(text, f"{field}[{index}]") for index, text in enumerate(texts)]


def read_number(number: int | None, field: str, *, minimum: int) -> int:
    """
    Return a required whole number.

    Raises:
        InvalidArgumentError: The number is missing, is below *minimum*, or has more than 64 bits.
    """
    if number is None:
        raise invalid(field, "is required")
    if not minimum <= number <= MAX_INT64:
        raise invalid(field, f"is not between {minimum} and {MAX_INT64}")
    return number


def read_text(text: str | None, field: str, *, max_length: int | None = None) -> str:
    """
    Return a required text.

    Raises:
        InvalidArgumentError: The text is missing or blank, or has more than *max_length* characters.
    """
    if text is None or not text.strip():
        raise invalid(field, "is required")
    return text if max_length is None else read_optional_text(text, field, max_length=max_length)


def read_optional_text(text: str | None, field: str, *, max_length: int) -> str:
    """
    Return an optional text; "" if it is missing.

    Raises:
        InvalidArgumentError: The text has more than *max_length* characters.
    """
    text = text or ""
    if len(text) > max_length:
        raise invalid(field, f"has {len(text)} characters, but at most {max_length} are allowed")
    return text


def read_choice(text: str | None, field: str, choices: Iterable[str]) -> str:
    """
    Return a required text that is one of *choices*.

    Raises:
        InvalidArgumentError: The text is not one of them.
    """
    known = tuple(choices)
    if text not in known:
        raise invalid(field, f"is not one of {', '.join(known)}")
    return str(text)


def read_url(text: str, field: str) -> str:
    """
    Return a URL for a browser or a webhook.

    Raises:
        InvalidArgumentError: The text is not an absolute http or https URL, or has a space, a line break or
            another control character.
    """
    # `urlsplit` removes line breaks and outer spaces, which would then stay in a header.
    if " " in text or not text.isprintable():
        raise invalid(field, "has a space or a control character")
    try:
        parts = urlsplit(text)
        is_absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_absolute = False
    if not is_absolute:
        raise invalid(field, "is not an http or https URL")
    return text
