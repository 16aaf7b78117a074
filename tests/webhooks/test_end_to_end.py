"""The sandbox posts events to receivers of each kind, over real sockets on both sides."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from etelecom_async import ShopClient, webhooks
from etelecom_async.testing import Sandbox, sandbox
from etelecom_async.webhooks import Router

SECRET = "a-secret-of-the-tests"
PATH = f"/hooks/{SECRET}"
Make = Callable[..., Router]


class Side:
    """A sandbox, and a client that registers webhooks at it."""

    def __init__(self, service: Sandbox, shop: ShopClient) -> None:
        self.service = service
        self.shop = shop

    def new_client(self) -> ShopClient:
        """Return a client for the handlers; those of WSGI have another event loop."""
        return ShopClient(self.service.shop_api_key, base_url=self.service.base_url)

    async def register(self, place: Any) -> None:
        """Register a receiver for both kinds of a webhook."""
        url = f"http://127.0.0.1:{place.port}{PATH}"
        await self.shop.webhooks.create(url=url, entities=["call_log", "zl_oa_message"])

    async def state(self) -> tuple[str, int]:
        """Return the state of the only webhook, and the status of its last failure; 0 without one."""
        (webhook,) = await self.shop.webhooks.list()
        assert webhook.states
        assert webhook.states.state
        error = webhook.states.last_error
        return webhook.states.state.value, (error and error.resp_status) or 0

    async def deliver_later(self) -> None:
        """Let the pause before the next retry pass, and deliver."""
        self.service.advance(timedelta(days=1, hours=1))
        await self.service.deliver()


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    """A sandbox and its shop."""
    async with (
        sandbox(call_logs=5) as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        yield Side(service, shop)


async def test_calls_and_messages(serve: Any, make_router: Make, got: Any, side: Side) -> None:
    """A call that is added or changed, and a message that changes, arrive and are confirmed."""
    client = side.new_client()
    async with serve(make_router(confirm=client), on_stop=client.close) as place:
        await side.register(place)
        added = side.service.calls.add(caller="0912345678", note="first")
        await side.service.deliver()
        first = await got.next()
        side.service.calls.update(added.id, note="second")
        await side.service.deliver()
        second = await got.next()
        assert [type(event) for event in (first, second)] == [webhooks.CallLogEvent] * 2
        assert first.is_confirmed
        assert (first.call.id, first.call.note) == (added.id, "first")
        assert (second.call.id, second.call.note) == (added.id, "second")
        (message,) = await side.shop.zns.messages.list().take(1)
        side.service.messages.update(message.id, rate=5)
        await side.service.deliver()
        event = await got.next()
        assert isinstance(event, webhooks.MessageEvent)
        assert (event.is_confirmed, event.message.id, event.message.rate) == (True, message.id, 5)
        assert await side.state() == ("ok", 0)
    assert got.all() == []


async def test_events_of_an_account(serve: Any, make_router: Make, got: Any, side: Side) -> None:
    """A consent and a follower arrive as events of the account, and are nothing else."""
    async with serve(make_router()) as place:
        account = side.service.accounts.list()[0]
        url = f"http://127.0.0.1:{place.port}{PATH}"
        await side.shop.zalo.accounts.update(oa_id=account.oa_id, webhook_url=url)
        side.service.followers.add(oa_id=account.oa_id)
        side.service.add_oa_event("user_send_text", oa_id=account.oa_id)
        await side.service.deliver()
    events = got.all()
    assert {event.kind for event in events} == {"oa_event"}
    assert [event.event_name for event in events] == ["follow", "user_send_text"]
    assert events[0].raw["followers"][0]["oa_id"] == account.oa_id


async def test_states_of_sms(serve: Any, make_router: Make, got: Any) -> None:
    """The status of an SMS arrives with its seven fields."""
    async with (
        serve(make_router()) as place,
        sandbox(sms_webhook=f"http://127.0.0.1:{place.port}{PATH}", call_logs=0) as service,
    ):
        sent = service.add_sms_status(Status="FAIL", ErrorCode="-118", MtCount=2)
        await service.deliver()
    (event,) = got.all()
    assert isinstance(event, webhooks.SmsStatusEvent)
    assert (event.status.id_omni_mess, event.status.status) == (sent["IdOmniMess"], "FAIL")
    assert (event.status.error_code, event.status.mt_count) == ("-118", 2)
    assert event.raw == sent


async def test_receiver_that_is_down(serve: Any, make_router: Make, got: Any, side: Side) -> None:
    """Events survive a receiver that is down: they come in their order when it is back, each once."""
    async with serve(make_router()) as place:
        await side.register(place)
        side.service.calls.add(note="before")
        await side.service.deliver()
        port = place.port
    for note in ("down", "still down"):
        side.service.calls.add(note=note)
        await side.service.deliver()
    assert await side.state() == ("retry", 0)
    async with serve(make_router(), port):
        await side.deliver_later()
        assert await side.state() == ("ok", 0)
    assert [event.call.note for event in got.all()] == ["before", "down", "still down"]


async def test_full_queue(serve: Any, got: Any, side: Side) -> None:
    """A receiver whose queue is full gets the events later, and loses none."""
    may_end = threading.Event()
    router = Router(secret=SECRET, max_queue=1)

    @router.on("call_log")
    def work(event: webhooks.CallLogEvent) -> None:
        assert may_end.wait(60)
        got.events.put(event)

    async with serve(router) as place:
        await side.register(place)
        for note in ("1", "2"):
            side.service.calls.add(note=note)
        await side.service.deliver()
        assert await side.state() == ("retry", 503)
        may_end.set()
        assert (await got.next()).call.note == "1"
        while got.events.empty():  # the room is free a moment after the handler has ended
            await side.deliver_later()
        assert (await got.next()).call.note == "2"
        assert (await side.state())[0] == "ok"


async def test_forgers_between_events(serve: Any, make_router: Make, got: Any, side: Side) -> None:
    """Posts of others between real events change nothing, and the real events still arrive."""
    client = side.new_client()
    async with serve(make_router(confirm=client, max_bytes=20_000), on_stop=client.close) as place:
        await side.register(place)
        added = side.service.calls.add(note="real")
        await side.service.deliver()
        real = dict((await got.next()).raw)
        answers = [
            await place.post(real),  # replayed
            await place.post({**real, "id": "1"}),  # forged
            await place.post(real, "/hooks/guessed"),
            await place.post(json.dumps(real).encode()[:-1]),
            await place.post({**real, "note": "x" * 20_000}),
        ]
        assert [status for status, _ in answers] == [200, 200, 404, 400, 413]
        side.service.calls.update(added.id, note="changed")
        await side.service.deliver()
    # The body of the replay has other blanks than the sandbox's, so it is read again, and is still true.
    notes = [event.call.note for event in got.all()]
    assert notes[-1] == "changed"
    assert set(notes) <= {"real", "changed"}


async def test_wrong_address(serve: Any, make_router: Make, got: Any, side: Side) -> None:
    """With a wrong secret in the registered URL, the webhook shows the failure."""
    async with serve(make_router()) as place:
        url = f"http://127.0.0.1:{place.port}/hooks/another-secret-of-tests"
        await side.shop.webhooks.create(url=url, entities=["call_log"])
        side.service.calls.add()
        await side.service.deliver()
        assert await side.state() == ("retry", 404)
    assert got.all() == []
