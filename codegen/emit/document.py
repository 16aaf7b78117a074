"""Emit docs/operations.md: the table of operations for readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from codegen.emit import prose
from codegen.records import API, Kind, Operation

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

## Notes and doubts

Gaps and contradictions in the documentation. "Assumed" marks the side that this SDK takes.
"""


def emit_document(api: API) -> str:
    """Return the document."""
    inferred = sum(operation.provisional is not None for operation in api.operations)
    intro = _INTRO.format(
        digest=api.digest,
        documented=len(api.operations) - inferred,
        inferred=inferred,
        rows="\n".join(_row(operation) for operation in api.operations),
    )
    notes = [line for operation in api.operations for line in _notes(operation)]
    return "\n".join([intro, *notes])


def _row(operation: Operation) -> str:
    cells = [
        f"`{operation.name}`",
        f"`{operation.wire}`",
        operation.effect,
        ", ".join(f"`{caller}`" for caller in operation.callers),
        _class(operation.request.name, "any object" if operation.request.kind is Kind.OPEN else "none"),
        _result(operation),
        "inferred" if operation.provisional else "documented",
        f"[page]({operation.source})" if operation.source else "none",
    ]
    return f"| {' | '.join(cells)} |"


def _class(name: str, otherwise: str) -> str:
    return f"`{name}`" if name else otherwise


def _result(operation: Operation) -> str:
    result = _class(operation.response.name, "any object")
    return f"list of {result}" if operation.items is not None else result


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
