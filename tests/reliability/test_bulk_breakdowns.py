"""A bulk job while the disk, the clock or the server breaks down: it stops or waits, and continues right."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import time_machine

from etelecom_async import RetryPolicy, ShopClient, bulk
from etelecom_async.bulk import outage
from etelecom_async.bulk.events import Event
from etelecom_async.testing import sandbox

FIRST = 100_000
AT_ONCE = timedelta()
"""No proxy holds a request in these tests."""


class Far:
    """
    A sandbox in another process, with a file, without uniqueness checks.

    Args:
        folder: Folder of the file.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sandbox.db"
        self._process: asyncio.subprocess.Process | None = None
        self._port = "0"
        self.where: dict[str, str] = {}

    async def start(self) -> None:
        """Start it, always on the same port."""
        options = ("--allow-duplicates", "--call-logs", "0", "--zns-messages", "0", "--extensions", "10")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "etelecom_async", "sandbox", "--json", "--port", self._port),
            *("--data", str(self._file), *options),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout
        self.where = json.loads(await self._process.stdout.readline())
        self._port = self.where["base_url"].partition("//")[2].partition("/")[0].partition(":")[2]

    async def kill(self) -> None:
        """Kill it as a power failure does."""
        assert self._process
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()

    async def inject(self, *faults: dict[str, Any]) -> None:
        """Replace its faults."""
        url = f"{self.where['base_url'].removesuffix('/v1')}/_sandbox/faults"
        async with aiohttp.ClientSession(raise_for_status=True) as http:
            await http.delete(url)
            if faults:
                await http.post(url, json={"faults": faults})

    def client(self) -> ShopClient:
        """Return a client for it."""
        retries = RetryPolicy(retries=2, wait_initial=0.01, wait_max=0.02)
        return ShopClient(
            self.where["shop_key"], base_url=self.where["base_url"], retries=retries, concurrency=4
        )


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Far]:
    """A sandbox that can be killed."""
    service = Far(tmp_path)
    await service.start()
    yield service
    await service.kill()


async def steps_of(shop: ShopClient, count: int) -> list[bulk.Step[Any]]:
    """Return steps that create extensions."""
    (extension,) = await shop.extensions.list(limit=1).take(1)
    return [
        bulk.step(
            str(number),
            shop.extensions.create,
            hotline_id=extension.hotline_id,
            extension_number=FIRST + number,
        )
        for number in range(count)
    ]


async def created(shop: ShopClient) -> dict[int, int]:
    """Return how often each extension of the job is there."""
    numbers = [int(extension.extension_number) - FIRST async for extension in shop.extensions.list()]
    return Counter(number for number in numbers if number >= 0)


def once(count: int) -> dict[int, int]:
    """Return what `created` returns if each extension is there once."""
    return dict.fromkeys(range(count), 1)


async def test_server_that_is_killed(far: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run waits for a server that was killed, reads back the calls of that moment, and goes on."""
    monkeypatch.setattr(outage, "FIRST_WAIT", 0.1)
    monkeypatch.setattr(outage, "LONGEST_WAIT", 0.1)
    unreachable = asyncio.Event()
    starting: asyncio.Task[None] | None = None

    def note(event: Event) -> None:
        if isinstance(event, bulk.Waiting) and event.reason == "the server cannot be reached":
            unreachable.set()

    async def start_when_missed() -> None:
        await unreachable.wait()
        await far.start()

    async with far.client() as shop:
        steps = await steps_of(shop, 60)
        async with bulk.run(tmp_path / "job.journal", steps, settle_after=AT_ONCE, on_event=note) as run:
            ended = 0
            async for _ in run:
                ended += 1
                if ended == 15:
                    await far.kill()
                    starting = asyncio.create_task(start_when_missed())
        assert starting
        await starting
        assert run.report.counts == {bulk.State.DONE: 60}, str(run.report)
        assert await created(shop) == once(60)


async def test_server_that_stays_away(far: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its patience the run stops with one line, and a later run makes what is left, each once."""
    monkeypatch.setattr(outage, "FIRST_WAIT", 0.1)
    async with far.client() as shop:
        steps = await steps_of(shop, 40)
        async with bulk.run(
            tmp_path / "job.journal", steps, settle_after=AT_ONCE, patience=timedelta(seconds=0.3)
        ) as run:
            ended = 0
            async for _ in run:
                ended += 1
                if ended == 15:
                    await far.kill()
        assert run.report.stopped == "The server cannot be reached: resume later."
        assert not run.report.is_complete
        await far.start()
        report = await bulk.run(tmp_path / "job.journal", steps, settle_after=AT_ONCE)
        assert report.counts == {bulk.State.DONE: 40}, str(report)
        assert await created(shop) == once(40)


@pytest.mark.parametrize("hours", [-9, 9])
async def test_clock_that_jumps(far: Far, tmp_path: Path, hours: int) -> None:
    """A wall clock that jumps in a run and between two runs changes nothing: the server's time counts."""
    jump = timedelta(hours=hours)
    create = "shop.extensions.create"
    await far.inject(
        {"kind": ["reset_after", "reset_before"], "operation": create, "probability": 0.4, "seed": 3},
    )
    with time_machine.travel(datetime.now(UTC) + jump, tick=True) as clock:
        async with far.client() as shop:
            steps = await steps_of(shop, 40)
            async with bulk.run(tmp_path / "job.journal", steps) as run:
                ended = 0
                async for _ in run:
                    ended += 1
                    if ended == 10:
                        clock.shift(jump)
                    if ended == 30:
                        break
            assert run.report.counts[bulk.State.DONE] > 10
            clock.shift(-3 * jump)
            events: list[Event] = []
            report = await bulk.run(
                tmp_path / "job.journal", steps, settle_after=AT_ONCE, on_event=events.append
            )
            await far.inject()
            if not report.is_complete:  # a repeated call can be lost again
                report = await bulk.run(tmp_path / "job.journal", steps, settle_after=AT_ONCE)
            assert report.counts == {bulk.State.DONE: 40}, str(report)
            assert await created(shop) == once(40)
    # No wait for hours.
    assert all(each.seconds < 60 for each in events if isinstance(each, bulk.Waiting))


FULL_DISK = """
import asyncio, json, os, resource, sys
from datetime import timedelta
from etelecom_async import ShopClient, bulk
from etelecom_async.errors import JournalError

async def main(path, key, url, hotline_id, count, room):
    async with ShopClient(key, base_url=url, concurrency=4) as shop:
        steps = [
            bulk.step(
                str(n), shop.extensions.create, hotline_id=hotline_id, extension_number=100_000 + n
            )
            for n in range(int(count))
        ]
        try:
            async with bulk.run(path, steps, settle_after=timedelta()) as run:
                if room != "all":
                    limit = os.path.getsize(path + "-wal") + int(room)
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, -1))
                ended = [each.key async for each in run]
        except JournalError as error:
            print(json.dumps(["stopped", str(error)]))
        else:
            print(json.dumps(["ended", run.report.to_dict()["counts"]]))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
async def test_full_disk(tmp_path: Path) -> None:
    """A full disk under the journal stops the run with one line. With more space it makes the rest, once."""
    path = str(tmp_path / "job.journal")
    async with (
        sandbox(call_logs=0, allow_duplicates=True) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        (extension,) = await shop.extensions.list(limit=1).take(1)

        async def run(room: str) -> tuple[str, Any]:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", FULL_DISK, path, service.shop_key, service.base_url),
                *(extension.hotline_id, "50", room),
                stdout=asyncio.subprocess.PIPE,
            )
            printed, _ = await process.communicate()
            kind, details = json.loads(printed)
            return kind, details

        kind, problem = await run("60000")
        assert kind == "stopped"
        assert "job.journal cannot be written, so the job stops" in problem
        assert "free some space" in problem
        assert "\n" not in problem
        some = await created(shop)
        assert 0 < len(some) < 50
        kind, counts = await run("all")
        assert (kind, counts["done"]) == ("ended", 50)
        assert await created(shop) == once(50)
