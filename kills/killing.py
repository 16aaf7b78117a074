"""
Kill the job at random requests, continue it each time, and compare its report with the sandbox.

What must hold in the end:

- no extension is there twice, and no message was sent twice
- what the report says to be done is there, and each extension is done
- each message that is `unknown` was lost: the sandbox has not executed it, and has not answered it either
- `resend_unknown` sends these messages, each once
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import attrs

from kills.service import SEND, Logged, Service, faults, serving
from kills.settings import ASSIGNED, FIRST_EXTENSION, Settings, extension_key, tracking_id

MOST_RUNS: Final = 8
"""Runs after the last kill. A run leaves a step in doubt if a fault hits its read-back."""


@attrs.frozen(kw_only=True)
class Options:
    """What to do."""

    creates: int
    sends: int
    kills: int
    seed: int = 1
    fault_share: float = 0.05
    """Share of the calls that get a fault."""
    late_seconds: float = 1.0
    """When the sandbox executes late calls, after it has ended their connection."""
    with_journal: bool = True
    """Whether each run continues the journal. Without it, calls are made twice: the control run."""
    with_ledger: bool = True

    @property
    def settle_after(self) -> float:
        """The seconds after which no call is late any more."""
        return self.late_seconds * 1.1


@attrs.define
class Outcome:
    """What happened."""

    violations: list[str] = attrs.field(factory=list)
    killed_at: list[int] = attrs.field(factory=list)
    """The requests at which the job was killed."""
    twice: Counter[str] = attrs.field(factory=Counter)
    """Number of objects that are there more than once, by kind."""
    runs: int = 0
    requests: int = 0
    faults: Counter[str] = attrs.field(factory=Counter)
    states: dict[str, int] = attrs.field(factory=dict)
    """Steps by state, before `resend_unknown`."""
    unknown: Counter[str] = attrs.field(factory=Counter)
    """Messages that are unknown, by what became of their requests."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.runs} runs, {len(self.killed_at)} killed at requests {self.killed_at}",
                f"{self.requests} requests in {self.seconds:.0f} s, with faults: {_text(self.faults)}",
                f"steps: {_text(self.states)}; unknown messages: {_text(self.unknown) or 'none'}",
                f"{len(self.violations)} violations{':' if self.violations else ''}",
                *(f"- {violation}" for violation in self.violations),
            )
        )


def _text(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


async def kill_again_and_again(options: Options, folder: Path) -> Outcome:
    """
    Run and kill the job, and check what it did.

    Args:
        options: What to do.
        folder: An empty folder for the journal and the ledger.
    """
    began, outcome = time.monotonic(), Outcome()
    numbers = Random(options.seed).sample(range(1, options.creates + options.sends), options.kills)  # noqa: S311 - the same seed kills at the same requests
    async with serving(options.seed) as service:
        test = KillTest(options, folder, service, await service.content(), outcome)
        started = len(service.logged)
        for fault in faults(options.seed, options.fault_share, options.late_seconds):
            service.sandbox.faults.add(fault)
        for number in sorted(numbers):
            await test.run(kill_at=started + number)
        await test.finish()
    outcome.killed_at = [number - started for number in service.killed.values()]
    outcome.runs = service.runs
    outcome.requests = len(service.logged) - started
    outcome.faults = Counter(fault for each in service.logged for fault in each.entry.faults)
    outcome.seconds = time.monotonic() - began
    return outcome


class KillTest:
    """
    The runs of the job, and the checks.

    Args:
        options: What to do.
        folder: Folder of the journal and the ledger.
        service: The service, which kills the job.
        content: What `Service.content` returns.
        outcome: Gets what happened.
    """

    def __init__(
        self, options: Options, folder: Path, service: Service, content: dict[str, Any], outcome: Outcome
    ) -> None:
        self._options = options
        self._folder = folder
        self._service = service
        self._outcome = outcome
        self._settings = Settings(
            base_url=service.sandbox.base_url,
            key=service.sandbox.shop_key,
            journal=str(folder / "job.journal"),
            ledger=str(folder / "sent.ledger") if options.with_ledger else "",
            creates=options.creates,
            sends=options.sends,
            settle_after=options.settle_after,
            **content,
        )

    async def run(self, *, kill_at: int | None = None, resend_unknown: bool = False) -> Any:
        """Run the job in a process of its own; return its report, or `None` if it was killed."""
        service = self._service
        service.runs += 1
        settings = attrs.evolve(self._settings, resend_unknown=resend_unknown)
        if not self._options.with_journal:
            settings = attrs.evolve(settings, journal=str(self._folder / f"{service.runs}.journal"))
        return await service.run_job("kills.job", settings.encode(), kill_at=kill_at)

    async def finish(self) -> None:
        """Run the job to its end without kills, and check everything."""
        report = await self.run()
        for _ in range(MOST_RUNS - 1):
            if not self._options.with_journal or not any(_is_open(step) for step in report["steps"]):
                break
            report = await self.run()
        sandbox = self._service.sandbox
        sandbox.faults.clear()
        sandbox.advance(timedelta(seconds=self._options.late_seconds))  # nothing is late any more
        if self._options.with_journal:
            report = await self.run()
        self._outcome.states = {state: count for state, count in report["counts"].items() if count}
        await self._check_extensions(report)
        await self._check_messages(report)
        if self._options.with_journal:
            await self._resend()

    async def _resend(self) -> None:
        """Send the messages that are unknown, and check that each is there once."""
        report = await self.run(resend_unknown=True)
        if not report["is_complete"]:
            self._outcome.violations.append(f"resend_unknown leaves {len(report['steps'])} steps")
        sent = await self._service.messages(self._settings.senders)
        for number in range(self._options.sends):
            if (count := sent.get(tracking_id(number), 0)) != 1:
                self._outcome.violations.append(
                    f"after resend_unknown, message {number} is there {count} times"
                )

    async def _check_extensions(self, report: Any) -> None:
        violations = self._outcome.violations
        left = {step["key"]: step for step in report["steps"]}
        created = await self._service.extensions()
        for number in range(FIRST_EXTENSION, FIRST_EXTENSION + self._options.creates):
            found = created.get(number, [])
            if (step := left.get(extension_key(number))) is not None:
                violations.append(f"extension {number} is {step['state']}: {step['reason']}")
            if len(found) > 1:
                self._outcome.twice["extension"] += 1
                violations.append(f"extension {number} is there {len(found)} times")
            elif not found:
                violations.append(f"extension {number} is lost")
            elif (number - FIRST_EXTENSION) % ASSIGNED == 0 and found[0].user_id != self._settings.user_id:
                violations.append(f"extension {number} is not assigned")

    async def _check_messages(self, report: Any) -> None:
        violations = self._outcome.violations
        unknown = {step["key"] for step in report["steps"] if step["state"] == "unknown"}
        violations += [
            f"{step['key']} is {step['state']}: {step['reason']}"
            for step in report["steps"]
            if step["key"].startswith("invoice") and step["key"] not in unknown
        ]
        sent = await self._service.messages(self._settings.senders)
        for number in range(self._options.sends):
            key, count = tracking_id(number), sent.get(tracking_id(number), 0)
            if count > 1:
                self._outcome.twice["message"] += 1
                violations.append(f"message {number} is there {count} times")
            elif key not in unknown and not count:
                violations.append(f"message {number} is lost: it is reported as sent")
            elif key in unknown and count:
                violations.append(f"message {number} is unknown, but a read-back shows it")
        requests = self._requests_of(unknown)
        for key in unknown:
            self._outcome.unknown.update([reason := self._reason(requests.get(key, []))])
            if reason.startswith("!"):
                violations.append(f"{key} is unknown without a reason: {reason}")

    def _requests_of(self, unknown: set[str]) -> dict[str, list[Logged]]:
        """Return the requests of these messages. Those of other messages are not read, which takes long."""
        found: dict[str, list[Logged]] = {}
        for each in self._service.logged:
            if each.entry.operation == SEND and not each.entry.is_executed:
                body: Any = each.entry.to_request().body
                key = str(cast("dict[str, Any]", body).get("tracking_id")) if isinstance(body, dict) else ""
                if key in unknown:
                    found.setdefault(key, []).append(each)
        return found

    def _reason(self, requests: list[Logged]) -> str:
        """Return why a message is unknown."""
        if not requests:
            return "never arrived"
        reasons = {
            "fault"
            if each.entry.faults
            else "killed"
            if each.run in self._service.killed
            else f"!{each.entry.status}"
            for each in requests
        }
        return min(reasons)


def _is_open(step: dict[str, Any]) -> bool:
    """Return whether a further run may settle a step that is not done."""
    return step["state"] != "unknown" or "resend_unknown" not in step["reason"]
