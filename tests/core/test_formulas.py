"""Texts of CSV files that a spreadsheet would execute."""

from __future__ import annotations

import pytest

from etelecom_async._core.formulas import harmless


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+cmd",
        "-1+cmd",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\r=1",
        "\n+a",
        "\uff1d1+1",
        "\uff0ba",
        "\uff0da",
        "\uff20a",
        "\u00a0=1",
    ],
)
def test_formula(text: str) -> None:
    """An apostrophe comes before a text that a spreadsheet takes for a formula."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "a=b", "0901234567", "+84901234567", "-5", "(028) 7300 1234", "x", "'=1"]
)
def test_harmless(text: str) -> None:
    """Phone numbers, negative numbers and other texts stay as they are."""
    assert harmless(text) == text
