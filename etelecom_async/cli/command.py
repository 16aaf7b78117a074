"""What a command is made of, and how it says that it cannot go on."""

import argparse
from collections.abc import Callable, Coroutine
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Command:
    """One word after `etelecom`."""

    name: str
    summary: str
    """One line for the list of commands."""
    description: str
    """What its own help begins with."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]]
    """Does it and returns the exit code."""


class CommandError(Exception):
    """
    A command cannot go on; its text is all that people see.

    Args:
        message: What is wrong, and what to do.
        exit_code: 1 where it failed, 2 where it cannot be done as it was asked for.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def count(text: str) -> int:
    """Return an argument that is a number of things."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is negative")
    return number
