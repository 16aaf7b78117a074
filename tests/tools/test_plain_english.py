"""The check for plain English finds long sentences and forbidden phrases, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import plain_english

LONG = " ".join(["word"] * 26)
FINE = " ".join(["word"] * 25)


def found(file: str, content: str) -> list[str]:
    """Return the problems of a file: the kind of text, and the first words."""
    return [f"{each.kind}: {each.problem[:12]}" for each in plain_english.problems(file, content)]


@pytest.mark.parametrize(
    "content",
    [
        f"{FINE}. {FINE.capitalize()}.",
        f"- {FINE}\n- {FINE}",
        f"{FINE}\n\n{FINE}",
        f"```sh\n{LONG}\n```",
        f"| {LONG} |",
        f"word [{FINE[:-10]}](https://example.com/{LONG.replace(' ', '/')})",
        f"{FINE[:-5]} `{LONG}`",
        "`What is` told by `mend`.",
        f"{FINE[:-5]} (one, `two`, and three-four).",
    ],
)
def test_fine_markdown(content: str) -> None:
    """Short sentences, code, tables, addresses, code spans and lists of names are fine."""
    assert found("page.md", content) == []


@pytest.mark.parametrize("content", [f"{LONG}.", f"- {LONG}", f"# {LONG}", f"Word. {LONG.capitalize()}"])
def test_long_sentence(content: str) -> None:
    """A sentence of 26 words is reported in any kind of paragraph."""
    assert found("page.md", content) == ["text: 26 words in "]


@pytest.mark.parametrize(
    "sentence",
    [
        "It is there all the same.",
        "Default 5 where left out.",
        "Mend it.",
        "Who leaves early cancels the calls.",
        "What was sent is not sent again.",
        "It has gone.",
    ],
)
def test_phrase(sentence: str) -> None:
    """A forbidden phrase, or a clause as the subject, is reported."""
    assert [each[:14] for each in found("page.md", sentence)] == ["text: rephrase"]


def test_question_is_no_clause() -> None:
    """A question may begin with the same word."""
    assert found("page.md", "What is a hook?") == []


SOURCE = f'''
"""{LONG}."""


def call(a):
    """
    Fine.

    Args:
        a: {LONG}.
        b: {FINE}.
    """
    # {FINE} whoever
    hint = "{LONG}"
    if a:
        message = f"{{a}} {LONG}"
        raise ValueError(message)
    raise ValueError("{LONG}", f"{FINE[:-10]} {{a}}")
    logger.warning("{LONG}")
    name = "{LONG}"
'''


def test_python() -> None:
    """The check reads docstrings and their arguments, comments, errors, hints and logs; nothing else."""
    assert sorted(found("module.py", SOURCE)) == [
        "comment: rephrase 'wh",
        "docstring: 26 words in ",
        "docstring: 26 words in ",
        "error text: 26 words in ",
        "error text: 26 words in ",
        "error text: 27 words in ",
        "log text: 26 words in ",
    ]


BLOCKS = f'''
def call():
    """
    Fine:

        {LONG}

        {LONG}
          {LONG}
    - {FINE} in a list.
    {FINE}:

      {FINE}

    Args:
        a: {FINE[:-10]}
            {FINE}

            {LONG}
        b: {FINE}.

    {LONG} (in parentheses)
    """
'''


def test_literal_blocks() -> None:
    """An indented block after a blank line is not read; a continued line, a list and an argument are."""
    lines = [problem.line for problem in plain_english.problems("module.py", BLOCKS)]
    assert [BLOCKS.splitlines()[line - 1].strip()[:9] for line in lines] == [
        "- word wo",
        "a: word w",
        "word word",
    ]
    assert lines[-1] == BLOCKS.count("\n") - 1


def test_main(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints file, line and sentence, and its exit code is 1 if there is a problem."""
    page = tmp_path / "page.md"
    page.write_text("Fine.\n\nIt has gone.\n", encoding="utf-8")
    assert plain_english.main([str(page)]) == 1
    assert f"{page}:3: text: rephrase 'gone': It has gone." in capsys.readouterr().out
    page.write_text("Fine.\n", encoding="utf-8")
    assert plain_english.main([str(page)]) == 0
