"""The alarms ring: an import that goes up, and generated code that was edited, are reported."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT_IMPORTS = [
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command as lint; lint()",
    "--no-cache",
]
CODEGEN_CHECK = [sys.executable, "-m", "codegen", "--check"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source, to be spoiled."""
    forget = shutil.ignore_patterns("__pycache__")
    for folder in ("codegen", "docs", "etelecom_async"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=forget)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Runs a check of `nox -s lint` in a folder; returns its exit code and everything it says."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def plant(module: Path, line: str) -> None:
    """Puts a line at the end of a module."""
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def test_layers_are_kept(copy: Path) -> None:
    """The source as it is breaks no contract, so what the tests below find is what they planted."""
    code, output = run(LINT_IMPORTS, copy)
    assert code == 0, output


@pytest.mark.parametrize(
    ("importer", "line", "contract"),
    [
        ("_core/codec/responses.py", "import etelecom_async._core.calls.engine", "Imports go down only"),
        ("_core/calls/engine.py", "import etelecom_async._client", "Imports go down only"),
        ("_client.py", "import etelecom_async.sandbox", "Imports go down only"),
        ("paging.py", "import etelecom_async._core.codec.responses", "Imports go down only"),
        (
            "sandbox/__init__.py",
            "import etelecom_async._core.http.transport",
            "The servers know the table and the wire",
        ),
        ("_core/calls/engine.py", "import aiohttp", "aiohttp lives in"),
        ("_core/calls/engine.py", "import tenacity", "tenacity lives in"),
        ("_core/calls/engine.py", "import msgspec", "cattrs and msgspec live in"),
        ("_client.py", "import rich", "rich lives in"),
        ("_core/codec/responses.py", "import codegen", "The generator writes names"),
    ],
)
def test_planted_import_is_reported(copy: Path, importer: str, line: str, contract: str) -> None:
    """An import that the layers forbid breaks the contract that forbids it, and the module is named."""
    plant(copy / "etelecom_async" / importer, line)
    code, output = run(LINT_IMPORTS, copy)
    broken = output.partition("Broken contracts")[2]
    assert code == 1, output
    assert contract in broken
    assert importer.removesuffix(".py").removesuffix("/__init__").replace("/", ".") in broken


def test_generated_code_is_what_the_spec_says(copy: Path) -> None:
    """The generated code as it is passes, so what the test below finds is what it touched."""
    code, output = run(CODEGEN_CHECK, copy)
    assert code == 0, output


@pytest.mark.parametrize(
    "file",
    [
        "etelecom_async/_generated/models/pbx.py",
        "etelecom_async/_generated/operations.py",
        "etelecom_async/_generated/resources/shop.py",
        "docs/operations.md",
    ],
)
def test_touched_generated_file_is_reported(copy: Path, file: str) -> None:
    """One line more in a generated file, and the check fails and names the file."""
    plant(copy / file, "")
    code, output = run(CODEGEN_CHECK, copy)
    assert code == 1, output
    assert file in output
