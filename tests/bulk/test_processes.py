"""A process is known by its number and its start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import attrs
import pytest

from etelecom_async.bulk.processes import Process, is_running, start_by_ps, start_of, this_process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no start of a process")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that runs until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_this_process() -> None:
    """This process runs; one with another start, or of another system, is another process."""
    process = this_process()
    assert process.pid == os.getpid()
    assert is_running(process)
    assert not is_running(attrs.evolve(process, started="1"))
    assert not is_running(attrs.evolve(process, system="another boot"))


def test_unknown_start() -> None:
    """A process without a known start is not certainly running."""
    assert not is_running(Process(2**22 + 1, "", this_process().system))


def test_ended_process(child: subprocess.Popen[bytes]) -> None:
    """A killed process does not run, even before its parent asks for its exit code."""
    process = attrs.evolve(this_process(), pid=child.pid, started=start_of(child.pid) or "")
    assert is_running(process)
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert not is_running(process)
    child.wait()
    assert not is_running(process)


@pytest.mark.skipif(shutil.which("ps") is None, reason="no ps on this machine")
def test_by_ps(child: subprocess.Popen[bytes]) -> None:
    """`ps` tells when a process started; not of a zombie, and not of a process that does not exist."""
    assert start_by_ps(child.pid)
    assert start_by_ps(child.pid) == start_by_ps(child.pid)
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert start_by_ps(child.pid) is None
    child.wait()
    assert start_by_ps(child.pid) is None


def test_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A system without /proc, such as macOS, uses `ps` and the name of the machine."""
    monkeypatch.setattr("etelecom_async.bulk.processes._PROC", tmp_path)
    process = this_process()
    assert process.system == os.uname().nodename
    assert is_running(process) is (shutil.which("ps") is not None)


def test_without_ps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `ps`, the start is unknown."""
    monkeypatch.setenv("PATH", "")
    assert start_by_ps(os.getpid()) is None
