"""When events are delivered: in order, again after growing pauses, and until the last retry."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from etelecom_async.sandbox.deliveries.backoff import PAUSES
from etelecom_async.sandbox.deliveries.posting import NOT_SENT
from etelecom_async.testing import sandbox
from tests.conftest import PATIENCE
from tests.sandbox.conftest import Peer
from tests.sandbox.deliveries.conftest import Receiver, running
from tests.sandbox.deliveries.test_events import register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOWHERE = "http://127.0.0.1:9/hook"


async def states(peer: Peer) -> list[dict[str, Any]]:
    """Return the states of the webhooks of the first shop, as GetWebhooks has them."""
    _, found = await peer.post("shop.Webhook/GetWebhooks", key=peer.service.shop_api_key)
    return [webhook["states"] for webhook in found["webhooks"]]


def add_calls(peer: Peer, *numbers: str) -> None:
    """Add calls from these numbers."""
    for number in numbers:
        peer.service.calls.add(caller=number)


async def test_a_receiver_that_is_down(newcomer: Peer) -> None:
    """The events wait in their order, and arrive when the receiver is up and the pause is over."""
    peer = await with_shop(newcomer)
    async with running(Receiver()) as receiver:
        url = receiver.url
        await register(peer, f"{url}/", ["call_log"])
    add_calls(peer, "0911111111", "0922222222")
    found = await peer.service.deliver()
    assert [(each.state, each.status, each.error) for each in found] == [
        ("retry", None, "cannot connect: Connection refused")
    ]
    assert found.waiting == 2
    assert found.failed == list(found)
    (state,) = await states(peer)
    assert state["state"] == "retry"
    assert state["last_error"] == {
        "error": "cannot connect: Connection refused",
        "resp_status": 0,
        "resp_body": "",
        "retried": 0,
        "sent_at": state["last_sent_at"],
    }
    async with running(Receiver(), int(url.rpartition(":")[2])) as receiver:
        await peer.service.deliver()
        assert receiver.posts == []  # the pause is not over
        peer.service.advance(PAUSES[0])
        found = await peer.service.deliver()
        assert [event["caller"] for event in receiver.events()] == ["0911111111", "0922222222"]
    assert [each.retried for each in found] == [0, 1, 0]
    (state,) = await states(peer)
    assert (state["state"], state["last_error"]["retried"]) == ("ok", 0)


async def with_shop(newcomer: Peer) -> Peer:
    """Give the first shop a tenant and a hotline, so that it can have calls."""
    newcomer.service.tenants.add()
    newcomer.service.hotlines.add()
    return newcomer


async def test_the_last_retry_stops(peer: Peer, receiver: Receiver) -> None:
    """The pauses grow; after the last retry, the webhook gets nothing until it is created again."""
    webhook = await register(peer, f"{receiver.url}/", ["call_log"])
    receiver.responses = [web.Response(status=500, text=f"no {number}") for number in range(20)]
    add_calls(peer, "0911111111", "0922222222")
    await peer.service.deliver()
    for number, pause in enumerate(PAUSES, start=1):
        assert (await states(peer))[0]["state"] == "retry"
        peer.service.advance(pause - timedelta(seconds=1))
        assert len(await peer.service.deliver()) == number
        peer.service.advance(timedelta(seconds=1))
        assert len(await peer.service.deliver()) == number + 1
    (state,) = await states(peer)
    assert state["state"] == "stop"
    assert state["last_error"]["retried"] == len(PAUSES)
    assert (state["last_error"]["resp_status"], state["last_error"]["resp_body"]) == (500, "no 8")

    receiver.responses.clear()
    receiver.posts.clear()
    add_calls(peer, "0933333333")
    peer.advance(days=30)
    assert (await peer.service.deliver()).waiting == 0
    assert receiver.posts == []
    key = peer.service.shop_api_key
    await peer.post("shop.Webhook/DeleteWebhook", {"id": webhook["id"]}, key=key)
    await register(peer, f"{receiver.url}/", ["call_log"])
    add_calls(peer, "0944444444")
    await peer.service.deliver()
    assert [event["caller"] for event in receiver.events()] == ["0944444444"]


async def test_another_machine(peer: Peer) -> None:
    """An address elsewhere gets nothing; the webhook shows why, and never a time of sending."""
    await register(peer, "https://example.com/hook", ["call_log"])
    add_calls(peer, "0911111111")
    await peer.service.deliver()
    (state,) = await states(peer)
    assert (state["state"], state["last_sent_at"], state["last_error"]["error"]) == ("retry", None, NOT_SENT)


async def test_a_slow_receiver_delays_no_other(peer: Peer, receiver: Receiver) -> None:
    """Each receiver has a task of its own, and an attempt does not delay the end of the sandbox."""

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async with running(Receiver()) as slow:
        slow.responses = [silent]
        await register(peer, f"{slow.url}/", ["call_log"])
        await register(peer, f"{receiver.url}/", ["call_log"])
        add_calls(peer, "0911111111", "0922222222")
        async with asyncio.timeout(PATIENCE):
            await slow.arrived.wait()
            while len(receiver.posts) < 2:
                receiver.arrived.clear()
                await receiver.arrived.wait()
        assert len(slow.posts) == 1
        await peer.service.stop()


async def test_delivery_by_itself(peer: Peer, receiver: Receiver) -> None:
    """Nobody has to call `deliver`: a change, a scheduled change and an advance of the clock are enough."""
    await register(peer, f"{receiver.url}/", ["zl_oa_message"])
    oa_id = (await peer.oas())[0]["oa_id"]
    template = (await peer.templates(oa_id))["rating"]
    data = {param["name"]: "1" * param["min_length"] for param in template["template_params"]}
    body = {"oa_id": oa_id, "phone": "0901234560", "template_id": template["template_id"]}
    await peer.shop("Zalo/SendZNS", **body, template_data=data)
    async with asyncio.timeout(PATIENCE):
        await receiver.arrived.wait()
        receiver.arrived.clear()
        peer.advance(seconds=2)
        await receiver.arrived.wait()
    assert [event["status"] for event in receiver.events()] == ["Z", "P"]


async def test_the_timer_of_a_retry(peer: Peer, receiver: Receiver, loop_clock: Any) -> None:
    """The sandbox waits for the next retry itself, by a timer of the event loop."""
    await register(peer, f"{receiver.url}/", ["call_log"])
    receiver.responses = [web.Response(status=500)]
    add_calls(peer, "0911111111")
    await peer.service.deliver()
    receiver.arrived.clear()
    # Both clocks go on together, as on a real machine. The sandbox's own is moved without its signal.
    clock = peer.service._now.clock
    clock._ahead += PAUSES[0]
    loop_clock.advance(PAUSES[0].total_seconds() + 1)
    async with asyncio.timeout(PATIENCE):
        await receiver.arrived.wait()
    assert len(receiver.posts) == 2


async def test_deletion_while_an_attempt_is_under_way(peer: Peer, receiver: Receiver) -> None:
    """A webhook that is deleted during an attempt gets nothing more, and its waiting events are dropped."""
    webhook = await register(peer, f"{receiver.url}/", ["call_log"])
    key = peer.service.shop_api_key

    async def delete_first(_: web.Request) -> web.StreamResponse:
        await peer.post("shop.Webhook/DeleteWebhook", {"id": webhook["id"]}, key=key)
        return web.Response(text="ok")

    receiver.responses = [delete_first]
    add_calls(peer, "0911111111", "0922222222")
    found = await peer.service.deliver()
    assert [(each.state, each.error) for each in found] == [("deleted", "")]
    assert found.receivers == ()
    assert len(receiver.posts) == 1


async def test_snapshots(peer: Peer, receiver: Receiver) -> None:
    """A snapshot has the waiting events, the states and the attempts; a restore brings them back."""
    await register(peer, f"{receiver.url}/", ["call_log"])
    receiver.responses = [web.Response(status=500)]
    add_calls(peer, "0911111111")
    await peer.service.deliver()
    snapshot, before = peer.service.snapshot(), await states(peer)
    for _ in range(2):
        peer.service.advance(PAUSES[0])
        assert (await peer.service.deliver()).waiting == 0
        assert len(peer.service.deliveries) == 2
        peer.service.restore(snapshot)
        assert await states(peer) == before
        assert (peer.service.deliveries.waiting, len(peer.service.deliveries)) == (1, 1)
    assert len(receiver.posts) == 3


async def test_a_restore_ends_attempts(peer: Peer, receiver: Receiver) -> None:
    """The outcome of an attempt that was under way during a restore changes nothing."""
    await register(peer, f"{receiver.url}/", ["call_log"])
    snapshot = peer.service.snapshot()
    answered = asyncio.Event()

    async def late(_: web.Request) -> web.StreamResponse:
        await answered.wait()
        return web.Response(text="ok")

    receiver.responses = [late]
    add_calls(peer, "0911111111")
    await receiver.arrived.wait()
    peer.service.restore(snapshot)
    answered.set()
    found = await peer.service.deliver()
    assert (len(found), found.receivers) == (0, ())
    add_calls(peer, "0922222222")
    await peer.service.deliver()
    assert [event["caller"] for event in receiver.events()] == ["0911111111", "0922222222"]


async def test_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    """With a file, waiting events and states survive the end of the sandbox."""
    async with aiohttp.ClientSession() as http:
        async with sandbox(data=tmp_path / "state", call_logs=1) as service:
            peer = Peer(service, http)
            receiver.responses = [web.Response(status=500)]
            await register(peer, f"{receiver.url}/", ["call_log"])
            add_calls(peer, "0911111111", "0922222222")
            assert (await service.deliver()).waiting == 2
            before = await states(peer)
        async with sandbox(data=tmp_path / "state") as service:
            peer = Peer(service, http)
            assert await states(peer) == before
            service.advance(PAUSES[0])
            await service.deliver()
            assert (await states(peer))[0]["state"] == "ok"
            # The recording is at the sandbox that runs now.
            assert receiver.events()[-1]["recording_urls"][0].startswith(service.sms_base_url)
    assert [event["caller"] for event in receiver.events()] == ["0911111111", "0911111111", "0922222222"]


async def test_the_end_of_the_sandbox_while_it_delivers(receiver: Receiver) -> None:
    """A sandbox that stops during `deliver` makes no other attempt, and the call ends."""

    async def wait(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    receiver.responses = [wait]
    async with sandbox(sms_webhook=receiver.url) as service:
        service.add_sms_status()
        call = asyncio.create_task(service.deliver())
        await receiver.arrived.wait()
    await asyncio.wait([call], timeout=PATIENCE)
    assert "not running" in str(call.exception())
    assert len(receiver.posts) == 1


async def test_another_event_loop(receiver: Receiver, peer: Peer) -> None:
    """`deliver` may be called in another thread with its own event loop."""
    await register(peer, f"{receiver.url}/", ["call_log"])
    add_calls(peer, "0911111111")
    found = await asyncio.to_thread(lambda: asyncio.run(peer.service.deliver()))
    assert [each.error for each in found] == [""]


async def test_deliver_while_the_sandbox_ends(open_peer: Callable[..., Any], receiver: Receiver) -> None:
    """The end of the sandbox ends a `deliver` that waits, and nothing is posted afterwards."""
    reached = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        reached.set()
        await asyncio.Event().wait()
        return web.Response()

    async with open_peer(call_logs=1) as peer:
        await register(peer, f"{receiver.url}/", ["call_log"])
        receiver.responses = [hang]
        add_calls(peer, "0911111111", "0911111112")
        await asyncio.wait_for(reached.wait(), PATIENCE)
        delivering = asyncio.create_task(peer.service.deliver())
        await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="the sandbox is not running"):
        await asyncio.wait_for(delivering, PATIENCE)
    assert len(receiver.posts) == 1


async def test_a_disk_that_fails(peer: Peer, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """If an outcome cannot be stored, one line says so, and the event is delivered again later."""
    await register(peer, f"{receiver.url}/", ["call_log"])
    state = peer.service._now.state

    async def write_protect(_: web.Request) -> web.StreamResponse:
        state.execute("PRAGMA query_only = ON")
        return web.Response(text="ok")

    receiver.responses = [write_protect]
    add_calls(peer, "0911111111")
    assert (await peer.service.deliver()).waiting == 1
    state.execute("PRAGMA query_only = OFF")
    (line,) = caplog.messages
    assert line.startswith("The sandbox could not deliver to webhook:")
    assert line.endswith("make the file and its folder writable")
    assert (await peer.service.deliver()).waiting == 0
    assert len(receiver.posts) == 2


async def test_changes_that_cannot_be_applied(
    peer: Peer, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure while it looks for events is logged once, and does not end the deliveries."""
    await register(peer, f"{receiver.url}/", ["zl_oa_message"])
    state, clock = peer.service._now.state, peer.service._now.clock
    oa_id = (await peer.oas())[0]["oa_id"]
    template = (await peer.templates(oa_id))["rating"]
    data = {param["name"]: "1" * param["min_length"] for param in template["template_params"]}
    body = {"oa_id": oa_id, "phone": "0901234560", "template_id": template["template_id"]}
    await peer.shop("Zalo/SendZNS", **body, template_data=data)
    await peer.service.deliver()
    state.execute("PRAGMA query_only = ON")
    clock._ahead += timedelta(seconds=2)
    peer.service._now.app.dispatcher.wake()
    for _ in range(10):  # the task looks within a few iterations of the loop
        await asyncio.sleep(0)
    (line,) = caplog.messages
    assert line.startswith("The sandbox could not deliver events: ")
    state.execute("PRAGMA query_only = OFF")
    receiver.arrived.clear()
    peer.advance(seconds=0)
    async with asyncio.timeout(PATIENCE):
        await receiver.arrived.wait()
    assert [event["status"] for event in receiver.events()] == ["Z", "P"]


async def test_many_events(open_peer: Callable[..., Any], receiver: Receiver) -> None:
    """A receiver that was down gets hundreds of events in their order."""
    async with open_peer(call_logs=1) as peer:
        await register(peer, f"{receiver.url}/", ["call_log"])
        with peer.service._now.app.records.changes():
            for number in range(300):
                peer.service._now.app.records.add("calls", {"caller": f"{number:010}"})
        assert (await peer.service.deliver()).waiting == 0
    assert [int(event["caller"]) for event in receiver.events()] == list(range(300))
