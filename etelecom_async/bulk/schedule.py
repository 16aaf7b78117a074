"""
Which steps of a job can run now.

This module makes no call and writes nothing. A step is ready when every step that it depends on is done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from etelecom_async._core.secret import mask
from etelecom_async.bulk.states import NOT_EXECUTED, State
from etelecom_async.bulk.steps import Plan, Step


class Schedule:
    """
    The steps of a job, by what they wait for.

    Args:
        plan: The steps.
        states: Their states at the start, by key.
    """

    def __init__(self, plan: Plan, states: Mapping[str, State]) -> None:
        self._plan = plan
        self.states = dict(states)
        """The state of each step now; `end` changes it."""
        self._missing = {
            key: sum(self.states[needed] is not State.DONE for needed in step.dependencies)
            for key, step in plan.steps.items()
        }
        self._ready = deque(key for key in plan.steps if self._can_run(key))

    def _can_run(self, key: str) -> bool:
        return not self._missing[key] and self.states[key] in NOT_EXECUTED

    def has_ready(self, stopped: Mapping[str, str]) -> bool:
        """Return whether `take` would return a step."""
        return any(self._plan.steps[key].account not in stopped for key in self._ready)

    def take(self, stopped: Mapping[str, str]) -> Step[Any] | None:
        """
        Return the next ready step; `None` if there is none now.

        Args:
            stopped: Accounts whose steps do not run any more in this run.
        """
        while self._ready:
            step = self._plan.steps[self._ready.popleft()]
            if step.account not in stopped:
                return step
        return None

    def again(self, key: str) -> None:
        """Let a step that did not run, or may be repeated, be the next one."""
        self._ready.appendleft(key)

    def end(self, key: str, state: State) -> None:
        """Set the state of a step. If it is done, steps that waited for it may be ready now."""
        was_done = self.states[key] is State.DONE
        self.states[key] = state
        if state is not State.DONE or was_done:
            return
        for dependent in self._plan.dependents[key]:
            self._missing[dependent] -= 1
            if self._can_run(dependent):
                self._ready.append(dependent)

    def blocked(self) -> Iterator[tuple[str, str]]:
        """Yield each step that waits for one which has failed or is in doubt, and a sentence about it."""
        causes: dict[str, str] = {}
        waiting = deque(
            key
            for key, state in self.states.items()
            if state in (State.FAILED, State.UNKNOWN, State.STARTED, State.SKIPPED)
        )
        while waiting:
            cause = waiting.popleft()
            for dependent in self._plan.dependents[cause]:
                if dependent not in causes and self.states[dependent] in NOT_EXECUTED:
                    causes[dependent] = cause
                    waiting.append(dependent)
        for key, cause in causes.items():
            yield key, f"It needs step {mask(cause)!r}, which is not done."
