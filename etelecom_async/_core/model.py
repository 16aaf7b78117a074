"""
Define the base of all models, and types for lists, maps and times that accept null and empty values.

This module reads no JSON; the codec above it registers the function that does. It imports only one name from
msgspec: the mark for a time with an offset.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from importlib import import_module
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    Protocol,
    Self,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

import attrs
from msgspec import Meta

from etelecom_async._core.attachment import Attachment
from etelecom_async._core.datetimes import real_datetime
from etelecom_async._core.plurals import counted
from etelecom_async._core.secret import MASK, Secret, is_masked_name
from etelecom_async._core.tracebacks import boundary

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


class Read(Protocol):
    """Type of the function that creates a model from plain data."""

    def __call__(self, kind: Any, data: Any, *, ignore_unknown: bool) -> Any:
        """Return a model of class *kind*, which may be a generic alias."""


class Reader:
    """Holds the function that creates a model from plain data. The codec sets it when it is imported."""

    read: Read

    def __getattr__(self, name: str) -> Any:
        """Import the codec, which sets `read`: a program may use a model before it creates a client."""
        if name != "read":
            raise AttributeError(name)
        import_module(_CODEC)
        return READER.__dict__["read"]


_CODEC: Final = "etelecom_async._core.codec.converters"
READER: Final = Reader()


@attrs.frozen(eq=False, repr=False)
class Model:
    """Base of every request and result: frozen, with slots and keyword arguments."""

    def __repr__(self) -> str:
        """Return the class and the fields that are set, and shorten long values."""
        shown = ", ".join(f"{name}={_short(value)}" for name, value in set_fields(self).items())
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str:
        """Return the fields that are set as an HTML table, for notebooks."""
        from etelecom_async._core.html_tables import fields_table

        return fields_table(type(self).__name__, cells(self))

    def to_dict(
        self, *, mode: Literal["python", "json"] = "python", unset_ids_as_none: bool = False
    ) -> dict[str, Any]:
        """
        Return the fields as plain data: dicts, lists, strings, numbers and times.

        Enums are their texts, secrets are masked, and files are their names.

        Args:
            mode: `python` keeps times as datetimes; `json` writes them as texts, for example
                `2026-01-02T12:00:00Z`.
            unset_ids_as_none: Whether an id that is not set becomes `None`. The API sends `"0"` or an empty
                text for it. An id that you chose yourself, for example `external_id`, may be `"0"`.
        """
        plain = _Plain(is_json=_is_json(mode), unset_ids_as_none=unset_ids_as_none)
        return plain.fields(self)

    def to_json(self, *, unset_ids_as_none: bool = False) -> str:
        """
        Return the fields as a JSON text, as `to_dict(mode="json")` has them.

        Args:
            unset_ids_as_none: Whether an id that is not set becomes null.
        """
        fields = self.to_dict(mode="json", unset_ids_as_none=unset_ids_as_none)
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    @boundary
    def from_dict(cls, data: Mapping[str, Any], *, ignore_unknown: bool = False) -> Self:
        """
        Create a model from plain data: from either form of `to_dict()`, or from a JSON object of the API.

        A field may have its name here or its name in the API. A masked secret has no text: `reveal()` raises
        an error. The content of a file is not in plain data, so a file must be an `Attachment`.

        Args:
            data: The fields by their names.
            ignore_unknown: Whether to skip fields that the model does not have.

        Raises:
            InvalidRequestError: A field is unknown, missing or of a wrong type; see `.problems`.
        """
        return cast("Self", READER.read(cls, data, ignore_unknown=ignore_unknown))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return the schema with which pydantic, and so FastAPI, reads and writes models."""
        from pydantic import WithJsonSchema
        from pydantic_core import core_schema

        from etelecom_async._core.json_schema import json_schema

        described = handler.generate_schema(Annotated[Any, WithJsonSchema(json_schema(source))])

        def read(value: object) -> object:
            return value if isinstance(value, cls) else READER.read(source, value, ignore_unknown=False)

        def write(model: Model, info: core_schema.SerializationInfo) -> dict[str, Any]:
            return model.to_dict(mode="json" if info.mode == "json" else "python")

        serializer = core_schema.plain_serializer_function_ser_schema(
            write, info_arg=True, return_schema=described
        )
        return core_schema.no_info_after_validator_function(read, described, serialization=serializer)


@cache
def fields_of(model: Any) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a model with their types. The first use may be in time frozen by freezegun."""
    kind = class_of(model)
    return tuple(attrs.fields(attrs.resolve_types(kind, localns={"datetime": real_datetime()})))


def class_of(kind: Any) -> Any:
    """Return the class of a generic alias; another type unchanged."""
    origin: Any = get_origin(kind)
    return origin or kind


def parts_of(kind: Any) -> tuple[Any, ...]:
    """Return the types of a union; another type alone."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def value_type(kind: Any) -> Any:
    """Return the first type of a field that is not `None`."""
    return next(part for part in parts_of(kind) if part is not type(None))


def set_fields(model: Model) -> dict[str, object]:
    """
    Return the fields that are set, as a person may see them: they may end up in logs and shared notebooks.

    A field whose name stands for secret or personal data is masked, also if its type is a plain text. The URL
    of a recording may open it without a key, so only the number of recordings is shown.
    """
    kind: Any = type(model)
    values = [(name, getattr(model, name)) for name in _names(kind)]
    shown = {name: value for name, value in values if value not in _BLANK}
    for name in _guarded_names(kind) & shown.keys():
        shown[name] = _guarded(name, shown[name])
    return shown


def cells(model: Model) -> dict[str, object]:
    """Return the fields that are set, as cells of a table: lists, maps and models become short texts."""
    return {name: _cell(value) for name, value in set_fields(model).items()}


def _cell(value: object) -> object:
    if isinstance(value, Model):
        from etelecom_async._core.html_tables import shown

        return ", ".join(f"{name}: {shown(cell)}" for name, cell in cells(value).items())
    if isinstance(value, tuple | list):
        items = cast("tuple[object, ...]", value)
        texts = [str(_cell(item)) for item in items[:_MOST]]
        return "; ".join([*texts, f"… {len(items)} items"] if len(items) > _MOST else texts)
    is_plain = isinstance(value, str | int | float | Enum | Secret | datetime)
    return value if is_plain else _short(value)


class _Guarded(str):
    """A text in place of a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self}>"


def _guarded(name: str, value: object) -> object:
    if name == _RECORDINGS:
        count = len(cast("tuple[object, ...]", value))
        return _Guarded(counted(count, "recording"))
    return value if isinstance(value, Secret) else _Guarded(MASK)


@cache
def _guarded_names(model: Any) -> frozenset[str]:
    return frozenset(name for name in _names(model) if name == _RECORDINGS or is_masked_name(name))


_RECORDINGS: Final = "recording_urls"


@cache
def _names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(model))


def _is_json(mode: str) -> bool:
    if mode not in ("python", "json"):
        message = f"mode is 'python' or 'json', not {mode!r}."
        raise ValueError(message)
    return mode == "json"


@attrs.frozen
class _Plain:
    """Converts models to plain data."""

    is_json: bool
    unset_ids_as_none: bool

    def fields(self, model: Model) -> dict[str, Any]:
        kind: Any = type(model)
        fields = {name: self._value(getattr(model, name)) for name in _names(kind)}
        if self.unset_ids_as_none:
            for name, unset in unset_ids(kind).items():
                if fields[name] in unset:
                    fields[name] = None
        return fields

    def _value(self, value: object) -> object:
        if isinstance(value, Model):
            return self.fields(value)
        if type(value) in _LEAVES:
            return _LEAVES[type(value)](value)
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, tuple | list):
            return [self._value(item) for item in cast("tuple[object, ...]", value)]
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in cast("Mapping[str, object]", value).items()}
        return write_time(value) if self.is_json and isinstance(value, datetime) else value


_LEAVES: Final[Mapping[type, Callable[[Any], str]]] = {
    Secret: lambda secret: MASK if secret else "",
    Attachment: lambda file: file.name,
}
_UNSET_ID: Final = "0"
_CALLERS_IDS: Final = ("external_", "tracking_")
"""Beginnings of the names of ids that the caller chooses, so that `0` may be one."""


@cache
def unset_ids(model: Any) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of a model that are ids, each with the texts that mean "not set"."""
    names = (name for name in _names(model) if name == "id" or name.endswith("_id"))
    return {name: ("",) if name.startswith(_CALLERS_IDS) else ("", _UNSET_ID) for name in names}


_BLANK: Final[tuple[object, ...]] = (None, "", (), [], {})
_LONGEST: Final = 100
"""Characters of a text, or of a list, that a repr shows."""
_MOST: Final = 3
"""Items of a list that a repr shows."""


def _short(value: object) -> str:
    if isinstance(value, tuple | list):
        items = cast("tuple[object, ...]", value)
        shown = [_short(item) for item in items[:_MOST]]
        return f"[{', '.join(shown)}{f', … {len(items)} items' if len(items) > _MOST else ''}]"
    text = repr(value)
    if isinstance(value, Model) or len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}…"


def to_moment(time: datetime | None) -> datetime | None:
    """
    Return *time* as an aware datetime. This is the converter of the models' fields.

    A time without an offset is taken as UTC.
    """
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


def write_time(when: datetime) -> str:
    """Return a time in the format of RFC 3339."""
    # Not `when.isoformat()`: subclasses may write nanoseconds, or another format.
    return real_datetime().isoformat(when).replace("+00:00", "Z")


NULL: Final[object] = None
"""Null in place of a list or a map. Its type is `object`, because the declared types do not allow `None`."""

set_blank: Final = object.__setattr__
"""Replaces null with an empty list or map while a frozen model is being created."""
