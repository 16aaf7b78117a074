"""Test the common parts of commands: numbers on the command line, and errors with an exit code."""

from __future__ import annotations

import argparse

import pytest

from etelecom_async.cli.command import CommandError, count


def test_count() -> None:
    """A count is an integer, 0 or more."""
    assert [count("0"), count("12")] == [0, 12]
    with pytest.raises(argparse.ArgumentTypeError, match="-1 is negative"):
        count("-1")


def test_exit_code_of_an_error() -> None:
    """A `CommandError` has exit code 1 by default, and 2 for wrong usage."""
    assert CommandError("no").exit_code == 1
    assert CommandError("no", exit_code=2).exit_code == 2
