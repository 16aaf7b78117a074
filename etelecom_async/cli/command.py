"""
Define commands, lazy groups of commands, options in sections, and the error of a command.

This module imports click and nothing else, so that help, completion and usage errors stay quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import click

from etelecom_async.cli import exit_codes

_WIDTH: Final = 100
"""Columns of help texts, at the most."""
SETTINGS: Final[Mapping[str, Any]] = {"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH}
"""Settings of the context of every command."""


class CommandError(Exception):
    """
    A command cannot continue. The user sees only the message.

    Args:
        message: The problem, and how to solve it.
        exit_code: One of `exit_codes`.
    """

    def __init__(self, message: str, *, exit_code: int = exit_codes.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def usage_error(message: str) -> CommandError:
    """Return the error of a command that is used in a wrong way: an option, an argument or a file of it."""
    return CommandError(message, exit_code=exit_codes.USAGE)


class Option(click.Option):
    """
    An option in a section of the help.

    Args:
        flags: Its names, as in click.
        section: Heading in the help.
        settings: Settings of `click.Option`.
    """

    def __init__(self, *flags: str, section: str = "Options", **settings: Any) -> None:
        super().__init__(flags, **settings)
        self.section = section


class Command(click.Command):
    """
    A command whose help has sections and examples.

    Args:
        name: Last word of the command.
        examples: Shell lines for the end of the help.
        body_only: Parts of the request that only `--body` can have, as names of options.
        settings: Settings of `click.Command`.
    """

    def __init__(
        self, name: str, *, examples: Sequence[str] = (), body_only: Sequence[str] = (), **settings: Any
    ) -> None:
        super().__init__(name, context_settings=dict(SETTINGS), **settings)
        self.examples = examples
        self.body_only = body_only

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """
        Read the arguments.

        Raises:
            UsageError: They are wrong. The error names the command, so that its line can name the help.
        """
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click leaves it out for an option without its value
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, with a heading for each section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                sections.setdefault(getattr(param, "section", "Other options"), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, which must not be wrapped."""
        del ctx
        write_examples(formatter, self.examples)


def write_examples(formatter: click.HelpFormatter, examples: Iterable[str]) -> None:
    """Write a section of shell lines, without wrapping them."""
    if lines := list(examples):
        with formatter.section("Examples"):
            formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in lines))


class Entry(NamedTuple):
    """A command in a group, before it is made."""

    summary: str
    """One line for the list of commands."""
    load: Callable[[], click.Command]
    """Makes the command; called only for the one that is used."""
    is_listed: bool = True
    """Whether the help lists it with the other commands; it may have a line elsewhere."""


class Group(click.Group):
    """
    A group whose commands are made on first use.

    Args:
        name: Last word of the group.
        entries: Its commands by name.
        examples: Shell lines for the end of the help.
        nested: Commands in groups of this one, by their last word, for the error of a wrong word.
        first: Commands at the start of the help, with a line each; also some in groups of this one.
        settings: Settings of `click.Group`.
    """

    def __init__(
        self,
        name: str,
        entries: Mapping[str, Entry],
        *,
        examples: Sequence[str] = (),
        nested: Mapping[str, Sequence[str]] | None = None,
        first: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(name, context_settings=dict(SETTINGS), **settings)
        self.entries = entries
        self.examples = examples
        self.nested = nested or {}
        self.first = first or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with this name; underscores may stand for hyphens."""
        del ctx
        entry = self.entries.get(cmd_name.replace("_", "-"))
        return None if entry is None else entry.load()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """
        Return the name, the command and its arguments.

        Raises:
            UsageError: There is no such command; the text names a similar one.
        """
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            if name.startswith("-"):
                ctx.fail(f"No such option {name!r} here: options follow the command.")
            inside = self.nested.get(name.replace("_", "-"))
            guess = question(inside) if inside else did_you_mean(name, self.entries)
            ctx.fail(f"No such command {name!r}{guess}")
        return name if command else None, command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and their summaries, without making them."""
        del ctx
        if self.first:
            with formatter.section("Everyday words"):
                formatter.write_dl(list(self.first.items()))
        with formatter.section("Commands"):
            listed = {name: entry for name, entry in self.entries.items() if entry.is_listed}
            formatter.write_dl([(name, entry.summary) for name, entry in listed.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, which must not be wrapped."""
        del ctx
        write_examples(formatter, self.examples)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return the commands that start with *incomplete*, without making them, and the options."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=entry.summary)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


def similar(given: str, known: Iterable[str]) -> list[str]:
    """Return the names most similar to a wrong one, the best first. Hyphens at the start do not count."""
    from difflib import get_close_matches  # only an error needs it

    bare = {name.lstrip("-"): name for name in known}
    return [bare[close] for close in get_close_matches(given.lstrip("-"), bare, n=3, cutoff=0.6)]


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return the end of an error's sentence: a full stop, and the most similar names."""
    close = similar(given, known)
    return question(close) if close else "."


def question(names: Iterable[str]) -> str:
    """Return the end of an error's sentence: a full stop, and the names that may be meant."""
    return f". Did you mean {' or '.join(map(repr, names))}?"
