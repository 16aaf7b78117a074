"""Test the Zalo error codes in responses with HTTP 200."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import ShopClient
from etelecom_async._core.codec.zalo_codes import QUOTA_CODES, REMEDIES, ZALO
from etelecom_async.errors import DeliveryError

if TYPE_CHECKING:
    from tests.conftest import Peer

PHONE = {"oa_id": "1", "phone": "0901234567"}
CALLS: dict[str, dict[str, Any]] = {
    "zns.messages.send": {**PHONE, "template_id": 7, "template_data": {}},
    "zns.messages.send_journey": {**PHONE, "template_id": 7, "template_data": {}, "journey_id": "5"},
    "zns.journeys.create": PHONE,
    "zalo.consents.request": {**PHONE, "call_type": "audio", "reason_code": "unknown"},
}


async def refused(shop: ShopClient, call: str) -> DeliveryError:
    """Return the error of a call that a 200 reports as failed."""
    method: Any = shop
    for step in call.split("."):
        method = getattr(method, step)
    with pytest.raises(DeliveryError) as caught:
        await method(**CALLS[call])
    return caught.value


def test_codes_are_zalo_s() -> None:
    """Each code has a meaning that can stand inside a sentence, and the codes of a quota are among them."""
    assert set(range(-111, -99)) | QUOTA_CODES <= set(ZALO)
    assert [meaning for meaning in ZALO.values() if not re.fullmatch(r"[a-zA-Z].*[^.]", meaning)] == []
    assert len(set(ZALO.values())) == len(ZALO)


def test_remedies() -> None:
    """Each code has a remedy, a whole sentence; that of a quota says that a retry does not help."""
    assert set(REMEDIES) == set(ZALO)
    assert all(re.fullmatch(r"[A-Z].*[.]", remedy) for remedy in REMEDIES.values())
    assert all("a retry does not help" in REMEDIES[code] for code in QUOTA_CODES)


@pytest.mark.parametrize("call", CALLS)
async def test_known_code(shop: ShopClient, peer: Peer, call: str) -> None:
    """The error shows the code, its meaning and the service's own text, and has the whole result."""
    peer.respond_with(peer.json({"id": "9", "error_code": -108, "error_message": "số điện thoại 0901234567"}))
    error = await refused(shop, call)
    assert str(error) == (
        f"shop.{call}: refused with error_code -108 (the phone number is not valid): số điện thoại 090***567."
    )
    assert (error.result.id, error.result.error_code) == ("9", -108)
    assert error.result.error_message == "số điện thoại 0901234567"
    assert not error.may_have_happened
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"error_code": -124, "error_message": "odd"}, "refused with error_code -124: odd."),
        ({"error_code": -124}, "refused with error_code -124."),
        ({"error_code": -105}, f"refused with error_code -105 ({ZALO[-105]})."),
        ({"error_code": "-105", "error_message": None}, f"refused with error_code -105 ({ZALO[-105]})."),
        ({"error_code": 1}, "refused with error_code 1."),
    ],
    ids=["unlisted", "without a text", "known, without a text", "as a text", "above zero"],
)
async def test_code_without_a_meaning_or_text(
    shop: ShopClient, peer: Peer, response: dict[str, Any], expected: str
) -> None:
    """An unknown code, or a code without a text, is shown alone."""
    peer.respond_with(peer.json(response))
    assert str(await refused(shop, "zns.messages.send")) == f"shop.zns.messages.send: {expected}"


@pytest.mark.parametrize("response", [{"error_code": 0}, {"error_code": None}, {}], ids=str)
async def test_no_code_is_no_refusal(shop: ShopClient, peer: Peer, response: dict[str, Any]) -> None:
    """A code of 0, as in all samples, or no code means that the message was accepted."""
    peer.respond_with(peer.json({"id": "9", **response}))
    assert (await shop.zns.messages.send(**CALLS["zns.messages.send"])).id == "9"
