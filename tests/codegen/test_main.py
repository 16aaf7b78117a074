"""The command writes the generated files, and `--check` lists files that are out of date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.__main__ import main

ROOT = Path(__file__).parent.parent.parent
MODELS = "etelecom_async/_generated/models/desk.py"


@pytest.fixture
def project(written: Path, tmp_path: Path) -> Path:
    """Return a project whose generated files are up to date."""
    return Path(shutil.copytree(written, tmp_path / "project"))


def check(project: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code of --check and its lines."""
    code = main(["--check"], project)
    return code, capsys.readouterr().err.splitlines()


def test_check_of_current_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` accepts files that the command just wrote."""
    assert check(project, capsys) == (0, [])


def test_check_lists_differences(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` lists a changed, a missing and an extra file and the command to run; it changes no file."""
    touched = project / MODELS
    touched.write_text(touched.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    (project / "docs/operations.md").unlink()
    extra = project / "etelecom_async/_generated/resources/mine.py"
    extra.write_text("")
    assert check(project, capsys) == (
        1,
        [
            "extra: etelecom_async/_generated/resources/mine.py",
            "missing: docs/operations.md",
            f"stale: {MODELS}",
            "Regenerate with: python -m codegen",
        ],
    )
    assert touched.read_text(encoding="utf-8").endswith("# mine\n")
    assert extra.exists()


def test_check_finds_one_changed_byte(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The comparison uses bytes, so a different line end is a difference."""
    file = project / MODELS
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n", 1))
    assert check(project, capsys)[1][0] == f"stale: {MODELS}"


def test_check_finds_changed_overlay(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file has the digest of spec and overlay, so `--check` finds an edit without regeneration."""
    overlay = project / "codegen/overlay.toml"
    overlay.write_text(overlay.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    code, lines = check(project, capsys)
    assert code == 1
    assert f"stale: {MODELS}" in lines


def test_writing_updates_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes missing and stale files, deletes extra ones, and does not touch the rest."""
    (project / "docs/operations.md").unlink()
    (project / MODELS).write_text("")
    (project / "etelecom_async/_generated/mine.py").write_text("")
    rest = project / "etelecom_async/_generated/operations.py"
    os.utime(rest, (0, 0))
    assert main([], project) == 0
    assert check(project, capsys) == (0, [])
    assert rest.stat().st_mtime == 0


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_bad_spec_writes_nothing(
    example: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad spec reports all problems, writes no file, and returns 1."""
    del example.at("components", "schemas", "Box")["description"]
    del example.at("paths", "/{scope}.Misc/Ping", "post")["summary"]
    assert main(arguments, example.save()) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[-1] == "2 problems; no file was written."
    assert not (example.root / "etelecom_async").exists()


def test_as_a_command() -> None:
    """`python -m codegen --help` works in the project's folder, and does not import the package."""
    code = (
        "import runpy, sys\n"
        "sys.argv = ['codegen', '--help']\n"
        "try:\n    runpy.run_module('codegen', run_name='__main__')\n"
        "except SystemExit as done:\n    assert done.code == 0\n"
        "assert not [name for name in sys.modules if name.startswith('etelecom_async')]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--check" in done.stdout
