"""Replace what errors and warnings of the SDK say about Python by words of the command line."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = (
    (re.compile(r" If the service knows the text, use \w+\.unlisted\(\.\.\.\), which does not warn\."), ""),
    (re.compile(r" \w+\.unlisted\(\.\.\.\) sends any other text\.?"), ""),
    (re.compile(r", or pass allow_http=True if you accept this"), ""),
    (re.compile(r": use (?:PartnerClient|ShopClient)\S+(?: or \S+)?\.$"), "."),
    (re.compile(r"; pass allow_remote=True to allow that$"), ": add --allow-remote to allow that"),
    (re.compile(r"\bresume= (?=is|has|belongs)"), "--resume "),
    (re.compile(r"the text that checkpoint\(\) returned"), "the text after --resume in an error"),
    (re.compile(r"client\.with_options\(wire_names=.*In the environment: "), "set "),
    (re.compile(r"\(`limit=`\), or set max_response_bytes=\.\.\. higher"), "with --page-size"),
    (re.compile(r"\bresend_unknown\b"), "--resend-unknown"),
    (re.compile(r"\bsettle_after\b"), "--settle-after"),
    (re.compile(r"\bpass allow_large if\b"), "add --allow-large if"),
    (re.compile(r" \(max_changes\)"), " (--max-changes)"),
    (
        re.compile(r"\bonly takes kinds of changes, shops and keys\b"),
        "--only takes kinds of changes, shops and keys",
    ),
    (re.compile(r"\bnumber_ranges has a shop\b"), "--numbers has a shop"),
    (re.compile(r"\bso since and until must be days\b"), "so --since and --until must be days"),
    (re.compile(r"; `\.notes` has all of them\."), "; --json shows all of them."),
    (re.compile(r" A partner's own key needs a PartnerClient, and a shop's key a ShopClient\."), ""),
    (
        re.compile(r"Send the owner's browser to `\.auth_url`, as after `partner\.shops\.connect`\."),
        "Let the owner log in with `etelecom connect`.",
    ),
    (re.compile(r"get a new one with `shops\.authorize`"), "get a new one with `etelecom connect`"),
    (re.compile(r"`sms\.templates\.list\(\)`"), "`etelecom sms templates list`"),
    (
        re.compile(r"`?(?:\bpartner\.)?\bshops\.(\w+)\((?:shop_id=)?\.\.\.\)`?"),
        r"`etelecom partner shops \1`",
    ),
)
"""Patterns of texts, and what a user of commands reads instead. The tests make the real texts."""


def in_words_of_commands(text: str) -> str:
    """Return *text* without advice for programs in Python."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text
