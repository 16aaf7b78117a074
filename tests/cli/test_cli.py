"""Test the command line as a whole: its arguments and its exit codes."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

import etelecom_async
from etelecom_async.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable


def test_help_lists_every_command(etelecom: Callable[..., Any], surroundings: dict[str, str]) -> None:
    """`etelecom --help` lists each command with its summary, and each command has its own help."""
    surroundings["COLUMNS"] = "300"
    code, out, err = etelecom("--help")
    assert (code, err) == (0, "")
    for command in COMMANDS:
        assert f"{command.name} " in out
        assert command.summary in out
        code, out_of_command, err = etelecom(command.name, "--help")
        assert (code, err) == (0, "")
        assert command.description in out_of_command


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "COMMAND"),
        (("sandbix",), "'sandbix'"),
        (("demo", "--call-logs", "-1"), "-1 is negative"),
        (("demo", "--call-logs", "many"), "'many'"),
        (("demo", "--tenants", "3"), "--tenants"),
        (("sandbox", "--port", "65536"), "65536 is above 65535"),
        (("sandbox", "--seed", "x"), "'x'"),
    ],
)
def test_wrong_command_line(etelecom: Callable[..., Any], arguments: tuple[str, ...], problem: str) -> None:
    """A wrong command line ends with exit code 2, and the last line names the problem."""
    code, out, err = etelecom(*arguments)
    assert (code, out) == (2, "")
    assert problem in err.splitlines()[-1]
    assert err.startswith("usage: etelecom")


def test_module_is_the_command(etelecom: Callable[..., Any]) -> None:
    """`python -m etelecom_async` is the same as `etelecom`."""
    expected = (0, f"etelecom {etelecom_async.__version__}\n", "")
    assert etelecom("--version") == expected
    assert etelecom("--version", command=(sys.executable, "-m", "etelecom_async")) == expected


def test_error_of_the_sdk_is_one_line(etelecom: Callable[..., Any], surroundings: dict[str, str]) -> None:
    """An `EtelecomError` ends with exit code 1 and its text, without a traceback."""
    surroundings["ETELECOM_WIRE_NAMES"] = "nonsense"
    code, out, err = etelecom("demo", "--json")
    assert (code, out) == (1, "")
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
