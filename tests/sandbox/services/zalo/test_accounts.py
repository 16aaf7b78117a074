"""The connection of official accounts, their grants, and the fields of their records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

APP = {
    "app_id": "1305666935569034057",
    "app_secret": "s3cret",
    "redirect_uri": "https://example.com/zalo?a=%20#x",
}
PROMOTION = {
    "daily_quota_promotion",
    "estimated_next_month_promotion_quota",
    "monthly_promotion_quota",
    "remaining_monthly_promotion_quota",
}


@pytest.fixture
async def many(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with many official accounts."""
    async with open_peer(call_logs=0, official_accounts=12) as peer:
        yield peer


async def agree(peer: Peer, url: str) -> dict[str, Any]:
    """Agrees on the page behind a link; returns the fields that ConnectOA takes."""
    status, location, _ = await peer.browse("POST", url)
    assert status == 303
    query = parse_qs(urlsplit(location).query)
    return {"code": query["code"][0], "state": int(query["state"][0]), "oa_id": query["oa_id"][0]}


async def connect(peer: Peer) -> Any:
    """Connects a new official account."""
    link = await peer.shop("Zalo/AuthorizeOA", **APP)
    return await peer.shop("Zalo/ConnectOA", **await agree(peer, link["url"]))


async def test_the_redirect_flow(newcomer: Peer) -> None:
    """The administrator agrees on a page. The redirect has a code, and the code connects the account."""
    link = await newcomer.shop("Zalo/AuthorizeOA", **APP)
    assert link["url"].startswith(f"{newcomer.service.sms_base_url}/zalo/oa/permission?")
    assert "s3cret" not in link["url"]
    status, _, page = await newcomer.browse("GET", link["url"])
    assert status == 200
    assert APP["app_id"] in page
    assert "<form" in page

    status, location, _ = await newcomer.browse("POST", link["url"])
    assert status == 303
    url = urlsplit(location)
    query = dict(parse_qsl(url.query))
    assert (url.hostname, url.path, url.fragment) == ("example.com", "/zalo", "x")
    assert list(query) == ["a", "code", "state", "oa_id"]
    assert url.query.startswith("a=%20&code=")

    came = {"code": query["code"], "state": int(query["state"]), "oa_id": query["oa_id"]}
    oa = await newcomer.shop("Zalo/ConnectOA", **came)
    assert (oa["oa_id"], oa["app_id"], oa["status"]) == (query["oa_id"], APP["app_id"], "P")
    assert oa["shop_id"] == newcomer.service.shop_api_key.partition(":")[0]
    lasts = datetime.fromisoformat(oa["expires_at"]) - newcomer.service.now
    assert timedelta(days=89) < lasts < timedelta(days=91)
    assert (await newcomer.shop("Zalo/ListOA"))["accounts"] == [oa]
    assert oa["onwer_id"].isdecimal()


async def test_a_link_and_a_code_are_valid_once(newcomer: Peer) -> None:
    """A used link has no effect; a used code connects nothing."""
    link = await newcomer.shop("Zalo/AuthorizeOA", **APP)
    came = await agree(newcomer, link["url"])
    for method in ("GET", "POST"):
        assert (await newcomer.browse(method, link["url"]))[0] == 410
    await newcomer.shop("Zalo/ConnectOA", **came)
    assert await newcomer.shop_error("Zalo/ConnectOA", **came) == (400, "invalid_argument")


@pytest.mark.parametrize(
    "wrong", [{"code": "x"}, {"state": -1}, {"oa_id": "1"}, {"oa_id": "x"}, {"code": ""}]
)
async def test_the_values_of_a_redirect_belong_together(newcomer: Peer, wrong: dict[str, Any]) -> None:
    """A wrong code, state or account connects nothing and does not use up the code."""
    came = await agree(newcomer, (await newcomer.shop("Zalo/AuthorizeOA", **APP))["url"])
    assert await newcomer.shop_error("Zalo/ConnectOA", **(came | wrong)) == (400, "invalid_argument")
    without = {name: value for name, value in came.items() if name != "state"}
    assert await newcomer.shop_error("Zalo/ConnectOA", **without) == (400, "invalid_argument")
    assert (await newcomer.shop("Zalo/ConnectOA", **came))["oa_id"] == came["oa_id"]


async def test_a_code_is_for_one_shop(newcomer: Peer) -> None:
    """Another shop cannot connect the account with the code."""
    came = await agree(newcomer, (await newcomer.shop("Zalo/AuthorizeOA", **APP))["url"])
    other = await newcomer.partner("Shop/CreateShopAccount")
    status, response = await newcomer.post("shop.Zalo/ConnectOA", came, key=other["api_key"])
    assert (status, response["code"]) == (400, "invalid_argument")


async def test_links_and_codes_expire(newcomer: Peer) -> None:
    """A link is valid for 15 minutes, a code for 10."""
    old = (await newcomer.shop("Zalo/AuthorizeOA", **APP))["url"]
    newcomer.advance(minutes=15)
    assert (await newcomer.browse("POST", old))[0] == 410
    came = await agree(newcomer, (await newcomer.shop("Zalo/AuthorizeOA", **APP))["url"])
    newcomer.advance(minutes=10)
    assert await newcomer.shop_error("Zalo/ConnectOA", **came) == (400, "invalid_argument")


@pytest.mark.parametrize(
    "wrong", [{"app_id": "x"}, {"app_secret": " "}, {"redirect_uri": "ftp://example.com"}]
)
async def test_required_fields_of_authorize(newcomer: Peer, wrong: dict[str, str]) -> None:
    """The id and the secret of the app, and an absolute URL, are required."""
    assert await newcomer.shop_error("Zalo/AuthorizeOA", **(APP | wrong)) == (400, "invalid_argument")
    for name in APP:
        fields = {field: value for field, value in APP.items() if field != name}
        assert await newcomer.shop_error("Zalo/AuthorizeOA", **fields) == (400, "invalid_argument")


async def test_a_new_account_is_small(newcomer: Peer) -> None:
    """A new account is not verified, has small quotas, and has its administrator as its only follower."""
    oa = await connect(newcomer)
    oa = await newcomer.shop("Zalo/GetShopOA", oa_id=oa["oa_id"])
    assert (oa["is_verified"], oa["daily_quota"], oa["remaining_quota"]) == (False, 10, 10)
    assert (oa["monthly_promotion_quota"], oa["current_quality"]) == (3, "UNDEFINED")
    (follower,) = (await newcomer.shop("Zalo/ListFollowers"))["followers"]
    assert follower["oa_id"] == oa["oa_id"]
    assert follower["state"] == "follow"


async def test_the_daily_quota(newcomer: Peer) -> None:
    """
    Each ZNS reduces the account's quota.

    Past the quota, ZNS are rejected inside a 200 until the next day.
    """
    oa_id = (await connect(newcomer))["oa_id"]
    template = {"oa_id": oa_id, "template_id": 600_000}
    await newcomer.shop("Zalo/CreateTemplate", **template, type="otp")
    body = {**template, "phone": "0901234560", "template_data": {"otp": "123456"}}
    codes = [(await newcomer.shop("Zalo/SendZNS", **body))["error_code"] for _ in range(12)]
    assert codes == [0] * 10 + [-144] * 2
    assert (await newcomer.shop("Zalo/GetShopOA", oa_id=oa_id))["remaining_quota"] == 0
    newcomer.advance(days=1)
    assert (await newcomer.shop("Zalo/GetShopOA", oa_id=oa_id))["remaining_quota"] == 10
    assert (await newcomer.shop("Zalo/SendZNS", **body))["error_code"] == 0


async def test_a_grant_expires_and_is_renewed(newcomer: Peer) -> None:
    """After `expires_at`, nothing is sent to Zalo until the administrator renews the grant."""
    oa = await connect(newcomer)
    oa_id = oa["oa_id"]
    (follower,) = (await newcomer.shop("Zalo/ListFollowers"))["followers"]
    message = {
        "oa_id": oa_id,
        "recipient": {"user_id": follower["zl_user_id"]},
        "message": {"text": "Chào bạn"},
    }
    newcomer.advance(days=89, hours=23)
    await newcomer.shop("Zalo/OASendText", **message)
    newcomer.advance(hours=2)
    phone = {"oa_id": oa_id, "phone": "0901234560"}
    refused = {
        "OASendText": message,
        "RequestUserInfo": {"oa_id": oa_id, "zl_user_id": follower["zl_user_id"]},
        "CheckConsent": phone,
        "RequestConsent": phone | {"call_type": "audio", "reason_code": "update_order"},
        "CreateTemplate": {"oa_id": oa_id, "template_id": 200_000},
        "CreateJourney": phone,
        "SendZNS": phone | {"template_id": 1, "template_data": {}},
        "SendZNSJourney": phone | {"template_id": 1, "template_data": {}, "journey_id": "1"},
    }
    for method, body in refused.items():
        assert await newcomer.shop_error(f"Zalo/{method}", **body) == (412, "failed_precondition"), method
    status, response = await newcomer.upload(type="file", oa_id=oa_id)
    assert (status, response["code"]) == (412, "failed_precondition")
    # eTelecom's own data can still be read.
    assert (await newcomer.shop("Zalo/GetShopOA", oa_id=oa_id))["status"] == "P"

    link = await newcomer.shop("Zalo/RefreshToken", oa_id=oa_id)
    assert await newcomer.shop_error("Zalo/OASendText", **message) == (412, "failed_precondition")
    came = await agree(newcomer, link["url"])
    assert came["oa_id"] == oa_id
    again = await newcomer.shop("Zalo/ConnectOA", **came)
    assert again == oa | {"expires_at": again["expires_at"], "updated_at": again["updated_at"]}
    assert again["expires_at"] > oa["expires_at"]
    await newcomer.shop("Zalo/OASendText", **message)


async def test_seeded_accounts(peer: Peer) -> None:
    """One account can send. One has an expired grant and one is disconnected; both can be renewed."""
    sendable, *rest = await peer.oas()
    phone = {"phone": "0901234560"}
    await peer.shop("Zalo/CheckConsent", oa_id=sendable["oa_id"], **phone)
    for oa in rest:
        body = {"oa_id": oa["oa_id"], **phone}
        assert await peer.shop_error("Zalo/CheckConsent", **body) == (412, "failed_precondition")
        link = await peer.shop("Zalo/RefreshToken", oa_id=oa["oa_id"])
        await peer.shop("Zalo/ConnectOA", **await agree(peer, link["url"]))
        await peer.shop("Zalo/CheckConsent", **body)


async def test_filters(many: Peer) -> None:
    """Each filter, and each pair of filters, selects the same accounts as a search of the whole list."""
    accounts = await many.walk(many.shop, "Zalo/ListOA", "accounts")
    assert len(accounts) == 12

    async def chosen(**wanted: Any) -> list[Any]:
        return await many.walk(many.shop, "Zalo/ListOA", "accounts", filter=wanted, paging={"limit": 5})

    for oa in accounts:
        assert await chosen(oa_id=oa["oa_id"]) == [oa]
        assert await chosen(app_id=oa["app_id"]) == accounts
        word = oa["name"].split()[0].upper()
        assert await chosen(name=word) == [
            one for one in accounts if word.casefold() in one["name"].casefold()
        ]
        moment = oa["created_at"]
        assert await chosen(date_from=moment) == [one for one in accounts if one["created_at"] >= moment]
        assert await chosen(date_to=moment) == [one for one in accounts if one["created_at"] <= moment]
        assert await chosen(date_from=moment, date_to=moment, oa_id=oa["oa_id"]) == [oa]
    assert await chosen(app_id="1") == []
    assert await chosen(oa_id="0", app_id="", name="") == accounts


async def test_fields_that_the_list_does_not_show(peer: Peer) -> None:
    """Only GetShopOA and UpdateShopOA show the after-sales quotas and the webhook."""
    oa = (await peer.oas())[0]
    full = await peer.shop("Zalo/GetShopOA", oa_id=oa["oa_id"])
    assert set(full) - set(oa) == PROMOTION | {"webhook_url"}
    assert {name: full[name] for name in oa} == oa


async def test_webhook_url(peer: Peer) -> None:
    """The webhook URL is set, changed, and removed by an empty one; other texts are rejected."""
    oa_id = (await peer.oas())[0]["oa_id"]
    for url in ("https://example.com/events?x=1", "http://127.0.0.1:1/", ""):
        oa = await peer.shop("Zalo/UpdateShopOA", oa_id=oa_id, webhook_url=url)
        assert oa["webhook_url"] == url
        assert await peer.shop("Zalo/GetShopOA", oa_id=oa_id) == oa
    body = {"oa_id": oa_id, "webhook_url": "example.com"}
    assert await peer.shop_error("Zalo/UpdateShopOA", **body) == (400, "invalid_argument")


@pytest.mark.parametrize("method", ["GetShopOA", "RefreshToken", "UpdateShopOA"])
async def test_accounts_of_another_shop(peer: Peer, method: str) -> None:
    """Official accounts of another shop get not_found."""
    oa_id = (await peer.oas())[0]["oa_id"]
    other = await peer.partner("Shop/CreateShopAccount")
    body = {"oa_id": oa_id, "webhook_url": ""}
    status, response = await peer.post(f"shop.Zalo/{method}", body, key=other["api_key"])
    assert (status, response["code"]) == (404, "not_found")
    status, response = await peer.post("shop.Zalo/ListOA", key=other["api_key"])
    assert response["accounts"] == []
    assert await peer.shop_error(f"Zalo/{method}", **(body | {"oa_id": "1"})) == (404, "not_found")
    assert await peer.shop_error(f"Zalo/{method}", **(body | {"oa_id": "x"})) == (400, "invalid_argument")
