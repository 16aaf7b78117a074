"""The ways of doing it. Each is made ready for the server at a URL, and gives what does it so many times."""

from __future__ import annotations

from typing import Final

KEY: Final = "1415892419793374698:not-a-real-key"
HOTLINE_ID: Final = "1382490423722550785"
AT_A_TIME: Final = 64
"""Creates under way at a time."""


def expect(found: object, wanted: object) -> None:
    """Make sure that what came back is what was asked for; a side that fails quietly would look quick."""
    if found != wanted:
        raise RuntimeError(f"a side got {found!r}, not {wanted!r}")
