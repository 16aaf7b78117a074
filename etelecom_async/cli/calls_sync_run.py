"""Run `etelecom calls sync`. This module loads the client, pyarrow and SQLAlchemy."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from etelecom_async import EtelecomError, InvalidRequestError, PartnerClient, Secret, ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client
from etelecom_async.cli.calls_runs import show_first_request
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import PARTNER, Credentials, clients_with_key, find, stand_in
from etelecom_async.cli.index import Operation
from etelecom_async.cli.key_files import read_keys
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.settings import Settings
from etelecom_async.cli.terminal import note
from etelecom_async.cli.words.calls_sync import ALL
from etelecom_async.history.many_shops import Sync, sync_shops
from etelecom_async.history.syncing import SyncOptions, sync
from etelecom_async.key_store import FileKeyStore

_FLAG: Final = "--shops"
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
    keys = None if given["shops"] is None else _Keys.of(given)
    credentials = credentials_for(row, given) if keys is None else keys.credentials
    call = Call.of(row, {}, credentials, given, output=(Layout(format=JSON), sys.stdout), question=None)

    async def steps(made: Client) -> int:
        if given["dry_run"]:
            await show_first_request(cast("ShopClient", made), given)
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
            f"{counted(sums['rows'], 'call')} read, {sums['changed']:,} of them new or changed; "
            f"{counted(sums['requests'], 'request')}"
        )
        if sums["without_id"]:
            note(f"{counted(sums['without_id'], 'call')} without an id could not be stored")


class _Keys:
    """
    The keys of `--shops`.

    Args:
        credentials: The partner's key.
        place: Where the keys are, for messages.
        keys: The keys in a file.
        store: The partner's key store.
    """

    def __init__(
        self,
        credentials: Credentials,
        place: str,
        keys: Mapping[str, Secret] | None = None,
        store: FileKeyStore | None = None,
    ) -> None:
        self.credentials: Final = credentials
        self._place = place
        self._keys = keys
        self._store = store

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> _Keys:
        """
        Return the keys that the option names.

        Raises:
            CommandError: The file or the key store is missing, or the partner's key.
        """
        settings = Settings.checked(given["profile"])
        file: str = given["shops"]
        if file != ALL:
            keys = read_keys(file, _FLAG, is_quiet=given["quiet"])
            has_key = clients_with_key([PARTNER], settings)
            # Without the partner's key, a stand-in only connects: each call has the key of its shop.
            found = find(PARTNER, (), None, settings) if has_key else stand_in(PARTNER, (), settings)
            return cls(found, file, keys=keys)
        path = settings.value("key_store")
        if path is None:
            message = f"there is no key store ({_FLAG} {ALL}): name one as key_store of a profile"
            raise CommandError(message, exit_code=exit_codes.KEY)
        store = FileKeyStore(Path(path.text).expanduser())
        return cls(find(PARTNER, (), None, settings), path.text, store=store)

    async def clients(self, partner: PartnerClient) -> dict[str, ShopClient]:
        """
        Return the client of each shop, all with the rate of the partner's client.

        Raises:
            CommandError: There is no shop, or a key has another form.
        """
        found: dict[str, ShopClient] = {}
        for name, key in (await self._all()).items():
            try:
                found[name] = partner.for_shop(key)
            except EtelecomError as error:
                message = f"the key of {name!r} in {self._place} cannot be used: {failures.text_of(error)}"
                raise CommandError(message, exit_code=exit_codes.KEY) from None
        if not found:
            message = f"{self._place} has no key of a shop ({_FLAG}): run `etelecom connect` for each shop"
            raise CommandError(message, exit_code=exit_codes.KEY)
        return found

    async def _all(self) -> Mapping[str, Secret]:
        if self._store is None:
            return self._keys or {}
        keys = {shop_id: await self._store.get(shop_id) for shop_id in await self._store.shop_ids()}
        return {shop_id: key for shop_id, key in keys.items() if key is not None}
