"""
The journal of a job: what is planned, started and done, on disk.

All changes that wait at the same time share one transaction, because a transaction waits for the disk. A
thread of its own writes them.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final, Self

import attrs

from etelecom_async.bulk.lock import JobLock
from etelecom_async.bulk.records import Failure, Record
from etelecom_async.bulk.states import IN_DOUBT, State
from etelecom_async.bulk.store import Entries, JournalCopy, Store, Write
from etelecom_async.errors import JournalError


class Journal:
    """
    The journal of one job, for one process and one event loop.

    Use `open`, and `close` in the end, or `async with`.
    """

    def __init__(self, writer: _Writer, opened: _Opened) -> None:
        self._writer: Final = writer
        self._lock: Final = opened.lock
        self._ids: Final = opened.ids
        self._latest: Final = dict(opened.content.records)
        self._records: Final = dict(opened.content.records)
        self._waiting: list[_Change] = []
        self._is_closed = False
        self.path: Final = opened.path
        self.id: Final = opened.content.id
        """Id of the journal; it never changes."""
        self.meta: Final = opened.content.meta
        """Description of the job by the program that started it."""

    @classmethod
    async def open(
        cls,
        path: str | os.PathLike[str],
        entries: Entries,
        *,
        meta: Mapping[str, Any] | None = None,
        may_replace: bool = False,
    ) -> Self:
        """
        Open a journal, or create it, and record the plan in it.

        Steps that certainly were not executed may be changed, added and dropped. All others must be in the
        plan unchanged.

        Args:
            path: The file; its folder must exist, on a local disk.
            entries: Returns the steps of the plan; their digests are made with the salt that it gets.
            meta: Description of the job as JSON, without secrets; `None` keeps the recorded one.
            may_replace: Whether the plan may have no key of the journal, if no step in it was executed.

        Raises:
            JournalError: The journal is in use, is of another job, or cannot be written.
        """
        writer = _Writer(Path(path), entries, meta, may_replace=may_replace)
        writer.start()
        try:
            opened = await asyncio.shield(writer.opened)
        except asyncio.CancelledError:
            # The file must be closed when the caller continues.
            writer.stop()
            await asyncio.shield(writer.closed)
            raise
        return cls(writer, opened)

    @staticmethod
    async def read(path: str | os.PathLike[str]) -> JournalCopy:
        """
        Return the content of a journal, which another process may use.

        Raises:
            JournalError: There is no such journal, or it cannot be read.
        """
        return await asyncio.to_thread(Store.read, Path(path))

    @property
    def records(self) -> Mapping[str, Record]:
        """The steps by their keys, in the order of the plan, as they are on the disk."""
        return self._records

    async def intent(self, key: str, started_at: datetime | None = None) -> None:
        """
        Record that a call starts now; return when this is on the disk.

        A call that may have been executed before keeps the time of its first start.

        Args:
            key: The key of the step.
            started_at: The server's time, if it is known.

        Raises:
            JournalError: It cannot be written. Send nothing.
        """
        before = self._latest[key]
        first = before.started_at if before.state in IN_DOUBT else started_at
        await self._write(
            attrs.evolve(
                before,
                state=State.STARTED,
                attempts=before.attempts + 1,
                started_at=first,
                quiet_since=None,
                sent_at=datetime.now(UTC),
                ended_at=None,
                error=None,
            )
        )

    async def outcome(
        self,
        key: str,
        state: State,
        *,
        kept: Mapping[str, Any] | None = None,
        error: BaseException | Failure | None = None,
        quiet_since: datetime | None = None,
    ) -> None:
        """
        Record how a step ended; return when this is on the disk.

        Args:
            key: The key of the step.
            state: Any state but `started`.
            kept: Values of the result that other steps use, by their paths. They must be JSON.
            error: Why the step is not done. The journal keeps its class, its code and its masked message.
            quiet_since: The server's time at which the call had surely sent its last byte.

        Raises:
            JournalError: It cannot be written.
            TypeError: A value is not JSON.
        """
        failure = error if isinstance(error, Failure | None) else Failure.of(error)
        before = self._latest[key]
        await self._write(
            attrs.evolve(
                before,
                state=state,
                quiet_since=quiet_since or before.quiet_since,
                ended_at=datetime.now(UTC),
                kept=dict(kept or {}),
                error=failure,
            )
        )

    async def choose(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """
        Record values that the job chooses for requests; return when all are on the disk.

        Args:
            values: For each key of a step, the values by the names of the request's fields. They must be
                JSON, and replace recorded values of the same names.

        Raises:
            JournalError: They cannot be written. Send nothing.
            TypeError: A value is not JSON.
        """
        changed: list[Record] = []
        for key, chosen in values.items():
            before = self._latest[key]
            changed.append(attrs.evolve(before, chosen={**before.chosen, **chosen}))
        await self._write(*changed)

    async def close(self) -> None:
        """Write what waits, close the file, and let other processes use it. In a forked child, do nothing."""
        if self._lock.is_inherited:
            return
        if not self._is_closed:
            self._is_closed = True
            self._hand_over()
            self._writer.stop()
        await asyncio.shield(self._writer.closed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _write(self, *records: Record) -> None:
        self._lock.check_process()
        if self._is_closed:
            raise JournalError(f"{self.path} was closed: run the job again.")
        if self._writer.failure is not None:
            raise JournalError(self._writer.failure)
        if not records:
            return
        writes: list[Write] = [
            (self._ids[record.key], str(record.state), record.changing()) for record in records
        ]
        change = _Change(records, writes, self._records, self._writer.loop.create_future())
        self._latest.update((record.key, record) for record in records)
        if not self._waiting:
            # All changes of this iteration of the event loop share a transaction.
            self._writer.loop.call_soon(self._hand_over)
        self._waiting.append(change)
        await change.done

    def _hand_over(self) -> None:
        if self._waiting:
            self._writer.put(self._waiting)
            self._waiting = []


@attrs.frozen
class _Opened:
    """What the thread tells about the store that it opened."""

    path: Path
    lock: JobLock
    content: JournalCopy
    ids: dict[str, int]


@attrs.frozen
class _Change:
    """Changes of steps that a caller waits for."""

    records: tuple[Record, ...]
    writes: list[Write]
    on_disk: dict[str, Record]
    """Gets the records when they are on the disk."""
    done: asyncio.Future[None]


class _Writer(threading.Thread):
    """
    The thread that owns the store of a journal.

    Only this thread refers to the store: a forked child has no such thread, so it cannot close the file.
    """

    def __init__(
        self, path: Path, entries: Entries, meta: Mapping[str, Any] | None, *, may_replace: bool
    ) -> None:
        super().__init__(name=f"journal {path.name}", daemon=True)
        self.loop: Final = asyncio.get_running_loop()
        self.opened: Final[asyncio.Future[_Opened]] = self.loop.create_future()
        self.closed: Final[asyncio.Future[None]] = self.loop.create_future()
        self.failure: str | None = None
        """Why nothing can be written any more."""
        self._open: Final = partial(Store.open, path, entries, meta, may_replace=may_replace)
        self._queue: Final[SimpleQueue[list[_Change] | None]] = SimpleQueue()

    def put(self, changes: list[_Change]) -> None:
        """Let the thread write these changes."""
        self._queue.put(changes)

    def stop(self) -> None:
        """Let the thread write what waits, and close the store."""
        self._queue.put(None)

    def run(self) -> None:
        """Open the store, write changes until `stop` is called, and close it."""
        try:
            store = self._open()
        except BaseException as error:  # noqa: BLE001 - the caller of `Journal.open` gets it
            self._tell(_fail, self.opened, error)
        else:
            opened = _Opened(store.path, store.lock, store.content(), store.ids)
            self._tell(_succeed, self.opened, opened)
            try:
                self._write_all(store)
            finally:
                store.close()
        self._tell(_succeed, self.closed, None)

    def _write_all(self, store: Store) -> None:
        failure: str | None = None
        is_open = True
        while is_open:
            batches = [self._queue.get()]
            while not self._queue.empty():
                batches.append(self._queue.get())
            is_open = None not in batches
            changes = [change for batch in batches if batch is not None for change in batch]
            if changes and failure is None:
                try:
                    store.write([write for change in changes for write in change.writes])
                except JournalError as error:
                    failure = error.message
                except BaseException as error:  # noqa: BLE001 - the callers must not wait for ever
                    failure = f"{store.path} cannot be written, so the job stops: {type(error).__name__}."
            self._tell(self._settle, changes, failure)

    def _tell(self, function: Callable[..., None], *arguments: object) -> None:
        """Call a function in the event loop, if the loop still runs."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(function, *arguments)

    def _settle(self, changes: list[_Change], failure: str | None) -> None:
        self.failure = failure
        for change in changes:
            if failure is None:
                change.on_disk.update((record.key, record) for record in change.records)
                _succeed(change.done, None)
            else:
                _fail(change.done, JournalError(failure))


def _succeed(future: asyncio.Future[Any], result: object) -> None:
    # The caller may have been cancelled.
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
