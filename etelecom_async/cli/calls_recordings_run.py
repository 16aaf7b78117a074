"""Run `etelecom calls recordings`. This module loads the client and pyarrow."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, cast

from etelecom_async import ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import calls_runs, exit_codes
from etelecom_async.cli.calling import Client
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import note
from etelecom_async.cli.words import call_filters
from etelecom_async.history.downloading import RecordingCounts, RecordingOptions, download_recordings
from etelecom_async.history.recording_manifest import NAME


def run(row: Operation, chosen: call_filters.Chosen, given: Mapping[str, Any]) -> int:
    """
    Download the recordings, and return the exit code.

    Args:
        row: The operation, with the keys that all look-ups take.
        chosen: Which calls.
        given: Values of the options.

    Raises:
        CommandError: The folder cannot be written.
        EtelecomError: A look-up failed, or the calls could not be listed.
    """
    if given["hotline"]:
        call_filters.note_inferred(given, "finds the hotline")
    credentials = credentials_for(row, given)
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        shop = cast("ShopClient", made)
        found, _ = await call_filters.find(shop, chosen)
        filters = {name: value for name, value in found.items() if value is not None}
        if given["dry_run"]:
            await calls_runs.show_first_request(shop, given, **filters)
            return exit_codes.DONE
        counts = await _download(shop, filters, given)
        _show(counts, given)
        return exit_codes.PARTLY_DONE if counts.missing or counts.failed else exit_codes.DONE

    return run_steps(call, steps)


async def _download(
    shop: ShopClient, filters: Mapping[str, Any], given: Mapping[str, Any]
) -> RecordingCounts:
    """
    Download the recordings, and show the progress.

    Raises:
        CommandError: The folder cannot be written.
        EtelecomError: The calls could not be listed.
    """
    names = ("concurrency", "allow_private", "retry_missing", "max_bytes", "max_file_bytes")
    more = {name: given[name] for name in names if given[name] is not None}
    options = cast("RecordingOptions", {**filters, **more})
    latest = RecordingCounts()

    def on_progress(counts: RecordingCounts, done: float) -> None:
        nonlocal latest
        latest = counts
        show("Recordings", done, _summary(counts))

    try:
        with calls_runs.progress(given) as show:
            return await download_recordings(
                shop,
                given["output"],
                given["since"],
                given["until"],
                on_progress=on_progress,
                **options,
            )
    except asyncio.CancelledError:  # Ctrl-C
        if not given["quiet"]:
            note(f"{_summary(latest)}; the same command again continues")
        raise
    except OSError as error:
        code = exit_codes.FAILED if isinstance(error, BlockingIOError) else exit_codes.USAGE
        message = f"--output {given['output']} cannot be written: {error.strerror or error}"
        raise CommandError(message, exit_code=code) from None


def _show(counts: RecordingCounts, given: Mapping[str, Any]) -> None:
    """Write the summary."""
    if given["json"]:
        print(json.dumps(counts.to_dict()))
    elif not given["quiet"]:
        note(f"{_summary(counts)}; written to {given['output']}")
        if counts.missing or counts.failed:
            note(f"{NAME} has the reasons; the same command requests the failed ones again")


def _summary(counts: RecordingCounts) -> str:
    """Return the counts as a text; those that are 0 are left out, except the first."""
    others = {"there before": counts.skipped, "missing": counts.missing, "failed": counts.failed}
    parts = [f"{counted(counts.files, 'file')}, {counts.bytes / 1e6:,.1f} MB"]
    return ", ".join([*parts, *(f"{number:,} {name}" for name, number in others.items() if number)])
