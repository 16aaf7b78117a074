"""Test keys, their kinds, base URLs and headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from yarl import URL

from etelecom_async import ConfigurationError, KeyKind, KeyKindError, Secret
from etelecom_async._core import api_keys
from etelecom_async._core.api_keys import (
    BASE_URL,
    SMS_BASE_URL,
    Identity,
    api_base_url,
    partner_key,
    partners_shop_key,
    problem_of_credential,
    problem_of_key,
    shop_key,
    sms_base_url,
)
from etelecom_async._core.values import kind_of

SHOPS_OWN = "1161512386239479010:abcdefgh"
PARTNERS_FOR_SHOP = "shop1161512386239479010:abcdefgh"
REQUEST_TOKEN = "request:abcdefgh"
UNKNOWN = "abcdefgh"

SHOP = KeyKind.SHOP_API_KEY
PARTNER = KeyKind.PARTNER_API_KEY
PARTNER_SHOP = KeyKind.PARTNER_SHOP_KEY


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (SHOP, "https://a.example/v1/shop.Etelecom/GetTenant"),
        (PARTNER, "https://a.example/v1/partner.Etelecom/GetTenant"),
        (PARTNER_SHOP, "https://a.example/v1/partner.Etelecom/GetTenant"),
        (KeyKind.USERNAME_PASSWORD, "https://a.example/v1/api/Etelecom/GetTenant"),
    ],
)
def test_url(kind: KeyKind, url: str) -> None:
    """The URL has the scope, a dot and the service; for SMS, `/api/` and the service."""
    identity = Identity(kind=kind, base_url="https://a.example/v1", secret=Secret("s"))
    assert identity.url("Etelecom/GetTenant") == url


def test_headers() -> None:
    """A key is sent as a bearer token; user name and password are not sent in headers."""
    headers = Identity(kind=SHOP, base_url="", secret=Secret("s")).headers()
    assert headers["Authorization"] == "Bearer s"
    assert (headers["Accept"], headers["Content-Type"]) == ("application/json", "application/json")
    assert re.fullmatch(r"etelecom-async/\S+ python/3\.\S+", headers["User-Agent"])
    sms = Identity(kind=KeyKind.USERNAME_PASSWORD, base_url="", secret=Secret("s"), username="u").headers()
    assert sms == {name: value for name, value in headers.items() if name != "Authorization"}


@pytest.mark.parametrize(
    ("identity", "secrets"),
    [
        (Identity(kind=SHOP, base_url="", secret=Secret(SHOPS_OWN)), [SHOPS_OWN, "abcdefgh"]),
        (Identity(kind=PARTNER, base_url="", secret=Secret("abc")), ["abc", ""]),
        (
            Identity(kind=KeyKind.USERNAME_PASSWORD, base_url="", secret=Secret("a:b"), username="u"),
            ["a:b"],
        ),
    ],
    ids=["shop", "partner", "sms"],
)
def test_secrets(identity: Identity, secrets: list[str]) -> None:
    """The secrets are the key and its part after the colon; for SMS the password."""
    assert list(identity.secrets()) == secrets


def test_repr_shows_no_key() -> None:
    """The repr of an identity shows its kind and its URL, but not its key."""
    identity = Identity(kind=SHOP, base_url="https://a.example", secret=Secret("canary"))
    assert "a.example" in repr(identity)
    assert "canary" not in repr(identity)


@pytest.mark.parametrize(
    ("read", "key", "kind"),
    [
        (partner_key, UNKNOWN, PARTNER),
        (partner_key, SHOPS_OWN, PARTNER),  # the form of a partner's key is not known, so this may be one
        (shop_key, UNKNOWN, SHOP),
        (shop_key, SHOPS_OWN, SHOP),
        (shop_key, PARTNERS_FOR_SHOP, PARTNER_SHOP),
        (partners_shop_key, UNKNOWN, PARTNER_SHOP),
        (partners_shop_key, PARTNERS_FOR_SHOP, PARTNER_SHOP),
    ],
)
def test_kind_of_key(read: Callable[[Secret], KeyKind], key: str, kind: KeyKind) -> None:
    """The form of a key shows its kind; if it does not, the constructor that takes it decides."""
    assert read(Secret(key)) is kind


@pytest.mark.parametrize(
    ("read", "key", "advice"),
    [
        (partner_key, PARTNERS_FOR_SHOP, r"use PartnerClient\.for_shop\(key\) or ShopClient\(api_key=key\)"),
        (partner_key, REQUEST_TOKEN, r"shops\.authorize\(shop_id=\.\.\.\) returns the shop_key"),
        (shop_key, REQUEST_TOKEN, r"shops\.authorize\(shop_id=\.\.\.\) returns the shop_key"),
        (partners_shop_key, REQUEST_TOKEN, r"shops\.authorize\(shop_id=\.\.\.\) returns the shop_key"),
        (partners_shop_key, SHOPS_OWN, r"use ShopClient\(api_key=key\)"),
    ],
)
def test_wrong_kind_of_key(read: Callable[[Secret], KeyKind], key: str, advice: str) -> None:
    """A key in the form of another kind is refused. The error says what to do, and does not show the key."""
    with pytest.raises(KeyKindError, match=advice) as caught:
        read(Secret(key))
    assert "abcdefgh" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        (BASE_URL, BASE_URL),
        ("https://api.etelecom.vn/v1/", BASE_URL),
        ("https://api.etelecom.vn/v1///", BASE_URL),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("HTTPS://gateway.example/shop/v1.2", "HTTPS://gateway.example/shop/v1.2"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://điện.example/v1", "https://điện.example/v1"),
    ],
)
def test_base_url(given: str, clean: str) -> None:
    """A trailing slash is accepted, and so are any host, port and path."""
    assert api_base_url(given) == sms_base_url(given) == clean


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.etelecom.vn/v1",
        "ftp://api.etelecom.vn/v1",
        "https://",
        "https://:8080/v1",
        "https://https://api.etelecom.vn/v1",
        "https://api.etelecom.vn//v1",
        "https://api.etelecom.vn/v1\u200b",
        '"https://api.etelecom.vn/v1"',
        "https://api.etelecom.vn/v1 ",
        " https://api.etelecom.vn/v1",
        "https://api.etelecom.vn/v 1",
        "https://a..b/v1",
        f"https://{'a' * 64}.example/v1",
        "https://[::1/v1",
        "https://api.etelecom.vn:99999/v1",
        "https://api.etelecom.vn:x/v1",
    ],
)
def test_no_web_address(url: str) -> None:
    """A value that is not a web address is refused, and the error shows a valid one."""
    with pytest.raises(
        ConfigurationError, match=f"is not a valid web address; a valid one looks like {re.escape(BASE_URL)}"
    ):
        api_base_url(url)
    with pytest.raises(ConfigurationError, match=f"looks like {re.escape(SMS_BASE_URL)}"):
        sms_base_url(url)


@pytest.mark.parametrize("rest", ["?", "#", "?a=1", "#a", "/?", "?#"])
def test_base_url_with_a_query_or_a_fragment(rest: str) -> None:
    """A stray `?` or `#` is named, because everything after it would be lost."""
    for read in (api_base_url, sms_base_url):
        with pytest.raises(ConfigurationError, match=r"^base_url contains `\?` or `#`: remove it"):
            read(f"https://api.etelecom.vn/v1{rest}")


@pytest.mark.parametrize("url", [URL(BASE_URL), BASE_URL.encode(), 5, None, ["https://a.example"]], ids=repr)
def test_base_url_of_another_type(url: Any) -> None:
    """A base URL is a text; the error names the type."""
    for read in (api_base_url, sms_base_url):
        with pytest.raises(
            ConfigurationError, match=f"^base_url takes a text, not {kind_of(url)}; a valid one"
        ):
            read(url)


def test_base_url_of_a_subclass() -> None:
    """A text of a subclass becomes a plain text."""
    clean = api_base_url(Markup(f"{BASE_URL}/"))
    assert (clean, type(clean)) == (BASE_URL, str)


@pytest.mark.parametrize(
    "url", ["", "https://a.example?", "https://u@a.example", "http://a.example", f"{BASE_URL}/shop"]
)
def test_name_of_the_base_url(url: str) -> None:
    """Errors call the base URL by the name of its source."""
    with pytest.raises(ConfigurationError, match=r"^the variable A "):
        api_base_url(url, name="the variable A")


WHITE = "starts or ends with white space: copy it again"
QUOTES = "contains quotes: pass only the key between them"
SCHEME = "starts with an authorization scheme such as `Bearer`: pass only the key after it"
ASSIGNMENT = "starts with `NAME=`: pass only the key after the equals sign"
ADDRESS = "is a web address, not a key"
CHARACTERS = "has characters that no key has: copy it again"
SPACE = "contains a space: copy it again"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SHOPS_OWN, None),
        (PARTNERS_FOR_SHOP, None),
        (UNKNOWN, None),
        ("Bearer-of-keys_1.2~3+4/5", None),
        ("tokens", None),
        ("a=", None),
        ("abcd==", None),
        ("YWJjZA==", None),
        ("123=4", None),
        (f" {UNKNOWN}", WHITE),
        (f"{UNKNOWN}\n", WHITE),
        (f"{UNKNOWN}\r\n", WHITE),
        (f"{UNKNOWN}\u00a0", WHITE),
        (f'"{UNKNOWN}"', QUOTES),
        (f"'{UNKNOWN}'", QUOTES),
        (f"`{UNKNOWN}`", QUOTES),
        (f"\u201c{UNKNOWN}\u201d", QUOTES),
        (f"{UNKNOWN}'", QUOTES),
        (f'NAME="{UNKNOWN}"', QUOTES),
        (f"Bearer {UNKNOWN}", SCHEME),
        (f"bearer\t{UNKNOWN}", SCHEME),
        (f"BEARER: {UNKNOWN}", SCHEME),
        (f"Authorization: Bearer {UNKNOWN}", SCHEME),
        (f"authorization:{UNKNOWN}", SCHEME),
        (f"Basic {UNKNOWN}", SCHEME),
        (f"Token {UNKNOWN}", SCHEME),
        (f"ETELECOM_SHOP_API_KEY={SHOPS_OWN}", ASSIGNMENT),
        (f"export KEY={UNKNOWN}", ASSIGNMENT),
        (f"set KEY={UNKNOWN}", ASSIGNMENT),
        (f"api_key = {UNKNOWN}", ASSIGNMENT),
        (f"key={UNKNOWN}==", ASSIGNMENT),
        (BASE_URL, ADDRESS),
        ("abc\ndef", CHARACTERS),
        (f"\ufeff{UNKNOWN}", CHARACTERS),
        ("abc\u200bdef", CHARACTERS),
        ("abc\0def", CHARACTERS),
        ("khoá", CHARACTERS),
        ("\ud800", CHARACTERS),
        ("abc def", SPACE),
        (f"api_key: {UNKNOWN}", SPACE),
    ],
    ids=ascii,
)
def test_pasted_key(text: str, problem: str | None) -> None:
    """A key with parts of the place that it was copied from is refused; the text names them, not the key."""
    assert problem_of_key(text) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mật khẩu", None),
        ('"quoted"', None),
        ("a=b", None),
        ("Bearer of news", None),
        ("https://a.example", None),
        ("a\n", WHITE),
        (
            "ETELECOM_SMS_PASSWORD=abc",
            "starts with the name of a variable: pass only the text after the equals sign",
        ),
        (
            "export ETELECOM_SMS_USERNAME = abc",
            "starts with the name of a variable: pass only the text after the equals sign",
        ),
    ],
)
def test_pasted_password(text: str, problem: str | None) -> None:
    """A user name or a password may be any text, except white space around it and the name of a variable."""
    assert problem_of_credential(text) == problem


@pytest.mark.parametrize(
    "rest",
    [
        "/shop",
        "/shop/",
        "/partner",
        "/shop.",
        "/shop.Etelecom",
        "/partner.Shop/",
        "/shop.Etelecom/CreateExtension",
    ],
)
def test_base_url_with_extra_parts(rest: str) -> None:
    """A base URL with a scope, a service or a method is refused, because the client adds them."""
    with pytest.raises(
        ConfigurationError, match=r"has too many parts: .* adds the scope, the service and the method"
    ):
        api_base_url(f"https://api.etelecom.vn/v1{rest}")


@pytest.mark.parametrize("rest", ["/api", "/api/", "/api/OmniMessage", "/api/OmniMessage/SendMessage"])
def test_sms_base_url_with_extra_parts(rest: str) -> None:
    """The base URL of the SMS service must not contain `/api`."""
    with pytest.raises(ConfigurationError, match="has too many parts"):
        sms_base_url(f"https://omni.incom.vn{rest}")
    assert api_base_url(f"https://gateway.example{rest}")


@pytest.mark.parametrize("read", [api_base_url, sms_base_url])
def test_base_url_with_a_password(read: Callable[[str], str]) -> None:
    """A base URL with a user name or a password is refused, and the error does not show it."""
    with pytest.raises(ConfigurationError, match="contains a user name or a password") as caught:
        read("https://user:canary@api.etelecom.vn/v1")
    assert "canary" not in str(caught.value)


@given(
    st.text(st.sampled_from('aZ09:._-+=/ "\n\u2019'))
    | st.from_regex(r"(?i)(basic|bearer|token|a=)[ :=a-z0-9]*")
)
def test_usual_keys_skip_no_problem(text: str) -> None:
    """The quick answer for a usual key is the answer of the patterns."""
    assert problem_of_key(text) == api_keys._first_match(api_keys._PASTED, text)
