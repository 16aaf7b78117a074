"""Define `etelecom calls export`: the call logs of some days as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option, usage_error
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import OUTPUT
from etelecom_async.cli.values import Count, Rate, Word
from etelecom_async.cli.words import SUMMARIES, call_filters, listing

FORMATS: Final = ("parquet", "csv", "jsonl")
PARTITIONS: Final = ("shop", "day", "month")
_MOST_TASKS: Final = 10_000
_USUAL_WINDOWS: Final = 4
_USUAL_TASKS: Final = 8
_OPTIONAL: Final = {"filelock": "filelock", "pyarrow": "pyarrow"}
"""The packages that it needs, by their import names."""
_OF_DASK: Final = {"distributed": "distributed", **_OPTIONAL}
"""The packages that `--dask` needs."""


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
            *_cluster_options(),
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
            "call_targets names the extensions where it rang.\n\nWith --dask, the workers of a cluster read "
            "the windows of the --shops, and write into a folder that all machines share. One rate holds for "
            "all workers. A shop that fails does not stop the others: the exit code is then 3. --dry-run "
            "shows the first request. Key: shop_api_key or partner_shop_key; --user needs the latter. "
            "Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls export --since -7d --output week.parquet",
            "etelecom calls export --since 2026-11-01 --until 2026-12-01 --output november.csv --hotlines",
            "etelecom calls export --since 2026-01-01 --output calls --partition month --windows 8",
            "etelecom calls export --since yesterday --missed --output - --format jsonl",
            "etelecom calls export --since -30d --output /data/calls --shops all --dask 10.0.0.5:8786",
        ],
        callback=_run,
    )


def _reading_options() -> list[click.Parameter]:
    return [
        Option(
            "--windows",
            type=Count(least=1, most=_MOST_TASKS),
            metavar="N",
            help=(
                f"Parts of the time to read at once, {options.MOST_WINDOWS} at most; with --dask, the tasks "
                f"of each shop. Default: {_USUAL_WINDOWS}; {_USUAL_TASKS} with --dask."
            ),
            section=options.LIST,
        ),
        options.page_size_option(),
        Option("--in-order", is_flag=True, help="Order the rows by their start.", section=options.LIST),
    ]


def _output_options() -> list[click.Parameter]:
    return [
        options.target_option(
            "FILE|FOLDER|-", "Where to write. The suffix of a file chooses the format; `-` is stdout."
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
        options.summary_option(
            "End with the summary as one line of JSON on stdout; on stderr if the rows are on stdout."
        ),
        options.quiet_option(),
    ]


def _cluster_options() -> list[click.Parameter]:
    return [
        Option(
            "--dask",
            type=Word(),
            metavar="ADDRESS",
            help=(
                "Let the workers of the Dask cluster with this scheduler read. --output is a folder that all "
                "machines have at the same path. Default of --partition: shop and day."
            ),
            section=options.CONNECTION,
        ),
        options.shops_option(
            "With --dask, the shops to read: `all` shops in the partner's key store, or those of a JSON "
            "file with the partner's key of each."
        ),
        Option(
            "--rate",
            type=Rate(),
            metavar="N",
            help="With --dask, requests a second of all workers together. Default: no limit.",
            section=options.CONNECTION,
        ),
        Option(
            "--workers",
            type=Count(least=1),
            metavar="N",
            help="With --dask, the workers that share the rate. Default: those at the start.",
            section=options.CONNECTION,
        ),
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
    windows = _USUAL_WINDOWS if given["dask"] is None else _USUAL_TASKS
    given["windows"] = given["windows"] or windows
    if given["dask"] is not None:
        with needs(_OF_DASK, extra="dask", use="An export on Dask"):
            from etelecom_async.cli import calls_dask_run  # loads the client, pyarrow and Dask

        return calls_dask_run.run(row, chosen, given)
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
    if given["dask"] is not None:
        _check_cluster(given)
        return
    _refuse_cluster_options(given)
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


def _refuse_cluster_options(given: dict[str, Any]) -> None:
    for name in ("shops", "rate", "workers"):
        if given[name] is not None:
            raise usage_error(f"--{name} is for --dask")
    if given["windows"] is not None and given["windows"] > options.MOST_WINDOWS:
        raise usage_error(f"--windows takes {options.MOST_WINDOWS} at most without --dask")


def _check_cluster(given: dict[str, Any]) -> None:
    if given["output"] == "-":
        raise usage_error("--dask needs a folder as --output, not stdout")
    for name in ("in_order", "hotlines"):
        if given[name]:
            raise usage_error(f"--dask and --{name.replace('_', '-')} exclude each other")
    if given["shops"] is None:
        return
    for name in ("shop", "key_file", "dry_run", "user", "extension", "hotline"):
        if given[name]:
            raise usage_error(f"--shops and --{name.replace('_', '-')} exclude each other")
    if given["partition"] and "shop" not in given["partition"]:
        raise usage_error("--shops needs --partition shop, because rows do not name their shop")
