"""
Choose which worker reads which window.

Only a fixed number of workers gets tasks, because each of them has a fixed part of the rate. A task belongs
to one worker. When a worker is lost, its tasks are taken back before another worker gets its part.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import uuid4

from distributed import Client, Future

from etelecom_async.history.dask_plugin import read_in_worker
from etelecom_async.history.window_reading import WindowResult

_MOST_TASKS: Final = 64
"""Tasks of a worker at a time."""


class Place(NamedTuple):
    """A window of a shop."""

    shop_id: str
    number: int


class Ended(NamedTuple):
    """The end of a task: with its result, or with `None` if its worker was lost."""

    place: Place
    result: WindowResult | None


class Lanes:
    """
    The workers that share the rate, and their tasks.

    Args:
        client: A client with `asynchronous=True`.
        plugin: The name of the plugin with the orders.
        count: How many workers share the rate.
        admit: Says whether a worker may have tasks.
    """

    def __init__(
        self, client: Client, plugin: str, count: int, admit: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._client: Any = client
        self._plugin = plugin
        self._count = count
        self._admit = admit
        self._threads: dict[str, int] = {}
        self._refused: set[str] = set()
        self._tasks: dict[asyncio.Task[WindowResult | None], tuple[Place, str, Future[Any]]] = {}

    @property
    def workers(self) -> int:
        """The workers that may have tasks now."""
        return len(self._threads)

    @property
    def tasks(self) -> set[asyncio.Task[WindowResult | None]]:
        """The tasks that have not ended."""
        return set(self._tasks)

    async def update(self, present: Mapping[str, int]) -> list[Ended]:
        """
        Take the workers that came, up to the fixed number. Return the tasks of workers that were lost.

        Args:
            present: The number of threads of each worker, by its address.
        """
        ended: list[Ended] = []
        for lost in self._threads.keys() - present.keys():
            # Dask must not run the tasks on a later worker with this address.
            ended += await self._cancel(lost)
            del self._threads[lost]
        self._refused &= present.keys()
        known = self._threads.keys() | self._refused
        new = [worker for worker in present if worker not in known][: self._count - len(self._threads)]
        for worker, is_able in zip(new, await asyncio.gather(*map(self._admit, new)), strict=True):
            if is_able:
                self._threads[worker] = min(present[worker], _MOST_TASKS)
            else:
                self._refused.add(worker)
        return ended

    async def _cancel(self, worker: str) -> list[Ended]:
        of_worker = {task: each for task, each in self._tasks.items() if each[1] == worker}
        for task in of_worker:
            del self._tasks[task]
            task.cancel()
        if of_worker:
            await self._client.cancel([future for _, _, future in of_worker.values()], force=True)
        return [Ended(place, None) for place, _, _ in of_worker.values()]

    def free_worker(self) -> str | None:
        """Return the worker with the most free threads; `None` if all are busy."""
        busy = Counter(worker for _, worker, _ in self._tasks.values())
        free = {worker: threads - busy[worker] for worker, threads in self._threads.items()}
        best = max(free, key=lambda worker: free[worker], default=None)
        return best if best is not None and free[best] > 0 else None

    def start(self, place: Place, worker: str) -> None:
        """Let a worker read a window."""
        future = self._client.submit(
            read_in_worker,
            self._plugin,
            place.shop_id,
            place.number,
            key=f"call-logs-{place.shop_id}-{place.number}-{uuid4().hex}",
            workers=[worker],
            allow_other_workers=False,
            pure=False,
        )
        self._tasks[asyncio.create_task(_result_of(future))] = (place, worker, future)

    def take(self, task: asyncio.Task[WindowResult | None]) -> Ended:
        """Return the end of a task that has ended."""
        place, _, _ = self._tasks.pop(task)
        return Ended(place, task.result())

    async def stop(self) -> None:
        """Cancel all tasks."""
        for worker in list(self._threads):
            await self._cancel(worker)


async def _result_of(future: Any) -> WindowResult | None:
    """Return the result of a task; `None` if Dask gives none, because the worker was lost or is closing."""
    try:
        found: object = await future.result()
    except Exception:  # noqa: BLE001 - of Dask, or of a worker that closes: the window is read again
        return None
    return found if isinstance(found, WindowResult) else None
