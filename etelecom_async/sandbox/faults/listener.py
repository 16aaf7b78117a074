"""Faults of new connections: a connection is reset instead of being served."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from typing import Final, cast

from aiohttp import web

from etelecom_async.sandbox.faults.injector import FaultInjector
from etelecom_async.sandbox.faults.spec import Target

# With a linger time of 0, closing sends a reset instead of a normal end.
_NO_LINGER: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


def reset(transport: asyncio.Transport | None) -> None:
    """Reset a connection, as a broken network does; unsent data is lost."""
    if transport is None:
        return
    # The socket may be closed already.
    with contextlib.suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


class Listener(web.BaseSite):
    """
    Listens for connections, and resets those to which a fault applies.

    Args:
        runner: Serves the other connections.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        faults: The active faults.
        on_connect: Called with the protocol of each connection that is served.
    """

    def __init__(
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        faults: FaultInjector,
        on_connect: Callable[[web.RequestHandler], None],
    ) -> None:
        super().__init__(runner)
        self._host: Final = host
        self._port: Final = port
        self._faults: Final = faults
        self._on_connect: Final = on_connect

    @property
    def name(self) -> str:
        """Return the address."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Start to listen."""
        await super().start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._create_protocol, self._host, self._port)

    def _create_protocol(self) -> asyncio.BaseProtocol:
        serve = self._runner.server
        if serve is None or (self._faults and self._faults.match(Target.CONNECTION)):
            return _ResetProtocol()
        protocol = serve()
        self._on_connect(protocol)
        return protocol


class _ResetProtocol(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        reset(cast("asyncio.Transport", transport))
