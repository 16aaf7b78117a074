"""Define `etelecom calls sync`: the call logs of one shop or many in a database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import click

from etelecom_async import times
from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option, usage_error
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.values import Count, Duration, Moment, Word
from etelecom_async.cli.words import SUMMARIES, call_filters, listing

_OPTIONAL: Final = {
    "aiosqlite": "aiosqlite",
    "filelock": "filelock",
    "pyarrow": "pyarrow",
    "sqlalchemy": "sqlalchemy",
}
"""The packages that a sync needs, by their import names."""


def command() -> Command:
    """Return the command."""
    return Command(
        "sync",
        params=[
            *_place_options(),
            *_reading_options(),
            *_shop_options(),
            *_output_options(),
            *options.safety_options(asks=False),
            *options.connection_options(has_shop=True),
        ],
        help=(
            f"{SUMMARIES['calls sync']}\n\nThe tables call_logs, call_targets and recordings have the names "
            "of the wire; a row belongs to its shop_id. The first run reads all calls since the day of "
            "--since. A later run reads the calls since the last run and those of --look-back before it, "
            "because calls change after their end. Only new and changed calls are written. After an error, a "
            "kill or Ctrl-C, the same command continues. Two runs at once on one database are refused.\n\n"
            "With --shops, a shop that fails does not stop the others: the exit code is then 3, and the line "
            "of --json has the error of each shop. With --every, the command runs until Ctrl-C or SIGTERM. "
            "The addresses of recordings seem to need no key, so treat the database like a secret. "
            "Key: shop_api_key or partner_shop_key; --shops needs the latter. Wire: Etelecom/ListCallLogs."
        ),
        examples=[
            "etelecom calls sync --database calls.db --since 2026-11-01",
            "etelecom calls sync --database postgresql://db/calls --since 2026-11-01 --shops all --json",
            "etelecom calls sync --database calls.db --since 2026-11-01 --every 5m",
            "etelecom calls sync --database calls.db --since -90d --reread",
        ],
        callback=_run,
    )


def _place_options() -> list[click.Parameter]:
    return [
        Option(
            "--database",
            type=Word(),
            required=True,
            metavar="URL|FILE",
            help=(
                "File of SQLite, sqlite:///calls.db or postgresql://user@host/name. The password of "
                "PostgreSQL can be in the variable PGPASSWORD."
            ),
            section=REQUEST,
        ),
        Option(
            "--since",
            type=Moment(is_end=False, needs_offset=True),
            required=True,
            help=(
                "First day of Hanoi: 2026-11-01, -90d; or a time with an offset. An earlier one than before "
                "adds the calls in between."
            ),
            section=REQUEST,
        ),
    ]


def _reading_options() -> list[click.Parameter]:
    return [
        Option(
            "--look-back",
            type=Count(least=1),
            metavar="DAYS",
            default=3,
            show_default=True,
            help="Days before the last run whose calls are read again.",
            section=options.LIST,
        ),
        Option("--reread", is_flag=True, help="Read all calls since --since again.", section=options.LIST),
        options.windows_option(),
        options.page_size_option(),
    ]


def _shop_options() -> list[click.Parameter]:
    return [
        options.shops_option(
            "Shops to read: `all` shops in the partner's key store, or those of a JSON file with the "
            "partner's key of each. One rate limit counts for all."
        ),
        Option(
            "--deadline",
            type=Duration(),
            metavar="TIME",
            help="How long one of the --shops may take in a run, as 90s, 10m or 1h. Default: no limit.",
            section=options.LIST,
        ),
        Option(
            "--every",
            type=Duration(),
            metavar="TIME",
            help="Run again and again, so long after each end, a tenth more or less. Default: run once.",
            section=options.LIST,
        ),
    ]


def _output_options() -> list[click.Parameter]:
    return [
        options.summary_option("End each run with one line of JSON on stdout."),
        options.quiet_option(),
    ]


def _run(**given: Any) -> int:
    """
    Run the sync, and return the exit code.

    Raises:
        CommandError: An option is wrong, or a package is not installed.
        EtelecomError: A request or the database failed.
    """
    _check(given)
    with needs(_OPTIONAL, extra="sync", use="A sync"):
        from etelecom_async.cli import calls_sync_run  # loads the client, pyarrow and SQLAlchemy
    return calls_sync_run.run(listing.operation_of(call_filters.LIST), given)


def _check(given: dict[str, Any]) -> None:
    """
    Refuse options that do not fit together, before anything is loaded.

    Raises:
        CommandError: They do not fit.
    """
    if given["since"] >= times.now():
        raise usage_error(
            f"--since is {times.local(given['since']):%Y-%m-%d %H:%M} in Hanoi, which is not past"
        )
    for name in ("deadline", "every"):
        if given[name] is not None and given[name] < timedelta(seconds=1):
            raise usage_error(f"--{name} takes 1s or more")
    if given["shops"] is None and given["deadline"] is not None:
        raise usage_error("--deadline is for --shops")
    for name in ("shop", "key_file", "dry_run"):
        if given["shops"] is not None and given[name]:
            raise usage_error(f"--shops and --{name.replace('_', '-')} exclude each other")
