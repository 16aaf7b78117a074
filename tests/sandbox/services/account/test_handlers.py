"""The owner of a key, and the ways in which a partner gets shops and their keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from etelecom_async.sandbox.services.account.handlers import sign_in
from etelecom_async.sandbox.store.state import utc_now

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

NEW_SHOP = {"email": "moi@example.com", "phone": "0901234567", "name": "Cửa hàng <Mới>"}
REDIRECT_URL = "https://example.com/redirect?token=87209412&shop_id=12414#done"


async def open_page(peer: Peer, method: str, url: str) -> tuple[int, str, str]:
    """Returns the status, the redirect URL and the page."""
    async with peer.http.request(method, url, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def authorize(peer: Peer, **fields: Any) -> Any:
    """Starts the link with a shop."""
    return await peer.partner("Shop/AuthorizeShop", redirect_url=REDIRECT_URL, **fields)


async def test_accounts(peer: Peer) -> None:
    """CurrentAccount distinguishes the partner from the shop; CurrentShop returns the shop of a shop_key."""
    service = peer.service
    partner = await peer.partner("Misc/CurrentAccount")
    assert (partner["id"], partner["type"]) == (service.partner_api_key.partition(":")[0], "partner")
    _, shop = await peer.post("shop.Misc/CurrentAccount", key=service.shop_api_key)
    assert (shop["id"], shop["type"]) == (service.shop_api_key.partition(":")[0], "shop")
    current = await peer.shop("Shop/CurrentShop")
    assert (current["id"], current["name"]) == (shop["id"], shop["name"])
    assert set(current) == {"id", "name", "type", "image_url", "website"}


async def test_redirect_flow(newcomer: Peer) -> None:
    """A new shop signs in on the page. The redirect has its id, and the id returns a valid key."""
    asked = await authorize(newcomer, **NEW_SHOP)
    assert (asked["code"], asked["type"], asked["expires_in"]) == ("ok", "shop_request", 900)
    assert asked["auth_token"].startswith("request:")

    status, _, page = await open_page(newcomer, "GET", asked["auth_url"])
    assert status == 200
    assert "Cửa hàng &lt;Mới&gt;" in page
    assert "<form" in page

    status, back, _ = await open_page(newcomer, "POST", asked["auth_url"])
    assert status == 303
    url = urlsplit(back)
    assert (url.hostname, url.path, url.fragment) == ("example.com", "/redirect", "done")
    shop_id = parse_qs(url.query)["shop_id"][-1]
    assert parse_qsl(url.query) == [
        ("token", "87209412"),
        ("shop_id", "12414"),
        ("token", asked["auth_token"]),
        ("shop_id", shop_id),
    ]

    linked = await authorize(newcomer, shop_id=shop_id)
    assert (linked["code"], linked["type"], linked["expires_in"]) == ("ok", "shop_key", -1)
    assert "auth_url" not in linked
    status, shop = await newcomer.post("partner.Shop/CurrentShop", key=linked["auth_token"])
    assert (status, shop["id"], shop["name"]) == (200, shop_id, NEW_SHOP["name"])


@pytest.mark.parametrize(
    ("redirect_url", "expected"),
    [
        ("https://example.com/r", "https://example.com/r?"),
        ("https://example.com/r?", "https://example.com/r?"),
        ("https://example.com/r?a=%C3%A9&b", "https://example.com/r?a=%C3%A9&b&"),
        ("https://example.com/r?a=1&", "https://example.com/r?a=1&"),
    ],
)
async def test_the_redirect_keeps_its_query(newcomer: Peer, redirect_url: str, expected: str) -> None:
    """The new parameters come after the query of the URL, which stays unchanged."""
    asked = await newcomer.partner("Shop/AuthorizeShop", redirect_url=redirect_url, **NEW_SHOP)
    _, back, _ = await open_page(newcomer, "POST", asked["auth_url"])
    assert back.startswith(f"{expected}token=request:")


async def test_a_token_is_valid_once(newcomer: Peer) -> None:
    """A token that was used, or is unknown, shows a page that says so, and links no shop."""
    asked = await authorize(newcomer, **NEW_SHOP)
    await open_page(newcomer, "POST", asked["auth_url"])
    for method in ("GET", "POST"):
        assert (await open_page(newcomer, method, asked["auth_url"]))[0] == 410
        assert (await open_page(newcomer, method, f"{asked['auth_url']}x"))[0] == 410
    assert len((await newcomer.partner("Shop/GetShops"))["shops"]) == 2


async def test_a_token_is_valid_for_fifteen_minutes(newcomer: Peer) -> None:
    """A token expires after `expires_in` seconds."""
    asked = await authorize(newcomer, **NEW_SHOP)
    state = newcomer.service._now.state
    late = utc_now() + timedelta(seconds=asked["expires_in"] + 1)
    assert sign_in(state, late, asked["auth_token"]) is None
    assert sign_in(state, utc_now(), asked["auth_token"]) is not None


async def test_a_token_is_not_a_key(newcomer: Peer) -> None:
    """The token of a request is for the browser; as a Bearer key it gets unauthenticated."""
    asked = await authorize(newcomer, **NEW_SHOP)
    status, _ = await newcomer.post("partner.Shop/CurrentShop", key=asked["auth_token"])
    assert status == 401


async def test_a_known_shop_signs_in_again(newcomer: Peer) -> None:
    """The e-mail address of a linked shop signs in as that shop, with its old key."""
    seen: list[tuple[str, str]] = []
    for _ in range(2):
        asked = await authorize(newcomer, **NEW_SHOP)
        _, back, _ = await open_page(newcomer, "POST", asked["auth_url"])
        shop_id = parse_qs(urlsplit(back).query)["shop_id"][-1]
        seen.append((shop_id, (await authorize(newcomer, shop_id=shop_id))["auth_token"]))
    assert seen[0] == seen[1]


async def test_an_unlinked_shop_signs_in_again(peer: Peer) -> None:
    """After the link ended, the old key is invalid. The shop signs in again and has a new key."""
    shop_id = (await peer.shop("Shop/CurrentShop"))["id"]
    old_key = peer.service.shop_key
    assert (await authorize(peer, shop_id=shop_id))["auth_token"] == old_key
    assert peer.service.unlink_shop(shop_id)
    assert not peer.service.unlink_shop(shop_id)
    assert peer.service.shop_key == ""
    assert (await peer.post("partner.Shop/CurrentShop", key=old_key))[0] == 401

    asked = await authorize(peer, shop_id=shop_id)
    assert asked["type"] == "shop_request"
    await open_page(peer, "POST", asked["auth_url"])
    linked = await authorize(peer, shop_id=shop_id)
    assert linked["type"] == "shop_key"
    assert linked["auth_token"] == peer.service.shop_key != old_key
    assert (await peer.shop("Shop/CurrentShop"))["id"] == shop_id


async def test_the_link_can_be_ended_over_http(peer: Peer) -> None:
    """`POST /_sandbox/shops/<id>/unlink` ends the link, once; an unknown shop is not_found."""
    shop_id = (await peer.shop("Shop/CurrentShop"))["id"]
    url = f"{peer.service.sms_base_url}/_sandbox/shops"
    statuses: list[int] = []
    for which in (shop_id, shop_id, 1, "x"):
        async with peer.http.post(f"{url}/{which}/unlink", json={}) as response:
            statuses.append(response.status)
    assert statuses == [200, 404, 404, 400]
    assert (await authorize(peer, shop_id=shop_id))["type"] == "shop_request"


async def test_a_wrong_shop_id_is_denied(peer: Peer) -> None:
    """A shop that never signed in through this partner gets permission_denied, with the reason."""
    body = {"shop_id": "1052570182707778180", "redirect_url": REDIRECT_URL}
    status, response = await peer.post("partner.Shop/AuthorizeShop", body, key=peer.service.partner_api_key)
    assert (status, response["code"]) == (403, "permission_denied")
    assert "signed in" in response["meta"]["reason"]


@pytest.mark.parametrize("missing", ["email", "phone", "name", "redirect_url"])
async def test_required_fields_of_a_new_shop(newcomer: Peer, missing: str) -> None:
    """A new shop requires e-mail, phone, name and redirect_url."""
    fields = NEW_SHOP | {"redirect_url": REDIRECT_URL}
    del fields[missing]
    response = await newcomer.partner_error("Shop/AuthorizeShop", **fields)
    assert response == (400, "invalid_argument")


async def test_redirect_urls_are_web_pages(newcomer: Peer) -> None:
    """A redirect_url that is not an http or https URL is rejected before the sign-in."""
    fields = NEW_SHOP | {"redirect_url": "javascript:alert(1)"}
    assert await newcomer.partner_error("Shop/AuthorizeShop", **fields) == (400, "invalid_argument")


async def test_create_shop_account(newcomer: Peer) -> None:
    """A shop is created at once with its own key and the partner's key; unknown fields are ignored."""
    created = await newcomer.partner("Shop/CreateShopAccount", **NEW_SHOP, colour="red")
    assert {name: created["shop"][name] for name in NEW_SHOP} == NEW_SHOP
    shop_id = created["shop"]["id"]
    assert created["api_key"].startswith(f"{shop_id}:")
    assert created["shop_key"].startswith(f"shop{shop_id}:")
    assert (await newcomer.post("shop.Misc/CurrentAccount", key=created["api_key"]))[1]["id"] == shop_id
    assert (await newcomer.post("partner.Shop/CurrentShop", key=created["shop_key"]))[1]["id"] == shop_id
    assert (await authorize(newcomer, shop_id=shop_id))["auth_token"] == created["shop_key"]
    assert await newcomer.partner_error("Shop/CreateShopAccount", name=[7]) == (400, "invalid_argument")


async def test_get_shops(peer: Peer) -> None:
    """The list contains all shops of the partner, newest first, in pages."""
    created = await peer.partner("Shop/CreateShopAccount", **NEW_SHOP)
    shops = await peer.walk(peer.partner, "Shop/GetShops", "shops", paging={"limit": 1})
    assert shops[0] == created["shop"]
    assert len(shops) == 4
