"""From spec files and overlay to records, or to the list of everything that is wrong with them."""

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
from codegen.schemas import UNKNOWN, Classes, paging_words

SPEC: Final = "codegen/spec"
OVERLAY: Final = "codegen/overlay.toml"


def read(root: Path) -> API:
    """
    Return the API that the spec files and the overlay under *root* describe.

    Args:
        root: The project's folder.

    Raises:
        SpecError: Something is wrong; it has every problem.
    """
    problems = Problems()
    overlay = Overlay(root / OVERLAY, OVERLAY, problems)
    specs = documents.load(root / SPEC, SPEC, problems)
    problems.raise_if_any()  # of a file that cannot be read nothing more is known
    classes = Classes(overlay, problems)
    for document in specs:
        documents.check_references(document, problems)
        classes.declare(document)
    found = [operation for document in specs for operation in operations(document, classes)]
    spaces = namespaces(found, overlay, problems)
    _check_named(found, classes, problems)
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
        models=tuple(_as_called(model, found) for model in classes.models.values() if model.name in used),
        operations=tuple(sorted(found, key=lambda operation: operation.name)),
        namespaces=spaces,
        paging=paging_words(specs),
        digest=documents.digest(*(document.content for document in specs), overlay.content),
    )


def _check_named(operations: Iterable[Operation], classes: Classes, problems: Problems) -> None:
    """See that what the overlay names is there: classes of templates, and reads that settle an outcome."""
    by_name = {operation.name: operation for operation in operations}
    for operation in by_name.values():
        for key, text in _wrong_names(operation, by_name, classes):
            problems.add(OVERLAY, shown(("operations", operation.wire, key)), text)


def _wrong_names(
    operation: Operation, operations: Mapping[str, Operation], classes: Classes
) -> Iterator[tuple[str, str]]:
    """Give the key and the text of each problem."""
    if operation.template is not None:
        fields = _fields(operation.template, classes)
        if not fields:
            yield "template", f"there is no class {operation.template!r}; mend the name."
        elif not fields >= {"template_id", "template_params"}:
            yield "template", f"{operation.template} has no template_id or template_params; name another."
        if not _fields(operation.request.name, classes) >= {"template_id", "template_data"}:
            yield "template", "the request has no template_id or template_data; delete the line."
    if operation.verify is not None:
        name, asked = operation.verify.read, operation.verify.by
        if operation.verify.key is not None:
            asked = (*asked, operation.verify.key)
        read = operations.get(name)
        if read is None or read.effect != "READ":
            yield "verify", f"{name!r} is no READ operation; name one."
        elif read.response is not UNKNOWN:  # which is noted already
            needed = {*asked, *([operation.fails_in_body] if operation.fails_in_body else [])}
            for field in sorted(needed - _fields(read.response.name, classes)):
                yield "verify", f"{name} answers no field {field!r}; name another read."


def _fields(name: str, classes: Classes) -> frozenset[str]:
    model = classes.models.get(name)
    return frozenset(field.name for field in model.fields) if model else frozenset()


def _used(operations: Iterable[Operation], classes: Classes) -> set[str]:
    """
    Return the names of the classes that operations lead to.

    The answer of a list is not one of them: its array becomes the items of a page.
    """
    used: set[str] = set()
    waiting: list[Type | None] = [
        type_ for operation in operations for type_ in (operation.request, operation.response)
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


def _as_called(model: ModelClass, operations: Iterable[Operation]) -> ModelClass:
    """
    Return *model*, where it is a request, as the caller is asked for it.

    What the client fills is optional, what the call cannot do without is required, and a template may be
    passed along.
    """
    asked = [operation for operation in operations if operation.request.name == model.name]
    filled = {name for operation in asked for name in operation.credentials}
    needed = {name for operation in asked for name in operation.needs}
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
            doc="The template itself: it gives the template_id, and template_data is checked against it "
            "before anything is sent. It is not sent",
        )
        for template in sorted({operation.template for operation in asked if operation.template})
    ]
    return attrs.evolve(model, fields=tuple(fields))
