"""Define `etelecom demo`: it runs a typical program against its own sandbox."""

from __future__ import annotations

from typing import Any, Final

from etelecom_async.cli.command import Command, Option
from etelecom_async.cli.sandbox import SEED
from etelecom_async.cli.values import Count

_CALL_LOGS: Final = 10_000
_LARGEST: Final = 2**63


def command() -> Command:
    """Return the command."""
    return Command(
        "demo",
        params=[
            Option(
                "--call-logs",
                type=Count(),
                metavar="N",
                default=_CALL_LOGS,
                help=f"Calls to read. Default: {_CALL_LOGS}.",
            ),
            Option(
                "--seed",
                type=Count(least=-_LARGEST),
                metavar="N",
                default=SEED,
                help=f"The same number gives the same calls and keys. Default: {SEED}.",
            ),
            Option("--keep", is_flag=True, help="Keep the sandbox running until Ctrl-C."),
            Option("--json", is_flag=True, help="Print only one JSON object with the figures."),
        ],
        help=(
            "Start a sandbox, and run a typical partner's program over HTTP: set up a shop with tenant, "
            "hotlines, users and extensions, then read the call logs of another shop page by page."
        ),
        examples=["etelecom demo", "etelecom demo --call-logs 1000 --json"],
        callback=_run,
    )


def _run(**given: Any) -> int:
    from etelecom_async.cli import demo_run  # loads the client and the sandbox

    return demo_run.run(given)
