"""Settle the steps in doubt: read back what can be read, and decide about each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import attrs

from etelecom_async.bulk.doubt import Action, Doing, Found, decide
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.options import RunOptions
from etelecom_async.bulk.read_back import Finding, Question, question, read_back
from etelecom_async.bulk.requests import filled
from etelecom_async.bulk.server_time import ServerTimes
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan

_NOT_READ = Finding(Found.NOT_READ)
_PRECISION: Final = 1.0
"""Seconds that the time of a server may lack: `Date` has no smaller unit."""


@attrs.frozen
class Decision:
    """What to do with a step in doubt, and what its read-back has shown."""

    action: Action
    finding: Finding


class Settler:
    """
    Decides about the steps in doubt of one job.

    Args:
        plan: The steps.
        journal: The journal of the job.
        times: The clocks of the servers.
        options: What the user decided.
    """

    def __init__(self, plan: Plan, journal: Journal, times: ServerTimes, options: RunOptions) -> None:
        self._plan = plan
        self._journal = journal
        self._times = times
        self._options = options
        self._clock = next(iter(plan.steps.values())).engine.options.clock

    async def decide(self, keys: Iterable[str]) -> dict[str, Decision]:
        """Read back the steps *keys* as far as a read can tell, and return the decisions."""
        decisions: dict[str, Decision] = {}
        questions: list[Question] = []
        for key in keys:
            asked = self._question(key)
            action = self._decide(key, _NOT_READ, self._age(key), can_verify=asked is not None)
            if asked is not None and action.doing is Doing.READ_BACK:
                questions.append(asked)
            else:
                decisions[key] = Decision(action, _NOT_READ)
        # The reads tell the time of the server. The age counts at their start.
        began = self._clock.now()
        findings = await read_back(questions, done=self._done(), taken=self._taken())
        seconds = self._clock.now() - began
        for key, finding in findings.items():
            age = max(0.0, self._age(key) - seconds)
            decisions[key] = Decision(self._decide(key, finding, age, can_verify=True), finding)
        return decisions

    async def holds(self, key: str) -> bool:
        """Return whether a read shows the state that the step *key* asks for."""
        asked = self._question(key)
        findings = {} if asked is None else await read_back([asked])
        return any(finding.found is Found.EXECUTED for finding in findings.values())

    def _question(self, key: str) -> Question | None:
        step, record = self._plan.steps[key], self._journal.records[key]
        if record.started_at is None:
            return None
        return question(
            key,
            step.account,
            step.engine,
            step.operation,
            filled(step, self._journal),
            started_at=record.started_at,
            listener=self._times.of(step.account, step.engine).clock,
        )

    def _decide(self, key: str, finding: Finding, age: float, *, can_verify: bool) -> Action:
        settle_after = self._options.settle_after
        return decide(
            self._plan.steps[key].effect,
            can_verify=can_verify,
            found=finding.found,
            age=age,
            settle_after=None if settle_after is None else settle_after.total_seconds(),
            resend_unknown=self._options.resend_unknown,
        )

    def _age(self, key: str) -> float:
        """Return the seconds for which the last call of a step surely has sent nothing any more."""
        step, since = self._plan.steps[key], self._journal.records[key].quiet_since
        times = self._times.of(step.account, step.engine)
        if since is None or not times.is_known:
            return 0.0
        age = times.now() - since
        return max(0.0, age.total_seconds() - _PRECISION)

    def _done(self) -> Counter[tuple[str, str]]:
        """Count the steps that are done, by account and operation."""
        return Counter(
            (record.account, record.operation)
            for record in self._journal.records.values()
            if record.state is State.DONE
        )

    def _taken(self) -> set[tuple[str, str]]:
        """Return the objects that steps of this job have created: they settle no other step."""
        found: set[tuple[str, Any]] = {
            (record.account, record.kept.get("id"))
            for record in self._journal.records.values()
            if record.state is State.DONE
        }
        return {(account, str(identifier)) for account, identifier in found if identifier is not None}
