"""Define a command, its error, and a type for its arguments."""

import argparse
from collections.abc import Callable, Coroutine
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Command:
    """A command of `etelecom`."""

    name: str
    summary: str
    """One line for the list of commands."""
    description: str
    """First lines of the command's own help."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]]
    """Runs the command and returns the exit code."""


class CommandError(Exception):
    """
    A command cannot continue. The user sees only the message.

    Args:
        message: The problem, and how to solve it.
        exit_code: 1 for a failure, 2 for wrong usage.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def count(text: str) -> int:
    """Return an argument as an integer; raise an error if it is negative."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is negative")
    return number
