"""
Split operations into forms, and responses into cases, as the overlay says.

A form is one way to call an operation: it has its own name, request and results. A case is one of several
results that share a response on the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from codegen.overlay import shown
from codegen.records import Case, Cases, Field, Kind, ModelClass, Operation, Type
from codegen.schemas import Classes

_UNSUPPORTED: Final = ("items", "credentials", "tracking", "template", "verify", "multipart")
"""Facts of an operation that may concern fields which a form does not have."""


def cases(response: Type, classes: Classes) -> Cases | None:
    """Return the cases of *response*, each with a new class; `None` if it stands for one result only."""
    overlay = classes.overlay
    where = ("cases", response.name)
    tags = overlay.names(*where) if response.kind is Kind.OBJECT else ()
    if not tags:
        return None
    model = classes.models[response.name]
    tag, fallback = (overlay.text(*where, key) or "" for key in ("tag", "fallback"))
    for key, wire in (("tag", tag), ("fallback", fallback)):
        if wire not in {field.wire for field in model.fields}:
            _wrong(classes, (*where, key), f"{model.name} has no field {wire!r}; correct the name.")
    known = tuple(_case(model, value, classes) for value in tags)
    return Cases(tag=tag, fallback=fallback, known=known, expected=tags)


def _case(model: ModelClass, tag: str, classes: Classes) -> Case:
    overlay = classes.overlay
    where = ("cases", model.name, tag)
    name, doc, prefix = (overlay.text(*where, key) or "" for key in ("class", "doc", "prefix"))
    for key, text in (("class", name), ("doc", doc), ("prefix", prefix)):
        if not text:
            _wrong(classes, (*where, key), "missing; add it.")
    try:
        re.compile(prefix)
    except re.error:
        _wrong(classes, (*where, "prefix"), "not a regular expression; correct it.")
    needs = overlay.texts(*where, "needs")
    chosen = overlay.table(*where, "fields")
    fields = tuple(
        _documented(attrs.evolve(field, name=field_name, is_always_set=field_name in needs), where, classes)
        for field_name, wire in chosen.items()
        for field in _fields(model, [wire], (*where, "fields"), classes)
    )
    for missing in sorted(set(needs) - set(chosen)):
        _wrong(classes, (*where, "needs"), f"fields has no {missing!r}; correct the name.")
    if name:
        classes.derive(attrs.evolve(model, name=name, doc=doc, doubt=None, fields=fields), (*where, "class"))
    return Case(tag=tag, prefix=prefix, name=name)


def forms(operation: Operation, classes: Classes) -> Iterator[Operation]:
    """Yield each form of *operation*; the operation itself if it has one form only."""
    overlay = classes.overlay
    where = ("operations", operation.wire, "forms")
    names = overlay.names(*where)
    if not names:
        yield operation
        return
    if operation.name not in names:
        _wrong(classes, where, f"none has the operation's name {operation.name!r}; add the main form.")
    for fact in _UNSUPPORTED:
        if getattr(operation, fact):
            _wrong(classes, where, f"an operation with {fact} has one form only; delete the others.")
    if operation.request.kind is not Kind.OBJECT:
        _wrong(classes, where, "the request has no known fields; delete the forms.")
        return
    for name in names:
        yield _form(operation, name, classes)


def _form(operation: Operation, name: str, classes: Classes) -> Operation:
    overlay = classes.overlay
    where = ("operations", operation.wire, "forms", name)
    title, doc, request = (overlay.text(*where, key) or "" for key in ("title", "doc", "request"))
    for key, text in (("title", title), ("doc", doc), ("request", request)):
        if not text:
            _wrong(classes, (*where, key), "missing; add it.")
    model = classes.models[operation.request.name]
    fields = [
        _documented(attrs.evolve(field, required=True), where, classes)
        for field in _fields(model, overlay.texts(*where, "fields"), (*where, "fields"), classes)
    ]
    if request:
        derived = attrs.evolve(model, name=request, doc=f"Request of `{name}`.", fields=tuple(fields))
        classes.derive(derived, (*where, "request"))
    is_main = name == operation.name
    is_idempotent = {field.name for field in fields}.issuperset(operation.idempotent_if)
    return attrs.evolve(
        operation,
        name=name,
        title=title,
        title_vi=None,
        doc=doc,
        notes=operation.notes if is_main else (),
        doubts=operation.doubts if is_main else (),
        effect=operation.effect if is_idempotent else "CREATE",
        idempotent_if=operation.idempotent_if if is_idempotent else (),
        request=Type(Kind.OBJECT, request),
        wire_request=operation.request if is_main else None,
        form_of=None if is_main else operation.name,
        cases=_expected(operation.cases, where, classes),
    )


def _expected(all_cases: Cases | None, where: Sequence[str], classes: Classes) -> Cases | None:
    """Return the cases with those marked that a form can have; by default all of them."""
    expected = classes.overlay.texts(*where, "results")
    if all_cases is None or not expected:
        return all_cases
    for unknown in sorted(set(expected) - set(all_cases.expected)):
        _wrong(classes, (*where, "results"), f"the response has no case {unknown!r}; correct the name.")
    return attrs.evolve(all_cases, expected=expected)


def _documented(field: Field, where: Sequence[str], classes: Classes) -> Field:
    """Return *field* with the description that the overlay gives it in this class, if it does."""
    doc = classes.overlay.text(*where, "docs", field.name)
    return field if doc is None else attrs.evolve(field, doc=doc, doubt=None)


def _fields(
    model: ModelClass, wires: Iterable[str], where: Sequence[str], classes: Classes
) -> Iterator[Field]:
    """Yield the fields with these JSON names, in their order; a missing one is a problem."""
    by_wire = {field.wire: field for field in model.fields}
    for wire in wires:
        if wire in by_wire:
            yield by_wire[wire]
        else:
            _wrong(classes, where, f"{model.name} has no field {wire!r}; correct the name.")


def _wrong(classes: Classes, where: Sequence[str], text: str) -> None:
    classes.problems.add(classes.overlay.file, shown(tuple(where)), text)
