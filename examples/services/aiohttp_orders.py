"""
Orders with aiohttp.web: the client lives in `cleanup_ctx`.

    python examples/services/aiohttp_orders.py
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.typedefs import Handler
from employees import find
from outbox import Outbox, open_outbox
from replies import Reply, reply_to
from settings import Settings

from etelecom_async import errors

OUTBOX = web.AppKey("outbox", Outbox)


async def connect(app: web.Application) -> AsyncIterator[None]:
    """Open the outbox when the service starts; at the end, its sends finish first."""
    async with open_outbox(Settings.read()) as app[OUTBOX]:
        yield


def response(reply: Reply) -> web.Response:
    """Return a reply as a response of aiohttp."""
    return web.json_response(reply.body, status=reply.status, headers=reply.headers)


@web.middleware
async def errors_to_statuses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors of the SDK into responses."""
    try:
        return await handler(request)
    except errors.EtelecomError as error:
        return response(reply_to(error))


async def post_order(request: web.Request) -> web.Response:
    """Store an order, and send its message."""
    try:
        data = await request.json()
    except ValueError:
        data = None
    return response(await request.app[OUTBOX].post(data))


async def get_order(request: web.Request) -> web.Response:
    """Return the state of an order's message."""
    return response(await request.app[OUTBOX].get(request.match_info["number"]))


async def get_employees(request: web.Request) -> web.Response:
    """Return the employees with a phone number."""
    return response(await find(request.app[OUTBOX].shop, request.query.get("phone", "")))


def make_app() -> web.Application:
    """Return the service."""
    app = web.Application(middlewares=[errors_to_statuses])
    app.cleanup_ctx.append(connect)
    app.router.add_post("/orders", post_order)
    app.router.add_get("/orders/{number}", get_order)
    app.router.add_get("/employees", get_employees)
    return app


if __name__ == "__main__":
    # At SIGTERM, it waits up to `shutdown_timeout` (60 seconds) for requests, and then for `connect`.
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
