"""Redirect URLs."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox.urls import with_query


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/b", "https://a.example/b?x=1"),
        ("https://a.example/b?", "https://a.example/b?x=1"),
        ("https://a.example/b?y=%20&", "https://a.example/b?y=%20&x=1"),
        ("https://a.example/b?y=2#top", "https://a.example/b?y=2&x=1#top"),
        ("https://a.example/#?", "https://a.example/?x=1#?"),
    ],
)
def test_a_query_is_added(url: str, expected: str) -> None:
    """The new query comes after the old one and before the fragment; the rest stays unchanged."""
    assert with_query(url, "x=1") == expected
