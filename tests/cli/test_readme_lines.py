"""Run the lines with `etelecom` in README in a real shell, against a sandbox."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import ETELECOM

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"(?:^\$ |\.venv/bin/)(etelecom .+)$", README, re.MULTILINE)


def test_lines_are_found() -> None:
    """The command of the first `sh` line is among them."""
    assert "etelecom demo" in LINES
    assert len(LINES) >= 4


@pytest.mark.parametrize("line", LINES)
def test_line_runs(line: str, service: Sandbox, surroundings: dict[str, str], tmp_path: Path) -> None:
    """The line ends with exit code 0. It prints lines, or writes them to the file that it names."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    path = f"{ETELECOM.parent}:{surroundings['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", line],
        check=False,
        cwd=tmp_path,
        env={**surroundings, **service.environment(), "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    _, _, file = line.partition(" > ")
    shown = (tmp_path / file).read_text(encoding="utf-8") if file else done.stdout
    assert shown.endswith("\n")
