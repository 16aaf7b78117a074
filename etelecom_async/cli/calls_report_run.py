"""Run `etelecom calls report`. This module loads the client, pyarrow, DuckDB and altair."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from etelecom_async import ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import calls_runs, exit_codes
from etelecom_async.cli.calling import Client
from etelecom_async.cli.calls_runs import STDOUT, show_stage
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import note
from etelecom_async.cli.words import call_filters
from etelecom_async.history.reporting import ReadOptions, Report, report


def run(row: Operation, given: Mapping[str, Any]) -> int:
    """
    Make the report, and return the exit code.

    Args:
        row: The operation, with the keys that all look-ups take.
        given: Values of the options.

    Raises:
        CommandError: The file cannot be written.
        EtelecomError: A request failed.
    """
    if given["hotlines"]:
        call_filters.note_inferred(given, "names the hotlines")
    credentials = credentials_for(row, given)
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        shop = cast("ShopClient", made)
        options: ReadOptions = {"windows": given["windows"]}
        if given["page_size"] is not None:
            options["limit"] = given["page_size"]
        if given["dry_run"]:
            await calls_runs.show_first_request(shop, given, **options)
        else:
            _show(await _report(shop, options, given), given)
        return exit_codes.DONE

    return run_steps(call, steps)


async def _report(shop: ShopClient, options: ReadOptions, given: Mapping[str, Any]) -> Report:
    """
    Make the report, and show the progress.

    Raises:
        CommandError: The file cannot be written.
    """
    output: str = given["output"]
    try:
        with calls_runs.progress(given) as show:
            return await report(
                shop,
                sys.stdout.buffer if output == STDOUT else output,
                given["since"],
                given["until"],
                language=given["language"],
                hotlines=given["hotlines"],
                service_level=given["service_level"],
                reveal_numbers=given["reveal_numbers"],
                on_progress=partial(show_stage, show),
                **options,
            )
    except OSError as error:
        if output == STDOUT:
            raise
        raise usage_error(f"--output {output} cannot be written: {error.strerror or error}") from None


def _show(result: Report, given: Mapping[str, Any]) -> None:
    """Write the summary."""
    output: str = given["output"]
    if given["json"]:
        calls_runs.print_summary(result.to_dict(), output)
    elif not given["quiet"]:
        place = "stdout" if output == STDOUT else output
        note(
            f"report about {counted(result.calls, 'call')} written to {place}; "
            f"{counted(result.requests, 'request')}"
        )
        note(f"{counted(result.missed, 'missed call')}, {result.not_returned:,} of them not returned")
        if result.hotline_requests:
            note(f"{counted(result.hotline_requests, 'request')} for the calls of each hotline")
