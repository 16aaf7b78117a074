"""Test `etelecom help`."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli import exit_codes
from etelecom_async.cli.topics import TOPICS


def test_exit_codes(tool: Any) -> None:
    """`etelecom help exit-codes` lists every code with its meaning."""
    lines = tool("help", "exit-codes").out.splitlines()
    assert [int(line.split()[0]) for line in lines] == [0, 1, 2, 3, 4, 130]
    for line, meaning in zip(lines, exit_codes.MEANINGS.values(), strict=True):
        assert line.endswith(meaning)


@pytest.mark.parametrize("topic", TOPICS)
def test_topics(tool: Any, topic: str) -> None:
    """Each topic has a text, and `etelecom help` lists it."""
    result = tool("help", topic)
    assert (result.code, result.err) == (0, "")
    assert len(result.out.splitlines()) > 4
    assert f"{topic}: {TOPICS[topic][0]}." in tool("help").out or topic in tool("help", "help").out


def test_help_of_a_command(tool: Any) -> None:
    """`etelecom help COMMAND` is `etelecom COMMAND --help`."""
    for words in ("shop", "shop extensions", "shop extensions list", "zns messages send", "sandbox"):
        assert tool("help", *words.split()).out.split() == tool(*words.split(), "--help").out.split()


@pytest.mark.parametrize(
    ("words", "problem"),
    [("exit-code", "Did you mean 'exit-codes'?"), ("shop lists", "'lists'"), ("account more", "'more'.")],
)
def test_unknown(tool: Any, words: str, problem: str) -> None:
    """An unknown word is a usage error that names a similar topic or command."""
    result = tool("help", *words.split())
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err
