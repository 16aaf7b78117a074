"""
Create the models that a request contains from dicts, which a caller may pass in their place.

The checks refuse dicts with wrong fields before. This module contains no operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeVar, cast, get_args, get_origin

import attrs

from etelecom_async._core.model import Model, fields_of, value_type

ModelT = TypeVar("ModelT", bound=Model)

_Convert = Callable[[object], object]


@cache
def field_names(kind: Any) -> Mapping[str, str]:
    """Return the names that a dict may have for the fields of *kind*: their own, and those in the API."""
    sent = [field for field in fields_of(kind) if "local" not in field.metadata]
    return {field.metadata.get("wire", field.name): field.name for field in sent} | {
        field.name: field.name for field in sent
    }


def to_model(kind: type[ModelT], fields: Mapping[Any, Any]) -> ModelT:
    """Return a model with these *fields*; names that *kind* does not have are skipped."""
    names = field_names(cast("Any", kind))
    return kind(**{names[name]: value for name, value in fields.items() if name in names})


def with_models(model: ModelT) -> ModelT:
    """Return *model* with models in place of the dicts in its fields. Deeper dicts stay."""
    changes: dict[str, Any] = {}
    for name, convert in nested_fields(cast("Any", type(model))):
        value: object = getattr(model, name)
        if (converted := convert(value)) is not value:
            changes[name] = converted
    return attrs.evolve(model, **changes) if changes else model


@cache
def nested_fields(kind: Any) -> tuple[tuple[str, _Convert], ...]:
    """Return for each field that holds models: its name, and the function that converts dicts in it."""
    fields = (
        (field.name, _converter(field.type)) for field in fields_of(kind) if "local" not in field.metadata
    )
    return tuple((name, convert) for name, convert in fields if convert is not None)


def _converter(kind: Any) -> _Convert | None:
    part = value_type(kind)
    if isinstance(part, type) and issubclass(part, Model):
        return partial(_to_part, part)
    convert = _converter(get_args(part)[0]) if get_origin(part) is Sequence else None
    return None if convert is None else partial(_to_list, convert)


def _to_part(kind: type[Model], value: object) -> object:
    return to_model(kind, cast("Any", value)) if isinstance(value, Mapping) else value


def _to_list(convert: _Convert, value: object) -> object:
    items = cast("Iterable[object]", value or ())
    return [convert(item) for item in items] if any(isinstance(item, Mapping) for item in items) else value
