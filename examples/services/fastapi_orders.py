"""
Orders with FastAPI: the client lives in the lifespan, and a dependency gives it to handlers.

    uvicorn --app-dir examples/services --workers 2 fastapi_orders:app
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from employees import find
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from outbox import Outbox, open_outbox
from pydantic import BaseModel
from replies import Reply, reply_to
from settings import Settings

from etelecom_async import errors


class NewOrder(BaseModel):
    """The body of a new order."""

    number: str
    customer: str
    phone: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the outbox when the service starts; at the end, its sends finish first."""
    async with open_outbox(Settings.read()) as app.state.outbox:
        yield


async def outbox_of(request: Request) -> Any:
    """Return the outbox of this process."""
    return request.app.state.outbox


Box = Annotated[Outbox, Depends(outbox_of)]
app = FastAPI(lifespan=lifespan)


def response(reply: Reply) -> JSONResponse:
    """Return a reply as a response of FastAPI."""
    return JSONResponse(reply.body, reply.status, reply.headers)


@app.exception_handler(errors.EtelecomError)
async def failed(_: Request, error: errors.EtelecomError) -> JSONResponse:
    """Turn an error of the SDK into a response."""
    return response(reply_to(error))


@app.exception_handler(RequestValidationError)
async def wrong(_: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong; the response of FastAPI would also repeat the body, with the phone number."""
    problems = [{"loc": problem["loc"], "msg": problem["msg"]} for problem in error.errors()]
    return response(Reply(422, {"detail": problems}))


@app.post("/orders")
async def post_order(order: NewOrder, outbox: Box) -> JSONResponse:
    """Store an order, and send its message."""
    return response(await outbox.post(order.model_dump()))


@app.get("/orders/{number}")
async def get_order(number: str, outbox: Box) -> JSONResponse:
    """Return the state of an order's message."""
    return response(await outbox.get(number))


@app.get("/employees")
async def get_employees(phone: str, outbox: Box) -> JSONResponse:
    """Return the employees with a phone number."""
    return response(await find(outbox.shop, phone))
