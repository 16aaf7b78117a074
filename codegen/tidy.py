"""Generated Python, formatted as the project's formatter does it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PYPROJECT: Final = Path(__file__).resolve().parent.parent / "pyproject.toml"
# Sort imports and drop unused ones: the emitters import everything that a module may need.
_RULES: Final = "I001,F401"


def tidy(sources: Mapping[str, str]) -> dict[str, str]:
    """
    Return *sources* formatted.

    Args:
        sources: Python, by its path in the project: some settings depend on the path.

    Raises:
        subprocess.CalledProcessError: A source is not Python; the emitters are at fault.
    """
    with TemporaryDirectory() as folder:
        for path, source in sources.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(source.encode())
        # Files by name: ruff skips excluded folders, and nox puts the temporary one into `.nox`.
        _ruff(folder, "check", "--quiet", "--fix-only", "--select", _RULES, *sources)
        _ruff(folder, "format", "--quiet", *sources)
        return {path: Path(folder, path).read_bytes().decode() for path in sources}


def _ruff(folder: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--config", str(PYPROJECT)]
    subprocess.run(  # noqa: S603 - made of constants, and of paths that `emit` gives
        command, capture_output=True, check=True, cwd=folder
    )
