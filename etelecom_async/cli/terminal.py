"""Find out what the streams are, and write to stderr without control characters."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import Final, TextIO

import click

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError, usage_error

_NAME: Final = "etelecom"


def can_ask() -> bool:
    """Return whether a person can see a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def refuse_if_silent(question: str) -> None:
    """
    Refuse at once what nobody can be asked about.

    Args:
        question: The consequence, as a sentence without a full stop.

    Raises:
        CommandError: There is no terminal.
    """
    if not can_ask():
        raise usage_error(
            f"{question}: add --yes, because without a terminal nobody can be asked; nothing was sent"
        )


def confirm(question: str) -> None:
    """
    Ask before something that costs money, reaches a person or deletes.

    Args:
        question: The consequence, as a sentence without a full stop.

    Raises:
        CommandError: The user does not agree.
    """
    if not click.confirm(f"{one_line(question)}. Continue?", err=True):
        raise CommandError("you answered no; nothing was sent", exit_code=exit_codes.FAILED)


def is_private(stream: TextIO) -> bool:
    """Return whether only the user can read what is written: a terminal, or a file of mode 0600."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # a stream without a file
        return False
    if stream.isatty():
        return True
    return stat.S_ISREG(status.st_mode) and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def open_closed_streams() -> None:
    """Let a command run without a stream that its caller has closed, as in `etelecom … >&-`."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


def accept_all_letters() -> None:
    """
    Let stdout and stderr take any text, whatever the locale of the system is.

    Programs and files get UTF-8. A terminal shows another sign for a letter that it does not have.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
        elif stream.errors == "strict":
            stream.reconfigure(errors="replace")


def discard_output(*streams: TextIO) -> None:
    """Discard what is not written yet, so that Python does not fail or wait again when it ends."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def note(text: str) -> None:
    """Write one line to stderr."""
    print(f"{_NAME}: {one_line(text)}", file=sys.stderr)


def one_line(text: str) -> str:
    """Return *text* in one line, without characters that control a terminal."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """Return *text* with a blank in place of each character that controls a terminal or hides text."""
    return "".join(" " if _controls(character) else character for character in text)


def _controls(character: str) -> bool:
    code = ord(character)
    return code < _SPACE or _DELETE <= code <= _LAST_C1 or code in _DIRECTIONS


_SPACE: Final = 0x20
_DELETE: Final = 0x7F
_LAST_C1: Final = 0x9F
# Marks that change the direction of writing.
_DIRECTIONS: Final = frozenset((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
