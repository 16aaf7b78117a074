"""docs/command-line.md is correct: its commands run, and its tables are those of the program."""

from __future__ import annotations

import asyncio
import io
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli import exit_codes, index, main
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parent.parent / "docs" / "command-line.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def service(other_thread: asyncio.AbstractEventLoop) -> Iterator[Sandbox]:
    """A sandbox in another thread."""
    service = sandbox()
    asyncio.run_coroutine_threadsafe(service.start(), other_thread).result()
    yield service
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()


@pytest.mark.parametrize("line", LINES)
def test_line_runs(
    line: str,
    service: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Each line runs against the sandbox with exit code 0, and prints something or writes its file."""
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    before, pipe, command = line.rpartition(" | ")
    if pipe:
        text = before.removeprefix("echo ")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{text}\n".encode())))
    program, *arguments = shlex.split(command)
    assert program == "etelecom"
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (exit_codes.DONE, "")
    has_no_rows = {"yesterday", "--extension-ids"}.intersection(arguments)
    assert out or has_no_rows or any(file.stat().st_size for file in tmp_path.iterdir())


def test_exit_codes() -> None:
    """The table of exit codes is that of `etelecom help exit-codes`."""
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert {int(code): text.replace("`", "") for code, text in table.items()} == exit_codes.MEANINGS


def test_number_of_commands() -> None:
    """The page states the number of operations."""
    assert f"each of the {len({row.wire for row in index.operations()})} operations" in PAGE
