"""
Orders with Litestar: the client lives in the lifespan, and a dependency gives it to handlers.

    uvicorn --app-dir examples/services litestar_orders:app
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from employees import find
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from outbox import Outbox, open_outbox
from replies import Reply, reply_to
from settings import Settings

from etelecom_async import errors


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncGenerator[None]:
    """Open the outbox when the service starts; at the end, its sends finish first."""
    async with open_outbox(Settings.read()) as app.state.outbox:
        yield


async def outbox_of(state: State) -> Outbox:
    """Return the outbox of this process."""
    outbox: Outbox = state.outbox
    return outbox


def response(reply: Reply) -> Response[dict[str, Any]]:
    """Return a reply as a response of Litestar."""
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


def failed(_: Request[Any, Any, Any], error: errors.EtelecomError) -> Response[dict[str, Any]]:
    """Turn an error of the SDK into a response."""
    return response(reply_to(error))


Box = NamedDependency[Outbox]


@post("/orders")
async def post_order(data: JSONBody[Any], outbox: Box) -> Response[dict[str, Any]]:
    """Store an order, and send its message."""
    return response(await outbox.post(data))


@get("/orders/{number:str}")
async def get_order(number: FromPath[str], outbox: Box) -> Response[dict[str, Any]]:
    """Return the state of an order's message."""
    return response(await outbox.get(number))


@get("/employees")
async def get_employees(phone: FromQuery[str], outbox: Box) -> Response[dict[str, Any]]:
    """Return the employees with a phone number."""
    return response(await find(outbox.shop, phone))


app = Litestar(
    [post_order, get_order, get_employees],
    lifespan=[lifespan],
    dependencies={"outbox": Provide(outbox_of)},
    exception_handlers={errors.EtelecomError: failed},
    logging_config=None,  # the server configures the logs
)
