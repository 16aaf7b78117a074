"""Emit the index of the command line: what help, completion and the check of options need, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from codegen.emit import prose
from codegen.records import API, Field, Kind, ModelClass, Operation, Type

_TEMPLATE: Final = '''{header}

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

GROUPS: Final[Mapping[str, str]] = {{
{groups}}}
"""Description of each namespace, by its path."""

ENUMS: Final[Mapping[str, Mapping[str, str]]] = {{
{enums}}}
"""Listed values of each enum that a request has, with their names in Python."""

COMPLETE_ENUMS: Final = frozenset({complete!r})
"""Enums whose lists are complete: a request takes no other text."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {{
{columns}}}
"""Paths of the values in each result, by their names in JSON. A list of objects is one value."""

OPERATIONS: Final[Mapping[str, Mapping[str, Any]]] = {{
{operations}}}
"""
Operations by public name.

An option is a tuple: its name, its path in the request's JSON object, its kind, whether it is required, and
its description. The kind `enum:X` names a key of `ENUMS`, and `list:K` means several values of kind K.
"""
'''

_KINDS: Final = {
    Kind.TEXT: "text",
    Kind.SECRET: "secret",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "time",
    Kind.BYTES: "file",
}
_BODY: Final = "body"
"""The kind of a part of the request that has no option: only the body can have it."""


def emit_commands(api: API) -> str:
    """Return the module of the index. It imports nothing of the package, so that `--help` loads no model."""
    header = prose.docstring(
        [
            "Index of the commands: plain data, so that help and completion load neither models nor clients.",
            f"Written by `python -m codegen` (sha256 {api.digest}); do not edit.",
        ],
        0,
    )
    rows = [(operation.name, _row(api, operation)) for operation in api.operations]
    kinds = {option[2] for operation in api.operations for option in _options(api, operation)}
    used = {kind.rpartition(":")[2] for kind in kinds if "enum:" in kind}
    enums = sorted((enum for enum in api.enums if enum.name in used), key=lambda enum: enum.name)
    results = sorted({operation.response.name for operation in api.operations if operation.response.name})
    return _TEMPLATE.format(
        header=header,
        groups=_entries((each.path, prose.first_sentence(each.doc)) for each in api.namespaces),
        enums=_entries((enum.name, {member.value: member.name for member in enum.members}) for enum in enums),
        complete=[enum.name for enum in enums if enum.is_complete],
        columns=_entries((name, tuple(_columns(api, api.model(name), ()))) for name in results),
        operations=_entries(rows),
    )


def _entries(entries: Iterable[tuple[str, object]]) -> str:
    return "".join(f"    {name!r}: {value!r},\n" for name, value in entries)


def _row(api: API, operation: Operation) -> dict[str, object]:
    options = list(_options(api, operation))
    return {
        "wire": operation.wire,
        "effect": operation.effect,
        "documented": operation.provisional is None,
        "callers": operation.callers,
        "summary": prose.first_sentence(operation.doc),
        "title": operation.title,
        "title_vi": operation.title_vi or "",
        "source": operation.source,
        "result": operation.response.name,
        "is_list": operation.items is not None,
        "page_size": _page_size(api, operation),
        "is_partial": operation.is_partial,
        "options": tuple(sorted(options, key=lambda option: not option[3])),
    }


_Option = tuple[str, tuple[str, ...], str, bool, str]


def _options(api: API, operation: Operation) -> Iterator[_Option]:
    if operation.request.kind is not Kind.OBJECT:
        return
    for field in api.model(operation.request.name).fields:
        is_size = operation.pages is not None and field.name == operation.pages.size
        if field.local or is_size or field.name in operation.credentials or _is_paging(field.type):
            continue
        if operation.items is not None and field.wire == "filter" and field.type.kind is Kind.OBJECT:
            for inner in api.model(field.type.name).fields:
                yield from _option(api, inner, "", (field.wire,), is_required=False)
        else:
            yield from _option(api, field, "", (), is_required=field.required)


def _option(
    api: API, field: Field, prefix: str, path: tuple[str, ...], *, is_required: bool
) -> Iterator[_Option]:
    name, path = f"{prefix}{field.name}", (*path, field.wire)
    if field.type.kind is Kind.OBJECT:
        for inner in api.model(field.type.name).fields:
            yield from _option(api, inner, f"{name}.", path, is_required=False)
        return
    sentences = [prose.sentence(field.doc)]
    if field.max_length is not None:
        sentences.append(f"At most {field.max_length} characters.")
    if field.max_items is not None:
        sentences.append(f"At most {field.max_items} items.")
    if field.inferred:
        sentences.append("Inferred, not documented.")
    yield name, path, _kind(field.type), is_required, " ".join(sentences)


def _kind(type_: Type) -> str:
    if type_.kind is Kind.ENUM:
        return f"enum:{type_.name}"
    if type_.kind is Kind.MAP and type_.item == Type(Kind.TEXT):
        return "map"
    if type_.kind is Kind.LIST and type_.item is not None:
        inner = _kind(type_.item)
        return _BODY if inner == _BODY else f"list:{inner}"
    return _KINDS.get(type_.kind, _BODY)


def _is_paging(type_: Type) -> bool:
    return type_ == Type(Kind.OBJECT, "Paging")


def _page_size(api: API, operation: Operation) -> tuple[str, ...]:
    """Return the path of the page size in the request; empty if the list has one page only."""
    if operation.items is None or operation.request.kind is not Kind.OBJECT:
        return ()
    for field in api.model(operation.request.name).fields:
        if _is_paging(field.type):
            return field.wire, "limit"
        if operation.pages is not None and field.name == operation.pages.size:
            return (field.wire,)
    return ()


def _columns(api: API, model: ModelClass, path: tuple[str, ...]) -> Iterator[str]:
    for field in model.fields:
        inside = (*path, field.wire)
        if field.type.kind is Kind.OBJECT and field.type.name != model.name:
            yield from _columns(api, api.model(field.type.name), inside)
        else:
            yield ".".join(inside)
