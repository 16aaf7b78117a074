"""Test questions, notes, and which streams are private."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path

import pytest

from etelecom_async.cli import terminal


def test_note_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A note is one line on stderr, without control characters and marks of direction."""
    terminal.note("a\x1b[2Jb\r\nc\x9b\u202e  d")
    assert capsys.readouterr() == ("", "etelecom: a [2Jb c d\n")


def test_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal there is no question, but an error that names `--yes`."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert not terminal.can_ask()
    with pytest.raises(terminal.CommandError, match="add --yes"):
        terminal.refuse_if_silent("x deletes")


@pytest.mark.parametrize(("answer", "agrees"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_confirm(monkeypatch: pytest.MonkeyPatch, answer: str, agrees: bool) -> None:  # noqa: FBT001 - a case of the test
    """Only `y` continues; Enter means no."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    if agrees:
        terminal.confirm("x deletes")
    else:
        with pytest.raises(terminal.CommandError, match="you answered no; nothing was sent"):
            terminal.confirm("x deletes")


@pytest.mark.parametrize(
    ("mode", "is_private"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False)]
)
def test_private_file(tmp_path: Path, mode: int, is_private: bool) -> None:  # noqa: FBT001 - a case of the test
    """A file is private if only its owner can read it."""
    file = tmp_path / "file"
    with file.open("w") as stream:
        file.chmod(mode)
        assert terminal.is_private(stream) is is_private


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_all_letters(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A pipe takes UTF-8 in each locale; a terminal that lacks a letter shows another sign."""
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, name, io.TextIOWrapper(pipe, encoding="ascii"))
    terminal.accept_all_letters()
    print("Bùi", file=getattr(sys, name), flush=True)
    assert pipe.getvalue() == "Bùi\n".encode()

    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="ascii") as screen:
        monkeypatch.setattr(sys, name, screen)
        terminal.accept_all_letters()
        print("Bùi", file=screen, flush=True)
        assert os.read(master, 10) == b"B?i\r\n"
    os.close(master)


def test_private_stream() -> None:
    """A terminal is private; a pipe and a stream without a file are not."""
    master, slave = pty.openpty()
    read, write = os.pipe()
    with os.fdopen(slave, "w") as screen, os.fdopen(write, "w") as pipe:
        assert terminal.is_private(screen)
        assert not terminal.is_private(pipe)
    assert not terminal.is_private(io.StringIO())
    os.close(master)
    os.close(read)
