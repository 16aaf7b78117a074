"""
Define the base of all models, and types for lists, maps and times that accept null and empty values.

This module reads no JSON. It imports only one name from msgspec: the mark for a time with an offset.
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
from etelecom_async._core.datetimes import real_datetime
from etelecom_async._core.secret import MASK, Secret

T = TypeVar("T")

# Type checkers see a tuple, a dict and a datetime. The decoder sees more:
# - Null is accepted for a list or a map, and the model replaces it with an empty one. If null were refused,
#   the whole response would need the slow decoder.
# - A time without an offset is refused, because only the slow decoder knows its time zone.
if TYPE_CHECKING:
    Many = tuple[T, ...]
    Map = dict[str, str]
    Moment = datetime
else:
    Many = tuple[T, ...] | None
    Map = dict[str, str] | None
    Moment = Annotated[real_datetime(), Meta(tz=True)]


@attrs.frozen(eq=False)
class Model:
    """Base of every request and result: frozen, with slots and keyword arguments."""

    def to_dict(self) -> dict[str, Any]:
        """
        Return the fields as plain data: dicts, lists, strings, numbers and datetimes.

        Enums are their texts, secrets are masked, and files are their names. JSON has no datetimes: write it
        with `json.dumps(model.to_dict(), default=datetime.isoformat)`.
        """
        kind: Any = type(self)
        return {name: _plain(getattr(self, name)) for name in _names(kind)}


@cache
def fields_of(model: Any) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a model with their types. The first use may be in time frozen by freezegun."""
    return tuple(attrs.fields(attrs.resolve_types(model, localns={"datetime": real_datetime()})))


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
    Return *time* as an aware datetime. This is the converter of the models' fields.

    A time without an offset is taken as UTC.
    """
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


NULL: Final[object] = None
"""Null in place of a list or a map. Its type is `object`, because the declared types do not allow `None`."""

set_blank: Final = object.__setattr__
"""Replaces null with an empty list or map while a frozen model is being created."""
