"""
Replace the secrets that a call knows in texts that a server sent.

A server, or a proxy before it, may repeat a part of the request in an error: plain, quoted as JSON, encoded
as in URLs or HTML, or as base64. `secret.mask` looks for the secrets of the current call in all these forms.
This module contains only texts; `call_secrets` collects them.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html.entities import codepoint2name
from typing import Final, Protocol

_MOST_FORMS: Final = 18
"""Maximum number of characters in a form of one character, for example in `%25E1%25BA%25AD`."""
_SHORT: Final = 8
"""A secret with fewer characters is replaced only as a whole word: `pass` must not spoil `password`."""
FEWEST_OF_TOKEN: Final = 4
"""Fewest characters of a token that is replaced."""

# A word starts after an escape, too: the `n` in `\n482913` is no part of the word.
_START: Final = (
    r"(?:(?<![^\W_])|(?<=\\[bfnrt])|(?<=\\u[\da-fA-F]{4})|(?<=\\x[\da-fA-F]{2})|(?<=%[\da-fA-F]{2}))"
)
_END: Final = r"(?![^\W_])"
_ESCAPES: Final = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


class KnownSecrets:
    """
    The secrets of one call.

    Args:
        secrets: Texts to replace anywhere; a short one only as a whole word.
        tokens: Texts to replace only as whole words, if they have at least 4 characters.
    """

    __slots__ = ("_secrets", "_tokens", "longest")

    def __init__(self, secrets: Iterable[str] = (), tokens: Iterable[str] = ()) -> None:
        all_secrets = {form for secret in secrets if secret for form in _spellings(secret)}
        whole = {token.strip() for token in tokens}
        all_tokens = {
            form for token in whole if len(token) >= FEWEST_OF_TOKEN for form in _normal_forms(token)
        }
        self._secrets = _compiled(_secret_pattern(text) for text in _longest_first(all_secrets))
        self._tokens = _compiled(_word_pattern(text) for text in _longest_first(all_tokens))
        self.longest: Final = max(map(_longest_form, all_secrets | all_tokens), default=0)
        """Maximum number of characters of a secret in any form."""

    def replace(self, text: str, mask: str) -> str:
        """Return *text* with *mask* in place of each secret and each token."""
        text = self.replace_secrets(text, mask)
        return text if self._tokens is None else self._tokens.sub(mask, text)

    def replace_secrets(self, text: str, mask: str) -> str:
        """Return *text* with *mask* in place of each secret."""
        return text if self._secrets is None else self._secrets.sub(mask, text)


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def _compiled(patterns: Iterable[str]) -> re.Pattern[str] | None:
    pattern = "|".join(patterns)
    return re.compile(pattern) if pattern else None


def _normal_forms(text: str) -> set[str]:
    return {text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}


def _spellings(secret: str) -> set[str]:
    found = _normal_forms(secret)
    for encoding in ("utf-8", "latin-1"):
        encoded = base64.b64encode(secret.encode(encoding, "replace")).decode().rstrip("=")
        found |= {encoded, encoded.replace("+", "-").replace("/", "_")}
    return found


def _secret_pattern(text: str) -> str:
    return _word_pattern(text) if len(text) < _SHORT else _any_form(text)


def _word_pattern(text: str) -> str:
    start = _START if text[0].isalnum() else ""
    return f"{start}{_any_form(text)}{_END if text[-1].isalnum() else ''}"


def _any_form(text: str) -> str:
    """Return a pattern that finds *text* in all forms."""
    parts = re.split(r"(\\+)", text)
    return "".join(
        _backslashes(part) if part[:1] == "\\" else "".join(map(_character, part)) for part in parts
    )


def _backslashes(run: str) -> str:
    # Each level of quoting doubles them. One group for the run, because the pattern must not backtrack.
    return rf"(?:(?i:\\u005c|\\x5c|%(?:25)*+5c|&(?:amp;)*+\#(?:92|x5c);)|\\){{{len(run)},}}+"


def _character(character: str) -> str:
    """Return a pattern that finds a character as it is, escaped by backslashes, as in a URL and in HTML."""
    if _is_plain(character):
        return character
    code, octets = ord(character), character.encode("utf-8", "surrogatepass")
    words = character.encode("utf-16-be", "surrogatepass").hex()
    forms = [
        rf"\\*+{re.escape(character)}",
        "".join(rf"\\++u{words[start : start + 4]}" for start in range(0, len(words), 4)),
        "".join(rf"\\++x{octet:02x}" for octet in octets),
        "".join(rf"%(?:25)*+{octet:02x}" for octet in octets),
        rf"&(?:amp;)*+\#(?:0*{code}|x0*{code:x});",
    ]
    if code in codepoint2name:
        forms.append(rf"&(?:amp;)*+{codepoint2name[code]};")
    if character == "'":
        forms.append(r"&(?:amp;)*+apos;")
    if character == " ":
        forms.append(r"\+")
    if character in _ESCAPES:
        forms.append(rf"\\++{_ESCAPES[character]}")
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
def of_call(call: _Knows) -> Iterator[None]:
    """Make *call* the current one."""
    token = CALL.set(call)
    try:
        yield
    finally:
        CALL.reset(token)
