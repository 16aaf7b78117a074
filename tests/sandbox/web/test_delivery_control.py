"""The control API of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.deliveries.test_events import register

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Peer

CLOSED = "http://127.0.0.1:9/hook"


async def ask(peer: Peer, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Call the control API; return status and JSON."""
    url = f"{peer.service.sms_base_url}/_sandbox{path}"
    async with peer.http.request(method, url, json=body) as response:
        return response.status, await response.json()


async def test_deliveries(peer: Peer) -> None:
    """A POST delivers what is due; a GET shows receivers and attempts with masked bodies."""
    webhook = await register(peer, CLOSED, ["call_log"])
    for number in range(3):
        peer.service.calls.add(caller=f"091234567{number}")
    status, done = await ask(peer, "POST", "/deliveries", {})
    assert status == 200
    (receiver,) = done["receivers"]
    assert (receiver["name"], receiver["state"], receiver["waiting"]) == (
        f"webhook:{webhook['id']}",
        "retry",
        3,
    )
    assert receiver["next_at"] > receiver["last_sent_at"]
    peer.advance(seconds=10)
    await ask(peer, "POST", "/deliveries", {})
    status, shown = await ask(peer, "GET", "/deliveries")
    assert status == 200
    assert [each["retried"] for each in shown["deliveries"]] == [0, 1]
    assert shown["deliveries"][0]["body"]["caller"] == "091***670"
    assert shown["receivers"][0]["retried"] == 2
    _, newest = await ask(peer, "GET", "/deliveries?limit=1")
    assert [each["retried"] for each in newest["deliveries"]] == [1]


async def test_events(open_peer: Callable[..., Any]) -> None:
    """A POST queues an event of an account, or the state of an SMS, and returns it."""
    async with open_peer(sms_webhook=CLOSED, call_logs=0) as peer:
        oa_id = (await peer.oas())[0]["oa_id"]
        await peer.shop("Zalo/UpdateShopOA", oa_id=oa_id, webhook_url=CLOSED)
        event = {"event_name": "follow", "oa_id": oa_id}
        assert await ask(peer, "POST", "/events", {"oa_event": event}) == (
            200,
            {"oa_event": {"event_name": "follow"}},
        )
        status, made = await ask(peer, "POST", "/events", {"sms_status": {"Status": "FAIL"}})
        assert (status, made["sms_status"]["Status"]) == (200, "FAIL")
        assert {each.name for each in (await peer.service.deliver()).receivers} == {f"oa:{oa_id}", "sms"}


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/events", {}, "oa_event or sms_status with an object is required"),
        ("POST", "/events", {"oa_event": "follow"}, "with an object is required"),
        ("POST", "/events", {"oa_event": {}, "sms_status": {}}, "and nothing else"),
        ("POST", "/events", {"call_log": {}}, "oa_event or sms_status"),
        ("POST", "/events", {"oa_event": {}}, "event_name is blank"),
        ("POST", "/events", {"oa_event": {"event_name": 1}}, "event_name is blank or not a text"),
        ("POST", "/events", {"oa_event": {"name": "x"}}, "name is unknown; use event_name and oa_id"),
        ("POST", "/events", {"oa_event": {"event_name": "x", "oa_id": "1"}}, "no official account '1'"),
        ("POST", "/events", {"oa_event": {"event_name": "x"}}, "has no webhook URL"),
        ("POST", "/events", {"sms_status": {}}, "--sms-webhook URL"),
        ("POST", "/events", {"sms_status": {"Stat": "x"}}, "did you mean 'Status'"),
        ("POST", "/deliveries", {"all": True}, "all is unknown"),
        ("GET", "/deliveries?limit=0", None, "limit is '0'"),
        ("GET", "/deliveries?count=1", None, "count is unknown"),
    ],
)
async def test_wrong_requests(peer: Peer, method: str, path: str, body: Any, problem: str) -> None:
    """A wrong request is refused with the reason, and queues nothing."""
    status, found = await ask(peer, method, path, body)
    assert (status, found["code"]) == (400, "invalid_argument")
    assert problem in found["msg"]
    assert peer.service.deliveries.receivers == ()
