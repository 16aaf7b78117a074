"""Phone numbers on a page are masked, or can be dialled."""

from __future__ import annotations

import pytest

from etelecom_async.history.report_numbers import linked, masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1001", "1001"),
        ("", ""),
        ("anonymous", "anonymous"),
        ("0901234567", "090***567"),
        ("+84 901 234 567", "+84 90***567"),
        ("+12125550123", "+1***123"),
        ("1234567", "12***567"),
        ("02873001234", "028***234"),
    ],
)
def test_masked(number: str, shown: str) -> None:
    """An extension stays; the middle of a longer number is masked."""
    assert masked(number).replace(" ", "") == shown.replace(" ", "")


def test_linked() -> None:
    """A phone number can be dialled, a foreign one with its country code; any other text is escaped."""
    assert linked("84901234567") == '<a href="tel:+84901234567">0901234567</a>'
    assert linked("19001234") == '<a href="tel:19001234">19001234</a>'
    assert linked("001 212 555 0123") == '<a href="tel:+12125550123">+12125550123</a>'
    assert linked("12125550123") == "12125550123"
    assert linked("<script>") == "&lt;script&gt;"
