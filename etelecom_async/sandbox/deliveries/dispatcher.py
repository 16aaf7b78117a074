"""
Post the events that are due, by the clock of the sandbox.

Each receiver has a task of its own while it has events that are due, so a slow one delays no other. Between
them, one task waits for the next time at which something is due: a retry, or a scheduled change of a record.
It waits only if there is a receiver. A snapshot that is restored cancels all attempts under way.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from datetime import timedelta
from typing import Any, Final

from etelecom_async.sandbox.deliveries.backoff import pause_after
from etelecom_async.sandbox.deliveries.events import EventSource, address_of
from etelecom_async.sandbox.deliveries.log import Attempt, Deliveries, DeliveryLog
from etelecom_async.sandbox.deliveries.posting import Outcome, Poster
from etelecom_async.sandbox.services.pbx.recordings import at_origin
from etelecom_async.sandbox.services.webhooks.records import set_states
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.outbox import Outbox, QueuedEvent, forget_receiver
from etelecom_async.sandbox.store.state import State, describe_storage_failure
from etelecom_async.sandbox.times import iso_utc

_LOG: Final = logging.getLogger(__name__)
_LONGEST_WAIT: Final = timedelta(hours=1)
# A timer of the event loop may end a moment early.
_MARGIN: Final = timedelta(milliseconds=1)


class Dispatcher:
    """
    Delivers the events of one sandbox, from `start` to `close`.

    Args:
        state: The state.
        clock: The clock.
        is_remote_allowed: Whether requests may leave this machine.
        sms_webhook: URL for the states of SMS messages; `None` for none.
    """

    def __init__(
        self, state: State, clock: Clock, *, is_remote_allowed: bool = False, sms_webhook: str | None = None
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._sms_webhook: Final = sms_webhook
        self._outbox: Final = Outbox(state)
        self.events: Final = EventSource(state, self._outbox, self.wake, sms_webhook=sms_webhook)
        """Queues the events."""
        self.log: Final = DeliveryLog()
        """The attempts so far."""
        self._poster: Final = Poster(is_remote_allowed=is_remote_allowed)
        self._origin = ""
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: Final = asyncio.Event()
        self._waiter: asyncio.Task[None] | None = None
        self._running: Final[dict[str, asyncio.Task[None]]] = {}
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._broken: Final[set[str]] = set()
        """Receivers whose outcome could not be stored; `wake` tries again."""

    def start(self, origin: str) -> None:
        """
        Start to deliver, in the running event loop.

        Args:
            origin: Origin of the sandbox, for the URLs of recordings.
        """
        self._origin = origin
        self._loop = asyncio.get_running_loop()
        self._state.observer = self.events
        self._clock.on_advance = self.wake
        self._waiter = asyncio.create_task(self._wait_for_events())

    async def close(self) -> None:
        """End the attempts under way; their events still wait in the state."""
        self._is_closed = True
        self._state.observer = self._clock.on_advance = self._loop = None
        tasks = [*self._tasks] if self._waiter is None else [*self._tasks, self._waiter]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._poster.close()

    def wake(self) -> None:
        """Look for events that are due; any thread may call this."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        self._broken.clear()
        self._woken.set()

    def cancel_attempts(self) -> None:
        """Cancel the attempts under way, because the state was restored; look for events that are due."""
        for task in self._running.values():
            task.cancel()
        self._running.clear()
        self.wake()

    async def drain(self) -> None:
        """Deliver what is due now; return when each attempt has ended. Any event loop may call this."""
        loop = self._loop
        if loop is not None and loop is not asyncio.get_running_loop():
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._drain(), loop))
        else:
            await self._drain()

    async def _drain(self) -> None:
        self._broken.clear()
        while not self._is_closed:
            self._start_tasks()
            if not self._running:
                return
            await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)

    def read(self) -> Deliveries:
        """Return the attempts so far, and the state of each receiver."""
        return self.log.read(self._outbox.receivers())

    async def _wait_for_events(self) -> None:
        while True:
            self._woken.clear()
            try:
                self._start_tasks()
                seconds = self._seconds_to_next()
            except Exception as error:  # noqa: BLE001 - a full disk must not end the deliveries
                _log_failure("deliver events", error)
                seconds = None
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _start_tasks(self) -> None:
        """Apply the changes that are due, and start a task for each receiver with an event that is due."""
        now = self._clock.apply_due() if self.events.is_listening() else self._clock.now()
        for event in self._outbox.due(now):
            receiver = event.receiver
            if receiver not in self._running and receiver not in self._broken:
                task = asyncio.create_task(self._deliver_to(event))
                self._running[receiver] = task
                self._tasks.add(task)
                task.add_done_callback(functools.partial(self._end, receiver))

    def _end(self, receiver: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._running.get(receiver) is task:
            del self._running[receiver]
        self._woken.set()

    def _seconds_to_next(self) -> float | None:
        """Return the time to the next retry or scheduled change; `None` if nothing is to come."""
        now = self._clock.now()
        changes = self._state.next_due() if self.events.is_listening() else None
        times = [time - now for time in (changes, self._outbox.next_due(now)) if time is not None]
        if not times:
            return None
        return (min(max(min(times), timedelta(0)), _LONGEST_WAIT) + _MARGIN).total_seconds()

    async def _deliver_to(self, event: QueuedEvent | None) -> None:
        """Post the events of one receiver, until none is due or an attempt has failed."""
        while event is not None:
            try:
                await self._attempt(event)
                following = self._outbox.first_due(event.receiver, self._clock.now())
            except Exception as error:  # noqa: BLE001 - a full disk must not end the deliveries
                self._broken.add(event.receiver)
                _log_failure(f"deliver to {event.receiver}", error)
                return
            event = following

    async def _attempt(self, event: QueuedEvent) -> None:
        started = self._clock.now()
        url = address_of(self._state, event.receiver, self._sms_webhook)
        if url is None:
            with self._state.transaction():
                forget_receiver(self._state, event.receiver)
            return
        retried = self._outbox.receiver(event.receiver).retried
        body = at_origin(event.body, self._origin).encode()
        outcome = await self._poster.post(url, body)
        sent_at = iso_utc(started)
        state = self._settle(event, outcome, sent_at, retried)
        self.log.add(
            Attempt(event.receiver, event.event, started, retried, outcome.status, outcome.error, state, body)
        )

    def _settle(self, event: QueuedEvent, outcome: Outcome, sent_at: str, retried: int) -> str:
        """Store the outcome of an attempt; return the state of the receiver."""
        with self._state.transaction():
            if not self._outbox.has(event):  # the receiver was deleted during the attempt
                return "deleted"
            if outcome.is_sent:
                self._outbox.mark_sent(event.receiver, sent_at)
            if outcome.error:
                pause = pause_after(retried)
                until = None if pause is None else self._clock.now() + pause
                self._outbox.postpone(event, until, _wire_error(outcome, sent_at, retried))
            else:
                self._outbox.succeed(event)
            receiver = self._outbox.receiver(event.receiver)
            set_states(self._state, receiver)
        return receiver.state


def _wire_error(outcome: Outcome, sent_at: str, retried: int) -> dict[str, Any]:
    """Return a failure in the form of `states.last_error`."""
    return {
        "error": outcome.error,
        "resp_status": outcome.status or 0,
        "resp_body": outcome.body,
        "retried": retried,
        "sent_at": sent_at,
    }


def _log_failure(task: str, error: Exception) -> None:
    """Log a failure: one line for the disk and the file of the state, and the traceback for an error here."""
    if problem := describe_storage_failure(error):
        _LOG.error("The sandbox could not %s: %s", task, problem)
    else:
        _LOG.error("The sandbox could not %s", task, exc_info=error)
