"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from etelecom_async._core.plurals import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_345, "12,345 rows")]
)
def test_counted(number: int, text: str) -> None:
    """Only 1 has the singular, and thousands have a comma."""
    assert counted(number, "row") == text
