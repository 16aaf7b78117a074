"""The clients: which key goes where, what each setting and variable does, and who closes what."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

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
    RetryPolicy,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    _client,
    attempt_hook,
    errors,
)
from etelecom_async._core.calls import engine
from etelecom_async.errors import ResponseTooLargeError
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer, Waits

Client = PartnerClient | ShopClient | SmsClient

PARTNER_KEY = "partner-canary-key"
SHOP_KEY = "1161512386239479010:canary-key"
PARTNERS_SHOP_KEY = "shop1161512386239479010:canary-key"
CLIENTS = [PartnerClient, ShopClient, SmsClient]
NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - a time without an offset, to be refused
BASE_URLS = {
    PartnerClient: "ETELECOM_BASE_URL",
    ShopClient: "ETELECOM_BASE_URL",
    SmsClient: "ETELECOM_SMS_BASE_URL",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set in the environment but what a test sets."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


VARIABLES = {
    value for room in (_client, engine) for name, value in vars(room).items() if name.endswith("_VARIABLE")
}


def make(kind: type[Client], **settings: Any) -> Client:
    """A client of this class with a right key, unless the settings have one."""
    if kind is SmsClient:
        return SmsClient(**{"username": "u", "password": "p", **settings})
    key = PARTNER_KEY if kind is PartnerClient else SHOP_KEY
    return kind(**{"api_key": key, **settings})


async def failure(call: Any) -> Any:
    """The error that a call ends with."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


@pytest.fixture
async def partner(peer: Peer) -> AsyncIterator[PartnerClient]:
    """A partner's client of the peer."""
    async with PartnerClient(PARTNER_KEY, base_url=peer.base_url) as client:
        yield client


class TestBadInput:
    """What cannot be right is named before a byte leaves."""

    @pytest.mark.parametrize("given", [None, "", "  "], ids=repr)
    @pytest.mark.parametrize(
        ("kind", "argument", "variable"),
        [
            (PartnerClient, "api_key", "ETELECOM_PARTNER_API_KEY"),
            (ShopClient, "api_key", "ETELECOM_SHOP_API_KEY"),
            (SmsClient, "username", "ETELECOM_SMS_USERNAME"),
            (SmsClient, "password", "ETELECOM_SMS_PASSWORD"),
        ],
    )
    def test_missing_key(self, kind: type[Client], argument: str, variable: str, given: str | None) -> None:
        """A missing key is named by its argument and its variable."""
        with pytest.raises(ConfigurationError) as caught:
            make(kind, **{argument: given})
        assert str(caught.value) == (
            f"{argument} is missing: pass {argument}=..., or set the environment variable {variable}."
        )

    @pytest.mark.parametrize("given", ["", None, Secret("")], ids=repr)
    async def test_missing_shop_key(self, partner: PartnerClient, given: Any) -> None:
        """A missing shop key is named by its argument; no variable holds one."""
        with pytest.raises(ConfigurationError) as caught:
            partner.for_shop(given)
        assert str(caught.value) == "shop_key is missing: pass shop_key=...."

    @pytest.mark.parametrize(
        ("key", "why"),
        [
            (" canary", "has blanks around it: copy it again"),
            ("canary\n", "has blanks around it: copy it again"),
            ("can\nary", "has characters that no key has: copy it again"),
            ("canáry", "has characters that no key has: copy it again"),
            (5, "takes a text or a Secret, not int"),
            (b"canary", "takes a text or a Secret, not bytes"),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("kind", [PartnerClient, ShopClient])
    def test_key_that_was_copied_badly(self, kind: type[Client], key: Any, why: str) -> None:
        """A key that would break a header is refused, and not shown."""
        with pytest.raises(ConfigurationError, match=f"^api_key {why}") as caught:
            make(kind, api_key=key)
        assert "ary" not in str(caught.value)

    def test_sms_password_may_be_anything(self) -> None:
        """User name and password travel in the body, and may hold any character."""
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
        """A key that plainly is of another kind is refused where it is given."""
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
        """A base URL with a service in it is refused, wherever it comes from."""
        url = f"https://a.example/v1{path}"
        monkeypatch.setenv(BASE_URLS[kind], url if source == "environment" else "https://b.example")
        with pytest.raises(ConfigurationError, match="goes too far"):
            make(kind, **({"base_url": url} if source == "argument" else {}))

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_empty_base_url(self, monkeypatch: pytest.MonkeyPatch, kind: type[Client]) -> None:
        """An empty base URL is a mistake, and sends no key to any other host."""
        monkeypatch.setenv(BASE_URLS[kind], "https://b.example")
        with pytest.raises(ConfigurationError, match="base_url='' is no web address"):
            make(kind, base_url="")

    @pytest.mark.parametrize(
        ("settings", "why"),
        [
            ({"deadline": 0}, "deadline is a number of seconds above 0"),
            ({"attempt_timeout": -1}, "attempt_timeout is a number of seconds above 0"),
            ({"retries": -1}, "retries is a whole number, 0 or more"),
            ({"wire_names": {"shop.current": "Shop"}}, "is written 'Service/Method'"),
            (
                {"wire_names": {"shop.ship": "Shop/A", "x": "Shop/B"}},
                "names no operation of the SDK: shop.ship, x",
            ),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("kind", CLIENTS)
    def test_settings(self, kind: type[Client], settings: dict[str, Any], why: str) -> None:
        """A setting that cannot be right is refused where it is given, also in `with_options`."""
        with pytest.raises(ConfigurationError, match=why):
            make(kind, **settings)
        with pytest.raises(ConfigurationError, match=why):
            make(kind).with_options(**settings)

    @pytest.mark.parametrize(
        "text", ["x", "shop.ship=Shop/A", "shop.current", "shop.current=Shop", "=", "shop.current=Shop/A, "]
    )
    def test_wire_names_of_the_environment(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        """A variable that is written wrongly is refused; a comma at its end is forgiven."""
        monkeypatch.setenv("ETELECOM_WIRE_NAMES", text)
        if text.endswith(", "):
            make(ShopClient)
        else:
            with pytest.raises(ConfigurationError, match="Service/Method"):
                make(ShopClient)

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
            (lambda shop: shop.tenant.get(), KeyKindError),
            (lambda shop: shop.call("GetTenant"), ConfigurationError),
            (lambda shop: shop.call("Etelecom/GetTenant/"), ConfigurationError),
            (lambda shop: shop.call("Any/Thing", [1]), (InvalidRequestError, TypeError)),
            (lambda shop: shop.call("Any/Thing", {"a": object()}), InvalidRequestError),
        ],
        ids=[
            *("naive time", "naive time in an open body", "int for an id", "int in a list of ids"),
            *("int for the only id", "unknown keyword", "positional", "call of other keys"),
            *("no service", "two slashes", "no mapping", "no JSON"),
        ],
    )
    async def test_arguments(
        self, peer: Peer, shop: ShopClient, call: Callable[[ShopClient], Any], error: type[Exception]
    ) -> None:
        """An argument that cannot be right is an error before a byte leaves."""
        with pytest.raises(error):
            await call(shop)
        assert peer.requests == []


class TestSettings:
    """Each setting changes something on the wire or the clock."""

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_base_url(self, peer: Peer, kind: type[Client]) -> None:
        """`base_url` is where calls go; a slash at its end is forgiven."""
        for url in (peer.base_url, f"{peer.base_url}/", f"{peer.base_url}//"):
            async with make(kind, base_url=url) as client:
                await client.call("Any/Thing")
        path = {
            PartnerClient: "/v1/partner.Any/Thing",
            ShopClient: "/v1/shop.Any/Thing",
            SmsClient: "/v1/api/Any/Thing",
        }[kind]
        assert [asked.path for asked in peer.requests] == [path] * 3

    @pytest.mark.parametrize(
        ("kind", "key", "scope"),
        [
            (PartnerClient, PARTNER_KEY, "partner"),
            (ShopClient, SHOP_KEY, "shop"),
            (ShopClient, PARTNERS_SHOP_KEY, "partner"),
            (ShopClient, Secret(SHOP_KEY), "shop"),
        ],
    )
    async def test_api_key(self, peer: Peer, kind: type[Client], key: str | Secret, scope: str) -> None:
        """`api_key` is the bearer token, and decides by its form where the call goes."""
        async with make(kind, api_key=key, base_url=peer.base_url) as client:
            await client.call("Any/Thing")
        (asked,) = peer.requests
        assert asked.headers["authorization"] == f"Bearer {Secret.of(key).reveal()}"
        assert asked.path == f"/v1/{scope}.Any/Thing"

    async def test_username_and_password(self, peer: Peer) -> None:
        """`username` and `password` of the SMS service are in the body."""
        async with SmsClient("u", Secret("p"), base_url=peer.base_url) as sms:
            await sms.call("Any/Thing")
        assert peer.requests[0].json == {"username": "u", "password": "p"}

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_session(self, peer: Peer, kind: type[Client]) -> None:
        """`session` makes the calls, and stays open."""
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
        """`deadline` and `attempt_timeout` end a call that hangs."""
        peer.always = lambda _: peer.HANG
        peer.on_hang = lambda: loop_clock.advance(21)
        async with make(kind, base_url=peer.base_url, retries=0, **{name: 20}) as client:
            error = await failure(client.call("Any/Thing", effect=Effect.READ))
        assert "no answer within 20 s" in str(error)

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_retries(self, peer: Peer, kind: type[Client]) -> None:
        """`retries` is how often a call is made again; a policy says after how long, too."""
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
        """`wire_names` is the address of an operation."""
        async with make(kind, base_url=peer.base_url, wire_names={name: "Other/Name"}) as client:
            await call(client)
        assert peer.requests[0].path.endswith("Other/Name")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_hooks(self, peer: Peer, kind: type[Client]) -> None:
        """`hooks` hear of each attempt."""
        told: list[Attempt] = []
        async with make(kind, base_url=peer.base_url, hooks=[attempt_hook(told.append)] * 2) as client:
            await client.call("Any/Thing")
        assert [attempt.operation for attempt in told] == ["Any/Thing"] * 2

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_max_response_bytes(self, peer: Peer, kind: type[Client]) -> None:
        """`max_response_bytes` is the size of an answer beyond which it is refused."""
        peer.always = lambda _: peer.json({"a": "x" * 11})
        async with make(kind, base_url=peer.base_url, max_response_bytes=20) as client:
            assert await client.call("Any/Thing")
            error = await failure(client.with_options(max_response_bytes=19).call("Any/Thing"))
        assert type(error) is ResponseTooLargeError
        assert error.may_have_happened

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_proxy(self, peer: Peer, kind: type[Client]) -> None:
        """`proxy` is called in place of the server, and told whom to call."""
        proxy = f"http://127.0.0.1:{peer.port}"
        async with make(kind, base_url="http://localhost:9/v1", proxy=proxy) as client:
            await client.call("Any/Thing")
        assert peer.requests[0].path.startswith("http://localhost:9/v1")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_trust_env(self, peer: Peer, kind: type[Client], monkeypatch: pytest.MonkeyPatch) -> None:
        """`trust_env` lets the environment name the proxy; without it the environment is not asked."""
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{peer.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        for trust_env in (False, True):
            url = peer.base_url.replace("127.0.0.1", "localhost")
            async with make(kind, base_url=url, trust_env=trust_env) as client:
                await client.call("Any/Thing")
        assert [asked.path.partition(":")[0] == "http" for asked in peer.requests] == [False, True]

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_tls(self, kind: type[Client], tmp_path: Path) -> None:
        """`tls` names the files of the certificates; one that is not there is told, and nothing is sent."""
        missing = tmp_path / "missing.pem"
        async with make(kind, base_url="https://localhost:9/v1", tls=Tls(ca_file=missing)) as client:
            error = await failure(client.call("Any/Thing"))
        assert type(error) is ConfigurationError
        assert "tls: ca_file cannot be used: [Errno 2]" in str(error)

    @pytest.mark.parametrize("kind", CLIENTS)
    @pytest.mark.parametrize(
        "setting", [{"proxy": "http://127.0.0.1:9"}, {"trust_env": True}, {"tls": Tls()}]
    )
    async def test_a_given_session_has_its_own_network(
        self, kind: type[Client], setting: dict[str, Any]
    ) -> None:
        """What a session of the caller's would pass over is refused."""
        async with aiohttp.ClientSession() as session:
            with pytest.raises(ConfigurationError, match="set them on yours"):
                make(kind, base_url="http://localhost:9", session=session, **setting)
            assert make(kind, base_url="http://a.example", session=session, allow_http=True)

    @pytest.mark.parametrize("name", ["allow_http", "trust_env"])
    def test_yes_or_no(self, name: str) -> None:
        """What is neither True nor False is taken for neither; None is the default."""
        with pytest.raises(ConfigurationError, match=f"{name} is True or False; not 'false'"):
            make(ShopClient, **{name: "false"})
        assert make(ShopClient, **{name: None})

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_allow_http(self, kind: type[Client]) -> None:
        """`allow_http` lets a key go unencrypted to another machine, which else is refused."""
        url = "http://gateway.example/v1"
        with pytest.raises(ConfigurationError, match="allow_http=True"):
            make(kind, base_url=url)
        assert make(kind, base_url=url, allow_http=True)._engine.identity.base_url == url

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_concurrency(self, peer: Peer, kind: type[Client]) -> None:
        """`concurrency` is how many calls the server sees at a time."""
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

    async def test_nothing_but_concurrency_limits(self, peer: Peer) -> None:
        """As many calls as `concurrency` says are under way: no smaller pool of connections stands below."""
        peer.always = lambda _: peer.HANG
        async with make(ShopClient, base_url=peer.base_url, concurrency=150) as client:
            calls = [asyncio.create_task(client.call("Any/Thing")) for _ in range(150)]
            await peer.until(150)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_rate(self, peer: Peer, waits: Waits, kind: type[Client]) -> None:
        """`rate` is how many calls start within a second."""
        async with make(kind, base_url=peer.base_url, rate=0.01) as client:
            waits.govern(client)
            for _ in range(3):
                await client.call("Any/Thing")
        assert waits == [100, 100]

    @pytest.mark.parametrize(
        ("wrong", "said"), [({"concurrency": 0}, "1 or more"), ({"rate": 0}, "above 0")], ids=str
    )
    def test_limits_that_cannot_be(self, wrong: dict[str, Any], said: str) -> None:
        """No call could ever start: the setting is refused."""
        with pytest.raises(ConfigurationError, match=said):
            make(ShopClient, **wrong)

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_every_argument_is_tested(self, kind: type[Client]) -> None:
        """The tests above are of all arguments that there are."""
        keys = {"username", "password"} if kind is SmsClient else {"api_key"}
        assert set(inspect.signature(kind).parameters) == keys | {"base_url", "options"}
        tested = {name.removeprefix("test_") for name in vars(TestSettings)}
        untested = set(NewClientOptions.__annotations__) - tested
        assert untested == {"deadline", "attempt_timeout"}  # which test_time_limits has
        assert set(ClientOptions.__annotations__) < set(NewClientOptions.__annotations__)


class TestEnvironment:
    """What the environment fills in where the caller gave nothing."""

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
        """A key of the environment is sent where none was given."""
        monkeypatch.setenv(variable, "theirs")
        for settings in ({}, {"api_key": "mine"}):
            async with kind(base_url=peer.base_url, **settings) as client:
                await client.call("Any/Thing")
        sent = [asked.headers["authorization"] for asked in peer.requests]
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
        """User name, password and base URL of the SMS service are taken from the environment one by one."""
        monkeypatch.setenv("ETELECOM_SMS_USERNAME", "u")
        monkeypatch.setenv("ETELECOM_SMS_PASSWORD", "p")
        monkeypatch.setenv("ETELECOM_SMS_BASE_URL", peer.base_url)
        async with SmsClient(**settings) as sms:
            await sms.call("Any/Thing")
        assert (peer.requests[0].json["username"], peer.requests[0].json["password"]) == expected

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_base_url(self, peer: Peer, monkeypatch: pytest.MonkeyPatch, kind: type[Client]) -> None:
        """The base URL of the environment holds where none was given; an empty one is none."""
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
        """Wire names of the environment change addresses; those that were given come first."""
        monkeypatch.setenv("ETELECOM_WIRE_NAMES", "account=My/Account, webhooks.list=My/Hooks")
        async with make(
            ShopClient, base_url=peer.base_url, wire_names={"webhooks.list": "Your/Hooks"}
        ) as shop:
            await shop.account()
            await shop.webhooks.list()
        assert [asked.path for asked in peer.requests] == ["/v1/shop.My/Account", "/v1/shop.Your/Hooks"]

    def test_every_variable_is_tested(self) -> None:
        """The tests above are of all variables that there are."""
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
    """`with_options` and `for_shop`."""

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_copy_is_another_client_on_the_same_connections(
        self, peer: Peer, kind: type[Client]
    ) -> None:
        """A copy has the class of its original, and its connection; closing the copy closes nothing."""
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
            ({"retries": 7}, {"retry": RetryPolicy(retries=7, wait_max=1.0)}),
            ({"retries": RetryPolicy(retries=7)}, {"retry": RetryPolicy(retries=7)}),
            ({"wire_names": {"account": "A/B"}}, {"wire_names": {"account": "A/B", "shop.current": "C/D"}}),
            ({"wire_names": {"shop.current": "A/B"}}, {"wire_names": {"shop.current": "A/B"}}),
            ({"hooks": []}, {"hooks": ()}),
            ({"hooks": [print, repr]}, {"hooks": (print, repr)}),
        ],
        ids=str,
    )
    def test_what_is_left_out_stays(self, settings: dict[str, Any], changed: dict[str, Any]) -> None:
        """`with_options` changes what it is given, and only in the copy."""
        client = make(
            ShopClient,
            retries=RetryPolicy(wait_max=1.0),
            wire_names={"shop.current": "C/D"},
            hooks=[print],
            deadline=50.0,
            attempt_timeout=20.0,
        )
        before = client._engine.options
        after = client.with_options(**settings)._engine.options
        assert after == attrs.evolve(before, **changed)
        assert client._engine.options is before

    def test_every_option_is_tested(self) -> None:
        """`with_options` takes what the constructors take, but for who calls and over what."""
        connecting = {"api_key", "base_url", "session", "allow_http"}
        options = set(inspect.signature(ShopClient.with_options).parameters) - {"self"}
        assert options == set(inspect.signature(ShopClient).parameters) - connecting

    async def test_for_shop(self, peer: Peer, partner: PartnerClient) -> None:
        """`for_shop` gives a shop's client with the shop's key, on the same connections and options."""
        told: list[Attempt] = []
        await partner.account()
        async with partner.with_options(hooks=[attempt_hook(told.append)]).for_shop(
            PARTNERS_SHOP_KEY
        ) as shop:
            assert type(shop) is ShopClient
            peer.answers(peer.json({"id": 5}))
            await shop.tenant.get()
        await partner.account()
        assert [asked.headers["authorization"] for asked in peer.requests] == [
            f"Bearer {PARTNER_KEY}",
            f"Bearer {PARTNERS_SHOP_KEY}",
            f"Bearer {PARTNER_KEY}",
        ]
        assert peer.requests[1].path == "/v1/partner.Etelecom/GetTenant"
        assert [attempt.operation for attempt in told] == ["shop.tenant.get"]
        assert peer.connections == 1
        assert partner.schema_mismatches() == {"shop.tenant.get: Expected `str`, got `int` - at `$.id`": 1}

    async def test_surprises_are_a_copy(self, partner: PartnerClient) -> None:
        """What `schema_mismatches()` gives may be changed without changing what is counted."""
        partner.schema_mismatches()["x"] = 1
        assert partner.schema_mismatches() == {}


class TestCall:
    """Any operation by its name on the wire."""

    async def test_call(self, peer: Peer, shop: ShopClient) -> None:
        """The body goes out as it is, and the JSON object comes back as it is."""
        peer.answers(peer.json({"a": None, "b": {"c": "0001-01-01T00:00:00Z"}}))
        body = {"x": [1, {"y": None}]}
        assert await shop.call("Any/Thing", body) == {"a": None, "b": {"c": "0001-01-01T00:00:00Z"}}
        assert peer.requests[0].json == body == {"x": [1, {"y": None}]}
        assert peer.requests[0].path == "/v1/shop.Any/Thing"

    async def test_no_body(self, peer: Peer, shop: ShopClient) -> None:
        """Without a body an empty object is sent."""
        await shop.call("Any/Thing")
        assert peer.requests[0].body == b"{}"

    @pytest.mark.parametrize(
        ("name", "effect", "repeated"),
        [
            ("Etelecom/GetExtensions", None, True),
            ("Etelecom/CreateExtension", None, False),
            ("Etelecom/GetExtensions", Effect.SEND, False),
            ("Any/Thing", None, False),
            ("Any/Thing", Effect.READ, True),
        ],
    )
    async def test_effect(
        self, peer: Peer, shop: ShopClient, name: str, effect: Effect | None, *, repeated: bool
    ) -> None:
        """A known name has the effect of its row, an unknown one the careful one, unless it is given."""
        peer.answers(peer.DROP)
        call = shop.call(name, effect=effect)
        if repeated:
            assert await call == {}
        else:
            assert type(await failure(call)) is OutcomeUnknownError
        assert len(peer.requests) == 1 + repeated

    async def test_error_names_the_wire_name(self, peer: Peer, shop: ShopClient) -> None:
        """An error of such a call is told by the name that was called."""
        peer.answers(peer.refusal("bad_route", 404))
        error = await failure(shop.call("Any/Thing"))
        assert str(error).startswith("Any/Thing: no (bad_route, HTTP 404).")
        assert "wire_names" not in str(error)


class TestLife:
    """What a client is, and how it ends."""

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (PartnerClient, "PartnerClient(partner_api_key at https://api.etelecom.vn/v1)"),
            (ShopClient, "ShopClient(shop_api_key at https://api.etelecom.vn/v1)"),
            (SmsClient, "SmsClient(username_password at https://omni.incom.vn)"),
        ],
    )
    def test_repr(self, kind: type[Client], text: str) -> None:
        """A client shows which kind of key it has and where it calls."""
        assert repr(make(kind)) == text

    @pytest.mark.parametrize("kind", CLIENTS)
    def test_no_pickles(self, kind: type[Client]) -> None:
        """A client cannot be pickled or copied, and says what to do instead."""
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds connections and a key: make one where it is needed"):
                attempt(make(kind))

    def test_namespaces(self) -> None:
        """What only a partner may do is not there for a shop, and the other way round."""
        assert not hasattr(make(ShopClient), "tenants")
        assert not hasattr(make(PartnerClient), "extensions")
        assert not hasattr(make(SmsClient), "webhooks")

    @pytest.mark.parametrize("kind", CLIENTS)
    async def test_close(self, peer: Peer, kind: type[Client]) -> None:
        """`close()` and `async with` close what the client opened; after it nothing is sent."""
        client = make(kind, base_url=peer.base_url)
        async with client as entered:
            assert entered is client
            await client.call("Any/Thing")
        assert type(await failure(client.call("Any/Thing"))) is errors.ClientClosedError
        assert len(peer.requests) == 1

    @pytest.mark.parametrize("prefetch", [0, 1, 3])
    @pytest.mark.parametrize("how", ["break", "cancel"])
    async def test_left_lists(self, peer: Peer, shop: ShopClient, how: str, prefetch: int) -> None:
        """Leaving a list, by `break` or cancelled, leaves no task and no connection in use."""
        peer.answers(peer.json({"call_logs": [{"id": "1"}], "paging": {"next": "n"}}))
        peer.always = lambda _: peer.HANG
        begun = asyncio.Event()

        async def walk() -> None:
            async for _ in shop.call_logs.list(prefetch=prefetch):
                if prefetch:
                    await peer.until(2)
                begun.set()
                if how == "break":
                    break

        task = asyncio.create_task(walk())
        await begun.wait()
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

    async def test_injected_sleep_is_what_waits(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """The clients of these tests wait for nothing, and so do their copies."""
        peer.answers(peer.DROP)
        await shop.with_options(deadline=60).account()
        assert len(waits) == 1
