"""Generate passwords that a person can read from paper and type."""

from __future__ import annotations

import secrets
from typing import Final

from etelecom_async._core.secret import Secret

LENGTH: Final = 16
"""Characters of a password: about 92 bits."""
# Without 0, 1, I, O, l and o, which look like each other.
_LOWER: Final = "abcdefghijkmnpqrstuvwxyz"
_UPPER: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS: Final = "23456789"
KINDS: Final = (_LOWER, _UPPER, _DIGITS)
"""The kinds of characters; a password has each, because the service may ask for it."""
_ALL: Final = "".join(KINDS)
_FAIR: Final = 256 - 256 % len(_ALL)
"""Larger bytes would choose some characters more often than others."""
_BYTES: Final = 24
"""Almost always, at least `LENGTH` of them are fair."""


def generate() -> Secret:
    """Return a new random password."""
    while True:
        fair = [byte for byte in secrets.token_bytes(_BYTES) if byte < _FAIR]
        text = "".join([_ALL[byte % len(_ALL)] for byte in fair[:LENGTH]])
        if len(text) == LENGTH and not any(map(frozenset(text).isdisjoint, KINDS)):
            return Secret(text)
