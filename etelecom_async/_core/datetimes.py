"""
Find the class `datetime` itself, also while a test tool replaces it.

freezegun replaces each attribute of each module that is the class `datetime` by a subclass. A type that was
resolved in that time would name the subclass, and converters keep resolved types for the life of the process.
So this module has a function, because freezegun would replace a constant, too.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast


def real_datetime() -> type[datetime]:
    """Return the class `datetime` of the standard library."""
    return cast("type[datetime]", next(kind for kind in datetime.__mro__ if kind.__module__ == "datetime"))
