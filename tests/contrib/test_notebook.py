"""Progress bars and visible waits: on a terminal, and in a real Jupyter kernel."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tqdm.std import tqdm

from etelecom_async import Effect, RetryPolicy, ShopClient, bulk, errors
from etelecom_async.contrib import notebook
from etelecom_async.testing import sandbox
from tests.conftest import read_html
from tests.kernel import Kernel

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits


async def numbers(count: int) -> AsyncIterator[int]:
    """Yield some numbers."""
    for number in range(count):
        yield number


def open_bars() -> int:
    """Return how many bars are not closed."""
    gc.collect()
    return len(tqdm._instances)


@pytest.fixture(autouse=True)
def _closed_bars() -> object:
    """Fail a test that leaves a bar open."""
    assert open_bars() == 0
    yield
    assert open_bars() == 0


Printed = pytest.CaptureFixture[str]


async def test_progress(capsys: Printed) -> None:
    """All items come, and the bar ends with their number; nothing is written to stdout."""
    assert [item async for item in notebook.progress(numbers(3), total=3, desc="calls")] == [0, 1, 2]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("\rcalls:")
    assert "3/3" in printed.err.split("\r")[-1]


async def test_progress_of_a_list(capsys: Printed) -> None:
    """A list of the SDK works, also a part of it, without a total."""
    async with (
        sandbox(call_logs=250) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        calls = [call async for call in notebook.progress(shop.call_logs.list())]
        assert len({call.id for call in calls}) == 250
        assert "250it" in capsys.readouterr().err
        assert len([call async for call in notebook.progress(shop.call_logs.list().take(7))]) == 7
        assert "7it" in capsys.readouterr().err


async def test_nothing_is_shown_for_nothing(capsys: Printed) -> None:
    """An empty list, a progress that is never used, and a job without events show no bar."""
    assert [item async for item in notebook.progress(numbers(0))] == []
    notebook.progress(numbers(1))
    with notebook.events():
        pass
    assert capsys.readouterr().err == ""


async def test_left_loops() -> None:
    """The bar ends when a loop is left by `break`, or by an error of its body."""
    async for _ in notebook.progress(numbers(3)):
        break
    assert open_bars() == 0

    async def fail() -> None:
        async for item in notebook.progress(numbers(3)):
            item / 0

    with pytest.raises(ZeroDivisionError) as caught:
        await fail()
    assert open_bars() == 0, caught  # although the frame of the loop still exists
    kept = notebook.progress(numbers(3))
    async for _ in kept:
        break
    assert open_bars() == 1
    kept.close()
    kept.close()


async def test_failing_items() -> None:
    """The bar ends when the items end with an error, or when the task of the loop is cancelled."""

    async def failing() -> AsyncIterator[int]:
        yield 1
        raise ZeroDivisionError

    progress = notebook.progress(failing())
    with pytest.raises(ZeroDivisionError):
        async for _ in progress:
            pass
    assert open_bars() == 0

    started = asyncio.Event()

    async def endless() -> AsyncIterator[int]:
        yield 1
        started.set()
        await asyncio.Future()

    waiting = notebook.progress(endless())

    async def loop() -> None:
        async for _ in waiting:
            pass

    task = asyncio.create_task(loop())
    await started.wait()
    assert open_bars() == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert open_bars() == 0


def test_progress_takes_async_iterables() -> None:
    """A plain list is refused at once, and no bar is left."""
    with pytest.raises(TypeError):
        notebook.progress([1])  # type: ignore[arg-type]
    assert open_bars() == 0


async def test_waits(peer: Peer, waits: Waits, capsys: Printed) -> None:
    """A wait before a retry is one line with its length and reason. The next attempt removes it."""
    peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="12"))
    async with ShopClient("1:k", base_url=peer.base_url, hooks=[notebook.waits()]) as shop:
        waits.govern(shop)
        await shop.call("Any/Get", {}, effect=Effect.READ)
    line, cleared, end = capsys.readouterr().err.split("\r")[1:]
    assert line == "waiting 12 s: rate limited by the server, Any/Get"
    assert (cleared.strip(), end) == ("", "")


async def test_short_waits(peer: Peer, waits: Waits, capsys: Printed) -> None:
    """Waits of less than a second are not shown, if the hook is not told to show them."""
    for hook, text in (
        (notebook.waits(), ""),
        (notebook.waits(at_least=0), "waiting 1 s: the server failed"),
    ):
        peer.respond_with(peer.refusal("internal", 500))
        retries = RetryPolicy(wait_initial=0.5)
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[hook], retries=retries) as shop:
            waits.govern(shop)
            await shop.call("Any/Get", {}, effect=Effect.READ)
        shown = capsys.readouterr().err
        assert text in shown
        assert bool(text) == bool(shown)


async def test_waits_of_failed_calls(peer: Peer, waits: Waits, capsys: Printed) -> None:
    """Several calls share the line. It is closed when the last of them gives up."""
    peer.always = lambda _: peer.refusal("internal", 500)
    retries = RetryPolicy(wait_initial=3, wait_max=3)
    hooks = [notebook.waits()]
    async with ShopClient("1:k", base_url=peer.base_url, hooks=hooks, retries=retries) as shop:
        waits.govern(shop)
        calls = [shop.call("Any/Get", {}, effect=Effect.READ) for _ in range(3)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, errors.InternalError) for result in results)
    assert open_bars() == 0
    assert "the server failed, Any/Get" in capsys.readouterr().err


async def test_events(peer: Peer, tmp_path: Path, capsys: Printed) -> None:
    """The bar counts the steps of a job, and shows the waits of the job beside them."""
    async with ShopClient("1:k", base_url=peer.base_url) as shop:
        steps = [bulk.step(f"{n}", shop.call, "Any/Create", {"number": n}) for n in range(5)]
        with notebook.events(total=5, desc="steps") as on_event:
            report = await bulk.run(tmp_path / "job", steps, on_event=on_event)
    assert report.is_complete
    assert "5/5" in capsys.readouterr().err.split("\r")[-1]
    with notebook.events() as on_event:
        on_event(bulk.Waiting(11.2, "the server cannot be reached"))
        assert "waiting 12 s: the server cannot be reached" in capsys.readouterr().err
        on_event(bulk.Ended("a", "o", bulk.State.DONE))
    assert "waiting" not in capsys.readouterr().err.split("\r")[-1]


SETUP = """
from etelecom_async import ShopClient
from etelecom_async.contrib import notebook
if "shop" in globals():
    await shop.close()
shop = ShopClient("1:k", base_url={!r}, hooks=[notebook.waits()])
"""
READ = """
seen = []
async for call in notebook.progress(shop.call_logs.list()):
    seen.append(call.id)
print(seen)
"""


async def test_kernel(peer: Peer, tmp_path: Path) -> None:
    """In a kernel, cells run again as they are: twice, after an interrupt, and after a restart."""
    setup = SETUP.format(peer.base_url)
    page = peer.json({"call_logs": [{"id": "1", "caller": "<b>"}], "paging": {"next": "a"}})
    end = peer.json({"call_logs": []})
    async with Kernel.open(tmp_path) as kernel:
        for _ in range(2):
            assert await kernel.run(setup) == ""
            hint = await kernel.run("shop.call_logs.list()")
            assert read_html(hint)[1][1] == "page = await pager"
        assert peer.requests == []

        peer.respond_with(page, page, end)
        shown = await kernel.run("await shop.call_logs.list()")
        assert read_html(shown) == ([["caller", "id"], ["<b>", "1"]], ["Page of 1 item"])
        assert await kernel.run(READ) == "['1']\n"

        peer.respond_with(page, peer.HANG)
        assert await kernel.run(READ, until=peer.until(5)) in {"CancelledError", "KeyboardInterrupt"}
        assert await kernel.run("print(seen)") == "['1']\n"
        assert await kernel.run("from tqdm.std import tqdm; print(len(tqdm._instances))") == "0\n"
        peer.respond_with(page, end)
        assert await kernel.run(READ) == "['1']\n"

        await kernel.restart()
        assert await kernel.run("print(seen)") == "NameError"
        assert await kernel.run(setup) == ""
        peer.respond_with(page, end)
        assert await kernel.run(READ) == "['1']\n"
        assert await kernel.run("await shop.close()") == ""
