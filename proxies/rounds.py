"""A round: one call of each effect at a time through a proxy, while the origin breaks at one stage."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import attrs

from etelecom_async import Effect, EtelecomError, RetryPolicy, ShopClient
from proxies.calls import CALLS, Call
from proxies.origin import Origin
from proxies.servers import ORIGIN_SECONDS, Proxy, running
from proxies.stages import Accident, Stage

# A sandbox that starts again needs many seconds on a busy machine; the deadline ends the retries.
_RETRIES: Final = RetryPolicy(retries=1000, wait_initial=0.1, wait_max=1.0)
_DEADLINE: Final = 90.0
_ARRIVAL_SECONDS: Final = 30
_DOWN_SECONDS: Final = 1.0


@attrs.frozen
class Outcome:
    """The outcome of one call."""

    effect: Effect
    executions: int
    error: EtelecomError | None
    problems: Sequence[str]

    def __str__(self) -> str:
        if self.error is None:
            result = "ok"
        else:
            result = type(self.error).__name__ + ("?" if self.error.may_have_happened else "")
        return f"{self.effect.name} {result}" + ("" if self.effect is Effect.READ else f" {self.executions}x")


@attrs.frozen
class Round:
    """The outcomes of one stage behind one proxy."""

    proxy: str
    stage: str
    outcomes: Sequence[Outcome]

    @property
    def problems(self) -> list[str]:
        """What must never happen, but did."""
        return [
            f"{self.proxy}, {self.stage}, {outcome.effect.name}: {problem}"
            for outcome in self.outcomes
            for problem in outcome.problems
        ]


def _problems(call: Call, executions: int, error: EtelecomError | None, stage: Stage) -> list[str]:
    found: list[str] = []
    if call.effect is Effect.READ:
        if error is not None and not stage.is_final:
            found.append(f"the read failed: {error!r}")
        return found
    if executions > 1:
        found.append(f"executed {executions} times")
    if error is None and not executions:
        found.append("reported as a success, but not executed")
    if error is not None and executions and not error.may_have_happened:
        found.append(f"executed, but reported as not executed: {error!r}")
    return found


@asynccontextmanager
async def _clients(
    origin: Origin, base_url: str, **options: Any
) -> AsyncGenerator[Callable[[Any], ShopClient]]:
    """Give clients by effect; a webhook needs the shop's own key, and the others the partner's key for it."""
    async with (
        ShopClient(origin.settings["shop_api_key"], base_url=base_url, retries=_RETRIES, **options) as own,
        ShopClient(origin.settings["shop_key"], base_url=base_url, retries=_RETRIES, **options) as linked,
    ):
        yield lambda effect: own if effect is Effect.DELETE else linked


async def _play(origin: Origin, port: int, stage: Stage) -> list[Outcome]:
    options = {"attempt_timeout": stage.attempt_timeout, "deadline": _DEADLINE}
    async with (
        _clients(origin, origin.settings["base_url"]) as direct,
        _clients(origin, f"http://127.0.0.1:{port}/v1", **options) as shop,
    ):
        calls = [kind(direct(kind.effect)) for kind in CALLS]
        for call in calls:
            await call.prepare()
        # The proxy then has connections to the origin, as in real life.
        await asyncio.gather(*(shop(Effect.READ).users.list(limit=1) for _ in calls))

        if stage.accident in (Accident.DOWN, Accident.RESTART):
            await origin.kill()
        if stage.accident is Accident.RESTART:
            await origin.start()
        async with _faults(origin, stage):
            errors = await _make(origin, stage, calls, shop)
        if stage.is_late:
            # A proxy may wait for the response longer than the client did.
            await asyncio.sleep(ORIGIN_SECONDS + 0.5)
        await origin.execute_late_calls()
    async with _clients(origin, origin.settings["base_url"]) as direct:
        outcomes: list[Outcome] = []
        for call, error in zip(calls, errors, strict=True):
            call.direct = direct(call.effect)
            count = await call.executions()
            outcomes.append(Outcome(call.effect, count, error, _problems(call, count, error, stage)))
        return outcomes


def _faults(origin: Origin, stage: Stage) -> Any:
    if stage.fault is None:
        return nullcontext()
    if stage.fault["kind"] == "refuse":
        return origin.failing([{**stage.fault, "times": 3}])
    return origin.failing({**stage.fault, "operation": kind.operation, "times": 1} for kind in CALLS)


async def _make(
    origin: Origin, stage: Stage, calls: Sequence[Call], shop: Callable[[Any], ShopClient]
) -> list[EtelecomError | None]:
    """Make the calls at the same time, and let the accident happen meanwhile."""
    before = await origin.requests() if stage.accident is Accident.KILL else 0
    async with asyncio.TaskGroup() as tasks:
        made = [tasks.create_task(_error(call.make(shop(call.effect)))) for call in calls]
        if stage.accident is Accident.DOWN:
            await asyncio.sleep(_DOWN_SECONDS)
            await origin.start()
        elif stage.accident is Accident.KILL:
            async with asyncio.timeout(_ARRIVAL_SECONDS):
                await origin.until_requested(before + len(calls))
            await origin.kill()
            await origin.start()
    return [task.result() for task in made]


async def _error(call: Any) -> EtelecomError | None:
    try:
        await call
    except EtelecomError as error:
        return error
    return None


async def play_all(proxy: Proxy, stages: Sequence[Stage], report: Callable[[Round], None]) -> list[Round]:
    """
    Play all stages behind one proxy.

    Args:
        proxy: The proxy.
        stages: The stages.
        report: Gets each round when it ends.
    """
    rounds: list[Round] = []
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="origin-"))
        origin = await stack.enter_async_context(Origin(Path(folder, "state")))
        port = await stack.enter_async_context(running(proxy, origin.port))
        for stage in stages:
            rounds.append(Round(proxy.name, stage.name, await _play(origin, port, stage)))
            report(rounds[-1])
    return rounds
