"""
Export the call logs of many shops with many machines, by Dask `distributed`.

It needs the extra `dask`: `pip install 'etelecom-async[dask]'`, also on the scheduler and on the workers.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Unpack, cast

import attrs
from distributed import Client

from etelecom_async import times
from etelecom_async._client import ShopClient
from etelecom_async._core.calls.rate_limiter import is_shared_rate
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import ClusterError, EtelecomError, InvalidRequestError, UnauthenticatedError
from etelecom_async.history import partitions
from etelecom_async.history.dask_cluster import Cluster, connected
from etelecom_async.history.dask_lanes import Lanes, Place
from etelecom_async.history.dask_plugin import CallsPlugin
from etelecom_async.history.exporting import Target, target_of
from etelecom_async.history.fetching import Query
from etelecom_async.history.formats import FormatName
from etelecom_async.history.partitions import PartitionName
from etelecom_async.history.reading import CallFilter, CallOptions, query_of
from etelecom_async.history.schema import VERSION
from etelecom_async.history.shop_access import ShopAccess
from etelecom_async.history.walking import Progress, Stage
from etelecom_async.history.window_folder import Counts, WindowFolder
from etelecom_async.history.window_reading import Orders, WindowResult

USUAL_WINDOWS: Final = 8
MOST_WINDOWS: Final = 10_000
_POLL: Final = 1.0
"""Seconds between two looks at which workers there are."""
_PATIENCE: Final = 60.0
"""Seconds to wait for a worker while there is none."""
_MOST_LOSSES: Final = 3
"""How often a window may lose its worker: a window that kills each worker must not kill all."""


class ClusterOptions(CallFilter, total=False):
    """
    Which call logs an export on Dask reads, and how. The filters are those of `shop.call_logs.list`.

    Attributes:
        limit (int): Rows in a page. Default: that of the server, 100.
        margin (timedelta): See `CallOptions`. Default: 2 hours.
    """

    limit: int
    margin: timedelta


@attrs.frozen(kw_only=True)
class ShopExport:
    """What an export on Dask has written for a shop."""

    shop_id: str
    rows: int
    """Rows in the partitions; 0 if the shop failed."""
    requests: int
    """Responses for the windows that were read, also by an earlier run that this one continued."""
    unknown_fields: Mapping[str, int]
    """The number of rows with each field that the models do not have; `extra` has the values."""
    error: str | None = None
    """Why the shop failed; `None` if it did not. Its partitions are then as they were."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class ClusterExport:
    """What an export on Dask has written."""

    shops: tuple[ShopExport, ...]
    workers: int
    """The workers between which the rate was split."""

    @property
    def rows(self) -> int:
        """Rows in the partitions of all shops."""
        return sum(shop.rows for shop in self.shops)

    @property
    def requests(self) -> int:
        """Responses for the windows that were read."""
        return sum(shop.requests for shop in self.shops)

    @property
    def failed(self) -> tuple[ShopExport, ...]:
        """The shops that failed. The same export again continues them."""
        return tuple(shop for shop in self.shops if shop.error is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the sums and the shops as plain data."""
        return {
            "rows": self.rows,
            "requests": self.requests,
            "workers": self.workers,
            "failed": len(self.failed),
            "shops": [shop.to_dict() for shop in self.shops],
        }


async def export_on_dask(
    shops: ShopClient | Mapping[str, ShopClient],
    output: str | os.PathLike[str],
    since: str | date,
    until: str | date | None = None,
    *,
    scheduler: str | Client,
    rate: float | None = None,
    windows: int = USUAL_WINDOWS,
    workers: int | None = None,
    partition: Sequence[PartitionName] = ("shop", "day"),
    file_format: FormatName | None = None,
    on_progress: Stage | None = None,
    on_shop: Callable[[ShopExport], object] | None = None,
    **options: Unpack[ClusterOptions],
) -> ClusterExport:
    """
    Write the call logs of many shops into a folder with partitions, with the workers of a Dask cluster.

    The span of each shop is split into windows. A task reads one window and writes its files into a hidden
    folder beside *output*. All machines must have this folder at the same path. The partitions of a shop
    appear when all of its windows are read. The windows of a worker that dies are read again.
    After a failure, the same call continues.

        done = await history.export_on_dask(
            shops, "/shared/calls", "2025-09-01", "2025-10-01", scheduler="tcp://10.0.0.5:8786", rate=50
        )

    The keys go to the workers in a plugin. They are in no task and on no page of Dask. The plugin is
    encrypted; a private file in the shared folder decrypts it.

    Args:
        shops: A client, or clients by the ids or names of their shops; see `sync_shops`. The workers use the
            same keys and options, without hooks. A client with a key store replaces a key that is refused.
        output: The folder. The export replaces the partitions of its span; see `export`.
        since: First day, or an aware time; see `calls`.
        until: The day after the last one, or an aware time. Default: now.
        scheduler: The address of the scheduler, or a `distributed.Client`.
        rate: Attempts a second that start on all workers, at most. Each worker gets an equal part. Default:
            the rate of the clients.
        windows: Parts of the span of each shop, from 1 to 10,000. Each is a task.
        workers: The number of workers that share the rate; others get no task. Default: those at the start.
        partition: Folders to make: `shop`, `day`, `month`, the outermost first. Many shops need `shop`.
        file_format: `parquet`, `csv` or `jsonl`. Default: `parquet`.
        on_progress: Is called after each window.
        on_shop: Is called when a shop is done, or has failed.
        options: See `ClusterOptions`.

    Returns:
        What was written for each shop, in the order of *shops*.

    Raises:
        InvalidRequestError: An argument is wrong.
        ClusterError: The cluster cannot be used, or its workers are lost.
        EtelecomError: A request failed, and *shops* is one client. With a mapping, the result has the error.
        OSError: A file cannot be written.
    """
    try:
        by_id = _shops_by_id(shops)
        _check(output, partition, windows, workers, options)
        target = target_of(output, file_format, partition)
        query = query_of(next(iter(by_id.values())), since, until, cast("CallOptions", options))
        order = _Order(
            query=query,
            windows=windows,
            workers=workers,
            target=_checked(target, query, by_id),
            partition=target.partition,
            file_format=target.file_format,
        )
        total_rate = _rate(rate, by_id)
        async with connected(scheduler) as cluster:
            await cluster.check_packages()
            run = _Run(order, cluster, on_progress, on_shop)
            done = await run.export(by_id, total_rate)
        if isinstance(shops, ShopClient):
            run.raise_failure()
    except BaseException as error:
        cleaned(error)
        raise
    else:
        return done


def _shops_by_id(shops: object) -> dict[str, ShopClient]:
    """
    Return the clients by the ids in their keys, or by their names if the keys have none.

    Raises:
        InvalidRequestError: These are no clients, or one shop comes twice.
    """
    given: Any = {"shop": shops} if isinstance(shops, ShopClient) else shops
    named: Mapping[object, object] = {}
    if isinstance(given, Mapping):
        named = cast("Mapping[object, object]", given)
    if not named:
        problem = f"shops takes a ShopClient, or a mapping of shops to clients, not {kind_of(shops)}"
        raise InvalidRequestError((problem,))
    problems: list[str] = []
    found: dict[str, ShopClient] = {}
    for name, shop in named.items():
        if not isinstance(shop, ShopClient):
            problems.append(f"shops takes clients of the class ShopClient, not {kind_of(shop)}")
            continue
        identity = cast("Any", shop)._engine.identity
        account: str = identity.account
        shop_id = str(name) if account == identity.kind.scope else account
        if shop_id in found:
            problems.append(f"shops has the shop {shop_id} twice")
        found[shop_id] = shop
    if problems:
        raise InvalidRequestError(tuple(problems))
    return found


def _rate(given: object, shops: Mapping[str, ShopClient]) -> float:
    """
    Return the rate of all workers; infinite for no limit.

    Raises:
        InvalidRequestError: It is no rate, or the clients have one that cannot be split.
    """
    if given is not None:
        if isinstance(given, int | float) and not isinstance(given, bool) and given > 0:
            return float(given)
        raise InvalidRequestError(("rate takes a number of attempts a second, above 0",))
    rates: set[Any] = {cast("Any", shop)._engine.options.rate for shop in shops.values()}
    if any(is_shared_rate(rate) for rate in rates):
        raise InvalidRequestError(("a SharedRate holds for one machine: give rate= for all workers",))
    return float(min(rates))


def _check(
    output: object, partition: object, windows: object, workers: object, options: ClusterOptions
) -> None:
    problems = [
        f"there is no option {name!r}" for name in options if name not in ClusterOptions.__annotations__
    ]
    if not isinstance(output, str | os.PathLike):
        problems.append(f"output takes the path of a folder, not {kind_of(output)}")
    if not partition:
        problems.append("partition takes names, for example ('shop', 'day')")
    if type(windows) is not int or not 1 <= windows <= MOST_WINDOWS:
        problems.append(f"windows takes a whole number from 1 to {MOST_WINDOWS:,}, not {windows!r:.40}")
    if workers is not None and (type(workers) is not int or workers < 1):
        problems.append(f"workers takes a whole number of at least 1, not {workers!r:.40}")
    if problems:
        raise InvalidRequestError(tuple(problems))


def _checked(target: Target, query: Query, shops: Mapping[str, ShopClient]) -> Path:
    """
    Return the folder to write, after a check that the calls can be written there.

    Raises:
        InvalidRequestError: They cannot.
    """
    if len(shops) > 1 and "shop" not in target.partition:
        raise InvalidRequestError(("partition of many shops needs shop, because rows do not name it",))
    partitions.check(target.partition, query.span)
    return cast("Path", target.path)


@attrs.frozen(kw_only=True)
class _Order:
    """What an export has to do."""

    query: Query
    """The query of one of the shops."""
    windows: int
    workers: int | None
    target: Path
    partition: tuple[PartitionName, ...]
    file_format: FormatName

    def folder(self) -> WindowFolder:
        """Return the folder where the windows wait."""
        span = self.query.span
        key = json.dumps(
            [
                *(span.begin.isoformat(), span.end.isoformat(), self.query.key(), self.windows),
                *(self.partition, self.file_format, VERSION),
            ]
        )
        return WindowFolder(self.target, key, self.partition, self.file_format)

    def plugin_name(self) -> str:
        """
        Return the name of the plugin: the same for each export to the target.

        So an export takes the place of an earlier one that was killed, also at the workers.
        """
        digest = hashlib.blake2b(str(self.target).encode(errors="surrogatepass"), digest_size=8).hexdigest()
        return f"etelecom-calls-{digest}"


class _Run:
    """One run of an export."""

    def __init__(
        self,
        order: _Order,
        cluster: Cluster,
        on_progress: Stage | None,
        on_shop: Callable[[ShopExport], object] | None,
    ) -> None:
        self.failures: Final[dict[str, EtelecomError]] = {}
        """The error of each shop that failed."""
        self._refusals: dict[str, UnauthenticatedError] = {}
        """The error of each shop whose key was refused, and may be replaced."""
        self._renewals: Final[set[str]] = set()
        """The shops whose key was replaced."""
        self._order = order
        self._cluster = cluster
        self._on_progress = on_progress
        self._on_shop = on_shop
        self._folder = order.folder()
        self._waiting: deque[Place] = deque()
        self._missing: Counter[str] = Counter()
        """The number of windows of each shop that were not read."""
        self._losses: Counter[Place] = Counter()
        self._done: dict[str, ShopExport] = {}
        self._read = Counts()
        self._windows: Final[set[Place]] = set()
        """Windows that were read."""
        self._joins: dict[asyncio.Task[Counts], str] = {}

    async def export(self, shops: Mapping[str, ShopClient], rate: float) -> ClusterExport:
        query = self._order.query
        evolved = attrs.evolve(query, windows=self._order.windows)
        is_whole = False
        windows = self._folder.open([window.span for window in evolved.all_windows(times.now())])
        try:
            orders = Orders(
                span=query.span,
                windows=windows,
                filters=query.filters,
                limit=query.limit,
                margin=query.margin,
                files=self._folder.files,
            )
            accesses = await self._accesses(shops)
            count = 0
            while accesses:
                count = await self._export(orders, accesses, rate)
                accesses = await self._renewed(shops, accesses, rate)
            is_whole = not self.failures
        finally:
            self._folder.close(is_whole=is_whole)
        return ClusterExport(shops=tuple(self._done[shop_id] for shop_id in shops), workers=count)

    def raise_failure(self) -> None:
        """Raise the error of the first shop that failed, if any."""
        for error in self.failures.values():
            raise error

    async def _accesses(self, shops: Mapping[str, ShopClient]) -> dict[str, ShopAccess]:
        """Return the access of each shop that is to read."""
        accesses: dict[str, ShopAccess] = {}
        for shop_id, shop in shops.items():
            earlier = self._folder.joined(shop_id)
            if earlier is not None:
                self._finish(shop_id, earlier)
                continue
            try:
                accesses[shop_id] = await ShopAccess.of(shop)
            except InvalidRequestError:
                raise
            except EtelecomError as error:
                self._fail(shop_id, error)
        return accesses

    async def _renewed(
        self, shops: Mapping[str, ShopClient], accesses: Mapping[str, ShopAccess], rate: float
    ) -> dict[str, ShopAccess]:
        """Return the access of each shop whose refused key was replaced now, by its client."""
        renewed: dict[str, ShopAccess] = {}
        refusals, self._refusals = self._refusals, {}
        for shop_id, refusal in refusals.items():
            await asyncio.sleep(1 / rate)  # the request for a key counts, too
            try:
                if shop_id in self._renewals:
                    raise refusal
                renewed[shop_id] = await accesses[shop_id].renewed(shops[shop_id], refusal)
            except EtelecomError as error:
                self._fail(shop_id, error)
        self._renewals.update(renewed)
        return renewed

    async def _export(self, orders: Orders, accesses: Mapping[str, ShopAccess], rate: float) -> int:
        """Read all windows; return the number of workers that shared the rate."""
        present = await self._present_workers()
        count = self._order.workers or len(present)
        plugin = CallsPlugin.of(self._order.plugin_name(), orders, accesses, rate / count)
        try:
            for worker, problem in (await self._cluster.problems_of(present, plugin.key_file)).items():
                if problem is not None:
                    raise ClusterError(f"the worker at {worker} {problem}.")
            async with self._cluster.plugin(plugin):
                await self._read_all(orders, list(accesses), self._lanes(plugin, count))
        finally:
            plugin.key_file.unlink(missing_ok=True)
        return count

    def _lanes(self, plugin: CallsPlugin, count: int) -> Lanes:
        async def admit(worker: str) -> bool:
            return await self._cluster.problems_of([worker], plugin.key_file) == {worker: None}

        return Lanes(self._cluster.client, plugin.name, count, admit)

    async def _present_workers(self) -> dict[str, int]:
        """Return the workers and their threads; wait for the first one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while not (present := await self._cluster.threads()):
            if loop.time() >= until:
                raise ClusterError(f"the cluster has no worker for {_PATIENCE:g} s: start `dask worker`.")
            await asyncio.sleep(_POLL)
        return present

    async def _read_all(self, orders: Orders, shop_ids: Sequence[str], lanes: Lanes) -> None:
        try:
            await self._plan(orders, shop_ids)
            await self._read_planned(orders, lanes)
        finally:
            try:
                await lanes.stop()
            finally:  # no join may go on when the folder is closed
                await asyncio.gather(*self._joins, return_exceptions=True)

    async def _read_planned(self, orders: Orders, lanes: Lanes) -> None:
        loop = asyncio.get_running_loop()
        last_look = last_worker = -math.inf
        while self._waiting or lanes.tasks or self._joins:
            if loop.time() - last_look >= _POLL:
                present = await self._cluster.threads()
                for ended in await lanes.update(present):
                    self._take(ended.place, ended.result, orders)
                last_look = loop.time()
                if lanes.workers or last_worker < 0:
                    last_worker = last_look
                elif self._waiting and last_look - last_worker >= _PATIENCE:
                    raise ClusterError(f"all workers are lost, and none came for {_PATIENCE:g} s.")
            while self._waiting and (worker := lanes.free_worker()) is not None:
                lanes.start(self._waiting.popleft(), worker)
            await self._some_end(orders, lanes)

    async def _plan(self, orders: Orders, shop_ids: Sequence[str]) -> None:
        """Note which windows are to read. An earlier run may have read some of them."""
        for shop_id in shop_ids:
            earlier = await asyncio.to_thread(self._folder.prepare, shop_id)
            for number in range(len(orders.windows)):
                if number in earlier:
                    self._note(Place(shop_id, number), earlier[number])
                else:
                    self._missing[shop_id] += 1
                    self._waiting.append(Place(shop_id, number))
            if not self._missing[shop_id]:
                self._join(shop_id, orders)

    async def _some_end(self, orders: Orders, lanes: Lanes) -> None:
        running: set[asyncio.Task[Any]] = {*lanes.tasks, *self._joins}
        if not running:
            await asyncio.sleep(_POLL)
            return
        ended, _ = await asyncio.wait(running, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            if task in self._joins:
                self._finish(self._joins.pop(task), task.result())
            else:
                place, result = lanes.take(task)
                self._take(place, result, orders)

    def _take(self, place: Place, result: WindowResult | None, orders: Orders) -> None:
        """Take the end of a task."""
        shop_id = place.shop_id
        if shop_id in self.failures or shop_id in self._refusals:
            return
        if result is None:
            self._losses[place] += 1
            if self._losses[place] <= _MOST_LOSSES:
                self._waiting.appendleft(place)
            else:
                message = f"a window lost its worker {_MOST_LOSSES + 1} times; the log of a worker says why."
                self._fail(shop_id, ClusterError(message))
            return
        if isinstance(result.error, OSError):
            raise result.error
        if isinstance(result.error, UnauthenticatedError):
            self._refusals[shop_id] = result.error
            self._drop(shop_id)
            return
        if result.error is not None:
            self._fail(shop_id, result.error)
            return
        self._missing[shop_id] -= 1
        self._note(place, result.counts)
        if not self._missing[shop_id]:
            self._join(shop_id, orders)

    def _note(self, place: Place, counts: Counts) -> None:
        if place in self._windows:  # another run of the shop, with a new key
            return
        self._windows.add(place)
        self._read = self._read.plus(counts)
        self._tell()

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        windows = len(self._windows)
        total = windows + sum(self._missing.values())
        self._on_progress(
            "calls",
            Progress(
                rows=self._read.rows,
                requests=self._read.requests,
                done=windows / total if total else 1.0,
            ),
        )

    def _join(self, shop_id: str, orders: Orders) -> None:
        work = asyncio.to_thread(self._folder.join, shop_id, len(orders.windows), orders.span)
        self._joins[asyncio.create_task(work)] = shop_id

    def _finish(self, shop_id: str, counts: Counts) -> None:
        self._end(
            ShopExport(
                shop_id=shop_id,
                rows=counts.rows,
                requests=counts.requests,
                unknown_fields=counts.unknown_fields,
            )
        )

    def _fail(self, shop_id: str, error: EtelecomError) -> None:
        self.failures[shop_id] = error
        self._drop(shop_id)
        self._end(ShopExport(shop_id=shop_id, rows=0, requests=0, unknown_fields={}, error=str(error)))

    def _drop(self, shop_id: str) -> None:
        """Read no more windows of a shop."""
        self._waiting = deque(place for place in self._waiting if place.shop_id != shop_id)
        del self._missing[shop_id]

    def _end(self, shop: ShopExport) -> None:
        self._done[shop.shop_id] = shop
        if self._on_shop is not None:
            self._on_shop(shop)
