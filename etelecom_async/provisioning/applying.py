"""
Make the changes of a plan, each of them once, whatever breaks on the way.

    result = await apply(plan, {shop_id: shop}, journal="team.journal", credentials="team.credentials")
    print(result)

The changes are the steps of a bulk job; see `etelecom_async.bulk`. The file of credentials has the passwords
of the created users and extensions. The same files continue the job, also with a newer plan of the roster.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.bulk.events import Event
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.lock import JobLock
from etelecom_async.bulk.options import PATIENCE, RunOptions
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.report import report_of
from etelecom_async.bulk.runner import Run
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Step
from etelecom_async.bulk.store import Store
from etelecom_async.errors import EtelecomError, InvalidRequestError, JournalError
from etelecom_async.provisioning import job_changes
from etelecom_async.provisioning.change_steps import MOST_PROBLEMS, OPERATION, steps_of
from etelecom_async.provisioning.changes import Change, Kind, Note
from etelecom_async.provisioning.credentials import CredentialsFile
from etelecom_async.provisioning.password_keeping import PasswordKeeper, keep_before
from etelecom_async.provisioning.results import Result, result_of

ValueT = TypeVar("ValueT")

_PAGE_SIZE: Final = 100
_REMARKS: Final = {
    State.BLOCKED: (
        "An earlier run has created it, but the shop does not show it. Plan again later. If somebody has "
        "deleted it, use another journal."
    ),
    State.UNKNOWN: (
        "An earlier run has created it, and the plan has not found it. The shop's list could not be read to "
        "check this: run the job again."
    ),
}
"""What to say about a create that the journal calls done, and the plan has not found."""


class AnyPlan(Protocol):
    """What `apply` needs of a plan."""

    @property
    def changes(self) -> Sequence[Change]:
        """The changes, in an order in which each comes after those that it needs."""
        ...

    @property
    def notes(self) -> Sequence[Note]:
        """What the plan says without a change."""
        ...


async def apply(
    plan: AnyPlan,
    shops: Mapping[str, ShopClient],
    *,
    journal: str | os.PathLike[str],
    credentials: str | os.PathLike[str],
    settle_after: timedelta | None = None,
    patience: timedelta = PATIENCE,
    on_event: Callable[[Event], object] | None = None,
) -> Result:
    """
    Make the changes of a plan, and return what became of them.

    The same journal and credentials continue a job that was stopped or killed. The plan may be the same one,
    or a newer one that was made from the present state. The result has the changes of all runs.

    Args:
        plan: The plan.
        shops: The clients of the shops, by their ids.
        journal: File of the journal, on a local disk. The file `<journal>.changes` beside it has the names
            and phone numbers of the job.
        credentials: File with the passwords, on a local disk.
        settle_after: How long a proxy may hold a request, for example `timedelta(minutes=10)`. A create in
            doubt that is not found after that time is repeated. Without it, it stays `unknown`.
        patience: How long to wait for a server that cannot be reached.
        on_event: Called with each event of the run: `bulk.Ended` and `bulk.Waiting`.

    Raises:
        ConfigurationError: *settle_after* is negative.
        InvalidRequestError: The plan is wrong. Nothing was sent.
        JournalError: A file is in use, is of another job, or cannot be written. The job sends nothing more.
    """
    try:
        options = RunOptions(
            settle_after=settle_after, patience=patience, on_event=on_event, unchanged_is_done=True
        )
        return await _apply(plan, shops, job_changes.resolved(journal), Path(credentials), options)
    except BaseException as error:
        cleaned(error)
        raise


async def _apply(
    plan: AnyPlan,
    shops: Mapping[str, ShopClient],
    journal: Path,
    credentials: Path,
    options: RunOptions,
) -> Result:
    path = job_changes.path_of(journal)
    with ExitStack() as stack:
        lock = JobLock(path)
        lock.acquire()
        stack.callback(lock.release, None)
        job = await _in_thread(partial(_Job.read, journal, path, plan.changes))
        if not job.changes:
            return result_of((), report_of({}), notes=plan.notes)
        _check(job.changes.values(), shops)
        file = stack.enter_context(CredentialsFile.open(credentials))
        steps = await _in_thread(partial(job.steps, path, shops, file))
        keeper = PasswordKeeper(file, job.changes, options.on_event)
        run_options = attrs.evolve(
            options,
            superseded=job.merged.superseded,
            may_replace=job.has_all_records,
            before_call=keeper.before_call,
            on_result=keeper.on_result,
            on_event=keeper.on_event,
        )
        report = await Run(journal, steps, run_options, None)
        records = (await Journal.read(journal)).records
        await keeper.read_passwords(shops, records)
        states = await _not_shown([job.changes[key] for key in job.merged.not_shown], shops, records)
        return result_of(
            job.changes.values(),
            report,
            notes=plan.notes,
            remarks={**keeper.remarks(report), **{key: _REMARKS[state] for key, state in states.items()}},
            states=states,
        )


@attrs.frozen
class _Job:
    """What a job has done, and what it has to do."""

    merged: job_changes.JobChanges
    records: Mapping[str, Record]
    """The steps in the journal."""
    has_all_records: bool
    """Whether the changes of all steps are known: else it may be the journal of another kind of job."""

    @classmethod
    def read(cls, journal: Path, path: Path, changes: Sequence[Change]) -> Self:
        """Return the job of a journal, with the changes of a new plan."""
        copy = Store.find(journal)
        records: Mapping[str, Record] = {} if copy is None else copy.records
        earlier = job_changes.read(path)
        merged = job_changes.merged(changes, earlier, records, path)
        return cls(merged, records, records.keys() <= earlier.keys())

    @property
    def changes(self) -> Mapping[str, Change]:
        """The changes of the job, by their keys."""
        return self.merged.changes

    def steps(self, path: Path, shops: Mapping[str, ShopClient], file: CredentialsFile) -> list[Step[Any]]:
        """Return the steps, after the passwords and the changes are on the disk."""
        keep_before(file, self.changes.values(), self.records)
        steps = steps_of(self.changes.values(), shops, file.credentials)
        job_changes.write(path, self.changes.values())
        return steps


async def _in_thread(function: Callable[[], ValueT]) -> ValueT:
    """
    Call a function in a thread: a large job takes seconds, and the program may serve others meanwhile.

    A task that is cancelled waits for the end of the function, which uses the files of the job.
    """
    running = asyncio.ensure_future(asyncio.to_thread(function))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


async def _not_shown(
    changes: Iterable[Change], shops: Mapping[str, ShopClient], records: Mapping[str, Record]
) -> dict[str, State]:
    """
    Return the states of creates that the journal calls done, and the plan has not found.

    A create is blocked if the shop still does not show what it made. It is unknown if the shop's list cannot
    be read.
    """
    states: dict[str, State] = {}
    present: dict[tuple[str, Kind], frozenset[str] | None] = {}
    for change in changes:
        shown = change.shop, change.kind
        if shown not in present:
            present[shown] = await _ids(shops[change.shop], change.kind)
        ids = present[shown]
        if ids is None:
            states[change.key] = State.UNKNOWN
        elif str(records[change.key].kept.get("id")) not in ids:
            states[change.key] = State.BLOCKED
    return states


async def _ids(shop: ShopClient, kind: Kind) -> frozenset[str] | None:
    """Return the ids of a shop's users, or of its extensions; `None` if they cannot be read."""
    resource: Any = shop.users if kind is Kind.CREATE_USER else shop.extensions
    try:
        return frozenset([each.id async for each in resource.list(limit=_PAGE_SIZE)])
    except EtelecomError:
        return None


async def read_result(journal: str | os.PathLike[str]) -> Result:
    """
    Return what became of a job so far, which another process may run.

    Args:
        journal: File of the journal.

    Raises:
        JournalError: There is no such journal, or it cannot be read.
    """
    path = job_changes.resolved(journal)
    records = (await Journal.read(path)).records
    changes = job_changes.read(job_changes.path_of(path))
    if records.keys() - changes.keys():
        raise JournalError(f"{path} is of another kind of job, or {job_changes.path_of(path).name} is lost.")
    return result_of([change for key, change in changes.items() if key in records], report_of(records))


def _check(changes: Iterable[Change], shops: Mapping[str, ShopClient]) -> None:
    missing = dict.fromkeys(change.shop for change in changes if change.shop not in shops)
    if missing:
        shown = ", ".join(list(missing)[:MOST_PROBLEMS])
        more = f" and {len(missing) - MOST_PROBLEMS} more" if len(missing) > MOST_PROBLEMS else ""
        problem = f"shops lacks the clients of {shown}{more}"
        raise InvalidRequestError((problem,), operation=OPERATION)
