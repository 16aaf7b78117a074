"""
Test the FastAPI service against the sandbox.

    pip install pytest pytest-asyncio httpx
    pytest -o asyncio_mode=auto test_fastapi_service.py
"""

import importlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from etelecom_async import ShopClient
from etelecom_async.testing import Fault, Sandbox, sandbox

SEND = "shop.zns.messages.send"


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """Run the sandbox."""
    async with sandbox() as running:
        yield running


@pytest.fixture
async def shop(service: Sandbox) -> AsyncIterator[ShopClient]:
    """Open a client that prepares what a test needs."""
    async with ShopClient(service.shop_key, base_url=service.base_url) as client:
        yield client


@pytest.fixture
async def http(
    service: Sandbox, shop: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service against the sandbox, without a port of its own, with an account and a template."""
    accounts = [account async for account in shop.zalo.accounts.list() if account.status == "P"]
    oa_id = max(accounts, key=lambda account: str(account.expires_at)).oa_id
    templates = [template async for template in shop.zns.templates.list(oa_id=oa_id, type="table")]
    template = next(template for template in templates if template.template_status == "ENABLE")
    settings = {
        "ETELECOM_BASE_URL": service.base_url,
        "ETELECOM_SHOP_API_KEY": service.shop_key,
        "ZNS_OA_ID": oa_id,
        "ZNS_TEMPLATE_ID": str(template.template_id),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    app = importlib.reload(importlib.import_module("fastapi_service")).app
    transport = httpx.ASGITransport(app)  # it does not run the lifespan
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield client


async def test_employees(http: httpx.AsyncClient, shop: ShopClient) -> None:
    """An employee is found by any form of the phone number."""
    an = await shop.users.create(full_name="Lê An", phone="0901234599", password="one-time-Pa55")
    response = await http.get("/employees", params={"phone": "+84 901 234 599"})
    assert [user["user_id"] for user in response.json()] == [an.user_id]
    nobody = await http.get("/employees", params={"phone": "0901234598"})
    assert (nobody.status_code, nobody.json()) == (200, [])


async def test_wrong_phone(http: httpx.AsyncClient, service: Sandbox) -> None:
    """A wrong number is refused before a call."""
    before = dict(service.requests.counts)
    response = await http.get("/employees", params={"phone": "12"})
    assert response.status_code == 422
    assert service.requests.counts == before


DATA = {"customer_name": "Lan", "order_code": "DH-1", "amount": "250000", "due_date": "30/11/2026"}
NOTICE = {"phone": "0901234567", "data": DATA}


async def test_notices(http: httpx.AsyncClient, service: Sandbox) -> None:
    """A notice is sent once, and its id comes back."""
    response = await http.post("/notices", json=NOTICE)
    assert response.status_code == 200, response.text
    assert response.json()
    assert service.processed[SEND] == 1


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (422, {"kind": "status", "status": 400, "code": "invalid_argument"}),
        (500, {"kind": "status", "status": 401, "code": "unauthenticated"}),
        (503, {"kind": "status", "status": 429, "code": "resource_exhausted", "retry_after": 60}),
        (500, {"kind": "reset_after"}),  # the message may have been sent: nobody may repeat the request
        (502, {"kind": "status", "status": 412, "code": "failed_precondition"}),
    ],
    ids=str,
)
async def test_errors(http: httpx.AsyncClient, service: Sandbox, status: int, fault: dict[str, Any]) -> None:
    """Each error has its status, and a notice in doubt is not sent again."""
    service.faults.add(Fault(operation=SEND, **fault))
    response = await http.post("/notices", json=NOTICE)
    assert response.status_code == status, response.text
    assert response.json()["detail"].startswith(SEND)
    assert service.requests.counts[SEND] == 1
