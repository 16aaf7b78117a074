"""The plugin of the workers: it has the keys, hides them, and stops its reads."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from etelecom_async import ShopClient
from etelecom_async.history.dask_plugin import CallsPlugin, LoopThread, problem_of_folder
from etelecom_async.history.shop_access import ShopAccess
from etelecom_async.history.spans import MARGIN, Span
from etelecom_async.history.window_folder import WindowFolder
from etelecom_async.history.window_reading import Orders
from etelecom_async.testing import sandbox

SPAN = Span.of("2025-09-01", "2025-09-02")


def orders_in(folder: WindowFolder) -> Orders:
    """Return orders for one window."""
    return Orders(span=SPAN, windows=[SPAN], filters={}, limit=None, margin=MARGIN, files=folder.files)


async def test_plugin(tmp_path: Path) -> None:
    """A pickled plugin reads with its keys, shows none of them, and reads no more after it was removed."""
    folder = WindowFolder(tmp_path / "calls", "key", ("day",), "parquet")
    folder.open([SPAN])
    folder.prepare("1")
    async with (
        sandbox(until="2025-09-02") as service,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        plugin = CallsPlugin.of("calls", orders_in(folder), {"1": await ShopAccess.of(shop)}, 100.0)
        secret = service.shop_key.partition(":")[2]
        sent: CallsPlugin = pickle.loads(pickle.dumps(plugin))
        worker = cast("Any", None)
        sent.setup(worker)
        assert secret not in repr(sent) + repr(vars(sent))
        assert secret.encode() not in pickle.dumps(plugin)  # a worker that cannot load it logs these bytes
        assert secret.encode() not in plugin.key_file.read_bytes()
        result = await asyncio.to_thread(sent.read, "1", 0)
        assert (result.error, result.counts.requests > 0) == (None, True)
        await sent.teardown(worker)
        with pytest.raises(RuntimeError, match="the export has ended"):
            sent.read("1", 0)
        await plugin.teardown(worker)  # it has read nothing
        later = CallsPlugin.of("calls", orders_in(folder), {"1": await ShopAccess.of(shop)}, 100.0)
        assert later.key_file != plugin.key_file
        assert (later.key_file.exists(), plugin.key_file.exists()) == (True, False)
    folder.close(is_whole=True)


async def test_loop_thread() -> None:
    """The end of the loop ends what waits in it, and refuses what comes later."""
    thread = LoopThread()
    closed: list[int] = []

    async def close() -> None:
        closed.append(1)
        with pytest.raises(RuntimeError, match="the export has ended"):  # not a wait without end
            await asyncio.to_thread(thread.wait, asyncio.Event().wait())

    waiting = asyncio.create_task(asyncio.to_thread(thread.wait, asyncio.Event().wait()))
    assert await asyncio.to_thread(thread.wait, asyncio.sleep(0, "result")) == "result"
    await asyncio.to_thread(thread.stop, close())
    with pytest.raises(RuntimeError, match="the export has ended"):
        await waiting
    assert closed == [1]


def _remove(folder: Path) -> None:
    folder.rmdir()


CASES: list[tuple[Callable[[Path], object], str | None]] = [
    (lambda folder: (folder / "plugin.key").touch(), None),
    (lambda folder: (folder / "other.key").touch(), "it is another folder with the same path"),
    (lambda folder: (folder.rmdir(), folder.touch()), "Not a directory"),
    (_remove, "No such file or directory"),
]


@pytest.mark.parametrize(("prepare", "problem"), CASES, ids=["right", "other", "file", "missing"])
def test_folder(tmp_path: Path, prepare: Callable[[Path], object], problem: str | None) -> None:
    """A worker can write into the folder only if the file of the plugin is there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    prepare(folder)
    assert problem_of_folder(str(folder / "plugin.key")) == problem
