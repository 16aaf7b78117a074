"""
Measure a row: run its sides in turn, take the CPU time of this process, return the median over the rounds.

This module knows no particular row and no particular side.
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
"""Function that repeats the measured work the given number of times."""
Side = Callable[[str], AbstractAsyncContextManager[Run]]
"""Implementation of the measured work: a context manager that is prepared for the server at a URL."""
Progress = Callable[[int], None]
"""Callback after each round, with the number of finished rounds."""
ResultT = TypeVar("ResultT")


def repeating(call: Callable[[], Awaitable[ResultT]], check: Callable[[ResultT], None]) -> Run:
    """
    Return the loop that all sides share: make the call, check the result, release the result.

    A side that keeps a result during its next call costs more: a few percent for a page.
    """

    async def run(times: int) -> None:
        for _ in range(times):
            check(await call())

    return run


@attrs.frozen(kw_only=True)
class Ratio:
    """The cost of our side, divided by the cost of another side for the same work."""

    name: str
    title: str
    ours: Side
    baselines: tuple[Side, ...]
    """Sides to divide by. If there are several, the slowest one counts."""
    times: int
    """Repetitions of the work in a round, for each side."""
    bound: float | None = None
    """Highest ratio that is accepted; `None` for a row that is only for information."""
    rounds: int = 15
    clock: Callable[[], float] = time.process_time
    unit: str = "ratio"

    def measure(self, url: str, rounds: int, progress: Progress) -> Outcome:
        """Measure it against the server at *url*."""
        laps = asyncio.run(self._laps(url, rounds, progress))
        seconds = [[lap / self.times for lap in laps_of_round] for laps_of_round in laps]
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

    async def _laps(self, url: str, rounds: int, progress: Progress) -> list[list[float]]:
        """Return the seconds that each side took in each round."""
        async with AsyncExitStack() as stack:
            runs = [await stack.enter_async_context(side(url)) for side in (self.ours, *self.baselines)]
            for run in runs:
                await run(max(1, self.times // 10))  # warm-up: opens connections, fills caches
            laps: list[list[float]] = []
            for done in range(rounds):
                laps.append([await self._lap(run) for run in runs])
                progress(done + 1)
            return laps

    async def _lap(self, run: Run) -> float:
        # The garbage collector is on, as in users' programs. Every lap begins with nothing to collect. The
        # objects that exist before the lap are frozen, so no lap pays for scanning them.
        gc.collect()
        gc.freeze()
        began = self.clock()
        await run(self.times)
        seconds = self.clock() - began
        gc.unfreeze()
        return seconds


@attrs.frozen(kw_only=True)
class Figure:
    """An absolute value, which is not divided by another side's value."""

    name: str
    title: str
    read: Callable[[str], float]
    """Function that takes one reading in a fresh process; its argument is the server's URL."""
    unit: str
    bound: float | None = None
    rounds: int = 15
    platform: str = ""
    """The only platform where it can be measured; empty: every platform."""

    def measure(self, url: str, rounds: int, progress: Progress) -> Outcome:
        """Measure it against the server at *url*."""
        values: list[float] = []
        for done in range(rounds):
            values.append(self.read(url))
            progress(done + 1)
        return Outcome(row=self, value=median(values), rounds=rounds, lowest=min(values), highest=max(values))


Row = Ratio | Figure


@attrs.frozen(kw_only=True)
class Outcome:
    """The result of measuring a row."""

    row: Row
    value: float = 0.0
    """Median, in the row's unit."""
    rounds: int = 0
    ours: float | None = None
    """Seconds that our side takes for one repetition; `None` if the row has no sides."""
    baseline: float | None = None
    """Seconds that the slowest other side takes for one repetition."""
    lowest: float = 0.0
    highest: float = 0.0
    skipped: str = ""
    """Why it was not measured; empty if it was measured."""

    @property
    def verdict(self) -> str:
        """`ok` or `over` for a row with a bound, `skipped`, or an empty text."""
        if self.skipped:
            return "skipped"
        if self.row.bound is None:
            return ""
        return "ok" if self.value <= self.row.bound else "over"

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
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


def measure(row: Row, url: str, rounds: int | None, progress: Progress) -> Outcome:
    """
    Measure a row. If that is impossible here, return an outcome with the reason.

    Args:
        row: What to measure.
        url: The URL of the server.
        rounds: Number of rounds; `None` for the row's own number.
        progress: Called after each round.
    """
    if isinstance(row, Figure) and row.platform not in ("", sys.platform):
        return Outcome(row=row, skipped=f"can be measured on {row.platform} only")
    try:
        return row.measure(url, row.rounds if rounds is None else rounds, progress)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in _OWN:
            raise
        return Outcome(row=row, skipped=f"{error.name} is not installed; {_INSTALLS}")
