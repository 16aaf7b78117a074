"""
Orders with Starlette: the client lives in the lifespan.

    uvicorn --app-dir examples/services starlette_orders:app
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from employees import find
from outbox import Outbox, open_outbox
from replies import Reply, reply_to
from settings import Settings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from etelecom_async import errors


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, Outbox]]:
    """Open the outbox when the service starts; at the end, its sends finish first."""
    async with open_outbox(Settings.read()) as outbox:
        yield {"outbox": outbox}


def response(reply: Reply) -> JSONResponse:
    """Return a reply as a response of Starlette."""
    return JSONResponse(reply.body, reply.status, reply.headers)


async def failed(_: Request, error: Exception) -> JSONResponse:
    """Turn an error of the SDK into a response."""
    assert isinstance(error, errors.EtelecomError)  # noqa: S101 - Starlette types handlers for any exception
    return response(reply_to(error))


async def post_order(request: Request) -> JSONResponse:
    """Store an order, and send its message."""
    outbox: Outbox = request.state.outbox
    try:
        data = await request.json()
    except ValueError:
        data = None
    return response(await outbox.post(data))


async def get_order(request: Request) -> JSONResponse:
    """Return the state of an order's message."""
    outbox: Outbox = request.state.outbox
    return response(await outbox.get(request.path_params["number"]))


async def get_employees(request: Request) -> JSONResponse:
    """Return the employees with a phone number."""
    outbox: Outbox = request.state.outbox
    return response(await find(outbox.shop, request.query_params.get("phone", "")))


app = Starlette(
    routes=[
        Route("/orders", post_order, methods=["POST"]),
        Route("/orders/{number}", get_order),
        Route("/employees", get_employees),
    ],
    exception_handlers={errors.EtelecomError: failed},
    lifespan=lifespan,
)
