"""Tell whether a process that a file names still runs: its number alone may belong to another process now."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import attrs

_PROC: Final = Path("/proc")
_ENDED: Final = ("Z", "X")
"""States of a process that has ended, and whose parent has not asked for its exit code."""
_START_FIELD: Final = 19
"""Field of `/proc/<pid>/stat` with the start time, counted after the name."""
_PATIENCE: Final = 10
"""Maximum number of seconds that `ps` may take."""


@attrs.frozen
class Process:
    """A process, in a form that can be stored."""

    pid: int
    started: str
    """When it started, in any form that another process of this system can compare."""
    system: str
    """The running system that counts the pids: another boot or another container is another one."""


def this_process() -> Process:
    """Return the current process."""
    pid = os.getpid()
    return Process(pid, start_of(pid) or "", _system())


def is_running(process: Process) -> bool:
    """
    Return whether *process* certainly runs.

    The result is false for a process of another container or machine, because its pids are unknown here. On
    Windows it is always false.
    """
    return process.system == _system() and process.started != "" and start_of(process.pid) == process.started


def start_of(pid: int) -> str | None:
    """Return when a process started; `None` if there is no such process, or the system does not tell."""
    return _start_by_proc(pid) if (_PROC / "self" / "stat").exists() else start_by_ps(pid)


def _start_by_proc(pid: int) -> str | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name is in parentheses, and may contain blanks and parentheses.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in _ENDED else fields[_START_FIELD]


def start_by_ps(pid: int) -> str | None:
    """Return the same as `start_of` by the command `ps`, which macOS and BSD have."""
    command = None if sys.platform == "win32" else shutil.which("ps")
    if command is None:
        return None
    done = subprocess.run(  # noqa: S603 - a command of the system, and a number
        [command, "-o", "stat=,lstart=", "-p", str(int(pid))],
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        text=True,
        timeout=_PATIENCE,
    )
    state, _, start = done.stdout.strip().partition(" ")
    return None if not start or state.startswith(_ENDED) else start.strip()


def _system() -> str:
    try:
        boot = (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self' / 'ns' / 'pid').readlink()}"
    except OSError:
        return platform.node()
