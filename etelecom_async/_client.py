"""
The three clients.

The table describes the operations, and the engine makes the calls. This module chooses the key and the base
URL, reads the environment variables, and closes the connections.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
)
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, Unpack, cast

import aiohttp
import attrs

from etelecom_async._core import api_keys
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.calls.concurrent_map import InputT, MapResult, ResultT, concurrent_map
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.calls.hints import WIRE_NAMES_VARIABLE
from etelecom_async._core.calls.limiter import Limiters, Stats
from etelecom_async._core.calls.options import ClientOptions, Options, check_given, lists_options
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.operation import Effect, JsonObject, KeyKind
from etelecom_async._core.secret import Secret, SecretLike, problem_of, to_secret_or_none
from etelecom_async._core.tracebacks import boundary
from etelecom_async._core.values import kind_of
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async._generated.resources.partner import PartnerRoot
from etelecom_async._generated.resources.shop import ShopRoot
from etelecom_async._generated.resources.sms import SmsRoot
from etelecom_async.errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    from etelecom_async.key_store import KeyStore

BASE_URL_VARIABLE: Final = "ETELECOM_BASE_URL"
PARTNER_KEY_VARIABLE: Final = "ETELECOM_PARTNER_API_KEY"
SHOP_KEY_VARIABLE: Final = "ETELECOM_SHOP_API_KEY"
SMS_BASE_URL_VARIABLE: Final = "ETELECOM_SMS_BASE_URL"
SMS_USERNAME_VARIABLE: Final = "ETELECOM_SMS_USERNAME"
SMS_PASSWORD_VARIABLE: Final = "ETELECOM_SMS_PASSWORD"  # noqa: S105 - the name of an environment variable, not a password


ENGINE_CHANGES: Final[list[Callable[[Engine], Engine]]] = []
"""
Functions that change the engine of each new client; only `etelecom_async.testing` adds some, for a while.

This is one list for the process, and no context variable. A fixture adds the function before the test has a
task, and the tested code may create its clients in other threads.
"""


class NewClientOptions(ClientOptions, total=False):
    """
    Options for a new client: those of the connection, and all of `ClientOptions`.

    Attributes:
        session (aiohttp.ClientSession): Your own session, which the client does not close. Without it, the
            client opens one for each event loop. Default: none.
        proxy (str): URL of the proxy for all calls: `http://host:port`, or
            `http://user:password@host:port`. Default: none.
        trust_env (bool): Whether to use the proxy of HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
            Default: `False`.
        tls (Tls | ssl.SSLContext): Certificates to trust, and the certificate of the client. Without it, the
            client trusts the authorities of the system. Default: none.
        allow_http (bool): Whether to allow sending the key unencrypted to another machine. Default: `False`.
    """

    session: aiohttp.ClientSession
    proxy: str
    trust_env: bool
    tls: Tls | ssl.SSLContext
    allow_http: bool


class _Client:
    """Base of the three clients."""

    _engine: Engine
    _owns_transport: bool

    def _start(self, identity: Identity, connection: ConnectionConfig, given: NewClientOptions) -> None:
        connection.proxy_for(identity.base_url)  # raises if the proxy could read the key
        session: Any = given.get("session")
        if not isinstance(session, aiohttp.ClientSession | None):
            message = f"session takes an aiohttp.ClientSession, not {kind_of(session)}."
            raise ConfigurationError(message)
        if session is not None and attrs.evolve(connection, allow_http=False) != ConnectionConfig():
            message = "proxy, trust_env and tls do not apply to session=...: set them on that session."
            raise ConfigurationError(message)
        changes = {name: value for name, value in given.items() if name in ClientOptions.__annotations__}
        options = Options()
        if names := _wire_names_of_environment():
            options = options.changed({"wire_names": names}, OPERATIONS)
        options = options.changed(cast("ClientOptions", changes), OPERATIONS)
        limiters = Limiters(options.concurrency, options.rate, options.clock)
        self._engine = Engine(
            identity=identity,
            transport=Transport(session, connection),
            options=options,
            limiters=limiters,
            operations=OPERATIONS,
        )
        for change in tuple(ENGINE_CHANGES):  # another thread may end its change meanwhile
            self._engine = change(self._engine)
        self._owns_transport = True

    @boundary
    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """
        Return a copy with other options, on the same connections. Options that you omit keep their values.

        Do not close the copy. It works until the original client is closed. It shares the limiters of the
        original, unless you give it its own concurrency or rate. A copy with its own concurrency still shares
        the rate. All copies share the pause after a throttled call.

        Args:
            **options: See `ClientOptions`.

        Raises:
            ConfigurationError: An option has an invalid value.
        """
        check_given(options, ClientOptions)
        engine = self._engine
        changed = engine.options.changed(options, OPERATIONS)
        limiters = engine.limiters
        has_own_rate = "rate" in options
        if has_own_rate or "concurrency" in options:
            limiters = limiters.with_own(changed.concurrency, changed.rate if has_own_rate else None)
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
        Call any operation by its wire name, and return the JSON object of the response unchanged.

        Use this for operations that the SDK does not have yet. Keys, retries, limits and errors work as for
        all other calls.

        Args:
            wire_name: Service and method, for example `Etelecom/GetExtensions`.
            body: The request's JSON object. The client adds user name and password of the SMS service.
            effect: What the call does. It decides whether the call may be retried. Default: the effect of the
                operation with this wire name. For an unknown name it is `Effect.CREATE`, the cautious choice.
        """
        return self._engine.call_by_wire_name(wire_name, body, effect)

    @boundary
    def map(
        self,
        call: Callable[[InputT], Awaitable[ResultT]],
        inputs: Iterable[InputT] | AsyncIterable[InputT],
        *,
        in_order: bool = False,
    ) -> AsyncGenerator[MapResult[InputT, ResultT]]:
        """
        Make a call for each of many inputs, with at most `concurrency` calls at a time.

        A failed call does not stop the others: its `MapResult` has the error. If *call* or *inputs* raise any
        other exception, no more inputs are taken. It is raised after the results of the earlier inputs.
        Inputs are taken as needed, so there may be any number of them. Leaving the loop early cancels the
        calls in flight; the server may have executed them.

            async for done in shop.map(lambda row: shop.extensions.create(**row), rows):
                print(done.input, done.error or done.result)

        Args:
            call: Makes one call with this client, or with a copy of it.
            inputs: The arguments of *call*, one for each call.
            in_order: Whether to give the results in the order of the inputs. Default: as the calls finish.

        Raises:
            InvalidRequestError: An argument has a wrong type.
        """
        if problems := tuple(_problems_of_map(call, inputs, in_order=in_order)):
            raise InvalidRequestError(problems, operation="map")
        return concurrent_map(call, inputs, concurrency=self._engine.options.concurrency, in_order=in_order)

    def schema_mismatches(self) -> dict[str, int]:
        """
        Return how often each accepted mismatch between a response and the documentation occurred.

        A key names the operation, the mismatch and its JSON path. A response counts once for each key.
        """
        return dict(self._engine.schema_mismatches)

    def stats(self) -> Stats:
        """
        Return the current and the total numbers of this client.

        Copies by `with_options` are included, unless they have their own concurrency or rate. Clients by
        `for_shop` are not included; each key has its own numbers. All of them share the number of reused
        connections.
        """
        return self._engine.limiters.stats(self._engine.transport.connections_reused)

    async def close(self) -> None:
        """
        Close the connections that this client opened. A session that you passed stays open.

        Calls that wait for a response fail at once, as after a broken connection.
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
        message = f"a {type(self).__name__} holds connections and a key: create a new one instead of a copy."
        raise TypeError(message)


@lists_options(ClientOptions, NewClientOptions)
class PartnerClient(_Client, PartnerRoot):
    """
    Client for a partner, which acts for many shops.

    Args:
        api_key: The partner's own key: a text, a `Secret`, or an object with `get_secret_value()`, such as
            pydantic's `SecretStr`. Default: `ETELECOM_PARTNER_API_KEY`.
        base_url: URL of the API, without `/partner`. Default: `ETELECOM_BASE_URL`, or else eTelecom's URL.
        key_store: Store for the keys of shops, for example `FileKeyStore(path)`. The client stores each key
            that `shops.authorize` or `shops.create` returns, and `shop(shop_id)` uses it.
        redirect_url: Your URL for `shops.authorize`. With it, `shop(shop_id)` asks for a new key if the
            server refuses the stored one.
        **options: See the list of options.

    Raises:
        ConfigurationError: The key is missing, or an option has an invalid value.
        KeyKindError: The key has the form of a shop's key.
    """

    @boundary
    def __init__(
        self,
        api_key: SecretLike | None = None,
        *,
        base_url: str | None = None,
        key_store: KeyStore | None = None,
        redirect_url: str | None = None,
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
        if key_store is not None or redirect_url is not None:
            from etelecom_async._shop_keys import storing_engine

            self._engine = storing_engine(self._engine, key_store, redirect_url)

    @boundary
    def shop(self, shop_id: str) -> ShopClient:
        """
        Return a client for one shop with the key from the key store, on the same connections.

        The first call loads the key. If the server refuses the key (401), the client looks for a newer one in
        the store. Then it asks for a new one, if `redirect_url` was given. It stores the new key, and repeats
        the refused call once. Calls that are refused together share one new key.

        Do not close the client. It shares the *rate* of this client. All clients of one shop that come from
        this method share concurrency and pauses.

        Args:
            shop_id: The id of the shop.

        Raises:
            ConfigurationError: This client has no key store.
            InvalidRequestError: *shop_id* is not an id.
            ShopNotConnectedError: Raised by calls: no key is stored for the shop.
            LoginRequiredError: Raised by calls: the shop must log in again, on the page `.auth_url`.
        """
        from etelecom_async._shop_keys import StoringEngine

        if not isinstance(self._engine, StoringEngine):
            message = (
                "shop() needs a key store: PartnerClient(key_store=FileKeyStore(path)), with FileKeyStore of "
                "etelecom_async.key_store. If you have the key itself, use for_shop(shop_key)."
            )
            raise ConfigurationError(message)
        shop = ShopClient.__new__(ShopClient)
        return shop._copy(self._engine.for_shop(shop_id))

    @boundary
    def for_shop(self, shop_key: SecretLike | None) -> ShopClient:
        """
        Return a client that acts for one shop, on the same connections and with the same options.

        Do not close it. It works until this client is closed. It shares the *rate* of this client.
        Concurrency and pauses belong to the key: clients for the same key share them. For a rate of its own,
        use `for_shop(key).with_options(rate=...)`.

        Args:
            shop_key: The partner's key for the shop, from `shops.authorize` or `shops.create`. `None` raises
                an error: a result has it if the server did not send the key.

        Raises:
            ConfigurationError: The key is missing.
            KeyKindError: The key has the form of another kind of key.
        """
        shop_key = to_secret_or_none(shop_key)
        engine = self._engine
        identity = _identity(
            _key(shop_key, "shop_key", None), api_keys.partners_shop_key, engine.identity.base_url
        )
        shop = ShopClient.__new__(ShopClient)
        return shop._copy(
            attrs.evolve(engine, identity=identity, limiters=engine.limiters.for_key(identity.secret))
        )


@lists_options(ClientOptions, NewClientOptions)
class ShopClient(_Client, ShopRoot):
    """
    Client for one shop, with the shop's own key or a partner's key for the shop.

    Args:
        api_key: The shop's own key, or a partner's `shop_key` for the shop: a text, a `Secret`, or an object
            with `get_secret_value()`, such as pydantic's `SecretStr`. Default: `ETELECOM_SHOP_API_KEY`. The
            client recognizes the kind of key by its form, and chooses the URL to match.
        base_url: URL of the API, without `/shop`. Default: `ETELECOM_BASE_URL`, or else eTelecom's URL.
        **options: See the list of options.

    Raises:
        ConfigurationError: The key is missing, or an option has an invalid value.
        KeyKindError: The key is a request token.
    """

    @boundary
    def __init__(
        self,
        api_key: SecretLike | None = None,
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


@lists_options(ClientOptions, NewClientOptions)
class SmsClient(_Client, SmsRoot):
    """
    Client for the SMS brandname service, which has its own host, user name and password.

    The service accepts calls only from IP addresses that eTelecom has allowed.

    Args:
        username: The account. Default: `ETELECOM_SMS_USERNAME`.
        password: Its password: a text, a `Secret`, or an object with `get_secret_value()`, such as
            pydantic's `SecretStr`. Default: `ETELECOM_SMS_PASSWORD`.
        base_url: URL of the service. Default: `ETELECOM_SMS_BASE_URL`, or else the newer of the two
            documented hosts.
        **options: See the list of options.

    Raises:
        ConfigurationError: User name or password is missing, or an option has an invalid value.
    """

    @boundary
    def __init__(
        self,
        username: SecretLike | None = None,
        password: SecretLike | None = None,
        *,
        base_url: str | None = None,
        **options: Unpack[NewClientOptions],
    ) -> None:
        password = to_secret_or_none(password)
        connection = _connection(options)
        url, name = _first(base_url, SMS_BASE_URL_VARIABLE, api_keys.SMS_BASE_URL)
        identity = Identity(
            kind=KeyKind.USERNAME_PASSWORD,
            base_url=api_keys.sms_base_url(url, name=name, allow_http=connection.allow_http),
            username=_given(username, "username", SMS_USERNAME_VARIABLE).reveal(),
            secret=_given(password, "password", SMS_PASSWORD_VARIABLE),
        )
        self._start(identity, connection, options)


def _problems_of_map(call: object, inputs: object, *, in_order: object) -> Iterator[str]:
    if not callable(call):
        yield f"call takes a function, not {kind_of(call)}"
    if isinstance(inputs, str | bytes) or not isinstance(inputs, Iterable | AsyncIterable):
        yield f"inputs takes an iterable or an async iterable, not {kind_of(inputs)}"
    if not isinstance(in_order, bool):
        yield f"in_order takes True or False, not {kind_of(in_order)}"


def _connection(given: NewClientOptions) -> ConnectionConfig:
    check_given(given, NewClientOptions)
    return ConnectionConfig(
        proxy=given.get("proxy"),
        trust_env=given.get("trust_env", False),
        tls=given.get("tls"),
        allow_http=given.get("allow_http", False),
    )


def _identity(key: Secret, kind: Callable[[Secret], KeyKind], base_url: str) -> Identity:
    return Identity(kind=kind(key), secret=key, base_url=base_url)


def _key(value: Secret | None, argument: str, variable: str | None) -> Secret:
    return _given(value, argument, variable, api_keys.problem_of_key)


def _api_url(base_url: str | None, *, allow_http: bool) -> str:
    url, name = _first(base_url, BASE_URL_VARIABLE, api_keys.BASE_URL)
    return api_keys.api_base_url(url, name=name, allow_http=allow_http)


def _first(value: str | None, variable: str, default: str) -> tuple[str, str]:
    """
    Return the base URL, and its name for errors.

    It is the argument, even an empty one; else the variable, if it is not empty; else the default.
    """
    if value is not None:
        return value, "base_url"
    return os.environ.get(variable) or default, f"the environment variable {variable}"


def _given(
    value: SecretLike | None,
    argument: str,
    variable: str | None,
    unfit: Callable[[str], str | None] = api_keys.problem_of_credential,
) -> Secret:
    """
    Return the argument, or else the value of the environment variable.

    Args:
        value: The argument.
        argument: Its name.
        variable: The environment variable; `None` if there is none.
        unfit: Returns what is wrong with the text, or `None`.
    """
    name = argument
    if value is None and variable is not None and (text := os.environ.get(variable)):
        value, name = Secret(text), f"the environment variable {variable}"
    secret = Secret("") if value is None else Secret.of(value)
    problem = _problem(secret, unfit)
    if problem == _MISSING:
        place = f", or set the environment variable {variable}" if variable else ""
        raise ConfigurationError(f"{argument} is missing: pass {argument}=...{place}.")
    if problem is not None:
        raise ConfigurationError(f"{name} {problem}.")
    return secret


_MISSING: Final = "is missing"


def _problem(secret: Secret, unfit: Callable[[str], str | None]) -> str | None:
    # Raises no exception, because its frame holds the text of the secret.
    if not secret:
        return _MISSING
    if (problem := problem_of(secret)) is not None:
        return problem
    text = secret.reveal()
    return unfit(text) if text.strip() else _MISSING


def _wire_names_of_environment() -> dict[str, str]:
    names: dict[str, str] = {}
    text = os.environ.get(WIRE_NAMES_VARIABLE)
    if not text:
        return names
    known = {*OPERATIONS, *(row.service for row in OPERATIONS.values())}
    entries = [entry.strip() for entry in text.split(",")]
    for number, entry in enumerate(entries, start=1):
        if not entry:
            continue
        name, equals, wire_name = entry.partition("=")
        if not equals or name not in known:
            # The entry itself may be a key in the wrong variable.
            message = (
                f"{WIRE_NAMES_VARIABLE}: entry {number} is neither 'public.name=Service/Method' nor "
                f"'Service=Service', with a known name before the equals sign."
            )
            raise ConfigurationError(message)
        names[name] = wire_name
    return names
