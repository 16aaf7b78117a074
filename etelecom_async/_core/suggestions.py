"""Suggest the listed value that a caller probably means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

_SIMILAR: Final = 0.75
"""Least similarity of two spellings, from 0 to 1."""
_SHORTEST: Final = 2
"""Least number of letters of a beginning: one letter proves nothing."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return a question that names the one of *known* that *name* probably means; an empty text if none."""
    close = suggest(name, {text: text for text in known}) if isinstance(name, str) else None
    return "" if close is None else f", did you mean {close!r}?"


def suggest(text: str, spellings: Mapping[str, str]) -> str | None:
    """
    Return the value that *text* probably means; `None` if no value is similar.

    Case, accents, white space and punctuation do not count. A beginning is enough: `Inbound` means `in`.

    Args:
        text: What the caller wrote.
        spellings: The values by their spellings.
    """
    values: dict[str, str] = {}
    for spelling, value in spellings.items():
        values.setdefault(plain_letters(spelling), value)
    given = plain_letters(text)
    if given in values:
        return values[given]
    close: list[str] = get_close_matches(given, values, n=1, cutoff=_SIMILAR)
    return values[close[0]] if close else _by_beginning(given, values)


def did_you_mean_value(text: str, names: Mapping[str, str]) -> str:
    """
    Return the end of a sentence: the listed value that *text* probably means, or only a full stop.

    Args:
        text: What the caller wrote.
        names: The listed values, with their names in Python.
    """
    close = nearest_value(text, names)
    return "." if close is None else f": did you mean {shown(close, names[close])}?"


def nearest_value(text: str, names: Mapping[str, str]) -> str | None:
    """Return the listed value that *text* probably means, also by its name in Python; `None` if none is."""
    spellings = {value: value for value in names}
    for value, name in names.items():
        spellings.setdefault(name, value)
    return suggest(text, spellings)


def shown(value: str, name: str) -> str:
    """Return a listed value in quotes, with its name if the value says little."""
    return repr(value) if plain_letters(name) == plain_letters(value) else f"{value!r} ({name})"


def _by_beginning(given: str, values: Mapping[str, str]) -> str | None:
    """Return the value with the longest common beginning, if one of both spellings begins with the other."""
    common = {
        spelling: min(len(spelling), len(given))
        for spelling in values
        if given.startswith(spelling) or spelling.startswith(given)
    }
    longest = max(common, key=lambda spelling: (common[spelling], -len(spelling)), default="")
    return values[longest] if common.get(longest, 0) >= _SHORTEST else None


def plain_letters(text: str) -> str:
    """
    Return *text* in lower case, without accents, and with `_` in place of space and punctuation.

    The sign of a number stays.
    """
    letters = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return re.sub(r"(?:(?!(?<!\w)-\d)[\W_])+", "_", "".join(filter(_is_base, letters))).strip("_")


def _is_base(letter: str) -> bool:
    return not unicodedata.combining(letter)
