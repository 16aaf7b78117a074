"""Start a scheduler and workers of Dask as processes of this machine, so that workers can be killed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs
from distributed import Client

_PATIENCE: Final = 120
"""Seconds to wait for a process."""
_KEPT: Final = {"PATH", "LANG", "SYSTEMROOT", "HOME"}


@attrs.define
class Server:
    """A process of the cluster."""

    process: asyncio.subprocess.Process
    log: Path
    """What it has written."""

    def kill(self) -> None:
        """Kill the process, as the system does when memory ends."""
        self.process.send_signal(signal.SIGKILL)


@attrs.define
class DaskCluster:
    """A scheduler and its workers."""

    address: str
    """The address of the scheduler."""
    pages: str
    """The URL of the scheduler's pages."""
    scheduler: Server
    _folder: Path
    _stack: AsyncExitStack
    workers: list[Server] = attrs.field(factory=list)

    async def add_worker(self, *options: str) -> Server:
        """Start a worker; it may not have connected yet."""
        number = len(self.workers)
        worker = await self._stack.enter_async_context(
            _server(
                self._folder / f"worker-{number}.log",
                ("distributed.cli.dask_worker", self.address, "--host", "127.0.0.1", "--nthreads", "2"),
                (*(options or ("--no-nanny",)), "--no-dashboard", "--local-directory", str(self._folder)),
            )
        )
        self.workers.append(worker)
        return worker

    async def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers have connected."""
        async with connected(self.address) as client:
            async with asyncio.timeout(_PATIENCE):
                await client.wait_for_workers(count)

    def logs(self) -> str:
        """Return what all processes have written."""
        servers = (self.scheduler, *self.workers)
        logs = [server.log for server in servers if server.log.exists()]
        return "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[Any]:
    """Return a client of a scheduler."""
    new: Any = Client
    client: Any = await new(address, asynchronous=True, set_as_default=False)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def dask_cluster(folder: Path, workers: int = 2) -> AsyncGenerator[DaskCluster]:
    """
    Run a cluster. All of its processes are killed at the end.

    Args:
        folder: For logs and files.
        workers: Workers to start, and to wait for.
    """
    async with AsyncExitStack() as stack:
        options = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        log = folder / "scheduler.log"
        scheduler = await stack.enter_async_context(
            _server(log, ("distributed.cli.dask_scheduler",), options, until="dashboard at:")
        )
        text = log.read_text(encoding="utf-8")
        (address,) = re.findall(r"Scheduler at: +(tcp://\S+)", text)
        pages = re.findall(r"dashboard at: +(http://[^/\s]+)", text)
        cluster = DaskCluster(address, pages[0], scheduler, folder, stack)
        await asyncio.gather(*(cluster.add_worker() for _ in range(workers)))
        if workers:
            await cluster.wait_for_workers(workers)
        yield cluster


@asynccontextmanager
async def _server(
    log: Path, command: tuple[str, ...], options: tuple[str, ...], *, until: str = ""
) -> AsyncGenerator[Server]:
    """Run a module in a process; wait until its log has a text, if one is given."""
    kept: Mapping[str, str] = {name: text for name, text in os.environ.items() if name in _KEPT}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", *command, *options),
        env={**kept, "PYTHONUNBUFFERED": "1"},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    errors = process.stderr
    if errors is None:
        raise RuntimeError("the errors of the process are not a pipe")
    has_text = asyncio.Event()

    async def read() -> None:
        with log.open("wb", buffering=0) as file:
            async for line in errors:
                file.write(line)
                if until in line.decode(errors="replace"):
                    has_text.set()
        has_text.set()

    reading = asyncio.create_task(read())
    try:
        if until:
            async with asyncio.timeout(_PATIENCE):
                await has_text.wait()
        yield Server(process, log)
    finally:
        # The workers of a nanny are in its session.
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await reading
