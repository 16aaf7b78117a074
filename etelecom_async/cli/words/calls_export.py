"""Define `etelecom calls export`: the call logs of some days as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option, usage_error
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import OUTPUT
from etelecom_async.cli.values import OutputPath
from etelecom_async.cli.words import SUMMARIES, call_filters, listing

FORMATS: Final = ("parquet", "csv", "jsonl")
PARTITIONS: Final = ("shop", "day", "month")
_OPTIONAL: Final = {"filelock": "filelock", "pyarrow": "pyarrow"}
"""The packages that it needs, by their import names."""


def command() -> Command:
    """Return the command."""
    return Command(
        "export",
        params=[
            *call_filters.span_options(),
            *call_filters.options(
                of_user="Calls of an employee.", of_extension="Calls of an extension: its number."
            ),
            *_reading_options(),
            *_output_options(),
            *options.safety_options(asks=False),
            *options.connection_options(has_shop=True),
        ],
        help=(
            f"{SUMMARIES['calls export']}\n\nA call belongs to the day of Hanoi on which it started. The "
            "file appears when it is whole, and replaces an old one. After an error or Ctrl-C, the same "
            "command continues after the rows that were read. The columns have the names of the wire; "
            "fields that are unknown are in the column extra, and the summary counts them.\n\n"
            "With --partition, --output names a folder. With --output -, the rows are on stdout, the line "
            "of --json is on stderr, and no run can continue another one. A missed call belongs to no "
            "employee and to no extension, so --missed excludes --user and --extension; the column "
            "call_targets names the extensions where it rang. --dry-run shows the first request. "
            "Key: shop_api_key or partner_shop_key; --user needs the latter. Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls export --since -7d --output week.parquet",
            "etelecom calls export --since 2026-11-01 --until 2026-12-01 --output november.csv --hotlines",
            "etelecom calls export --since 2026-01-01 --output calls --partition month --windows 8",
            "etelecom calls export --since yesterday --missed --output - --format jsonl",
        ],
        callback=_run,
    )


def _reading_options() -> list[click.Parameter]:
    return [
        options.windows_option(),
        options.page_size_option(),
        Option("--in-order", is_flag=True, help="Order the rows by their start.", section=options.LIST),
    ]


def _output_options() -> list[click.Parameter]:
    return [
        Option(
            "--output",
            "-o",
            type=OutputPath(),
            required=True,
            metavar="FILE|FOLDER|-",
            help="Where to write. The suffix of a file chooses the format; `-` is stdout.",
            section=OUTPUT,
        ),
        Option(
            "--format",
            "file_format",
            type=click.Choice(FORMATS),
            help="Format of the output. Default: that of the suffix; parquet for --partition.",
            section=OUTPUT,
        ),
        Option(
            "--partition",
            type=click.Choice(PARTITIONS),
            multiple=True,
            help=(
                "Write a folder for each shop, day or month. Repeat it for folders in folders, the outermost "
                "first. The partitions of this time are replaced; with shop alone, all of the shop."
            ),
            section=OUTPUT,
        ),
        Option(
            "--hotlines",
            is_flag=True,
            help=(
                "Add the columns hotline_id, hotline and hotline_name. A call log names no hotline, so the "
                "calls of each hotline are listed, too; the summary says how many requests this took. The "
                "list of hotlines is inferred, not documented."
            ),
            section=OUTPUT,
        ),
        Option(
            "--json",
            is_flag=True,
            help=("End with the summary as one line of JSON on stdout; on stderr if the rows are on stdout."),
            section=OUTPUT,
        ),
        options.quiet_option(),
    ]


def _run(**given: Any) -> int:
    """
    Export the calls, and return the exit code.

    Raises:
        CommandError: An option is wrong, a package is not installed, or the export ended early.
        EtelecomError: A look-up failed.
    """
    chosen = call_filters.Chosen.of(given)
    _check(given)
    used = chosen.lookups()
    if given["hotlines"]:
        used.append("shop.hotlines.list")
    row = listing.operation_of(call_filters.LIST, *used)
    with needs(_OPTIONAL, extra="history", use="An export"):
        from etelecom_async.cli import calls_export_run  # loads the client and pyarrow
    return calls_export_run.run(row, chosen, given)


def _check(given: dict[str, Any]) -> None:
    """
    Refuse options that do not fit together, before anything is loaded.

    Raises:
        CommandError: They do not fit.
    """
    for other in ("user", "extension"):
        if given["missed"] and given[other]:
            raise usage_error(
                f"--missed and --{other} exclude each other: a missed call belongs to no employee and to no "
                f"extension. Export all missed calls; call_targets names the extensions where each rang"
            )
    call_filters.check_span(given["since"], given["until"])
    output, partition = given["output"], given["partition"]
    if output == "-" and partition:
        raise usage_error("--partition needs a folder as --output, not stdout")
    if given["file_format"] or partition:
        return
    if output == "-":
        raise usage_error(f"stdout has no suffix: add --format, one of {', '.join(FORMATS)}")
    if Path(output).suffix.lower().removeprefix(".") not in FORMATS:
        raise usage_error(
            f"the suffix of {Path(output).name!r} names no format: use .parquet, .csv or .jsonl, or add "
            f"--format"
        )
