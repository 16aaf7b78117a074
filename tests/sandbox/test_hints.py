"""Suggestions for names that nearly match a known one."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox.hints import did_you_mean


@pytest.mark.parametrize(
    ("word", "expected"),
    [("ordr", "; did you mean 'order'?"), ("order", "; did you mean 'order'?"), ("xyz", ""), ("", "")],
)
def test_did_you_mean(word: str, expected: str) -> None:
    """The closest known word is suggested; a word that is like none gets no suggestion."""
    assert did_you_mean(word, ("page_size", "order")) == expected
