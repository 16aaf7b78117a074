"""Suggestions for names and words that nearly match a known one."""

from __future__ import annotations

from collections.abc import Iterable

from etelecom_async._core.suggestions import suggest


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean '...'?` with the known word that *word* probably means; "" if there is none."""
    close = suggest(word, {name: name for name in known})
    return f"; did you mean {close!r}?" if close else ""


def nearest_or_all(word: str, known: Iterable[str]) -> str:
    """Return `did_you_mean` if a known word is close, otherwise `; there are ...` with all of them."""
    names = tuple(known)
    return did_you_mean(word, names) or f"; there are {', '.join(names)}"
