"""
What all models have in common: plain export, and lists, maps and times that survive the wire's blanks.

The room reads no JSON; of msgspec it knows the word for a time that has an offset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast

import attrs
from msgspec import Meta

from etelecom_async._core.attachment import Attachment
from etelecom_async._core.secret import MASK, Secret

T = TypeVar("T")

# A reader sees a tuple, a dict and a time. The decoder sees that null may stand for a list or a map, so that
# it does not push a whole answer off the fast path (the model puts the empty one in its place), and that a
# time without an offset is none that may pass: the slow path knows what it means.
if TYPE_CHECKING:
    Many = tuple[T, ...]
    Map = dict[str, str]
    Moment = datetime
else:
    Many = tuple[T, ...] | None
    Map = dict[str, str] | None
    Moment = Annotated[datetime, Meta(tz=True)]


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


def to_moment(time: datetime | None) -> datetime | None:
    """
    Return *time* as a model holds it, which is aware; the fields' converter.

    A time without an offset is taken as UTC.
    """
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


NULL: Final[object] = None
"""What the wire may write for a list or a map; the type checkers, rightly, know it for neither."""

set_blank: Final = object.__setattr__
"""Puts the empty list or map in its place: called by a model, while it is made, of itself."""
