"""What befalls a connection as soon as it is there: it is reset in place of being served."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from typing import Final, cast

from aiohttp import web

from etelecom_async.sandbox.faults.fault import Target
from etelecom_async.sandbox.faults.plan import Faults

# To linger for no time at all is to send a reset in place of a proper end.
_NO_LINGER: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


def reset(transport: asyncio.Transport | None) -> None:
    """End a connection as a broken network does, with all that was not sent yet."""
    if transport is None:
        return
    # The socket may be closed already.
    with contextlib.suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


class Listener(web.BaseSite):
    """
    Listens, and refuses the connections that a fault strikes.

    Args:
        runner: Serves the others.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        faults: The faults in force.
    """

    def __init__(self, runner: web.BaseRunner, host: str, port: int, faults: Faults) -> None:
        super().__init__(runner)
        self._host: Final = host
        self._port: Final = port
        self._faults: Final = faults

    @property
    def name(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen from now on."""
        await super().start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._receive, self._host, self._port)

    def _receive(self) -> asyncio.BaseProtocol:
        serve = self._runner.server
        if serve is None or (self._faults and self._faults.strike(Target.CONNECTION)):
            return _Refusal()
        return serve()


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        reset(cast("asyncio.Transport", transport))
