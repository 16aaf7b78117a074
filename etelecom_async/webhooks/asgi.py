"""
Receive webhooks in an application of FastAPI, Starlette, Litestar, or any other of ASGI, with asyncio.

    app.mount("/webhooks", receiver(router))

The URL of the webhook is then `https://…/webhooks/<secret>`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from etelecom_async.webhooks import answers, bodies
from etelecom_async.webhooks.answers import Answer
from etelecom_async.webhooks.router import Router

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


def receiver(router: Router) -> AsgiReceiver:
    """
    Return an application of ASGI, to mount or to run by itself.

    A mounted application does not hear that the server stops. So put `async with router:` into the lifespan
    of the outer application. It handles the events that are left.

    Args:
        router: The router. It works in one event loop.
    """
    return AsgiReceiver(router)


class AsgiReceiver:
    """
    An application of ASGI that receives webhooks.

    Args:
        router: The router.
    """

    def __init__(self, router: Router) -> None:
        self._router: Final = router

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close"})
            case _:
                raise NotImplementedError(scope["type"])

    async def _serve(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except _LeftError:
            return  # nobody hears the response
        # HTTP/2 forbids headers of the connection.
        is_closing = answer.closes and scope.get("http_version", "1.1").startswith("1")
        headers = {**answer.all_headers, **({"Connection": "close"} if is_closing else {})}
        await send(
            {
                "type": "http.response.start",
                "status": int(answer.status),
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        refusal = self._router.refusal(
            method=scope["method"],
            path=scope["path"],
            length=headers.get(b"content-length", b"").decode("latin-1"),
            encoding=headers.get(b"content-encoding", b"").decode("latin-1"),
        )
        if refusal is not None:
            return refusal
        limits = self._router.limits
        try:
            body = await bodies.receive(
                _Pieces(receive).next_piece, max_bytes=limits.max_bytes, seconds=limits.body_seconds
            )
        except bodies.BodyTooLargeError:
            return answers.TOO_LARGE
        except bodies.BodyTooSlowError:
            return answers.TOO_SLOW
        return await self._router.accept(body)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._router.__aenter__()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._router.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _LeftError(Exception):
    """The sender has closed the connection in the middle of the body."""


class _Pieces:
    """The pieces of a body, from the messages of the server."""

    def __init__(self, receive: Receive) -> None:
        self._receive: Final = receive
        self._is_over = False

    async def next_piece(self) -> bytes | None:
        """Return the next piece; `None` at the end."""
        if self._is_over:
            return None
        message = await self._receive()
        if message["type"] != "http.request":
            raise _LeftError
        self._is_over = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece
