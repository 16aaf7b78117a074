"""Define `etelecom calls recordings`: the recordings of the calls of some days as files."""

from __future__ import annotations

from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option, usage_error
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import OUTPUT, REQUEST
from etelecom_async.cli.values import Count, Size
from etelecom_async.cli.words import SUMMARIES, call_filters, listing

_MOST_AT_ONCE: Final = 64
_OPTIONAL: Final = {"filelock": "filelock", "pyarrow": "pyarrow"}
"""The packages that it needs, by their import names."""


def command() -> Command:
    """Return the command."""
    filters = call_filters.options(
        of_user="Calls of an employee.", of_extension="Calls of an extension: its number."
    )
    return Command(
        "recordings",
        params=[
            *call_filters.span_options(),
            *(option for option in filters if option.name != "missed"),
            *_download_options(),
            *_output_options(),
            *options.safety_options(asks=False),
            *options.connection_options(has_shop=True),
        ],
        help=(
            f"{SUMMARIES['calls recordings']}\n\nA call belongs to the day of Hanoi on which it started. The "
            "files have the names <call id>-<number>.<suffix>, and recordings.jsonl in the folder says what "
            "happened to each recording. A file appears when it is whole. After an error or Ctrl-C, the same "
            "command continues. It requests no file again that is whole.\n\n"
            "The key is never sent to the servers of the recordings. Servers with a private address are "
            "refused without --allow-private, also behind a redirect. If recordings are missing or failed, "
            "the exit code is 3. --dry-run shows the first request. "
            "Key: shop_api_key or partner_shop_key; --user needs the latter. Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls recordings --since -7d --output recordings",
            "etelecom calls recordings --since 2026-11-01 --output november --max-bytes 20GB",
            "etelecom calls recordings --since yesterday --extension 1001 --output recordings --json",
        ],
        callback=_run,
    )


def _download_options() -> list[click.Parameter]:
    return [
        Option(
            "--concurrency",
            type=Count(least=1, most=_MOST_AT_ONCE),
            metavar="N",
            default=4,
            show_default=True,
            help="Files to download at once.",
            section=REQUEST,
        ),
        Option(
            "--allow-private",
            is_flag=True,
            help="Allow servers with addresses of private networks and of this machine.",
            section=REQUEST,
        ),
        Option(
            "--retry-missing",
            is_flag=True,
            help="Ask again for recordings that the server did not have.",
            section=REQUEST,
        ),
    ]


def _output_options() -> list[click.Parameter]:
    return [
        options.target_option("FOLDER", "Where to write. The folder is made if it does not exist."),
        Option(
            "--max-bytes",
            type=Size(),
            metavar="SIZE",
            help="What the folder may hold, like 20GB. The run ends with the first file that does not fit.",
            section=OUTPUT,
        ),
        Option(
            "--max-file-bytes",
            type=Size(),
            metavar="SIZE",
            help="The largest file. Default: 512 MiB.",
            section=OUTPUT,
        ),
        options.summary_option(
            "End with one line of JSON on stdout: files, bytes, missing, failed, skipped."
        ),
        options.quiet_option(),
    ]


def _run(**given: Any) -> int:
    """
    Download the recordings, and return the exit code.

    Raises:
        CommandError: An option is wrong, a package is not installed, or the folder cannot be written.
        EtelecomError: A look-up failed.
    """
    chosen = call_filters.Chosen.of({**given, "missed": False})
    call_filters.check_span(given["since"], given["until"])
    if given["output"] == "-":
        raise usage_error("--output takes a folder, not stdout")
    row = listing.operation_of(call_filters.LIST, *chosen.lookups())
    with needs(_OPTIONAL, extra="history", use="The list of the calls"):
        from etelecom_async.cli import calls_recordings_run  # loads the client and pyarrow
    return calls_recordings_run.run(row, chosen, given)
