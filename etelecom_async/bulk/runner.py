"""One run of a job: the block that holds its journal, and the loop over the steps that end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async.bulk.claims import check_keys
from etelecom_async.bulk.events import Ended, Event
from etelecom_async.bulk.interrupts import Interrupts
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.ledger import Ledger
from etelecom_async.bulk.options import PATIENCE, RunOptions
from etelecom_async.bulk.records import Entry
from etelecom_async.bulk.report import Report
from etelecom_async.bulk.steps import Plan, Step
from etelecom_async.bulk.work import Work
from etelecom_async.errors import ConfigurationError

_INTERRUPTED: Final = "Ctrl-C: run the job again to continue."
_LEFT: Final = "The block was left before the end: run the job again to continue."


@boundary
def run(
    path: str | os.PathLike[str],
    steps: Iterable[Step[Any]],
    *,
    settle_after: timedelta | None = None,
    resend_unknown: bool = False,
    ledger: Ledger | None = None,
    patience: timedelta = PATIENCE,
    on_event: Callable[[Event], object] | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Run:
    """
    Return a run of a job, which makes each call of *steps* once, whatever breaks on the way.

    The journal at *path* keeps what was planned, started and done. The same call with the same journal
    continues the job. Steps that are done are not made again, and those in doubt are read back first. Calls
    share the concurrency and the rate of their clients.

        async with bulk.run("team.journal", steps) as run:
            async for ended in run:
                print(ended.key, ended.state)
        print(run.report)

    or, in one line, `report = await bulk.run("team.journal", steps)`.

    The first Ctrl-C lets the calls in flight end, and the second one stops at once. Then the block raises
    `KeyboardInterrupt`. The job can be continued in both cases. In another thread than the main one, Python
    gives Ctrl-C to the main thread, which must cancel the run.

    Args:
        path: File of the journal, on a local disk.
        steps: The steps, from `bulk.step`.
        settle_after: How long a proxy may hold a request, for example `timedelta(minutes=10)`. If a read-back
            does not find what a call in doubt should have created, the run waits that long. It reads back
            again, and repeats the call. Without it, such a step stays `unknown`.
        resend_unknown: Whether to send messages again that are in doubt. A person may then get one twice.
        ledger: Keeps the messages that were sent, for all jobs together.
        patience: How long to wait for a server that cannot be reached.
        on_event: Called with each event, for example `bulk.JsonLines(file)`.
        meta: Description of the job as JSON, for your own use. It must contain no secret.

    Raises:
        InvalidRequestError: Raised at the start of the block: the steps are wrong. Nothing was sent.
        JournalError: Raised at the start of the block: the journal is in use, or of another job. Raised in
            it: nothing can be written any more, and nothing more is sent.
    """
    options = RunOptions(
        settle_after=settle_after,
        resend_unknown=resend_unknown,
        ledger=ledger,
        patience=patience,
        on_event=on_event,
    )
    return Run(Path(path), steps, options, meta)


class Run:
    """
    One run of a job: an async context manager, and an async iterator of the steps as they end.

    Awaiting it makes the whole run, and returns the report. The block holds the lock of the journal, and
    releases it however the block ends.
    """

    def __init__(
        self,
        path: Path,
        steps: Iterable[Step[Any]],
        options: RunOptions,
        meta: Mapping[str, Any] | None,
    ) -> None:
        self._path = path
        self._steps = steps
        self._options = options
        self._meta = meta
        self._is_used = False
        self._open: _Open | None = None
        self._interrupts = Interrupts(self._drain, self._stop_now)

    def __await__(self) -> Generator[Any, None, Report]:
        return self._whole().__await__()

    async def _whole(self) -> Report:
        try:
            async with self:
                async for _ in self:
                    pass
        except BaseException as error:
            cleaned(error)
            raise
        return self.report

    async def __aenter__(self) -> Self:
        try:
            await self._enter()
        except BaseException as error:
            cleaned(error)
            raise
        return self

    async def _enter(self) -> None:
        if self._is_used:
            raise ConfigurationError("a run is used once: call bulk.run() again.")
        self._is_used = True
        plan = Plan(self._steps)
        if self._options.ledger is not None:
            check_keys(plan)
        journal = await Journal.open(
            self._path,
            lambda salt: _entries(plan, salt),
            meta=self._meta,
            may_replace=self._options.may_replace,
        )
        try:
            work = Work(plan, journal, self._options)
        except BaseException:
            await journal.close()
            raise
        self._open = _Open(journal, work, asyncio.current_task())
        self._interrupts.take()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        opened = self._opened()
        opened.is_leaving = True
        closing = asyncio.create_task(self._close(opened))
        is_cancelled = False
        while not closing.done():
            try:
                await asyncio.wait((closing,))
            except asyncio.CancelledError:
                # The journal is closed in any case. Only the calls in flight are cancelled.
                is_cancelled = True
                opened.cancel()
        self._interrupts.give_back()
        failure = closing.exception()
        if self._interrupts.count and isinstance(error, asyncio.CancelledError | None):
            if opened.is_block_cancelled and opened.task is not None:
                opened.task.uncancel()
            raise KeyboardInterrupt from None
        if is_cancelled and error is None:
            raise asyncio.CancelledError
        if failure is not None and error is None:
            raise cleaned(failure)

    async def _close(self, opened: _Open) -> None:
        """End what runs, and close the journal; raise what stopped the work, if nobody has seen it yet."""
        try:
            if opened.driver is not None and not opened.driver.done():
                opened.work.stop(_LEFT)
                await asyncio.wait((opened.driver,))
        finally:
            await opened.journal.close()
        if (failure := opened.failure()) is not None:
            raise failure

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Ended:
        """Return the next step that ends; start the work if it has not started."""
        opened = self._opened()
        ended = await opened.next()
        if ended is not None:
            return ended
        if (failure := opened.failure()) is not None:
            raise cleaned(failure)
        raise StopAsyncIteration

    @property
    def report(self) -> Report:
        """What became of the job so far."""
        return self._opened().work.report()

    def _opened(self) -> _Open:
        if self._open is None:
            message = "this run has not started: use `async with bulk.run(...) as run:`."
            raise ConfigurationError(message)
        return self._open

    def _drain(self) -> None:
        self._opened().work.stop(_INTERRUPTED)

    def _stop_now(self) -> None:
        opened = self._opened()
        opened.cancel()
        # The block itself may wait for something else.
        if not opened.is_leaving and opened.task is not None:
            opened.is_block_cancelled = True
            opened.task.cancel()


@attrs.define(eq=False)
class _Open:
    """What a run has while its block lasts."""

    journal: Journal
    work: Work
    task: asyncio.Task[Any] | None
    """The task of the block."""
    driver: asyncio.Task[None] | None = None
    """The task that runs the steps."""
    is_leaving: bool = False
    is_block_cancelled: bool = False
    """Whether a second Ctrl-C has cancelled the block."""
    _was_raised: bool = False

    async def next(self) -> Ended | None:
        """Return the next step that ends; `None` after the last one."""
        if self.driver is None:
            self.driver = asyncio.create_task(self.work.drive())
        ended = await self.work.ended.get()
        if ended is None:
            self.work.ended.put_nowait(None)  # for another loop
            await asyncio.wait((self.driver,))
        return ended

    def cancel(self) -> None:
        """Cancel the calls in flight."""
        if self.driver is not None:
            self.driver.cancel()

    def failure(self) -> BaseException | None:
        """Return what stopped the work, once; `None` if nothing did."""
        if self.driver is None or self.driver.cancelled() or self._was_raised:
            return None
        self._was_raised = True
        return self.driver.exception()


def _entries(plan: Plan, salt: bytes) -> Iterable[Entry]:
    """Yield what the journal keeps of each step."""
    for step in plan.steps.values():
        yield Entry(
            key=step.key,
            operation=step.operation.name,
            effect=step.effect,
            account=step.account,
            digest=step.digest(salt),
        )
