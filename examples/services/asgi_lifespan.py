"""Give a lifespan to an ASGI application that has none, such as Django's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


def with_lifespan(
    application: Application, lifespan: Callable[[], AbstractAsyncContextManager[dict[str, Any]]]
) -> Application:
    """
    Return the application with a lifespan: a context that is entered in the event loop of the server.

    Args:
        application: The ASGI application; it serves everything but the lifespan.
        lifespan: Returns the context. Its values are in `scope["state"]` of each request.
    """

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await application(scope, receive, send)
            return
        phase = "startup"
        await receive()
        try:
            async with lifespan() as values:
                scope["state"].update(values)
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except Exception as error:
            await send({"type": f"lifespan.{phase}.failed", "message": type(error).__name__})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    return serve
