"""Check Python names, and convert wire names to free ones."""

from __future__ import annotations

import keyword
import re
from typing import Final

# Names in the annotations of generated classes; a member with such a name would hide them.
_USED_IN_CLASSES: Final = frozenset(
    {
        "Any",
        "Coroutine",
        "Many",
        "Map",
        "Mapping",
        "Moment",
        "NULL",
        "Paging",
        "Secret",
        "SecretLike",
        "Sequence",
        "attrs",
        "bool",
        "bytes",
        "datetime",
        "dict",
        "float",
        "int",
        "models",
        "ops",
        "set_blank",
        "str",
        "tuple",
    }
)
# Names inside generated methods, and the methods of every model.
_USED_IN_METHODS: Final = frozenset({"from_dict", "request", "self", "to_dict", "to_json"})
_SNAKE: Final = re.compile(r"[a-z][a-z0-9_]*")


def is_field_name(name: str) -> bool:
    """Return whether *name* is lower_case, as names of fields and methods must be."""
    return _SNAKE.fullmatch(name) is not None


def is_free_step(name: str) -> bool:
    """Return whether *name* can be a part of a dotted public name."""
    return is_field_name(name) and not keyword.iskeyword(name) and name not in _USED_IN_CLASSES


def is_free_field(name: str) -> bool:
    """Return whether *name* can be a field of a model and a keyword of a method."""
    return is_free_step(name) and name not in _USED_IN_METHODS


def free(name: str) -> str:
    """Return *name*, with a trailing underscore if the name is already in use."""
    return f"{name}_" if is_field_name(name) and not is_free_field(name) else name


def is_class_name(name: str) -> bool:
    """Return whether *name* is a valid class name."""
    return re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) is not None and not keyword.iskeyword(name)


def member(value: str) -> str:
    """Return the UPPER_CASE name of an enum's *value*; the result is not always an identifier."""
    separated = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value)
    return re.sub(r"\W+", "_", separated).upper()


def is_member_name(name: str) -> bool:
    """Return whether *name* is a valid name of an enum member."""
    return re.fullmatch(r"[A-Z][A-Z0-9_]*", name) is not None


def pascal(name: str) -> str:
    """Return *name* as part of a class's name."""
    return "".join(word.capitalize() for word in name.split("_"))
