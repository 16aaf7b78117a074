"""Work after the response: a bounded queue of events, and the tasks that handle them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import attrs

from etelecom_async.webhooks.events import Event

_CANCEL_SECONDS: Final = 5.0
"""Seconds that a cancelled handler has to clean up."""


@attrs.define(eq=False)
class _Job:
    """An event, and the bytes that its end releases."""

    event: Event
    size: int
    pauses: int = 0
    """Number of pauses that it has had."""
    timer: asyncio.TimerHandle | None = None
    """Ends its pause."""


class WorkQueue:
    """
    A queue of events in one event loop.

    Args:
        handle: Handles one event, and returns whether it is done. If not, it is called again after a pause.
            It also gets whether there is a pause left; without one, it must be done. It raises no error.
        abandon: Called with the events that are left when the event loop cancels the tasks.
        most_events: Maximum number of events that wait or are being handled. A larger delivery is accepted
            only by an empty queue.
        most_bytes: Maximum size of their deliveries.
        concurrency: Number of events to handle at a time. An event in a pause does not count.
        pauses: Seconds of each pause. At the end of the queue, events skip the rest of theirs.
    """

    def __init__(
        self,
        handle: Callable[[Event, bool], Awaitable[bool]],
        abandon: Callable[[Sequence[Event]], None],
        *,
        most_events: int,
        most_bytes: int,
        concurrency: int,
        pauses: Sequence[float] = (),
    ) -> None:
        self._handle: Final = handle
        self._abandon: Final = abandon
        self._most_events: Final = most_events
        self._most_bytes: Final = most_bytes
        self._pauses: Final = tuple(pauses)
        self._jobs: Final = asyncio.Queue[_Job]()
        self._left: Final[dict[_Job, None]] = {}
        self._events = 0
        self._bytes = 0
        self._is_closing = False
        self._is_stopping = False
        self._tasks: Final = [asyncio.create_task(self._work()) for _ in range(concurrency)]

    @property
    def is_stopped(self) -> bool:
        """Whether no task handles events any more."""
        return self._is_stopping or all(task.done() for task in self._tasks)

    def reserve(self, events: int, size: int) -> bool:
        """Reserve room for a delivery; return whether there is any."""
        is_empty = not self._events
        fits = self._events + events <= self._most_events and self._bytes + size <= self._most_bytes
        if not (fits or is_empty):
            return False
        self._events += events
        self._bytes += size
        return True

    def release(self, events: int, size: int) -> None:
        """Give back what a delivery has reserved."""
        self._events -= events
        self._bytes -= size

    def put(self, events: Sequence[Event], size: int) -> None:
        """Add the events of a delivery, for which there is room."""
        for number, event in enumerate(events, start=1):
            job = _Job(event, size if number == len(events) else 0)
            self._left[job] = None
            self._jobs.put_nowait(job)

    def left(self) -> tuple[Event, ...]:
        """Return the events that wait or are being handled."""
        return tuple(job.event for job in [*self._left])

    async def join(self) -> None:
        """Wait until no event is left."""
        await self._jobs.join()

    async def stop(self, seconds: float | None) -> list[Event]:
        """
        Handle the events that are left; return those that are not handled in time.

        Args:
            seconds: Seconds to wait; `None` for no limit.
        """
        self._is_closing = True
        for job in self._left:
            self._end_pause(job)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.join()
            self._cancel()
            await asyncio.wait(self._tasks, timeout=_CANCEL_SECONDS)
        except asyncio.CancelledError:
            self._cancel()
            self._abandon(self._take_left())
            raise
        return self._take_left()

    def _cancel(self) -> None:
        self._is_stopping = True
        for task in self._tasks:
            task.cancel()

    async def _work(self) -> None:
        try:
            while not self._is_stopping:
                job = await self._jobs.get()
                has_pause = job.pauses < len(self._pauses) and not self._is_closing
                if await self._handle(job.event, has_pause):
                    self._left.pop(job, None)
                    self.release(1, job.size)
                    self._jobs.task_done()
                else:
                    self._start_pause(job)
        finally:
            if not self._is_stopping:
                self._abandon(self._take_left())

    def _start_pause(self, job: _Job) -> None:
        seconds = 0.0 if self._is_closing else self._pauses[job.pauses]
        job.pauses += 1
        job.timer = asyncio.get_running_loop().call_later(seconds, self._end_pause, job)

    def _end_pause(self, job: _Job) -> None:
        if job.timer is not None:
            job.timer.cancel()
            job.timer = None
            self._jobs.put_nowait(job)
            self._jobs.task_done()  # that of its last turn: `join` also waits for events in a pause

    def _take_left(self) -> list[Event]:
        left = [*self.left()]
        for job in self._left:
            if job.timer is not None:
                job.timer.cancel()
        self._left.clear()
        return left
