"""Turn results into plain data with the names of the wire, and mask their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final, cast

from etelecom_async import Secret
from etelecom_async._core.model import Model, fields_of, write_time
from etelecom_async._core.secret import MASK, is_masked_name
from etelecom_async.times import local

Row = dict[str, Any]


class Plain:
    """
    Converts results.

    Args:
        reveal: Whether to show secrets.
        write: Writes a time.
    """

    def __init__(self, *, reveal: bool, write: Callable[[datetime], str] = write_time) -> None:
        self.reveal = reveal
        self.write = write

    def row(self, result: object) -> Row:
        """Return the fields of a model, or of a JSON object, by their names on the wire."""
        if isinstance(result, Model):
            kind: Any = type(result)
            return {wire: self._value(getattr(result, name)) for name, wire in _names(kind)}
        return self._object(cast("Mapping[str, object]", result))

    def _object(self, value: Mapping[str, object]) -> Row:
        # Only the name shows what is secret in an object without a model.
        return {
            name: MASK if item and not self.reveal and is_masked_name(name) else self._value(item)
            for name, item in value.items()
        }

    def _value(self, value: object) -> object:
        if isinstance(value, Model | Mapping):
            return self.row(cast("object", value))
        if isinstance(value, tuple | list):
            return [self._value(item) for item in cast("tuple[object, ...]", value)]
        return self._leaf(value)

    def _leaf(self, value: object) -> object:
        if isinstance(value, Secret):
            return value.reveal() if self.reveal else (MASK if value else "")
        if isinstance(value, Enum):
            return value.value
        return self.write(value) if isinstance(value, datetime) else value


def hanoi(moment: datetime) -> str:
    """Return a time as people in Hanoi read it."""
    return local(moment).strftime(_FORMAT)


_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return the fields of a model: the name in Python, and the name on the wire."""
    return tuple((field.name, field.metadata.get("wire") or field.name) for field in fields_of(kind))
