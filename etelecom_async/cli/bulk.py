"""Define `etelecom bulk`: show and continue a job of `send-many`."""

from __future__ import annotations

from typing import Any, Final

import click

from etelecom_async.cli.command import Command, Entry, Group
from etelecom_async.cli.words import send_many

_STATUS: Final = "Show what a job has done, also while it runs."
_RESUME: Final = "Continue a job that was stopped."


def command() -> Group:
    """Return the group."""
    return Group(
        "bulk",
        {"status": Entry(_STATUS, _status), "resume": Entry(_RESUME, _resume)},
        help="Show and continue jobs of `etelecom zns send-many` and `etelecom sms send-many`.",
        examples=["etelecom bulk status invoices.csv.journal", "etelecom bulk resume invoices.csv.journal"],
    )


def _journal() -> click.Argument:
    return click.Argument(["journal"], type=click.Path(), metavar="JOURNAL")


def _status() -> Command:
    def callback(**given: Any) -> int:
        return send_many.run_job("status", given)

    return Command(
        "status",
        params=[_journal(), *send_many.output_options()],
        help=(
            f"{_STATUS}\n\nIt lists the messages that are not sent, with the reason and what to do. It reads "
            "only the journal, and works for the journals of programs in Python, too."
        ),
        examples=["etelecom bulk status invoices.csv.journal --json"],
        callback=callback,
    )


def _resume() -> Command:
    def callback(**given: Any) -> int:
        return send_many.run_job("resume", given)

    return Command(
        "resume",
        params=[_journal(), *send_many.job_options(), *send_many.ending_options(has_shop=True)],
        help=(
            f"{_RESUME}\n\nThe journal says which file, template and columns the job has, and for which shop "
            "or profile. The file may have new rows, and corrections of rows that were refused. Rows that "
            "were sent must be as they were."
        ),
        examples=["etelecom bulk resume invoices.csv.journal --yes"],
        callback=callback,
    )
