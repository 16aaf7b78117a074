"""
Test the services of all frameworks against the sandbox, over HTTP.

    pip install pytest pytest-asyncio uvicorn
    pytest -o addopts= -o asyncio_mode=auto examples/services
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from conftest import ORDER, SEND, Caller, Running, sending, sends, settle
from outbox import open_outbox
from settings import Settings

from etelecom_async import ShopClient
from etelecom_async.testing import Fault, Sandbox

Run = Callable[[], AbstractAsyncContextManager[Running]]


@pytest.fixture
async def caller(run: Run, http: aiohttp.ClientSession) -> AsyncIterator[Caller]:
    """Run the service."""
    async with run() as running:
        yield Caller(http, running.url)


async def test_one_message_for_an_order(caller: Caller, service: Sandbox) -> None:
    """An order makes one message, also if its request is repeated; other data for its number are refused."""
    found = await asyncio.gather(caller.post(), caller.post({**ORDER, "phone": "0901234567"}), caller.post())
    assert {status for status, _ in found} <= {200, 202}
    assert await caller.until("accepted") == (200, "accepted")
    assert await caller.post() == (200, "accepted")
    assert (await caller.post({**ORDER, "customer": "An"}))[0] == 409
    assert await caller.state("DH-2") == await caller.state("DH%00") == (404, "")
    assert sends(service) == (1, 1)


WRONG: list[object] = [
    None,
    [],
    {},
    {**ORDER, "phone": "12"},
    {**ORDER, "number": 7},
    {**ORDER, "customer": " "},
    [ORDER["phone"]],
    {"phone": ORDER["phone"]},
    {**ORDER, "customer": "a\0"},
]


async def test_wrong_orders(caller: Caller, service: Sandbox) -> None:
    """Wrong orders are refused, and send nothing. No response repeats the phone number."""
    bodies = [*(json.dumps(order) for order in WRONG), "", json.dumps(ORDER)[:-1], "\xff"]
    for body in bodies:
        status, text = await caller.post_text(body.replace("901 234 567", "987 000 321"))
        assert status in {400, 422}, text
        assert "000 321" not in text
    assert sends(service) == (0, 0)


async def test_refused_message(caller: Caller, service: Sandbox) -> None:
    """A message that the server refuses is sent once."""
    service.faults.add(Fault(kind="status", operation=SEND, status=400, code="invalid_argument"))
    assert await caller.post() == await caller.post() == await caller.state() == (422, "refused")
    assert sends(service)[0] == 1


async def test_wrong_key(caller: Caller, service: Sandbox) -> None:
    """A message that was not sent because of our key stays queued; it is sent when the key is right."""
    service.faults.add(Fault(kind="status", operation=SEND, status=401, code="unauthenticated", times=2))
    status, _ = await caller.post()
    assert status in {200, 202}
    assert await caller.until("accepted") == (200, "accepted")
    assert sends(service)[1] == 1


@pytest.mark.parametrize(("kind", "settled"), [("reset_after", "accepted"), ("reset_before", "unknown")])
async def test_lost_response(caller: Caller, service: Sandbox, kind: str, settled: str) -> None:
    """A message in doubt is not sent again, whatever the caller repeats; a look-up settles it if it can."""
    service.faults.add(Fault(kind=kind, operation=SEND, times=1))
    assert await caller.post() == await caller.post() == (202, "unknown")
    assert await settle() == (settled == "unknown")
    assert (await caller.post())[1] == settled
    assert sends(service)[0] == 1


async def test_caller_that_leaves(caller: Caller, service: Sandbox) -> None:
    """A caller that leaves during the send does not stop it: the message is sent, and its state is stored."""
    service.faults.add(Fault(kind="slow", operation=SEND, times=1))
    leaving = asyncio.create_task(caller.post())
    await sending(service, leaving)
    leaving.cancel()
    await asyncio.wait({leaving})
    assert await caller.until("accepted", "unknown") == (200, "accepted")
    assert sends(service) == (1, 1)


@pytest.mark.parametrize("answer_within", ["0", "60"])
async def test_stop_during_a_send(
    run: Run,
    service: Sandbox,
    http: aiohttp.ClientSession,
    answer_within: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A service that stops during a send ends it first, whether its caller waits for it or not."""
    monkeypatch.setenv("ORDERS_ANSWER_WITHIN", answer_within)
    service.faults.add(Fault(kind="slow", operation=SEND, times=1))
    async with run() as running:
        posting = asyncio.create_task(Caller(http, running.url).post())
        await sending(service, posting)
        if answer_within == "0":
            assert await posting in {(202, "queued"), (202, "claimed")}
        running.stop()
    assert answer_within == "0" or await posting == (200, "accepted")
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        assert (await outbox.get("DH-1")).body["message"] == "accepted"
    assert sends(service)[1] == 1


async def test_employees(caller: Caller, shop: ShopClient, service: Sandbox) -> None:
    """An employee is found by any form of the phone number; errors of the SDK have their statuses."""
    an = await shop.users.create(full_name="Lê An", phone="0901234599", password="one-time-Pa55")
    status, body, _ = await caller.employees("+84 901 234 599")
    assert (status, [user["user_id"] for user in body["employees"]]) == (200, [an.user_id])
    assert (await caller.employees("12"))[0] == 400
    listing = "shop.users.list"
    service.faults.add(Fault(kind="status", operation=listing, status=401, code="unauthenticated", times=1))
    assert (await caller.employees("0901234599"))[0] == 500
    service.faults.add(
        Fault(kind="status", operation=listing, status=429, code="resource_exhausted", retry_after=60)
    )
    status, body, headers = await caller.employees("0901234599")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert "0901234599" not in str(body)
