"""
Cancel a call at every point where it waits: enumerated, not sampled.

A task factory counts the suspensions of the call's own task and of the tasks that it starts. A test repeats
the call with one suspension more each time, and cancels it there. It cancels in one of two ways: as soon as
the call waits, or in the loop iteration that completes the awaited future.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async import Effect, ShopClient
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from tests.conftest import Asked, Peer, Reply, Waits

    Call = Callable[[ShopClient, str, Path], Coroutine[Any, Any, None]]

ON_WAIT, ON_COMPLETION = "when it waits", "when the future completes"


class Cancelling:
    """Count suspensions, and cancel the call at one of them."""

    def __init__(self, number: int, when: str) -> None:
        self.number = number
        self.when = when
        self.seen = 0
        self.call: asyncio.Task[Any] | None = None

    def factory(
        self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        """Create a task whose suspensions are counted."""
        return asyncio.Task(self._counted(coroutine), loop=loop, **options)

    async def _counted(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return await _Steps(coroutine, self._suspended)

    def _suspended(self, waits_for: Any) -> None:
        self.seen += 1
        if self.seen != self.number:
            return
        if self.when == ON_COMPLETION and waits_for is not None:
            # This callback runs before the one that resumes the task.
            waits_for.add_done_callback(self._cancel)
        else:
            asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self, *_: Any) -> None:
        assert self.call is not None
        self.call.cancel()


class _Steps:
    """Await a coroutine, and report each of its suspensions."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], report: Callable[[Any], None]) -> None:
        self._coroutine = coroutine
        self._report = report

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = partial(self._coroutine.send, None)
        while True:
            try:
                waits_for = step()
            except StopIteration as end:
                return end.value
            self._report(waits_for)
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - the coroutine must handle it
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, None)


class ThrottleOnce:
    """Respond to each number with a 429 the first time, and with a success after that."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.bodies: list[bytes] = []

    def respond(self, asked: Asked) -> Reply:
        """Serve as `Peer.always`."""
        self.bodies.append(asked.body)
        if b"number" in asked.body and self.bodies.count(asked.body) == 1:
            return self.peer.refusal("resource_exhausted", 429, Retry_After="0")
        if b"paging" in asked.body and b'"after":"n2"' not in asked.body:
            following = "n2" if b'"after":"n1"' in asked.body else "n1"
            return self.peer.json({"call_logs": [{"id": following}], "paging": {"next": following}})
        return self.peer.json({"call_logs": [], "token": "upload token"})


async def cancelled(shop: ShopClient, call: Coroutine[Any, Any, None], cancelling: Cancelling) -> None:
    """Make a call, cancel it at one point, and check that it leaves nothing behind."""
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    loop.set_task_factory(cancelling.factory)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if sys.version_info >= (3, 12):  # aiohttp creates its writing task without the factory
                write = aiohttp.ClientRequest.write_bytes
                patch.setattr(
                    aiohttp.ClientRequest,
                    "write_bytes",
                    lambda *arguments: cancelling._counted(write(*arguments)),
                )
            cancelling.call = loop.create_task(call)
            (result,) = await asyncio.gather(cancelling.call, return_exceptions=True)
    finally:
        loop.set_task_factory(None)
    if cancelling.seen < cancelling.number:
        assert result is None
    else:
        assert isinstance(result, asyncio.CancelledError), cancelling.number
    await settle(before)
    stats = shop.stats()
    for limiter in (stats.reads, stats.writes):
        assert (limiter.in_flight, limiter.waiting) == (0, 0), cancelling.number
    assert asyncio.all_tasks() == before, cancelling.number
    connector = shop._engine.transport._open_session().connector
    assert connector is not None
    assert (connector._acquired, connector._waiters) == (set(), {}), cancelling.number


async def settle(before: set[asyncio.Task[Any]]) -> None:
    """Wait until the cancelled tasks have ended."""
    for _ in range(20):
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - before:  # work in a thread ends later
        await asyncio.wait([task], timeout=PATIENCE)


async def read(shop: ShopClient, _: str, __: Path) -> None:
    """Make one call with a single attempt."""
    await shop.account()


async def create(shop: ShopClient, number: str, _: Path) -> None:
    """Make a CREATE call whose first attempt is throttled."""
    await shop.call("Any/Create", {"number": number}, effect=Effect.CREATE)


async def walk(shop: ShopClient, _: str, __: Path) -> None:
    """Walk a list with `prefetch=1`."""
    assert [row.id async for row in shop.call_logs.list(limit=1, prefetch=1)] == ["n1", "n2"]


async def upload(shop: ShopClient, _: str, file: Path) -> None:
    """Upload a file in several pieces."""
    await shop.zalo.files.upload(type="image", oa_id="1", file=file)


async def waiting(shop: ShopClient, number: str, _: Path) -> None:
    """Make more calls than the limiter allows at a time; the first attempt of each is throttled."""
    await asyncio.gather(*(create(shop, f"{number} {i}", _) for i in range(4)))


@pytest.mark.parametrize("when", [ON_WAIT, ON_COMPLETION])
@pytest.mark.parametrize("is_kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize(
    ("make", "least"),
    [(read, 1), (create, 3), (walk, 5), (upload, 5), (waiting, 12)],
    ids=["read", "create after a 429", "list with prefetch", "upload", "waiting"],
)
async def test_cancelled_at_every_point(
    peer: Peer, tmp_path: Path, make: Call, least: int, when: str, *, waits: Waits, is_kept: bool
) -> None:
    """Cancelling at any point loses no limiter slot and leaves nothing open; the client still works."""
    file = tmp_path / "list.txt"
    file.write_bytes(b"x" * 600_000)
    server = ThrottleOnce(peer)
    peer.always = server.respond
    for number in itertools.count(1):
        open_before = open_files()
        async with ShopClient("1161512386239479010:key", base_url=peer.base_url, concurrency=2) as shop:
            waits.govern(shop, lambda: asyncio.sleep(0))
            if is_kept:
                await asyncio.gather(shop.account(), shop.account())
            cancelling = Cancelling(number, when)
            await cancelled(shop, make(shop, f"number {number}", file), cancelling)
            # One call more than the limiter allows at a time.
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(shop.account() for _ in range(3)), shop.call("Any/Create", {}))
        await until_closed(open_before)
        if cancelling.seen < number:
            break
    assert number > least
    numbered = Counter(body for body in server.bodies if b"number" in body)
    assert max(numbered.values(), default=0) <= 2  # the throttled attempt, and its retry


async def until_closed(open_before: int) -> None:
    """Wait until the last sockets and files are closed; threads and the loop close some of them later."""
    async with asyncio.timeout(PATIENCE):
        while open_files() > open_before:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.001)


def open_files() -> int:
    """Return the number of files and sockets that this process has open; 0 if the system does not tell."""
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
