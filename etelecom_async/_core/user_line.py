"""Find the line of the caller's code that a warning is about."""

from __future__ import annotations

import inspect
from typing import Final

_INTERNAL: Final = frozenset({__name__.partition(".")[0], "attr", "cattrs", "contextlib"})
"""Top-level modules that stand between the caller's line and a warning."""
_GENERATED: Final = ("<attrs generated", "<cattrs generated")
"""Beginnings of the file names of functions that attrs and cattrs generate."""


def stack_level() -> int:
    """
    Return the `stacklevel` of `warnings.warn` for the caller's line, seen from the function that calls this.

    For code in its own task, it is a line of asyncio.
    """
    level, frame = 0, inspect.currentframe()
    while frame is not None and _is_internal(frame.f_globals.get("__name__", ""), frame.f_code.co_filename):
        level, frame = level + 1, frame.f_back
    return level


def _is_internal(module: str, file: str) -> bool:
    return module.partition(".")[0] in _INTERNAL or file.startswith(_GENERATED)
