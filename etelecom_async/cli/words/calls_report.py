"""Define `etelecom calls report`: one HTML file about the calls of some days."""

from __future__ import annotations

from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import OUTPUT
from etelecom_async.cli.values import Count
from etelecom_async.cli.words import SUMMARIES, call_filters, listing

LANGUAGES: Final = ("en", "vi")
_MOST_SECONDS: Final = 3600
_OPTIONAL: Final = {
    "altair": "altair",
    "duckdb": "duckdb",
    "filelock": "filelock",
    "pyarrow": "pyarrow",
    "vl_convert": "vl-convert-python",
}
"""The packages that a report needs, by their import names."""


def command() -> Command:
    """Return the command."""
    return Command(
        "report",
        params=[
            *call_filters.span_options(),
            *_reading_options(),
            *_output_options(),
            *options.safety_options(asks=False),
            *options.connection_options(has_shop=True),
        ],
        help=(
            f"{SUMMARIES['calls report']}\n\nThe page shows calls by day and direction, when customers call, "
            "the answer rate, waiting and talk times, the service level, calls by extension and by employee, "
            "and missed calls that were not returned. It prints the definition of each figure. It opens "
            "without a network, on a phone too, and prints well. The file appears when it is whole, and only "
            "its owner can read it.\n\n"
            "Numbers of callers are masked without --reveal-numbers. Names of employees need a "
            "partner_shop_key; with a shop_api_key, the page has their ids. --dry-run shows the first "
            "request for calls. Key: shop_api_key or partner_shop_key. Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls report --since -7d --output week.html",
            "etelecom calls report --since 2026-11-01 --until 2026-12-01 --output november.html --hotlines",
            "etelecom calls report --since yesterday --output hom-qua.html --language vi --reveal-numbers",
        ],
        callback=_run,
    )


def _reading_options() -> list[click.Parameter]:
    return [
        options.windows_option(),
        options.page_size_option(),
    ]


def _output_options() -> list[click.Parameter]:
    return [
        options.target_option("FILE|-", "The HTML file to write; `-` is stdout."),
        Option(
            "--language",
            type=click.Choice(LANGUAGES),
            default="en",
            show_default=True,
            help="Language of the page: English or Vietnamese.",
            section=OUTPUT,
        ),
        Option(
            "--service-level",
            type=Count(least=1, most=_MOST_SECONDS),
            metavar="SECONDS",
            default=20,
            show_default=True,
            help="Time within which an answer is in time.",
            section=OUTPUT,
        ),
        Option(
            "--hotlines",
            is_flag=True,
            help=(
                "Count the calls of each hotline. A call log names no hotline, so the calls of each hotline "
                "are listed, too. The list of hotlines is inferred, not documented."
            ),
            section=OUTPUT,
        ),
        Option(
            "--reveal-numbers",
            is_flag=True,
            help="Show the numbers of callers whose missed calls were not returned.",
            section=OUTPUT,
        ),
        options.summary_option(
            "End with the summary as one line of JSON on stdout; on stderr if the page is on stdout."
        ),
        options.quiet_option(),
    ]


def _run(**given: Any) -> int:
    """
    Make the report, and return the exit code.

    Raises:
        CommandError: An option is wrong, a package is not installed, or the file cannot be written.
        EtelecomError: A request failed.
    """
    call_filters.check_span(given["since"], given["until"])
    row = listing.operation_of(call_filters.LIST, *(["shop.hotlines.list"] if given["hotlines"] else []))
    with needs(_OPTIONAL, extra="report", use="A report"):
        from etelecom_async.cli import calls_report_run  # loads the client, pyarrow, DuckDB and altair
    return calls_report_run.run(row, given)
