"""ZNS: sending, rejections, delivery over time, and lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

OTP = {"otp": "123456"}
ORDER = {"customer_name": "Lê An", "order_code": "A-1"}
UNSET_TIME = "0001-01-01T00:00:00Z"


@pytest.fixture
async def busy(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox that has sent many ZNS."""
    async with open_peer(call_logs=0, zns_messages=300) as peer:
        yield peer


async def oa_of(peer: Peer) -> str:
    """Returns the account that can send."""
    oa_id: str = (await peer.oas())[0]["oa_id"]
    return oa_id


async def otp(peer: Peer, phone: str = "0901234560", **fields: Any) -> dict[str, Any]:
    """Returns the request of SendZNS for a one-time code."""
    oa_id = await oa_of(peer)
    template_id = (await peer.templates(oa_id))["otp"]["template_id"]
    return {"oa_id": oa_id, "phone": phone, "template_id": template_id, "template_data": OTP, **fields}


async def fetch(peer: Peer, message: dict[str, Any]) -> Any:
    """Returns the current record of a message."""
    return await peer.shop("Zalo/GetMessage", oa_id=message["oa_id"], msg_id=message["msg_id"])


async def test_the_states_of_a_message(peer: Peer) -> None:
    """A message is first new, then sent and charged, then received, then seen."""
    message = await peer.shop("Zalo/SendZNS", **await otp(peer, tracking_id="mine"))
    assert (message["status"], message["delivery_status"], message["error_code"]) == ("Z", "unknown", 0)
    assert (message["is_charged"], message["fee_main"], message["sent_time"]) == (False, 0, UNSET_TIME)
    assert (message["phone"], message["type"]) == ("84901234560", "template")
    assert (message["tracking_id"], message["template_data"]) == ("mine", OTP)
    assert await fetch(peer, message) == message

    peer.advance(seconds=3)
    sent = await fetch(peer, message)
    assert (sent["status"], sent["delivery_status"]) == ("P", "unknown")
    assert (sent["is_charged"], sent["fee_main"]) == (True, 300)
    assert sent["sent_time"] > message["created_at"]
    peer.advance(seconds=8)
    received = await fetch(peer, message)
    assert received["delivery_status"] == "received"
    assert received["delivery_time"] > sent["sent_time"]
    assert received["updated_at"] == received["delivery_time"]
    peer.advance(minutes=1)
    seen = await fetch(peer, message)
    assert seen["delivery_status"] == "seen"
    peer.advance(days=365)
    assert await fetch(peer, message) == seen


@pytest.mark.parametrize(("digit", "delivery"), [(5, "received"), (7, "unknown"), (9, "unknown")])
async def test_phones_that_are_off(peer: Peer, digit: int, delivery: str) -> None:
    """A message that is never received or never opened keeps that state, and was charged when sent."""
    message = await peer.shop("Zalo/SendZNS", **await otp(peer, f"090123456{digit}"))
    peer.advance(days=1)
    after = await fetch(peer, message)
    assert (after["status"], after["delivery_status"], after["is_charged"]) == ("P", delivery, True)


async def test_ratings(peer: Peer) -> None:
    """A person that opens a rating template rates some minutes later."""
    oa_id = await oa_of(peer)
    template_id = (await peer.templates(oa_id))["rating"]["template_id"]
    body = {"oa_id": oa_id, "template_id": template_id, "template_data": ORDER}
    message = await peer.shop("Zalo/SendZNS", **body, phone="0901234560")
    peer.advance(minutes=2)
    assert (await fetch(peer, message))["rate"] == 0
    peer.advance(minutes=5)
    rated = await fetch(peer, message)
    assert 1 <= rated["rate"] <= 5
    assert rated["submit_time"] > rated["delivery_time"]
    assert isinstance(rated["feedback"], list)


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"phone": "+84901234560"}, -108, "Phone"),
        ({"phone": "123"}, -108, "Phone"),
        ({"phone": "0901234568"}, -110, "version"),
        ({"phone": "0901234518"}, -118, "does not exist"),
        ({"phone": "0901234548"}, -114, "reached"),
        ({"template_id": 1}, -109, "no such template"),
        ({"template_id": "PENDING_REVIEW"}, -131, "PENDING_REVIEW"),
        ({"template_id": "REJECT"}, -131, "REJECT"),
        ({"template_id": "DISABLE"}, -131, "DISABLE"),
        ({"template_data": {}}, -111, "empty"),
        ({"template_data": {"otp": ""}}, -1122, "is empty"),
        ({"template_data": {"otp": "123"}}, -1124, "fewer than 4"),
        ({"template_data": {"otp": "1" * 11}}, -1121, "more than 10"),
        ({"template_data": {"otp": "123456", "name": "x"}}, -112, "'name'"),
        ({"template_data": {"name": "x"}}, -112, "'name'"),
        ({"mode": "development"}, -127, "administrator"),
        ({"sending_mode": "tag3"}, -162, "tag3"),
    ],
)
async def test_rejections_by_zalo(peer: Peer, wrong: dict[str, Any], code: int, word: str) -> None:
    """A rejection by Zalo is a 200 with code and text; the message failed, is not charged, and is stored."""
    body = await otp(peer, tracking_id="mine") | wrong
    if isinstance(body["template_id"], str):
        template = (await peer.templates(body["oa_id"]))[body["template_id"]]
        body |= {"template_id": template["template_id"], "template_data": ORDER}
    before = await peer.shop("Zalo/GetShopOA", oa_id=body["oa_id"])
    message = await peer.shop("Zalo/SendZNS", **body)
    assert (message["status"], message["error_code"], message["msg_id"]) == ("N", code, "")
    assert word in message["error_message"]
    peer.advance(days=1)
    (found,) = (await peer.shop("Zalo/ListMessages", filter={"tracking_id": "mine"}))["messages"]
    assert found["status"] == "N"
    assert (found["is_charged"], found["fee_main"], found["delivery_status"]) == (False, 0, "unknown")
    assert await peer.shop("Zalo/GetShopOA", oa_id=body["oa_id"]) == before


async def test_rejections_by_etelecom(peer: Peer) -> None:
    """A wrong request gets an error, and nothing is stored."""
    body = await otp(peer, tracking_id="mine")
    for wrong in (
        {"oa_id": "x"},
        {"phone": ""},
        {"mode": "test"},
        {"sending_mode": "tag4"},
        {"template_id": -1},
        {"template_id": "one"},
        {"template_data": ["123456"]},
    ):
        assert await peer.shop_error("Zalo/SendZNS", **(body | wrong)) == (400, "invalid_argument"), wrong
    for missing in ("oa_id", "phone", "template_id"):
        fields = {name: value for name, value in body.items() if name != missing}
        assert await peer.shop_error("Zalo/SendZNS", **fields) == (400, "invalid_argument"), missing
    assert await peer.shop_error("Zalo/SendZNS", **(body | {"oa_id": "1"})) == (404, "not_found")
    assert (await peer.shop("Zalo/ListMessages", filter={"tracking_id": "mine"}))["messages"] == []


async def test_a_test_goes_to_the_administrator(peer: Peer) -> None:
    """In development mode a ZNS goes to the shop's own number, is free and uses no quota."""
    shop = (await peer.partner("Shop/GetShops"))["shops"][-1]
    body = await otp(peer, shop["phone"], mode="development")
    before = await peer.shop("Zalo/GetShopOA", oa_id=body["oa_id"])
    message = await peer.shop("Zalo/SendZNS", **body)
    assert message["is_development"] is True
    peer.advance(seconds=3)
    sent = await peer.shop("Zalo/ListMessages", filter={"is_development": True, "msg_id": message["msg_id"]})
    assert [(one["is_charged"], one["fee_main"]) for one in sent["messages"]] == [(False, 0)]
    assert await peer.shop("Zalo/GetShopOA", oa_id=body["oa_id"]) == before


async def test_a_templates_quota(peer: Peer) -> None:
    """
    Each ZNS reduces the template's quota.

    A used-up quota gets Zalo's code, and is renewed the next day.
    """
    oa_id = await oa_of(peer)
    template = (await peer.templates(oa_id))["quota"]
    assert template["template_daily_quota"] == 5
    body = {"oa_id": oa_id, "template_id": template["template_id"], "template_data": ORDER}
    look = {"oa_id": oa_id, "template_id": template["template_id"]}
    codes: list[int] = []
    left: list[int] = []
    for _ in range(7):
        codes.append((await peer.shop("Zalo/SendZNS", **body, phone="0901234560"))["error_code"])
        left.append((await peer.shop("Zalo/GetTemplate", **look))["template_remaining_quota"])
    assert codes == [0] * 5 + [-147] * 2
    assert left == [4, 3, 2, 1, 0, 0, 0]
    oa = await peer.shop("Zalo/GetShopOA", oa_id=oa_id)
    assert oa["daily_quota"] - oa["remaining_quota"] == 5
    peer.advance(days=1)
    assert (await peer.shop("Zalo/GetTemplate", **look))["template_remaining_quota"] == 5
    oa = await peer.shop("Zalo/GetShopOA", oa_id=oa_id)
    assert oa["daily_quota"] == oa["remaining_quota"]


async def test_after_sales_quota(peer: Peer) -> None:
    """After-sales ZNS use the monthly quota too. `tag3` sends without any quota, for a verified account."""
    state = peer.service._now.state
    oa_id = await oa_of(peer)
    changes = {"monthly_promotion_quota": 2, "remaining_monthly_promotion_quota": 2}
    state.update("oa", int(oa_id), peer.service.now, changes)
    template = (await peer.templates(oa_id))["follow_up"]
    body = {"oa_id": oa_id, "template_id": template["template_id"], "template_data": ORDER}
    sent = [await peer.shop("Zalo/SendZNS", **body, phone="0901234560") for _ in range(3)]
    assert [message["error_code"] for message in sent] == [0, 0, -1441]
    past = body | {"phone": "0901234560", "sending_mode": "tag3"}
    message = await peer.shop("Zalo/SendZNS", **past)
    assert (message["error_code"], message["sending_mode"]) == (0, "tag3")
    oa = await peer.shop("Zalo/GetShopOA", oa_id=oa_id)
    assert (oa["remaining_monthly_promotion_quota"], oa["daily_quota"] - oa["remaining_quota"]) == (0, 2)
    state.update("oa", int(oa_id), peer.service.now, {"is_verified": False})
    assert (await peer.shop("Zalo/SendZNS", **past))["error_code"] == -161
    peer.advance(days=32)
    assert (await peer.shop("Zalo/SendZNS", **body, phone="0901234560"))["error_code"] == 0


async def test_the_recipient_is_a_known_follower(peer: Peer) -> None:
    """A message has the Zalo id of a follower with its phone number, else "0"."""
    oa_id = await oa_of(peer)
    followers = await peer.walk(peer.shop, "Zalo/ListFollowers", "followers", filter={"oa_id": oa_id})
    one = next(one for one in followers if one["phone"] and one["phone"][-1] in "01234")
    assert (await peer.shop("Zalo/SendZNS", **await otp(peer, one["phone"])))["zl_user_id"] == one[
        "zl_user_id"
    ]
    assert (await peer.shop("Zalo/SendZNS", **await otp(peer)))["zl_user_id"] == "0"


async def journey_and_body(peer: Peer, **fields: Any) -> tuple[Any, dict[str, Any]]:
    """Returns a journey, and the request of SendZNSJourney for it."""
    oa_id = await oa_of(peer)
    journey = await peer.shop("Zalo/CreateJourney", oa_id=oa_id, phone="0901234560")
    template = (await peer.templates(oa_id))["journey"]
    body = {
        "oa_id": oa_id,
        "journey_id": journey["journey_id"],
        "phone": "84901234560",
        "template_id": template["template_id"],
        "template_data": ORDER | {"amount": "100", "due_date": "01/02/2026"},
    }
    return journey, body | fields


async def test_one_fee_for_a_journey(peer: Peer) -> None:
    """The first ZNS of a journey shows the token fee, and the others no fee; either id names the journey."""
    journey, body = await journey_and_body(peer)
    sent = [
        await peer.shop("Zalo/SendZNSJourney", **(body | {"journey_id": journey[name]}))
        for name in ("journey_id", "id")
    ]
    assert {message["journey_id"] for message in sent} == {journey["journey_id"]}
    assert {message["type"] for message in sent} == {"journey"}
    assert not {"sending_mode", "response_data", "is_development", "request_time"} & set(sent[0])
    peer.advance(seconds=3)
    fees = [
        (after["fee_main"], after["fee_token"], after["is_charged"])
        for after in [await fetch(peer, message) for message in sent]
    ]
    assert fees == [(0, 800, True), (0, 0, False)]
    for name in ("journey_id", "id"):
        found = await peer.shop(
            "Zalo/ListMessages", filter={"journey_id": journey[name], "msg_type": "journey"}
        )
        assert [one["msg_id"] for one in found["messages"]] == [sent[1]["msg_id"], sent[0]["msg_id"]]


async def test_wrong_journeys(peer: Peer) -> None:
    """A journey for another number and an unknown one get errors; Zalo rejects an ended one."""
    _, body = await journey_and_body(peer)
    for wrong, error in (
        ({"phone": "0901234561"}, (400, "invalid_argument")),
        ({"journey_id": "x"}, (400, "invalid_argument")),
        ({"journey_id": "1"}, (404, "not_found")),
    ):
        assert await peer.shop_error("Zalo/SendZNSJourney", **(body | wrong)) == error, wrong
    peer.advance(days=7, minutes=1)
    message = await peer.shop("Zalo/SendZNSJourney", **body)
    assert (message["status"], message["error_code"]) == ("N", -150)
    refused = await peer.shop("Zalo/CreateJourney", oa_id=body["oa_id"], phone="0901234568")
    wrong = {"journey_id": refused["id"], "phone": "0901234568"}
    assert (await peer.shop("Zalo/SendZNSJourney", **(body | wrong)))["error_code"] == -110


async def test_a_journey_needs_a_journey_template(peer: Peer) -> None:
    """Other templates are rejected inside a 200, and the first accepted ZNS still shows the token fee."""
    _, body = await journey_and_body(peer)
    template_id = (await peer.templates(body["oa_id"]))["otp"]["template_id"]
    wrong = {"template_id": template_id, "template_data": OTP}
    assert (await peer.shop("Zalo/SendZNSJourney", **(body | wrong)))["error_code"] == -109
    message = await peer.shop("Zalo/SendZNSJourney", **body)
    peer.advance(seconds=3)
    assert (await fetch(peer, message))["fee_token"] == 800


async def test_a_journey_of_another_account(peer: Peer) -> None:
    """An account cannot use the journey of another account."""
    _, body = await journey_and_body(peer)
    second = (await peer.oas())[1]["oa_id"]
    state = peer.service._now.state
    state.update("oa", int(second), peer.service.now, {"expires_at": "2100-01-01T00:00:00+07:00"})
    assert await peer.shop_error("Zalo/SendZNSJourney", **(body | {"oa_id": second})) == (404, "not_found")


async def test_get_message(peer: Peer) -> None:
    """A message is found by Zalo's id in the account that sent it, but not by eTelecom's id."""
    message = await peer.shop("Zalo/SendZNS", **await otp(peer))
    for wrong in ({"msg_id": message["id"]}, {"msg_id": "x"}, {"oa_id": (await peer.oas())[1]["oa_id"]}):
        body = {"oa_id": message["oa_id"], "msg_id": message["msg_id"]} | wrong
        assert await peer.shop_error("Zalo/GetMessage", **body) == (404, "not_found")
    body = {"oa_id": message["oa_id"], "msg_id": ""}
    assert await peer.shop_error("Zalo/GetMessage", **body) == (400, "invalid_argument")


async def test_filters(busy: Peer) -> None:
    """Each filter selects the same messages as a search of the whole list; `unknown` selects all."""

    async def chosen(**wanted: Any) -> list[Any]:
        body = {"filter": wanted, "paging": {"limit": 100}}
        return await busy.walk(busy.shop, "Zalo/ListMessages", "messages", **body)

    everything = await chosen()
    assert len(everything) == 300
    assert not {"sending_mode", "response_data"} & set(everything[0])
    fields = {
        "oa_id": "oa_id",
        "template_id": "template_id",
        "msg_type": "type",
        "status": "status",
        "delivery_status": "delivery_status",
        "is_charged": "is_charged",
        "is_development": "is_development",
        "user_id": "user_id",
    }
    for name, field in fields.items():
        for value in {message[field] for message in everything}:
            found = await chosen(**{name: value})
            expected = [message for message in everything if value in ("unknown", message[field])]
            assert found == expected, (name, value)
    for name in ("campaign_id", "journey_id", "msg_id", "tracking_id", "phone"):
        value = next(message[name] for message in everything if message[name] not in ("", "0"))
        found = await chosen(**{name: value})
        assert found == [message for message in everything if message[name] == value], (name, value)
    several = await chosen(status="P", delivery_status="seen", is_charged=True)
    assert 0 < len(several) < 300
    assert await chosen(oa_id="0", msg_id="", status="") == everything
    assert await chosen(msg_type="uid") == []


@pytest.mark.parametrize(
    ("time_type", "field"),
    [
        (None, "updated_at"),
        ("unknown", "updated_at"),
        ("updated_time", "updated_at"),
        ("request_time", "request_time"),
        ("submit_time", "submit_time"),
    ],
)
async def test_time_types(busy: Peer, time_type: str | None, field: str) -> None:
    """`time_type` chooses the time to which the span applies; by default that is the last change."""
    everything = await busy.walk(busy.shop, "Zalo/ListMessages", "messages")
    times = sorted(message[field] for message in everything if message[field] != UNSET_TIME)
    first, last = times[len(times) // 4], times[len(times) // 2]
    wanted = {"date_from": first, "date_to": last} | ({"time_type": time_type} if time_type else {})
    found = await busy.walk(busy.shop, "Zalo/ListMessages", "messages", filter=wanted)
    assert found == [message for message in everything if first <= message[field] <= last]
    assert found
    if field == "submit_time":
        rated = await busy.walk(busy.shop, "Zalo/ListMessages", "messages", filter={"time_type": time_type})
        assert len(rated) == len(times)


async def test_an_unknown_time_type(peer: Peer) -> None:
    """An unlisted `time_type` is rejected, because its list would be wrong."""
    body = {"filter": {"time_type": "delivery_time"}}
    assert await peer.shop_error("Zalo/ListMessages", **body) == (400, "invalid_argument")
