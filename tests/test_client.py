"""Test the clients: where each key is sent, the effect of each option and variable, and closing."""

from __future__ import annotations

import asyncio
import copy
import inspect
import math
import pickle
import re
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import numpy as np
import pytest
from freezegun import freeze_time
from markupsafe import Markup
from pydantic import SecretBytes, SecretStr

from etelecom_async import (
    Attempt,
    ClientOptions,
    ConfigurationError,
    Effect,
    EtelecomError,
    InvalidRequestError,
    KeyKindError,
    NewClientOptions,
    OutcomeUnknownError,
    PartnerClient,
    QueueTimeoutError,
    RetryPolicy,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    _client,
    attempt_hook,
    errors,
    models,
)
from etelecom_async._core.calls import engine
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async.errors import ResponseTooLargeError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer, Waits

Client = PartnerClient | ShopClient | SmsClient


class PrintsItsName(str):
    """A text that prints something else, as some enums do."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return another text."""
        return "its name"

    def __format__(self, spec: str) -> str:
        """Return another text."""
        return "its name"


PARTNER_KEY = "partner-canary-key"
SHOP_KEY = "1161512386239479010:canary-key"
PARTNERS_SHOP_KEY = "shop1161512386239479010:canary-key"
CLIENTS = [PartnerClient, ShopClient, SmsClient]
NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - a time without an offset, which must be refused
BASE_URLS = {
    PartnerClient: "ETELECOM_BASE_URL",
    ShopClient: "ETELECOM_BASE_URL",
    SmsClient: "ETELECOM_SMS_BASE_URL",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clear the environment variables of the SDK."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


VARIABLES = {
    value
    for module in (_client, engine)
    for name, value in vars(module).items()
    if name.endswith("_VARIABLE")
}


def make(kind: type[Client], **settings: Any) -> Client:
    """Return a client of this class with a valid key, unless the options contain one."""
    if kind is SmsClient:
        return SmsClient(**{"username": "u", "password": "p", **settings})
    key = PARTNER_KEY if kind is PartnerClient else SHOP_KEY
    return kind(**{"api_key": key, **settings})


async def failure(call: Any) -> Any:
    """Return the error of a call."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


@pytest.fixture
async def partner(peer: Peer) -> AsyncIterator[PartnerClient]:
    """A partner's client of the peer."""
    async with PartnerClient(PARTNER_KEY, base_url=peer.base_url) as client:
        yield client


class TestBadInput:
    """Invalid values are reported before anything is sent."""

    @pytest.mark.parametrize("given", [None, "", "  ", SecretStr(""), SecretStr(" ")], ids=repr)
    @pytest.mark.parametrize(
        ("kind", "argument", "variable"),
        [
            (PartnerClient, "api_key", "ETELECOM_PARTNER_API_KEY"),
            (ShopClient, "api_key", "ETELECOM_SHOP_API_KEY"),
            (SmsClient, "username", "ETELECOM_SMS_USERNAME"),
            (SmsClient, "password", "ETELECOM_SMS_PASSWORD"),
        ],
    )
    def test_missing_key(self, kind: type[Client], argument: str, variable: str, given: Any) -> None:
        """The error for a missing key names its argument and its variable."""
        with pytest.raises(ConfigurationError) as caught:
            make(kind, **{argument: given})
        assert str(caught.value) == (
            f"{argument} is missing: pass {argument}=..., or set the environment variable {variable}."
        )

    @pytest.mark.parametrize("given", ["", None, Secret(""), SecretStr("")], ids=repr)
    async def test_missing_shop_key(self, partner: PartnerClient, given: Any) -> None:
        """The error for a missing shop key names its argument; there is no variable for it."""
        with pytest.raises(ConfigurationError) as caught:
            partner.for_shop(given)
        assert str(caught.value) == "shop_key is missing: pass shop_key=...."

    @pytest.mark.parametrize(
        ("key", "why"),
        [
            (" canary", "starts or ends with white space: copy it again"),
            ("canary\n", "starts or ends with white space: copy it again"),
            ("can\nary", "has characters that no key has: copy it again"),
            ("canáry", "has characters that no key has: copy it again"),
            (5, "takes a text or a Secret, not int"),
            (b"canary", "takes a text or a Secret, not bytes"),
            (SecretBytes(b"canary"), "takes a text or a Secret, not bytes"),
            (SecretStr(" canary"), "starts or ends with white space: copy it again"),
            (SecretStr, "takes a text or a Secret, not ModelMetaclass|takes a text or a Secret, not type"),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("kind", [PartnerClient, ShopClient])
    def test_key_with_invalid_characters(self, kind: type[Client], key: Any, why: str) -> None:
        """A key that would break a header is refused, and the error does not show it."""
        with pytest.raises(ConfigurationError, match=f"^api_key {why}") as caught:
            make(kind, api_key=key)
        assert "ary" not in str(caught.value)

    @pytest.mark.parametrize("source", ["argument", "environment"])
    @pytest.mark.parametrize(
        ("paste", "why"),
        [
            ('"{}"', "contains quotes"),
            ("Bearer {}", "starts with an authorization scheme"),
            ("ETELECOM_SHOP_API_KEY={}", "starts with `NAME=`"),
            ("{}\n", "starts or ends with white space"),
            ("a {}", "contains a space"),
            ("https://{}", "is a web address"),
        ],
    )
    @pytest.mark.parametrize("kind", [PartnerClient, ShopClient])
    def test_pasted_key(
        self, monkeypatch: pytest.MonkeyPatch, kind: type[Client], paste: str, why: str, source: str
    ) -> None:
        """A key that was copied with its surroundings is refused; the error names its source, not the key."""
        variable = f"ETELECOM_{'PARTNER' if kind is PartnerClient else 'SHOP'}_API_KEY"
        text = paste.format("canary")
        given: dict[str, Any] = {"api_key": text}
        if source == "environment":
            monkeypatch.setenv(variable, text)
            given = {"api_key": None}
        name = "api_key" if source == "argument" else f"the environment variable {variable}"
        with pytest.raises(ConfigurationError, match=f"^{name} {why}") as caught:
            make(kind, **given)
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("name", ["username", "password"])
    def test_pasted_credential(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """A user name or a password with the name of its variable or white space around it is refused."""
        variable = f"ETELECOM_SMS_{name.upper()}"
        for text, why in (("canary\n", "white space"), (f"{variable}=canary", "the name of a variable")):
            with pytest.raises(ConfigurationError, match=f"^{name} starts .*{why}"):
                make(SmsClient, **{name: text})
            monkeypatch.setenv(variable, text)
            with pytest.raises(
                ConfigurationError, match=f"^the environment variable {variable} starts "
            ) as caught:
                make(SmsClient, **{name: None})
            assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("kind", "argument"),
        [
            (PartnerClient, "api_key"),
            (ShopClient, "api_key"),
            (SmsClient, "username"),
            (SmsClient, "password"),
        ],
    )
    def test_secret_without_a_text(self, kind: type[Client], argument: str) -> None:
        """A secret of None is missing; an unpickled one says that its text is not in the pickle."""
        with pytest.raises(
            ConfigurationError, match=f"^{argument} is missing: pass {argument}=..., or set the"
        ):
            make(kind, **{argument: Secret(None)})
        unpickled = pickle.loads(pickle.dumps(Secret("canary")))
        with pytest.raises(ConfigurationError, match=f"^{argument} was pickled or exported without its text"):
            make(kind, **{argument: unpickled})

    def test_shop_key_without_a_text(self) -> None:
        """`for_shop` says the same of the key of a shop."""
        partner = PartnerClient(PARTNER_KEY)
        with pytest.raises(ConfigurationError, match=r"^shop_key is missing: pass shop_key=\.\.\.\.$"):
            partner.for_shop(Secret(None))
        with pytest.raises(ConfigurationError, match=r"^shop_key was pickled"):
            partner.for_shop(pickle.loads(pickle.dumps(Secret("canary"))))

    @pytest.mark.parametrize("kind", CLIENTS)
    @pytest.mark.parametrize("key", [Markup, np.str_, PrintsItsName], ids=lambda key: key.__name__)
    async def test_key_of_a_subclass(self, peer: Peer, kind: type[Client], key: Callable[[str], str]) -> None:
        """A key of a subclass of `str` is sent as the text that it contains."""
        names = ("username", "password") if kind is SmsClient else ("api_key",)
        given = {name: key("the-key") for name in names}
        async with make(kind, base_url=peer.base_url, **given) as client:
            await client.call("Any/Thing")
        (request,) = peer.requests
        sent = request.json.values() if kind is SmsClient else [request.headers["authorization"]]
        assert set(sent) == ({"the-key"} if kind is SmsClient else {"Bearer the-key"})

    @pytest.mark.parametrize("kind", CLIENTS)
    @pytest.mark.parametrize("rest", ["?", "#", "?key=canary"])
    def test_base_url_with_a_query(
        self, monkeypatch: pytest.MonkeyPatch, kind: type[Client], rest: str
    ) -> None:
        """A stray `?` or `#` in the base URL is refused; the error names the source."""
        url = f"https://a.example/v1{rest}"
        with pytest.raises(ConfigurationError, match=r"^base_url contains `\?` or `#`"):
            make(kind, base_url=url)
        monkeypatch.setenv(BASE_URLS[kind], url)
        with pytest.raises(ConfigurationError, match=f"^the environment variable {BASE_URLS[kind]} contains"):
            make(kind)

    @pytest.mark.parametrize("kind", CLIENTS)
    @pytest.mark.parametrize(
        "session", ["session", 5, aiohttp.ClientSession, object()], ids=lambda value: type(value).__name__
    )
    def test_session_of_another_type(self, kind: type[Client], session: Any) -> None:
        """A value that is no session is refused by the constructor, and not by the first call."""
        with pytest.raises(ConfigurationError, match=r"^session takes an aiohttp\.ClientSession, not "):
            make(kind, session=session)

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_model_as_a_body(self, peer: Peer, kind: type[Client]) -> None:
        """`call` takes the JSON object as a mapping, not as a model; nothing is sent."""
        async with make(kind, base_url=peer.base_url) as client:
            error = await failure(client.call("Any/Thing", models.CallLogFilter()))
        assert str(error) == "Any/Thing: body takes a mapping, not CallLogFilter."
        assert peer.requests == []

    async def test_map_of_another_type(self, shop: ShopClient) -> None:
        """`map` names every argument of a wrong type at once."""
        with pytest.raises(InvalidRequestError) as caught:
            shop.map(None, "text", in_order="yes")
        assert str(caught.value) == (
            "map: call takes a function, not None; inputs takes an iterable or an async iterable, not str; "
            "in_order takes True or False, not str."
        )

    async def test_frozen_time(self, peer: Peer, shop: ShopClient) -> None:
        """Calls with times work in frozen time and afterwards."""
        peer.always = lambda _: peer.json({"call_logs": [{"id": "1", "created_at": "2026-01-02T00:00:00Z"}]})
        with freeze_time("2026-01-02"):
            frozen = (await shop.call_logs.list(date_from=datetime.now(UTC))).items[0]
        later = (await shop.call_logs.list(date_from=datetime(2026, 1, 2, tzinfo=UTC))).items[0]
        assert frozen.created_at == later.created_at == datetime(2026, 1, 2, tzinfo=UTC)
        sent = [request.json["filter"]["date_from"] for request in peer.requests]
        assert sent == ["2026-01-02T00:00:00Z"] * 2

    def test_sms_password_may_be_anything(self) -> None:
        """User name and password of SMS are sent in the body, so they may contain any character."""
        SmsClient("tài khoản", "mật khẩu")
        with pytest.raises(ConfigurationError, match="password takes a text or a Secret, not int"):
            SmsClient("u", 5)

    @pytest.mark.parametrize(
        ("construct", "why"),
        [
            (lambda: PartnerClient(PARTNERS_SHOP_KEY), r"use PartnerClient\.for_shop"),
            (lambda: PartnerClient("request:abc"), "request token"),
            (lambda: ShopClient("request:abc"), "request token"),
            (lambda: PartnerClient(PARTNER_KEY).for_shop(SHOP_KEY), "a shop's own api_key"),
            (lambda: PartnerClient(PARTNER_KEY).for_shop("request:abc"), "request token"),
        ],
        ids=["partner", "partner token", "shop token", "for_shop", "for_shop token"],
    )
    def test_wrong_kind_of_key(self, construct: Callable[[], object], why: str) -> None:
        """A constructor refuses a key that has the form of another kind."""
        with pytest.raises(KeyKindError, match=why) as caught:
            construct()
        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("source", ["argument", "environment"])
    @pytest.mark.parametrize(
        ("kind", "path"),
        [
            (PartnerClient, "/partner"),
            (PartnerClient, "/partner.Etelecom"),
            (ShopClient, "/shop.Etelecom/CreateExtension"),
            (SmsClient, "/api/OmniMessage/SendMessage"),
        ],
    )
    def test_base_url_with_a_service(
        self, monkeypatch: pytest.MonkeyPatch, kind: type[Client], path: str, source: str
    ) -> None:
        """A base URL with a service in it is refused, as an argument and in the environment."""
        url = f"https://a.example/v1{path}"
        monkeypatch.setenv(BASE_URLS[kind], url if source == "environment" else "https://b.example")
        with pytest.raises(ConfigurationError, match="has too many parts"):
            make(kind, **({"base_url": url} if source == "argument" else {}))

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_empty_base_url(self, monkeypatch: pytest.MonkeyPatch, kind: type[Client]) -> None:
        """An empty base URL is refused, so the key is not sent to another host."""
        monkeypatch.setenv(BASE_URLS[kind], "https://b.example")
        with pytest.raises(ConfigurationError, match="base_url is not a valid web address"):
            make(kind, base_url="")

    @pytest.mark.parametrize(
        ("settings", "why"),
        [
            ({"deadline": 0}, "deadline is a number of seconds above 0"),
            ({"attempt_timeout": -1}, "attempt_timeout is a number of seconds above 0"),
            ({"retries": -1}, "retries is a whole number, 0 or more"),
            ({"wire_names": {"shop.current": "Shop"}}, "must have the form 'Service/Method'"),
            (
                {"wire_names": {"shop.ship": "Shop/A", "x": "Shop/B"}},
                "wire_names contains unknown operations: shop.ship, x",
            ),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("kind", CLIENTS)
    def test_settings(self, kind: type[Client], settings: dict[str, Any], why: str) -> None:
        """The constructors and `with_options` refuse an option with an invalid value."""
        with pytest.raises(ConfigurationError, match=why):
            make(kind, **settings)
        with pytest.raises(ConfigurationError, match=why):
            make(kind).with_options(**settings)

    @pytest.mark.parametrize(
        "text",
        [
            *("x", "shop.ship=Shop/A", "shop.current", "shop.current=Shop", "=", "shop.current=Shop/A, "),
            *("shop123:canary", "canary=Shop/A", "shop.current=canary", "account=Misc/A,canary"),
        ],
    )
    def test_wire_names_of_the_environment(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        """A variable in the wrong form is refused; a trailing comma is accepted."""
        monkeypatch.setenv("ETELECOM_WIRE_NAMES", text)
        if text.endswith(", "):
            make(ShopClient)
        else:
            with pytest.raises(ConfigurationError, match="Service/Method") as caught:
                make(ShopClient)
            assert "canary" not in str(caught.value)

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda shop: shop.call_logs.list(date_from=NAIVE), InvalidRequestError),
            (lambda shop: shop.call("Any/Thing", {"at": NAIVE}), InvalidRequestError),
            (lambda shop: shop.call_logs.list(user_id=5), InvalidRequestError),
            (lambda shop: shop.call_logs.list(extension_ids=["1", 2]), InvalidRequestError),
            (lambda shop: shop.webhooks.delete(id=1161512386239479010), InvalidRequestError),
            (lambda shop: shop.call_logs.list(usr_id="5"), TypeError),
            (lambda shop: shop.webhooks.delete("5"), TypeError),
            (lambda shop: shop.call("GetTenant"), ConfigurationError),
            (lambda shop: shop.call("Etelecom/GetTenant/"), ConfigurationError),
            (lambda shop: shop.call("Any/Thing", [1]), (InvalidRequestError, TypeError)),
            (lambda shop: shop.call("Any/Thing", {"a": object()}), InvalidRequestError),
        ],
        ids=[
            *("naive time", "naive time in an open body", "int for an id", "int in a list of ids"),
            *("int for the only id", "unknown keyword", "positional"),
            *("no service", "two slashes", "no mapping", "no JSON"),
        ],
    )
    async def test_arguments(
        self, peer: Peer, shop: ShopClient, call: Callable[[ShopClient], Any], error: type[Exception]
    ) -> None:
        """An invalid argument of a call raises an error before anything is sent."""
        with pytest.raises(error):
            await call(shop)
        assert peer.requests == []


class TestOptions:
    """Each option changes the requests or the waits."""

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_base_url(self, peer: Peer, kind: type[Client]) -> None:
        """Calls go to `base_url`; a trailing slash is accepted."""
        for url in (peer.base_url, f"{peer.base_url}/", f"{peer.base_url}//"):
            async with make(kind, base_url=url) as client:
                await client.call("Any/Thing")
        path = {
            PartnerClient: "/v1/partner.Any/Thing",
            ShopClient: "/v1/shop.Any/Thing",
            SmsClient: "/v1/api/Any/Thing",
        }[kind]
        assert [request.path for request in peer.requests] == [path] * 3

    @pytest.mark.parametrize(
        ("kind", "key", "scope"),
        [
            (PartnerClient, PARTNER_KEY, "partner"),
            (ShopClient, SHOP_KEY, "shop"),
            (ShopClient, PARTNERS_SHOP_KEY, "partner"),
            (ShopClient, Secret(SHOP_KEY), "shop"),
            (ShopClient, SecretStr(SHOP_KEY), "shop"),
        ],
    )
    async def test_api_key(self, peer: Peer, kind: type[Client], key: Any, scope: str) -> None:
        """`api_key` is sent as the bearer token, and its form decides the URL of the call."""
        async with make(kind, api_key=key, base_url=peer.base_url) as client:
            await client.call("Any/Thing")
        (request,) = peer.requests
        assert request.headers["authorization"] == f"Bearer {Secret.of(key).reveal()}"
        assert request.path == f"/v1/{scope}.Any/Thing"

    async def test_username_and_password(self, peer: Peer) -> None:
        """`username` and `password` of the SMS service are in the body."""
        for secret in (Secret, SecretStr):
            async with SmsClient(secret("u"), secret("p"), base_url=peer.base_url) as sms:
                await sms.call("Any/Thing")
        sent = {"username": "u", "password": "p"}
        assert [request.json for request in peer.requests] == [sent, sent]

    async def test_shop_key_of_another_library(self, peer: Peer, partner: PartnerClient) -> None:
        """`for_shop` takes the secret of another library, too."""
        await partner.for_shop(SecretStr(PARTNERS_SHOP_KEY)).call("Any/Thing")
        assert peer.requests[0].headers["authorization"] == f"Bearer {PARTNERS_SHOP_KEY}"

    async def test_password_of_another_library(self, peer: Peer, shop: ShopClient) -> None:
        """A secret argument of a call takes the secret of another library; its text is sent."""
        await failure(shop.users.create(full_name="Lan", phone="0901234567", password=SecretStr("s")))
        assert peer.requests[0].json["password"] == "s"
        error = await failure(shop.users.create(full_name="Lan", phone="0901234567", password=SecretStr("")))
        assert str(error) == "shop.users.create: password is an empty secret."

    async def test_secrets_that_cannot_be_read(self, shop: ShopClient, partner: PartnerClient) -> None:
        """If the secret of another library fails, the error names the argument, and shows no other one."""

        class Vault:
            def get_secret_value(self) -> str:
                raise LookupError("canary")

        error = await failure(shop.users.create(full_name="Lan canary", phone="0901234567", password=Vault()))
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        ours = [frame for frame in shown.stack if "tests" not in frame.filename]
        assert "canary" not in str([frame.locals for frame in ours])
        problem = "cannot be read: get_secret_value() of Vault raised LookupError."
        assert str(error) == f"shop.users.create: password {problem}"
        for use, argument in (
            (lambda: ShopClient(Vault()), "api_key"),
            (lambda: partner.for_shop(Vault()), "shop_key"),
            (lambda: SmsClient("u", Vault()), "password"),
            (lambda: shop.with_options(headers={"X-Key": Vault()}), "headers: the value of 'X-Key'"),
            (lambda: Tls(cert_file="a.pem", key_password=Vault()), "key_password"),
        ):
            with pytest.raises(ConfigurationError, match=f"{argument} {re.escape(problem)}"):
                use()

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_session(self, peer: Peer, kind: type[Client]) -> None:
        """The client uses `session` for its calls, and leaves it open."""
        async with aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
            async with make(kind, base_url=peer.base_url, session=session) as client:
                await client.call("Any/Thing")
            assert not session.closed
        assert peer.requests[0].headers["x-mine"] == "1"

    @pytest.mark.parametrize("name", ["deadline", "attempt_timeout"])
    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_time_limits(
        self, peer: Peer, loop_clock: LoopClock, kind: type[Client], name: str
    ) -> None:
        """`deadline` and `attempt_timeout` end a call without a response."""
        peer.always = lambda _: peer.HANG
        peer.on_hang = lambda: loop_clock.advance(21)
        async with make(kind, base_url=peer.base_url, retries=0, **{name: 20}) as client:
            error = await failure(client.call("Any/Thing", effect=Effect.READ))
        assert "no response within 20 s" in str(error)

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_queue_timeout(self, peer: Peer, loop_clock: LoopClock, kind: type[Client]) -> None:
        """`queue_timeout` ends a call that does not get its turn, and not one that has it."""
        peer.always = lambda _: peer.HANG
        async with make(kind, base_url=peer.base_url, concurrency=1, queue_timeout=20) as client:
            first = asyncio.create_task(client.call("Any/Thing"))
            await peer.until(1)
            second = asyncio.create_task(failure(client.call("Any/Thing")))
            while not client.stats().writes.waiting:  # noqa: ASYNC110 - a queue has no event
                await asyncio.sleep(0)
            loop_clock.advance(21)
            assert type(await second) is QueueTimeoutError
            first.cancel()
            await asyncio.wait([first])
        assert first.cancelled()
        assert len(peer.requests) == 1

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_retries(self, peer: Peer, kind: type[Client]) -> None:
        """`retries` is the number of retries; a `RetryPolicy` also sets the waits."""
        peer.always = lambda _: peer.refusal("internal", 500)
        async with make(kind, base_url=peer.base_url, retries=0) as client:
            await failure(client.call("Any/Thing", effect=Effect.READ))
        assert len(peer.requests) == 1
        policy = RetryPolicy(retries=4, wait_initial=0)
        async with make(kind, base_url=peer.base_url, retries=policy) as client:
            error = await failure(client.call("Any/Thing", effect=Effect.READ))
        assert len(peer.requests) == 1 + 5
        assert [attempt.wait for attempt in error.attempts] == [0, 0, 0, 0, None]

    @pytest.mark.parametrize(
        ("kind", "name", "call"),
        [
            (PartnerClient, "account", lambda client: client.account()),
            (ShopClient, "webhooks.list", lambda client: client.webhooks.list()),
            (SmsClient, "sms.status", lambda client: client.status(id_omni_mess="I")),
        ],
    )
    async def test_wire_names(
        self, peer: Peer, kind: type[Client], name: str, call: Callable[[Any], Any]
    ) -> None:
        """`wire_names` changes the URL of an operation."""
        peer.always = lambda _: peer.json({"status": "SUCCESS", "webhooks": []})
        async with make(kind, base_url=peer.base_url, wire_names={name: "Other/Name"}) as client:
            await call(client)
        assert peer.requests[0].path.endswith("Other/Name")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_hooks(self, peer: Peer, kind: type[Client]) -> None:
        """`hooks` are called for each attempt."""
        attempts: list[Attempt] = []
        async with make(kind, base_url=peer.base_url, hooks=[attempt_hook(attempts.append)] * 2) as client:
            await client.call("Any/Thing")
        assert [attempt.operation for attempt in attempts] == ["Any/Thing"] * 2

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_max_response_bytes(self, peer: Peer, kind: type[Client]) -> None:
        """A response larger than `max_response_bytes` is refused."""
        peer.always = lambda _: peer.json({"a": "x" * 11})
        async with make(kind, base_url=peer.base_url, max_response_bytes=20) as client:
            assert await client.call("Any/Thing")
            error = await failure(client.with_options(max_response_bytes=19).call("Any/Thing"))
        assert type(error) is ResponseTooLargeError
        assert error.may_have_happened

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_proxy(self, peer: Peer, kind: type[Client]) -> None:
        """The client connects to `proxy` instead of the server, and sends it the full URL."""
        proxy = f"http://127.0.0.1:{peer.port}"
        async with make(kind, base_url="http://localhost:9/v1", proxy=proxy) as client:
            await client.call("Any/Thing")
        assert peer.requests[0].path.startswith("http://localhost:9/v1")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_trust_env(self, peer: Peer, kind: type[Client], monkeypatch: pytest.MonkeyPatch) -> None:
        """With `trust_env` the client uses the environment's proxy; without it the environment is ignored."""
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{peer.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        for trust_env in (False, True):
            url = peer.base_url.replace("127.0.0.1", "localhost")
            async with make(kind, base_url=url, trust_env=trust_env) as client:
                await client.call("Any/Thing")
        assert [request.path.partition(":")[0] == "http" for request in peer.requests] == [False, True]

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_tls(self, kind: type[Client], tmp_path: Path) -> None:
        """`tls` names the certificate files; a missing file is reported, and nothing is sent."""
        missing = tmp_path / "missing.pem"
        async with make(kind, base_url="https://localhost:9/v1", tls=Tls(ca_file=missing)) as client:
            error = await failure(client.call("Any/Thing"))
        assert type(error) is ConfigurationError
        assert "tls: ca_file cannot be used: [Errno 2]" in str(error)

    @pytest.mark.parametrize("kind", CLIENTS)
    @pytest.mark.parametrize(
        "setting", [{"proxy": "http://127.0.0.1:9"}, {"trust_env": True}, {"tls": Tls()}]
    )
    async def test_connection_options_with_a_session(
        self, kind: type[Client], setting: dict[str, Any]
    ) -> None:
        """Connection options that would have no effect on the caller's own session are refused."""
        async with aiohttp.ClientSession() as session:
            with pytest.raises(ConfigurationError, match="set them on that session"):
                make(kind, base_url="http://localhost:9", session=session, **setting)
            assert make(kind, base_url="http://a.example", session=session, allow_http=True)

    @pytest.mark.parametrize("name", ["allow_http", "trust_env"])
    def test_boolean_options(self, name: str) -> None:
        """A value other than True or False is refused for a boolean option."""
        with pytest.raises(ConfigurationError, match=f"{name} is True or False; not str"):
            make(ShopClient, **{name: "false"})

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_allow_http(self, kind: type[Client]) -> None:
        """`allow_http` allows an unencrypted key to another machine, which is refused otherwise."""
        url = "http://gateway.example/v1"
        with pytest.raises(ConfigurationError, match="allow_http=True"):
            make(kind, base_url=url)
        assert make(kind, base_url=url, allow_http=True)._engine.identity.base_url == url

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_headers(self, peer: Peer, kind: type[Client]) -> None:
        """`headers` are sent with each call beside the client's own; a copy adds its own, and keeps them."""
        given = {"X-Gateway-Key": SecretStr("a"), "X-Tenant": "b"}
        async with make(kind, base_url=peer.base_url, headers=given) as client:
            given["X-Later"] = "no"
            copy = client.with_options(headers={"x-tenant": "c"}).with_options(deadline=5)
            plain = make(kind, base_url=peer.base_url)
            for each in (client, copy, plain):
                await each.call("Any/Thing")
            await plain.close()
        ours, copied, without = (request.headers for request in peer.requests)
        assert ours.keys() - without.keys() == {"x-gateway-key", "x-tenant"}
        assert "x-later" not in ours
        assert (ours["x-gateway-key"], ours["x-tenant"]) == ("a", "b")
        assert (copied["x-gateway-key"], copied["x-tenant"]) == ("a", "c")
        assert {**ours, "x-tenant": "c"} == copied
        assert {name: ours[name] for name in without} == without

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_invalid_headers(self, peer: Peer, kind: type[Client]) -> None:
        """The constructor and `with_options` refuse headers of the client, and ones that break HTTP."""
        client = make(kind, base_url=peer.base_url)
        for headers in (
            {"authorization": "canary"},
            {"X-A": "canary\r\nX-B: c"},
            {"X-A": b"canary"},
            "canary",
        ):
            for construct in (partial(make, kind), client.with_options):
                with pytest.raises(ConfigurationError, match=r"^headers") as caught:
                    construct(headers=headers)
                assert "canary" not in str(caught.value)

    async def test_headers_of_a_shop(self, peer: Peer) -> None:
        """The shops of a partner are behind the same gateway, so their calls carry the same headers."""
        async with PartnerClient(PARTNER_KEY, base_url=peer.base_url, headers={"X-Key": "a"}) as partner:
            await partner.for_shop(PARTNERS_SHOP_KEY).call("Any/Thing")
        assert peer.requests[0].headers["x-key"] == "a"

    async def test_headers_of_uploads_and_reads(self, peer: Peer, shop: ShopClient) -> None:
        """Retries, uploads and `verify()` carry the headers, too; an upload keeps its own content type."""
        client = shop.with_options(headers={"X-Key": "canary-token"})
        peer.respond_with(peer.refusal("resource_exhausted", 429), peer.json({"token": "t"}))
        await client.zalo.files.upload(file=b"abc", oa_id="1", type="image")
        peer.always = lambda _: peer.DROP
        error = await failure(client.webhooks.create(entities=["call_log"], url="https://a.example"))
        peer.always = lambda _: peer.json({"webhooks": []})
        assert await error.verify() is None
        assert {request.headers["x-key"] for request in peer.requests} == {"canary-token"}
        assert peer.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")
        assert peer.requests[-1].path == "/v1/shop.Webhook/GetWebhooks"

    async def test_headers_stay_at_the_host(self, peer: Peer, shop: ShopClient) -> None:
        """A redirect is not followed, so no other server gets the headers."""
        other = f"http://localhost:{peer.port}/v1/other"
        peer.always = lambda _: peer.raw(b"", 307, Location=other)
        error = await failure(shop.with_options(headers={"X-Key": "canary-token"}).account())
        assert error.status == 307
        assert [request.path for request in peer.requests] == ["/v1/shop.Misc/CurrentAccount"]

    async def test_headers_are_prepared_once(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        """The headers are put together when the client is made, and not for each call."""
        monkeypatch.setattr("etelecom_async._core.http.transport.Transport.send", remember := Remember())
        client = make(ShopClient, base_url=peer.base_url, headers={"X-Key": "a"})
        for _ in range(2):
            await client.account()
        first, second = remember.requests
        assert first.headers is second.headers

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_concurrency(self, peer: Peer, kind: type[Client]) -> None:
        """`concurrency` limits the number of calls that the server gets at a time."""
        peer.always = lambda _: peer.HANG
        async with make(kind, base_url=peer.base_url, concurrency=2) as client:
            calls = [asyncio.create_task(client.call("Any/Thing")) for _ in range(5)]
            await peer.until(2)
            limiters = client.stats().writes
            assert (limiters.in_flight, limiters.waiting, len(peer.requests)) == (2, 3, 2)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            assert client.stats().writes.in_flight == 0

    async def test_connection_pool_has_no_limit(self, peer: Peer) -> None:
        """Exactly `concurrency` calls are in flight: the connection pool has no smaller limit."""
        peer.always = lambda _: peer.HANG
        async with make(ShopClient, base_url=peer.base_url, concurrency=150) as client:
            calls = [asyncio.create_task(client.call("Any/Thing")) for _ in range(150)]
            await peer.until(150)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_rate(self, peer: Peer, waits: Waits, kind: type[Client]) -> None:
        """`rate` limits the number of calls that start within a second."""
        async with make(kind, base_url=peer.base_url, rate=0.01) as client:
            waits.govern(client)
            for _ in range(3):
                await client.call("Any/Thing")
        assert waits == [100, 100]

    @pytest.mark.parametrize(
        ("wrong", "expected"), [({"concurrency": 0}, "1 or more"), ({"rate": 0}, "above 0")], ids=str
    )
    def test_invalid_limits(self, wrong: dict[str, Any], expected: str) -> None:
        """Limits that would let no call start are refused."""
        with pytest.raises(ConfigurationError, match=expected):
            make(ShopClient, **wrong)

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_every_argument_is_tested(self, kind: type[Client]) -> None:
        """The tests above cover all arguments of the constructors."""
        keys = {"username", "password"} if kind is SmsClient else {"api_key"}
        if kind is PartnerClient:
            keys |= {"key_store", "redirect_url"}  # tested by tests/test_shop_keys.py
        assert set(inspect.signature(kind).parameters) == keys | {"base_url", "options"}
        tested = {name.removeprefix("test_") for name in vars(TestOptions)}
        untested = set(NewClientOptions.__annotations__) - tested
        assert untested == {"deadline", "attempt_timeout"}  # tested by test_time_limits
        assert set(ClientOptions.__annotations__) < set(NewClientOptions.__annotations__)


class Remember:
    """Replaces `Transport.send`, and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def __call__(self, request: HttpRequest, *_: object) -> HttpResponse:
        """Remember a request."""
        self.requests.append(request)
        return HttpResponse(200, {}, b"{}")


class TestEnvironment:
    """The environment replaces missing arguments."""

    @pytest.mark.parametrize(
        ("kind", "variable"),
        [(PartnerClient, "ETELECOM_PARTNER_API_KEY"), (ShopClient, "ETELECOM_SHOP_API_KEY")],
    )
    async def test_keys(
        self,
        peer: Peer,
        monkeypatch: pytest.MonkeyPatch,
        kind: type[Client],
        variable: str,
    ) -> None:
        """A key in the environment is used if no argument was passed."""
        monkeypatch.setenv(variable, "theirs")
        for settings in ({}, {"api_key": "mine"}):
            async with kind(base_url=peer.base_url, **settings) as client:
                await client.call("Any/Thing")
        sent = [request.headers["authorization"] for request in peer.requests]
        assert sent == ["Bearer theirs", "Bearer mine"]

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({}, ("u", "p")),
            ({"username": "mine"}, ("mine", "p")),
            ({"password": "mine"}, ("u", "mine")),
        ],
        ids=str,
    )
    async def test_sms(
        self,
        peer: Peer,
        monkeypatch: pytest.MonkeyPatch,
        settings: dict[str, str],
        expected: tuple[str, str],
    ) -> None:
        """User name, password and base URL of the SMS service are read from the environment independently."""
        monkeypatch.setenv("ETELECOM_SMS_USERNAME", "u")
        monkeypatch.setenv("ETELECOM_SMS_PASSWORD", "p")
        monkeypatch.setenv("ETELECOM_SMS_BASE_URL", peer.base_url)
        async with SmsClient(**settings) as sms:
            await sms.call("Any/Thing")
        assert (peer.requests[0].json["username"], peer.requests[0].json["password"]) == expected

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_base_url(self, peer: Peer, monkeypatch: pytest.MonkeyPatch, kind: type[Client]) -> None:
        """The base URL in the environment is used if no argument was passed; an empty one is ignored."""
        monkeypatch.setenv(BASE_URLS[kind], f"{peer.base_url}/")
        async with make(kind) as client:
            await client.call("Any/Thing")
        assert len(peer.requests) == 1
        assert "b.example" in repr(make(kind, base_url="https://b.example"))
        own = "omni.incom.vn" if kind is SmsClient else "api.etelecom.vn/v1"
        for value in (None, ""):
            monkeypatch.delenv(BASE_URLS[kind]) if value is None else monkeypatch.setenv(
                BASE_URLS[kind], value
            )
            assert f"https://{own})" in repr(make(kind))

    async def test_wire_names(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wire names in the environment change URLs; those passed as an option have priority."""
        names = "account=My/Account, webhooks.list=My/Hooks, Etelecom=ETelecom"
        monkeypatch.setenv("ETELECOM_WIRE_NAMES", names)
        async with make(
            ShopClient, base_url=peer.base_url, wire_names={"webhooks.list": "Your/Hooks"}
        ) as shop:
            await shop.account()
            await shop.webhooks.list()
            await shop.extensions.list()
        assert [request.path for request in peer.requests] == [
            "/v1/shop.My/Account",
            "/v1/shop.Your/Hooks",
            "/v1/shop.ETelecom/GetExtensions",
        ]

    def test_every_variable_is_tested(self) -> None:
        """The tests above cover all environment variables."""
        tested = {
            "ETELECOM_BASE_URL",
            "ETELECOM_PARTNER_API_KEY",
            "ETELECOM_SHOP_API_KEY",
            "ETELECOM_SMS_BASE_URL",
            "ETELECOM_SMS_PASSWORD",
            "ETELECOM_SMS_USERNAME",
            "ETELECOM_WIRE_NAMES",
        }
        assert tested == VARIABLES


class TestCopies:
    """Test `with_options` and `for_shop`."""

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_copy_is_another_client_on_the_same_connections(
        self, peer: Peer, kind: type[Client]
    ) -> None:
        """A copy has the class and the connections of its original; closing the copy closes nothing."""
        async with make(kind, base_url=peer.base_url) as client:
            async with client.with_options(deadline=5) as copy:
                assert type(copy) is kind
                await copy.call("Any/Thing")
            await client.call("Any/Thing")
            await copy.call("Any/Thing")
        assert peer.connections == 1
        assert type(await failure(copy.call("Any/Thing"))) is errors.ClientClosedError

    @pytest.mark.parametrize(
        ("settings", "changed"),
        [
            ({}, {}),
            ({"deadline": 7.0}, {"deadline": 7.0}),
            ({"attempt_timeout": 7.0}, {"attempt_timeout": 7.0}),
            ({"queue_timeout": 7.0}, {"queue_timeout": 7.0}),
            ({"queue_timeout": None}, {"queue_timeout": math.inf}),
            ({"retries": 7}, {"retry": RetryPolicy(retries=7, wait_max=1.0)}),
            ({"retries": RetryPolicy(retries=7)}, {"retry": RetryPolicy(retries=7)}),
            ({"wire_names": {"account": "A/B"}}, {"wire_names": {"account": "A/B", "shop.current": "C/D"}}),
            ({"wire_names": {"shop.current": "A/B"}}, {"wire_names": {"shop.current": "A/B"}}),
            ({"hooks": []}, {"hooks": ()}),
            ({"hooks": [print, repr]}, {"hooks": (print, repr)}),
        ],
        ids=str,
    )
    def test_omitted_options_stay(self, settings: dict[str, Any], changed: dict[str, Any]) -> None:
        """`with_options` changes only the passed options, and only in the copy."""
        client = make(
            ShopClient,
            retries=RetryPolicy(wait_max=1.0),
            wire_names={"shop.current": "C/D"},
            hooks=[print],
            deadline=50.0,
            attempt_timeout=20.0,
            queue_timeout=10.0,
        )
        before = client._engine.options
        after = client.with_options(**settings)._engine.options
        assert after == attrs.evolve(before, **changed)
        assert client._engine.options is before

    def test_every_option_is_tested(self) -> None:
        """`with_options` takes the options of the constructors, except credentials and connection options."""
        connecting = {"api_key", "base_url", "session", "allow_http"}
        options = set(inspect.signature(ShopClient.with_options).parameters) - {"self"}
        assert options == set(inspect.signature(ShopClient).parameters) - connecting

    async def test_shop(self, peer: Peer, partner: PartnerClient) -> None:
        """`shop` returns a client with the key of the store, which closes no connection of the partner."""

        class Store:
            async def get(self, shop_id: str) -> str:
                return f"shop{shop_id}:canary-key"

            async def put(self, shop_id: str, shop_key: Secret) -> None:
                raise AssertionError((shop_id, shop_key))

        with pytest.raises(ConfigurationError, match=r"shop\(\) needs a key store"):
            partner.shop("123456")
        async with PartnerClient(PARTNER_KEY, base_url=peer.base_url, key_store=Store()) as storing:
            for _ in range(2):
                async with storing.shop("123456") as shop:
                    await shop.call("Any/Thing")
        assert peer.requests[-1].headers["authorization"] == "Bearer shop123456:canary-key"
        assert peer.connections == 1

    async def test_for_shop(self, peer: Peer, partner: PartnerClient) -> None:
        """`for_shop` returns a client with the shop's key, the same connections and the same options."""
        attempts: list[Attempt] = []
        await partner.account()
        async with partner.with_options(hooks=[attempt_hook(attempts.append)]).for_shop(
            PARTNERS_SHOP_KEY
        ) as shop:
            assert type(shop) is ShopClient
            peer.respond_with(peer.json({"id": 5}))
            await shop.tenant.get()
        await partner.account()
        assert [request.headers["authorization"] for request in peer.requests] == [
            f"Bearer {PARTNER_KEY}",
            f"Bearer {PARTNERS_SHOP_KEY}",
            f"Bearer {PARTNER_KEY}",
        ]
        assert peer.requests[1].path == "/v1/partner.Etelecom/GetTenant"
        assert [attempt.operation for attempt in attempts] == ["shop.tenant.get"]
        assert peer.connections == 1
        assert partner.schema_mismatches() == {"shop.tenant.get: Expected `str`, got `int` - at `$.id`": 1}

    async def test_shops_share_the_rate(self, peer: Peer, partner: PartnerClient, waits: Waits) -> None:
        """50 calls over 10 shops, and those of the partner, keep the partner's rate together."""
        limited = partner.with_options(rate=5)
        waits.govern(limited)
        shops = [limited.for_shop(f"shop{number}:canary-key") for number in range(10)]
        starts: list[float] = []
        peer.always = lambda _: starts.append(waits.at) or peer.json({})
        await asyncio.gather(*(shop.call("Any/Thing") for shop in shops * 5), limited.call("Any/Thing"))
        assert len(peer.requests) == 51
        assert waits.at == pytest.approx(1000 + 50 * 0.2)
        assert [shop.stats().attempts for shop in shops] == [5] * 10

    async def test_shop_with_its_own_rate(self, peer: Peer, partner: PartnerClient, waits: Waits) -> None:
        """A client that is given a rate, even an equal one, does not share that of others."""
        limited = partner.with_options(rate=0.1)
        waits.govern(limited)
        shop = limited.for_shop(PARTNERS_SHOP_KEY)
        own = shop.with_options(rate=0.1)
        for client in (limited, own, own.with_options(deadline=5), shop.with_options(concurrency=3)):
            await client.call("Any/Thing")
        assert waits == [10.0]  # of the third call; meanwhile the start of the fourth one came
        assert waits.at == 1010.0
        assert len(peer.requests) == 4

    async def test_copy_without_a_rate(self, peer: Peer, partner: PartnerClient, waits: Waits) -> None:
        """`rate=None` in a copy means no limit, and not the limit of the original."""
        limited = partner.with_options(rate=0.1)
        waits.govern(limited)
        free = limited.with_options(rate=None)
        for _ in range(3):
            await free.call("Any/Thing")
        assert waits == []
        assert len(peer.requests) == 3

    async def test_shops_pause_alone(self, peer: Peer, partner: PartnerClient, waits: Waits) -> None:
        """A throttled shop pauses all clients for its key, and no client for another key."""
        waits.govern(partner)
        first, second = partner.for_shop(PARTNERS_SHOP_KEY), partner.for_shop("shop2:canary-key")
        peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="30"))
        error = await failure(first.with_options(retries=0).call("Any/Thing"))
        assert error.retry_after == 30
        same = partner.with_options(deadline=5).for_shop(Secret(PARTNERS_SHOP_KEY))
        clients = (first, same, first.with_options(rate=5), first.with_options(concurrency=5))
        assert [client.stats().pause for client in clients] == [30.0] * 4
        assert [client.stats().pause for client in (partner, second)] == [0.0] * 2
        assert (same.stats().writes.limit, second.stats().writes.limit) == (32.0, 64.0)
        await second.call("Any/Thing")
        assert waits == []
        await same.call("Any/Thing")
        assert waits == [30.0]

    async def test_shops_have_their_own_concurrency(self, peer: Peer, partner: PartnerClient) -> None:
        """The calls of one shop take no turn of another shop, or of the partner."""
        narrow = partner.with_options(concurrency=1)
        clients = [narrow, narrow.for_shop(PARTNERS_SHOP_KEY), narrow.for_shop("shop2:canary-key")]
        peer.always = lambda _: peer.HANG
        calls = [asyncio.create_task(client.call("Any/Thing")) for client in clients * 2]
        await peer.until(3)
        assert [client.stats().writes for client in clients] == [(1, 1, 1.0)] * 3
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)

    @pytest.mark.parametrize(
        ("bad", "note"),
        [(b'"a\\ud800"', "a\ufffd"), (b'"a\nb"', "a\nb"), (b'"H\xe1\xba"', "H\ufffd"), (b"NaN", "")],
        ids=repr,
    )
    async def test_bad_value_in_a_list(self, peer: Peer, shop: ShopClient, bad: bytes, note: str) -> None:
        """A bad value costs neither its page nor the list; each page is asked for once."""
        page = b'{"call_logs": [{"id": "1"}, {"id": "2", "note": %b}], "paging": {"next": "n"}}' % bad
        last = b'\xef\xbb\xbf{"call_logs": [{"id": "3"}], "paging": {"next": ""}}'
        peer.respond_with(peer.raw(page), peer.raw(last))
        logs = await shop.call_logs.list().collect()
        assert [(log.id, log.note) for log in logs] == [("1", ""), ("2", note), ("3", "")]
        assert len(peer.requests) == 2
        ((kind, count),) = shop.schema_mismatches().items()
        assert kind.endswith(" - at `$.call_logs[...].note`")
        assert count == 1

    async def test_bad_ids_in_a_list(self, peer: Peer, shop: ShopClient) -> None:
        """Rows whose ids cannot be read are all different, also those that look alike now."""
        peer.respond_with(
            peer.raw(b'{"call_logs": [{"id": "\\ud800"}, {"id": "1"}, {"id": "\\ud801"}, {"id": NaN}]}')
        )
        logs = await shop.call_logs.list().collect()
        assert [log.id for log in logs] == ["\ufffd", "1", "\ufffd", ""]

    async def test_schema_mismatches_are_a_copy(self, partner: PartnerClient) -> None:
        """Changing the result of `schema_mismatches()` does not change the client's counts."""
        partner.schema_mismatches()["x"] = 1
        assert partner.schema_mismatches() == {}


class TestCall:
    """Test calls by wire name."""

    async def test_call(self, peer: Peer, shop: ShopClient) -> None:
        """The body is sent unchanged, and the JSON object of the response is returned unchanged."""
        peer.respond_with(peer.json({"a": None, "b": {"c": "0001-01-01T00:00:00Z"}}))
        body = {"x": [1, {"y": None}]}
        assert await shop.call("Any/Thing", body) == {"a": None, "b": {"c": "0001-01-01T00:00:00Z"}}
        assert peer.requests[0].json == body == {"x": [1, {"y": None}]}
        assert peer.requests[0].path == "/v1/shop.Any/Thing"

    async def test_no_body(self, peer: Peer, shop: ShopClient) -> None:
        """Without a body, an empty object is sent."""
        await shop.call("Any/Thing")
        assert peer.requests[0].body == b"{}"

    @pytest.mark.parametrize(
        ("name", "body", "effect", "repeated"),
        [
            ("Etelecom/GetExtensions", None, None, True),
            ("Etelecom/CreateExtension", None, None, False),
            ("Etelecom/GetExtensions", None, Effect.SEND, False),
            ("Etelecom/RemoveUserOfExtension", {"extension_id": "1"}, None, True),
            ("Etelecom/RemoveUserOfExtension", {"user_id": "1"}, None, False),
            ("Etelecom/RemoveUserOfExtension", None, None, False),
            ("Any/Thing", None, None, False),
            ("Any/Thing", None, Effect.READ, True),
        ],
    )
    async def test_effect(
        self, peer: Peer, shop: ShopClient, name: str, body: Any, effect: Effect | None, *, repeated: bool
    ) -> None:
        """
        A known name has the effect of its method, an unknown name CREATE, unless the caller passes one.

        The effect of a method may depend on the fields of the request.
        """
        peer.respond_with(peer.DROP)
        call = shop.call(name, body, effect=effect)
        if repeated:
            assert await call == {}
        else:
            assert type(await failure(call)) is OutcomeUnknownError
        assert len(peer.requests) == 1 + repeated

    async def test_error_names_the_wire_name(self, peer: Peer, shop: ShopClient) -> None:
        """The error of such a call names the wire name that was called."""
        peer.respond_with(peer.refusal("bad_route", 404))
        error = await failure(shop.call("Any/Thing"))
        assert str(error).startswith("Any/Thing: no (bad_route, HTTP 404).")
        assert "wire_names" not in str(error)


class TestObject:
    """Test `repr`, pickling, namespaces and closing of clients."""

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (PartnerClient, "PartnerClient(partner_api_key at https://api.etelecom.vn/v1)"),
            (ShopClient, "ShopClient(shop_api_key at https://api.etelecom.vn/v1)"),
            (SmsClient, "SmsClient(username_password at https://omni.incom.vn)"),
        ],
    )
    def test_repr(self, kind: type[Client], text: str) -> None:
        """The repr of a client shows the kind of its key and its base URL."""
        assert repr(make(kind)) == text

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_no_pickles(self, kind: type[Client]) -> None:
        """A client cannot be pickled or copied, and the error says what to do instead."""
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds connections and a key: create a new one"):
                attempt(make(kind))

    def test_namespaces(self) -> None:
        """Operations only for partners are missing on a shop's client, and the other way round."""
        assert not hasattr(make(ShopClient), "tenants")
        assert not hasattr(make(PartnerClient), "extensions")
        assert not hasattr(make(SmsClient), "webhooks")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_close(self, peer: Peer, kind: type[Client]) -> None:
        """`close()` and `async with` close the client's connections; after that nothing is sent."""
        client = make(kind, base_url=peer.base_url)
        async with client as entered:
            assert entered is client
            await client.call("Any/Thing")
        assert type(await failure(client.call("Any/Thing"))) is errors.ClientClosedError
        assert len(peer.requests) == 1

    @pytest.mark.parametrize("prefetch", [0, 1, 3])
    @pytest.mark.parametrize("how", ["break", "cancel"])
    async def test_leaving_lists(self, peer: Peer, shop: ShopClient, how: str, prefetch: int) -> None:
        """Leaving a list early, by `break` or cancellation, leaves no task and no connection in use."""
        peer.respond_with(peer.json({"call_logs": [{"id": "1"}], "paging": {"next": "n"}}))
        peer.always = lambda _: peer.HANG
        started = asyncio.Event()

        async def walk() -> None:
            async for _ in shop.call_logs.list(prefetch=prefetch):
                if prefetch:
                    await peer.until(2)
                started.set()
                if how == "break":
                    break

        task = asyncio.create_task(walk())
        await started.wait()
        if how == "cancel":
            await peer.until(2)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if len(peer.requests) > 1:
            assert await asyncio.to_thread(peer.gone.wait, PATIENCE)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        session = shop._engine.transport._open_session()
        assert len(session.connector._acquired) == 0

    async def test_waits_take_no_time(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """The fixtures' clients, and their copies, do not really wait."""
        peer.respond_with(peer.DROP)
        await shop.with_options(deadline=60).account()
        assert len(waits) == 1


def test_repr_of_a_client_that_was_not_made() -> None:
    """A constructor that failed leaves an object whose repr still works, for tracebacks."""
    assert repr(ShopClient.__new__(ShopClient)) == "<ShopClient, not made>"


async def test_changes_of_tests(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function in `ENGINE_CHANGES` sees the engine of each new client, and replaces it."""
    seen: list[engine.Engine] = []

    def change(made: engine.Engine) -> engine.Engine:
        seen.append(made)
        return attrs.evolve(made, options=attrs.evolve(made.options, deadline=7.0))

    monkeypatch.setattr(_client, "ENGINE_CHANGES", [change])
    async with ShopClient("1161512386239479010:canary-key", base_url=peer.base_url) as shop:
        assert shop._engine.options.deadline == 7.0
        assert shop._engine.transport is seen[0].transport
        assert await shop.account() == {}
    assert len(seen) == 1
