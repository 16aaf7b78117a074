"""Export on Dask: the same rows as on one machine, whatever happens to workers; keys stay hidden."""

from __future__ import annotations

import asyncio
import bisect
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from distributed import Scheduler, Worker

from etelecom_async import PartnerClient, Secret, ShopClient, history, times
from etelecom_async.bulk import SharedRate
from etelecom_async.errors import ClusterError, InvalidRequestError, UnauthenticatedError
from etelecom_async.history import dask as on_dask
from etelecom_async.history import dask_cluster as dask_cluster_of_history
from etelecom_async.history.arrow import pa_parquet
from etelecom_async.key_store import FileKeyStore
from etelecom_async.testing import Sandbox, sandbox
from kills.dask_cluster import DaskCluster, connected, dask_cluster

IS_HEAVY = bool(os.environ.get("CLUSTER_TESTS"))
"""Set by `nox -s cluster`."""
heavy = pytest.mark.skipif(not IS_HEAVY, reason="takes minutes: nox -s cluster")
LOG = logging.getLogger(__name__)
SINCE, UNTIL = "2025-09-01", "2025-09-09"
"""Eight days: eight windows of a day each, about."""
SHOPS = 5


def fill(service: Sandbox, calls: int) -> dict[str, str]:
    """Add shops with calls to a sandbox, some of them where windows meet; return the keys by names."""
    keys: dict[str, str] = {}
    begin = times.day(SINCE).begin
    for shop in range(SHOPS):
        added = service.shops.add(name=f"Shop {shop}")
        assert added.shop is not None
        assert added.shop_key is not None
        keys[f"Shop {shop}"] = added.shop_key.reveal()
        service.hotlines.add(shop=added.shop.id)
        for number in range(calls):
            at = begin + (timedelta(days=8) / calls) * number
            if number % 3 == 0:
                at = at.replace(minute=0, second=0, microsecond=0)
            service.calls.add(shop=added.shop.id, started_at=at, note=f"{shop}/{number}")
    return keys


def rows_of(folder: Path, shop_id: str) -> list[dict[str, Any]]:
    """Return the rows of a shop in all partitions, by their ids, with the day of their folder."""
    rows: list[dict[str, Any]] = []
    for file in sorted(folder.glob(f"shop={shop_id}/day=*/*.parquet")):
        rows += [{**row, "day": file.parent.name} for row in pa_parquet.ParquetFile(file).read().to_pylist()]
    return sorted(rows, key=lambda row: str(row["id"]))


async def export_alone(shop: ShopClient, folder: Path) -> None:
    """Export a shop on this machine."""
    await history.export(shop, folder, SINCE, UNTIL, partition=["shop", "day"])


def ids_of(shops: dict[str, ShopClient]) -> list[str]:
    """Return the ids in the keys of shops."""
    return [history.calls(shop, SINCE, UNTIL).account for shop in shops.values()]


class Run:
    """A sandbox with shops, their clients, a cluster, and the rows of an export without it."""

    def __init__(self, service: Sandbox, keys: dict[str, str], cluster: DaskCluster, folder: Path) -> None:
        self.service = service
        self.keys = keys
        self.cluster = cluster
        self.folder = folder
        self.output = folder / "calls"

    @classmethod
    async def start(cls, stack: AsyncExitStack, folder: Path, calls: int, workers: int = 2) -> Run:
        """Start everything; the stack ends it."""
        service = await stack.enter_async_context(sandbox(call_logs=0))
        cluster = await stack.enter_async_context(dask_cluster(folder, workers))
        run = cls(service, fill(service, calls), cluster, folder)
        partner = PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0)
        await stack.enter_async_context(partner)
        run.partner = partner
        run.shops = {name: partner.for_shop(key) for name, key in run.keys.items()}
        for shop in run.shops.values():
            await export_alone(shop, folder / "alone")
        return run

    partner: PartnerClient
    shops: dict[str, ShopClient]

    async def export(self, **options: Any) -> history.ClusterExport:
        """Export all shops on the cluster."""
        shops = options.pop("shops", self.shops)
        options.setdefault("scheduler", self.cluster.address)
        return await history.export_on_dask(shops, self.output, SINCE, UNTIL, **options)

    def check(self, *, without: str = "") -> None:
        """Check that the rows are those of the export without a cluster, and that nothing else is left."""
        for shop_id in ids_of(self.shops):
            expected = [] if shop_id == without else rows_of(self.folder / "alone", shop_id)
            assert rows_of(self.output, shop_id) == expected
            assert shop_id == without or expected

    def hidden_folder(self) -> Path:
        """Return the folder where windows wait."""
        return self.folder / ".calls.partial"


PAGES = ("status", "info/main/workers.html", "info/main/logs.html", "json/counts.json", "metrics")


async def texts_of(cluster: DaskCluster) -> AsyncIterator[str]:
    """Yield what the cluster shows: pages, state, graph, stories and logs."""
    async with aiohttp.ClientSession() as session:
        for path in PAGES:
            async with session.get(f"{cluster.pages}/{path}") as response:
                yield await response.text()
        async with connected(cluster.address) as client:
            workers = await client.nthreads()
        for worker in workers:
            name = worker.replace("/", "%2F").replace(":", "%3A")
            for kind in ("worker", "logs"):
                async with session.get(f"{cluster.pages}/info/{kind}/{name}.html") as response:
                    yield await response.text()
    async with connected(cluster.address) as client:
        yield repr(await client.get_scheduler_logs())
        yield repr(await client.get_worker_logs())
        yield await client.run_on_scheduler(everything_of_scheduler)
        yield repr(await client.run(everything_of_worker))
    yield cluster.logs()


def everything_of_scheduler(dask_scheduler: Any) -> str:
    """Return the state of the scheduler, and the pickles of its tasks."""
    import pickle  # it runs there

    parts = [repr(dask_scheduler._to_dict()), repr(list(dask_scheduler.transition_log))]
    for task in dask_scheduler.tasks.values():
        parts += [repr(task.run_spec), repr(pickle.dumps(task.run_spec))]
    return "\n".join(parts)


def everything_of_worker(dask_worker: Any) -> str:
    """Return the state of a worker."""
    return repr(dask_worker._to_dict()) + repr(dask_worker.plugins)


def plugins_of_worker(dask_worker: Any) -> list[str]:
    """Return the names of the plugins of a worker."""
    return list(dask_worker.plugins)


def plugins_of_scheduler(dask_scheduler: Any) -> list[str]:
    """Return the names of the plugins that the scheduler gives to new workers."""
    return list(dask_scheduler.worker_plugins)


for function in (everything_of_scheduler, everything_of_worker, plugins_of_worker, plugins_of_scheduler):
    function.__module__ = "__main__"  # so that it is sent as it is: the cluster cannot import this module


async def test_cluster(tmp_path: Path) -> None:
    """Two workers write the rows of a local export; a refused key fails its shop only; no key is shown."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=40)
        refused_id = ids_of(run.shops)[1]
        refused = {**run.shops, "Shop 1": run.partner.for_shop(f"{refused_id}:secret-of-refused-key")}
        secrets = [key.partition(":")[2] for key in run.keys.values()]
        secrets.append("secret-of-refused-key")
        searches: list[asyncio.Task[list[str]]] = []

        async def search() -> list[str]:
            return [text async for text in texts_of(run.cluster)]

        def on_progress(_: str, progress: history.Progress) -> None:
            if progress.done > 0.3 and not searches:
                searches.append(asyncio.create_task(search()))

        done = await run.export(shops=refused, windows=8, on_progress=on_progress)
        assert [shop.shop_id for shop in done.failed] == [refused_id]
        assert "unauthenticated" in (done.failed[0].error or "")
        assert done.workers == 2
        run.check(without=refused_id)
        texts = [*await searches[0], *await search(), repr(done), json.dumps(done.to_dict())]
        assert any("call-logs-" in text for text in texts)
        assert not [secret for secret in secrets for text in texts if secret in text]
        async with connected(run.cluster.address) as client:
            kept = await client.run_on_scheduler(plugins_of_scheduler), await client.run(plugins_of_worker)
            assert "etelecom-calls" not in repr(kept)
            # The same export again, with the key: it reads the shop that failed, and no other one.
            requests = len(run.service.requests)
            again = await run.export(windows=8, scheduler=client)
        assert (again.failed, again.rows) == ((), SHOPS * 40)
        assert len(run.service.requests) - requests == again.shops[1].requests < 20
        run.check()
        assert not run.hidden_folder().exists()
        await check_command(run)


async def check_command(run: Run) -> None:
    """Check that the command exports the same, and has the exit code 3 if a shop fails."""
    keys = {**run.keys, "Shop 1": f"{ids_of(run.shops)[1]}:refused"}
    file = run.folder / "keys.json"
    file.write_text(json.dumps(keys), encoding="utf-8")
    file.chmod(0o600)
    command = ("calls", "export", "--since", SINCE, "--until", UNTIL, "--output", str(run.output), "--json")
    cluster = ("--dask", run.cluster.address, "--shops", str(file), "--rate", "500", "--windows", "2")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "etelecom_async", *command, *cluster),
        env={"PATH": os.environ["PATH"], "HOME": str(run.folder), "ETELECOM_BASE_URL": run.service.base_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 3, err
    done = json.loads(out)
    assert (done["rows"], done["failed"], done["workers"]) == ((SHOPS - 1) * 40, 1, 2)
    assert err.decode().count("\n") == 1, err  # the error of the shop
    assert b"Client" not in out + err  # a command has other remedies
    run.check()


@pytest.fixture
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a scheduler in this process, with a worker in this process."""
    folder = str(tmp_path_factory.mktemp("worker"))
    async with (
        Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler,
        Worker(scheduler.address, host="127.0.0.1", nthreads=2, dashboard=False, local_directory=folder),
    ):
        yield scheduler.address


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """A sandbox with calls."""
    async with sandbox(call_logs=120, until="2025-09-09") as running:
        yield running


async def test_one_shop(small: str, service: Sandbox, tmp_path: Path) -> None:
    """One client and its filters do as in `history.export`; formats and partitions do, too."""
    async with ShopClient(service.shop_key, base_url=service.base_url, rate=10_000) as shop:
        span = ("2025-09-01", "2025-09-09")
        far = await history.export_on_dask(
            shop,
            tmp_path / "far",
            *span,
            scheduler=small.removeprefix("tcp://"),
            windows=3,
            partition=["day"],
            file_format="jsonl",
            direction="in",
            limit=7,
        )
        options: Any = {"partition": ["day"], "file_format": "jsonl", "direction": "in", "limit": 7}
        near = await history.export(shop, tmp_path / "near", *span, **options)
        assert (far.rows, far.workers, far.failed) == (near.rows, 1, ())
        assert far.shops[0].unknown_fields == near.unknown_fields
        assert lines_of(tmp_path / "far") == lines_of(tmp_path / "near") != []
        wrong = ShopClient("shop1:refused", base_url=service.base_url)
        async with wrong:
            with pytest.raises(UnauthenticatedError):
                await history.export_on_dask(wrong, tmp_path / "far", *span, scheduler=small)
    assert lines_of(tmp_path / "far") == lines_of(tmp_path / "near")
    assert not (tmp_path / ".far.partial").exists()


async def test_refused_keys(small: str, service: Sandbox, tmp_path: Path) -> None:
    """The client replaces a refused key of a key store, once; the shop is then read as a whole."""
    account = service.shop_key.partition(":")[0].removeprefix("shop")
    store = FileKeyStore(tmp_path / "keys.json")
    await store.put(account, Secret(f"shop{account}:refused"))
    await store.put("5", Secret("shop5:refused"))
    shown: list[float] = []
    async with PartnerClient(
        service.partner_api_key,
        base_url=service.base_url,
        key_store=store,
        redirect_url="https://example.com",
    ) as partner:
        shops = {shop_id: partner.shop(shop_id) for shop_id in (account, "5")}
        done = await history.export_on_dask(
            shops,
            tmp_path / "far",
            SINCE,
            UNTIL,
            scheduler=small,
            on_progress=lambda _, progress: shown.append(progress.done),
        )
        assert await store.get(account) == Secret(service.shop_key)
        rows = len(await history.table(shops[account], SINCE, UNTIL))
    assert [shop.rows for shop in done.shops] == [rows, 0]
    assert [shop.error is None for shop in done.shops] == [True, False]
    assert "refused" not in repr(done)
    assert shown[-1] == 1


def names_in(folder: Path) -> list[str]:
    """Return what a folder has."""
    return [path.name for path in folder.iterdir()]


def lines_of(folder: Path) -> list[str]:
    """Return the lines of all files of a folder, with their days."""
    return sorted(
        f"{file.parent.name} {line}"
        for file in folder.glob("day=*/*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    )


async def test_no_scheduler(
    service: Sandbox, tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address without a scheduler is an error that names it, and nothing is left beside the output."""
    monkeypatch.setattr(dask_cluster_of_history, "_CONNECT", 0.5)
    async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
        address = f"tcp://127.0.0.1:{unused_tcp_port}"
        with pytest.raises(ClusterError, match=f"no scheduler answers at {address}"):
            await history.export_on_dask(shop, tmp_path / "far", SINCE, UNTIL, scheduler=address)
    assert names_in(tmp_path) == []


async def test_no_worker(service: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster without a worker is an error after the time to wait for one."""
    monkeypatch.setattr(on_dask, "_PATIENCE", 0.0)
    async with (
        Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        with pytest.raises(ClusterError, match="has no worker"):
            await history.export_on_dask(shop, tmp_path / "far", SINCE, UNTIL, scheduler=scheduler.address)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"shops": {}}, "shops takes a ShopClient, or a mapping"),
    ({"shops": {"a": 1}}, "clients of the class ShopClient, not int"),
    ({"windows": 0}, "windows takes a whole number from 1 to 10,000, not 0"),
    ({"windows": True}, "windows takes a whole number"),
    ({"workers": 0}, "workers takes a whole number of at least 1, not 0"),
    ({"rate": 0}, "rate takes a number"),
    ({"rate": "5"}, "rate takes a number of attempts"),
    ({"partition": ()}, "partition takes names"),
    ({"partition": ("week",)}, "partition takes shop, day and month"),
    ({"file_format": "xlsx"}, "file_format takes one of"),
    ({"output": 5}, "output takes the path of a folder, not int"),
    ({"until": "2025-08-01"}, "not before until"),
    ({"in_order": True}, "there is no option 'in_order'"),
    ({"resume": "x"}, "there is no option 'resume'"),
    ({"scheduler": 5}, "scheduler takes an address or a distributed.Client, not int"),
    ({"scheduler": "no://such"}, "scheduler takes an address like"),
]


@pytest.mark.parametrize(("change", "problem"), WRONG, ids=[problem for _, problem in WRONG])
async def test_wrong_arguments(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    """A wrong argument is an error that names it, before anything is sent or written."""
    async with ShopClient("shop1:key") as shop:
        given = {"shops": shop, "output": tmp_path / "far", "since": SINCE, "until": UNTIL} | change
        given.setdefault("scheduler", "tcp://127.0.0.1:1")
        with pytest.raises(InvalidRequestError, match=problem):
            await history.export_on_dask(**given)
    assert names_in(tmp_path) == []


async def test_shops_that_are_one(tmp_path: Path) -> None:
    """Two keys of one shop are refused, and so are many shops without a partition for each."""
    async with PartnerClient("partner1:key") as partner:
        shops = {"a": partner.for_shop("shop1:one"), "b": partner.for_shop("shop1:two")}
        given: Any = {"scheduler": "tcp://127.0.0.1:1"}
        with pytest.raises(InvalidRequestError, match="shops has the shop shop1 twice"):
            await history.export_on_dask(shops, tmp_path / "far", SINCE, UNTIL, **given)
        shops["b"] = partner.for_shop("shop2:two")
        with pytest.raises(InvalidRequestError, match="partition of many shops needs shop"):
            await history.export_on_dask(shops, tmp_path / "far", SINCE, UNTIL, partition=["day"], **given)


async def test_shared_rate(tmp_path: Path) -> None:
    """A rate that the processes of one machine share cannot be split between machines."""
    async with ShopClient("shop1:key", rate=SharedRate(tmp_path / "rate", 5)) as shop:
        with pytest.raises(InvalidRequestError, match="give rate= for all workers"):
            await history.export_on_dask(shop, tmp_path / "far", SINCE, UNTIL, scheduler="tcp://127.0.0.1:1")


class KillAt:
    """Kills a worker when so much of an export is done."""

    def __init__(self, run: Run, share: float) -> None:
        self.has_killed = False
        self._run = run
        self._share = share

    def __call__(self, _: str, progress: history.Progress) -> None:
        """Kill it if the time has come."""
        if progress.done >= self._share and not self.has_killed:
            self.has_killed = True
            self._run.cluster.workers[0].kill()


@heavy
async def test_worker_is_killed(tmp_path: Path) -> None:
    """After the kill of one of two workers in 8 windows of 5 shops, the rows are those of a local export."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=600)
        kill = KillAt(run, 0.4)
        done = await run.export(windows=8, limit=10, rate=60, on_progress=kill)
        assert (done.failed, done.rows, done.workers, kill.has_killed) == ((), SHOPS * 600, 2, True)
        run.check()
        await run.cluster.workers[0].process.wait()
        LOG.info(
            "one of two workers killed: %s rows, %s requests in all", done.rows, len(run.service.requests)
        )


@heavy
async def test_workers_are_replaced(tmp_path: Path) -> None:
    """A nanny starts the only worker again after a kill. The new process has the keys, and goes on."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=200, workers=0)
        await run.cluster.add_worker("--nanny")
        await run.cluster.wait_for_workers(1)
        async with connected(run.cluster.address) as client:
            (first,) = (await client.run(os.getpid)).values()
            killed: list[int] = []

            def on_progress(_: str, progress: history.Progress) -> None:
                if progress.done >= 0.3 and not killed:
                    killed.append(first)
                    os.kill(first, signal.SIGKILL)

            done = await run.export(windows=4, limit=10, rate=30, on_progress=on_progress)
            (second,) = (await client.run(os.getpid)).values()
        assert (done.failed, done.rows, killed) == ((), SHOPS * 200, [first])
        assert second != first
        run.check()


LIMIT = 40.0
"""Attempts a second, of all workers."""


def most_within(moments: list[float], seconds: float) -> int:
    """Return the largest number of moments within so many seconds."""
    return max(bisect.bisect_left(moments, moment + seconds) - index for index, moment in enumerate(moments))


@heavy
@pytest.mark.parametrize("joins", [0, 2])
async def test_rate(tmp_path: Path, joins: int) -> None:
    """Two workers, each with two threads, keep the rate; workers that come later get no part of it."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=600)
        before = len(run.service.requests)
        joining: list[asyncio.Task[Any]] = []

        def on_progress(_: str, progress: history.Progress) -> None:
            if progress.done >= 0.1 and not joining:
                joining.extend(asyncio.create_task(run.cluster.add_worker()) for _ in range(joins))

        done = await run.export(windows=8, limit=4, rate=LIMIT, on_progress=on_progress)
        assert done.failed == ()
        run.check()
        requests = list(run.service.requests)[before:]
        moments = sorted(each.time.timestamp() for each in requests)
        # At the end, one worker may have nothing more to read.
        count = len(moments) * 9 // 10
        rate = (count - 1) / (moments[count - 1] - moments[0])
        fastest = {seconds: most_within(moments, seconds) for seconds in (1, 5, 10)}
        LOG.info(
            "%s joined: %s requests, %.2f/s of %s/s; at most %s", joins, len(moments), rate, LIMIT, fastest
        )
        assert 0.95 * LIMIT <= rate <= LIMIT
        # Arrivals are a little later or earlier than starts: one for each worker.
        assert all(most <= LIMIT * seconds + 2 for seconds, most in fastest.items())


@heavy
async def test_rate_after_a_kill(tmp_path: Path) -> None:
    """While a worker is killed and two others wait for its part, the total never exceeds the rate."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=600, workers=3)
        before = len(run.service.requests)
        kill = KillAt(run, 0.3)
        done = await run.export(windows=8, limit=4, rate=LIMIT, workers=2, on_progress=kill)
        assert (done.failed, done.workers) == ((), 2)
        run.check()
        requests = list(run.service.requests)[before:]
        moments = sorted(each.time.timestamp() for each in requests)
        fastest = {seconds: most_within(moments, seconds) for seconds in (1, 5, 10)}
        rate = (len(moments) - 1) / (moments[-1] - moments[0])
        LOG.info("after a kill: %s requests, %.2f/s of %s/s; at most %s", len(moments), rate, LIMIT, fastest)
        assert all(most <= LIMIT * seconds + 3 for seconds, most in fastest.items())


@heavy
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill"])
async def test_export_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    """After Ctrl-C or a kill of the export itself, the next one reads the rest, and removes the keys."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=200)
        file = tmp_path / "keys.json"
        file.write_text(json.dumps(run.keys), encoding="utf-8")
        file.chmod(0o600)
        span = ("--since", SINCE, "--until", UNTIL)
        command = ("calls", "export", *span, "--output", str(run.output), "--page-size", "10")
        cluster = ("--dask", run.cluster.address, "--shops", str(file), "--rate", "20")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "etelecom_async", *command, *cluster),
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "ETELECOM_BASE_URL": run.service.base_url,
            },
            stderr=asyncio.subprocess.PIPE,
        )
        before = len(run.service.requests)
        async with asyncio.timeout(120):
            while len(run.service.requests) - before < 60:  # noqa: ASYNC110 - the sandbox has no event for it
                await asyncio.sleep(0.1)
        process.send_signal(number)
        _, err = await process.communicate()
        assert "Traceback" not in err.decode()
        assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
        assert not run.output.exists() or rows_of(run.output, ids_of(run.shops)[-1]) == []
        async with connected(run.cluster.address) as client:
            kept = "etelecom-calls" in repr(await client.run_on_scheduler(plugins_of_scheduler))
            assert kept == (number == signal.SIGKILL)
            done = await run.export(limit=10)
            assert "etelecom-calls" not in repr(await client.run_on_scheduler(plugins_of_scheduler))
            assert "etelecom-calls" not in repr(await client.run(plugins_of_worker))
        assert (done.failed, done.rows) == ((), SHOPS * 200)
        run.check()
        LOG.info("stopped by %s: %s requests of all exports", number, len(run.service.requests))


@heavy
async def test_scheduler_is_killed(tmp_path: Path) -> None:
    """The loss of the scheduler is an error that says so, and the export continues on another cluster."""
    async with AsyncExitStack() as stack:
        run = await Run.start(stack, tmp_path, calls=200)
        killed: list[int] = []

        def on_progress(_: str, progress: history.Progress) -> None:
            if progress.done >= 0.3 and not killed:
                killed.append(len(run.service.requests))
                run.cluster.scheduler.kill()

        before = len(run.service.requests)
        with pytest.raises(ClusterError, match=r"the scheduler at .* (is lost|does not answer)"):
            await run.export(limit=10, rate=60, on_progress=on_progress)
        (tmp_path / "other").mkdir()
        cluster = await stack.enter_async_context(dask_cluster(tmp_path / "other"))
        done = await run.export(limit=10, scheduler=cluster.address)
        total = len(run.service.requests)
        assert (done.failed, done.rows) == ((), SHOPS * 200)
        run.check()
        LOG.info("scheduler killed after %s requests; %s in all", killed[0] - before, total - before)
