"""Test `etelecom provision`: its help and wrong input; `test_provision_run.py` has what it does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.cli.extras import install_command

if TYPE_CHECKING:
    from collections.abc import Callable


def test_help(tool: Any) -> None:
    """The help lists the five commands, and each has its own."""
    shown = tool("provision", "--help").out
    for word, option in {
        "plan": "--detailed-exitcode",
        "apply": "--credentials",
        "status": "JOURNAL",
        "export": "--shop-keys",
        "move": "--from",
    }.items():
        assert f"\n  {word} " in shown
        assert option in tool("provision", word, "--help").out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("plan",), "Missing argument 'FILE'"),
        (("plan", "a.csv", "--map", "phone"), "'phone' has not the form name=value"),
        (("plan", "a.csv", "--numbers", "x"), "'x' has not the form 1001 or 1001-1999"),
        (("apply", "a.csv", "--settle-after", "x"), "'x' is no length of time"),
        (("apply", "a.csv", "--max-changes", "-1"), "-1 is below 0"),
        (("move", "--from", "1"), "Missing option '--to'"),
        (("move", "--to", "1", "--extensions", "a=1001"), "'a=1001' has not the form"),
    ],
)
def test_wrong_command_line(tool: Any, arguments: tuple[str, ...], problem: str) -> None:
    """A wrong command line ends with exit code 2, and one line."""
    result = tool("provision", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("filelock", "filelock"),
        ("charset_normalizer", "charset-normalizer"),
        ("python_calamine", "python-calamine"),
    ],
)
def test_missing_package(start: Callable[..., Any], tmp_path: Any, module: str, package: str) -> None:
    """Without a package of the extra, one line ends with the install command."""
    file = tmp_path / ("a.xlsx" if module == "python_calamine" else "a.csv")
    file.write_bytes(b"PK\3\4" if module == "python_calamine" else "Số điện thoại".encode("cp1258", "ignore"))
    code = (
        f"import sys; sys.modules[{module!r}] = None; from etelecom_async.cli import main; "
        f"sys.exit(main(['provision', 'plan', {str(file)!r}]))"
    )
    with start(command=(sys.executable, "-c", code)) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"etelecom: {package} is not installed.")
    packages = ("charset-normalizer", "filelock", "python-calamine", "xlsxwriter")
    assert err.endswith(f"Install it: {install_command(*packages)}\n")
