"""
The clients: settings in, namespaces out.

What an operation does is in the table and what a call does in the engine; here is only which key goes
where, what the environment fills in, and who closes the connections.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable, Mapping
from types import TracebackType
from typing import Any, Final, NoReturn, Self, Unpack, cast

import aiohttp
import attrs

from etelecom_async._core import api_keys
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.calls.concurrent_map import InputT, MapResult, ResultT, concurrent_map
from etelecom_async._core.calls.engine import WIRE_NAMES_VARIABLE, Engine
from etelecom_async._core.calls.limiter import Limiters, Stats
from etelecom_async._core.calls.options import ClientOptions, Options, refuse_unknown
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.operation import Effect, JsonObject, KeyKind
from etelecom_async._core.secret import Secret, to_secret_or_none
from etelecom_async._core.tracebacks import boundary
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async._generated.resources.partner import PartnerRoot
from etelecom_async._generated.resources.shop import ShopRoot
from etelecom_async._generated.resources.sms import SmsRoot
from etelecom_async.errors import ConfigurationError

BASE_URL_VARIABLE: Final = "ETELECOM_BASE_URL"
PARTNER_KEY_VARIABLE: Final = "ETELECOM_PARTNER_API_KEY"
SHOP_KEY_VARIABLE: Final = "ETELECOM_SHOP_API_KEY"
SMS_BASE_URL_VARIABLE: Final = "ETELECOM_SMS_BASE_URL"
SMS_USERNAME_VARIABLE: Final = "ETELECOM_SMS_USERNAME"
SMS_PASSWORD_VARIABLE: Final = "ETELECOM_SMS_PASSWORD"  # noqa: S105 - the name of a variable


class NewClientOptions(ClientOptions, total=False):
    """What a caller may set when making a client: the way to the server, and all of `ClientOptions`."""

    session: aiohttp.ClientSession | None
    """A session of yours to be used; it is not closed. Else there is one for each event loop."""
    proxy: str | None
    """All calls go by way of this proxy: `http://host:port`, or `http://user:password@host:port`."""
    trust_env: bool
    """Whether the environment may name the proxy: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""
    tls: Tls | ssl.SSLContext | None
    """Authorities to be trusted, and the client's own certificate, in place of what the system has."""
    allow_http: bool
    """Whether the key may go unencrypted to another machine."""


class _Client:
    """What the three clients share."""

    _engine: Engine
    _owns_transport: bool

    def _start(self, identity: Identity, connection: ConnectionConfig, given: NewClientOptions) -> None:
        connection.proxy_for(identity.base_url)  # which refuses one that could read the key
        session = given.get("session")
        if session is not None and attrs.evolve(connection, allow_http=False) != ConnectionConfig():
            message = "proxy, trust_env and tls are for sessions of the client's own; set them on yours."
            raise ConfigurationError(message)
        changes = {name: value for name, value in given.items() if name in ClientOptions.__annotations__}
        options = Options(wire_names=_wire_names_of_environment()).changed(
            cast("ClientOptions", changes), OPERATIONS
        )
        limiters = Limiters(options.concurrency, options.rate, options.clock)
        self._engine = Engine(
            identity=identity,
            transport=Transport(session, connection),
            options=options,
            limiters=limiters,
            operations=OPERATIONS,
        )
        self._owns_transport = True

    @boundary
    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """
        Return a copy that behaves otherwise, on the same connections; what is left out stays as it is.

        The copy needs no closing; it lasts as long as the client it came from. It shares the limits of that
        client, unless you give it its own concurrency or rate.

        Args:
            **options: See `ClientOptions`.

        Raises:
            ConfigurationError: A setting cannot be right.
        """
        refuse_unknown(options, ClientOptions)
        engine = self._engine
        changed = engine.options.changed(options, OPERATIONS)
        has_own_limiters = (changed.concurrency, changed.rate) != (
            engine.options.concurrency,
            engine.options.rate,
        )
        limiters = (
            Limiters(changed.concurrency, changed.rate, changed.clock)
            if has_own_limiters
            else engine.limiters
        )
        return self._copy(attrs.evolve(engine, options=changed, limiters=limiters))

    def _copy(self, engine: Engine) -> Self:
        copy = type(self).__new__(type(self))
        copy._engine = engine
        copy._owns_transport = False
        return copy

    def call(
        self, wire_name: str, body: Mapping[str, Any] | None = None, *, effect: Effect | None = None
    ) -> Coroutine[Any, Any, JsonObject]:
        """
        Call any operation by its wire name, and return the JSON object of the response as it is.

        This reaches operations that the SDK does not have yet. Keys, retries, limits and errors work as
        everywhere.

        Args:
            wire_name: Service and method, e.g. `Etelecom/GetExtensions`.
            body: The request's JSON object. User name and password of the SMS service are added.
            effect: What the call does, and so whether it may be retried. Default: the effect of the operation
                of this name; `Effect.CREATE`, the careful one, for a name that the SDK does not know.
        """
        return self._engine.call_by_wire_name(wire_name, body, effect)

    def map(
        self,
        call: Callable[[InputT], Awaitable[ResultT]],
        inputs: Iterable[InputT] | AsyncIterable[InputT],
        *,
        in_order: bool = False,
    ) -> AsyncGenerator[MapResult[InputT, ResultT]]:
        """
        Make a call with each of many inputs, as many at a time as the client's `concurrency` lets.

        A failed call does not end the others: its `MapResult` has the error. If *call* or *inputs* raise any
        other exception, no more inputs are taken. It is raised after the results of the earlier inputs.
        Inputs are taken as needed, so there may be any number of them. Leaving the loop early cancels the
        calls in flight; the server may have executed them.

            async for done in shop.map(lambda row: shop.extensions.create(**row), rows):
                print(done.input, done.error or done.result)

        Args:
            call: Makes one call, of this client or of a copy.
            inputs: What it is made with, one at a time.
            in_order: Whether what came of them is given in the order of the inputs, and not as they finish.
        """
        return concurrent_map(call, inputs, concurrency=self._engine.options.concurrency, in_order=in_order)

    def schema_mismatches(self) -> dict[str, int]:
        """
        Return what did not fit the documentation and was forgiven: how often, by what it was.

        Answers with fields that have another name here than on the wire are forgiven without being counted.
        """
        return dict(self._engine.schema_mismatches)

    def stats(self) -> Stats:
        """
        Return what the client is doing, and has done so far; its copies by `with_options` count with it.

        A copy with a concurrency or a rate of its own, and each client by `for_shop`, counts for itself, but
        for the connections, which are shared.
        """
        return self._engine.limiters.stats(self._engine.transport.connections_reused)

    async def close(self) -> None:
        """
        Close the connections that this client opened; a session that was given stays open.

        Calls that wait for an answer end at once, as a connection ends them that breaks.
        """
        if self._owns_transport:
            await self._engine.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_engine"):  # in the traceback of a constructor that failed
            return f"<{type(self).__name__}, not made>"
        identity = self._engine.identity
        return f"{type(self).__name__}({identity.kind.value} at {identity.base_url})"

    def __reduce__(self) -> NoReturn:
        message = f"a {type(self).__name__} holds connections and a key: make one where it is needed."
        raise TypeError(message)


class PartnerClient(_Client, PartnerRoot):
    """
    The API as a partner sees it, who acts for many shops.

    Args:
        api_key: The partner's own key; else from `ETELECOM_PARTNER_API_KEY`.
        base_url: Where the API is, without `/partner`; else from `ETELECOM_BASE_URL`, else eTelecom's own.
        **options: See `NewClientOptions`.

    Raises:
        ConfigurationError: There is no key, or a setting cannot be right.
        KeyKindError: The key is plainly a shop's.
    """

    @boundary
    def __init__(
        self,
        api_key: str | Secret | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[NewClientOptions],
    ) -> None:
        api_key = to_secret_or_none(api_key)
        connection = _connection(options)
        identity = _identity(
            _key(api_key, "api_key", PARTNER_KEY_VARIABLE),
            api_keys.partner_key,
            _api_url(base_url, allow_http=connection.allow_http),
        )
        self._start(identity, connection, options)

    @boundary
    def for_shop(self, shop_key: str | Secret | None) -> ShopClient:
        """
        Return a client that acts for one shop, on the same connections and with the same options.

        It needs no closing, and lasts as long as this client.

        Args:
            shop_key: The partner's key for the shop, from `shops.authorize` or `shops.create`. `None`, which
                an answer has where the server left the key out, is refused.

        Raises:
            ConfigurationError: There is no key.
            KeyKindError: The key is plainly of another kind.
        """
        shop_key = to_secret_or_none(shop_key)
        engine, options = self._engine, self._engine.options
        identity = _identity(
            _key(shop_key, "shop_key", None), api_keys.partners_shop_key, engine.identity.base_url
        )
        shop = ShopClient.__new__(ShopClient)
        return shop._copy(
            attrs.evolve(
                engine,
                identity=identity,
                limiters=Limiters(options.concurrency, options.rate, options.clock),
            )
        )


class ShopClient(_Client, ShopRoot):
    """
    The API as one shop sees it: with its own key, or with a partner's key for it.

    Args:
        api_key: The shop's own key, or a partner's `shop_key` for the shop; else from
            `ETELECOM_SHOP_API_KEY`. Which of the two it is shows in its form, and decides where it is sent.
        base_url: Where the API is, without `/shop`; else from `ETELECOM_BASE_URL`, else eTelecom's own.
        **options: See `NewClientOptions`.

    Raises:
        ConfigurationError: There is no key, or a setting cannot be right.
    """

    @boundary
    def __init__(
        self,
        api_key: str | Secret | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[NewClientOptions],
    ) -> None:
        api_key = to_secret_or_none(api_key)
        connection = _connection(options)
        identity = _identity(
            _key(api_key, "api_key", SHOP_KEY_VARIABLE),
            api_keys.shop_key,
            _api_url(base_url, allow_http=connection.allow_http),
        )
        self._start(identity, connection, options)


class SmsClient(_Client, SmsRoot):
    """
    The SMS brandname service: another host, with a user name and a password.

    The service takes calls only from addresses that eTelecom has put on its list.

    Args:
        username: The account; else from `ETELECOM_SMS_USERNAME`.
        password: Its password; else from `ETELECOM_SMS_PASSWORD`.
        base_url: Where the service is; else from `ETELECOM_SMS_BASE_URL`, else the newer of the two
            documented hosts.
        **options: See `NewClientOptions`.

    Raises:
        ConfigurationError: User name or password are missing, or a setting cannot be right.
    """

    @boundary
    def __init__(
        self,
        username: str | None = None,
        password: str | Secret | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[NewClientOptions],
    ) -> None:
        password = to_secret_or_none(password)
        connection = _connection(options)
        identity = Identity(
            kind=KeyKind.USERNAME_PASSWORD,
            base_url=api_keys.sms_base_url(
                _first(base_url, SMS_BASE_URL_VARIABLE, api_keys.SMS_BASE_URL),
                allow_http=connection.allow_http,
            ),
            username=_given(username, "username", SMS_USERNAME_VARIABLE).reveal(),
            secret=_given(password, "password", SMS_PASSWORD_VARIABLE),
        )
        self._start(identity, connection, options)


def _connection(given: NewClientOptions) -> ConnectionConfig:
    refuse_unknown(given, NewClientOptions)
    return ConnectionConfig(
        proxy=given.get("proxy"),
        trust_env=given.get("trust_env") or False,
        tls=given.get("tls"),
        allow_http=given.get("allow_http") or False,
    )


def _identity(key: Secret, kind: Callable[[Secret], KeyKind], base_url: str) -> Identity:
    return Identity(kind=kind(key), secret=key, base_url=base_url)


def _key(value: Secret | None, argument: str, variable: str | None) -> Secret:
    key = _given(value, argument, variable)
    if not (key.reveal().isprintable() and key.reveal().isascii()):
        # It would break the header, or be refused for a reason that nobody sees.
        message = f"{argument} has characters that no key has: copy it again."
        raise ConfigurationError(message)
    return key


def _api_url(base_url: str | None, *, allow_http: bool) -> str:
    url = _first(base_url, BASE_URL_VARIABLE, api_keys.BASE_URL)
    return api_keys.api_base_url(url, allow_http=allow_http)


def _first(value: str | None, variable: str, default: str) -> str:
    """Return the argument, even an empty one; else the environment's value, where it is set to any."""
    return (os.environ.get(variable) or default) if value is None else value


def _given(value: Secret | str | None, argument: str, variable: str | None) -> Secret:
    """Return the argument, or the environment's value where the caller gave none."""
    if value is None and variable is not None:
        value = to_secret_or_none(os.environ.get(variable))
    secret = Secret("") if value is None else Secret.of(value)
    problem = _problem(secret, argument, variable)
    if problem is not None:
        raise ConfigurationError(f"{argument} {problem}.")
    return secret


def _problem(secret: Secret, argument: str, variable: str | None) -> str | None:
    # Raises nothing itself: its frame holds the text.
    text: object = secret.reveal()
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without types
        return f"takes a text or a Secret, not {type(text).__name__}"
    if not text.strip():
        place = f", or set the environment variable {variable}" if variable else ""
        return f"is missing: pass {argument}=...{place}"
    return "has blanks around it: copy it again" if text != text.strip() else None


def _wire_names_of_environment() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in filter(None, map(str.strip, os.environ.get(WIRE_NAMES_VARIABLE, "").split(","))):
        name, equals, wire_name = entry.partition("=")
        if not equals or name not in OPERATIONS:
            message = f"{WIRE_NAMES_VARIABLE}: {entry!r} is not written 'public.name=Service/Method'."
            raise ConfigurationError(message)
        names[name] = wire_name
    return names
