"""Which changes make which events, and who receives them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer
    from tests.sandbox.deliveries.conftest import Receiver

BOTH = ["call_log", "zl_oa_message"]


@pytest.fixture
async def hooked(peer: Peer, receiver: Receiver) -> Peer:
    """A sandbox whose shop has a webhook for both entities at the receiver, with the path `/`."""
    await register(peer, f"{receiver.url}/", BOTH)
    return peer


async def register(peer: Peer, url: str, entities: list[str]) -> dict[str, Any]:
    """Register a webhook of the first shop."""
    body = {"url": url, "entities": entities}
    _, webhook = await peer.post("shop.Webhook/CreateWebhook", body, key=peer.service.shop_api_key)
    return dict(webhook)


async def oa_with_webhook(peer: Peer, url: str) -> str:
    """Set the webhook URL of the account that can send; return its id."""
    oa_id: str = (await peer.oas())[0]["oa_id"]
    await peer.shop("Zalo/UpdateShopOA", oa_id=oa_id, webhook_url=url)
    return oa_id


async def test_a_call(hooked: Peer, receiver: Receiver) -> None:
    """A call that is added or changes makes an event, which is exactly the call in ListCallLogs."""
    call = hooked.service.calls.add(caller="0912345678")
    await hooked.service.deliver()
    listed = await hooked.calls(call_number="0912345678")
    assert receiver.events() == listed
    assert listed[0]["recording_urls"][0].startswith(hooked.service.sms_base_url)

    hooked.service.calls.update(call.id, note="gọi lại")
    await hooked.service.deliver()
    assert receiver.events()[1:] == await hooked.calls(call_number="0912345678")
    assert receiver.events()[1]["note"] == "gọi lại"


async def test_what_is_no_event(hooked: Peer, receiver: Receiver) -> None:
    """The seed, a change to the same values, a deletion, and a failed change make no event."""
    call = hooked.service.calls.list()[0]
    hooked.service.calls.update(call.id, note=call.note or "", updated_at=call.updated_at)
    hooked.service.calls.delete(call.id)
    with pytest.raises(ValueError, match="hotline_id"):
        hooked.service.calls.update(hooked.service.calls.list()[0].id, note="x", hotline_id="99")
    url = f"{hooked.service.sms_base_url}/_sandbox/records"
    async with hooked.http.post(url, json={"calls": [{}, {"caler": "1"}]}) as response:
        assert response.status == 400
    assert len(await hooked.service.deliver()) == 0
    assert receiver.posts == []


async def test_records_of_one_request(hooked: Peer, receiver: Receiver) -> None:
    """Each record that the control API adds makes one event, in the order of the records."""
    url = f"{hooked.service.sms_base_url}/_sandbox/records"
    numbers = [f"091000000{number}" for number in range(3)]
    async with hooked.http.post(url, json={"calls": [{"caller": number} for number in numbers]}) as response:
        assert response.status == 200
    await hooked.service.deliver()
    assert [event["caller"] for event in receiver.events()] == numbers


async def test_a_message(hooked: Peer, receiver: Receiver) -> None:
    """Each step of a ZNS makes an event in its order, also if the clock passes all steps at once."""
    oa_id = (await hooked.oas())[0]["oa_id"]
    template = (await hooked.templates(oa_id))["rating"]
    data = {param["name"]: "1" * param["min_length"] for param in template["template_params"]}
    body = {"oa_id": oa_id, "phone": "0901234560", "template_id": template["template_id"]}
    message = await hooked.shop("Zalo/SendZNS", **body, template_data=data, tracking_id="order-1")
    assert message["error_code"] == 0, message
    hooked.advance(hours=1)
    await hooked.service.deliver()
    events = receiver.events()
    assert [(event["status"], event["delivery_status"], event["rate"] > 0) for event in events] == [
        ("Z", "unknown", False),
        ("P", "unknown", False),
        ("P", "received", False),
        ("P", "seen", False),
        ("P", "seen", True),
    ]
    assert events[-1] == await hooked.shop("Zalo/GetMessage", oa_id=oa_id, msg_id=message["msg_id"])


async def test_who_receives_a_call(peer: Peer, receiver: Receiver) -> None:
    """Webhooks of the shop and of its linked partner receive it; those of others do not."""
    other = peer.service.shops.add(email="other@example.com")
    await register(peer, f"{receiver.url}/shop", ["call_log"])
    await register(peer, f"{receiver.url}/messages", ["zl_oa_message"])
    await peer.partner("Webhook/CreateWebhook", url=f"{receiver.url}/partner", entities=BOTH)
    headers = {"url": f"{receiver.url}/other", "entities": BOTH}
    await peer.post("shop.Webhook/CreateWebhook", headers, key=str(other.api_key.reveal()))
    peer.service.calls.add()
    await peer.service.deliver()
    assert sorted(path for path, _ in receiver.posts) == ["/partner", "/shop"]

    receiver.posts.clear()
    peer.service.unlink_shop((await peer.shop("Shop/CurrentShop"))["id"])
    peer.service.calls.add()
    await peer.service.deliver()
    assert [path for path, _ in receiver.posts] == ["/shop"]


async def test_consents(peer: Peer, receiver: Receiver) -> None:
    """A request for consent, its answer and its end make events with the documented object."""
    oa_id = await oa_with_webhook(peer, f"{receiver.url}/oa")
    for phone in ("0901234560", "0901234565", "0901234566", "0901234518"):  # grants, refuses, silent, no Zalo
        body = {"oa_id": oa_id, "phone": phone, "call_type": "audio"}
        await peer.shop("Zalo/RequestConsent", **body, reason_code="update_order")
    peer.advance(hours=25)
    await peer.service.deliver()
    found = [(event["event_name"], event["consents"][0]["reply_status"]) for event in receiver.events("/oa")]
    assert found == [
        *[("oa_send_consent", "S")] * 3,
        ("user_reply_consent", "P"),
        ("user_reply_consent", "N"),
        ("oa_send_consent", "NS"),
    ]
    answered = receiver.events("/oa")[3]
    listed = await peer.shop("Zalo/ListRequestConsent", filter={"phone": answered["consents"][0]["phone"]})
    assert set(answered) == {"event_name", "consents"}
    assert set(answered["consents"][0]) == set(listed["consents"][0])


async def test_followers(peer: Peer, receiver: Receiver) -> None:
    """A follower that comes, goes, or fills in the form makes events of the account."""
    oa_id = await oa_with_webhook(peer, f"{receiver.url}/oa")
    follower = peer.service.followers.add(oa_id=oa_id)
    await peer.shop("Zalo/RequestUserInfo", oa_id=oa_id, zl_user_id=follower.zl_user_id)
    peer.advance(minutes=6)
    await peer.service.deliver()
    peer.service.followers.update(follower.id, state="unfollow")
    peer.service.followers.update(follower.id, gender="male")
    peer.service.followers.add(oa_id=oa_id, state="unfollow")
    await peer.service.deliver()
    events = receiver.events("/oa")
    assert [event["event_name"] for event in events] == ["follow", "user_submit_info", "unfollow", "unfollow"]
    assert events[1]["followers"][0]["shared_info"]["phone"]
    assert {delivery.receiver for delivery in peer.service.deliveries} == {f"oa:{oa_id}"}


async def test_a_new_address_of_an_account(peer: Peer, receiver: Receiver) -> None:
    """Events that wait for the old address are dropped; without an address, there are no events."""
    oa_id = await oa_with_webhook(peer, "http://127.0.0.1:9/none")
    peer.service.consents.add(oa_id=oa_id)
    assert (await peer.service.deliver()).waiting == 1
    peer.service.accounts.update(oa_id, webhook_url=f"{receiver.url}/new")
    assert (await peer.service.deliver()).waiting == 0
    peer.service.consents.add(oa_id=oa_id)
    await peer.service.deliver()
    assert len(receiver.events("/new")) == 1
    await peer.shop("Zalo/UpdateShopOA", oa_id=oa_id, webhook_url="")
    peer.service.consents.add(oa_id=oa_id)
    assert (await peer.service.deliver()).receivers == ()
    assert len(receiver.posts) == 1


async def test_states_of_sms(receiver: Receiver, open_peer: Any) -> None:
    """With `sms_webhook`, the final state of each SMS is posted once, with the seven fields."""
    async with open_peer(sms_webhook=f"{receiver.url}/sms", call_logs=0) as peer:
        sent: dict[str, str] = {}
        for phone in ("0901234560", "0901234569"):
            body = {"phonenumber": phone, "templatecode": "OTP_SMS", "routerule": ["3"]}
            receipt = await peer.sms("OmniMessage/SendMessage", **body, list_param={"otp": "482913"})
            sent[phone] = receipt["idOmniMess"]
        assert len(await peer.service.deliver()) == 0
        peer.advance(minutes=5)
        await peer.service.deliver()
    arrived, failed = receiver.events("/sms")
    assert arrived == {
        "IdOmniMess": sent["0901234560"],
        "Status": "SUCCESS",
        "Channel": "brandnamesms",
        "ErrorCode": "0",
        "MtCount": 1,
        "TelcoId": 2,
        "IsCharged": "False",
    }
    assert (failed["IdOmniMess"], failed["Status"]) == (sent["0901234569"], "FAIL")
    assert {type(value) for value in failed.values()} == {str, int}


async def test_deleted_shops(peer: Peer, receiver: Receiver) -> None:
    """Events for the webhook of a deleted shop are dropped."""
    other = peer.service.shops.add(email="other@example.com")
    body = {"url": "http://127.0.0.1:9/none", "entities": BOTH}
    await peer.post("shop.Webhook/CreateWebhook", body, key=str(other.api_key.reveal()))
    peer.service.calls.add(shop="other@example.com", hotline_id=peer.service.hotlines.list()[0].id)
    assert (await peer.service.deliver()).waiting == 1
    peer.service.shops.delete(str(other.shop.id))
    await register(peer, f"{receiver.url}/", BOTH)
    peer.service.advance(timedelta(minutes=1))
    assert (await peer.service.deliver()).receivers == ()
    assert json.dumps(receiver.posts, default=str) == "[]"
