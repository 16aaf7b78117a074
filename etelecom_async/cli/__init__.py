"""
Run the command `etelecom`: parse the command line, run one command, convert its errors to an exit code.

- `sandbox`: `etelecom sandbox` runs the service on this machine.
- `demo`: `etelecom demo` shows a typical program.
- `story`: the calls of the demo.
- `command`: the definition of a command, and its error.
- `console`: the output: lines, a progress bar, tables.
- `extras`: the shell command that installs a missing optional package.

A command is one file with a `Command`, and an entry in `COMMANDS` here.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final

from etelecom_async import EtelecomError, __version__
from etelecom_async.cli.command import Command, CommandError
from etelecom_async.cli.demo import DEMO
from etelecom_async.cli.sandbox import SANDBOX

COMMANDS: Final = (SANDBOX, DEMO)

# The exit code that a shell reports for a program that Ctrl-C ended.
_INTERRUPTED: Final = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command and return the exit code: 0 success, 1 failure, 2 wrong usage, 130 interrupted.

    Args:
        arguments: Arguments after `etelecom`. Default: those of the process.
    """
    options = _parser().parse_args(arguments)
    command: Command = options.command
    _let_signals_interrupt()
    try:
        return asyncio.run(_run(command, options))
    except CommandError as error:
        return _fail(str(error), error.exit_code)
    except EtelecomError as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # The reader has closed the pipe, as in `etelecom demo --json | true`. The rest must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="etelecom", description="eTelecom on the command line.")
    parser.add_argument("--version", action="version", version=f"etelecom {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = commands.add_parser(command.name, help=command.summary, description=command.description)
        command.add_arguments(subparser)
        subparser.set_defaults(command=command)
    return parser


def _let_signals_interrupt() -> None:
    """Let Ctrl-C and SIGTERM interrupt the command, also as a background job where shells ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


async def _run(command: Command, options: argparse.Namespace) -> int:
    # A handler of the event loop makes the loop wake up for every signal. Without it, the loop would notice a
    # signal that comes just before it starts to wait only after the next event.
    with contextlib.suppress(NotImplementedError):  # on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
    return await command.run(options)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def _fail(text: str, exit_code: int) -> int:
    print(f"etelecom: {text}", file=sys.stderr)
    return exit_code
