"""Run `etelecom calls sync`. This module loads the client, pyarrow and SQLAlchemy."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

import attrs

from etelecom_async import EtelecomError, InvalidRequestError, PartnerClient, ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client
from etelecom_async.cli.calls_runs import progress, show_first_request
from etelecom_async.cli.chosen_shops import ChosenShops
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.console import Share
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import note
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.history.many_shops import Sync, sync_shops
from etelecom_async.history.syncing import ShopSync, SyncOptions, SyncProgress, shop_id_of, sync

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
    shops = None if given["shops"] is None else ChosenShops.of(given)
    credentials = credentials_for(row, given) if shops is None else shops.credentials
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        if given["dry_run"]:
            await show_first_request(cast("ShopClient", made), given)
        code = await _Round(made, shops, given).run()
        while given["every"] is not None:
            await asyncio.sleep(pause(given["every"]))
            code = await _later_round(made, shops, given)
        return code

    return run_steps(call, steps)


def pause(every: timedelta) -> float:
    """Return the seconds until the next run."""
    return every.total_seconds() * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - it is no secret


async def _later_round(made: Client, shops: ChosenShops | None, given: Mapping[str, Any]) -> int:
    """Run the sync again. The keys may be missing for a moment, for example while their file is replaced."""
    try:
        return await _Round(made, shops, given).run()
    except CommandError as error:
        note(str(error))
        return error.exit_code


class _Round:
    """
    One run of the sync.

    Args:
        made: The client of the command.
        shops: The shops of `--shops`.
        given: Values of the options.
    """

    def __init__(self, made: Client, shops: ChosenShops | None, given: Mapping[str, Any]) -> None:
        self._made = made
        self._shops = shops
        self._given = given
        self._count = 1
        """Number of shops."""
        self._done: dict[str, SyncProgress] = {}
        """How far the shops are, by their ids."""

    async def run(self) -> int:
        """
        Run the sync, and return the exit code. With `--every`, an error is a note: the next run tries again.

        Raises:
            CommandError: There is no shop.
            EtelecomError: A request or the database failed.
        """
        try:
            done = await self._sync()
        except InvalidRequestError:
            raise
        except EtelecomError as error:
            text = failures.text_of(error)
            if self._given["json"]:
                _print_json(self._so_far(text), text)
            if self._given["every"] is None:
                raise
            note(text)
            return failures.exit_code_of(error)
        _show(done, self._given)
        if not done.failed:
            return exit_codes.DONE
        return exit_codes.FAILED if len(done.failed) == len(done.shops) else exit_codes.PARTLY_DONE

    async def _sync(self) -> Sync:
        given = self._given
        options = SyncOptions(
            look_back=timedelta(days=given["look_back"]), reread=given["reread"], windows=given["windows"]
        )
        if given["page_size"] is not None:
            options["limit"] = given["page_size"]
        shops = None
        if self._shops is not None:
            shops = await self._shops.clients(cast("PartnerClient", self._made))
            self._count = len(shops)
        with progress(given) as show:

            def on_progress(done: SyncProgress) -> None:
                self._done[done.shop.shop_id] = done
                self._show_progress(show)

            database, since = given["database"], given["since"]
            if shops is None:
                shop = cast("ShopClient", self._made)
                return Sync(shops=(await sync(shop, database, since, on_progress=on_progress, **options),))
            done = await sync_shops(
                shops, database, since, deadline=given["deadline"], on_progress=on_progress, **options
            )
            return Sync(shops=tuple(map(_in_words_of_commands, done.shops)))

    def _show_progress(self, show: Share) -> None:
        seen = self._done.values()
        label = "Calls" if self._shops is None else f"Calls of {counted(self._count, 'shop')}"
        rows = counted(sum(each.shop.rows for each in seen), "call")
        requests = counted(sum(each.shop.requests for each in seen), "request")
        show(label, sum(each.done for each in seen) / self._count, f"{rows}, {requests}")

    def _so_far(self, error: str) -> Sync:
        """Return what the run has done before an error ended it."""
        if self._shops is not None:
            return Sync(shops=tuple(attrs.evolve(each.shop, error=error) for each in self._done.values()))
        shop_id = shop_id_of(cast("ShopClient", self._made))
        known = self._done.get(shop_id)
        shop = _NOTHING if known is None else known.shop
        return Sync(shops=(attrs.evolve(shop, shop_id=shop_id, error=error),))


_NOTHING: Final = ShopSync(
    shop_id="", shop_name=None, rows=0, changed=0, without_id=0, requests=0, synced_until=None
)


def _in_words_of_commands(shop: ShopSync) -> ShopSync:
    return attrs.evolve(shop, error=shop.error and in_words_of_commands(shop.error))


def _print_json(done: Sync, error: str | None = None) -> None:
    print(json.dumps({**done.to_dict(), "error": error}, ensure_ascii=False), flush=True)


def _show(done: Sync, given: Mapping[str, Any]) -> None:
    """Write the summary of a run."""
    if given["json"]:
        _print_json(done)
    if given["quiet"]:
        return
    for shop in done.failed:
        note(f"shop {shop.shop_name or shop.shop_id}: {shop.error}")
    if not given["json"]:
        sums = done.to_dict()
        note(
            f"{counted(sums['rows'], 'call')} read, {sums['changed']:,} of them new or changed; "
            f"{counted(sums['requests'], 'request')}"
        )
        if sums["without_id"]:
            note(f"{counted(sums['without_id'], 'call')} without an id could not be stored")
