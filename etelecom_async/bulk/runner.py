"""One run of a job: the block that holds its journal, and the loop over the steps that end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

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
    `KeyboardInterrupt`. The job can be continued in both cases.

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
    if settle_after is not None and settle_after < timedelta():
        raise ConfigurationError("settle_after takes a positive timedelta.")
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
    One run of a job: an async context manager, and an async iterable of the steps as they end.

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
        self._journal: Journal | None = None
        self._work: Work | None = None
        self._driver: asyncio.Task[None] | None = None
        self._interrupts = Interrupts(self._drain, self._cancel)

    def __await__(self) -> Generator[Any, None, Report]:
        return self._whole().__await__()

    async def _whole(self) -> Report:
        async with self as run:
            async for _ in run:
                pass
        return run.report

    async def __aenter__(self) -> Self:
        plan = Plan(self._steps)
        self._journal = await Journal.open(self._path, lambda salt: _entries(plan, salt), meta=self._meta)
        self._work = Work(plan, self._journal, self._options)
        self._interrupts.take()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._end()
        finally:
            self._interrupts.give_back()
            if self._journal is not None:
                await self._journal.close()
        if self._interrupts.count and error is None:
            raise KeyboardInterrupt

    async def _end(self) -> None:
        if self._driver is not None and not self._driver.done():
            self._started().stop(_LEFT)
            # What stopped the work was raised in the loop, if the loop still ran.
            await asyncio.gather(self._driver, return_exceptions=True)

    def __aiter__(self) -> AsyncIterator[Ended]:
        return self._events()

    async def _events(self) -> AsyncIterator[Ended]:
        work = self._started()
        if self._driver is None:
            self._driver = asyncio.create_task(work.drive())
        while (ended := await work.ended.get()) is not None:
            yield ended
        if not self._driver.cancelled() or not self._interrupts.count:
            await self._driver  # raises what stopped the work

    @property
    def report(self) -> Report:
        """What became of the job so far."""
        return self._started().report()

    def _started(self) -> Work:
        if self._work is None:
            message = "this run has not started: use `async with bulk.run(...) as run:`."
            raise ConfigurationError(message)
        return self._work

    def _drain(self) -> None:
        self._started().stop(_INTERRUPTED)

    def _cancel(self) -> None:
        if self._driver is not None:
            self._driver.cancel()


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
