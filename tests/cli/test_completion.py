"""Test `etelecom completion`: the scripts for the shells."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest


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
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = tool("completion", "bash").out + (
        "COMP_WORDS=(etelecom shop call-logs list --direction ext_i)\nCOMP_CWORD=5\n"
        '_etelecom_completion etelecom\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    from tests.cli.conftest import ETELECOM

    environment = {**surroundings, "PATH": f"{ETELECOM.parent}:{surroundings['PATH']}"}
    command = [bash, "--norc", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert done.stdout == "ext_in\n"


def test_unknown_shell(tool: Any) -> None:
    """Another shell is a usage error that names the three."""
    result = tool("completion", "csh")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "bash" in result.err
