"""
The command `etelecom`: reads the command line, runs one command, turns what it raises into an exit code.

The floor plan, from the door inwards:

    sandbox    `etelecom sandbox`: the service on this machine
    demo       `etelecom demo`: the main job, shown
    story      what the demo does, as a program of yours would do it
    command    what a command is made of; how it says that it cannot go on
    console    what people see: lines, a progress bar, tables
    extras     the shell command that installs a missing optional package

A command is one file with a `Command`, and its place in `COMMANDS` here.
"""

import argparse
import asyncio
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

# What a shell reports of a program that Ctrl-C ended.
_INTERRUPTED: Final = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return the exit code: 0 done, 1 failed, 2 not understood, 130 interrupted.

    Args:
        arguments: What follows the command's name; else what the program was started with.
    """
    options = _parser().parse_args(arguments)
    command: Command = options.command
    _let_signals_interrupt()
    try:
        return asyncio.run(command.run(options))
    except CommandError as error:
        return _fail(str(error), error.exit_code)
    except EtelecomError as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # Nobody reads any more, as in `etelecom demo --json | true`: what is buffered must not fail at exit.
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
    """Let Ctrl-C and SIGTERM do the same, also in a job that a shell has started to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def _fail(text: str, exit_code: int) -> int:
    print(f"etelecom: {text}", file=sys.stderr)
    return exit_code
