"""
Read windows in a worker of Dask.

The plugin brings keys, orders and the rate of the worker. A task only names its shop and its window. So no
key is in a task, in the graph or in the texts that Dask shows.
"""

from __future__ import annotations

import asyncio
import pickle
import secrets
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, Self, cast

from distributed import Worker, WorkerPlugin, get_worker

from etelecom_async._core import private_files
from etelecom_async.history.shop_access import ShopAccess, ShopClients, dumps_with_secrets
from etelecom_async.history.window_reading import Orders, WindowResult, read_window

_KEY_FILES: Final = "plugin-*.key"
"""Names of the files that decrypt plugins. Each plugin has a new name, which no cache of NFS knows."""
_ENDED: Final = "the export has ended"
_CLEAN_UP: Final = 5.0
"""Seconds to wait for reads that were stopped."""


class CallsPlugin(WorkerPlugin):
    """
    The keys and the orders of an export, in each worker.

    A worker that cannot load a plugin writes its bytes into its log. So they are encrypted, with a key of
    the same length that is used once, in a private file of the shared folder.

    Args:
        name: The name of the plugin.
        key_file: The file that decrypts it.
        encrypted: The orders, and the access of each shop by its id.
        rate: The rate of each worker.
    """

    def __init__(self, name: str, key_file: Path, encrypted: bytes, rate: float) -> None:
        self.name = name
        self.key_file = key_file
        self._encrypted = encrypted
        self._rate = rate
        self._orders: Orders | None = None
        self._reader: LoopThread | None = None
        self._clients: ShopClients | None = None
        self._lock = threading.Lock()
        self._has_ended = threading.Condition(self._lock)
        self._reads = 0
        """Reads that run now."""
        self._was_removed = False

    @classmethod
    def of(cls, name: str, orders: Orders, accesses: Mapping[str, ShopAccess], rate: float) -> Self:
        """
        Return a plugin, and write the file that decrypts it. Remove those of plugins before it.

        Args:
            name: The name of the plugin.
            orders: What to read.
            accesses: The access of each shop, by its id.
            rate: The rate of each worker.
        """
        content = dumps_with_secrets((orders, dict(accesses)))
        key = secrets.token_bytes(len(content))
        folder = orders.files.folder
        for earlier in folder.glob(_KEY_FILES):
            earlier.unlink()
        key_file = folder / _KEY_FILES.replace("*", secrets.token_hex(8))
        private_files.replace(key_file, key)
        return cls(name, key_file, _combined(content, key), rate)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.key_file, self._encrypted, self._rate)

    def setup(self, worker: Worker) -> None:
        """Do nothing yet: the first task starts the event loop."""

    async def teardown(self, worker: Worker) -> None:
        """Stop all reads, close the connections, and forget the keys."""
        del worker
        with self._lock:
            reader, clients = self._reader, self._clients
            self._reader, self._clients, self._was_removed = None, None, True
        if reader is not None and clients is not None:
            await asyncio.to_thread(reader.stop, clients.close())
            await asyncio.to_thread(self._wait_for_reads)

    def _wait_for_reads(self) -> None:
        """Wait until the threads of the tasks have removed their files."""
        with self._has_ended:
            self._has_ended.wait_for(lambda: not self._reads, timeout=_CLEAN_UP)

    def read(self, shop_id: str, number: int) -> WindowResult:
        """
        Read a window of a shop into files; see `read_window`.

        Raises:
            RuntimeError: The export has ended.
        """
        with self._lock:
            if self._was_removed:
                raise RuntimeError(_ENDED)
            if self._orders is None or self._reader is None or self._clients is None:
                self._orders, accesses = self._decrypted()
                # All tasks of this process share one limiter, so it does not matter how many threads it has.
                self._clients = ShopClients(accesses, self._rate)
                self._reader = LoopThread()
            orders, reader, clients = self._orders, self._reader, self._clients
            client = clients.client(shop_id)
            self._reads += 1
        try:
            return read_window(orders, client, shop_id, number, reader.wait)
        finally:
            with self._has_ended:
                self._reads -= 1
                self._has_ended.notify_all()

    def _decrypted(self) -> tuple[Orders, Mapping[str, ShopAccess]]:
        key = self.key_file.read_bytes()
        found: Any = pickle.loads(_combined(self._encrypted, key))  # noqa: S301 - `of` has made them
        return cast("tuple[Orders, Mapping[str, ShopAccess]]", found)


def _combined(content: bytes, key: bytes) -> bytes:
    """Return the exclusive or of two texts of one length: it encrypts, and decrypts again."""
    number = int.from_bytes(content, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(len(content), "big")


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="etelecom-calls", daemon=True)
        self._lock = threading.Lock()
        self._is_ending = False
        self._thread.start()

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        """
        Run a coroutine in the loop, and return its result.

        Raises:
            RuntimeError: The loop ends.
        """
        with self._lock:
            if self._is_ending:  # it would wait for ever
                work.close()
                raise RuntimeError(_ENDED)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise RuntimeError(_ENDED) from None

    def stop(self, last: Coroutine[Any, Any, Any]) -> None:
        """Cancel what runs in the loop, run a last coroutine, and end the thread."""
        with self._lock:
            self._is_ending = True
        for work in (_cancel_others(), last):
            asyncio.run_coroutine_threadsafe(work, self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def read_in_worker(plugin: str, shop_id: str, number: int) -> WindowResult:
    """
    Read a window. This is a task of Dask.

    Args:
        plugin: The name of the plugin.
        shop_id: The id of the shop.
        number: The number of the window.
    """
    found: Any = get_worker().plugins[plugin]
    return cast("CallsPlugin", found).read(shop_id, number)


def problem_of_folder(key_file: str) -> str | None:
    """
    Return why this process cannot write into the folder of an export; `None` if it can.

    Args:
        key_file: The file in the folder that decrypts the plugin.
    """
    path = Path(key_file)
    try:
        with TemporaryFile(dir=path.parent), path.open("rb"):
            return None
    except FileNotFoundError as error:
        return "it is another folder with the same path" if path.parent.is_dir() else error.strerror
    except OSError as error:
        return error.strerror or type(error).__name__
