"""
A client with any event loop: several, in turn or at the same time; none yet; a loop that has ended.

Each use works, or fails with an error that says what is wrong.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.errors import ClientClosedError, OutcomeUnknownError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tests.conftest import Asked, Peer, Reply

KEY = "1161512386239479010:canary-key"


def run(kind: str, main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine like `asyncio.run`, with a loop of this kind."""
    factory = import_module("uvloop").new_event_loop if kind == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


NEEDS_UVLOOP = pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop does not support this system")
LOOPS = pytest.mark.parametrize("loop", ["asyncio", pytest.param("uvloop", marks=NEEDS_UVLOOP)])


def two_pages(peer: Peer) -> Callable[[Asked], Reply]:
    """Return a handler that serves a list of two pages, and echoes any other request."""

    def respond(asked: Asked) -> Reply:
        if not asked.path.endswith("ListCallLogs"):
            return peer.json({"echo": asked.json})
        after = asked.json["paging"].get("after")
        rows = [{"id": str(number)} for number in {None: range(3), "n": range(3, 5), "end": ()}[after]]
        return peer.json({"call_logs": rows, "paging": {"next": "end" if after else "n"}})

    return respond


async def use(shop: ShopClient, name: str) -> None:
    """Make calls of all kinds, more than the limiter allows at a time; each gets its own response."""

    async def create(number: int) -> None:
        body = {"name": name, "number": number}
        assert await shop.call("Any/Create", body) == {"echo": body}

    async def walk() -> None:
        rows = [call.id async for call in shop.call_logs.list(limit=3, prefetch=1)]
        assert rows == ["0", "1", "2", "3", "4"]

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(walk(), walk(), *map(create, range(8)))
    assert asyncio.all_tasks() == {asyncio.current_task()}


def is_idle(shop: ShopClient) -> bool:
    """Return whether no call is in flight, and none waits."""
    stats = shop.stats()
    return all((limiter.in_flight, limiter.waiting) == (0, 0) for limiter in (stats.reads, stats.writes))


class TestWithoutItsOwnLoop:
    """A client that is made while no loop runs, and used in any loop later."""

    @LOOPS
    def test_runs_one_after_another(self, peer: Peer, connectors: Any, loop: str) -> None:
        """Each run has its own connections, which close with the run, although the client is not closed."""
        peer.always = two_pages(peer)
        before = set(connectors)
        shop = ShopClient(KEY, base_url=peer.base_url, concurrency=2)
        for number in range(3):
            run(loop, use(shop, f"run {number}"))
            assert is_idle(shop)
            assert all(pool.closed for pool in set(connectors) - before)
        assert len(peer.requests) == 3 * (8 + 2 * 3)

    @NEEDS_UVLOOP
    def test_loops_of_two_kinds(self, peer: Peer) -> None:
        """A client works in loops of different kinds."""
        peer.always = two_pages(peer)
        shop = ShopClient(KEY, base_url=peer.base_url, concurrency=2)
        for loop in ("asyncio", "uvloop", "asyncio"):
            run(loop, use(shop, loop))

    @LOOPS
    def test_run_that_breaks_off(self, peer: Peer, loop: str) -> None:
        """A run that ends with calls in flight and calls that wait does not affect the next run."""
        peer.always = lambda _: peer.HANG
        shop = ShopClient(KEY, base_url=peer.base_url, concurrency=1)

        async def break_off() -> None:
            tasks = [asyncio.create_task(use(shop, "broken off")) for _ in range(2)]
            await peer.until(2)
            raise ZeroDivisionError(tasks)

        with pytest.raises(ZeroDivisionError):
            run(loop, break_off())
        assert is_idle(shop)
        peer.always = two_pages(peer)
        run(loop, use(shop, "next"))

    @pytest.mark.parametrize("in_a_loop", [False, True], ids=["no loop", "another loop"])
    def test_made_at_import(
        self, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_a_loop: bool
    ) -> None:
        """A client made at the top of a module is bound to no loop, even if a loop runs during the import."""
        name = f"made_at_import_{in_a_loop}"
        code = (
            f"from etelecom_async import ShopClient\nshop = ShopClient({KEY!r}, base_url={peer.base_url!r})"
        )
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)

        async def load() -> Any:
            return import_module(name)

        shop = (asyncio.run(load()) if in_a_loop else import_module(name)).shop
        peer.always = two_pages(peer)
        for number in range(2):
            asyncio.run(use(shop, f"run {number}"))

    @pytest.mark.parametrize("closes", [True, False])
    def test_no_warning(self, peer: Peer, tmp_path: Path, *, closes: bool) -> None:
        """A client that is closed or just dropped, even in the middle of a list, causes no warning."""
        peer.always = two_pages(peer)
        code = f"""
import asyncio, math
from etelecom_async import ShopClient

shop = ShopClient({KEY!r}, base_url={peer.base_url!r})
kept = []

async def use(close):
    asyncio.get_running_loop().slow_callback_duration = math.inf  # -X dev would report a slow machine
    await shop.account()
    async for call in shop.call_logs.list(limit=3, prefetch=2):
        break
    kept.append(aiter(shop.call_logs.list(limit=3, prefetch=2)))
    await anext(kept[-1])
    if close:
        await shop.close()

asyncio.run(use(False))
asyncio.run(use({closes}))
"""
        done = script("-X", "dev", "-c", code, home=tmp_path)
        assert (done.stdout, done.stderr) == ("", "")


class TestThreads:
    """Several threads, each with its own loop."""

    @pytest.mark.parametrize(
        "loops",
        [("asyncio", "asyncio"), pytest.param(("asyncio", "uvloop"), marks=NEEDS_UVLOOP)],
        ids=" ".join,
    )
    def test_one_client_at_the_same_time(self, peer: Peer, loops: tuple[str, str]) -> None:
        """Each thread has its own limiters and connections, and each call gets its own response."""
        meet = threading.Barrier(2)
        respond = two_pages(peer)
        shop = ShopClient(KEY, base_url=peer.base_url, concurrency=2)
        peer.always = respond
        done: list[str] = []

        async def repeat(name: str) -> None:
            for number in range(5):
                meet.wait(PATIENCE)
                await use(shop, f"{name}, {number}")
            done.append(name)

        threads = [
            threading.Thread(target=run, args=(loop, repeat(f"thread {number}")))
            for number, loop in enumerate(loops)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert sorted(done) == ["thread 0", "thread 1"]
        assert is_idle(shop)
        assert len(peer.requests) == 2 * 5 * (8 + 2 * 3)

    @LOOPS
    async def test_closed_from_another_loop(self, peer: Peer, loop: str) -> None:
        """Closing also ends the calls of other threads, in their loops; each error states the outcome."""
        peer.always = lambda _: peer.HANG
        shop = ShopClient(KEY, base_url=peer.base_url)
        ended: list[BaseException | object] = []

        async def use_it() -> None:
            calls = (shop.account(), shop.call("Any/Create"))
            ended.extend(await asyncio.gather(*calls, return_exceptions=True))
            ended.extend(await asyncio.gather(shop.account(), return_exceptions=True))

        thread = threading.Thread(target=run, args=(loop, use_it()))
        thread.start()
        await peer.until(2)
        await shop.close()
        await asyncio.to_thread(thread.join, PATIENCE)
        assert [type(end) for end in ended] == [ClientClosedError, OutcomeUnknownError, ClientClosedError]
        assert len(peer.requests) == 2


class TestNotebooks:
    """IPython, with `await` at the top of its cells."""

    CELLS = """
from etelecom_async import ShopClient
shop = ShopClient({key!r}, base_url={url!r})
await shop.call("Any/Create", {{"cell": 1}})
print([call.id async for call in shop.call_logs.list(limit=3, prefetch=1)])
await shop.close()
await shop.account()
"""

    def test_terminal(self, peer: Peer, tmp_path: Path) -> None:
        """In a terminal the loop is paused between cells; a client works across cells."""
        peer.always = two_pages(peer)
        done = script(
            *("-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit"),
            *("--colors=nocolor", "--HistoryManager.enabled=False"),
            cells=self.CELLS.format(key=KEY, url=peer.base_url),
            home=tmp_path,
        )
        assert "Out[3]: {'echo': {'cell': 1}}" in done.stdout
        assert "['0', '1', '2', '3', '4']" in done.stdout
        assert done.stdout.count("Traceback") == 1
        assert "ClientClosedError: account: the client is closed. Make a new client" in done.stdout
        assert done.stderr == ""
        assert len(peer.requests) == 4

    def test_running_loop(self, peer: Peer, tmp_path: Path) -> None:
        """In a notebook the loop never stops, and each cell is a task in it; a client works across cells."""
        peer.always = two_pages(peer)
        cells = self.CELLS.format(key=KEY, url=peer.base_url).strip().splitlines()
        code = f"""
import asyncio
from IPython.core.interactiveshell import InteractiveShell

async def main():
    shell = InteractiveShell.instance()
    for cell in {cells}:
        ran = await shell.run_cell_async(
            cell, store_history=True, transformed_cell=shell.transform_cell(cell)
        )
        if ran.error_in_exec is not None:
            print("failed:", repr(ran.error_in_exec))
    assert asyncio.all_tasks() == {{asyncio.current_task()}}

asyncio.run(main())
"""
        done = script("-c", code, home=tmp_path)
        assert "Out[3]: {'echo': {'cell': 1}}" in done.stdout
        assert "['0', '1', '2', '3', '4']" in done.stdout
        assert done.stdout.count("failed:") == 1
        assert "failed: ClientClosedError('the client is closed.')" in done.stdout
        assert done.stderr == ""
        assert len(peer.requests) == 4


def script(*arguments: str, home: Path, cells: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a new Python process with warnings as errors, and return the process."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        input=cells,
        env={**os.environ, "IPYTHONDIR": str(home)},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )


class TestEnd:
    """`close()`: each call in flight ends with an error that states its outcome, and nothing more is sent."""

    @LOOPS
    @pytest.mark.parametrize("concurrency", [1, 64], ids=["some wait", "all in flight"])
    def test_closed_with_calls_in_flight(self, peer: Peer, loop: str, concurrency: int) -> None:
        """A READ ends with `ClientClosedError`; a CREATE that was sent ends with `OutcomeUnknownError`."""
        peer.always = lambda _: peer.HANG
        in_flight = 2 if concurrency == 1 else 4

        async def main() -> None:
            shop = ShopClient(KEY, base_url=peer.base_url, concurrency=concurrency)
            calls = (
                shop.account(),
                shop.call("Any/Create"),
                shop.extensions.list().collect(),
                shop.account(),
            )
            tasks = [asyncio.create_task(call) for call in calls]
            await peer.until(in_flight)
            await asyncio.gather(shop.close(), shop.close())
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(end) for end in ends] == [
                *(ClientClosedError, OutcomeUnknownError, ClientClosedError, ClientClosedError)
            ]
            assert is_idle(shop)

        run(loop, main())
        assert len(peer.requests) == in_flight

    async def test_nothing_works_after_close(self, peer: Peer) -> None:
        """After `close()`, the client and its derived objects send nothing; each error tells what to do."""
        peer.always = lambda _: peer.json({"extensions": [{"id": "1"}], "paging": {"next": "n"}})
        async with PartnerClient("a-partner-key", base_url=peer.base_url) as partner:
            shop = partner.for_shop("shop1:key")
            rows = aiter(shop.extensions.list())
            await anext(rows)
            peer.respond_with(peer.DROP)
            with pytest.raises(OutcomeUnknownError) as unknown:
                await shop.extensions.create(hotline_id="1", extension_number=1001)
        uses: list[Callable[[], Any]] = [
            partner.account,
            shop.current,
            shop.with_options(retries=0).current,
            lambda: shop.call("Any/Create"),
            shop.users.list().collect,
            lambda: anext(rows),
            unknown.value.verify,
        ]
        sent = len(peer.requests)
        for call in uses:
            with pytest.raises(
                ClientClosedError, match=r"the client is closed\. Make a new client"
            ) as caught:
                await call()
            assert not caught.value.may_have_happened
        assert len(peer.requests) == sent

    def test_closed_in_one_run_and_used_in_the_next(self, peer: Peer) -> None:
        """A client that was closed stays closed, in every loop."""
        shop = ShopClient(KEY, base_url=peer.base_url)

        async def use_and_close() -> None:
            await shop.account()
            await shop.close()

        asyncio.run(use_and_close())
        with pytest.raises(ClientClosedError, match="Make a new client"):
            asyncio.run(shop.account())
        asyncio.run(shop.close())
        assert len(peer.requests) == 1
