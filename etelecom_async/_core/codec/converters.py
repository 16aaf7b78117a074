"""
Convert between models and plain JSON objects with cattrs.

The client has two converters. `exact` reads responses as msgspec would, and names every value that does not
fit. `forgiving` writes requests, and reads responses with values that almost fit. The sandbox's converter,
`strict`, reads requests, and accepts only exact types. This module contains no operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from typing import Any, Final, Literal, cast, get_args, get_origin

import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from etelecom_async import phones
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.codec import lenient_json, scalars
from etelecom_async._core.codec.enums import OpenEnum, enum_of
from etelecom_async._core.codec.plain_parts import nested_fields, with_models
from etelecom_async._core.datetimes import real_datetime
from etelecom_async._core.model import (
    READER,
    Model,
    Moment,
    class_of,
    fields_of,
    parts_of,
    value_type,
    write_time,
)
from etelecom_async._core.operation import JsonObject
from etelecom_async._core.secret import Secret, has_secret_value, mask
from etelecom_async.errors import InvalidRequestError


@cache
def forgiving() -> cattrs.Converter:
    """Return the client's converter, which writes requests and leniently reads responses."""
    converter = cattrs.Converter()
    converter.register_unstructure_hook_factory(_is_model, partial(_writer, converter))
    converter.register_unstructure_hook(Secret, lambda secret: secret.reveal())
    converter.register_unstructure_hook_func(_hides_a_secret, lambda value: Secret(value).reveal())
    converter.register_unstructure_hook(real_datetime(), write_time)
    converter.register_structure_hook_factory(_is_model, partial(_model_reader, converter))
    converter.register_structure_hook_factory(_is_mapping, partial(_mapping_reader, converter))
    for leaf, read in scalars.FORGIVING.items():
        converter.register_structure_hook(leaf, read)
    converter.register_structure_hook(real_datetime(), _read_time)
    converter.register_structure_hook_func(_is_tuple, lambda raw, kind: _read_many(raw, kind, converter))
    converter.register_structure_hook_factory(_may_be_blank, partial(_blank_reader, converter))
    return converter


@cache
def exact() -> cattrs.Converter:
    """Return the client's converter for responses that fit: it accepts what msgspec accepts."""
    converter = cattrs.Converter()
    converter.register_structure_hook_factory(
        _is_model, partial(_model_reader, converter, read_object=_read_exact_object)
    )
    converter.register_structure_hook_factory(_is_mapping, partial(_mapping_reader, converter))
    for leaf in (str, int, bool):
        converter.register_structure_hook(leaf, msgspec.convert)
    converter.register_structure_hook(Secret, lambda raw, _: Secret(msgspec.convert(raw, str)))
    converter.register_structure_hook(real_datetime(), _read_exact_time)
    converter.register_structure_hook_func(_is_tuple, lambda raw, kind: _read_many(raw, kind, converter))
    return converter


@cache
def writer(kind: Any) -> Callable[[object], dict[str, Any]]:
    """Return a function that converts a request of this class to plain JSON types."""
    return cast("Callable[[object], dict[str, Any]]", forgiving().get_unstructure_hook(kind))


@cache
def strict() -> cattrs.Converter:
    """Return the sandbox's converter, which strictly reads requests."""
    converter = cattrs.Converter()
    converter.register_structure_hook_factory(_is_model, partial(_model_reader, converter))
    converter.register_structure_hook_factory(_is_mapping, partial(_mapping_reader, converter))
    for plain in (str, int, bool):
        converter.register_structure_hook(plain, scalars.exactly)
    converter.register_structure_hook(real_datetime(), scalars.read_aware_time)
    converter.register_structure_hook(Secret, lambda raw, _: Secret(cast("str", scalars.exactly(raw, str))))
    # In a request, an enum field accepts any text, also an unlisted one.
    converter.register_structure_hook_func(_is_choice, _read_choice)
    converter.register_structure_hook_func(_is_sequence, lambda raw, kind: _read_many(raw, kind, converter))
    return converter


@cache
def exported(*, ignore_unknown: bool) -> cattrs.Converter:
    """
    Return the converter of `Model.from_dict`, which reads exported models and JSON objects of the API.

    Args:
        ignore_unknown: Whether to skip fields that a model does not have.
    """
    converter = cattrs.Converter()
    for leaf, read in scalars.FORGIVING.items():
        converter.register_structure_hook(leaf, read)
    converter.register_structure_hook(real_datetime(), _read_time)
    converter.register_structure_hook(Secret, _read_exported_secret)
    converter.register_structure_hook(Attachment, _read_exported_file)
    converter.register_structure_hook_factory(
        lambda kind: _is_model(class_of(kind)),
        partial(_exported_model_reader, converter, ignore_unknown=ignore_unknown),
    )
    converter.register_structure_hook_factory(_is_mapping, partial(_mapping_reader, converter))
    converter.register_structure_hook_func(_is_choice, _read_exported_choice)
    converter.register_structure_hook_func(
        lambda kind: _is_tuple(kind) or _is_sequence(kind), lambda raw, kind: _read_many(raw, kind, converter)
    )
    return converter


def _hides_a_secret(kind: Any) -> bool:
    return isinstance(kind, type) and callable(getattr(kind, "get_secret_value", None))


def _read_exported_secret(raw: Any, _: Any) -> Secret:
    if isinstance(raw, Secret) or has_secret_value(raw):
        return Secret.of(raw)
    return Secret.from_export(scalars.read_text(raw))


def _read_exported_file(raw: object, _: Any) -> Attachment:
    # Not a path either: a web service would read the files that its callers name.
    if not isinstance(raw, Attachment):
        message = "the content of a file is not in plain data: pass an Attachment"
        raise TypeError(message)
    return raw


def _exported_model_reader(
    converter: cattrs.Converter, kind: Any, *, ignore_unknown: bool
) -> Callable[[object, Any], Model]:
    read = _model_reader(converter, kind, keeps_local=True)
    base = class_of(kind)
    known = [*(field.name for field in fields_of(kind)), *_wire_names(kind).values()]

    def read_object(raw: object, _: Any) -> Model:
        if isinstance(raw, Model) and isinstance(raw, base):
            return raw
        if not ignore_unknown and (unknown := _unknown_fields(raw, known)):
            raise TypeError("; ".join(unknown))
        return read(raw, kind)

    return read_object


def _unknown_fields(raw: object, known: Sequence[str]) -> list[str]:
    """Return a text for each name in *raw* that is not *known*."""
    names = cast("Mapping[object, object]", raw) if isinstance(raw, Mapping) else ()
    from etelecom_async._core.suggestions import did_you_mean  # only errors need it

    return [f"unknown field {str(name)!r}{did_you_mean(name, known)}" for name in names if name not in known]


def _read_exported(kind: Any, data: Any, *, ignore_unknown: bool) -> Any:
    try:
        return exported(ignore_unknown=ignore_unknown).structure(data, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of whatever the hooks raise
        raise InvalidRequestError(problems(error)) from None


READER.read = _read_exported


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def _is_tuple(kind: Any) -> bool:
    origin: object = get_origin(kind)
    return origin is tuple


def _is_sequence(kind: Any) -> bool:
    origin: object = get_origin(kind)
    return origin is Sequence


def _is_mapping(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return kind is dict or origin is dict or origin is Mapping


# Empty values of other types that languages without static types write in place of null.
_BLANKS: Final[Sequence[tuple[Callable[[Any], bool], Sequence[object]]]] = (
    (lambda kind: kind is int, ("",)),
    (_is_tuple, ("", {})),
    (lambda kind: _is_model(kind) or _is_mapping(kind), ("", [])),
)


def _blanks(kind: Any) -> Sequence[object]:
    """Return the empty values that a field of this class accepts in place of null."""
    kinds = get_args(kind)
    parts = [part for part in kinds if part is not type(None)]
    if len(parts) != 1 or type(None) not in kinds:
        return ()
    return next((blanks for fits, blanks in _BLANKS if fits(parts[0])), ())


def _may_be_blank(kind: Any) -> bool:
    return bool(_blanks(kind))


def _blank_reader(converter: cattrs.Converter, kind: Any) -> Callable[[object, Any], object]:
    blanks = (None, *_blanks(kind))
    part = value_type(kind)
    read = converter.get_structure_hook(part)
    return lambda raw, _: (
        None if (raw.strip() if isinstance(raw, str) else raw) in blanks else read(raw, part)
    )


def _is_choice(kind: Any) -> bool:
    """Return whether *kind* is a union with an enum."""
    return len(parts_of(kind)) > 1 and enum_of(kind) is not None


def _wire_names(kind: Any) -> dict[str, str]:
    return {field.name: field.metadata["wire"] for field in fields_of(kind) if "wire" in field.metadata}


def _overrides(
    kind: Any, read_object: Callable[[object, Any], object], *, keeps_local: bool = False
) -> dict[str, Any]:
    """Return cattrs' overrides for the fields: wire names, forms, and fields that are never sent."""
    return {
        field.name: override(
            rename=field.metadata.get("wire"),
            omit=True if field.metadata.get("local") and not keeps_local else None,
            unstruct_hook=_write_text(field.metadata),
            struct_hook=read_object if field.metadata.get("form") == "json" else None,
        )
        for field in fields_of(kind)
        if field.metadata
    }


def _write_text(facts: Mapping[str, Any]) -> Callable[[str], str] | None:
    """Return the function that writes the texts of a field; `None` if they stay unchanged."""
    if facts.get("form") == "phone":
        return phones.normalize
    return scalars.composed if "max_length" in facts else None


def _read_time(raw: object, _: Any) -> datetime | None:
    # Both decoders must round times the same way. The fast decoder, msgspec, rounds to microseconds, but
    # `datetime.fromisoformat` truncates. So try msgspec first.
    with suppress(msgspec.ValidationError):
        return None if raw == scalars.NEVER else msgspec.convert(raw, real_datetime())
    return scalars.read_time(raw, None)


def _read_exact_time(raw: object, _: Any) -> datetime | None:
    try:
        return None if raw == scalars.NEVER else cast("datetime", msgspec.convert(raw, cast("Any", Moment)))
    except msgspec.ValidationError:
        if isinstance(raw, str) and (local := scalars.local_time(raw)) is not None:
            return local
        raise


def _read_object(raw: object, _: Any) -> object:
    """Return an object, which may be encoded as a JSON string."""
    return _as_object(lenient_json.read(raw.encode()).value if isinstance(raw, str) and raw else raw)


def _read_exact_object(raw: object, _: Any) -> object:
    return _as_object(msgspec.json.decode(raw) if isinstance(raw, str) and raw else raw)


def _as_object(raw: object) -> object:
    if raw == "":
        return None
    if raw is not None and not isinstance(raw, dict):
        message = f"{scalars.json_name(raw)} in place of an object"
        raise TypeError(message)
    return cast("object", raw)


def _writer(converter: cattrs.Converter, kind: Any) -> Callable[[Model], JsonObject]:
    # The API treats an absent field like an empty one, so fields with their default value are not sent.
    write = make_dict_unstructure_fn(
        kind, converter, _cattrs_omit_if_default=True, **_overrides(kind, _read_object)
    )
    if not nested_fields(kind):
        return lambda model: write(model) or _NOTHING

    def write_what_is_set(model: Model) -> JsonObject:
        # Omit nested models without any value, too.
        plain = write(with_models(model))
        return {key: value for key, value in plain.items() if value is not _NOTHING} or _NOTHING

    return write_what_is_set


_NOTHING: Final[JsonObject] = {}


def _model_reader(
    converter: cattrs.Converter,
    kind: Any,
    *,
    read_object: Callable[[object, Any], object] | None = None,
    keeps_local: bool = False,
) -> Callable[[object, Any], Model]:
    names = _wire_names(kind)
    overrides = _overrides(kind, read_object or _read_object, keeps_local=keeps_local)
    read = make_dict_structure_fn(kind, converter, **overrides)

    def read_model(raw: object, _: Any) -> Model:
        if not isinstance(raw, Mapping):
            message = f"{scalars.json_name(raw)} in place of an object"
            raise TypeError(message)
        fields = cast("Mapping[str, object]", raw)
        if names:
            # Accept the correct spelling too, in case the platform fixes a misspelled name.
            fields = {
                **{wire: fields[name] for name, wire in names.items() if name in fields},
                **fields,
            }
        try:
            return cast("Model", read(fields, kind))
        except cattrs.ClassValidationError as group:
            for _, note in group.group_exceptions()[0]:
                if note.name in names:
                    note.name = names[note.name]
            raise

    return read_model


def _mapping_reader(converter: cattrs.Converter, kind: Any) -> Callable[[object, Any], JsonObject]:
    # Cast to Any, because the type hints of cattrs are incomplete here.
    read = None if kind is dict else cast("Any", cattrs.gen).make_mapping_structure_fn(kind, converter)

    def read_object(raw: object, _: Any) -> JsonObject:
        if not isinstance(raw, dict):
            message = f"{scalars.json_name(raw)} in place of an object"
            raise TypeError(message)
        return cast("JsonObject", raw if read is None else read(raw, kind))

    return read_object


def _read_many(raw: object, kind: Any, converter: cattrs.Converter) -> tuple[Any, ...] | None:
    if raw is None:
        return None
    if not isinstance(raw, list | tuple):
        message = f"{scalars.json_name(raw)} in place of an array"
        raise TypeError(message)
    item: Any = get_args(kind)[0]
    return tuple(converter.structure(raw, list[item]))


def _read_choice(raw: object, kind: Any) -> object:
    parts = get_args(kind)
    if raw is None and type(None) in parts:
        return None
    if not isinstance(raw, OpenEnum):
        scalars.exactly(raw, str)
    return _enum_in(kind).unlisted(cast("str", raw))


def _read_exported_choice(raw: object, kind: Any) -> object:
    """Return the value of an enum field. A request keeps an unlisted text, so that it is checked."""
    parts = get_args(kind)
    enum = _enum_in(kind)
    if isinstance(raw, enum):
        return raw
    if isinstance(raw, str) and _is_of_request(parts):
        value = enum.unlisted(raw)
        return value if value.is_listed else raw
    return _read_choice(raw, kind)


def _enum_in(choice: Any) -> type[OpenEnum]:
    return cast("type[OpenEnum]", enum_of(choice))


def _is_of_request(parts: Sequence[Any]) -> bool:
    """Return whether a field with these types takes texts, as those of requests do."""
    return str in parts or any(get_origin(part) is Literal for part in parts)


@cache
def renames(kind: Any) -> bool:
    """Return whether *kind* has a renamed field, at any depth."""
    if get_origin(kind) is not None:
        return any(renames(part) for part in get_args(kind))
    if not _is_model(kind):
        return False
    return any("wire" in field.metadata or renames(cast("Any", field.type)) for field in fields_of(kind))


@cache
def keeps_json(kind: Any) -> bool:
    """Return whether *kind* has a field that keeps any JSON unchanged, at any depth."""
    if kind in (dict, Any):
        return True
    if get_origin(kind) is not None:
        return any(keeps_json(part) for part in get_args(kind))
    return _is_model(kind) and any(keeps_json(cast("Any", field.type)) for field in fields_of(kind))


def problems(error: Exception, path: str = "$") -> tuple[str, ...]:
    """Return one line for each mismatch in *error*, with its JSON path."""
    # Masked, because the path contains keys of mappings.
    return tuple(mask(line) for line in cattrs.transform_error(error, path=path, format_exception=_problem))


def mismatches(error: Exception, path: str) -> set[str]:
    """Return the kinds of mismatches in *error*, without the indexes and keys in their paths."""
    lines = cattrs.transform_error(error, path=path, format_exception=_problem)
    return {mask(line) for line in {re.sub(_INDEX, "[...]", line) for line in lines}}


_INDEX: Final = r"\[[^\]]*\]"


def _problem(error: BaseException, _: type | None) -> str:
    return "required field missing" if isinstance(error, KeyError) else str(error)
