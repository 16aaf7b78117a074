"""Generated Python as the project's formatter would have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

PYPROJECT: Final = Path(__file__).resolve().parent.parent / "pyproject.toml"
# Sorted imports, and none that is not used: the emitters import all that a module may need.
_RULES: Final = "I001,F401"


def tidy(source: str, path: str) -> str:
    """
    Return *source* formatted.

    Args:
        source: Python.
        path: Its path in the project: some settings go by it.

    Raises:
        subprocess.CalledProcessError: It is no Python; a fault of the emitters.
    """
    fixed = _ruff(source, "check", "--quiet", "--fix-only", "--select", _RULES, "--stdin-filename", path)
    return _ruff(fixed, "format", "--quiet", "--stdin-filename", path)


def _ruff(source: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--config", str(PYPROJECT), "-"]
    done = subprocess.run(  # noqa: S603 - made of constants, and of paths that `emit` gives
        command, input=source, capture_output=True, encoding="utf-8", check=True, cwd=PYPROJECT.parent
    )
    return done.stdout
