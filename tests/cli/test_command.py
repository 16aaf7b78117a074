"""What commands share: numbers on the command line, and errors with an exit code."""

from __future__ import annotations

import argparse

import pytest

from etelecom_async.cli.command import CommandError, count


def test_count_is_a_number_of_things() -> None:
    """A count is 0 or more."""
    assert [count("0"), count("12")] == [0, 12]
    with pytest.raises(argparse.ArgumentTypeError, match="-1 is negative"):
        count("-1")


def test_failure_ends_with_one_unless_told() -> None:
    """A command that cannot go on has failed, unless it says that it was asked for wrongly."""
    assert CommandError("no").exit_code == 1
    assert CommandError("no", exit_code=2).exit_code == 2
