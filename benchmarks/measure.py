"""
How it is measured: the sides of a row in turn, in CPU time of this process, and the median over the rounds.

The room knows no row and no side.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from statistics import median
from typing import Any, Final, TypeVar

import attrs

Run = Callable[[int], Awaitable[None]]
"""Does the same so many times."""
Side = Callable[[str], AbstractAsyncContextManager[Run]]
"""One way of doing it: made ready for the server at a URL, and closed afterwards."""
Told = Callable[[int], None]
"""Is told how many rounds are done."""
ResultT = TypeVar("ResultT")


def repeating(call: Callable[[], Awaitable[ResultT]], check: Callable[[ResultT], None]) -> Run:
    """
    Return the loop of a side, the same for all sides: make the call, check the result, let go of it.

    A side that kept a result during its next call would cost more: some percent for a page.
    """

    async def run(times: int) -> None:
        for _ in range(times):
            check(await call())

    return run


@attrs.frozen(kw_only=True)
class Ratio:
    """What one side costs, divided by what another one costs for the same."""

    name: str
    title: str
    ours: Side
    baselines: tuple[Side, ...]
    """What it is divided by; of several, the one that takes longest."""
    times: int
    """How often a side does it in a round."""
    bound: float | None = None
    """What the ratio may be; `None` where it is only for information."""
    rounds: int = 15
    clock: Callable[[], float] = time.process_time
    unit: str = "ratio"

    def measure(self, url: str, rounds: int, told: Told) -> Outcome:
        """Measure it against the server at *url*."""
        laps = asyncio.run(self._laps(url, rounds, told))
        seconds = [[lap / self.times for lap in lap_of] for lap_of in laps]
        ratios = [ours / max(others) for ours, *others in seconds]
        return Outcome(
            row=self,
            value=median(ratios),
            rounds=rounds,
            ours=median(ours for ours, *_ in seconds),
            baseline=median(max(others) for _, *others in seconds),
            lowest=min(ratios),
            highest=max(ratios),
        )

    async def _laps(self, url: str, rounds: int, told: Told) -> list[list[float]]:
        """Return the seconds that each side took in each round."""
        async with AsyncExitStack() as stack:
            runs = [await stack.enter_async_context(side(url)) for side in (self.ours, *self.baselines)]
            for run in runs:
                await run(max(1, self.times // 10))  # opens connections, and makes what is made once
            laps: list[list[float]] = []
            for done in range(rounds):
                laps.append([await self._lap(run) for run in runs])
                told(done + 1)
            return laps

    async def _lap(self, run: Run) -> float:
        # The collector is on, as in the programs of users. Every lap begins with nothing to collect, and what
        # other packages have made by being imported is not looked at, in nobody's lap.
        gc.collect()
        gc.freeze()
        began = self.clock()
        await run(self.times)
        seconds = self.clock() - began
        gc.unfreeze()
        return seconds


@attrs.frozen(kw_only=True)
class Figure:
    """A figure that is read directly, without a baseline."""

    name: str
    title: str
    read: Callable[[str], float]
    """Reads it once, in a fresh process; takes the URL of the server."""
    unit: str
    bound: float | None = None
    rounds: int = 15
    platform: str = ""
    """Where it can be read; everywhere where empty."""

    def measure(self, url: str, rounds: int, told: Told) -> Outcome:
        """Measure it against the server at *url*."""
        values: list[float] = []
        for done in range(rounds):
            values.append(self.read(url))
            told(done + 1)
        return Outcome(row=self, value=median(values), rounds=rounds, lowest=min(values), highest=max(values))


Row = Ratio | Figure


@attrs.frozen(kw_only=True)
class Outcome:
    """The outcome of a row."""

    row: Row
    value: float = 0.0
    """In the row's unit."""
    rounds: int = 0
    ours: float | None = None
    """Seconds that our side takes for one, where there are sides."""
    baseline: float | None = None
    """Seconds that the other side takes for one."""
    lowest: float = 0.0
    highest: float = 0.0
    skipped: str = ""
    """Why it was not measured; empty where it was."""

    @property
    def verdict(self) -> str:
        """`ok` or `over` for what has a bound, `skipped`, or nothing."""
        if self.skipped:
            return "skipped"
        if self.row.bound is None:
            return ""
        return "ok" if self.value <= self.row.bound else "over"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        fields = attrs.asdict(self, recurse=False)
        row = fields.pop("row")
        return {
            "name": row.name,
            "title": row.title,
            "unit": row.unit,
            "bound": row.bound,
            "verdict": self.verdict,
            **fields,
        }


_INSTALLS: Final = "`nox -s benchmarks` installs and generates everything"
_OWN: Final = ("benchmarks", "etelecom_async")


def measure(row: Row, url: str, rounds: int | None, told: Told) -> Outcome:
    """
    Measure a row, or say why not.

    Args:
        row: What to measure.
        url: Where the server is.
        rounds: How many; the row's own number for `None`.
        told: Is told after each round.
    """
    if isinstance(row, Figure) and row.platform not in ("", sys.platform):
        return Outcome(row=row, skipped=f"is read off on {row.platform} only")
    try:
        return row.measure(url, row.rounds if rounds is None else rounds, told)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in _OWN:
            raise
        return Outcome(row=row, skipped=f"there is no {error.name} here; {_INSTALLS}")
