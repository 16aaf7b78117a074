"""ZNS templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

LISTED_ONLY = {"oa_id", "shop_id", "is_journey", "price_exceeded", "retail_price", "ref_param"}


async def oa_of(peer: Peer, place: int = 0) -> str:
    """Returns an official account of the shop."""
    oa_id: str = (await peer.oas())[place]["oa_id"]
    return oa_id


async def test_a_template_is_added_by_its_id(peer: Peer) -> None:
    """A template is added with Zalo's data, and can be read and listed; adding it again is rejected."""
    body = {"oa_id": await oa_of(peer), "template_id": 611_111}
    created = await peer.shop("Zalo/CreateTemplate", **body, type="otp")
    assert (created["template_id"], created["type"], created["template_status"]) == (611_111, "otp", "ENABLE")
    assert [param["name"] for param in created["template_params"]] == ["otp"]
    assert await peer.shop("Zalo/GetTemplate", **body) == created
    (listed,) = (await peer.shop("Zalo/ListTemplates", filter={"template_id": 611_111}))["templates"]
    assert set(listed) - set(created) == LISTED_ONLY
    assert {name: listed[name] for name in created} == created
    assert await peer.shop_error("Zalo/CreateTemplate", **body) == (409, "already_exists")


@pytest.mark.parametrize("kind", [{}, {"type": "unknown"}])
async def test_the_kind_is_optional(peer: Peer, kind: dict[str, str]) -> None:
    """Without a kind, the template has the kind that Zalo knows."""
    created = await peer.shop("Zalo/CreateTemplate", oa_id=await oa_of(peer), template_id=700_001, **kind)
    assert created["type"] in ("otp", "text", "table", "rating")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"template_id": 99_999}, (404, "not_found")),
        ({"template_id": 0}, (400, "invalid_argument")),
        ({"template_id": 2**63}, (400, "invalid_argument")),
        ({"template_id": "many"}, (400, "invalid_argument")),
        ({"type": "carousel"}, (400, "invalid_argument")),
        ({"oa_id": "1"}, (404, "not_found")),
    ],
)
async def test_wrong_templates(peer: Peer, wrong: dict[str, Any], error: tuple[int, str]) -> None:
    """Unknown ids, other kinds and unknown accounts are rejected."""
    body = {"oa_id": await oa_of(peer), "template_id": 611_111, "type": "text"}
    assert await peer.shop_error("Zalo/CreateTemplate", **(body | wrong)) == error


async def test_a_template_belongs_to_its_account(peer: Peer) -> None:
    """Another account of the shop does not have the template."""
    template = (await peer.templates(await oa_of(peer)))["otp"]
    body = {"oa_id": await oa_of(peer, 1), "template_id": template["template_id"]}
    assert await peer.shop_error("Zalo/GetTemplate", **body) == (404, "not_found")
    body = {"oa_id": await oa_of(peer), "template_id": 1}
    assert await peer.shop_error("Zalo/GetTemplate", **body) == (404, "not_found")


async def test_filters(peer: Peer) -> None:
    """Each filter selects the same templates as a search of the whole list."""

    async def chosen(**wanted: Any) -> list[Any]:
        body = {"filter": wanted, "paging": {"limit": 4}}
        return await peer.walk(peer.shop, "Zalo/ListTemplates", "templates", **body)

    everything = await chosen()
    assert len(everything) == 13
    for template in everything:
        for field in ("oa_id", "template_id", "type"):
            value = template[field]
            assert await chosen(**{field: value}) == [one for one in everything if one[field] == value]
        moment = template["created_at"]
        assert await chosen(date_from=moment) == [one for one in everything if one["created_at"] >= moment]
        assert await chosen(date_to=moment) == [one for one in everything if one["created_at"] <= moment]
    names = [one for one in everything if "ĐÁNH GIÁ".casefold() in one["template_name"].casefold()]
    assert await chosen(template_name="ĐÁNH GIÁ") == names
    assert names
    body = {"filter": {"template_id": 2**70}}
    assert await peer.shop_error("Zalo/ListTemplates", **body) == (400, "invalid_argument")
