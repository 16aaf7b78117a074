"""The README runs: each code block does what it says, against the sandbox."""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.testing import sandbox

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SCRIPTS = [
    pytest.param(code, id=str(number))
    for number, (kind, file, code) in enumerate(BLOCKS)
    if kind == "python" and not file
]
COMMANDS = [code for kind, _, code in BLOCKS if kind == "sh"]
FILES = [pytest.param(file, code, id=file) for kind, file, code in BLOCKS if file]


def test_every_block_is_run_or_is_a_command() -> None:
    """The README holds Python, which runs here, and two commands, which `nox -s fresh` runs on Debian."""
    assert {"python", "sh"} == {kind for kind, _, _ in BLOCKS}
    demo, checks = COMMANDS
    assert demo.endswith(" && .venv/bin/etelecom demo\n")
    assert checks.endswith(" && .venv/bin/python -m nox\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_uses_its_own_environment(command: str) -> None:
    """A command is one line that makes `.venv` first, and installs and runs only inside it."""
    first, *others = command.removesuffix("\n").split(" && ")
    assert first == "python3 -m venv .venv"
    assert others
    for other in others:
        assert other.startswith(".venv/bin/")
        assert "\n" not in other


def test_ci_runs_the_command() -> None:
    """`.ci/run` ends with the README's command for the checks, so its exit code is that of the checks."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.endswith(f"\n{COMMANDS[1]}")


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
@pytest.mark.parametrize("code", SCRIPTS, ids=range(len(SCRIPTS)))
async def test_script(code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A block runs as a script or a notebook's cell, with the environment that the sandbox prints."""
    async with sandbox() as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        # As a script in a thread of its own, for it may start a loop of its own.
        await asyncio.to_thread(_run, code)

    assert not capsys.readouterr().err


def _run(code: str) -> None:
    compiled = compile(code, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict[str, Any] = {"__name__": "__main__"}
    result = eval(compiled, names)
    if asyncio.iscoroutine(result):
        asyncio.run(result)


@pytest.mark.parametrize(("file", "code"), FILES)
def test_file(file: str, code: str, tmp_path: Path) -> None:
    """A block that is a test file passes under pytest with pytest-asyncio, warnings as errors."""
    (tmp_path / file).write_text(textwrap.dedent(code), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-o", "asyncio_mode=auto"]
    command += ["-o", "asyncio_default_fixture_loop_scope=function", file]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "1 passed" in done.stdout, done.stdout + done.stderr
