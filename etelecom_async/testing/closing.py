"""Close clients outside of their event loops, where a synchronous fixture ends."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from etelecom_async.testing.diversion import Client


def close(client: Client) -> None:
    """
    Close a client in each event loop in which it has connections.

    A loop that runs in another thread closes them soon; a closed one has closed them already.
    """
    transport = cast("Any", client)._engine.transport
    for loop in transport.loops():
        if loop.is_closed():
            continue
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(transport.close(), loop)
        else:
            loop.run_until_complete(transport.close())
