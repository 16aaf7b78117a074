"""Keep the calls of many shops in one database. A shop that fails does not stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final, Unpack, cast

import attrs
from sqlalchemy.ext.asyncio import AsyncEngine

from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import APIError, EtelecomError, InvalidRequestError, ResourceExhaustedError
from etelecom_async.history.sync_state import Order, ShopState
from etelecom_async.history.sync_store import Store
from etelecom_async.history.syncing import (
    OnProgress,
    Reading,
    ShopSync,
    SyncOptions,
    opened,
    order_of,
    shop_id_of,
)

OnShop = Callable[[ShopSync], object]
_AT_ONCE: Final = 8
"""Shops that are read at once."""
_REFUSALS: Final = range(400, 500)


@attrs.frozen(kw_only=True)
class Sync:
    """What the sync of many shops has done."""

    shops: tuple[ShopSync, ...]

    @property
    def failed(self) -> tuple[ShopSync, ...]:
        """The shops whose sync ended early. The next sync continues them."""
        return tuple(shop for shop in self.shops if shop.error is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the sums and the shops as plain data."""
        names = ("rows", "changed", "without_id", "requests")
        return {
            **{name: sum(getattr(shop, name) for shop in self.shops) for name in names},
            "failed": len(self.failed),
            "shops": [shop.to_dict() for shop in self.shops],
        }


async def sync_shops(
    shops: Mapping[str, ShopClient],
    database: str | AsyncEngine,
    since: str | date,
    *,
    deadline: timedelta | None = None,
    on_shop: OnShop | None = None,
    on_progress: OnProgress | None = None,
    **options: Unpack[SyncOptions],
) -> Sync:
    """
    Bring the calls of many shops into one database; see `sync`.

    Take the clients from one `PartnerClient`, so that all share its rate:

        shops = {shop_id: partner.shop(shop_id) for shop_id in await store.shop_ids()}
        done = await history.sync_shops(shops, "postgresql://db/calls", "2026-09-01")

    Args:
        shops: The clients, by the ids or names of their shops.
        database: The URL of a file of SQLite or of PostgreSQL, or an engine. The tables are created.
        since: First day, as `times.day` takes it, or an aware time.
        deadline: How long the sync of one shop may take. Default: no limit.
        on_shop: Is called when a shop is done, or has failed.
        on_progress: Is called when pages of a shop were stored.
        options: See `SyncOptions`.

    Returns:
        What was done for each shop, in the order of *shops*. A shop that failed has the error as a text.

    Raises:
        InvalidRequestError: An argument is wrong.
        SyncError: The database cannot be used, or another sync uses it.
    """
    try:
        order = order_of(since, options)
        _check(shops, deadline)
        async with opened(database) as store:
            return await _Round(
                store, order, options, deadline=deadline, on_shop=on_shop, on_progress=on_progress
            ).run(shops)
    except BaseException as error:
        cleaned(error)
        raise


def _check(shops: object, deadline: object) -> None:
    problems: list[str] = []
    if not isinstance(shops, Mapping) or not shops:
        problems.append("shops takes a mapping of shops to clients, with one at least")
        shops = {}
    ids: dict[str, str] = {}
    for name, shop in cast("Mapping[str, object]", shops).items():
        if not isinstance(shop, ShopClient):
            problems.append(f"shops takes clients of the class ShopClient, not {kind_of(shop)}")
            continue
        first = ids.setdefault(shop_id_of(shop, name), name)
        if first != name:
            problems.append(f"shops has one shop twice: {first!r} and {name!r}")
    if deadline is not None and not (isinstance(deadline, timedelta) and deadline > timedelta()):
        problems.append("deadline takes a timedelta above 0")
    if problems:
        raise InvalidRequestError(tuple(problems))


class _Round:
    """One sync of many shops."""

    def __init__(
        self,
        store: Store,
        order: Order,
        options: SyncOptions,
        *,
        deadline: timedelta | None,
        on_shop: OnShop | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._store = store
        self._order = order
        self._options = options
        self._deadline = deadline
        self._on_shop = on_shop
        self._on_progress = on_progress
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def run(self, shops: Mapping[str, ShopClient]) -> Sync:
        """
        Sync the shops.

        Raises:
            Exception: A function of the caller, or a defect. The other shops are done then.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._sync(name, shop)) for name, shop in shops.items()]
        done = [task.result() for task in tasks]
        for each in done:
            if isinstance(each, Exception):
                raise each
        return Sync(shops=tuple(each for each in done if isinstance(each, ShopSync)))

    async def _sync(self, name: str, shop: ShopClient) -> ShopSync | Exception:
        async with self._turns:
            reading = Reading(
                shop,
                self._store,
                self._order,
                self._options,
                fallback_id=name,
                on_progress=self._on_progress,
            )
            try:
                done = reading.result(await self._error_of(reading, name, shop))
                if self._on_shop is not None:
                    self._on_shop(done)
            except Exception as error:  # noqa: BLE001 - raised when the other shops are done
                return error
            return done

    async def _error_of(self, reading: Reading, name: str, shop: ShopClient) -> str | None:
        """Sync a shop; return why it ended early, or `None`."""
        seconds = None if self._deadline is None else self._deadline.total_seconds()
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                state = await self._store.state(reading.shop_id)
                reading.state = state
                if state.shop_name is None:
                    state = await self._named(state, shop, name)
                await reading.run(state)
        except (EtelecomError, OSError) as error:
            if limit.expired():
                return f"the deadline of the shop is over: {seconds:g} s. The next sync continues."
            return str(error) or type(error).__name__
        return None

    async def _named(self, state: ShopState, shop: ShopClient, name: str) -> ShopState:
        """Return the state with the name of the shop: that of the caller if the service refuses to say it."""
        try:
            found = (await shop.current()).name or name
        except APIError as error:  # a key that is refused fails at the next call, too
            if error.status not in _REFUSALS or isinstance(error, ResourceExhaustedError):
                return state  # the next sync asks again
            found = name
        if state.synced is not None or state.unfinished is not None:
            await self._store.name_shop(state.shop_id, found)
        return attrs.evolve(state, shop_name=found)
