"""Suggestions for names that nearly match a known one."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox.hints import did_you_mean, nearest_or_all


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ordr", "; did you mean 'order'?"),
        ("order", "; did you mean 'order'?"),
        ("Order ", "; did you mean 'order'?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_did_you_mean(word: str, expected: str) -> None:
    """The closest known word is suggested; a word that is like none gets no suggestion."""
    assert did_you_mean(word, ("page_size", "order")) == expected


def test_nearest_or_all() -> None:
    """Without a close word, all words are named."""
    assert nearest_or_all("ordr", iter(("page_size", "order"))) == "; did you mean 'order'?"
    assert nearest_or_all("xyz", iter(("page_size", "order"))) == "; there are page_size, order"
