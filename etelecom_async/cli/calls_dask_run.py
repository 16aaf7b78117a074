"""Run `etelecom calls export --dask`. This module loads the client, pyarrow and Dask."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import attrs

from etelecom_async import ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import exit_codes
from etelecom_async.cli.calls_runs import print_summary, progress, show_first_request, show_stage
from etelecom_async.cli.chosen_shops import ChosenShops
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import note
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.cli.words import call_filters
from etelecom_async.history.dask import ClusterExport, ClusterOptions, export_on_dask


def run(row: Operation, chosen: call_filters.Chosen, given: Mapping[str, Any]) -> int:
    """
    Export the calls of one shop or many on a cluster, and return the exit code.

    Args:
        row: The operation, with the keys that all look-ups take.
        chosen: Which calls.
        given: Values of the options.

    Raises:
        CommandError: A key is missing, or the output cannot be written.
        EtelecomError: The cluster cannot be used, or the only shop failed.
    """
    keys = None if given["shops"] is None else ChosenShops.of(given)
    credentials = credentials_for(row, given) if keys is None else keys.credentials
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Any) -> int:
        shops: ShopClient | Mapping[str, ShopClient] = made if keys is None else await keys.clients(made)
        filters, _ = await call_filters.find(cast("ShopClient", made), chosen)
        options = cast(
            "ClusterOptions",
            {
                name: value
                for name, value in {**filters, "limit": given["page_size"]}.items()
                if value is not None
            },
        )
        if given["dry_run"]:
            await show_first_request(made, given, **options)
        done = _in_words_of_commands(await _export(shops, options, given))
        _show(done, given)
        if not done.failed:
            return exit_codes.DONE
        return exit_codes.FAILED if len(done.failed) == len(done.shops) else exit_codes.PARTLY_DONE

    return run_steps(call, steps)


async def _export(
    shops: ShopClient | Mapping[str, ShopClient], options: ClusterOptions, given: Mapping[str, Any]
) -> ClusterExport:
    output: str = given["output"]
    try:
        with progress(given) as show:
            return await export_on_dask(
                shops,
                output,
                given["since"],
                given["until"],
                scheduler=given["dask"],
                rate=given["rate"],
                windows=given["windows"],
                workers=given["workers"],
                partition=given["partition"] or ("shop", "day"),
                file_format=given["file_format"],
                on_progress=partial(show_stage, show),
                **options,
            )
    except OSError as error:
        code = exit_codes.FAILED if isinstance(error, BlockingIOError) else exit_codes.USAGE
        message = f"--output {output} cannot be written: {error.strerror or error}"
        raise CommandError(message, exit_code=code) from None


def _in_words_of_commands(done: ClusterExport) -> ClusterExport:
    shops = (attrs.evolve(shop, error=shop.error and in_words_of_commands(shop.error)) for shop in done.shops)
    return attrs.evolve(done, shops=tuple(shops))


def _show(done: ClusterExport, given: Mapping[str, Any]) -> None:
    """Write the summary."""
    if given["json"]:
        print_summary(done.to_dict(), given["output"])
    if given["quiet"]:
        return
    for shop in done.failed:
        note(f"shop {shop.shop_id}: {shop.error}")
    if given["json"]:
        return
    rows, requests = counted(done.rows, "row"), counted(done.requests, "request")
    note(f"{rows} written to {given['output']}; {requests} of {counted(done.workers, 'worker')}")
    if done.failed:
        note("the same command again continues the shops that failed")
