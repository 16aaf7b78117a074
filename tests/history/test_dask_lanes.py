"""A fixed number of workers gets tasks, and a lost worker gives its tasks back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from distributed import Client, Scheduler, Worker

from etelecom_async.history.dask_lanes import Ended, Lanes, Place

FIRST, SECOND = Place("1", 0), Place("1", 1)


@pytest.fixture
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """A client of a scheduler in this process, with three workers."""
    host = "127.0.0.1"
    options: Any = {"dashboard": False, "local_directory": str(tmp_path_factory.mktemp("workers"))}
    async with (
        Scheduler(host=host, port=0, dashboard_address="127.0.0.1:0") as scheduler,
        Worker(scheduler.address, host=host, nthreads=1, **options),
        Worker(scheduler.address, host=host, nthreads=2, **options),
        Worker(scheduler.address, host=host, nthreads=100, **options),
        Client(scheduler.address, asynchronous=True, set_as_default=False) as client,
    ):
        yield client


async def admit_all(_: str) -> bool:
    """Let each worker have tasks."""
    return True


async def test_count(client: Any) -> None:
    """No more workers than the fixed number get tasks; another one gets the part of a lost one."""
    first, second, third = await client.nthreads()  # in the order of their ports
    lanes = Lanes(client, "none", 2, admit_all)
    assert lanes.free_worker() is None
    assert await lanes.update({first: 1, second: 2, third: 100}) == []
    assert lanes.workers == 2
    assert await lanes.update({second: 2, third: 100}) == []
    assert lanes.workers == 2
    assert await lanes.update({third: 100, first: 1, second: 2}) == []
    assert lanes.free_worker() == third
    assert await lanes.update({first: 1}) == []
    assert (lanes.workers, lanes.free_worker()) == (1, first)


async def test_refused_worker(client: Any) -> None:
    """A worker that is not admitted gets no task, and is not asked again while it is there."""
    present = dict(await client.nthreads())
    asked: list[str] = []

    async def admit(worker: str) -> bool:
        asked.append(worker)
        return present[worker] == 2

    lanes = Lanes(client, "none", 3, admit)
    for _ in range(3):
        await lanes.update(present)
    assert (lanes.workers, sorted(asked)) == (1, sorted(present))
    await lanes.update({})
    await lanes.update(present)
    assert len(asked) == 2 * len(present)


async def test_lost_worker(client: Any) -> None:
    """The tasks of a worker that is lost come back, and do not wait for a later worker with its address."""
    gone = "tcp://127.0.0.1:1"
    lanes = Lanes(client, "none", 2, admit_all)
    await lanes.update({gone: 2})
    lanes.start(FIRST, gone)
    lanes.start(SECOND, gone)
    assert (len(lanes.tasks), lanes.free_worker()) == (2, None)
    ended = await lanes.update({})
    assert sorted(ended) == [Ended(FIRST, None), Ended(SECOND, None)]
    assert (lanes.tasks, lanes.workers) == (set(), 0)
    await asyncio.sleep(0)
    assert not await client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))


async def test_task_that_fails(client: Any) -> None:
    """A task that raises, for example because the plugin was removed, is a lost one."""
    worker = next(iter(await client.nthreads()))
    lanes = Lanes(client, "none", 1, admit_all)
    await lanes.update({worker: 1})
    lanes.start(FIRST, worker)
    done, _ = await asyncio.wait(lanes.tasks)
    assert [lanes.take(task) for task in done] == [Ended(FIRST, None)]
    assert lanes.free_worker() == worker
    lanes.start(SECOND, worker)
    await lanes.stop()
    assert lanes.tasks == set()
