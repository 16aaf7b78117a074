"""
What all models have in common: plain export, and lists, maps and times that survive the wire's blanks.

The room knows no JSON library; `wire` builds and reads the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from etelecom_async._core.attachment import Attachment
from etelecom_async._core.secret import MASK, Secret

T = TypeVar("T")

# A reader sees a tuple and a dict. The decoder sees that null may stand for either, so that a null list
# does not push a whole answer off the fast path; `settle` puts the empty one in its place.
if TYPE_CHECKING:
    Many = tuple[T, ...]
    Map = dict[str, str]
else:
    Many = tuple[T, ...] | None
    Map = dict[str, str] | None


@attrs.frozen(eq=False)
class Model:
    """The base of every request and answer: frozen, slotted, made by keyword."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data: dicts, lists, texts, datetimes; secrets masked, files by name."""
        kind: Any = type(self)
        return {name: _plain(getattr(self, name)) for name in _names(kind)}


@cache
def _names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(model))


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return value.to_dict()
    if type(value) in _LEAVES:
        return _LEAVES[type(value)](value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, object]", value).items()}
    return value


_LEAVES: Final[Mapping[type, Callable[[Any], str]]] = {
    Secret: lambda secret: MASK if secret else "",
    Attachment: lambda file: file.name,
}


def settle(instance: Model, *names: str) -> None:
    """
    Put in order what the wire writes for "nothing": called by a model that has lists, maps or times.

    Null becomes the empty tuple or dict. The time `0001-01-01T00:00:00Z`, which the platform writes for a
    time never set, becomes `None`. A time without an offset is taken as UTC, so that every time is aware.
    """
    kind: Any = type(instance)
    for name in names:
        value = getattr(instance, name)
        if value is None:
            blank = _blanks(kind).get(name)
            if blank is not None:
                object.__setattr__(instance, name, blank.copy() if isinstance(blank, dict) else blank)
        elif value.__class__ is datetime:
            if value.year == 1:
                object.__setattr__(instance, name, None)
            elif value.tzinfo is None:
                object.__setattr__(instance, name, value.replace(tzinfo=UTC))


@cache
def _blanks(model: Any) -> dict[str, tuple[()] | dict[str, str]]:
    """Return the empty value of each list and map field."""
    blanks: dict[str, tuple[()] | dict[str, str]] = {}
    for field in attrs.fields(model):
        if field.default == ():
            blanks[field.name] = ()
        elif getattr(field.default, "factory", None) is dict:
            blanks[field.name] = {}
    return blanks
