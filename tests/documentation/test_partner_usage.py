"""
The page "Partner > Usage".

https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from etelecom_async import PartnerClient, errors
from etelecom_async.connect import parse_redirect
from etelecom_async.models import AccountType, LoginRequired, ShopKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.documentation.conftest import Docs, Reading

NEW_SHOP: Final = {"email": "an@example.com", "phone": "0901234567", "name": "Lê An"}
REDIRECT_URL: Final = "https://example.com/redirect?token=87209412&shop_id=12414"
BARE_URL: Final = "https://example.com/redirect"


def authorize(docs: Docs, **body: Any) -> Any:
    """Return the response of AuthorizeShop."""
    return docs.partner("Shop/AuthorizeShop", **{"redirect_url": REDIRECT_URL, **body})


def sign_in(docs: Docs, email: str, redirect_url: str = BARE_URL) -> dict[str, list[str]]:
    """Link a new shop; return the query with which the browser comes back."""
    asked = authorize(docs, **NEW_SHOP | {"email": email}, redirect_url=redirect_url)
    status, location = docs.browse("POST", asked["auth_url"])
    assert status == 303
    return parse_qs(urlsplit(location).query)


def test_the_key_and_the_host_are_settings(docs: Docs) -> None:
    """The key and the host are given by eTelecom, and a program configures both."""
    environment = docs.service.environment()
    assert {"ETELECOM_PARTNER_API_KEY", "ETELECOM_BASE_URL"} <= set(environment)
    account = docs.with_partner(lambda client: client.account())
    assert account["type"] == "partner"


def test_the_sample_call(docs: Docs) -> None:
    """`Misc/CurrentAccount` with an empty object, a content type and a Bearer key is a whole call."""
    assert docs.post("partner.Misc/CurrentAccount", {})[0] == 200


@pytest.mark.deviation("A sandbox speaks plain HTTP on a loopback address; the client's own URL has HTTPS.")
def test_https(docs: Docs) -> None:
    """Requests use HTTPS."""
    assert docs.service.base_url.startswith("http://127.0.0.1:")
    assert "https://" in repr(PartnerClient("1161512386239479010:canary-key", base_url=None))


def test_method_and_headers(docs: Docs, reading: Reading) -> None:
    """A call is a POST with JSON, its content type and the key; the client sends all of them."""
    reading.partner({}, lambda client: client.account())
    (asked,) = reading.peer.requests
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "Bearer 1161512386239479010:canary-key"
    assert asked.json == {}
    assert docs.browse("GET", f"{docs.service.base_url}/partner.Misc/CurrentAccount")[0] == 404


@pytest.mark.parametrize("status", [400, 404, 499, 500, 503])
def test_failures(docs: Docs, reading: Reading, status: int) -> None:
    """A failure has a status 4xx or 5xx, and an object with `code` and `msg`."""
    assert docs.refused("Shop/AuthorizeShop", {}) == (400, "invalid_argument")
    body = {"code": "invalid_argument", "msg": "..."}
    with pytest.raises(errors.APIError) as caught:
        reading.partner(body, lambda client: client.with_options(retries=0).account(), status)
    assert (caught.value.status, caught.value.code) == (status, "invalid_argument")


def test_the_first_call_asks_for_a_sign_in(docs: Docs) -> None:
    """A new shop gives type `shop_request`: a token for 900 seconds, and a page with this token."""
    asked = authorize(docs, **NEW_SHOP)
    assert (asked["code"], asked["msg"], asked["type"], asked["expires_in"]) == (
        "ok",
        "",
        "shop_request",
        900,
    )
    assert re.fullmatch(r"request:[\w-]{43}", asked["auth_token"])
    assert asked["auth_url"].endswith(f"/login?token={asked['auth_token']}")


@pytest.mark.deviation(
    "The sign-in page is the sandbox's own; the sample's is on another host of the vendor."
)
def test_the_host_of_the_sign_in_page(docs: Docs) -> None:
    """The shop signs in on a page of eTelecom."""
    asked = authorize(docs, **NEW_SHOP)
    assert asked["auth_url"].startswith(docs.service.sms_base_url)
    assert docs.browse("GET", asked["auth_url"])[0] == 200


@pytest.mark.parametrize("missing", ["email", "phone", "name", "redirect_url"])
def test_required_for_a_new_shop(docs: Docs, missing: str) -> None:
    """E-mail, phone, name and redirect URL are required for a new shop."""
    body = {name: value for name, value in (NEW_SHOP | {"redirect_url": BARE_URL}).items() if name != missing}
    assert docs.refused("Shop/AuthorizeShop", body) == (400, "invalid_argument")


def test_the_way_back(docs: Docs) -> None:
    """After the sign-in, the browser goes to the redirect URL with `token` and `shop_id`."""
    query = sign_in(docs, "back@example.com")
    assert set(query) == {"token", "shop_id"}
    assert query["shop_id"][0].isdecimal()
    assert query["token"][0].startswith("request:")


@pytest.mark.deviation(
    "The page adds `?token=` to any URL. The sandbox adds `&token=` to a URL with a query, like the sample's."
)
def test_a_redirect_url_with_a_query(docs: Docs) -> None:
    """The sample's redirect URL has parameters already; they stay, and eTelecom's come after them."""
    query = sign_in(docs, "query@example.com", REDIRECT_URL)
    assert query["token"][0] == "87209412"
    assert query["shop_id"][0] == "12414"
    assert [len(values) for values in query.values()] == [2, 2]


@pytest.mark.parametrize("joint", ["?", "&"])
def test_the_client_reads_the_redirect(joint: str) -> None:
    """The client finds eTelecom's parameters after those of the sample, whatever stands between them."""
    redirect = parse_redirect(f"{REDIRECT_URL}{joint}token=request:abc&shop_id=1052570182707778180")
    assert (redirect.token.reveal(), redirect.shop_id) == ("request:abc", "1052570182707778180")
    assert redirect.params == {"token": "87209412", "shop_id": "12414"}


def test_the_second_call_gives_the_key(docs: Docs) -> None:
    """With the `shop_id` of the redirect, the type is `shop_key`: a key without an end, and no page."""
    shop_id = sign_in(docs, "second@example.com")["shop_id"][0]
    linked = authorize(docs, shop_id=shop_id)
    assert (linked["code"], linked["msg"], linked["type"], linked["expires_in"]) == ("ok", "", "shop_key", -1)
    assert re.fullmatch(rf"shop{shop_id}:\w{{64}}", linked["auth_token"])
    assert "auth_url" not in linked
    assert docs.post("partner.Shop/CurrentShop", key=linked["auth_token"])[1]["id"] == shop_id


def test_required_for_a_linked_shop(docs: Docs) -> None:
    """The second call needs the redirect URL too, because the shop may have to sign in again."""
    shop_id = sign_in(docs, "third@example.com")["shop_id"][0]
    assert docs.refused("Shop/AuthorizeShop", {"shop_id": shop_id}) == (400, "invalid_argument")


def test_the_key_acts_for_the_shop(docs: Docs) -> None:
    """With the key, a partner creates a switchboard as the shop."""
    shop_id = sign_in(docs, "fourth@example.com")["shop_id"][0]
    key = authorize(docs, shop_id=shop_id)["auth_token"]
    status, tenant = docs.post("partner.Etelecom/CreateTenant", key=key)
    assert (status, tenant["status"]) == (200, "Z")


def test_a_shop_that_ended_the_link(docs: Docs) -> None:
    """A shop that ended its link gets type `shop_request` again, in a 200, with a page to sign in."""
    shop_id = sign_in(docs, "fifth@example.com")["shop_id"][0]
    assert docs.service.unlink_shop(shop_id)
    asked = docs.with_partner(
        lambda client: client.shops.authorize(shop_id=shop_id, redirect_url=REDIRECT_URL)
    )
    assert isinstance(asked, LoginRequired)
    status, location = docs.browse("POST", asked.auth_url.reveal())
    assert (status, parse_qs(urlsplit(location).query)["shop_id"][-1]) == (303, shop_id)
    assert authorize(docs, shop_id=shop_id)["type"] == "shop_key"


@pytest.mark.parametrize("kind", ["request", "request.linked_shop"])
def test_the_sample_requests(docs: Docs, kind: str) -> None:
    """Both sample requests work, with real values in place of the placeholders."""
    shop_id = sign_in(docs, "sample@example.com")["shop_id"][0]
    real = NEW_SHOP | {"shop_id": shop_id, "redirect_url": REDIRECT_URL}
    sample = docs.samples("Shop.AuthorizeShop", kind)[0]
    expected = "shop_key" if "shop_id" in sample else "shop_request"
    assert docs.partner("Shop/AuthorizeShop", **{name: real[name] for name in sample})["type"] == expected


@pytest.mark.parametrize("kind", ["response", "response.shop_key"])
def test_the_sample_responses(docs: Docs, reading: Reading, kind: str) -> None:
    """The client reads both sample responses, and keeps the token secret."""
    sample = docs.samples("Shop.AuthorizeShop", kind)[0]
    found = reading.partner(sample, lambda client: client.shops.authorize(shop_id="1", redirect_url=BARE_URL))
    assert type(found) is {"shop_key": ShopKey, "shop_request": LoginRequired}[sample["type"]]
    assert (found.msg, found.expires_in) == (sample["msg"], sample["expires_in"])
    secret = found.shop_key if isinstance(found, ShopKey) else found.auth_url
    assert secret.reveal() == (sample["auth_url"] if "auth_url" in sample else sample["auth_token"])
    assert sample["auth_token"] not in repr(found)


@pytest.mark.deviation("The table of the response lacks `type`; both samples and the text have it.")
def test_the_table_of_the_response(docs: Docs, reading: Reading) -> None:
    """A response has code, msg, auth_token, auth_url, expires_in, and perhaps meta."""
    asked = authorize(docs, **NEW_SHOP)
    assert set(asked) == {"code", "msg", "type", "auth_token", "auth_url", "expires_in"}
    found = reading.partner(
        asked | {"meta": {"a": "b"}}, lambda client: client.shops.connect(redirect_url=BARE_URL, **NEW_SHOP)
    )
    assert found.meta == {"a": "b"}


def test_checking_a_shop_key(docs: Docs) -> None:
    """`Shop/CurrentShop` on the partner's base URL says which shop a key belongs to."""
    shop = docs.shop("Shop/CurrentShop")
    assert set(shop) == {"id", "image_url", "name", "type", "website"}
    assert docs.service.shop_key.startswith(f"shop{shop['id']}:")
    assert docs.with_shop(lambda client: client.current()).id == shop["id"]


@pytest.mark.deviation(
    "The table names the types Partner and Shop; the sandbox writes `shop`, like other enums."
)
def test_the_type_of_an_account(docs: Docs, reading: Reading) -> None:
    """An account is a partner or a shop; the sample has `unknown`, and the client keeps every value."""
    assert docs.shop("Shop/CurrentShop")["type"] == "shop"
    for sample in docs.samples("Shop.CurrentShop", "response"):
        found = reading.shop(sample, lambda client: client.current())
        assert (found.type, found.name) == (AccountType.UNKNOWN, sample["name"])
    assert reading.shop({"id": "1", "type": "Shop"}, lambda client: client.current()).type == "Shop"


def test_400(docs: Docs) -> None:
    """A wrong value gets 400 with `invalid_argument`."""
    body = NEW_SHOP | {"redirect_url": "nowhere"}
    assert docs.refused("Shop/AuthorizeShop", body) == (400, "invalid_argument")
    with pytest.raises(errors.InvalidArgumentError):
        docs.with_partner(lambda client: client.shops.connect(redirect_url="nowhere", **NEW_SHOP))


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer nobody", "Basic MTox"])
def test_401(docs: Docs, authorization: str | None) -> None:
    """A missing or wrong key gets 401 with `unauthenticated`."""
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    status, error = docs.post("partner.Misc/CurrentAccount", headers=headers)
    assert (status, error["code"], bool(error["msg"])) == (401, "unauthenticated", True)


@pytest.mark.deviation(
    "The advice on 401 has the key without `Bearer`; each sample has it, and it is required."
)
def test_the_header_in_the_advice(docs: Docs) -> None:
    """The advice writes the header as the bare key."""
    headers = {"Content-Type": "application/json", "Authorization": docs.service.partner_api_key}
    assert docs.post("partner.Misc/CurrentAccount", headers=headers)[0] == 401


@pytest.mark.deviation("The sample of 403 has no value for `meta.reason`, so it is not JSON; it is a text.")
def test_403(docs: Docs) -> None:
    """A `shop_id` that never signed in through the partner gets 403 with `permission_denied` and a reason."""
    status, error = docs.post("partner.Shop/AuthorizeShop", {"shop_id": "12414", "redirect_url": BARE_URL})
    assert (status, error["code"]) == (403, "permission_denied")
    assert isinstance(error["meta"]["reason"], str)
    with pytest.raises(errors.PermissionDeniedError) as caught:
        docs.with_partner(lambda client: client.shops.authorize(shop_id="12414", redirect_url=BARE_URL))
    assert caught.value.meta == error["meta"]


def test_404(docs: Docs, reading: Reading) -> None:
    """A missing content type or a wrong path gets 404 with `bad_route`, and the printed message."""
    (sample, _) = docs.samples("Misc.CurrentAccount", "error.bad_route")
    headers = {"Authorization": f"Bearer {docs.service.partner_api_key}"}
    assert docs.post("partner.Misc/CurrentAccount", headers=headers) == (404, sample)
    assert docs.refused("Misc/Nothing", {}) == (404, "bad_route")
    with pytest.raises(errors.BadRouteError):
        reading.partner(sample, lambda client: client.account(), 404)


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("invalid_argument", 400, lambda: errors.InvalidArgumentError),
        ("unauthenticated", 401, lambda: errors.UnauthenticatedError),
    ],
    ids=["400", "401"],
)
def test_the_sample_errors(
    docs: Docs, reading: Reading, kind: str, status: int, error: Callable[[], type[errors.APIError]]
) -> None:
    """The client raises the error of each printed code."""
    sample = docs.samples("Misc.CurrentAccount", f"error.{kind}")[0]
    with pytest.raises(error()):
        reading.partner(sample, lambda client: client.account(), status)


def test_the_schema_block(docs: Docs) -> None:
    """The block puts the service into the host and the method into the path: together they are the URL."""
    host, path = "partner.Shop", "/CurrentShop"
    assert docs.post(f"{host}{path}", {}, key=docs.service.shop_key)[0] == 200
