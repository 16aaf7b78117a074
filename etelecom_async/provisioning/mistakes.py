"""Show values of a roster in mistakes: in one short line, without phone numbers, passwords and keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from etelecom_async._core.secret import mask
from etelecom_async.errors import Mistake, RosterError

OPERATION: Final = "provisioning.Roster"
"""The name in errors."""

_LONGEST: Final = 60
_FIRST_DIGITS: Final = 3
_LAST_DIGITS: Final = 2
_FEWEST_DIGITS: Final = 6
"""A text with fewer digits is no phone number of a person."""


def roster_error(mistakes: Sequence[Mistake]) -> RosterError:
    """Return the error about *mistakes*."""
    return RosterError(tuple(mistakes), operation=OPERATION)


def refusal(problem: str, remedy: str) -> RosterError:
    """Return the error about a file that cannot be used at all: one mistake, in one line."""
    return roster_error([Mistake(problem=problem, remedy=remedy)])


def masked_phone(text: str) -> str:
    """
    Return *text* with the middle digits masked; it may be a wrong phone number.

    The other characters stay, because one of them may be the mistake.
    """
    places = [found.start() for found in re.finditer(r"\d", text)]
    if len(places) < _FEWEST_DIGITS:
        return shortened(text)
    hidden = set(places[_FIRST_DIGITS:-_LAST_DIGITS])
    return shortened("".join("*" if place in hidden else letter for place, letter in enumerate(text)))


def masked_text(text: str) -> str:
    """Return *text* in one short line, with phone numbers and keys masked."""
    return shortened(mask(text))


def shortened(text: str) -> str:
    """Return *text* in one line of at most 60 characters."""
    line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
