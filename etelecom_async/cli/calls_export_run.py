"""Run `etelecom calls export`. This module loads the client and pyarrow."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, cast

from etelecom_async import EtelecomError, InvalidRequestError, ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import calls_runs, exit_codes, failures
from etelecom_async.cli.calling import Client
from etelecom_async.cli.calls_runs import CALLS, STDOUT, show_stage
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.console import Quiet, Share, show_nothing
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import note
from etelecom_async.cli.words import call_filters
from etelecom_async.history.exporting import Export, export
from etelecom_async.history.reading import CallOptions
from etelecom_async.history.spool import waiting_rows
from etelecom_async.history.walking import Progress

_MOST_FIELDS: Final = 10
"""Unknown fields that the summary names."""


def run(row: Operation, chosen: call_filters.Chosen, given: Mapping[str, Any]) -> int:
    """
    Export the calls, and return the exit code.

    Args:
        row: The operation, with the keys that all look-ups take.
        chosen: Which calls.
        given: Values of the options.

    Raises:
        CommandError: The output cannot be written, or the export ended early.
        EtelecomError: A look-up failed.
    """
    if given["output"] == STDOUT and given["file_format"] == "parquet" and sys.stdout.isatty():
        raise usage_error("Parquet is no text for a terminal: redirect stdout, or name a file with --output")
    if given["hotlines"]:
        call_filters.note_inferred(given, "names the hotlines")
    elif given["hotline"]:
        call_filters.note_inferred(given, "finds the hotline")
    credentials = credentials_for(row, given)
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        shop = cast("ShopClient", made)
        filters, _ = await call_filters.find(shop, chosen)
        options = _options(filters, given)
        if given["dry_run"]:
            await calls_runs.show_first_request(shop, given, **options)
        else:
            _show(await _Run(shop, options, given).export(), given)
        return exit_codes.DONE

    return run_steps(call, steps)


def _options(filters: Mapping[str, Any], given: Mapping[str, Any]) -> CallOptions:
    more = {"windows": given["windows"], "in_order": given["in_order"], "limit": given["page_size"]}
    return cast(
        "CallOptions", {key: value for key, value in {**filters, **more}.items() if value is not None}
    )


class _Run:
    """
    One run of an export.

    Args:
        shop: The client.
        options: How to read the calls.
        given: Values of the options.
    """

    def __init__(self, shop: ShopClient, options: CallOptions, given: Mapping[str, Any]) -> None:
        self._shop = shop
        self._options = options
        self._given = given
        self._output: str = given["output"]
        self._rows = 0
        self._reads_calls = not given["hotlines"]
        """Whether the export has come to its rows, so that those that wait are its own."""
        self._show: Share = show_nothing

    async def export(self) -> Export:
        """
        Export the calls, and show the progress.

        Raises:
            CommandError: The output cannot be written, or the export ended early.
        """
        given = self._given
        try:
            with self._progress() as self._show:
                return await export(
                    self._shop,
                    sys.stdout.buffer if self._output == STDOUT else self._output,
                    given["since"],
                    given["until"],
                    file_format=given["file_format"],
                    partition=given["partition"],
                    hotlines=given["hotlines"],
                    on_progress=self._on_progress,
                    **self._options,
                )
        except asyncio.CancelledError:  # Ctrl-C
            if not given["quiet"] and (rest := self._rest()):
                note(rest)
            raise
        except EtelecomError as error:
            if isinstance(error, InvalidRequestError):  # no request was sent
                raise
            raise self._ended_early(error) from error
        except OSError as error:
            if self._output == STDOUT:
                raise
            code = exit_codes.FAILED if isinstance(error, BlockingIOError) else exit_codes.USAGE
            message = f"--output {self._output} cannot be written: {error.strerror or error}"
            raise CommandError(message, exit_code=code) from None

    def _progress(self) -> AbstractContextManager[Share]:
        if self._output == STDOUT and sys.stdout.isatty():
            return Quiet().share()  # the rows are there
        return calls_runs.progress(self._given)

    def _on_progress(self, stage: str, progress: Progress) -> None:
        if stage == CALLS:
            self._reads_calls, self._rows = True, progress.rows
        show_stage(self._show, stage, progress)

    def _ended_early(self, error: EtelecomError) -> CommandError:
        code = failures.exit_code_of(error)
        if self._output == STDOUT and self._rows and code == exit_codes.FAILED:
            code = exit_codes.PARTLY_DONE
        parts = [failures.text_of(error), self._rest()]
        return CommandError(" ".join(filter(None, parts)), exit_code=code)

    def _rest(self) -> str:
        """Return what is left of an export that has ended early, as a sentence; empty if nothing is."""
        if self._output == STDOUT:
            return f"The output ended after {counted(self._rows, 'row')}." if self._rows else ""
        rows = waiting_rows(self._output) if self._reads_calls else 0
        return f"The same command again continues after {counted(rows, 'row')}." if rows else ""


def _show(result: Export, given: Mapping[str, Any]) -> None:
    """Write the summary."""
    output: str = given["output"]
    if given["json"]:
        calls_runs.print_summary(result.to_dict(), output)
    elif not given["quiet"]:
        place = "stdout" if output == STDOUT else output
        note(f"{counted(result.rows, 'row')} written to {place}; {counted(result.requests, 'request')}")
        if given["hotlines"]:
            note(f"the hotlines took {counted(result.hotline_requests, 'request')} of them")
        if result.resumed_rows:
            note(f"continued after {counted(result.resumed_rows, 'row')} of an earlier run")
        if result.unknown_fields:
            note(f"unknown fields, which the column extra has: {_fields(result.unknown_fields)}")


def _fields(counts: Mapping[str, int]) -> str:
    shown = [f"{name} ({counted(count, 'row')})" for name, count in list(counts.items())[:_MOST_FIELDS]]
    more = len(counts) - _MOST_FIELDS
    return f"{', '.join(shown)}{f' and {more} more' if more > 0 else ''}"
