"""Define `etelecom operations`: the operations and their commands, for people and for scripts."""

from __future__ import annotations

from typing import Any

from etelecom_async.cli import exit_codes, index, options
from etelecom_async.cli.command import Command
from etelecom_async.cli.layout import TABLE, TSV

_COLUMNS = (
    "name",
    "command",
    "effect",
    "documented",
    "wire",
    "callers",
    "is_list",
    "summary",
    "options",
    "source",
)
_SHOWN = ("command", "effect", "documented", "summary")


def command() -> Command:
    """Return the command."""
    return Command(
        "operations",
        params=options.output_options(_COLUMNS, can_reveal=False),
        help="List the operations: the command of each, what it does, and whether it is documented.",
        examples=[
            "etelecom operations",
            "etelecom operations --json | jq -r '.[] | select(.effect == \"SEND\") | .command'",
        ],
        callback=_run,
    )


def row(operation: index.Operation) -> dict[str, Any]:
    """Return what scripts read about an operation."""
    return {
        "name": operation.name,
        "command": operation.command,
        "effect": operation.effect,
        "documented": operation.documented,
        "wire": operation.wire,
        "callers": list(operation.callers),
        "is_list": operation.is_list,
        "summary": operation.summary,
        "options": [field.flag for field in operation.fields if field.kind != index.BODY_KIND],
        "source": operation.source,
    }


def _run(**given: Any) -> int:
    from etelecom_async.cli import output

    layout = options.layout(given)
    with output.opened(layout) as stream:
        if not layout.columns and layout.format_for(stream) in (TABLE, TSV):
            layout = layout._replace(columns=_SHOWN)
        out = output.writer(layout, stream, result="", known=_COLUMNS)
        for operation in index.operations():
            out.add(row(operation))
        out.end()
    return exit_codes.DONE
