"""
Use a key store: load the keys of shops, store new ones, and replace one that the server refuses.

This module knows which calls return keys. The engines below it know no operation.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

import attrs

from etelecom_async._core import api_keys
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.model import Model
from etelecom_async._core.operation import KeyKind, Operation
from etelecom_async._core.secret import Secret, SecretLike, has_secret_value, problem_of
from etelecom_async._core.tracebacks import Hidden, cleaned
from etelecom_async._core.urls import is_web_address
from etelecom_async._core.values import kind_of
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.errors import (
    ConfigurationError,
    EtelecomError,
    InvalidRequestError,
    KeyStoreError,
    LoginRequiredError,
    ShopNotConnectedError,
    UnauthenticatedError,
)

if TYPE_CHECKING:
    from etelecom_async.key_store import KeyStore

_NO_REDIRECT_URL: Final = (
    "PartnerClient(redirect_url=...) lets the client ask for a new key after such a refusal."
)


def storing_engine(engine: Engine, key_store: KeyStore | None, redirect_url: str | None) -> Engine:
    """
    Return *engine* with a key store; *engine* itself if there is none.

    Raises:
        ConfigurationError: An argument has a wrong type, or *redirect_url* has no use.
    """
    given: Any = key_store
    if given is None:
        if redirect_url is None:
            return engine
        message = "redirect_url is for the keys of a key store: pass key_store=..., too."
        raise ConfigurationError(message)
    if isinstance(given, type) or not all(callable(getattr(given, name, None)) for name in ("get", "put")):
        message = (
            f"key_store takes an object with the methods get and put, not {kind_of(given)}: for example "
            f"FileKeyStore(path) of etelecom_async.key_store."
        )
        raise ConfigurationError(message)
    url: Any = redirect_url
    if url is not None and not (isinstance(url, str) and is_web_address(url)):
        message = "redirect_url is not a web address; a valid one looks like https://example.com/connected."
        raise ConfigurationError(message)
    parts: Any = {field.name: getattr(engine, field.name) for field in attrs.fields(Engine) if field.init}
    return StoringEngine(**parts, keys=ShopKeys(given, redirect_url))


@attrs.define(kw_only=True, eq=False)
class StoringEngine(Engine):
    """Engine of a partner that stores each key of a shop that the server returns."""

    keys: ShopKeys

    async def _call(self, operation: Operation[Any, Any], hidden: Hidden[Any]) -> object:
        result = await super()._call(operation, hidden)
        try:
            match result:
                case models.ShopKey(shop_key=key):
                    await self._keep(hidden.value.shop_id, key, result, operation)
                case models.CreatedShopAccount(shop_key=Secret() as key, shop=models.Shop(id=shop_id)) if (
                    shop_id
                ):
                    await self._keep(shop_id, key, result, operation)
                case _:
                    pass
        except BaseException as error:
            cleaned(error)
            raise
        return result

    async def _keep(self, shop_id: str, key: Secret, result: object, operation: Operation[Any, Any]) -> None:
        stored = self.keys.of(shop_id)
        await stored.keep(key, result, operation.name, within=self.options.deadline)

    def for_shop(self, shop_id: str) -> StoredKeyEngine:
        """
        Return the engine of a shop, which loads the shop's key on its first call.

        Raises:
            InvalidRequestError: *shop_id* is not an id.
        """
        given: Any = shop_id
        if not (isinstance(given, str) and given.isascii() and given.isdecimal()):
            found = "one with other characters" if isinstance(given, str) and given else kind_of(given)
            problem = f"shop_id takes the id of a shop, a text of digits, not {found}"
            raise InvalidRequestError((problem,), operation="shop")
        return StoredKeyEngine(
            # Only the account of this identity counts: each call has the identity of the stored key.
            identity=Identity(
                kind=KeyKind.PARTNER_SHOP_KEY, base_url=self.identity.base_url, secret=Secret(f"shop{given}:")
            ),
            transport=self.transport,
            options=self.options,
            limiters=self.limiters.for_key(("shop", given)),
            operations=self.operations,
            key=self.keys.of(given),
            ask=self._ask,
        )

    async def _ask(self, shop_id: str, redirect_url: str) -> object:
        """Ask the server for the key of a shop. A key is stored on the way."""
        request = models.ShopKeyRequest(shop_id=shop_id, redirect_url=redirect_url)
        return await self.call(ops.PARTNER_SHOPS_AUTHORIZE, request)


@attrs.define(kw_only=True, eq=False)
class StoredKeyEngine(Engine):
    """Engine of a shop whose key comes from the key store. A refused key is replaced once for each call."""

    key: StoredKey
    ask: Callable[[str, str], Awaitable[object]] = attrs.field(repr=False)
    _keyed: tuple[Secret, Engine] | None = attrs.field(init=False, default=None, repr=False)

    async def _call(self, operation: Operation[Any, Any], hidden: Hidden[Any]) -> object:
        try:
            return await self._call_with_stored_key(operation, hidden)
        except BaseException as error:
            if isinstance(error, EtelecomError) and error.operation is None:
                error.operation = operation.name
            cleaned(error)
            raise

    async def _call_with_stored_key(self, operation: Operation[Any, Any], hidden: Hidden[Any]) -> object:
        renewals = self.key.renewals
        key = self.key.current or await self.key.load(within=self.options.deadline)
        began = self.options.clock.now()
        try:
            return await self._engine(key)._call(operation, hidden)
        except UnauthenticatedError as error:
            # A call that an earlier attempt may have executed is not repeated.
            if error.may_have_happened or _is_spent(hidden.value):
                raise
            refusal = error
        time_left = self.options.deadline - (self.options.clock.now() - began)
        new_key = await self._renewed(key, renewals, refusal, time_left)
        time_left = self.options.deadline - (self.options.clock.now() - began)
        if time_left <= 0:
            raise refusal
        engine = attrs.evolve(self._engine(new_key), options=attrs.evolve(self.options, deadline=time_left))
        try:
            return await engine._call(operation, hidden)
        except EtelecomError as error:
            error.attempts = (*refusal.attempts, *error.attempts)
            raise

    def _engine(self, key: Secret) -> Engine:
        """Return the engine for *key*; the same one until the key changes."""
        if self._keyed is None or self._keyed[0] != key:
            engine = Engine(
                identity=attrs.evolve(self.identity, secret=key),
                transport=self.transport,
                options=self.options,
                limiters=self.limiters,
                operations=self.operations,
                schema_mismatches=self.schema_mismatches,
                server_clock=self.server_clock,
                decode=self.decode,
            )
            self._keyed = (key, engine)
        return self._keyed[1]

    async def renewed(self, refused: Secret, refusal: UnauthenticatedError) -> Secret:
        """
        Return another key in place of one that the server refused to another process.

        Raises:
            LoginRequiredError: The shop must log in first.
            KeyStoreError: The new key could not be stored.
            UnauthenticatedError: There is no new key: *refusal*, with the reason in its hint.
        """
        return await self._renewed(refused, self.key.renewals, refusal, self.options.deadline)

    async def _renewed(
        self, refused: Secret, renewals: int, refusal: UnauthenticatedError, time_left: float
    ) -> Secret:
        """
        Return a new key in place of *refused*.

        Raises:
            LoginRequiredError: The shop must log in first.
            KeyStoreError: The new key could not be stored.
            UnauthenticatedError: There is no new key: *refusal*, with the reason in its hint.
        """
        try:
            async with _timeout(time_left):
                key = await self.key.renew(refused, renewals, self.ask)
        except KeyStoreError:
            raise  # its cause is the exception of the store
        except LoginRequiredError as error:
            raise error from refusal
        except TimeoutError:
            refusal.hint += " The client asked for a new key, which took longer than the deadline."
        except EtelecomError as error:
            refusal.hint += f" The client asked for a new key, which failed: {error}"
        else:
            if key is not None:
                return key
            refusal.hint += f" {_NO_REDIRECT_URL}"
        raise refusal


def _timeout(seconds: float) -> asyncio.Timeout:
    return asyncio.timeout(None if math.isinf(seconds) else seconds)


def _is_spent(request: object) -> bool:
    """Return whether the request has a file that was read and cannot be read again."""
    if not isinstance(request, Model):
        return False
    kind: Any = type(request)
    values = [getattr(request, field.name) for field in attrs.fields(kind)]
    return any(isinstance(value, Attachment) and value.is_spent for value in values)


class ShopKeys:
    """The stored keys of a partner's shops, shared by all clients of one partner."""

    def __init__(self, store: KeyStore, redirect_url: str | None) -> None:
        self._store: Final = store
        self._redirect_url: Final = redirect_url
        self._keys: Final[dict[str, StoredKey]] = {}

    def of(self, shop_id: str) -> StoredKey:
        """Return the key of a shop; the same object each time."""
        if shop_id not in self._keys:
            self._keys[shop_id] = StoredKey(shop_id, self._store, self._redirect_url)
        return self._keys[shop_id]

    def __repr__(self) -> str:
        return f"<keys of shops in {type(self._store).__name__}>"


@attrs.define(eq=False)
class StoredKey:
    """The key of one shop."""

    shop_id: str
    _store: KeyStore = attrs.field(repr=False)
    _redirect_url: str | None = attrs.field(repr=False)
    renewals: int = attrs.field(init=False, default=0)
    """Number of renewals that have ended. A call compares it to learn of one that ended in the meantime."""
    current: Secret | None = attrs.field(init=False, default=None)
    """The key that calls use; `None` until it is loaded."""
    _outcome: Secret | EtelecomError | None = attrs.field(init=False, default=None, repr=False)
    """How the last renewal ended; `None` if there is no new key."""
    _refused: set[Secret] = attrs.field(init=False, factory=set[Secret], repr=False)
    """Keys that the server refused. The store may still have one, if a newer key could not be stored."""
    _locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = attrs.field(
        init=False, factory=WeakKeyDictionary, repr=False
    )
    """One lock for each event loop. Loops in different threads may renew at the same time."""

    async def load(self, *, within: float) -> Secret:
        """
        Return the key; only the first use reads the store.

        Args:
            within: Seconds to wait for the store.

        Raises:
            ShopNotConnectedError: The store has no key.
            KeyStoreError: The store failed.
            ConfigurationError: The store returned something else than a partner's key for a shop.
        """
        try:
            async with _timeout(within), self._lock():
                if self.current is None:
                    self.current = await self._read()
        except TimeoutError:  # not the store's own, which is a KeyStoreError here
            raise KeyStoreError(_too_slow("get", within)) from None
        if self.current is None:
            raise ShopNotConnectedError(f"no key is stored for shop {self.shop_id}.", shop_id=self.shop_id)
        return self.current

    async def keep(self, key: Secret, result: object, operation: str, *, within: float) -> None:
        """
        Store a new key.

        Args:
            key: The key.
            result: The result of the call that returned it.
            operation: Public name of that call.
            within: Seconds to wait for the store.

        Raises:
            KeyStoreError: The store failed. The error has the result with the key.
        """
        self.current = key
        limit = _timeout(within)
        cause: BaseException | None
        try:
            async with limit:
                await _awaited(self._store.put(self.shop_id, key), "put")
        except KeyStoreError as error:
            problem, cause = error.message, error.__cause__
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - the caller's class may raise anything
            is_slow = isinstance(error, TimeoutError) and limit.expired()
            problem = _too_slow("put", within) if is_slow else f"key_store.put raised {type(error).__name__}."
            cause = None if is_slow else error
        else:
            return
        message = f"the call succeeded, but its key was not stored: {problem}"
        raise KeyStoreError(message, result=result, operation=operation) from cause

    async def renew(
        self, refused: Secret, renewals: int, ask: Callable[[str, str], Awaitable[object]]
    ) -> Secret | None:
        """
        Return a key in place of a refused one; `None` if there is none and nobody may ask for it.

        Calls that are refused together share one renewal, also one that fails.

        Args:
            refused: The key that the server refused.
            renewals: Number of renewals that had ended when the refused call began.
            ask: Function that asks the server, with the shop's id and the URL for a redirect.

        Raises:
            LoginRequiredError: The shop must log in first.
            EtelecomError: The store or the server failed.
        """
        async with self._lock():
            if self.current not in (None, refused):
                return self.current
            if self.renewals == renewals:
                self._refused.add(refused)
                try:
                    self._outcome = await self._renew(ask)
                except EtelecomError as error:
                    self._outcome = error
                self.renewals += 1
            outcome = self._outcome
        if isinstance(outcome, EtelecomError):
            raise copy.copy(outcome) from outcome.__cause__  # each call adds its own frames to it
        return outcome

    async def _renew(self, ask: Callable[[str, str], Awaitable[object]]) -> Secret | None:
        stored = await self._read()
        if stored is not None and stored not in self._refused:  # another process has renewed it
            self.current = stored
            return stored
        if self._redirect_url is None:
            return None
        result = await ask(self.shop_id, self._redirect_url)
        if isinstance(result, models.ShopKey):
            return result.shop_key
        message = f"the key of shop {self.shop_id} is no longer valid, and the shop must log in again."
        raise LoginRequiredError(message, result=result, shop_id=self.shop_id)

    async def _read(self) -> Secret | None:
        try:
            value: Any = await _awaited(self._store.get(self.shop_id), "get")
        except EtelecomError:
            raise
        except Exception as error:  # noqa: BLE001 - the caller's class may raise anything
            failure: Exception = error
        else:
            return None if value is None else _checked(value)
        raise KeyStoreError(f"key_store.get raised {type(failure).__name__}.") from failure

    def _lock(self) -> asyncio.Lock:
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _too_slow(method: str, seconds: float) -> str:
    return f"key_store.{method} took longer than {seconds:g} s, the deadline of the client."


async def _awaited(value: Any, method: str) -> Any:
    if not inspect.isawaitable(value):
        message = f"key_store.{method} is not an async method: define it with `async def`."
        raise ConfigurationError(message)
    return await value


def _checked(value: object) -> Secret:
    """Return a stored key as a secret; refuse what cannot be one."""
    if not (isinstance(value, str | Secret) or has_secret_value(value)):
        message = f"key_store.get returned {kind_of(value)}: return the key as a text or a Secret, or None."
        raise ConfigurationError(message)
    key = Secret.of(cast("SecretLike", value))
    problem = _problem(key)
    if problem is not None:
        message = f"the key in the key store {problem}."
        raise ConfigurationError(message)
    api_keys.partners_shop_key(key)
    return key


def _problem(key: Secret) -> str | None:
    if (problem := problem_of(key)) is not None:
        return problem
    return api_keys.problem_of_key(key.reveal()) if key else "is empty: return None for a shop without a key"
