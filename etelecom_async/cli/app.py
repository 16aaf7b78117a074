"""Define the commands of `etelecom`, and run one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import click

from etelecom_async._version import __version__
from etelecom_async.cli import exit_codes, index, operation
from etelecom_async.cli.command import Command, CommandError, Entry, Group, did_you_mean
from etelecom_async.cli.signals import signals_interrupt, time_limit
from etelecom_async.cli.terminal import accept_all_letters, discard_output, note, open_closed_streams
from etelecom_async.cli.words import SUMMARIES

if TYPE_CHECKING:
    from etelecom_async import EtelecomError

NAME: Final = "etelecom"
_COMPLETE: Final = "_ETELECOM_COMPLETE"
_LAST_WRITE: Final = 1.0
"""Seconds for the last write of an interrupted command."""

# Short words for the parts of a shop that most commands are about.
_SHORT: Final = {"users": "shop.users", "zalo": "shop.zalo", "zns": "shop.zns"}
_WORDS: Final = ("calls", "connect", "explain", "sms", "users", "webhooks", "zns")
"""Commands with a module in `words`."""
_OTHERS: Final = {
    "auth": "store keys in profiles: login, logout, status",
    "config": "show and change the settings of a profile",
    "bulk": "show or continue a job that sends many messages",
    "provision": "set up employees and extensions from a spreadsheet",
    "api": "call any operation by its wire name",
    "operations": "list the operations and their commands",
    "sandbox": "run the service on this machine, with invented data",
    "demo": "run a typical program: set up a shop's telephones, read ten thousand call logs",
    "completion": "print the script that completes commands in bash, zsh or fish",
    "doctor": "check the way to the service and the keys, and say what to do about problems",
    "help": "explain a command or a topic, for example exit-codes",
}
"""Commands with a module of their own, which has a function `command`."""
_EXAMPLES: Final = (
    "etelecom sandbox                       # a service on this machine, and the variables to use it",
    "etelecom shop extensions list --limit 20",
    "etelecom calls list --day yesterday --missed",
    "etelecom users find '0901 234 567'",
    "etelecom shop users create --help",
    "etelecom help exit-codes",
)


def root() -> Group:
    """Return the command `etelecom`."""
    names = [name for name in index.children("") if name not in _OTHERS]
    entries = {name: operation.entry(index.children("")[name]) for name in names}
    entries |= {
        word: Entry(f"{index.summary(path)} Short for `{index.words(path)}`.", _loader_of_group(word, path))
        for word, path in _SHORT.items()
    }
    for word in _WORDS:
        summary = entries[word].summary if word in entries else _summary_of(word)
        entries[word] = Entry(summary, _loader(f"words.{word}"), is_listed=word in entries)
    entries |= {name: Entry(text, _loader(name)) for name, text in _OTHERS.items()}
    group = Group(
        NAME,
        dict(sorted(entries.items())),
        help="eTelecom on the command line: cloud PBX (tổng đài), Zalo messaging and SMS.",
        examples=_EXAMPLES,
        nested=index.nested_groups(),
        first=SUMMARIES,
        subcommand_metavar="COMMAND ...",
    )
    version = click.version_option(__version__, message=f"{NAME} %(version)s")
    return version(group)


def _summary_of(word: str) -> str:
    """Return one line about a command in everyday words, or about the first command of a group."""
    return next(summary for words, summary in SUMMARIES.items() if words.split()[0] == word)


def _loader(name: str) -> Callable[[], click.Command]:
    return lambda: cast(
        "click.Command", import_module(f"etelecom_async.cli.{_MODULES.get(name, name)}").command()
    )


_MODULES: Final = {"config": "configuration", "doctor": "doctor.command", "help": "topics"}


def _loader_of_group(word: str, path: str) -> Callable[[], click.Command]:
    return lambda: operation.group(path, word)


def run(arguments: Sequence[str]) -> int:
    """Run a command, and return the exit code."""
    open_closed_streams()
    accept_all_letters()
    try:
        with signals_interrupt():
            code = _run(arguments)
            sys.stdout.flush()
    except click.ClickException as error:
        code = _fail_of_usage(error)
    except CommandError as error:
        code = _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _end_interrupted()
    except BrokenPipeError:
        # The reader has closed the pipe, as in `etelecom demo --json | true`.
        discard_output(sys.stdout)
        code = exit_codes.FAILED
    except OSError as error:
        discard_output(sys.stdout)
        code = _fail(f"cannot read or write: {error}", exit_codes.FAILED)
    except _errors_of_sdk() as error:
        from etelecom_async.cli import failures

        code = _fail(failures.text_of(error), failures.exit_code_of(error))
    return code


def _run(arguments: Sequence[str]) -> int:
    command = root()
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(command, {}, NAME, _COMPLETE, instruction)
    try:
        with command.make_context(NAME, list(arguments)) as context:
            return cast("int", command.invoke(context) or exit_codes.DONE)
    except click.exceptions.Exit as error:
        return error.exit_code


def _errors_of_sdk() -> type[EtelecomError]:
    """Load the errors of the SDK; called only if an error came that is none of the command line's."""
    from etelecom_async import EtelecomError

    return EtelecomError


def _fail_of_usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
        return exit_codes.USAGE
    text = _no_such_option(error) if isinstance(error, click.NoSuchOption) else error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        end = "" if text.endswith((".", "?")) else "."
        text = f"{text}{end} Help: {context.command_path} --help"
    return _fail(text, exit_codes.USAGE)


def _no_such_option(error: click.NoSuchOption) -> str:
    name, command = error.option_name, error.ctx.command if error.ctx else None
    parts = command.body_only if isinstance(command, Command) else ()
    if name.startswith(tuple(f"{part}." for part in parts)) or name in parts:
        return f"No such option {name!r}: only --body FILE can have this part of the request."
    return f"No such option {name!r}{did_you_mean(name, error.possibilities or ())}"


def _end_interrupted() -> int:
    """Write what is left, but do not wait for a reader that has stopped reading."""
    try:
        with time_limit(_LAST_WRITE):
            note("interrupted")
            sys.stdout.flush()
    except OSError:  # too late, or the reader has closed the pipe
        discard_output(sys.stdout, sys.stderr)
    return exit_codes.INTERRUPTED


def _fail(text: str, exit_code: int) -> int:
    note(text)
    return exit_code
