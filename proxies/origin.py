"""The origin: a sandbox in another process, which can be killed, restarted and told to fail."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from proxies.servers import free_port, until_it_listens

_CONTENT: Final = ("--call-logs", "0", "--users", "4", "--extensions", "4", "--zns-messages", "0")
# More than the faults of connections that a stage has.
_CONNECTIONS: Final = 10


class Origin:
    """
    A sandbox that keeps its state in a file and accepts duplicates, so that each execution leaves a record.

    Args:
        file: File for the state.
    """

    def __init__(self, file: Path) -> None:
        self.port: Final = free_port()
        self.settings: dict[str, str] = {}
        """The keys and addresses that the sandbox prints."""
        self._file: Final = file
        self._process: asyncio.subprocess.Process | None = None
        self._http: Final = aiohttp.ClientSession(
            f"http://127.0.0.1:{self.port}",
            # A connection of a sandbox that was killed would be of no use.
            connector=aiohttp.TCPConnector(force_close=True),
        )

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self.kill()
        await self._http.close()

    async def start(self) -> None:
        """Start the sandbox, with the state that it had before."""
        options = ("--json", "--port", str(self.port), "--data", str(self._file), "--allow-duplicates")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "etelecom_async", "sandbox", *options, *_CONTENT),
            stdout=asyncio.subprocess.PIPE,
        )
        await until_it_listens(self.port, self._process)
        if self._process.stdout is None:
            raise RuntimeError("the sandbox has no output")
        self.settings = json.loads(await self._process.stdout.readline())

    async def kill(self) -> None:
        """Kill the sandbox at once; every confirmed change is in the file."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    async def _control(self, method: str, path: str, **body: Any) -> Any:
        for _ in range(_CONNECTIONS):
            # A fault of connections applies to these too; nothing was read from a connection that it resets.
            with suppress(
                aiohttp.ClientConnectorError, aiohttp.ClientOSError, aiohttp.ServerDisconnectedError
            ):
                async with self._http.request(method, f"/_sandbox/{path}", json=body or None) as response:
                    response.raise_for_status()
                    return await response.json()
        raise RuntimeError(f"the sandbox does not accept {method} /_sandbox/{path}")

    @asynccontextmanager
    async def failing(self, faults: Iterable[dict[str, Any]]) -> AsyncGenerator[None]:
        """Add faults, and remove them at the end."""
        await self._control("POST", "faults", faults=list(faults))
        try:
            yield
        finally:
            # A sandbox that was restarted has none; one that is down starts without any.
            if self._process is not None:
                await self._control("DELETE", "faults")

    async def until_requested(self, count: int) -> None:
        """Wait until so many requests have arrived since the start of the sandbox."""
        while await self.requests() < count:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)

    async def requests(self) -> int:
        """Return how many requests have arrived since the start of the sandbox."""
        total: int = (await self._control("GET", "requests"))["total"]
        return total

    async def execute_late_calls(self) -> None:
        """Advance the clock beyond the delay of every late call."""
        await self._control("POST", "clock", advance_seconds=60)
