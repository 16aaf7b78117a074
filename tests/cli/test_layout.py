"""Test which format an output has."""

from __future__ import annotations

import io

import pytest

from etelecom_async.cli.layout import Layout


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Return true."""
        return True


@pytest.mark.parametrize(
    ("layout", "is_terminal", "expected"),
    [
        (Layout(), True, "table"),
        (Layout(), False, "tsv"),
        (Layout(format="csv"), True, "csv"),
        (Layout(format="csv", file="a.json"), False, "csv"),
        (Layout(file="a.b.JSONL"), True, "jsonl"),
        (Layout(file="a.csv"), True, "csv"),
        (Layout(file="a.txt"), True, "tsv"),
        (Layout(file="plain"), True, "tsv"),
    ],
)
def test_format(layout: Layout, is_terminal: bool, expected: str) -> None:  # noqa: FBT001 - a case of the test
    """The option counts first, then the name of the file, then whether it is a terminal."""
    assert layout.format_for(Screen() if is_terminal else io.StringIO()) == expected
