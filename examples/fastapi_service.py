"""
Find employees by phone, and notify customers by ZNS, in a web service with FastAPI.

One client serves all requests, for as long as the service runs.

    pip install fastapi uvicorn
    uvicorn --app-dir examples fastapi_service:app

`ETELECOM_SHOP_API_KEY` is a partner's key for the shop. `ZNS_OA_ID` is the id of an official account, and
`ZNS_TEMPLATE_ID` that of a template. The tests are in test_fastapi_service.py, in this folder.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from etelecom_async import ShopClient, errors, phones
from etelecom_async.models import AccountUser

OA_ID, TEMPLATE_ID = os.environ["ZNS_OA_ID"], int(os.environ["ZNS_TEMPLATE_ID"])
REFUSED = (errors.InvalidRequestError, errors.InvalidArgumentError, errors.DeliveryError)
OURS = (errors.ConfigurationError, errors.UnauthenticatedError, errors.PermissionDeniedError)
BUSY = (errors.ResourceExhaustedError, errors.QuotaError, errors.ConnectError, errors.QueueTimeoutError)
STATUS = ((503, BUSY), (422, REFUSED), (500, OURS))  # docs/web-services.md has the reasons


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the client when the service starts, and close it when the service stops."""
    async with ShopClient(deadline=5, queue_timeout=2) as app.state.shop:
        yield


async def shop_of(request: Request) -> Any:
    """Return the client of the service."""
    return request.app.state.shop


Shop = Annotated[ShopClient, Depends(shop_of)]
Phone = Annotated[str, AfterValidator(phones.national)]
app = FastAPI(lifespan=lifespan)


@app.exception_handler(errors.EtelecomError)
async def failed(_: Request, error: errors.EtelecomError) -> JSONResponse:
    """Answer 500 if the message may have been sent, so that nobody repeats the request."""
    status = next((status for status, kinds in STATUS if isinstance(error, kinds)), 502)
    return JSONResponse({"detail": str(error)}, 500 if error.may_have_happened else status)


@app.get("/employees")
async def employees(phone: Phone, shop: Shop) -> list[AccountUser]:
    """Return the employees with a phone number, in whatever form it is written."""
    return [user for form in phones.forms(phone) async for user in shop.users.list(phone=form)]


@app.post("/notices")
async def notify(shop: Shop, phone: Annotated[Phone, Body()], data: Annotated[dict[str, str], Body()]) -> str:
    """Send a ZNS with these data of its template, and return its id."""
    sent = await shop.zns.messages.send(oa_id=OA_ID, template_id=TEMPLATE_ID, phone=phone, template_data=data)
    return sent.msg_id
