"""Define `etelecom api`: call any operation by its wire name."""

from __future__ import annotations

import re
from typing import Any, Final

import click

from etelecom_async.cli import layout as layouts
from etelecom_async.cli import options
from etelecom_async.cli.command import Command, similar
from etelecom_async.cli.credentials import CLIENTS
from etelecom_async.cli.index import Operation, by_wire_name, operations
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.request_body import check_stdin, read_body
from etelecom_async.cli.terminal import refuse_if_silent

_WIRE_NAME: Final = re.compile(r"(?a)[\w.]+/[\w.]+")


class _WireName(click.ParamType[str]):
    name = "service/method"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        if not _WIRE_NAME.fullmatch(value):
            self.fail(f"{value!r} has not the form Service/Method, as in Etelecom/GetExtensions", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the known names."""
        from click.shell_completion import CompletionItem

        del ctx, param
        known = [row for row in operations() if row.wire.startswith(incomplete)]
        return [CompletionItem(row.wire, help=row.summary) for row in known]


def command() -> Command:
    """Return the command."""
    params: list[click.Parameter] = [
        click.Argument(["wire_name"], type=_WireName(), metavar="SERVICE/METHOD")
    ]
    params.append(options.body_option("The request as a JSON object. Default: an empty one."))
    params += options.output_options(())
    params += options.safety_options(asks=True)
    params += options.connection_options(CLIENTS, has_shop=True)
    return Command(
        "api",
        params=params,
        help=(
            "Call any operation by its wire name, and print the JSON object of the response. An operation "
            "that is not listed asks first, as one that sends a message does."
        ),
        examples=[
            "etelecom api Etelecom/GetExtensions",
            "etelecom api Zalo/NewMethod --as shop --body request.json --yes",
        ],
        callback=_run,
    )


def _run(wire_name: str, **given: Any) -> int:
    row = by_wire_name(wire_name) or _unknown(wire_name)
    layout = options.layout(given)
    if layout.format is None and not layout.columns and layout.file is None:
        layout = layout._replace(format=layouts.JSON)
    check_stdin(given)
    body = read_body(given["body"])
    question = None if given["dry_run"] or given["yes"] or not row.asks else f"{wire_name} {_reason(row)}"
    if question is not None:
        refuse_if_silent(question)
    credentials = credentials_for(row, given)
    from etelecom_async.cli import output
    from etelecom_async.cli.running import Call, run_raw

    with output.opened(layout) as stream:
        return run_raw(Call.of(row, body, credentials, given, output=(layout, stream), question=question))


def _reason(row: Operation) -> str:
    if not row.documented and not row.summary:
        close = [
            wire for wire in similar(row.wire, map(_wire, operations())) if _has_like_method(wire, row.wire)
        ]
        guess = f" (did you mean {close[0]}?)" if close else ""
        return f"is not listed{guess}, so it may cost money, reach a person or delete"
    return "deletes" if row.effect == "DELETE" else "costs money or reaches a person"


def _wire(row: Operation) -> str:
    return row.wire


def _has_like_method(first: str, second: str) -> bool:
    """Return whether the names after the service are similar; many operations share a service."""
    return bool(similar(first.rpartition("/")[2], [second.rpartition("/")[2]]))


def _unknown(wire_name: str) -> Operation:
    return Operation(
        name=wire_name,
        wire=wire_name,
        effect="SEND",
        documented=False,
        callers=(),
        summary="",
        title="",
        title_vi="",
        source="",
        result="",
        is_list=False,
        page_size=(),
        is_partial=True,
        fields=(),
    )
