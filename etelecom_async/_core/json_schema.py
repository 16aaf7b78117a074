"""
Describe models as JSON Schema, for the documentation of web services.

This module validates nothing. It describes enums as texts, because the API may add values at any time. Only a
request that takes a complete list of values has the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import attrs

from etelecom_async._core.attachment import Attachment
from etelecom_async._core.secret import Secret

_SIMPLE: Final[Mapping[Any, Mapping[str, str]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    Secret: {"type": "string", "format": "password"},
    Attachment: {"type": "string"},
    NoneType: {"type": "null"},
}


def json_schema(kind: Any, items: Mapping[Any, Any] | None = None) -> dict[str, Any]:
    """
    Return the JSON Schema of a type.

    Args:
        kind: A model, or the type of a field.
        items: The types that stand for the type variables of a generic model.
    """
    if isinstance(kind, TypeVar):
        return json_schema(items[kind]) if items and kind in items else {}
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if attrs.has(kind):
        return _object(kind)
    if _is_text(kind):
        return {"type": "string"}
    return _composed(get_origin(kind) or kind, get_args(kind), items)


def _is_text(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, str)


def _composed(origin: Any, parts: Sequence[Any], items: Mapping[Any, Any] | None) -> dict[str, Any]:
    """Return the schema of a type that consists of others."""
    if origin is Annotated:
        return json_schema(parts[0], items)
    if origin is Literal:
        return {"type": "string", "enum": list(parts)}
    if origin in (Union, UnionType):
        if any(get_origin(part) is Literal for part in parts):
            # The complete list of an enum: its texts say more than its class.
            parts = [part for part in parts if not _is_text(part)]
        schemas = [json_schema(part, items) for part in parts]
        different = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
        return different[0] if len(different) == 1 else {"anyOf": different}
    if origin in (tuple, Sequence):
        return {"type": "array", "items": json_schema(parts[0], items)}
    return {"type": "object"} if origin in (dict, Mapping) else {}


def _object(kind: Any) -> dict[str, Any]:
    """Return the schema of a model, which may be a generic alias."""
    model: Any = get_origin(kind) or kind
    items = dict(zip(getattr(model, "__parameters__", ()), get_args(kind), strict=False))
    fields: Sequence[attrs.Attribute[Any]] = attrs.fields(attrs.resolve_types(model))
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    properties = {field.name: json_schema(field.type, items) for field in fields}
    schema = {"title": model.__name__, "type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema
