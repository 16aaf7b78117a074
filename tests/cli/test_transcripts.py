"""
Each operation's command has a transcript: what a pipe and a terminal show, and the exit code.

The lines come from the index, and from the arguments with which the sandbox executes each operation. The
files in `transcripts` hold what they print. Stand-ins replace ids, times and tokens, which differ from run to
run.

After a wanted change, run these tests with `WRITE_TRANSCRIPTS=1` in the environment. That writes the files.
Then read what has changed.
"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import shlex
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest

from etelecom_async.cli import index, main
from etelecom_async.operations import OPERATIONS
from tests.contract.conftest import ARGUMENTS, FOR_A_NEW_SHOP, World, new_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FOLDER: Final = Path(__file__).parent / "transcripts"
WRITE: Final = "WRITE_TRANSCRIPTS"
UNTIL: Final = "2025-06-01"
"""The invented records end on this day, so they are the same on every day."""
PATIENCE: Final = 60
ROWS: Final = "2"
COLUMNS: Final = {
    # These two return a secret once, so they need columns without it, or `--reveal`.
    "partner.shops.connect": "type,expires_in",
    "partner.shops.create": "shop.id,shop.name,shop.created_at",
    "shop.zalo.accounts.connect": "oa_id,status",  # its name is random
}
"""Columns of the results that would not be the same in each run."""
SECRET: Final = ("_KEY", "_PASSWORD")
"""Ends of the variables that hold a key."""
STREAMS: Final = {"stdin": "r", "stdout": "w", "stderr": "w"}
STAND_INS: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z|\+07:00)?"), r"YYYY-MM-DD\1HH:MM:SS"),
    (re.compile(r"\d\d/\d\d/\d{4}"), "DD/MM/YYYY"),
    (re.compile(r"\d{13,}"), lambda found: "0" * len(found[0])),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1"),
    (re.compile(r"(--state )\d+"), r"\g<1>0"),
    (
        # A token may begin with a hyphen; for a spreadsheet, an apostrophe then stands before it.
        re.compile(r"\b[0-9a-f]{20,}\b|ICOMNI[0-9A-Z]{30}|(?:(?<=\t)'(?=-))?(?<![/.\w-])[\w-]{32,}"),
        lambda found: "x" * len(found[0].removeprefix("'")),
    ),
    (re.compile(r"\x1b\[\d*m"), ""),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)
"""Values that differ between runs: times, ids, ports, tokens. Styles are left out, too."""


@pytest.fixture
def world(other_thread: asyncio.AbstractEventLoop) -> Callable[[], Any]:
    """Return a function that makes a new sandbox with the objects that the arguments use."""

    def call(step: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(step, other_thread).result(PATIENCE)

    @contextmanager
    def made() -> Iterator[World]:
        manager = new_world(until=UNTIL)
        try:
            yield call(manager.__aenter__())
        finally:
            call(manager.__aexit__(None, None, None))

    return made


def environment(name: str, world: World) -> dict[str, str]:
    """Return the variables for an operation."""
    variables = world.service.environment()
    if name in FOR_A_NEW_SHOP:
        variables |= {"ETELECOM_SHOP_KEY": world.new_shop_key, "ETELECOM_SHOP_API_KEY": ""}
    return variables


def value_at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return a part of a request; `None` if it is not there."""
    value: Any = body
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def line_of(name: str, world: World, folder: Path) -> list[str]:
    """Return the command of an operation, with an option for each part of a request that succeeds."""
    row = index.operation(name)
    body = ARGUMENTS[name](world)
    if isinstance(body, aiohttp.FormData):
        (folder / "a.png").write_bytes(b"abc")
        body = {"type": "image", "oa_id": world.oa["oa_id"], "file": "a.png"}
    arguments = row.command.split()
    if not row.client:
        arguments += ["--as", min(OPERATIONS[name].callers).scope]  # the same key as that of the world
    for field in row.fields:
        value = value_at(body, field.path)
        if value is None:
            continue
        if field.kind == index.SECRET_KIND:
            (folder / field.name).write_text(f"{value}\n", encoding="utf-8")
            arguments += [field.flag, field.name]
        elif field.kind == "map":
            arguments += [word for pair in value.items() for word in (field.flag, "=".join(pair))]
        else:
            values = value if isinstance(value, list) else [value]
            arguments += [word for each in values for word in (field.flag, str(each))]
    if row.is_partial:
        (folder / "request.json").write_text(json.dumps(body), encoding="utf-8")
        arguments += ["--body", "request.json"]
    if columns := COLUMNS.get(name):
        arguments += ["--columns", columns]
    return [*arguments, "--limit", ROWS] if row.is_list else arguments


def in_a_terminal(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run a command on a terminal, and agree to its question; return the exit code and what it shows."""
    master, slave = pty.openpty()
    shown = bytearray()

    def read() -> None:
        has_agreed = False
        while True:
            try:
                shown.extend(os.read(master, 65536))
            except OSError:  # the error of Linux when the other side is closed
                return
            if not has_agreed and b"[y/N]" in shown:
                has_agreed = True
                os.write(master, b"y\n")

    reader = threading.Thread(target=read)
    reader.start()
    with monkeypatch.context() as patch:
        patch.setenv("COLUMNS", "160")
        patch.setenv("TERM", "xterm")
        streams = {name: os.fdopen(os.dup(slave), mode) for name, mode in STREAMS.items()}
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        code = main(arguments)
    for stream in streams.values():
        stream.close()
    os.close(slave)
    reader.join(PATIENCE)
    os.close(master)
    return code, shown.decode().replace("\r\n", "\n")


def steady(text: str) -> str:
    """Return a transcript with stand-ins."""
    for pattern, stand_in in STAND_INS:
        text = pattern.sub(stand_in, text)
    return text


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_transcript(
    tool: Any, world: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe gets data on stdout and notes on stderr; a terminal gets a table, and a question if need be."""
    monkeypatch.chdir(tmp_path)
    row = index.operation(name)
    with world() as here:
        tool.set(environment(name, here))
        arguments = line_of(name, here, tmp_path)
        piped = tool(*arguments, *(["--yes"] if row.asks else []))
        keys = [text for variable, text in environment(name, here).items() if variable.endswith(SECRET)]
    with world() as here:
        tool.set(environment(name, here))
        code, shown = in_a_terminal(line_of(name, here, tmp_path), monkeypatch)
        keys += [text for variable, text in environment(name, here).items() if variable.endswith(SECRET)]
    assert (piped.code, code) == (0, 0), (piped, shown)
    assert ("Continue? [y/N]: y" in shown) is row.asks
    assert not [key for key in keys if key and key in f"{piped}{shown}"]
    transcript = steady(
        f"$ etelecom {shlex.join(arguments)}\n\n"
        f"pipe, stdout:\n{piped.out}\npipe, stderr:\n{piped.err}\nterminal:\n{shown}"
    )
    file = FOLDER / f"{name}.txt"
    if os.environ.get(WRITE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(transcript, encoding="utf-8")
    assert transcript == file.read_text(encoding="utf-8")


def test_every_file_is_of_an_operation() -> None:
    """There is a transcript of each operation, and no other file."""
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.txt" for name in OPERATIONS}
