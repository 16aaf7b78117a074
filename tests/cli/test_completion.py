"""Test `etelecom completion`: the scripts for the shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ETELECOM, Terminal


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script(tool: Any, shell: str) -> None:
    """The script asks `etelecom` for completions, and the shell can read it, if it is installed."""
    result = tool("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert f"_ETELECOM_COMPLETE={shell}_complete" in result.out
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=result.out, text=True, check=True, timeout=60)


def test_bash_completes(tool: Any, surroundings: dict[str, str]) -> None:
    """In a real bash, the function of the script completes a value of an enum."""
    bash = _program("bash")
    script = tool("completion", "bash").out + (
        "COMP_WORDS=(etelecom shop call-logs list --direction ext_i)\nCOMP_CWORD=5\n"
        '_etelecom_completion etelecom\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = {**surroundings, "PATH": f"{ETELECOM.parent}:{surroundings['PATH']}"}
    command = [bash, "--norc", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert done.stdout == "ext_in\n"


def test_fish_completes(tool: Any, surroundings: dict[str, str], tmp_path: Path) -> None:
    """In a real fish, the script completes a value of an enum, with the words before it."""
    fish = _program("fish")
    (tmp_path / "etelecom.fish").write_text(tool("completion", "fish").out)
    line = 'complete --do-complete "etelecom shop call-logs list --direction ext_i"'
    command = [fish, "--no-config", "-c", f"source {tmp_path}/etelecom.fish; {line}"]
    environment = {**surroundings, "PATH": f"{ETELECOM.parent}:{surroundings['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert done.stdout.split() == ["ext_in"]


def test_zsh_completes(tool: Any, surroundings: dict[str, str], tmp_path: Path) -> None:
    """In a real zsh on a terminal, Tab completes a value of an enum."""
    zsh = _program("zsh")
    (tmp_path / ".zshrc").write_text(
        f"autoload -Uz compinit; compinit -u -d {tmp_path}/dump\n"
        f"{tool('completion', 'zsh').out}\nPS1='ready> '\n"
    )
    environment = {**surroundings, "PATH": f"{ETELECOM.parent}:{surroundings['PATH']}", "TERM": "dumb"}
    shell = Terminal(environment | {"ZDOTDIR": str(tmp_path)})
    code, shown = shell(
        "-i",
        program=zsh,
        answers=[
            ("ready> ", "etelecom shop call-logs list --direction ext_i\t"),
            ("ext_in", "\x15exit\r"),  # Ctrl-U removes the line
        ],
    )
    assert (code, "ext_in" in shown) == (0, True)


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed; `nox -s shells` installs it")
    return program


def test_unknown_shell(tool: Any) -> None:
    """Another shell is a usage error that names the three."""
    result = tool("completion", "csh")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "bash" in result.err


@pytest.mark.parametrize(
    "words",
    [
        "shop users create --password-file",
        "shop extensions list --key-file",
        "shop extensions list --body",
        "shop extensions list --output",
        "api Etelecom/GetTenant --body",
        "auth login --key-file",
    ],
)
def test_files_are_completed(tool: Any, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """After an option that takes a file, the shell completes names of files."""
    tool.set({"_ETELECOM_COMPLETE": "bash_complete", "COMP_WORDS": f"etelecom {words} /tm"})
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ") + 2))
    assert tool() == (0, "file,/tm\n", "")
