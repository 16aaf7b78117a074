"""Ctrl-C in a run: the first one lets calls in flight end, the second one stops at once; both can resume."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import nbclient
import nbformat
import pytest

from etelecom_async import bulk
from etelecom_async.bulk.interrupts import Interrupts
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from etelecom_async import ShopClient
    from tests.conftest import Peer

# In the main thread the signal arrives at once, before the next line.
JOB = """
import asyncio, signal, sys
from collections import Counter
from etelecom_async import ShopClient, attempt_hook, bulk
from etelecom_async.bulk.journal import Journal

URL, PATH = sys.argv[1:3]
press = lambda: signal.raise_signal(signal.SIGINT)
in_flight = asyncio.Event()

def started(call):
    if call.operation == "Any/Create":
        in_flight.set()

def client(**options):
    return ShopClient("1161512386239479010:k", base_url=URL, retries=0, concurrency=2, **options)

def steps(shop):
    return [bulk.step(f"{n}", shop.call, "Any/Create", {"number": n}) for n in range(40)]

async def again():
    async with client() as shop:
        print(dict((await bulk.run(PATH, steps(shop))).counts), flush=True)

async def tell():
    records = (await Journal.read(PATH)).records.values()
    print(sorted(Counter(str(record.state) for record in records)), flush=True)
"""


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """The handler of Ctrl-C is the same after a test as before."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) == before


def script(code: str, *arguments: str, home: Path) -> list[str]:
    """Run a program in a new process, and return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "IPYTHONDIR": str(home)},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


class TestProgram:
    """Programs that get Ctrl-C."""

    def test_first_one(self, peer: Peer, tmp_path: Path) -> None:
        """The calls in flight end, nothing new starts, and asyncio's own handler is back afterwards."""
        code = """
async def main():
    async with client() as shop:
        async with bulk.run(PATH, steps(shop)) as run:
            before = 0
            async for ended in run:
                if not before:
                    press()
                before += 1
        print("not reached")

async def later():
    press()
    await asyncio.sleep(60)

for each in (main, later):
    try:
        asyncio.run(each())
    except KeyboardInterrupt:
        print("interrupted", flush=True)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
asyncio.run(tell())
asyncio.run(again())
"""
        lines = script(JOB + code, peer.base_url, str(tmp_path / "job"), home=tmp_path)
        assert lines[:3] == ["interrupted", "interrupted", "True"]
        assert lines[3] == "['done', 'planned']"
        assert lines[4] == "{<State.DONE: 'done'>: 40}"
        numbers = [request.json["number"] for request in peer.requests if "number" in request.json]
        assert sorted(numbers) == list(range(40))

    def test_second_one(self, peer: Peer, tmp_path: Path) -> None:
        """The calls in flight are cancelled, although the block itself waits for something else."""
        code = """
async def main():
    async with client(hooks=[started]) as shop:
        async with bulk.run(PATH, steps(shop)) as run:
            watch = asyncio.create_task(press_twice(run))
            reading = asyncio.create_task(read(run))
            await asyncio.sleep(60)

async def read(run):
    async for ended in run:
        print("not reached")

async def press_twice(run):
    await in_flight.wait()
    press()
    await asyncio.sleep(0)
    print(run.report.stopped, flush=True)
    press()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
asyncio.run(tell())
"""
        peer.always = lambda asked: peer.HANG if "number" in asked.json else peer.json({})
        lines = script(JOB + code, peer.base_url, str(tmp_path / "job"), home=tmp_path)
        assert lines == [
            "Ctrl-C: run the job again to continue.",
            "interrupted",
            "['planned', 'started']",
        ]

    def test_third_one(self, tmp_path: Path) -> None:
        """A program that does not return to its event loop ends, too."""
        code = """
async def main():
    async with client() as shop:
        async with bulk.run(PATH, steps(shop)) as run:
            press()
            press()
            press()
            print("not reached")

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
asyncio.run(tell())
"""
        lines = script(JOB + code, "http://127.0.0.1:1/v1", str(tmp_path / "job"), home=tmp_path)
        assert lines == ["interrupted", "['planned']"]

    def test_notebook(self, peer: Peer, tmp_path: Path) -> None:
        """An interrupted cell frees the journal, and the next cell of the same loop continues the job."""
        code = """
from IPython.core.interactiveshell import InteractiveShell

CELLS = '''
shop = client()
async with bulk.run(PATH, steps(shop)) as run:
    async for ended in run:
        press()
        break
print((await bulk.run(PATH, steps(shop))).counts)
await shop.close()
'''

async def main():
    shell = InteractiveShell.instance(user_ns=globals())
    first, *rest = CELLS.strip().split("print")
    made, block = first.split("\\n", 1)
    printed, closed = ("print" + rest[0]).strip().splitlines()
    for cell in (made, block, printed, closed):
        ran = await shell.run_cell_async(cell, transformed_cell=shell.transform_cell(cell))
        print("failed:", type(ran.error_in_exec).__name__, flush=True)

asyncio.run(main())
"""
        lines = script(JOB + code, peer.base_url, str(tmp_path / "job"), home=tmp_path)
        ends = [line for line in lines if line.startswith(("failed", "Counter"))]
        assert ends == [
            "failed: NoneType",
            "failed: KeyboardInterrupt",
            "Counter({<State.DONE: 'done'>: 40})",
            "failed: NoneType",
            "failed: NoneType",
        ]


async def test_kernel(peer: Peer, tmp_path: Path) -> None:
    """In a Jupyter kernel, an interrupt frees the journal, and the next cell makes the rest, each once."""
    job = f"""
from etelecom_async import ShopClient, bulk
shop = ShopClient("1161512386239479010:k", base_url={peer.base_url!r}, concurrency=2)
steps = [bulk.step(f"{{n}}", shop.call, "Any/Create", {{"number": n}}) for n in range(300)]
"""
    run = f"""
async with bulk.run({str(tmp_path / "job")!r}, steps) as run:
    async for ended in run:
        pass
print(run.report)
"""
    cells = [nbformat.v4.new_code_cell(source) for source in (job, run, run, "await shop.close()")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(notebook, timeout=PATIENCE, allow_errors=True)

    def made() -> list[int]:
        return [request.json["number"] for request in peer.requests if b"number" in request.body]

    async with client.async_setup_kernel():
        await client.async_execute_cell(cells[0], 0)
        running = asyncio.create_task(client.async_execute_cell(cells[1], 1))
        await peer.until(4)  # reads come first
        await client.km.interrupt_kernel()
        await running
        interrupted = len(made())
        for index in (2, 3):
            await client.async_execute_cell(cells[index], index)
    assert cells[1].outputs[0].ename == "KeyboardInterrupt"
    assert interrupted < 300
    assert cells[2].outputs[0].text == "300 steps: 300 done.\n"
    assert cells[3].outputs == []
    assert sorted(made()) == list(range(300))


async def test_error_of_the_block(shop: ShopClient, tmp_path: Path) -> None:
    """An error of the block's own comes out, although Ctrl-C was pressed before."""

    async def job() -> None:
        async with bulk.run(tmp_path / "job", [bulk.step("a", shop.call, "Any/Create")]):
            signal.raise_signal(signal.SIGINT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await job()


async def pressed(count: int) -> list[str]:
    """Press Ctrl-C some times while two runs last; return what each of them does."""
    done: list[str] = []
    runs = [
        Interrupts(partial(done.append, f"{name} drains"), partial(done.append, f"{name} ends"))
        for name in ("a", "b")
    ]
    for run in runs:
        run.take()
    for _ in range(count):
        signal.raise_signal(signal.SIGINT)
    await asyncio.sleep(0)
    assert [run.count for run in runs] == [count, count]
    for run in runs:
        run.give_back()
    return done


async def test_two_runs() -> None:
    """Each of the runs that last gets every Ctrl-C; the first one to end does not take it from the other."""
    assert await pressed(1) == ["a drains", "b drains"]
    assert await pressed(2) == ["a drains", "b drains", "a ends", "b ends"]


async def test_without_the_main_thread() -> None:
    """In another thread, Ctrl-C stays with the program; giving back what was not taken does nothing."""
    run = Interrupts(lambda: None, lambda: None)
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run.take)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) == before
    run.give_back()


async def test_ignored() -> None:
    """A program that ignores Ctrl-C still does."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = Interrupts(lambda: None, lambda: None)
        run.take()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.raise_signal(signal.SIGINT)
        assert run.count == 0
        run.give_back()
    finally:
        signal.signal(signal.SIGINT, before)


async def test_another_handler() -> None:
    """A handler that the program has set during the run stays."""
    before = signal.getsignal(signal.SIGINT)
    run = Interrupts(lambda: None, lambda: None)
    run.take()
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        run.give_back()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
