"""
Receive webhooks in an application of aiohttp.

    app.add_subapp("/webhooks", receiver(router))

The URL of the webhook is then `https://…/webhooks/<secret>`.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.http import HttpProcessingError

from etelecom_async.webhooks import answers, bodies
from etelecom_async.webhooks.answers import Answer
from etelecom_async.webhooks.router import Router


def receiver(router: Router) -> web.Application:
    """
    Return an application for `add_subapp`, or for a server of its own.

    When the server stops, the application handles the events that are left, and closes the router. The
    clients of the outer application are still open then, if its `cleanup_ctx` closes them.

    Args:
        router: The router. It belongs to this application.
    """

    async def receive(request: web.Request) -> web.Response:
        answer = await _answer(router, request)
        response = web.Response(status=answer.status, body=answer.body, headers=answer.all_headers)
        if answer.closes:
            response.force_close()
        return response

    async def start(_: web.Application) -> None:
        await router.__aenter__()

    async def stop(_: web.Application) -> None:
        await router.close()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receive)
    app.on_startup.append(start)
    app.on_shutdown.append(stop)  # before the cleanup of any application
    return app


async def _answer(router: Router, request: web.Request) -> Answer:
    headers = request.headers
    refusal = router.refusal(
        method=request.method,
        path=request.path,
        length=headers.get("Content-Length"),
        encoding=headers.get("Content-Encoding"),
    )
    if refusal is not None:
        return refusal

    async def next_piece() -> bytes | None:
        return await request.content.readany() or None

    limits = router.limits
    try:
        body = await bodies.receive(next_piece, max_bytes=limits.max_bytes, seconds=limits.body_seconds)
    except bodies.BodyTooLargeError:
        return answers.TOO_LARGE
    except bodies.BodyTooSlowError:
        return answers.TOO_SLOW
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
        return answers.BROKEN  # the body broke off, or is no HTTP
    return await router.accept(body)
