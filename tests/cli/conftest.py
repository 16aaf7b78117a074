"""Fixtures that run the real command in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ETELECOM = Path(sysconfig.get_path("scripts"), "etelecom")
# Seconds that a test waits at most for output.
PATIENCE = 60


class Running:
    """A running command. It is killed if it prints nothing for too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        """Return the next line of output; empty if the command has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def lines_until(self, text: str) -> list[str]:
        """Return the lines up to the one that contains a text."""
        lines: list[str] = []
        while not lines or text not in lines[-1]:
            lines.append(self.line())
            assert lines[-1], f"{text!r} never came: {lines}"
        return lines

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return the exit code, the rest of the output, and the errors."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit code, the rest of the output, and the errors."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of the commands: no settings of the developer, and warnings are errors."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "SYSTEMROOT"}}
    return {**kept, "HOME": str(tmp_path), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}


@pytest.fixture
def start(surroundings: dict[str, str]) -> Callable[..., Any]:
    """Start `etelecom ...` and yield it as `Running`; kill it at the end of the block."""

    @contextmanager
    def start(
        *arguments: str, command: tuple[str, ...] = (str(ETELECOM),), **settings: Any
    ) -> Iterator[Running]:
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": surroundings, **settings}
        with subprocess.Popen([*command, *arguments], encoding="utf-8", **settings) as process:
            alarm = threading.Timer(PATIENCE, process.kill)
            alarm.start()
            try:
                yield Running(process)
            finally:
                alarm.cancel()
                process.kill()

    return start


@pytest.fixture
def etelecom(start: Callable[..., Any]) -> Callable[..., tuple[int, str, str]]:
    """Run `etelecom ...` to its end; return exit code, output and errors."""

    def etelecom(*arguments: str, **settings: Any) -> tuple[int, str, str]:
        with start(*arguments, **settings) as running:
            result: tuple[int, str, str] = running.end()
            return result

    return etelecom


@pytest.fixture
def without_rich() -> tuple[str, ...]:
    """The command as it runs if rich is not installed."""
    code = "import sys; sys.modules['rich'] = None; from etelecom_async.cli import main; sys.exit(main())"
    return sys.executable, "-c", code
