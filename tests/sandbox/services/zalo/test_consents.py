"""Consents: asked for, answered by the clock, checked and listed."""

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
    """The peer of a sandbox that has asked many."""
    async with open_peer(call_logs=0, zns_messages=400) as peer:
        yield peer


async def oa_of(peer: Peer) -> str:
    """The account that can ask."""
    oa_id: str = (await peer.oas())[0]["oa_id"]
    return oa_id


async def one(peer: Peer, consent: dict[str, Any]) -> Any:
    """A request, looked up again."""
    found = await peer.shop("Zalo/ListRequestConsent", filter={"phone": consent["phone"]})
    return next(other for other in found["consents"] if other["id"] == consent["id"])


async def test_a_user_agrees(peer: Peer) -> None:
    """The request arrives, is seen, is answered; then the account may call for 30 days."""
    oa_id = await oa_of(peer)
    who = {"oa_id": oa_id, "phone": "0901234560"}
    assert (await peer.shop("Zalo/CheckConsent", **who))["error"] != 0
    asked = await peer.shop("Zalo/RequestConsent", **who, **ASKED)
    assert (asked["status"], asked["reply_status"], asked["delivery_status"]) == ("P", "S", "unknown")
    assert (asked["is_charged"], asked["error_code"], asked["phone"]) == (True, 0, "84901234560")
    assert {name: asked[name] for name in ASKED} == ASKED

    peer.advance(seconds=11)
    received = await one(peer, asked)
    assert (received["delivery_status"], received["reply_status"]) == ("received", "S")
    assert received["delivery_time"] > asked["created_at"]
    assert "not answered yet" in (await peer.shop("Zalo/CheckConsent", **who))["message"]
    peer.advance(minutes=1)
    assert (await one(peer, asked))["delivery_status"] == "seen"
    peer.advance(minutes=5)
    assert (await one(peer, asked))["reply_status"] == "P"
    response = await peer.shop("Zalo/CheckConsent", **who)
    assert response["error"] == 0
    lasts = datetime.fromisoformat(response["expired_time"]) - peer.service.now
    assert timedelta(days=29) < lasts < timedelta(days=30)
    peer.advance(days=30)
    after = await peer.shop("Zalo/CheckConsent", **who)
    assert (after["error"], after["expired_time"]) == (-1, "0001-01-01T00:00:00Z")
    assert "run out" in after["message"]


@pytest.mark.parametrize(
    ("digit", "reply", "word"),
    [(5, "N", "refused"), (6, "NS", "did not answer"), (7, "NS", "did not answer")],
)
async def test_a_user_does_not_agree(peer: Peer, digit: int, reply: str, word: str) -> None:
    """Refused after minutes, or unanswered after a day: there is no leave, and why is told."""
    who = {"oa_id": await oa_of(peer), "phone": f"090123456{digit}"}
    asked = await peer.shop("Zalo/RequestConsent", **who, **ASKED)
    peer.advance(days=1)
    assert (await one(peer, asked))["reply_status"] == reply
    response = await peer.shop("Zalo/CheckConsent", **who)
    assert response["error"] == -1
    assert word in response["message"]


@pytest.mark.parametrize(("phone", "code"), [("+84 901", -108), ("02873001234", -108), ("0901234568", -110)])
async def test_a_number_that_cannot_be_asked(peer: Peer, phone: str, code: int) -> None:
    """The request is kept as failed within a 200, with Zalo's code, not charged; nothing becomes of it."""
    who = {"oa_id": await oa_of(peer), "phone": phone}
    asked = await peer.shop("Zalo/RequestConsent", **who, **ASKED)
    assert (asked["status"], asked["error_code"], asked["is_charged"]) == ("N", code, False)
    assert asked["error_message"]
    assert asked["reply_status"] == "Z"
    peer.advance(days=2)
    assert await one(peer, asked) == asked
    assert (await peer.shop("Zalo/CheckConsent", **who))["error"] == -1


async def test_leave_outlives_a_second_question(peer: Peer) -> None:
    """Who has agreed and is asked again has still agreed."""
    who = {"oa_id": await oa_of(peer), "phone": "0901234560"}
    await peer.shop("Zalo/RequestConsent", **who, **ASKED)
    peer.advance(minutes=6)
    await peer.shop("Zalo/RequestConsent", **who, **ASKED)
    assert (await peer.shop("Zalo/CheckConsent", **who))["error"] == 0


async def test_leave_is_for_one_account(peer: Peer) -> None:
    """Another account of the shop has not been allowed to call."""
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
async def test_what_is_no_request(peer: Peer, wrong: dict[str, str]) -> None:
    """Kind, reason, phone and account have to be there, and of those that are listed."""
    body = {"oa_id": await oa_of(peer), "phone": "0901234560", **ASKED}
    assert await peer.shop_error("Zalo/RequestConsent", **(body | wrong)) == (400, "invalid_argument")
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error("Zalo/RequestConsent", **fields) == (400, "invalid_argument")


async def test_filters(busy: Peer) -> None:
    """Each filter chooses the requests that a look at all of them would choose."""

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
