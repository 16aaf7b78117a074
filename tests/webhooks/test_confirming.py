"""Claims are read back from the API before they are believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from etelecom_async import ShopClient, errors, models
from etelecom_async._core.phone import mask
from etelecom_async.testing import Fault, Sandbox
from etelecom_async.webhooks import CallLogEvent, MessageEvent, OAEvent, SmsStatusEvent, UnknownEvent, events
from etelecom_async.webhooks.confirming import MARGIN, MOST_ROWS, NotConfirmedError, confirm

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
async def shop(service: Sandbox) -> AsyncIterator[ShopClient]:
    """A client of the sandbox."""
    async with ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as client:
        yield client


def claim(call: models.CallLog, **changes: Any) -> CallLogEvent:
    """Return an event that claims a call."""
    return CallLogEvent(raw={}, call=attrs.evolve(call, **changes))


def claim_message(message: models.ZNSMessage, **changes: Any) -> MessageEvent:
    """Return an event that claims a message."""
    return MessageEvent(raw={}, message=attrs.evolve(message, **changes))


async def reason_of(event: events.Event, shop: Any) -> str:
    """Return why an event is not confirmed."""
    with pytest.raises(NotConfirmedError) as caught:
        await confirm(event, shop)
    return caught.value.reason


@pytest.mark.parametrize("direction", ["in", "out"])
async def test_call(shop: ShopClient, direction: Any) -> None:
    """A real call is confirmed in each direction, and comes back as the API shows it."""
    (call,) = await shop.call_logs.list(direction=direction).take(1)
    event = await confirm(claim(call, duration=9999, note="forged"), shop)
    assert isinstance(event, CallLogEvent)
    assert event.is_confirmed
    assert event.call == call


async def test_one_request(service: Sandbox, shop: ShopClient) -> None:
    """The number outside of the shop is asked for first, so one request is enough."""
    for direction in ("in", "out"):
        (call,) = await shop.call_logs.list(direction=direction).take(1)
        before = service.requests.counts["shop.call_logs.list"]
        await confirm(claim(call), shop)
        assert service.requests.counts["shop.call_logs.list"] == before + 1
        body = service.requests[-1].body["filter"]
        assert body["call_number"] == mask(call.caller if direction == "in" else call.callee)
        begin, end = (datetime.fromisoformat(body[name]) for name in ("date_from", "date_to"))
        assert end - begin == 2 * MARGIN


async def test_partial_claims(shop: ShopClient) -> None:
    """One number and one of the two times are enough; another time within the margin is, too."""
    (call,) = await shop.call_logs.list(direction="in").take(1)
    assert call.started_at
    for changes in (
        {"caller": ""},
        {"callee": ""},
        {"caller": "0900000000"},
        {"started_at": None},
        {"created_at": None},
        {"started_at": call.started_at + timedelta(hours=11)},
        {"direction": None},
    ):
        event = await confirm(claim(call, **changes), shop)
        assert isinstance(event, CallLogEvent)
        assert event.call == call


async def test_forged_calls(shop: ShopClient) -> None:
    """Another id, number or time is not found. A claim without a number or a time is not read."""
    (call,) = await shop.call_logs.list(direction="in").take(1)
    for changes in (
        {"id": "1"},
        {"caller": "0900000000", "callee": "0900000001"},
        {"started_at": NOW - timedelta(days=3000)},
        {"started_at": datetime(2, 1, 1, tzinfo=UTC)},
        {"started_at": datetime.max.replace(tzinfo=UTC)},
        {"caller": "x" * 5000},
    ):
        only = {"callee": ""} if "callee" not in changes and "id" not in changes else {}
        assert await reason_of(claim(call, **{**only, **changes}), shop) == "not_found"
    assert await reason_of(claim(call, caller="", callee=""), shop) == "not_confirmable"
    assert await reason_of(claim(call, started_at=None, created_at=None), shop) == "not_confirmable"


async def test_busy_number(shop: ShopClient) -> None:
    """Of a busy number, a bounded number of rows is read."""
    (call,) = await shop.call_logs.list(direction="in").take(1)
    rows = 0

    class Lists:
        async def list(self, **_: Any) -> AsyncIterator[models.CallLog]:
            nonlocal rows
            while True:
                rows += 1
                yield attrs.evolve(call, id="1")

    class Busy:
        call_logs, zns = Lists(), shop.zns

    assert await reason_of(claim(call, callee=""), Busy()) == "not_found"
    assert rows == MOST_ROWS


async def test_message(shop: ShopClient) -> None:
    """A real message is confirmed by Zalo's id, with or without the service's own id."""
    (message,) = await shop.zns.messages.list().take(1)
    full = await shop.zns.messages.get(oa_id=message.oa_id, msg_id=message.msg_id)
    for changes in ({}, {"id": ""}, {"id": "0"}, {"error_message": "forged", "phone": ""}):
        event = await confirm(claim_message(message, **changes), shop)
        assert isinstance(event, MessageEvent)
        assert (event.is_confirmed, event.message) == (True, full)


async def test_message_without_an_id_of_zalo(shop: ShopClient) -> None:
    """A message without Zalo's id is looked up by its phone number or its tracking id."""
    (message,) = await shop.zns.messages.list().take(1)
    for changes in ({"tracking_id": ""}, {"phone": ""}, {}):
        event = await confirm(claim_message(message, msg_id="", **changes), shop)
        assert isinstance(event, MessageEvent)
        assert event.message == message
    assert await reason_of(claim_message(message, msg_id="", id="1"), shop) == "not_found"
    assert await reason_of(claim_message(message, msg_id="", id="0"), shop) == "not_confirmable"
    nothing = claim_message(message, msg_id="", phone="", tracking_id="")
    assert await reason_of(nothing, shop) == "not_confirmable"


async def test_forged_messages(shop: ShopClient) -> None:
    """A message of another id, or at another account, is not found."""
    (message,) = await shop.zns.messages.list().take(1)
    for changes in ({"id": "1"}, {"msg_id": "abc"}, {"oa_id": "1"}, {"oa_id": "x"}):
        assert await reason_of(claim_message(message, **changes), shop) == "not_found"


async def test_other_kinds(shop: ShopClient, service: Sandbox) -> None:
    """No read of a shop shows other events, so they stay unconfirmed, and nothing is read."""
    others = (
        UnknownEvent(raw={}),
        OAEvent(raw={}, event_name="x"),
        SmsStatusEvent(raw={}, status=events.SmsStatus()),
    )
    for event in others:
        assert await confirm(event, shop) is event
        assert not event.is_confirmed
    assert not service.requests.counts


async def test_read_that_fails(service: Sandbox, shop: ShopClient) -> None:
    """If the read itself fails, the event is not confirmed, and the reason has the error."""
    (call,) = await shop.call_logs.list().take(1)
    (message,) = await shop.zns.messages.list().take(1)
    for operation, event in (
        ("shop.call_logs.list", claim(call)),
        ("shop.zns.messages.get", claim_message(message)),
    ):
        service.faults.add(Fault(kind="status", operation=operation, status=500, times=1))
        with pytest.raises(NotConfirmedError) as caught:
            await confirm(event, shop)
        assert caught.value.reason == "confirm_failed"
        assert isinstance(caught.value.error, errors.APIError)


async def test_function(shop: ShopClient) -> None:
    """A function chooses the shop of an event; without one the event is not confirmable."""
    (call,) = await shop.call_logs.list().take(1)

    async def find(event: events.Event) -> ShopClient | None:
        return shop if isinstance(event, CallLogEvent) and event.call.id == call.id else None

    assert (await confirm(claim(call), find)).is_confirmed
    assert (await confirm(claim(call), lambda _: shop)).is_confirmed
    assert await reason_of(claim(call), lambda _: None) == "not_confirmable"
    assert await reason_of(claim(call, id="1"), find) == "not_confirmable"
