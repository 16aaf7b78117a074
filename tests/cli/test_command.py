"""Test the common parts of commands: errors, options in sections, groups that load on first use."""

from __future__ import annotations

from typing import Any

import click
import pytest

from etelecom_async.cli.command import (
    Command,
    CommandError,
    CommandWithGroup,
    Entry,
    Group,
    Option,
    did_you_mean,
    similar,
)


def test_exit_code_of_an_error() -> None:
    """A `CommandError` has exit code 1 by default, and 2 for wrong usage."""
    assert CommandError("no").exit_code == 1
    assert CommandError("no", exit_code=2).exit_code == 2


def group(made: list[str]) -> Group:
    """Return a group of two commands that note when they are made."""

    def load(name: str) -> Command:
        made.append(name)
        return Command(
            name,
            params=[
                Option("--size", section="Shape"),
                Option("--hue", section="Look"),
                Option("--old", hidden=True),
            ],
            callback=lambda **given: given,
            examples=[f"tool {name} --size 1     # as it is, however long the line may be for this terminal"],
        )

    names = ("big-dog", "cat")
    entries = {name: Entry(f"a {name}", lambda name=name: load(name)) for name in names}
    return Group("tool", entries, examples=["tool cat"])


def test_only_the_used_command_is_made() -> None:
    """The help of a group makes no command, and a call makes only its own."""
    made: list[str] = []
    pets = group(made)
    context = click.Context(pets, info_name="tool")
    shown = pets.get_help(context)
    assert "big-dog  a big-dog" in shown
    assert shown.endswith("Examples:\n  tool cat")
    assert [item.value for item in pets.shell_complete(context, "b")] == ["big-dog"]
    assert made == []
    assert pets.resolve_command(context, ["big_dog", "--size"])[2] == ["--size"]
    assert made == ["big-dog"]


def test_help_has_sections() -> None:
    """The options of a command are under their headings, and the examples keep their form."""
    command = group([]).entries["cat"].load()
    shown = command.get_help(click.Context(command, info_name="cat", terminal_width=60))
    headings = [line for line in shown.splitlines() if line.endswith(":")]
    assert headings == ["Shape:", "Look:", "Other options:", "Examples:"]
    assert "--old" not in shown
    assert "  tool cat --size 1     # as it is, however long the line may be for this terminal" in shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cet", "No such command 'cet'. Did you mean 'cat'?"),
        ("zebra", "No such command 'zebra'."),
        ("--size", "No such option '--size' here: options follow the command."),
    ],
)
def test_unknown_command(name: str, text: str) -> None:
    """The error names a similar command, if there is one."""
    pets = group([])
    with pytest.raises(click.UsageError) as raised:
        pets.resolve_command(click.Context(pets), [name])
    assert raised.value.message == text


def test_unknown_command_while_completing() -> None:
    """Completion after a wrong word completes nothing, and raises nothing."""
    pets = group([])
    context = click.Context(pets, resilient_parsing=True)
    assert pets.resolve_command(context, ["cet", "--size"]) == (None, None, ["--size"])


def test_similar_names() -> None:
    """The best name is first; without a similar one the sentence only ends."""
    assert similar("lst", ["send", "list", "lists"])[0] == "list"
    assert did_you_mean("x", ["send"]) == "."
    assert did_you_mean("lst", ["send", "list"]) == ". Did you mean 'list'?"


def test_first_commands_of_a_help() -> None:
    """A group can start its help with chosen commands, and leave some out of its list."""
    entries = {"dog": Entry("a dog", Command), "fish": Entry("a fish", Command, is_listed=False)}
    made = Group("tool", entries, first={"dog bark": "let it bark"})
    with click.Context(made, info_name="tool") as context:
        text = made.get_help(context)
    assert text.index("Everyday words:\n  dog bark  let it bark") < text.index("Commands:\n  dog  a dog")
    assert "fish" not in text
    assert made.list_commands(context) == ["dog", "fish"]


def test_option_without_its_value(tool: Any) -> None:
    """The error of an option without its value names the help of the command, as other errors do."""
    result = tool("shop", "extensions", "list", "--limit")
    assert result == (
        2,
        "",
        "etelecom: Option '--limit' requires an argument. Help: etelecom shop extensions list --help\n",
    )


def test_a_command_with_commands() -> None:
    """Without an inner command, the command runs itself; with one, only that one runs."""
    ran: list[object] = []

    def run(size: str | None) -> int:
        ran.append(size)
        return 0

    inner = Command("cat", callback=lambda: ran.append("cat"))
    made = CommandWithGroup(
        "tool",
        {"cat": Entry("a cat", lambda: inner)},
        params=[Option("--size", section="Shape")],
        run=run,
    )
    for arguments in ([], ["--size", "1"], ["cat"]):
        made.main(arguments, standalone_mode=False)
    assert ran == [None, "1", "cat"]
    with pytest.raises(click.UsageError, match="Option '--size' does not belong to 'cat'"):
        made.main(["--size", "1", "cat"], standalone_mode=False)
    with click.Context(made, info_name="tool") as context:
        shown = made.get_help(context)
    assert shown.index("Shape:") < shown.index("Commands:")
