"""
Replace the secrets that a call knows in texts that a server sent.

A server, or a proxy before it, may repeat a part of the request in an error. It may quote it as JSON, or
encode it as in URLs, in HTML or in base64. `secret.mask` looks for the secrets of the current call in all
these forms. This module contains only texts; `call_secrets` collects them.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Final, NamedTuple, Protocol

_MOST_FORMS: Final = 18
"""Maximum number of characters in a form of one character, for example in `%25E1%25BA%25AD`."""
_MOST_TEXTS: Final = 200
"""A call with more secrets masks whole texts, because the search would block the event loop."""
_LONGEST_PATTERN: Final = 300
"""Characters of a secret that are searched; everything after them is replaced, too."""
_MOST_QUOTING: Final = 32
"""A text in JSON in JSON, and so on for five levels, has 32 backslashes in place of one."""
_SHORT: Final = 8
"""A secret with fewer characters is replaced only as a whole word: `pass` must not spoil `password`."""
_FEWEST_OF_BASE64: Final = 6
"""Fewest characters of base64 that are replaced: fewer are in other texts, too."""
_FEWEST: Final = 4
"""Fewest characters of a token that is replaced."""

# A word starts after an escape, too: the `n` in `\n482913` is no part of the word.
_START: Final = (
    r"(?:(?<![^\W_])|(?<=\\[bfnrt])|(?<=\\u[\da-fA-F]{4})|(?<=\\x[\da-fA-F]{2})|(?<=%[\da-fA-F]{2}))"
)
_END: Final = r"(?![^\W_])"
_SLASHES: Final = r"\\{0,64}+"  # bounded, because a server may send any number of them
_LATIN_1: Final = 0xFF
_ESCAPES: Final = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


@cache
def _entities() -> dict[int, str]:
    """Return an alternative with the name that HTML has for each character."""
    from html.entities import codepoint2name  # only an error needs it

    return {code: f"|{name}" for code, name in {**codepoint2name, ord("'"): "apos"}.items()}


class KnownSecrets:
    """
    The secrets of one call.

    Args:
        secrets: Texts to replace anywhere; a short one only as a whole word.
        tokens: Texts to replace only as whole words, if they have at least 4 characters.
    """

    __slots__ = ("_are_too_many", "_secrets", "_tokens", "longest")

    def __init__(self, secrets: Iterable[str] = (), tokens: Iterable[str] = ()) -> None:
        parts = _longest_first({text for text in secrets if text})
        words = [text for text in _longest_first({text.strip() for text in tokens}) if len(text) >= _FEWEST]
        self._are_too_many = len(parts) + len(words) > _MOST_TEXTS
        self._secrets = [_secret(text) for text in parts[:_MOST_TEXTS]]
        self._tokens = [_token(text) for text in words[:_MOST_TEXTS]]
        self.longest: Final = max((text.longest for text in (*self._secrets, *self._tokens)), default=0)
        """Maximum number of characters of a secret in any form."""

    def replace(self, text: str, mask: str) -> str:
        """Return *text* with *mask* in place of each secret and each token."""
        if self._are_too_many and text:
            return mask
        text = self.replace_secrets(text, mask)
        for token in self._tokens:
            text = token.pattern.sub(mask, text)
        return text

    def replace_secrets(self, text: str, mask: str) -> str:
        """Return *text* with *mask* in place of each secret, of very many only the longest ones."""
        for secret in self._secrets:
            text = secret.pattern.sub(mask, text)
        return text


class _Text(NamedTuple):
    """A text to replace."""

    pattern: re.Pattern[str]
    longest: int


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


# Most calls of a client know the same secrets, and a pattern takes milliseconds.
@lru_cache(maxsize=256)
def _secret(text: str) -> _Text:
    plain, encoded = _longest_first(_normal_forms(text)), _longest_first(_base64_forms(text))
    patterns = [*map(_word if len(text) < _SHORT else _any_form, plain), *map(_any_form, encoded)]
    return _Text(re.compile("|".join(patterns)), max(map(_longest_form, (*plain, *encoded))))


@lru_cache(maxsize=256)
def _token(text: str) -> _Text:
    forms = _longest_first(_normal_forms(text))
    return _Text(re.compile("|".join(map(_word, forms))), max(map(_longest_form, forms)))


def _normal_forms(text: str) -> set[str]:
    return {text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}


def _base64_forms(secret: str) -> set[str]:
    """
    Return the parts of base64 texts that *secret* determines, wherever it is in the encoded text.

    A header encodes `user:password`. Three bytes make four characters, so there are three forms.
    """
    found: set[str] = set()
    for octets in {secret.encode(encoding, "replace") for encoding in ("utf-8", "latin-1")}:
        for before in range(3):
            whole = base64.b64encode(bytes(before) + octets).decode()
            part = whole[-(-before * 4 // 3) : (before + len(octets)) * 4 // 3]
            found |= {part, part.replace("+", "-").replace("/", "_")}
    return {part for part in found if len(part) >= _FEWEST_OF_BASE64}


def _word(text: str) -> str:
    """Return a pattern that finds *text* in all forms, but not inside a longer word."""
    start = _START if text[0].isalnum() else ""
    end = _END if text[-1].isalnum() and len(text) <= _LONGEST_PATTERN else ""
    return f"{start}{_any_form(text)}{end}"


def _any_form(text: str) -> str:
    """Return a pattern that finds *text* in all forms."""
    parts = re.split(r"(\\+)", text[:_LONGEST_PATTERN])
    pattern = "".join(
        _backslashes(part) if part[:1] == "\\" else "".join(map(_character, part)) for part in parts
    )
    return pattern if len(text) <= _LONGEST_PATTERN else rf"{pattern}[\s\S]*"


def _backslashes(run: str) -> str:
    # Each level of quoting doubles them. One group for the run, because the pattern must not backtrack.
    least, most = len(run), len(run) * _MOST_QUOTING
    return rf"(?:(?i:\\u005c|\\x5c|%(?:25)*5c|&(?:amp;)*\#(?:92|x5c);)|\\){{{least},{most}}}+"


def _character(character: str) -> str:
    """Return a pattern that finds a character as it is, escaped by backslashes, as in a URL and in HTML."""
    if _is_plain(character):
        return character
    code, octets = ord(character), character.encode("utf-8", "surrogatepass")
    words = character.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    escaped = [
        re.escape(character),
        _SLASHES.join(f"u{word}" for word in words),
        _SLASHES.join(f"x{octet:02x}" for octet in octets),
        f"u{code:08x}",
        *([f"x{code:02x}"] if code <= _LATIN_1 else []),
        *([_ESCAPES[character]] if character in _ESCAPES else []),
    ]
    # The plain character is the last form: a percent sign also starts `%25`.
    forms = [
        "".join(f"%(?:25)*{octet:02x}" for octet in octets),
        rf"&(?:amp;)*(?:\#0*{code}|\#x0*{code:x}{_entities().get(code, '')});",
        f"{_SLASHES}(?:{'|'.join(escaped)})",
    ]
    if character == " ":
        forms.append(r"\+")
    return f"(?i:{'|'.join(forms)})"


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _longest_form(text: str) -> int:
    return sum(1 if _is_plain(character) else _MOST_FORMS for character in text)


class _Knows(Protocol):
    def known_secrets(self) -> KnownSecrets:
        """Return the secrets of a call."""
        ...


CALL: Final[ContextVar[_Knows | None]] = ContextVar("CALL", default=None)
"""
The call whose response or failure is being read.

Set it only while no other code can start: a task or a timer would keep the request in memory.
"""
_NONE: Final = KnownSecrets()


def current() -> KnownSecrets:
    """Return the secrets of the current call."""
    call = CALL.get()
    return _NONE if call is None else call.known_secrets()


@contextmanager
def of_call(call: _Knows) -> Generator[None]:
    """Make *call* the current one."""
    token = CALL.set(call)
    try:
        yield
    finally:
        CALL.reset(token)
