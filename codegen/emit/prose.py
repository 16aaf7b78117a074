"""Turn descriptions of the spec into docstrings with lines and sections."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

WIDTH: Final = 100
# A summary must be one line, so it may have the maximum length that the linter allows.
_LONGEST: Final = 110
_SENTENCE_END: Final = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<=[.!?])\s+(?=[\"'`(]?[A-Z0-9À-Ỹ])")
_QUOTES: Final = '"""'


def first_sentence(text: str) -> str:
    """Return the first sentence of *text*, with a full stop."""
    return sentence(_SENTENCE_END.split(text, maxsplit=1)[0])


def rest(text: str) -> str:
    """Return *text* without its first sentence."""
    _, *others = _SENTENCE_END.split(text, maxsplit=1)
    return "".join(others)


def sentence(text: str) -> str:
    """Return *text* with a capital at the start and a full stop at the end."""
    text = text.strip()
    if text and text[-1] not in ".!?:":
        text += "."
    # A name or a value keeps its spelling: `after_id`, eTelecom.
    return text[:1].upper() + text[1:] if re.match(r"[^\W\d_A-Z]+(?:[\s,.;:'-]|$)", text) else text


def opening(text: str) -> list[str]:
    """Return the first sentence of *text*, and the rest, as two paragraphs."""
    return [first_sentence(text), rest(text)]


def filled(text: str, indent: int, *, hanging: int = 0) -> list[str]:
    """Return *text* in lines no longer than the margin; lines after the first get *hanging* more columns."""
    pad = " " * indent
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=pad,
        subsequent_indent=pad + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def section(title: str, entries: Iterable[tuple[str, str]], indent: int) -> list[str]:
    """Return a Google-style section of named entries, or nothing if there are none."""
    lines: list[str] = []
    for name, text in entries:
        lines += filled(f"{name}: {text}", indent + 4, hanging=4)
    return [" " * indent + f"{title}:", *lines] if lines else []


def docstring(blocks: Sequence[str | list[str]], indent: int) -> str:
    """
    Return a docstring.

    Args:
        blocks: Its paragraphs: text to wrap, or lines that are already wrapped.
        indent: Number of columns before it.
    """
    pad = " " * indent
    paragraphs: list[list[str]] = []
    for block in filter(None, blocks):
        lines = filled(block, indent) if isinstance(block, str) else block
        if isinstance(block, str) and not paragraphs and indent + len(block) <= _LONGEST:
            lines = [pad + block]
        paragraphs.append([line.replace("\\", "\\\\").replace(_QUOTES, "'''") for line in lines])
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        line = f"{pad}{_QUOTES}{paragraphs[0][0].strip()}{_QUOTES}"
        if len(line) <= _LONGEST:
            return line
    body = "\n\n".join("\n".join(paragraph) for paragraph in paragraphs)
    return f"{pad}{_QUOTES}\n{body}\n{pad}{_QUOTES}"
