"""What a cluster must have before an export starts, and errors that say what is missing."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from distributed import Client, Scheduler, Worker, WorkerPlugin

from etelecom_async._version import __version__
from etelecom_async.errors import ClusterError
from etelecom_async.history import dask_cluster
from etelecom_async.history.dask_cluster import connected
from etelecom_async.history.dask_plugin import CallsPlugin


@pytest.fixture
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a scheduler in this process, with a worker."""
    folder = str(tmp_path_factory.mktemp("worker"))
    async with (
        Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler,
        Worker(scheduler.address, host="127.0.0.1", nthreads=3, dashboard=False, local_directory=folder),
    ):
        yield scheduler.address


async def test_client(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of the caller gives the address, and stays open; workers answer for their folder."""
    async with Client(address, asynchronous=True, set_as_default=False) as client:
        async with connected(client) as cluster:
            threads = await cluster.threads()
            assert list(threads.values()) == [3]
            await cluster.check_packages()
            (worker,) = threads
            key_file = tmp_path / "plugin.key"
            wrong = await cluster.problems_of(threads, key_file)
            assert wrong == {worker: f"cannot write into {tmp_path}: it is another folder with the same path"}
            key_file.touch()
            assert await cluster.problems_of(threads, key_file) == {worker: None}
            monkeypatch.setattr(dask_cluster, "_ANSWER", 0.5)
            gone = "tcp://127.0.0.1:1"
            problems = await cluster.problems_of([gone, worker], key_file)
            assert problems[worker] is None
            assert (problems[gone] or "").startswith("does not answer: ")
        assert client.status == "running"


PLACES: list[tuple[str, str]] = [
    ("0.0.1", f"has etelecom-async 0.0.1, and this process has {__version__}: install one of them"),
    ("", "has no etelecom-async: install etelecom-async .* with its extra `dask` there"),
]


@pytest.mark.parametrize(("version", "problem"), PLACES, ids=["other version", "missing"])
async def test_packages(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, problem: str
) -> None:
    """A process with another version, or without the package, is an error that names the process."""

    def version_there(name: str) -> str:
        if not version:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(dask_cluster, "version", version_there)
    async with connected(address) as cluster:
        with pytest.raises(ClusterError, match=f"the scheduler at {address} {problem}"):
            await cluster.check_packages()
        # The same holds for a worker that comes later.
        (found,) = (await cluster.problems_of(await cluster.threads(), tmp_path)).values()
        assert re.match(problem, found or "")


def plugins_of(dask_scheduler: Any) -> list[str]:
    """Return the plugins that new workers get."""
    return list(dask_scheduler.worker_plugins)


class _Broken(WorkerPlugin):
    name = "broken"

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - the name is that of Dask
        raise RuntimeError("a text with a secret")


async def test_plugin_that_fails(address: str) -> None:
    """The error of a worker that refuses the plugin is not shown, because it may have anything in it."""
    async with connected(address) as cluster:
        with pytest.raises(ClusterError, match="it raised RuntimeError") as caught:
            async with cluster.plugin(cast("CallsPlugin", _Broken())):
                pass
        assert "secret" not in str(caught.value)
        found: Any = await cluster.client.run_on_scheduler(plugins_of)
        assert "broken" not in found


async def test_lost_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that has ended is an error, and no wait without end."""
    scheduler = await Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0")
    async with connected(scheduler.address) as cluster:
        await scheduler.close()
        monkeypatch.setattr(dask_cluster, "_CONNECT", 0.5)
        with pytest.raises(ClusterError, match="does not answer"):
            await cluster.threads()


async def test_scheduler_that_is_lost_later(address: str) -> None:
    """An error of a client that has lost its scheduler says so; other errors stay as they are."""

    async def use(error: Exception | None) -> None:
        async with connected(address) as cluster:
            if error is not None:
                raise error
            await cluster.client.close()
            await cluster.threads()

    with pytest.raises(ClusterError, match=f"the scheduler at {address} is lost") as caught:
        await use(None)
    assert "ConnectionPool" not in str(caught.value)
    with pytest.raises(RuntimeError, match="of the caller"):
        await use(RuntimeError("of the caller"))
