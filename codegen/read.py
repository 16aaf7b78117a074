"""From spec files and overlay to records, or to the list of everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

from codegen import documents
from codegen.namespaces import namespaces
from codegen.operations import operations
from codegen.overlay import Overlay
from codegen.problems import Problems
from codegen.records import API, Area, ModelClass, Operation, Type
from codegen.schemas import Classes, paging_words

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
        models=tuple(
            _without_credentials(model, found) for model in classes.models.values() if model.name in used
        ),
        operations=tuple(sorted(found, key=lambda operation: operation.name)),
        namespaces=spaces,
        paging=paging_words(specs),
        digest=documents.digest(*(document.content for document in specs), overlay.content),
    )


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


def _without_credentials(model: ModelClass, operations: Iterable[Operation]) -> ModelClass:
    """Return *model* with those fields optional that the client fills."""
    filled = {
        name
        for operation in operations
        if operation.request.name == model.name
        for name in operation.credentials
    }
    return attrs.evolve(
        model,
        fields=tuple(
            attrs.evolve(field, required=field.required and field.name not in filled)
            for field in model.fields
        ),
    )
