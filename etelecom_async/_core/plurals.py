"""Write a number with its noun."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """
    Return a number and its noun: `1 row`, `0 rows`, `12,000 rows`.

    Args:
        number: How many there are.
        noun: The noun in the singular; its plural ends with s.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
