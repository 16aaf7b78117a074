"""Cells become texts, as a person sees them."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from etelecom_async import Secret
from etelecom_async.provisioning.cells import (
    CellError,
    Unreadable,
    as_text_in_csv,
    is_blank,
    secret_of,
    shown,
    text_of,
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1001.0, "1001"),
        (1001, "1001"),
        (np.int64(1001), "1001"),
        (Decimal("1001.0"), "1001"),
        (1.5, "1.5"),
        ("  Lan \u200b", "Lan"),
        (unicodedata.normalize("NFD", "Nguyễn"), "Nguyễn"),
        ("'+84901234567", "+84901234567"),
        ("'90", "'90"),
        (1415096549774721835, "1415096549774721835"),
        (float("nan"), ""),
        (Decimal("NaN"), ""),
        (None, ""),
    ],
)
def test_text(cell: object, text: str) -> None:
    """A whole number has no decimals, a text is NFC without white space around it."""
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (True, "TRUE or FALSE"),
        (date(2026, 1, 2), "a date or a time"),
        (timedelta(1), "a date or a time"),
        (1.4150965497747218e18, "lost digits"),
        (float("inf"), "no finite number"),
        (Unreadable("it shows an error", "type it"), "shows an error"),
        ("x" * 40_000, "too long"),
        (["a"], "not list of str"),
    ],
)
def test_no_text(cell: object, problem: str) -> None:
    """A cell without a usable value is an error, and never another value."""
    with pytest.raises(CellError, match=problem) as caught:
        text_of(cell)
    assert caught.value.remedy


@pytest.mark.parametrize("cell", ["", "  ", "\u200b", None, float("nan"), Decimal("NaN")])
def test_blank(cell: object) -> None:
    """White space, invisible characters and "not a number" are no values."""
    assert is_blank(cell)


@pytest.mark.parametrize("cell", ["-", 0, 0.0, False, Unreadable("", "")])
def test_not_blank(cell: object) -> None:
    """Zero is a value, and so is a cell that shows an error."""
    assert not is_blank(cell)


def test_secret() -> None:
    """A password keeps its spaces, and may be a number or a `Secret`."""
    assert [secret_of(" a "), secret_of(123456.0), secret_of(Secret("b"))] == [" a ", "123456", "b"]


def test_shown() -> None:
    """A cell in an error looks as in the sheet."""
    values = [shown(cell) for cell in (Unreadable("", ""), " a ", 1001.0, 1.5, 1e300, None)]
    assert values == ["", "a", "1001", "1.5", "1e+300", "None"]


@pytest.mark.parametrize("text", ["=1+1", "+84901234567", "@x", "-1", "\tx"])
def test_no_formula_in_csv(text: str) -> None:
    """A text that looks like a formula gets a mark in CSV, and reading removes it."""
    assert as_text_in_csv(text) == f"'{text}"
    assert text_of(f"'{text}") == text.strip()


def test_usual_texts_in_csv() -> None:
    """Other texts stay, and so does the sign that takes an extension away."""
    assert [as_text_in_csv(text) for text in ("Lan", "-", "0901234567", "")] == ["Lan", "-", "0901234567", ""]
