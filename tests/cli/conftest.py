"""The real command, in a process of its own."""

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
# So long does a test wait for what does not come.
PATIENCE = 60


class Running:
    """A command that runs; it is killed when nothing comes from it for too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        """The next line that it prints; empty when it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def lines_until(self, text: str) -> list[str]:
        """The lines up to the one that has a text."""
        lines: list[str] = []
        while not lines or text not in lines[-1]:
            lines.append(self.line())
            assert lines[-1], f"{text!r} never came: {lines}"
        return lines

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Sends a signal; returns exit code and what was still printed and said as error."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str, str]:
        """Waits for the end; returns exit code and what was still printed and said as error."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """The environment of the commands: nothing of the tester's settings, and warnings are errors."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "SYSTEMROOT"}}
    return {**kept, "HOME": str(tmp_path), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}


@pytest.fixture
def start(surroundings: dict[str, str]) -> Callable[..., Any]:
    """Starts `etelecom ...` and gives it as `Running`; it is killed at the end of the block."""

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
    """Runs `etelecom ...` to its end; returns exit code, output and errors."""

    def etelecom(*arguments: str, **settings: Any) -> tuple[int, str, str]:
        with start(*arguments, **settings) as running:
            result: tuple[int, str, str] = running.end()
            return result

    return etelecom


@pytest.fixture
def without_rich() -> tuple[str, ...]:
    """The command as it is where rich is not installed."""
    code = "import sys; sys.modules['rich'] = None; from etelecom_async.cli import main; sys.exit(main())"
    return sys.executable, "-c", code
