"""The operations on consents: request, reply, check and list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

ASKED = {"call_type": "audio", "reason_code": "delivery_notification"}


@pytest.fixture
async def busy(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with many requests for consent."""
    async with open_peer(call_logs=0, zns_messages=400) as peer:
        yield peer


async def oa_of(peer: Peer) -> str:
    """Returns the account that can send requests."""
    oa_id: str = (await peer.oas())[0]["oa_id"]
    return oa_id


async def one(peer: Peer, consent: dict[str, Any]) -> Any:
    """Returns the current record of a request."""
    found = await peer.shop("Zalo/ListRequestConsent", filter={"phone": consent["phone"]})
    return next(other for other in found["consents"] if other["id"] == consent["id"])


async def test_a_user_agrees(peer: Peer) -> None:
    """The request is received, seen and answered; then the account may call for 30 days."""
    oa_id = await oa_of(peer)
    target = {"oa_id": oa_id, "phone": "0901234560"}
    assert (await peer.shop("Zalo/CheckConsent", **target))["error"] != 0
    request = await peer.shop("Zalo/RequestConsent", **target, **ASKED)
    assert (request["status"], request["reply_status"], request["delivery_status"]) == ("P", "S", "unknown")
    assert (request["is_charged"], request["error_code"], request["phone"]) == (True, 0, "84901234560")
    assert {name: request[name] for name in ASKED} == ASKED

    peer.advance(seconds=11)
    received = await one(peer, request)
    assert (received["delivery_status"], received["reply_status"]) == ("received", "S")
    assert received["delivery_time"] > request["created_at"]
    assert "not answered yet" in (await peer.shop("Zalo/CheckConsent", **target))["message"]
    peer.advance(minutes=1)
    assert (await one(peer, request))["delivery_status"] == "seen"
    peer.advance(minutes=5)
    assert (await one(peer, request))["reply_status"] == "P"
    response = await peer.shop("Zalo/CheckConsent", **target)
    assert response["error"] == 0
    lasts = datetime.fromisoformat(response["expired_time"]) - peer.service.now
    assert timedelta(days=29) < lasts < timedelta(days=30)
    peer.advance(days=30)
    after = await peer.shop("Zalo/CheckConsent", **target)
    assert (after["error"], after["expired_time"]) == (-1, "0001-01-01T00:00:00Z")
    assert "expired" in after["message"]


@pytest.mark.parametrize(
    ("digit", "reply", "word"),
    [(5, "N", "refused"), (6, "NS", "did not answer"), (7, "NS", "did not answer")],
)
async def test_a_user_does_not_agree(peer: Peer, digit: int, reply: str, word: str) -> None:
    """A refused or unanswered request gives no consent, and the check says why."""
    target = {"oa_id": await oa_of(peer), "phone": f"090123456{digit}"}
    request = await peer.shop("Zalo/RequestConsent", **target, **ASKED)
    peer.advance(days=1)
    assert (await one(peer, request))["reply_status"] == reply
    response = await peer.shop("Zalo/CheckConsent", **target)
    assert response["error"] == -1
    assert word in response["message"]


@pytest.mark.parametrize(("phone", "code"), [("+84 901", -108), ("02873001234", -108), ("0901234568", -110)])
async def test_a_rejected_number(peer: Peer, phone: str, code: int) -> None:
    """The request is stored as failed with Zalo's code inside a 200, is not charged, and never changes."""
    target = {"oa_id": await oa_of(peer), "phone": phone}
    request = await peer.shop("Zalo/RequestConsent", **target, **ASKED)
    assert (request["status"], request["error_code"], request["is_charged"]) == ("N", code, False)
    assert request["error_message"]
    assert request["reply_status"] == "Z"
    peer.advance(days=2)
    assert await one(peer, request) == request
    assert (await peer.shop("Zalo/CheckConsent", **target))["error"] == -1


async def test_a_second_request_keeps_the_consent(peer: Peer) -> None:
    """A second request does not end the consent of the first one."""
    target = {"oa_id": await oa_of(peer), "phone": "0901234560"}
    await peer.shop("Zalo/RequestConsent", **target, **ASKED)
    peer.advance(minutes=6)
    await peer.shop("Zalo/RequestConsent", **target, **ASKED)
    assert (await peer.shop("Zalo/CheckConsent", **target))["error"] == 0


async def test_a_consent_is_for_one_account(peer: Peer) -> None:
    """A consent for one account does not allow calls from another account of the shop."""
    first, second, _ = [oa["oa_id"] for oa in await peer.oas()]
    await peer.shop("Zalo/RequestConsent", oa_id=first, phone="0901234560", **ASKED)
    peer.advance(minutes=6)
    state = peer.service._now.state
    state.update("oa", int(second), peer.service.now, {"expires_at": "2100-01-01T00:00:00+07:00"})
    response = await peer.shop("Zalo/CheckConsent", oa_id=second, phone="0901234560")
    assert (response["error"], response["message"]) == (-1, "the user was not asked")


@pytest.mark.parametrize(
    "wrong",
    [
        {"call_type": "unknown"},
        {"call_type": "smoke"},
        {"reason_code": "unknown"},
        {"reason_code": "why not"},
        {"phone": ""},
        {"oa_id": "x"},
    ],
)
async def test_wrong_requests(peer: Peer, wrong: dict[str, str]) -> None:
    """Type, reason, phone and account are required; type and reason must be listed values."""
    body = {"oa_id": await oa_of(peer), "phone": "0901234560", **ASKED}
    assert await peer.shop_error("Zalo/RequestConsent", **(body | wrong)) == (400, "invalid_argument")
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error("Zalo/RequestConsent", **fields) == (400, "invalid_argument")


async def test_filters(busy: Peer) -> None:
    """Each filter selects the same requests as a search of the whole list."""

    async def chosen(**wanted: Any) -> list[Any]:
        body = {"filter": wanted, "paging": {"limit": 60}}
        return await busy.walk(busy.shop, "Zalo/ListRequestConsent", "consents", **body)

    everything = await chosen()
    assert len(everything) == 80
    fields = ("oa_id", "call_type", "reason_code", "status", "reply_status", "is_charged", "user_id")
    for field in fields:
        for value in {consent[field] for consent in everything}:
            found = await chosen(**{field: value})
            assert found == [consent for consent in everything if consent[field] == value], (field, value)
    middle = everything[40]
    assert middle in await chosen(phone=f"0{middle['phone'][2:]}")
    moment = middle["created_at"]
    assert await chosen(date_from=moment) == everything[:41]
    assert await chosen(date_to=moment) == everything[40:]
    assert await chosen(oa_id="1") == []
    both = await chosen(reply_status="P", call_type="video")
    assert both == [one for one in everything if one["reply_status"] == "P" and one["call_type"] == "video"]
    assert both
