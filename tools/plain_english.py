"""
Check that texts are plain English: `python -m tools.plain_english [PATH ...]`.

The command reads Markdown, docstrings, comments, and the texts of errors, warnings and logs. A sentence has
at most 25 words. Code, tables and addresses do not count. Some phrases are forbidden, because they are hard
to understand for many readers. Without a PATH, the command reads each Markdown and Python file of git.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

MOST_WORDS: Final = 25
PHRASES: Final = re.compile(
    r"\b(?:all the same|where left out|of which|by which|it is told|nobody knows|comes to|at hand"
    r"|at its mercy|is no fault of|mend(?:s|ed|ing)?|gone|heed(?:s|ed)?|befalls?|befell|whoever|thereof"
    r"|thereby|wherein)\b",
    re.IGNORECASE,
)
"""Forbidden phrases; a code span may contain them."""
OPENINGS: Final = re.compile(
    r"(?:Who [a-z]+s |What (?:is|was|were|came|comes|has|had|can|cannot|are|will) (?!.*\?$))"
)
"""Beginnings of a sentence whose subject is a clause."""
INDENT: Final = 4
"""Blanks that make a block literal, or an argument part of a section."""
ITEM: Final = re.compile(r"^[-*]\s+")
"""Beginning of a list item."""
ARGUMENT: Final = re.compile(r"^\*{0,2}\w+: ")
"""Beginning of an argument in a section of a docstring."""
SECTION: Final = re.compile(r"(?:Args|Attributes|Raises|Returns|Warns|Yields):$")
"""Title of a section in a docstring, in Google's style."""
NAMES: Final = re.compile(r"\((?:[\w.`-]+, )+(?:(?:and|or) )?[\w.`-]+\)")
"""A list of names in parentheses. It counts as one word, like a code span."""
IGNORED: Final = ("tests/contract/samples/", "tests/codegen/example/")
"""Samples in the vendor's words, and generated examples."""


class Text(NamedTuple):
    """A piece of prose, with its line and kind."""

    line: int
    kind: str
    text: str


class Problem(NamedTuple):
    """A sentence that breaks a rule."""

    file: str
    line: int
    kind: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {self.problem}"


def problems(file: str, content: str) -> Iterator[Problem]:
    """Yield the sentences of a file that break a rule."""
    texts = markdown(content) if file.endswith(".md") else python(content)
    for text in texts:
        for sentence in sentences(text.text):
            count = len(words(sentence))
            if text.kind != "comment" and count > MOST_WORDS:
                shown = " ".join(sentence.split())
                yield Problem(file, text.line, text.kind, f"{count} words in a sentence: {shown}")
            if found := PHRASES.search(sentence) or OPENINGS.match(sentence):
                yield Problem(
                    file, text.line, text.kind, f"rephrase {found[0].strip()!r}: {sentence.strip()}"
                )


def markdown(content: str) -> Iterator[Text]:
    """Yield the paragraphs, list items and headings of a Markdown file, without code and tables."""
    is_code = False
    lines: list[str] = []
    start = 1
    for number, line in enumerate([*content.splitlines(), ""], 1):
        stripped = line.strip()
        is_fence = stripped.startswith(("```", "~~~"))
        begins = re.match(r"\s*(?:[-*+]|\d+\.)\s|#|>|<", line)
        if is_code or is_fence or not stripped or stripped.startswith("|") or begins:
            if lines:
                yield Text(start, "text", "\n".join(lines))
            lines = []
        if is_fence:
            is_code = not is_code
        elif not is_code and stripped and not stripped.startswith(("|", "<")):
            start = start if lines else number
            lines.append(re.sub(r"^\s*(?:[-*+]|\d+\.|#+|>)\s+", "", line))


def python(content: str) -> Iterator[Text]:
    """Yield docstrings, comments, and the texts of errors, warnings and logs of a Python file."""
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield from docstring(node.value.value, node.lineno)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from arguments(node.exc, "error text")
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in {"message", "hint"} for target in node.targets
        ):
            yield from strings(node.value, "error text")
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"debug", "info", "warning", "error", "exception", "warn"}
        ):
            yield from arguments(node, "log text")
    yield from comments(content)


def docstring(text: str, line: int) -> Iterator[Text]:
    """
    Yield the paragraphs, list items and arguments of a docstring.

    A literal block is no prose: it follows a blank line, and is indented more than the text around it.
    """
    lines = text.splitlines()
    margin = min((indent(each) for each in lines[1:] if each.strip()), default=0)
    block: list[str] = []
    start = line
    level = margin
    is_literal = is_blank = False
    for number, each in enumerate([*lines, ""], line):
        stripped = each.strip()
        depth = margin if number == line else indent(each)
        if stripped:
            is_literal = depth >= level + INDENT and (is_literal or is_blank)
        begins = ARGUMENT if depth == level > margin else ITEM
        is_prose = bool(stripped) and not is_literal and not stripped.startswith((">>>", "|"))
        if block and (not is_prose or begins.match(stripped) or SECTION.match(stripped)):
            yield Text(start, "docstring", "\n".join(block))
            block = []
        if is_prose:
            start = start if block else number
            block.append(begins.sub("", stripped))
            # The arguments of a section are indented, and are prose.
            level = margin + INDENT if SECTION.match(stripped) else margin if depth == margin else level
        is_blank = not stripped


def indent(line: str) -> int:
    """Return the number of blanks at the beginning of a line."""
    return len(line) - len(line.lstrip())


def arguments(call: ast.Call, kind: str) -> Iterator[Text]:
    """Yield the texts among the arguments of a call."""
    for argument in call.args:
        yield from strings(argument, kind)


def strings(node: ast.expr, kind: str) -> Iterator[Text]:
    """Yield the literal texts of an expression; each value in an f-string counts as a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Text(node.lineno, kind, node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "`value`" for part in node.values]
        yield Text(node.lineno, kind, "".join(parts))
    elif isinstance(node, ast.BinOp):
        yield from strings(node.left, kind)
        yield from strings(node.right, kind)
    elif isinstance(node, ast.Tuple):
        for element in node.elts:
            yield from strings(element, kind)


def comments(content: str) -> Iterator[Text]:
    """Yield the comments; consecutive lines are one text."""
    block: list[str] = []
    start = last = 0
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type != tokenize.COMMENT or re.match(r"#\s*(?:noqa|type:|pyright:|pragma|!)", token.string):
            continue
        line = token.start[0]
        if block and line != last + 1:
            yield Text(start, "comment", "\n".join(block))
            block = []
        start = start if block else line
        last = line
        block.append(token.string.lstrip("# "))
    if block:
        yield Text(start, "comment", "\n".join(block))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; a code span, an address or a list of names becomes one word."""
    text = re.sub(r"``?[^`]+``?", "`code`", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = NAMES.sub("(names)", text)
    text = re.sub(r"https?://\S+", "address", text)
    text = re.sub(r"\b(?:e\.g|i\.e|etc|vs|no)\.", "eg", text)
    parts = re.split(r"(?<=[.!?])[\s\"')\]*_]+(?=[A-Z`\"'(\[*_]|\d)|\n\n", text)
    return [part for part in parts if part.strip()]


def words(sentence: str) -> list[str]:
    """Return the words of a sentence."""
    return re.findall(r"[^\W_][\w'%.-]*", sentence)


def tracked() -> list[str]:
    """Return the tracked files, without the ignored ones."""
    process = subprocess.run(["git", "ls-files", "*.md", "*.py"], capture_output=True, check=True, text=True)  # noqa: S607 - the developer's git
    return [file for file in process.stdout.splitlines() if not file.startswith(IGNORED)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each problem; return 1 if there is any."""
    files = list(sys.argv[1:] if arguments is None else arguments) or tracked()
    found = [problem for file in files for problem in problems(file, Path(file).read_text(encoding="utf-8"))]
    for problem in found:
        print(problem)
    print(f"{len(found)} to rephrase in {len(files)} files")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
