"""Run a job with a journal: the steps that other sides make without one."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from benchmarks.measure import Run
from benchmarks.sides import HOTLINE_ID, KEY, LATENCY, STEPS_AT_A_TIME, expect
from etelecom_async import ShopClient, bulk


@asynccontextmanager
async def late_creates(url: str) -> AsyncGenerator[Run]:
    """Create extensions with latency, each as a step of a job with a new journal."""
    with tempfile.TemporaryDirectory() as folder:
        base_url, numbers = f"{url}/late/{LATENCY}", count()
        async with ShopClient(KEY, base_url=base_url, concurrency=STEPS_AT_A_TIME) as shop:

            async def run(times: int) -> None:
                steps = [
                    bulk.step(
                        str(number),
                        shop.extensions.create,
                        hotline_id=HOTLINE_ID,
                        extension_number=number,
                    )
                    for number in range(1000, 1000 + times)
                ]
                report = await bulk.run(Path(folder, f"{next(numbers)}.journal"), steps)
                expect(report.counts, {bulk.State.DONE: times})

            yield run
