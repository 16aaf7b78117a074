"""
Cancelling at every point at which a call waits: enumerated, not sampled.

A task factory counts each suspension of each task that a call runs in, its own and those that it starts. The
call is made once for each number, and cancelled at that one: as soon as it waits, or in the same turn of the
loop in which what it waits for comes.
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

AS_IT_WAITS, AS_THAT_COMES = "as it waits", "as that comes"


class Cancelling:
    """Counts suspensions, and cancels the call at one of them."""

    def __init__(self, number: int, when: str) -> None:
        self.number = number
        self.when = when
        self.seen = 0
        self.call: asyncio.Task[Any] | None = None

    def factory(
        self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **more: Any
    ) -> asyncio.Task[Any]:
        """Makes tasks whose suspensions are counted."""
        return asyncio.Task(self._watched(coroutine), loop=loop, **more)

    async def _watched(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return await _Steps(coroutine, self._suspended)

    def _suspended(self, waits_for: Any) -> None:
        self.seen += 1
        if self.seen != self.number:
            return
        if self.when == AS_THAT_COMES and waits_for is not None:
            # Called before the task itself hears of it.
            waits_for.add_done_callback(self._cancel)
        else:
            asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self, *_: Any) -> None:
        assert self.call is not None
        self.call.cancel()


class _Steps:
    """Awaits a coroutine, and tells of each of its suspensions."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], tell: Callable[[Any], None]) -> None:
        self._coroutine = coroutine
        self._tell = tell

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = partial(self._coroutine.send, None)
        while True:
            try:
                waits_for = step()
            except StopIteration as end:
                return end.value
            self._tell(waits_for)
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's to handle
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, None)


class Once:
    """Answers each number that is asked for the first time with a 429, and then well."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.bodies: list[bytes] = []

    def answer(self, asked: Asked) -> Reply:
        """In place of `Peer.always`."""
        self.bodies.append(asked.body)
        if b"number" in asked.body and self.bodies.count(asked.body) == 1:
            return self.peer.refusal("resource_exhausted", 429, Retry_After="0")
        if b"paging" in asked.body and b'"after":"n2"' not in asked.body:
            following = "n2" if b'"after":"n1"' in asked.body else "n1"
            return self.peer.json({"call_logs": [{"id": following}], "paging": {"next": following}})
        return self.peer.json({"call_logs": [], "token": "of an upload"})


async def cancelled(shop: ShopClient, call: Coroutine[Any, Any, None], cancelling: Cancelling) -> None:
    """Makes a call that is cancelled at one point, and looks at what it leaves."""
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    loop.set_task_factory(cancelling.factory)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if sys.version_info >= (3, 12):  # aiohttp makes its writing task by no factory
                write = aiohttp.ClientRequest.write_bytes
                patch.setattr(
                    aiohttp.ClientRequest,
                    "write_bytes",
                    lambda *arguments: cancelling._watched(write(*arguments)),
                )
            cancelling.call = loop.create_task(call)
            (result,) = await asyncio.gather(cancelling.call, return_exceptions=True)
    finally:
        loop.set_task_factory(None)
    if cancelling.seen < cancelling.number:
        assert result is None
    else:
        assert isinstance(result, asyncio.CancelledError), cancelling.number
    await settled(before)
    stats = shop.stats()
    for limiter in (stats.reads, stats.writes):
        assert (limiter.in_flight, limiter.waiting) == (0, 0), cancelling.number
    assert asyncio.all_tasks() == before, cancelling.number
    connector = shop._engine.transport._open_session().connector
    assert connector is not None
    assert (connector._acquired, connector._waiters) == (set(), {}), cancelling.number


async def settled(before: set[asyncio.Task[Any]]) -> None:
    """Lets end what was told to end."""
    for _ in range(20):
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - before:  # threads take their time
        await asyncio.wait([task], timeout=PATIENCE)


async def read(shop: ShopClient, _: str, __: Path) -> None:
    """One call that needs no second one."""
    await shop.account()


async def create(shop: ShopClient, number: str, _: Path) -> None:
    """What makes a thing, and is turned away at first."""
    await shop.call("Any/Create", {"number": number}, effect=Effect.CREATE)


async def walk(shop: ShopClient, _: str, __: Path) -> None:
    """A list, of which a page is fetched ahead."""
    assert [row.id async for row in shop.call_logs.list(limit=1, prefetch=1)] == ["n1", "n2"]


async def upload(shop: ShopClient, _: str, file: Path) -> None:
    """A file of several pieces."""
    await shop.zalo.files.upload(type="image", oa_id="1", file=file)


async def waiting(shop: ShopClient, number: str, _: Path) -> None:
    """More calls than there are turns, each of them turned away at first."""
    await asyncio.gather(*(create(shop, f"{number} {i}", _) for i in range(4)))


@pytest.mark.parametrize("when", [AS_IT_WAITS, AS_THAT_COMES])
@pytest.mark.parametrize("is_kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize(
    ("make", "least"),
    [(read, 1), (create, 3), (walk, 5), (upload, 5), (waiting, 12)],
    ids=["read", "create after a 429", "list with prefetch", "upload", "waiting"],
)
async def test_cancelled_at_every_point(
    peer: Peer, tmp_path: Path, make: Call, least: int, when: str, *, waits: Waits, is_kept: bool
) -> None:
    """Wherever a call is cancelled: no turn is lost, nothing is left running or open, the client works."""
    file = tmp_path / "list.txt"
    file.write_bytes(b"x" * 600_000)
    once = Once(peer)
    peer.always = once.answer
    for number in itertools.count(1):
        open_before = open_files()
        async with ShopClient("1161512386239479010:key", base_url=peer.base_url, concurrency=2) as shop:
            waits.govern(shop, lambda: asyncio.sleep(0))
            if is_kept:
                await asyncio.gather(shop.account(), shop.account())
            cancelling = Cancelling(number, when)
            await cancelled(shop, make(shop, f"number {number}", file), cancelling)
            # As many calls as there are turns, and one more.
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(shop.account() for _ in range(3)), shop.call("Any/Create", {}))
        await until_closed(open_before)
        if cancelling.seen < number:
            break
    assert number > least
    numbered = Counter(body for body in once.bodies if b"number" in body)
    assert max(numbered.values(), default=0) <= 2  # the one that was turned away, and its repetition


async def until_closed(open_before: int) -> None:
    """Waits for the last sockets and files to be closed: threads and the loop take their time."""
    async with asyncio.timeout(PATIENCE):
        while open_files() > open_before:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.001)


def open_files() -> int:
    """How many files and sockets this process has open, where it can tell."""
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
