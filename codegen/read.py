"""Read spec files and overlay into records, or report all their problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from codegen import documents
from codegen.namespaces import namespaces
from codegen.operations import operations
from codegen.overlay import Overlay, shown
from codegen.problems import Problems
from codegen.records import API, Area, Field, Kind, ModelClass, Operation, Type
from codegen.schemas import UNKNOWN, Classes, paging_descriptions

SPEC: Final = "codegen/spec"
OVERLAY: Final = "codegen/overlay.toml"


def read(root: Path) -> API:
    """
    Return the API that the spec files and the overlay under *root* describe.

    Args:
        root: The project's folder.

    Raises:
        SpecError: Spec or overlay have problems; the error holds all of them.
    """
    problems = Problems()
    overlay = Overlay(root / OVERLAY, OVERLAY, problems)
    specs = documents.load(root / SPEC, SPEC, problems)
    problems.raise_if_any()  # files that cannot be loaded cannot be checked further
    classes = Classes(overlay, problems)
    for document in specs:
        documents.check_references(document, problems)
        classes.declare(document)
    found = [operation for document in specs for operation in operations(document, classes)]
    spaces = namespaces(found, overlay, problems)
    _check_names(found, classes, problems)
    overlay.report()
    problems.raise_if_any()

    used = _used(found, classes)
    return API(
        areas=tuple(
            Area(
                name=document.area,
                file=document.file,
                title=document.title,
                digest=documents.digest(document.content, overlay.content),
            )
            for document in specs
        ),
        enums=tuple(enum for enum in classes.enums.values() if enum.name in used),
        models=tuple(_for_caller(model, found) for model in classes.models.values() if model.name in used),
        operations=tuple(sorted(found, key=lambda operation: operation.name)),
        namespaces=spaces,
        paging=paging_descriptions(specs),
        digest=documents.digest(*(document.content for document in specs), overlay.content),
    )


def _check_names(operations: Iterable[Operation], classes: Classes, problems: Problems) -> None:
    """Check that the names in the overlay exist: classes of templates, reads for `verify`, and ids."""
    by_name = {operation.name: operation for operation in operations}
    for name in sorted(
        {operation.response.name for operation in by_name.values() if _has_id(operation, classes)}
    ):
        if classes.models[name].id_name is None:
            text = f"no line for {name}; add the name that requests use for its id, or id."
            problems.add(OVERLAY, shown(("ids", name)), text)
    for operation in by_name.values():
        for key, text in _wrong_names(operation, by_name, classes):
            problems.add(OVERLAY, shown(("operations", operation.wire, key)), text)


def _has_id(operation: Operation, classes: Classes) -> bool:
    """Return whether the result of *operation* is an item of a list, or has the field `id`."""
    name = operation.response.name
    return bool(name) and (operation.items is not None or "id" in _fields(name, classes))


def _wrong_names(
    operation: Operation, operations: Mapping[str, Operation], classes: Classes
) -> Iterator[tuple[str, str]]:
    """Yield the key and the text of each problem."""
    if operation.template is not None:
        fields = _fields(operation.template, classes)
        if not fields:
            yield "template", f"no class {operation.template!r}; correct the name."
        elif not fields >= {"template_id", "template_params"}:
            yield (
                "template",
                f"{operation.template} has no template_id or template_params; use another class.",
            )
        if not _fields(operation.request.name, classes) >= {"template_id", "template_data"}:
            yield "template", "the request has no template_id or template_data; delete the line."
    if operation.verify is not None:
        verify = operation.verify
        for name in (verify.read, *([] if verify.first is None else [verify.first])):
            read = operations.get(name)
            if read is None or read.effect != "READ":
                yield "verify", f"{name!r} is not a READ operation; use one."
            elif read.response is not UNKNOWN:  # which is noted already
                # Messages are listed with the error that a lost response would have said.
                error = ["error_code"] if operation.fails_in_body == "error_code" else []
                asked = {verify.key} - {None} if name == verify.first else {*verify.item_fields, *error}
                shown_or_filter = _fields(read.response.name, classes) | _filters(read, classes)
                missing = asked - _fields(read.response.name, classes) | set(verify.by) - shown_or_filter
                for field in sorted(missing, key=str):
                    yield "verify", f"{name} returns no field {field!r}; use another read."


def _filters(read: Operation, classes: Classes) -> frozenset[str]:
    """Return the names of the filters of a list."""
    model = classes.models.get(read.request.name)
    types = [field.type for field in model.fields if field.wire == "filter"] if model else []
    return frozenset(name for type_ in types for name in _fields(type_.name, classes))


def _fields(name: str, classes: Classes) -> frozenset[str]:
    model = classes.models.get(name)
    return frozenset(field.name for field in model.fields) if model else frozenset()


def _used(operations: Iterable[Operation], classes: Classes) -> set[str]:
    """
    Return the names of the classes that operations use.

    The response object of a list is not one of them: its array becomes the items of a page.
    """
    used: set[str] = set()
    waiting: list[Type | None] = [
        type_
        for operation in operations
        for type_ in (operation.request, operation.wire_request, operation.response, *_results(operation))
    ]
    while waiting:
        type_ = waiting.pop()
        if type_ is None or type_.name in used:
            continue
        waiting.append(type_.item)
        if type_.name:
            used.add(type_.name)
        if type_.name in classes.models:
            waiting.extend(field.type for field in classes.models[type_.name].fields)
    return used


def _results(operation: Operation) -> list[Type]:
    return [Type(Kind.OBJECT, name) for name in operation.cases.results] if operation.cases else []


def _for_caller(model: ModelClass, operations: Iterable[Operation]) -> ModelClass:
    """
    Return *model* with the fields that a caller passes, if it is a request.

    Fields that the client fills are optional, and fields that the overlay lists in `needs` are required. A
    caller may also pass a template.
    """
    users = [operation for operation in operations if operation.request.name == model.name]
    filled = {name for operation in users for name in operation.credentials}
    needed = {name for operation in users for name in operation.needs}
    fields = [
        attrs.evolve(field, required=(field.required or field.name in needed) and field.name not in filled)
        for field in model.fields
    ]
    fields += [
        Field(
            name="template",
            wire="",
            type=Type(Kind.OBJECT, template),
            local=True,
            doc="The template itself: its id becomes template_id, and the client checks template_data "
            "against it before sending. The template itself is not sent",
        )
        for template in sorted({operation.template for operation in users if operation.template})
    ]
    return attrs.evolve(model, fields=tuple(fields))
