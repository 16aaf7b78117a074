"""Keep the calls of a shop in a database, and read only what may have changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypedDict, Unpack, cast

import attrs
from sqlalchemy.ext.asyncio import AsyncEngine

from etelecom_async._client import ShopClient
from etelecom_async._core.calls.verify import ServerClock
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import APIError, InvalidRequestError, PagingError
from etelecom_async.history.reading import USUAL_WINDOWS, CallOptions, Calls, calls, windows_problems
from etelecom_async.history.spans import MARGIN, Span
from etelecom_async.history.sync_database import Database
from etelecom_async.history.sync_rows import SyncRows, rows_of
from etelecom_async.history.sync_state import LOOK_BACK, Order, ShopState, spans_to_read, windows_of
from etelecom_async.history.sync_store import Store

_SKEW: Final = timedelta(minutes=1)
"""How far the clock of this machine may be ahead of the server's, with no effect."""
_MOST_SKEW: Final = timedelta(hours=1)
"""How far it may be ahead if a sync that ended early shall continue: less than the shortest look-back."""


class SyncOptions(TypedDict, total=False):
    """
    What a sync reads again, and how.

    Attributes:
        look_back (timedelta): The calls of this time before the last sync are read again, because calls
            change after their end. At least 2 hours. Default: 3 days.
        reread (bool): Whether to read all calls since *since* again. Default: `False`.
        windows (int): Parts of a long span to read at once, from 1 to 64. Default: 4.
        limit (int): Rows in a page. Default: that of the server, 100.
    """

    look_back: timedelta
    reread: bool
    windows: int
    limit: int


@attrs.define(kw_only=True)
class Counts:
    """What a sync of a shop has done so far."""

    rows: int = 0
    """Calls that were read."""
    changed: int = 0
    """Those of them that were new or changed, and so were written."""
    without_id: int = 0
    """Those of them that had no id, and so were not stored."""
    requests: int = 0
    """Responses that were received."""


@attrs.frozen(kw_only=True)
class ShopSync:
    """What the sync of a shop has done."""

    shop_id: str
    shop_name: str | None
    rows: int
    """Calls that were read."""
    changed: int
    """Those of them that were new or changed, and so were written."""
    without_id: int
    """Those of them that had no id, and so were not stored."""
    requests: int
    """Responses that were received."""
    synced_until: datetime | None
    """In UTC. The tables have all calls before this time; `None` if no sync of the shop was whole."""
    error: str | None = None
    """Why the sync ended early; `None` if it did not."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        until = self.synced_until and self.synced_until.isoformat()
        return {**attrs.asdict(self), "synced_until": until}


@attrs.frozen(kw_only=True)
class SyncProgress:
    """How far the sync of a shop is."""

    shop: ShopSync
    """What it has done so far."""
    done: float
    """The share of the time that was read, from 0 to 1."""


OnProgress = Callable[[SyncProgress], object]


async def sync(
    shop: ShopClient,
    database: str | AsyncEngine,
    since: str | date,
    *,
    on_progress: OnProgress | None = None,
    **options: Unpack[SyncOptions],
) -> ShopSync:
    """
    Bring the calls of a shop since a day into a database: new calls, and changes of recent ones.

    The first sync reads all calls since *since*. A later one reads those since the last sync, and those of
    the look-back before it. After a failure or a kill, the next one continues.

        await history.sync(shop, "sqlite:///calls.db", "2026-09-01")

    Args:
        shop: A client of the shop.
        database: The URL of a file of SQLite or of PostgreSQL, or an engine. The tables are created.
        since: First day, as `times.day` takes it, or an aware time. An earlier one than before adds the
            calls in between; a later one changes nothing.
        on_progress: Is called when pages were stored.
        options: See `SyncOptions`.

    Raises:
        InvalidRequestError: An argument is wrong.
        SyncError: The database cannot be used, or another sync uses it.
        EtelecomError: A request failed. The calls before it are stored.
    """
    try:
        order = order_of(since, options)
        _check_shop(shop)
        async with opened(database) as store:
            reading = Reading(shop, store, order, options, on_progress=on_progress)
            await reading.run(await store.state(reading.shop_id))
            return reading.result()
    except BaseException as error:
        cleaned(error)
        raise


@asynccontextmanager
async def opened(database: str | AsyncEngine) -> AsyncGenerator[Store]:
    """
    Hold the lock of a database, and return its tables.

    Raises:
        InvalidRequestError: It is neither SQLite nor PostgreSQL.
        SyncError: It cannot be used, or another sync uses it.
    """
    found = Database(database) if isinstance(database, AsyncEngine) else Database.at(database)
    try:
        async with found.locked():
            store = Store(found)
            await store.create_tables()
            yield store
    finally:
        if found.engine is not database:
            await found.close()


def order_of(since: str | date, options: SyncOptions) -> Order:
    """
    Return what to do.

    Raises:
        InvalidRequestError: An argument is wrong.
    """
    problems = [f"there is no option {name!r}" for name in options if name not in SyncOptions.__annotations__]
    look_back: object = options.get("look_back", LOOK_BACK)
    if not isinstance(look_back, timedelta) or look_back < MARGIN:
        problems.append("look_back takes a timedelta of at least 2 hours")
        look_back = LOOK_BACK
    problems += windows_problems(options.get("windows", USUAL_WINDOWS))
    span: Span | None = None
    try:
        span = Span.of(since, None)
    except ValueError as error:
        problems.append(str(error))
    if problems or span is None:
        raise InvalidRequestError(tuple(problems))
    return Order(span=span, look_back=look_back, reread=bool(options.get("reread", False)))


def _check_shop(shop: object) -> None:
    if not isinstance(shop, ShopClient):
        raise InvalidRequestError((f"shop takes a ShopClient, not {kind_of(shop)}",))


class Reading:
    """
    One sync of one shop.

    Args:
        shop: The client of the shop.
        store: The tables.
        order: What to do.
        options: How to read.
        fallback_id: The id of the shop if its key has none.
    """

    def __init__(
        self,
        shop: ShopClient,
        store: Store,
        order: Order,
        options: SyncOptions,
        *,
        fallback_id: str = "",
        on_progress: OnProgress | None = None,
    ) -> None:
        self.shop_id: Final = shop_id_of(shop, fallback_id)
        self.counts: Final = Counts()
        self.state = ShopState(shop_id=self.shop_id)
        """How far the shop is: what the tables say."""
        engine = cast("Any", shop)._engine
        self._server = ServerClock(engine.options.clock, engine.options.clock.now())
        self._shop: ShopClient = cast("Any", shop)._copy(attrs.evolve(engine, server_clock=self._server))
        self._store = store
        self._order = order
        self._options = options
        self._on_progress = on_progress

    async def run(self, state: ShopState) -> None:
        """
        Read and store what is to read.

        Args:
            state: How far the shop is.

        Raises:
            EtelecomError: A request or the database failed.
        """
        self.state = state
        spans = spans_to_read(state, self._order)
        whole = sum((span.end - span.begin for span in spans), timedelta())
        before = timedelta()
        for span in spans:
            length = span.end - span.begin
            share = (before / whole, length / whole) if whole else (0.0, 1.0)
            before += length
            checkpoint = self.state.checkpoint if span == self.state.unfinished else None
            walk = self._continued(span, checkpoint)
            try:
                await self._store_all(walk or self._walk(span), span, share)
            except PagingError as error:
                if walk is None or not isinstance(error.__cause__, APIError):
                    raise
                # The server has forgotten the cursors of the earlier run.
                await self._store_all(self._walk(span), span, share)
            await self._write(SyncRows(), self._finished(span), sum(share))

    def _ahead(self, span: Span) -> timedelta:
        """Return how far the end of a span is ahead of the server's time at the start of this sync."""
        return span.end - self._server.call_started if self._server.is_servers else timedelta()

    def _finished(self, span: Span) -> ShopState:
        """Return the state after the last page of a span; only the past of the server counts as synced."""
        ahead = self._ahead(span)
        if ahead <= _SKEW:
            return self.state.finished(span)
        if ahead < span.end - span.begin:
            return self.state.finished(Span(span.begin, span.end - ahead))
        return attrs.evolve(self.state, unfinished=None, checkpoint=None)

    def _continued(self, span: Span, checkpoint: str | None) -> Calls | None:
        """Return the rest of an earlier walk; `None` if there is none, or it was for another key."""
        if checkpoint is None:
            return None
        try:
            return self._walk(span, resume=checkpoint)
        except PagingError:
            return None

    def _walk(self, span: Span, **more: Unpack[CallOptions]) -> Calls:
        more["windows"] = windows_of(span, self._order.look_back, self._options.get("windows", USUAL_WINDOWS))
        if "limit" in self._options:
            more["limit"] = self._options["limit"]
        return calls(self._shop, span.begin, span.end, **more)

    async def _store_all(self, walk: Calls, span: Span, share: tuple[float, float]) -> None:
        before = self.counts.requests
        tables = aiter(walk)
        while True:
            try:
                table = await anext(tables)
            except StopAsyncIteration:
                return
            finally:
                self.counts.requests = before + walk.progress.requests
            # In a thread, so that the event loop serves other shops.
            rows = await asyncio.to_thread(rows_of, table, self.shop_id, self.state.shop_name)
            state = self.state
            if self._ahead(span) <= _MOST_SKEW:  # the next sync must not believe an end in the future
                state = state.reading(span, walk.checkpoint())
            await self._write(rows, state, share[0] + share[1] * walk.progress.done)

    async def _write(self, rows: SyncRows, state: ShopState, done: float) -> None:
        self.counts.changed += await self._store.write(rows, state)
        self.counts.rows += len(rows.calls) + rows.without_id
        self.counts.without_id += rows.without_id
        self.state = state
        if self._on_progress is not None:
            self._on_progress(SyncProgress(shop=self.result(), done=done))

    def result(self, error: str | None = None) -> ShopSync:
        """
        Return what was done.

        Args:
            error: Why it ended early.
        """
        state = self.state
        return ShopSync(
            shop_id=self.shop_id,
            shop_name=state.shop_name,
            **attrs.asdict(self.counts),
            synced_until=None if state.synced is None else state.synced.end.astimezone(UTC),
            error=error,
        )


def shop_id_of(shop: ShopClient, fallback: str = "") -> str:
    """
    Return the id of a shop: the number before the colon of its key.

    Args:
        shop: The client of the shop.
        fallback: The id if the key has none.
    """
    identity = cast("Any", shop)._engine.identity
    account: str = identity.account
    if account == identity.kind.scope:  # the key has no id
        return fallback or "shop"
    return re.sub(r"\Ashop(?=\d+\Z)", "", account)
