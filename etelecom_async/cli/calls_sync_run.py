"""Run `etelecom calls sync`. This module loads the client, pyarrow and SQLAlchemy."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

from etelecom_async import EtelecomError, InvalidRequestError, PartnerClient, ShopClient
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.shop_keys import KeysOfShops
from etelecom_async.cli.terminal import note
from etelecom_async.history.many_shops import Sync, sync_shops
from etelecom_async.history.reading import calls
from etelecom_async.history.syncing import SyncOptions, sync

_JITTER: Final = 0.1
"""Share of a pause that varies, so that many machines do not send their requests together."""


def run(row: Operation, given: Mapping[str, Any]) -> int:
    """
    Run the sync once, or again and again, and return the exit code.

    Args:
        row: The operation that lists calls.
        given: Values of the options.

    Raises:
        CommandError: A key is missing, or options do not fit together.
        EtelecomError: A request or the database failed.
    """
    keys = None if given["shops"] is None else KeysOfShops.of(given)
    credentials = credentials_for(row, given) if keys is None else keys.credentials
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        if given["dry_run"]:
            async for _ in calls(cast("ShopClient", made), given["since"]):
                break  # pragma: no cover - the first request is not sent
        shops = None if keys is None else await keys.clients(cast("PartnerClient", made))
        code = await _round(made, shops, given)
        while given["every"] is not None:
            await asyncio.sleep(pause(given["every"]))
            code = await _round(made, shops, given)
        return code

    return run_steps(call, steps)


def pause(every: timedelta) -> float:
    """Return the seconds until the next run."""
    return every.total_seconds() * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - it is no secret


async def _round(made: Client, shops: Mapping[str, ShopClient] | None, given: Mapping[str, Any]) -> int:
    """Run the sync once. With `--every`, an error is a note, and the next run tries again."""
    try:
        done = await _sync(made, shops, given)
    except EtelecomError as error:
        if given["every"] is None or isinstance(error, InvalidRequestError):
            raise
        note(failures.text_of(error))
        return failures.exit_code_of(error)
    _show(done, given)
    if not done.failed:
        return exit_codes.DONE
    return exit_codes.FAILED if len(done.failed) == len(done.shops) else exit_codes.PARTLY_DONE


async def _sync(made: Client, shops: Mapping[str, ShopClient] | None, given: Mapping[str, Any]) -> Sync:
    options = SyncOptions(
        look_back=timedelta(days=given["look_back"]), reread=given["reread"], windows=given["windows"]
    )
    if given["page_size"] is not None:
        options["limit"] = given["page_size"]
    database, since = given["database"], given["since"]
    if shops is None:
        return Sync(shops=(await sync(cast("ShopClient", made), database, since, **options),))
    return await sync_shops(shops, database, since, deadline=given["deadline"], **options)


def _show(done: Sync, given: Mapping[str, Any]) -> None:
    """Write the summary of a run."""
    if given["json"]:
        print(json.dumps(done.to_dict(), ensure_ascii=False), flush=True)
    if given["quiet"]:
        return
    for shop in done.failed:
        note(f"shop {shop.shop_name or shop.shop_id}: {shop.error}")
    if not given["json"]:
        sums = done.to_dict()
        note(
            f"{_counted(sums['rows'], 'call')} read, {sums['changed']:,} of them new or changed; "
            f"{_counted(sums['requests'], 'request')}"
        )
        if sums["without_id"]:
            note(f"{_counted(sums['without_id'], 'call')} without an id could not be stored")


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
