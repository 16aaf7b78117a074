"""Events that a test asks for: those of an official account, and states of SMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Peer
    from tests.sandbox.deliveries.conftest import Receiver


async def test_an_event_of_an_account(peer: Peer, receiver: Receiver) -> None:
    """The event has nothing but its name; without an id, the oldest account with a URL is meant."""
    first, _, last = await peer.oas()
    await peer.shop("Zalo/UpdateShopOA", oa_id=last["oa_id"], webhook_url=f"{receiver.url}/oa")
    peer.service.add_oa_event("user_send_text")
    peer.service.add_oa_event("follow", oa_id=last["oa_id"])
    await peer.service.deliver()
    assert receiver.events("/oa") == [{"event_name": "user_send_text"}, {"event_name": "follow"}]
    with pytest.raises(ValueError, match="has no webhook URL; set one with"):
        peer.service.add_oa_event("follow", oa_id=first["oa_id"])
    for wrong in ("9", "x", ""):
        with pytest.raises(ValueError, match=f"there is no official account '{wrong}'"):
            peer.service.add_oa_event("follow", oa_id=wrong)
    with pytest.raises(ValueError, match="event_name is blank"):
        peer.service.add_oa_event(" ")


async def test_an_account_without_a_url(peer: Peer) -> None:
    """Without any webhook URL, an event is refused."""
    with pytest.raises(ValueError, match="UpdateShopOA"):
        peer.service.add_oa_event("follow")


async def test_the_state_of_an_sms(open_peer: Callable[..., Any], receiver: Receiver) -> None:
    """Fields that are missing have the values of an SMS that arrived."""
    async with open_peer(sms_webhook=f"{receiver.url}/sms", call_logs=0) as peer:
        first = peer.service.add_sms_status()
        second = peer.service.add_sms_status(IdOmniMess="ICOMNI1", Status="FAIL", MtCount=0)
        await peer.service.deliver()
        assert receiver.events("/sms") == [first, second]
        assert first["IdOmniMess"].startswith("ICOMNI")
        assert second == first | {"IdOmniMess": "ICOMNI1", "Status": "FAIL", "MtCount": 0}
        with pytest.raises(ValueError, match="Statu: there is no such field; did you mean 'Status'"):
            peer.service.add_sms_status(Statu="FAIL")
        with pytest.raises(ValueError, match="MtCount: it is not a whole number"):
            peer.service.add_sms_status(MtCount=True)
        with pytest.raises(ValueError, match="Status: it is not a text"):
            peer.service.add_sms_status(Status=1)


async def test_no_address_for_states_of_sms(peer: Peer) -> None:
    """Without `sms_webhook`, a state of an SMS is refused, and the error names the option."""
    with pytest.raises(ValueError, match=r"sms_webhook \(--sms-webhook URL\)"):
        peer.service.add_sms_status()
