"""Test what `etelecom calls sync` accepts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.extras import install_command

SYNC = ("calls", "sync")
USUAL = (*SYNC, "--database", "calls.db", "--since", "-7d")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--since", "2999-01-01"), "--since is 2999-01-01 00:00 in Hanoi, which is not past"),
        (("--since", "2026-11-28T09:30"), "has no offset"),
        (("--every", "0s"), "--every takes 1s or more"),
        (("--every", "5"), "is no length of time"),
        (("--deadline", "5m"), "--deadline is for --shops"),
        (("--shops", "all", "--deadline", "0m"), "--deadline takes 1s or more"),
        (("--shops", "all", "--shop", "Mây"), "--shops and --shop exclude each other"),
        (("--shops", "all", "--key-file", "-"), "--shops and --key-file exclude each other"),
        (("--shops", "all", "--dry-run"), "--shops and --dry-run exclude each other"),
        (("--look-back", "0"), "0 is below 1"),
        (("--windows", "65"), "65 is above 64"),
        (("--database", " "), "the text is empty"),
    ],
)
def test_wrong_options(tool: Any, folder: Path, options: tuple[str, ...], problem: str) -> None:
    """Wrong options are usage errors that name the option, and nothing is created."""
    result = tool(*USUAL, *options)
    assert (result.code, result.out) == (2, "")
    assert problem in result.err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("missing", ["--database", "--since"])
def test_required_options(tool: Any, missing: str) -> None:
    """The database and the first day must be named."""
    given = {"--database": "calls.db", "--since": "-7d"}
    del given[missing]
    result = tool(*SYNC, *(word for pair in given.items() for word in pair))
    assert result.code == 2
    assert missing in result.err


@pytest.mark.parametrize("package", ["sqlalchemy", "filelock", "pyarrow"])
def test_missing_package(surroundings: dict[str, str], package: str) -> None:
    """Without a package of the extra, the error names the extra and the command that installs all."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; from etelecom_async.cli import main; sys.exit(main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *USUAL], capture_output=True, text=True, env=surroundings, check=False
    )
    assert result.returncode == 2
    assert (
        f"{package} is not installed. A sync needs it, and it is part of the extra `sync`." in result.stderr
    )
    assert install_command("aiosqlite", "filelock", "pyarrow", "sqlalchemy") in result.stderr
