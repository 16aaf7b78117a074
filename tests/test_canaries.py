"""Secrets in the wrong argument, and servers that repeat them: no error shows any of them (canaries)."""

from __future__ import annotations

import base64
import html
import json
import pickle
import warnings
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote, quote_plus

import attrs
import pytest
from pydantic import SecretStr

from etelecom_async import (
    Attachment,
    EtelecomError,
    NewClientOptions,
    PartnerClient,
    RetryPolicy,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    UnlistedValueWarning,
    errors,
)
from etelecom_async._core import known_secrets
from etelecom_async._core.calls.options import ClientOptions
from etelecom_async._core.codec import requests
from etelecom_async.models import TemplateParam, ZNSTemplate
from etelecom_async.operations import OPERATIONS
from tests.test_client import VARIABLES
from tests.test_secrecy import all_of, chain, locals_of_ours, text_forms

if TYPE_CHECKING:
    from tests.conftest import Peer, Reply, Waits

CANARY = "canary-password-3d4c"
OTP = 482913


def error_of(function: Callable[[], object]) -> Exception | None:
    """Return the error that a function raises, `None` if it raises none."""
    try:
        function()
    except (TypeError, ValueError, AttributeError) as error:
        return error
    return None


def test_an_error_is_found() -> None:
    """The texts of an error contain its message, so the tests below can fail."""
    error = error_of(lambda: int(CANARY))
    assert CANARY in text_forms(error)
    assert error_of(lambda: int("5")) is None


# Shapes in which a caller may put a secret into the wrong place.
SHAPES: dict[str, Callable[[str], Any]] = {
    "text": str,
    "bytes": str.encode,
    "list": lambda text: [text],
    "tuple": lambda text: (text, 5),
    "set": lambda text: {text},
    "mapping": lambda text: {"key_password": text},
    "name": lambda text: {text: "Etelecom/GetTenant"},
    "nested": lambda text: {"a": [{"b": text}]},
    "secret": Secret,
    "pydantic": SecretStr,
    "URL": lambda text: f"http://user:{text}@127.0.0.1:9",
    "path": lambda text: f"https://a.example/{text}/shop",
    "query": lambda text: f"https://a.example/?key={text}",
    "number": lambda text: -int.from_bytes(text.encode()),
}
CLIENTS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "partner": (lambda **given: PartnerClient(**{"api_key": "k", **given}), ("api_key", "base_url")),
    "shop": (lambda **given: ShopClient(**{"api_key": "k", **given}), ("api_key", "base_url")),
    "sms": (
        lambda **given: SmsClient(**{"username": "u", "password": "p", **given}),
        ("username", "password", "base_url"),
    ),
    "copy": (lambda **given: ShopClient("k").with_options(**given), ()),
    "tls": (Tls, ("ca_file", "cert_file", "key_file", "key_password")),
    "retries": (RetryPolicy, ("retries", "wait_initial", "wait_max")),
}


def test_shapes_hold_the_canary() -> None:
    """Each shape holds the text, so the tests below can fail."""
    for name, shape in SHAPES.items():
        assert name in {"secret", "pydantic", "number"} or CANARY in str(shape(CANARY))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("kind", CLIENTS)
def test_arguments_of_constructors(kind: str, shape: Callable[[str], Any]) -> None:
    """A secret in any argument of a constructor, in any shape, is not in the text of the error."""
    make, names = CLIENTS[kind]
    options = () if kind in {"tls", "retries"} else tuple(ClientOptions.__annotations__)
    connection = tuple(NewClientOptions.__annotations__) if kind in {"partner", "shop", "sms"} else ()
    value = shape(CANARY)
    found = {
        name: error_of(lambda name=name: make(**{name: value}))
        for name in {*names, *options, *connection, "unknown"}
    }
    assert found["unknown"] is not None
    for name, error in found.items():
        text = text_forms(error)
        assert (name, CANARY in text, str(value) in text.replace("Secret('****')", "")) == (
            name,
            False,
            False,
        )


@pytest.mark.parametrize("form", ["{}", "{} ", "{}=A/B", "account={}", "https://{}", "ftp://a:{}@b", "a,{}"])
@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_environment(monkeypatch: pytest.MonkeyPatch, variable: str, form: str) -> None:
    """A secret in the wrong variable is not in the text of the error."""
    monkeypatch.setenv("ETELECOM_SMS_USERNAME", "u")
    for name in ("ETELECOM_PARTNER_API_KEY", "ETELECOM_SHOP_API_KEY", "ETELECOM_SMS_PASSWORD"):
        monkeypatch.setenv(name, "k")
    monkeypatch.setenv(variable, form.format(CANARY))
    for kind in (PartnerClient, ShopClient, SmsClient):
        assert CANARY not in text_forms(error_of(kind))


# What a caller may pass for a field: the value itself, or the value in a container.
WRONG: dict[str, Callable[[Any], Any]] = {
    "value": lambda value: value,
    "list": lambda value: [value],
    "mapping": lambda value: {"otp": value},
    "nested": lambda value: {"otp": [value, {"a": value}]},
    "name": lambda value: {value: "otp"},
    "bytes": lambda value: str(value).encode(),
    "rows": lambda value: [{"otp": value}],
    "no number": lambda value: {"otp": float("nan"), "other": value},
}


@pytest.mark.parametrize("shape", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("name", OPERATIONS)
def test_arguments_of_calls(name: str, shape: Callable[[Any], Any]) -> None:
    """A secret in any argument of any call is not in the text of the error, and in no warning."""
    row = OPERATIONS[name]
    encode = requests.encode_form if row.multipart else requests.encode
    kind: Any = row.request
    fields = attrs.fields(attrs.resolve_types(kind)) if attrs.has(kind) else ()
    files = {field.name for field in fields if Attachment in {field.type, *get_args(field.type)}}
    for value in (OTP, str(OTP), f"{OTP} Lan"):
        given = shape(value)
        # The path of a file is shown on purpose.
        values = {field.name: Attachment(b"") if field.name in files else given for field in fields}
        bodies = [lambda values=values: kind(**values)] if fields else []
        if kind is dict:
            bodies = [lambda given=given: given, lambda given=given: {"a": given}]
        for body in bodies:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UnlistedValueWarning)
                error = error_of(lambda body=body: encode(row, body()))
            texts = [text_forms(error), *(str(warning.message) for warning in caught)]
            assert str(OTP) not in "".join(texts)


TEMPLATE = ZNSTemplate(
    template_id=1,
    template_params=(
        TemplateParam(name="otp", require=True, accept_null=False, min_length=8, max_length=9),
        TemplateParam(name="name", require=True, accept_null=False, min_length=1, max_length=3),
    ),
)


@pytest.mark.parametrize("shape", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("value", [OTP, str(OTP), "48291 3"], ids=["number", "text", "words"])
def test_data_of_templates(shape: Callable[[Any], Any], value: Any) -> None:
    """The errors for data that does not fit the template name the parameters and show no value."""
    for name in ("shop.zns.messages.send", "shop.zns.messages.send_journey"):
        row = OPERATIONS[name]
        journey = {} if name.endswith("send") else {"journey_id": "1"}
        for data in (shape(value), {"otp": value, "name": value}, {"otp": value, "name": [value]}):
            request = row.request(
                oa_id="1", phone="0901234567", template=TEMPLATE, template_data=data, **journey
            )
            error = error_of(lambda request=request, row=row: requests.encode(row, request))
            assert isinstance(error, errors.InvalidRequestError)
            assert not any(part in text_forms(error) for part in (str(value), "48291"))


# Keys without a documented form, and passwords with signs that are escaped.
KEY = "canary-key/of+a=partner"
PASSWORD = 'canary "p\\ss/wörd'
SECRETS = {
    "key": KEY,
    "password": PASSWORD,
    "code": "canary-oauth-code",
    "app secret": "canary-app-secret",
    "proxy": "canary p@ss",
    "gateway": "canary/gateway token",
}
TOKENS = ("482913", "Lan Anh", "DH-1")
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text, ensure_ascii=False))[1:-1],
    "URL": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "basic in Latin-1": lambda text: base64.b64encode(f"user:{text}".encode("latin-1")).decode(),
}
ECHO = " ".join([*(form(secret) for secret in SECRETS.values() for form in FORMS.values()), *TOKENS, *TOKENS])


def leaks(text: str) -> list[str]:
    """Return the secrets that a text shows, in any form."""
    forms = [form(secret) for secret in SECRETS.values() for form in FORMS.values()]
    return [form for form in [*forms, "canary"] if form.rstrip("=") in text]


def tokens(text: str) -> list[str]:
    """Return the values of templates that a text shows."""
    return [token for token in TOKENS if token in text]


def test_leaks_are_found() -> None:
    """The secrets in the echo are found, so the test below can fail."""
    assert set(leaks(ECHO)) >= {form(KEY) for form in FORMS.values()}
    assert tokens(ECHO) == list(TOKENS)


# How a server repeats what it got.
SERVERS: dict[str, Callable[[Peer, str], Reply]] = {
    "msg": lambda peer, echo: peer.json({"code": "invalid_argument", "msg": echo}, 400),
    "meta": lambda peer, echo: peer.json({"code": "aborted", "msg": "no", "meta": {echo: echo}}, 409),
    "code": lambda peer, echo: peer.json({"code": echo, "msg": "no"}, 418),
    "throttle": lambda peer, echo: peer.json({"code": "resource_exhausted", "msg": f"quota {echo}"}, 429),
    "fault": lambda peer, echo: peer.json({"code": "internal", "msg": echo}, 500),
    "text": lambda peer, echo: peer.raw(echo.encode(), 403),
    "title": lambda peer, echo: peer.raw(f"<title>{echo}</title>".encode(), 502),
    "cut off": lambda peer, echo: peer.raw(b'{"code": "aborted", "msg": "' + echo.encode(), 409),
    "redirect": lambda peer, echo: peer.raw(echo.encode(), 302),
    "Location": lambda peer, echo: peer.raw(b"", 302, Location=f"https://a.example/?q={quote(echo)}"),
    "plain Location": lambda peer, echo: peer.raw(b"", 307, Location=f"/{echo}"),
    "no JSON": lambda peer, echo: peer.raw(b"[" + echo.encode()),
    "other fields": lambda peer, echo: peer.json({"a": echo, echo: 1}),
    "names": lambda peer, echo: peer.json({"updated": {echo: 1}, "status": {echo: []}, "id": {echo: 1}}),
    "two arrays": lambda peer, echo: peer.json({echo: [1], f"{echo} 2": [1]}),
    "wrong result": lambda peer, echo: peer.json(
        {"error_code": -108, "error_message": echo, "status": "-2", "code": echo, "msg": echo}
    ),
    "no HTTP": lambda peer, echo: peer.bare(b"HTTP/1.1 200 OK\r\n" + echo.encode() + b"\r\n\r\n"),
    "status line": lambda peer, echo: peer.bare(b"HTTP/1.1 " + echo.encode() + b"\r\n\r\n"),
    "hung up": lambda peer, _: peer.DROP,
}


@attrs.frozen
class Clients:
    """Clients with canaries as keys and passwords."""

    shop: ShopClient
    partner: PartnerClient
    sms: SmsClient
    proxied: ShopClient


@pytest.fixture
async def clients(peer: Peer, waits: Waits) -> AsyncIterator[Clients]:
    """Return the clients of a peer; the last one uses the peer as its proxy."""
    proxy = f"http://user:{quote(SECRETS['proxy'])}@127.0.0.1:{peer.port}"
    async with (
        ShopClient(KEY, base_url=peer.base_url, retries=1) as shop,
        PartnerClient(KEY, base_url=peer.base_url, retries=1) as partner,
        SmsClient("user", PASSWORD, base_url=peer.base_url, retries=1) as sms,
        ShopClient(
            KEY,
            base_url="http://127.0.0.1:9",
            proxy=proxy,
            retries=1,
            headers={"X-Gateway": f"Bearer {SECRETS['gateway']}"},
        ) as proxied,
    ):
        clients = Clients(shop, partner, sms, proxied)
        for client in (shop, partner, sms, proxied):
            waits.govern(client)
        yield clients


DATA = {"otp": "482913", "name": "Lan Anh", "order": "DH-1"}
# Each call, with the secrets that it knows.
CALLS: dict[str, tuple[Callable[[Clients], Any], tuple[str, ...]]] = {
    "read": (lambda clients: clients.partner.tenants.list(), ("key",)),
    "unknown list": (lambda clients: clients.partner.shops.list(), ("key",)),
    "password": (
        lambda clients: clients.shop.users.create(full_name="a", phone="0901234567", password=PASSWORD),
        ("key", "password"),
    ),
    "OAuth code": (
        lambda clients: clients.shop.zalo.accounts.connect(code=SECRETS["code"], oa_id="1"),
        ("key", "code"),
    ),
    "app secret": (
        lambda clients: clients.shop.zalo.accounts.authorize(
            app_id="1", app_secret=SECRETS["app secret"], redirect_uri="https://a.example"
        ),
        ("key", "app secret"),
    ),
    "open call": (
        lambda clients: clients.shop.call(
            "Any/Thing", {"a": [{"password": PASSWORD}], "template_data": DATA}
        ),
        ("key", "password", "tokens"),
    ),
    "ZNS": (
        lambda clients: clients.shop.zns.messages.send(
            oa_id="1", phone="0901234567", template_id=1, template_data=DATA
        ),
        ("key", "tokens"),
    ),
    "SMS": (
        lambda clients: clients.sms.send(
            phonenumber="0901234567", routerule=["3"], templatecode="T", list_param=DATA
        ),
        ("password", "tokens"),
    ),
    "proxy": (lambda clients: clients.proxied.extensions.list(), ("key", "proxy", "gateway")),
}


# Responses that are a success for these calls.
SUCCESSES = {
    ("other fields", "open call"),
    ("names", "open call"),
    ("two arrays", "open call"),
    ("wrong result", "open call"),
    ("wrong result", "OAuth code"),
}


@pytest.mark.parametrize(
    ("server", "call"),
    [(server, call) for server in SERVERS for call in CALLS if (server, call) not in SUCCESSES],
)
async def test_servers_that_repeat_secrets(
    peer: Peer, clients: Clients, caplog: pytest.LogCaptureFixture, *, server: str, call: str
) -> None:
    """A server may repeat all secrets of a call in any form: no error, log, pickle or frame shows one."""
    caplog.set_level(0)
    make, known = CALLS[call]
    forms = [form(SECRETS[name]) for name in known if name in SECRETS for form in FORMS.values()]
    echo = " ".join([*forms, *(TOKENS * ("tokens" in known))])
    peer.always = lambda _: SERVERS[server](peer, echo)
    with pytest.raises(EtelecomError) as caught:
        await make(clients)
    error = caught.value
    vars(error).pop("result", None)  # the response itself, which is data as after a success
    texts = [text_forms(error), text_forms(pickle.loads(pickle.dumps(error))), all_of(caplog)]
    assert [(leaks(text), tokens(text)) for text in texts] == [([], [])] * len(texts)
    assert known_secrets.CALL.get() is None  # nothing keeps the request in memory
    frames = "\n".join(text for link in chain(error) for text in locals_of_ours(link))
    assert (leaks(frames), tokens(frames)) == ([], [])


async def test_what_stays_readable(peer: Peer, clients: Clients) -> None:
    """Texts that only resemble a secret stay readable, so the error still explains itself."""
    text = "mã 4829130 của DH-10 không có: canary, Lan, Anh"
    peer.always = lambda _: peer.json({"code": "not_found", "msg": text}, 404)
    with pytest.raises(errors.NotFoundError) as caught:
        await CALLS["ZNS"][0](clients)
    assert caught.value.msg == text


async def test_request_of_a_lost_call(peer: Peer, clients: Clients) -> None:
    """The request in an error masks a `Secret` whose name does not show that it is secret."""
    peer.always = lambda _: peer.DROP
    with pytest.raises(errors.OutcomeUnknownError) as caught:
        await CALLS["OAuth code"][0](clients)
    assert json.loads(caught.value.request) == {"code": "****", "oa_id": "1"}


async def test_read_back(peer: Peer, clients: Clients) -> None:
    """The error of a read-back masks the secrets of the call that it settles."""
    peer.always = lambda _: peer.DROP
    with pytest.raises(errors.OutcomeUnknownError) as caught:
        await CALLS["ZNS"][0](clients)
    tracking_id = peer.requests[0].json["tracking_id"]
    message = {"tracking_id": tracking_id, "error_code": -108, "error_message": f"no {ECHO}"}
    peer.always = lambda _: peer.json({"messages": [message]})
    with pytest.raises(errors.DeliveryError) as read:
        await caught.value.verify()
    vars(read.value).pop("result")
    assert tokens(text_forms(read.value)) == []
    assert KEY not in text_forms(read.value)
