"""
The work of one run: workers take ready steps, call, and write down what became of each.

For each step the order is: the intent is on disk, the bytes leave, the outcome is on disk, the caller hears
of it. Then the steps that depend on it become ready. So a job that was killed knows what it may have done.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from datetime import datetime
from typing import Any, Final

import attrs

from etelecom_async._core.operation import Effect
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.bulk import verdicts
from etelecom_async.bulk.claims import Message
from etelecom_async.bulk.doubt import Doing
from etelecom_async.bulk.events import Ended, Event, Waiting
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.ledger import ClaimState
from etelecom_async.bulk.options import RunOptions
from etelecom_async.bulk.outage import Outage
from etelecom_async.bulk.read_back import Finding
from etelecom_async.bulk.records import Failure
from etelecom_async.bulk.report import Report, report_of
from etelecom_async.bulk.requests import failure_of, filled
from etelecom_async.bulk.schedule import Schedule
from etelecom_async.bulk.server_time import ServerTimes
from etelecom_async.bulk.settling import Decision, Settler
from etelecom_async.bulk.states import IN_DOUBT, State
from etelecom_async.bulk.steps import Plan, Step
from etelecom_async.bulk.verdicts import Stop, Verdict
from etelecom_async.errors import ConnectError, EtelecomError, InvalidRequestError, NotAppliedError

_WORKERS_FOR_EACH_CALL: Final = 1.5
"""
While some workers wait for the disk, the others keep the connections busy.

A step waits for two transactions, of about 8 ms each. With more workers, a killed job would leave more
intents whose calls had not left yet.
"""
_UNREACHABLE: Final = "The server cannot be reached: resume later."
_MOST_REPEATS: Final = 3
_DOUBTS_TO_ASK: Final = 5
"""After so many doubts in a row, the server is asked whether it works, before more calls end like that."""
_DOUBTS_TO_STOP: Final = 20
"""After so many doubts in a row, a server that works does not help: its account starts no more steps."""
_STILL_IN_DOUBT: Final = "The repeated call is in doubt again: run the job again."
_OUTAGE: Final = "the server cannot be reached"
_SETTLING: Final = "steps in doubt are read back again, and repeated if they were not executed"
_WAITED_FOR: Final = "A read-back found nothing yet. The next one comes after settle_after."
_SUPERSEDED: Final = "No read shows that it was made, and the new plan does not ask for it."
_SENT_BY_ANOTHER: Final = "Another job has sent this message."
_HELD_BY_ANOTHER: Final = "Another job is sending this message, or does not know whether it did."


class Work:
    """
    The work of one run.

    Args:
        plan: The steps.
        journal: The open journal of the job.
        options: What the user decided.
    """

    def __init__(self, plan: Plan, journal: Journal, options: RunOptions) -> None:
        self.ended: asyncio.Queue[Ended | None] = asyncio.Queue()
        """The steps that have ended; `None` after the last one."""
        self._plan = plan
        self._journal = journal
        self._options = options
        states = {key: record.state for key, record in journal.records.items()}
        self._schedule = Schedule(plan, states)
        self._times = ServerTimes()
        self._settler = Settler(plan, journal, self._times, options)
        engines = [step.engine for step in plan.steps.values()]
        limits = {id(engine.limiters): engine.options.concurrency for engine in engines}
        self._most_workers = math.ceil(sum(limits.values()) * _WORKERS_FOR_EACH_CALL) + 1
        self._clock = engines[0].options.clock
        self._outage = Outage(self._clock, options.patience.total_seconds(), self._tell_of_outage)
        self._workers: set[asyncio.Task[None]] = set()
        self._workers_ended = asyncio.Event()
        self._failure: BaseException | None = None
        self._stopping = asyncio.Event()
        self._stopped = ""
        self._stopped_accounts: dict[str, str] = {}
        self._repeats: Counter[str] = Counter()
        """How often this run has repeated calls in doubt, by the keys of the steps."""
        self._doubts: Counter[tuple[str, str]] = Counter()
        """How many calls in a row have ended in doubt, by account and operation."""
        self._due: dict[str, float] = {}
        """For steps in doubt: when to read back again, by the clock; infinite for never in this run."""

    def stop(self, reason: str) -> None:
        """Start no more steps; those under way end."""
        self._stopped = self._stopped or reason
        self._stopping.set()

    def report(self) -> Report:
        """Return what became of the job so far."""
        reasons = [self._stopped, *self._stopped_accounts.values()]
        return report_of(self._journal.records, " ".join(dict.fromkeys(filter(None, reasons))))

    async def drive(self) -> None:
        """Run all steps that can run."""
        try:
            await self._drive()
        except Exception as error:
            self._stop_by(error)
            raise
        finally:
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
            self.ended.put_nowait(None)

    async def _drive(self) -> None:
        await self._choose()
        await self._settle(may_wait=False)
        while not self._stopping.is_set():
            await self._run_ready()
            if self._stopping.is_set() or not await self._settle(may_wait=True):
                break
        if self._failure is not None:
            raise self._failure
        if not self._stopping.is_set():
            await self._block()

    async def _choose(self) -> None:
        """Write down the ids that the plan has chosen, except where an earlier run did."""
        records = self._journal.records
        chosen = {key: values for key, values in self._plan.chosen.items() if not records[key].chosen}
        await self._journal.choose(chosen)

    async def _block(self) -> None:
        """Record which steps wait for one that has failed or is in doubt."""
        blocked = [
            self._conclude(self._plan.steps[key], Verdict(State.BLOCKED), Failure(kind="Blocked", text=cause))
            for key, cause in self._schedule.blocked()
        ]
        await asyncio.gather(*blocked)

    async def _run_ready(self) -> None:
        self._start_workers()
        while self._workers:
            self._workers_ended.clear()
            await self._workers_ended.wait()

    def _start_workers(self) -> None:
        """Start a worker for each ready step, up to the maximum."""
        while len(self._workers) < self._most_workers and (step := self._next()) is not None:
            worker = asyncio.create_task(self._work(step))
            self._workers.add(worker)
            worker.add_done_callback(self._worker_ended)

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (failure := worker.exception()) is not None:
            self._failure = self._failure or failure
            self._stop_by(failure)
        if not self._workers:
            self._workers_ended.set()

    def _stop_by(self, failure: BaseException) -> None:
        self.stop(Failure.of(failure).text or f"{type(failure).__name__} was raised.")

    def _next(self) -> Step[Any] | None:
        return None if self._stopping.is_set() else self._schedule.take(self._stopped_accounts)

    async def _work(self, step: Step[Any] | None) -> None:
        while step is not None:
            if not await self._reach(step):
                self._schedule.again(step.key)
                return
            await self._run(step)
            self._start_workers()
            step = self._next()

    async def _reach(self, step: Step[Any]) -> bool:
        """Wait until the server can be reached, and learn its time; return whether the step may start."""
        times = self._times.of(step.account, step.engine)
        while not self._stopping.is_set() and step.account not in self._stopped_accounts:
            await self._wait_for_server()
            try:
                if await times.learn():
                    self._outage.ended()
            except EtelecomError as error:
                verdict = verdicts.of_error(error, Effect.READ)
                if verdict.stop in (Stop.ACCOUNT, Stop.RUN):
                    self._stop_for(step, verdict)
                else:  # a server that fails is not there yet
                    self._could_not_connect()
            else:
                return not self._stopping.is_set()
        return False

    async def _run(self, step: Step[Any]) -> None:
        """Make the call of one step, and write down what became of it."""
        key = step.key
        try:
            request = filled(step, self._journal)
        except InvalidRequestError as error:
            unset = cleaned(error)
            await self._conclude(step, Verdict(State.FAILED), Failure.of(unset), error=unset)
            return
        message = self._message_of(step, request)
        if message is not None and not await self._claim(step, message):
            return
        was_in_doubt = self._journal.records[key].state in IN_DOUBT
        times = self._times.of(step.account, step.engine)
        await self._options.before_call(key)
        await self._journal.intent(key, times.now())
        try:
            result: Any = await step.engine.call(step.operation, request)
        except EtelecomError as error:
            ended = cleaned(error)
        else:
            if message is not None:
                await message.end(State.DONE, None)
            self._doubts[step.account, step.operation.name] = 0
            await self._options.on_result(key, result)
            await self._conclude(step, Verdict(State.DONE), result=result)
            return
        # Outside of `except`, where observers could see the error's frames.
        # An earlier call of this step may have changed it.
        may_be_so = was_in_doubt or ended.may_have_happened or self._options.unchanged_is_done
        if isinstance(ended, NotAppliedError) and may_be_so and await self._settler.holds(key):
            await self._conclude(step, Verdict(State.DONE))
            return
        verdict = verdicts.of_error(ended, step.effect, was_in_doubt=was_in_doubt)
        verdict = self._count_doubts(step, ended, verdict)
        if message is not None:
            await message.end(verdict.state, ended)
        if verdict.state is State.DONE:
            await self._conclude(step, verdict)
        else:
            await self._conclude(step, verdict, failure_of(ended, request), error=ended)

    def _count_doubts(self, step: Step[Any], error: EtelecomError, verdict: Verdict) -> Verdict:
        """After several doubts in a row, let the next steps wait for a read of the server, and later stop."""
        calls = (step.account, step.operation.name)
        self._doubts[calls] = self._doubts[calls] + 1 if error.may_have_happened else 0
        doubts = self._doubts[calls]
        if doubts and not doubts % _DOUBTS_TO_ASK:
            self._times.of(step.account, step.engine).suspect()
        if doubts < _DOUBTS_TO_STOP or verdict.stop is not None:
            return verdict
        reason = f"The last {doubts} calls of {step.operation.name} are in doubt: find out why, and resume."
        return attrs.evolve(verdict, stop=Stop.ACCOUNT, reason=reason)

    async def _conclude(
        self,
        step: Step[Any],
        verdict: Verdict,
        failure: Failure | None = None,
        *,
        result: Any = None,
        error: EtelecomError | None = None,
    ) -> None:
        """Write down what became of a step, and draw the conclusions for the run."""
        kept = self._plan.kept_of(step.key, result) if verdict.state is State.DONE else None
        quiet_since = self._quiet_since(step) if verdict.state is State.UNKNOWN else None
        await self._journal.outcome(
            step.key, verdict.state, kept=kept, error=failure, quiet_since=quiet_since
        )
        self._schedule.end(step.key, verdict.state)
        if verdict.stop is Stop.OUTAGE:
            self._schedule.again(step.key)
            self._could_not_connect()
            return
        if error is not None or verdict.state is State.DONE:
            self._outage.ended()
        self._stop_for(step, verdict)
        if verdict.state is not State.PLANNED:
            reason = "" if failure is None else failure.text
            ended = Ended(step.key, step.operation.name, verdict.state, result, error, reason)
            self._tell(ended)
            self.ended.put_nowait(ended)

    def _quiet_since(self, step: Step[Any]) -> datetime | None:
        """
        Return the server's time at which the call of a step had surely sent its last byte, if it is known.

        The call may have left long after its intent: it waits for its turn, and is retried. So the time
        counts at which it has ended, or at which this run has found that its process has ended.
        """
        times = self._times.of(step.account, step.engine)
        known = self._journal.records[step.key].quiet_since
        return known or (times.now() if times.is_known else None)

    def _stop_for(self, step: Step[Any], verdict: Verdict) -> None:
        if verdict.stop is Stop.RUN:
            self.stop(verdict.reason)
        elif verdict.stop is Stop.ACCOUNT:
            self._stopped_accounts.setdefault(step.account, f"{step.account}: {verdict.reason}")

    def _could_not_connect(self) -> None:
        if self._outage.failed():
            self.stop(_UNREACHABLE)

    def _message_of(self, step: Step[Any], request: Any) -> Message | None:
        """Return how the ledger knows a message; `None` without a ledger, or if the step sends nothing."""
        ledger = self._options.ledger
        if ledger is None or step.effect is not Effect.SEND:
            return None
        return Message.of(ledger, step, request, self._journal.id)

    async def _claim(self, step: Step[Any], message: Message) -> bool:
        """Claim a message; return whether this job may send it now."""
        claim = await message.claim()
        if claim.state in (ClaimState.NEW, ClaimState.OURS):
            return True
        if claim.state is ClaimState.ACCEPTED and message.is_ours(claim):
            await self._conclude(step, Verdict(State.DONE))
            return False
        reason = _HELD_BY_ANOTHER if claim.state is ClaimState.HELD else _SENT_BY_ANOTHER
        failure = Failure(kind="Ledger", text=reason)
        if self._journal.records[step.key].state in IN_DOUBT:
            await self._leave_in_doubt(step, failure)
        else:
            await self._conclude(step, Verdict(State.SKIPPED), failure)
        return False

    async def _settle(self, *, may_wait: bool) -> bool:
        """
        Settle the steps in doubt.

        Args:
            may_wait: Whether to wait for steps that can be settled later.

        Returns:
            Whether there is more to run.
        """
        while doubtful := self._in_doubt():
            now = self._clock.now()
            if due := [key for key in doubtful if self._due.get(key, -math.inf) <= now]:
                await self._settle_now(due)
            elif not may_wait:
                break
            else:
                seconds = min(self._due[key] for key in doubtful) - now
                self._tell(Waiting(seconds, _SETTLING))
                await self._sleep(seconds)
            if self._stopping.is_set():
                return False
            if self._schedule.has_ready(self._stopped_accounts):
                return True
        return self._schedule.has_ready(self._stopped_accounts)

    def _in_doubt(self) -> list[str]:
        """Return the steps in doubt that this run may still settle."""
        return [
            key
            for key, state in self._schedule.states.items()
            if state in IN_DOUBT
            and self._due.get(key, 0.0) != math.inf
            and self._plan.steps[key].account not in self._stopped_accounts
        ]

    async def _settle_now(self, keys: list[str]) -> None:
        """Read back these steps, and do what the findings allow."""
        await self._wait_for_server()
        if self._stopping.is_set():
            return
        superseded = self._options.superseded
        for key in keys:
            if key in superseded:
                await self._end_superseded(self._plan.steps[key])
        kept = [key for key in keys if key not in superseded]
        left = [key for key in kept if not await self._was_accepted(self._plan.steps[key])]
        for key, decision in (await self._settler.decide(left)).items():
            step, error = self._plan.steps[key], decision.finding.error
            if isinstance(error, ConnectError):
                self._could_not_connect()  # the next round asks again
                continue
            self._outage.ended()
            if isinstance(error, verdicts.KEY_ERRORS):
                self._stop_for(step, verdicts.of_error(error, Effect.READ))
            await self._apply(step, decision)

    async def _end_superseded(self, step: Step[Any]) -> None:
        """End a step in doubt without a call."""
        if await self._settler.holds(step.key):
            await self._conclude(step, Verdict(State.DONE))
        else:
            await self._conclude(step, Verdict(State.FAILED), Failure(kind="Doubt", text=_SUPERSEDED))

    async def _apply(self, step: Step[Any], decision: Decision) -> None:
        """Do what *decision* says about a step in doubt."""
        doing, finding = decision.action.doing, decision.finding
        if doing is Doing.REPEAT and self._may_repeat(step):
            self._repeats[step.key] += 1
            self._schedule.again(step.key)
        elif doing is Doing.WAIT:
            if not await self._reach(step):  # for the time of the server, if no read has told it
                return
            await self._keep_quiet_since(step)
            self._due[step.key] = self._clock.now() + decision.action.seconds
        elif doing is Doing.SETTLE_DONE:
            await self._settled(step, State.DONE, finding)
        elif doing is Doing.SETTLE_REFUSED:
            await self._settled(step, State.FAILED, finding)
        else:
            reason = decision.action.reason or _STILL_IN_DOUBT
            await self._leave_in_doubt(step, Failure(kind="Doubt", text=reason))

    async def _leave_in_doubt(self, step: Step[Any], failure: Failure) -> None:
        """Let a step stay in doubt for the rest of this run."""
        self._due[step.key] = math.inf
        await self._conclude(step, Verdict(State.UNKNOWN), failure)

    def _may_repeat(self, step: Step[Any]) -> bool:
        """Return whether this run may make a call in doubt once more: each resent message may come twice."""
        return self._repeats[step.key] < (1 if step.effect is Effect.SEND else _MOST_REPEATS)

    async def _keep_quiet_since(self, step: Step[Any]) -> None:
        """Write down since when the call of an earlier process is quiet, so that no later run waits anew."""
        if self._journal.records[step.key].quiet_since is None:
            failure = Failure(kind="Doubt", text=_WAITED_FOR)
            since = self._quiet_since(step)
            await self._journal.outcome(step.key, State.UNKNOWN, error=failure, quiet_since=since)

    async def _was_accepted(self, step: Step[Any]) -> bool:
        """Settle a step whose message was accepted, by the ledger; return whether it was."""
        message = self._message_of(step, filled(step, self._journal))
        if message is None:
            return False
        claim = await message.claim()
        if claim.state is not ClaimState.ACCEPTED:
            return False
        await self._conclude(step, Verdict(State.DONE))
        return True

    async def _settled(self, step: Step[Any], state: State, finding: Finding) -> None:
        request = filled(step, self._journal)
        error = finding.error
        if (message := self._message_of(step, request)) is not None:
            await message.end(state, error)
        failure = None if error is None else failure_of(error, request)
        await self._conclude(step, Verdict(state), failure, result=finding.item, error=error)

    async def _wait_for_server(self) -> None:
        if (seconds := self._outage.seconds()) > 0:
            await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not longer than until the run stops."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
            await asyncio.gather(sleeping, stopping, return_exceptions=True)

    def _tell(self, event: Event) -> None:
        if self._options.on_event is not None:
            self._options.on_event(event)

    def _tell_of_outage(self, seconds: float) -> None:
        self._tell(Waiting(seconds, _OUTAGE))
