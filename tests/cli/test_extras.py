"""Test the shell command that installs a missing optional package."""

from __future__ import annotations

import shlex
import sys
import tomllib
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from etelecom_async.cli.extras import install_command

PYPROJECT = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a pip to the environment, whatever tool created it."""
    module = ModuleType("pip")
    module.__spec__ = ModuleSpec("pip", None)
    monkeypatch.setitem(sys.modules, "pip", module)


def _installed(folder: Path, *requirements: str) -> None:
    """Write the metadata of an installed `etelecom-async` into a folder."""
    information = folder / "etelecom_async-0.1.0.dist-info"
    information.mkdir()
    lines = ["Metadata-Version: 2.4", "Name: etelecom-async", "Version: 0.1.0"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
    (information / "METADATA").write_text("\n".join(lines), encoding="utf-8")


def test_every_requirement_of_the_extra() -> None:
    """The command installs exactly what `pyproject.toml` states, with the running interpreter."""
    requirements = PYPROJECT["project"]["optional-dependencies"]["cli"]
    assert requirements
    for requirement in requirements:
        command = install_command(requirement.partition(">=")[0])
        assert shlex.split(command) == [sys.executable, "-m", "pip", "install", requirement]


def test_the_extra_of_the_sandbox() -> None:
    """The extra `sandbox` is enough for `etelecom sandbox`: it has everything that the commands need."""
    assert "etelecom-async[cli]" in PYPROJECT["project"]["optional-dependencies"]["sandbox"]


def test_several_packages() -> None:
    """One command installs several packages."""
    words = shlex.split(install_command("click", "rich"))
    assert [word.partition(">=")[0] for word in words[-2:]] == ["click", "rich"]


def test_command_does_not_name_the_project() -> None:
    """The command does not name `etelecom-async`: an index may lack it, or have another such package."""
    assert "etelecom-async" not in install_command("rich").removeprefix(shlex.quote(sys.executable))


def test_a_shell_reads_it_as_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A space in the path and a `>` in the bounds are quoted."""
    monkeypatch.setattr(sys, "executable", "/home/a b/.venv/bin/python")
    command = install_command("rich")
    assert command.startswith("'/home/a b/.venv/bin/python' -m pip install 'rich>=")


def test_without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without pip, as uv creates it, gets a command of uv for the same interpreter."""
    monkeypatch.setitem(sys.modules, "pip", None)
    words = shlex.split(install_command("rich"))
    assert words[:-1] == ["uv", "pip", "install", "--python", sys.executable]
    assert words[-1].startswith("rich>=")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cheese>=2; extra == 'cli'", "cheese>=2"),
        ("cheese[hard]<4,>=2.1; extra == 'cli'", "cheese[hard]<4,>=2.1"),
        ("cheese ; extra == 'cli'", "cheese"),
    ],
)
def test_bounds(written: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds come from the installed metadata, without the extra's marker, and only for the exact name."""
    _installed(tmp_path, "cheese-knife>=9; extra == 'cli'", written)
    monkeypatch.syspath_prepend(tmp_path)
    assert shlex.split(install_command("cheese"))[-1] == expected


def test_unknown_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is missing in the metadata, for example of an older installation, has no bounds."""
    _installed(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert shlex.split(install_command("rich"))[-1] == "rich"


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source folder on the path that was never installed still gets a working command."""
    monkeypatch.setattr(metadata, "requires", _no_metadata)
    assert shlex.split(install_command("rich"))[-1] == "rich"


def _no_metadata(name: str) -> list[str]:
    raise metadata.PackageNotFoundError(name)
