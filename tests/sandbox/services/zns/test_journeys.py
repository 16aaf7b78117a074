"""Journeys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

PHONE = "0901234560"


async def oa_of(peer: Peer, place: int = 0) -> str:
    """Returns an official account of the shop."""
    oa_id: str = (await peer.oas())[place]["oa_id"]
    return oa_id


@pytest.mark.parametrize(
    ("token_type", "days"),
    [
        ({}, 7),
        ({"token_type": "unknown"}, 7),
        ({"token_type": "token_logistics_30"}, 30),
        ({"token_type": "token_coach_bus_7"}, 7),
        ({"token_type": "token_coach_bus_30"}, 30),
    ],
)
async def test_a_journey_ends_by_the_clock(peer: Peer, token_type: dict[str, str], days: int) -> None:
    """A journey is charged and can be used at once; it ends after its days, not earlier."""
    journey = await peer.shop("Zalo/CreateJourney", oa_id=await oa_of(peer), phone=PHONE, **token_type)
    assert (journey["status"], journey["is_charged"], journey["error_code"]) == ("P", True, 0)
    assert journey["phone"] == "84901234560"
    assert journey["journey_token"]
    lasts = datetime.fromisoformat(journey["expired_at"]) - datetime.fromisoformat(journey["created_at"])
    assert lasts == timedelta(days=days)
    peer.advance(days=days, minutes=-1)
    body = {"journey_id": journey["journey_id"]}
    assert await peer.shop("Zalo/GetJourney", **body) == journey
    peer.advance(minutes=2)
    after = await peer.shop("Zalo/GetJourney", **body)
    assert after == journey | {"status": "N", "updated_at": after["updated_at"]}


async def test_either_id_finds_a_journey(peer: Peer) -> None:
    """
    Zalo's id and eTelecom's id find a journey, with or without its account.

    Another account does not have it.
    """
    journey = await peer.shop("Zalo/CreateJourney", oa_id=await oa_of(peer), phone=PHONE)
    assert journey["id"] != journey["journey_id"]
    for name in ("id", "journey_id"):
        body = {"journey_id": journey[name]}
        assert await peer.shop("Zalo/GetJourney", **body) == journey
        assert await peer.shop("Zalo/GetJourney", **body, oa_id=await oa_of(peer)) == journey
        assert (await peer.shop("Zalo/ListJourneys", filter=body))["journeys"] == [journey]
        response = await peer.shop_error("Zalo/GetJourney", **body, oa_id=await oa_of(peer, 1))
        assert response == (404, "not_found")


@pytest.mark.parametrize(("phone", "code"), [("1", -108), ("02873001234", -108), ("0901234568", -110)])
async def test_a_rejected_number(peer: Peer, phone: str, code: int) -> None:
    """A journey for a rejected number is inside a 200: not charged, without a token, and ended."""
    journey = await peer.shop("Zalo/CreateJourney", oa_id=await oa_of(peer), phone=phone)
    assert (journey["status"], journey["error_code"], journey["is_charged"]) == ("N", code, False)
    assert (journey["journey_token"], journey["journey_id"]) == ("", "0")
    assert await peer.shop("Zalo/GetJourney", journey_id=journey["id"]) == journey
    assert await peer.shop_error("Zalo/GetJourney", journey_id="0") == (404, "not_found")


async def test_wrong_journeys(peer: Peer) -> None:
    """Account and phone are required, the kind is a listed one, and the id must be a number."""
    body = {"oa_id": await oa_of(peer), "phone": PHONE}
    for missing in body:
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error("Zalo/CreateJourney", **fields) == (400, "invalid_argument")
    for wrong in ({"phone": " "}, {"token_type": "token_train_7"}):
        assert await peer.shop_error("Zalo/CreateJourney", **(body | wrong)) == (400, "invalid_argument")
    assert await peer.shop_error("Zalo/GetJourney", journey_id="x") == (400, "invalid_argument")
    assert await peer.shop_error("Zalo/GetJourney", journey_id="1") == (404, "not_found")
    other = await peer.partner("Shop/CreateShopAccount")
    journey = (await peer.shop("Zalo/ListJourneys"))["journeys"][0]
    body = {"journey_id": journey["id"]}
    status, _ = await peer.post("shop.Zalo/GetJourney", body, key=other["api_key"])
    assert status == 404


async def test_filters(peer: Peer) -> None:
    """Each filter selects the same journeys as a search of the whole list."""
    for digit in range(6):
        await peer.shop("Zalo/CreateJourney", oa_id=await oa_of(peer), phone=f"090123456{digit}")
    await peer.shop("Zalo/CreateJourney", oa_id=await oa_of(peer), phone="0901234568")

    async def chosen(**wanted: Any) -> list[Any]:
        body = {"filter": wanted, "paging": {"limit": 5}}
        return await peer.walk(peer.shop, "Zalo/ListJourneys", "journeys", **body)

    everything = await chosen()
    assert len(everything) == 13
    for field in ("phone", "status", "is_charged"):
        for value in {journey[field] for journey in everything}:
            found = await chosen(**{field: value})
            assert found == [journey for journey in everything if journey[field] == value], (field, value)
    assert {journey["status"] for journey in everything} == {"P", "N"}
    moment = everything[6]["created_at"]
    assert await chosen(date_from=moment) == everything[:7]
    assert await chosen(date_to=moment) == everything[6:]
    assert await chosen(oa_id=await oa_of(peer)) == everything
    assert await chosen(oa_id=await oa_of(peer, 1)) == []
