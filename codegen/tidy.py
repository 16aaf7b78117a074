"""Format generated Python with the project's formatter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PYPROJECT: Final = Path(__file__).resolve().parent.parent / "pyproject.toml"
# Sort imports and remove unused ones: the emitters import everything that a module may need.
_RULES: Final = "I001,F401"


def tidy(sources: Mapping[str, str]) -> dict[str, str]:
    """
    Return *sources* formatted.

    Args:
        sources: Python code by its path in the project; some settings depend on the path.

    Raises:
        subprocess.CalledProcessError: A source is not valid Python, because of a bug in the emitters.
    """
    with TemporaryDirectory() as folder:
        for path, source in sources.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(source.encode())
        # Pass each file: ruff skips excluded folders, and nox creates the temporary folder in `.nox`.
        _ruff(folder, "check", "--quiet", "--fix-only", "--select", _RULES, *sources)
        _ruff(folder, "format", "--quiet", *sources)
        return {path: Path(folder, path).read_bytes().decode() for path in sources}


def _ruff(folder: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--config", str(PYPROJECT)]
    subprocess.run(  # noqa: S603 - ruff of this Python; the arguments are constants and paths from `emit`
        command, capture_output=True, check=True, cwd=folder
    )
