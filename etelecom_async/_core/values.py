"""
Name values in error texts without showing them, because they may be secret or personal.

A caller may put a key, a password or the data of a template into any argument. So an error text about an
argument shows its name and the type of its value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Final, cast

_NAME: Final = r"[^\W\d][\w.-]{0,60}"
_MOST_KINDS: Final = 3


def kind_of(value: object) -> str:
    """Return the type of *value*; of a list, also the types of its items."""
    if value is None or (isinstance(value, str) and not value):
        return repr(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(value))
    kind = type(value).__name__
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted({type(item).__name__ for item in cast("Collection[object]", value)})
        return f"{kind} of {', '.join(items[:_MOST_KINDS])}" if items else f"empty {kind}"
    return kind


def quoted_name(name: object) -> str:
    """Return *name* in quotes if it has the form of a name, else its type."""
    is_name = isinstance(name, str) and re.fullmatch(_NAME, name) is not None
    return repr(name) if is_name else kind_of(name)
