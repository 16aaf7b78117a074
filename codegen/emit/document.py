"""Emit docs/operations.md: the table of operations for readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from codegen.emit import prose
from codegen.records import API, HAND_WRITTEN, Kind, Operation, Type

_INTRO: Final = """\
<!-- Written by `python -m codegen` (sha256 {digest}); do not edit. -->
# Operations

eTelecom documents {documented} operations; {inferred} more are inferred. The pages of these could not be
read, so their wire names and fields are guesses from similar operations. An inferred operation emits a
warning when you call it. You can set its wire name without a new release (`with_options(wire_names=...)`).

The effect determines whether the client retries a call when the response is lost. The client retries
`READ`, `IDEMPOTENT` and `DELETE`. It does not retry `CREATE` and `SEND`, and raises `OutcomeUnknownError`.
The callers are the kinds of key that the documentation names. A list returns a `Pager` of the class in the
table.

| public name | wire path | effect | callers | request | result | basis | source |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

## Lists of values

Requests take these enums. A request refuses a text that is not in a complete list. The documentation
may not show all values of an open list. A text that is not in it is sent, and warns once
(`UnlistedValueWarning`). See [models](models.md#lists-of-values).

| enum | list | values | taken by |
| --- | --- | --- | --- |
{lists}

## Notes and doubts

Gaps and contradictions in the documentation. "Assumed" marks the side that this SDK takes.
"""


def emit_document(api: API) -> str:
    """Return the document."""
    inferred = sum(operation.provisional is not None for operation in api.operations)
    intro = _INTRO.format(
        digest=api.digest,
        documented=len({operation.wire for operation in api.operations}) - inferred,
        inferred=inferred,
        rows="\n".join(_row(operation) for operation in api.operations),
        lists="\n".join(_lists(api)),
    )
    notes = [line for operation in api.operations for line in _notes(operation)]
    return "\n".join([intro, *notes])


def _row(operation: Operation) -> str:
    cells = [
        f"`{operation.name}`",
        f"`{operation.wire}`",
        operation.effect,
        ", ".join(f"`{caller}`" for caller in operation.callers),
        _class(operation.request.name, "none"),
        _result(operation),
        "inferred" if operation.provisional else "documented",
        f"[page]({operation.source})" if operation.source else "none",
    ]
    return f"| {' | '.join(cells)} |"


def _class(name: str, otherwise: str) -> str:
    return f"`{name}`" if name else otherwise


def _result(operation: Operation) -> str:
    if operation.cases is not None:
        return " or ".join(f"`{name}`" for name in operation.cases.results)
    result = _class(operation.response.name, "any object")
    return f"list of {result}" if operation.items is not None else result


def _lists(api: API) -> Iterator[str]:
    """Yield a row for each enum that a request takes."""
    takers: dict[str, list[str]] = {}
    for operation in api.operations:
        for name in sorted(set(_taken(api, operation.request))):
            takers.setdefault(name, []).append(operation.name)
    for enum in sorted(api.enums, key=lambda enum: enum.name):
        if enum.name in takers:
            cells = [
                f"`{enum.name}`",
                "complete" if enum.is_complete else "open",
                ", ".join(f"`{member.value}`" for member in enum.members),
                ", ".join(f"`{name}`" for name in takers[enum.name]),
            ]
            yield f"| {' | '.join(cells)} |"


def _taken(api: API, type_: Type) -> Iterator[str]:
    """Yield the name of each enum that a request takes, at any depth."""
    if type_.enum:
        yield type_.enum
    elif type_.item is not None:
        yield from _taken(api, type_.item)
    elif type_.kind is Kind.OBJECT and type_.name not in HAND_WRITTEN:
        # A template is passed for its checks only; its class is that of a response.
        for field in api.model(type_.name).fields:
            if not field.local:
                yield from _taken(api, field.type)


def _notes(operation: Operation) -> Iterator[str]:
    lines = [f"- {prose.sentence(note)}" for note in operation.notes]
    lines += [f"- In doubt: {prose.sentence(doubt)}" for doubt in operation.doubts]
    if operation.provisional:
        lines.insert(0, f"- {prose.sentence(operation.provisional)}")
    if lines:
        title = f"{operation.title} ({operation.title_vi})" if operation.title_vi else operation.title
        yield f"### `{operation.name}`\n\n{prose.sentence(title)}\n"
        # Markdown would read a name in angle brackets as a tag.
        yield from (line.replace("<", "\\<") for line in lines)
        yield ""
