"""Emit the modules of the models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from codegen.emit import prose
from codegen.records import (
    API,
    HAND_WRITTEN,
    Area,
    Described,
    Direction,
    EnumClass,
    Field,
    Kind,
    ModelClass,
    Type,
)

# Everything that a model may need; `tidy` removes unused imports.
_IMPORTS: Final = """
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

from etelecom_async._core.attachment import Attachment, to_attachment, to_attachment_or_none
from etelecom_async._core.codec.enums import CompleteEnum, OpenEnum, note_unlisted
from etelecom_async._core.model import NULL, Many, Map, Model, Moment, set_blank, to_moment
from etelecom_async._core.secret import Secret, to_secret, to_secret_or_none
from etelecom_async.paging import PageInfo, Paging
"""
_PLAIN: Final = {
    Kind.TEXT: "str",
    Kind.SECRET: "Secret",
    Kind.INTEGER: "int",
    Kind.NUMBER: "float",
    Kind.BOOLEAN: "bool",
    Kind.TIME: "datetime",
    Kind.BYTES: "Attachment",
}
_EXACT: Final = {Kind.TIME: "Moment"}


_CONVERTERS: Final = {Kind.SECRET: "to_secret", Kind.BYTES: "to_attachment"}


def annotation(api: API, type_: Type, direction: Direction, prefix: str = "") -> str:
    """
    Return the Python type of a value.

    Args:
        api: The API, which knows the values of enums.
        type_: The type in the spec.
        direction: Requests accept convenient types; responses have exact ones.
        prefix: Text before the names of generated classes.
    """
    is_request = direction is Direction.REQUEST
    if type_.kind in _PLAIN:
        return _PLAIN[type_.kind] if is_request else _EXACT.get(type_.kind, _PLAIN[type_.kind])
    if type_.name:
        python = type_.name if type_.name in HAND_WRITTEN else f"{prefix}{type_.name}"
        return (
            f"{python} | {_texts(api.enum(type_.name))}" if is_request and type_.kind is Kind.ENUM else python
        )
    if type_.item is None:
        return "Mapping[str, Any]" if is_request else "dict[str, Any]"
    inner = annotation(api, type_.item, direction, prefix)
    if type_.kind is Kind.LIST:
        return f"Sequence[{inner}]" if is_request else f"Many[{inner}]"
    if is_request:
        return f"Mapping[str, {inner}]"
    return "Map" if _is_text_map(type_) else f"dict[str, {inner}]"


def _texts(enum: EnumClass) -> str:
    """Return the type of the texts that a request takes for *enum*."""
    if not enum.is_complete:
        return "str"
    return f"Literal[{', '.join(_quoted(member.value) for member in enum.members)}]"


def emit_models(api: API, area: Area) -> str:
    """Return the module of the models of *area*."""
    enums = [enum for enum in api.enums if enum.area == area.name]
    models = [model for model in api.models if model.area == area.name]
    sources = f"{area.file.rpartition('/')[2]} and overlay.toml"
    written = f"Written by `python -m codegen` from {sources} (sha256 {area.digest}); do not edit."
    header = prose.docstring([f"Models of `{area.name}` ({area.title}).", written], 0)
    parts = [header, _IMPORTS, _imports_from_other_areas(api, area, models)]
    parts += [_enum(enum) for enum in enums]
    parts += [_model(api, model) for model in models]
    return "\n\n".join(parts)


def _imports_from_other_areas(api: API, area: Area, models: Iterable[ModelClass]) -> str:
    """Return imports of the classes that another area defines."""
    area_of = _area_of_each_class(api)
    wanted = {name for model in models for field in model.fields for name in _classes(field.type)}
    return "\n".join(
        f"from etelecom_async._generated.models.{area_of[name]} import {name}"
        for name in sorted(wanted)
        if name in area_of and area_of[name] != area.name
    )


def _area_of_each_class(api: API) -> dict[str, str]:
    """Return the area of each class."""
    enums = {enum.name: enum.area for enum in api.enums}
    return enums | {model.name: model.area for model in api.models}


def _classes(type_: Type) -> set[str]:
    inner = _classes(type_.item) if type_.item else set[str]()
    return inner | ({type_.name} if type_.name else set[str]())


def _enum(enum: EnumClass) -> str:
    base = "CompleteEnum" if enum.is_complete else "OpenEnum"
    lines = [f"class {enum.name}({base}):", prose.docstring(_class_doc(enum), 4), ""]
    for member in enum.members:
        lines.append(f"    {member.name} = {_quoted(member.value)}")
        if member.doc:
            lines.append(prose.docstring([prose.sentence(member.doc)], 4))
    return "\n".join(lines)


def _model(api: API, model: ModelClass) -> str:
    source = [f"    Source: {model.source}"] if model.source else []
    lines = [
        "@attrs.frozen(kw_only=True, repr=False)",
        f"class {model.name}(Model):",
        prose.docstring([*_class_doc(model), source], 4),
        "",
    ]
    is_response = model.direction is Direction.RESPONSE
    for field in model.fields:
        declared = _response_field(api, field) if is_response else _request_field(api, field)
        lines.append(f"    {field.name}: {declared}")
        lines.append(
            prose.docstring([_description(field, inferred=field.inferred and not model.inferred)], 4)
        )
    last = _fill_empty_values(model) if is_response else _note_unlisted_values(api, model)
    if last:
        lines += ["", "    def __attrs_post_init__(self) -> None:", *last]
    if model.other_id is not None:
        lines += ["", *_other_id(api, *model.other_id)]
    return "\n".join(lines)


def _fill_empty_values(model: ModelClass) -> list[str]:
    """Return the statements that replace null in a response."""
    lines: list[str] = []
    for field in model.fields:
        if empty := _empty_value(field.type):
            lines += [
                f"        if self.{field.name} is NULL:",
                f'            set_blank(self, "{field.name}", {empty})',
            ]
    return lines


def _note_unlisted_values(api: API, model: ModelClass) -> list[str]:
    """Return the statements that warn of unlisted values in a request, at the line that makes it."""
    return [
        f"        note_unlisted({field.type.enum}, self.{field.name})"
        for field in model.fields
        if field.type.enum and not api.enum(field.type.enum).is_complete
    ]


def _other_id(api: API, name: str, field: Field) -> list[str]:
    """Return the property that gives an id its other name."""
    python = annotation(api, field.type, Direction.RESPONSE)
    optional = "" if field.type.kind is Kind.TEXT else " | None"
    reason = "as every result has it" if name == "id" else "by the name that requests use"
    return [
        "    @property",
        f"    def {name}(self) -> {python}{optional}:",
        prose.docstring([f"The {field.name}, {reason}."], 8),
        f"        return self.{field.name}",
    ]


def _class_doc(class_: EnumClass | ModelClass) -> list[str]:
    return prose.opening(_description(class_, inferred=class_.inferred))


def _description(described: Described, *, inferred: bool) -> str:
    sentences = [prose.sentence(described.doc)]
    if inferred:
        sentences.append("Inferred, not documented.")
    if described.doubt:
        sentences.append(f"In doubt: {prose.sentence(described.doubt)}")
    return " ".join(sentences)


def _empty_value(type_: Type) -> str:
    """Return the value that replaces null in a field; an empty text if null stays."""
    if type_.kind is Kind.LIST:
        return "()"
    return "{}" if _is_text_map(type_) else ""


def _is_text_map(type_: Type) -> bool:
    return type_.kind is Kind.MAP and type_.item == Type(Kind.TEXT)


def _response_field(api: API, field: Field) -> str:
    python = annotation(api, field.type, Direction.RESPONSE)
    if field.is_always_set:
        return _assigned(field, python, None)
    if field.type.kind is Kind.LIST:
        return _assigned(field, python, "()")
    if field.type.kind is Kind.TEXT:
        return _assigned(field, python, '""')
    if _is_text_map(field.type):
        return _assigned(field, python, None, "factory=dict")
    converter = ["converter=to_moment"] if field.type.kind is Kind.TIME else []
    return _assigned(field, f"{python} | None", "None", *converter)


def _request_field(api: API, field: Field) -> str:
    python = annotation(api, field.type, Direction.REQUEST)
    converter: list[str] = []
    if (convert := _CONVERTERS.get(field.type.kind)) is not None:
        converter = [f"converter={convert if field.required else convert + '_or_none'}"]
    if field.required:
        return _assigned(field, python, None, *converter)
    return _assigned(field, f"{python} | None", "None", *converter)


def _assigned(field: Field, python: str, default: str | None, *arguments: str) -> str:
    """Return the field's annotation and default."""
    facts: dict[str, object] = {
        "wire": field.wire if field.wire != field.name and not field.local else None,
        "max_length": field.max_length,
        "max_items": field.max_items,
        "form": field.form,
        "local": field.local or None,
    }
    entries = ", ".join(
        f"{_quoted(name)}: {_python(fact)}" for name, fact in facts.items() if fact is not None
    )
    settings = [*arguments, *([f"metadata={{{entries}}}"] if entries else [])]
    if settings:
        given = [f"default={default}"] if default is not None else []
        return f"{python} = attrs.field({', '.join([*given, *settings])})"
    return f"{python} = {default}" if default is not None else python


def _python(fact: object) -> str:
    return _quoted(fact) if isinstance(fact, str) else repr(fact)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def emit_index(api: API) -> str:
    """Return the module that loads each class from its area."""
    area_of = _area_of_each_class(api)
    areas: dict[str, list[str]] = {}
    for name, area in sorted(area_of.items()):
        areas.setdefault(area, []).append(name)
    header = prose.docstring(
        [
            "All models. The first use of a class loads the module of its area.",
            f"Written by `python -m codegen` (sha256 {api.digest}); do not edit.",
        ],
        0,
    )
    imports = "\n".join(
        f"    from etelecom_async._generated.models.{area} import {', '.join(names)}"
        for area, names in sorted(areas.items())
    )
    entries = "".join(f"    {_quoted(name)}: {_quoted(area)},\n" for name, area in sorted(area_of.items()))
    public = "".join(f"    {_quoted(name)},\n" for name in sorted(area_of))
    return f"""{header}

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._lazy import lazy_exports

if TYPE_CHECKING:
{imports or "    pass"}

_AREAS: Final = {{
{entries}}}

__all__ = [
{public}]

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names
    __getattr__, __dir__ = lazy_exports(__name__, _AREAS)
"""
