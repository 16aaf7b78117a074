"""Test the command line as a whole: its arguments and its exit codes."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

import etelecom_async
from etelecom_async.cli.app import root
from etelecom_async.cli.extras import install_command

if TYPE_CHECKING:
    from collections.abc import Callable


def test_help_lists_every_command(
    etelecom: Callable[..., Any], tool: Any, surroundings: dict[str, str]
) -> None:
    """`etelecom --help` lists each command with its summary, and each command has its own help."""
    surroundings["COLUMNS"] = "300"
    code, out, err = etelecom("--help")
    assert (code, err) == (0, "")
    for name, entry in root().entries.items():
        assert re.search(rf"^  {name} +", out, re.MULTILINE)
        assert entry.summary in re.sub(r"\s+", " ", out)
    for name in ("sandbox", "demo"):
        code, out_of_command, err = tool(name, "--help")
        assert (code, err) == (0, "")
        assert "Examples:" in out_of_command


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("sandbix",), "'sandbix'"),
        (("demo", "--call-logs", "-1"), "-1 is below 0"),
        (("demo", "--call-logs", "many"), "'many'"),
        (("demo", "--tenants", "3"), "--tenants"),
        (("sandbox", "--port", "65536"), "65536 is above 65535"),
        (("sandbox", "--seed", "x"), "'x'"),
    ],
)
def test_wrong_command_line(tool: Any, arguments: tuple[str, ...], problem: str) -> None:
    """A wrong command line ends with exit code 2, and one line names the problem and the help."""
    code, out, err = tool(*arguments)
    assert (code, out) == (2, "")
    assert problem in err
    assert err.startswith("etelecom: ")
    assert err.endswith(" --help\n")
    assert err.count("\n") == 1


def test_no_command(etelecom: Callable[..., Any]) -> None:
    """Without a command, the help goes to stderr, and the exit code is 2: a script has lost a word."""
    code, out, err = etelecom()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: etelecom [OPTIONS] COMMAND ...")


def test_missing_click(start: Callable[..., Any]) -> None:
    """Without the extra `cli`, one line ends with the install command."""
    code = "import sys; sys.modules['click'] = None; from etelecom_async.cli import main; sys.exit(main())"
    with start("sandbox", command=(sys.executable, "-c", code)) as running:
        ended, out, err = running.end()
    assert (ended, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("etelecom: click is not installed.")
    assert err.endswith(f"Install it: {install_command('click', 'rich')}\n")


def test_module_is_the_command(etelecom: Callable[..., Any]) -> None:
    """`python -m etelecom_async` is the same as `etelecom`."""
    expected = (0, f"etelecom {etelecom_async.__version__}\n", "")
    assert etelecom("--version") == expected
    assert etelecom("--version", command=(sys.executable, "-m", "etelecom_async")) == expected


def test_error_of_the_sdk_is_one_line(tool: Any) -> None:
    """An `EtelecomError` ends with the code of its kind and its text, without a traceback."""
    tool.set({"ETELECOM_WIRE_NAMES": "nonsense"})
    code, out, err = tool("demo", "--json", "--call-logs", "10")
    assert (code, out) == (2, "")
    assert err.startswith("etelecom: ")
    assert "ETELECOM_WIRE_NAMES" in err
    assert err.count("\n") == 1


def test_closed_pipe(start: Callable[..., Any]) -> None:
    """If the reader closes the pipe, the command ends with exit code 1 and prints no error."""
    with start("demo", "--call-logs", "0", "--json") as running:
        running.process.stdout.close()
        assert running.process.stderr.read() == ""
        assert running.process.wait() == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_background_job_can_be_stopped(start: Callable[..., Any], number: signal.Signals) -> None:
    """Background jobs of a shell ignore Ctrl-C; nevertheless both signals stop the command."""
    shell = ("sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "etelecom_async")
    with start("sandbox", "--json", command=shell) as running:
        running.line()
        assert running.stop(number) == (0, "", "")


def test_ctrl_c_at_the_start(start: Callable[..., Any]) -> None:
    """Ctrl-C while the command still loads is one line, without a traceback."""
    code = """
import sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from etelecom_async.cli import main
sys.exit(main())
"""
    with start("operations", command=(sys.executable, "-c", code)) as running:
        assert running.end() == (130, "", "etelecom: interrupted\n")
