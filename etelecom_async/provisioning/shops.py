"""
Find the shops that a roster names, and check the key of each.

    shops = Shops(partner, FileKeyStore("shops.json"))
    found = await shops.resolve(row.shop for row in roster.rows)
    present = await read_shops(found)

Keys come from a key store, a mapping or a function, never from a roster. A key of another shop is refused.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

import attrs

from etelecom_async._client import PartnerClient, ShopClient
from etelecom_async._core.calls.concurrent_map import concurrent_map
from etelecom_async._core.secret import Secret, SecretLike, problem_of
from etelecom_async._core.suggestions import did_you_mean, plain_letters
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import (
    ConfigurationError,
    Mistake,
    PermissionDeniedError,
    UnauthenticatedError,
)
from etelecom_async.provisioning.cells import CellError, folded
from etelecom_async.provisioning.mistakes import masked_text, roster_error, shortened
from etelecom_async.provisioning.present import PresentShop
from etelecom_async.provisioning.reading import read_owner, read_present

ValueT = TypeVar("ValueT")
ResultT = TypeVar("ResultT")


class StoredKeys(Protocol):
    """A key store, as far as it is needed here; see `etelecom_async.key_store`."""

    async def get(self, shop_id: str, /) -> Secret | str | None:
        """Return the key of a shop; `None` if there is none."""
        ...


KeySource: TypeAlias = StoredKeys | Mapping[str, SecretLike] | Callable[[str], Awaitable[SecretLike | None]]
"""A key store; the keys by id, code or name of their shops; or a function that returns the key for an id."""

_FEWEST_DIGITS: Final = 15
"""A text with so many digits is an id, and no code."""
_CONCURRENCY: Final = 8
_UNUSABLE: Final = (ConfigurationError, PermissionDeniedError, UnauthenticatedError)
"""Errors of a key that has the wrong form, or that the server refuses."""
_COLUMN: Final = "shop"


@attrs.frozen(kw_only=True)
class ResolvedShop:
    """A shop of a roster."""

    shop_id: str
    name: str
    client: ShopClient = attrs.field(repr=False)
    """Makes the calls of the shop. Do not close it."""


class Shops:
    """
    The shops of a partner, by id, code or name.

    Args:
        partner: Looks up codes and names. Without it, a shop is found by its id; with a mapping as *keys*,
            also by its name.
        keys: A key store, or an async function that returns the key for an id. A mapping has the keys by the
            id, code or name of their shops.
        open_shop: Returns the client for a key. Default: `partner.for_shop`.

    Raises:
        ConfigurationError: An argument has a wrong type, or nothing says how to open a shop.
    """

    @boundary
    def __init__(
        self,
        partner: PartnerClient | None,
        keys: KeySource,
        *,
        open_shop: Callable[[Secret], ShopClient] | None = None,
    ) -> None:
        if open_shop is None:
            if partner is None:
                message = "without a partner, open_shop has to say how to make the client for a key."
                raise ConfigurationError(message)
            open_shop = partner.for_shop
        self._partner: Final = partner
        self._open_shop: Final = open_shop
        self._only: ShopClient | None = None
        self._keys: Final[_Keys] = _keys(keys, self._owner)

    @classmethod
    def of_one(cls, shop: ShopClient) -> Shops:
        """
        Return the shops of a roster for one shop: each row names this shop, by its id or its name, or none.

        Args:
            shop: The client of the shop.
        """
        one = cls(None, {}, open_shop=lambda _: shop)
        one._only = shop
        return one

    async def resolve(self, names: Iterable[str]) -> dict[str, ResolvedShop]:
        """
        Return the shop of each name, after a check of its key.

        Args:
            names: The shops as the rows of a roster name them.

        Raises:
            RosterError: A shop is unknown, several shops have one name, or a key is missing, refused, or of
                another shop. The error has all of these mistakes.
            EtelecomError: A call failed.
        """
        try:
            return await self._resolve(tuple(dict.fromkeys(names)))
        except BaseException as error:
            cleaned(error)
            raise

    async def _resolve(self, names: Sequence[str]) -> dict[str, ResolvedShop]:
        if self._only is not None:
            return await self._resolve_only(names, self._only)
        listed = await self._list(names)
        wanted: list[tuple[_Wanted, Secret]] = []
        mistakes: dict[str, Mistake] = {}
        for name in names:
            try:
                wanted.append(await self._find_key(name, listed))
            except CellError as error:
                mistakes[name] = _mistake(name, error)
        found: dict[str, ResolvedShop] = {}
        async for each, result in _concurrently(self._checked, wanted):
            name = each[0].name
            if isinstance(result, CellError):
                mistakes[name] = _mistake(name, result)
            else:
                found[name] = result
        if mistakes:
            raise roster_error([mistakes[name] for name in names if name in mistakes])
        return {name: found[name] for name in names}

    async def _resolve_only(self, names: Sequence[str], shop: ShopClient) -> dict[str, ResolvedShop]:
        shop_id, name = await read_owner(shop)
        others = [each for each in names if each and not _fits(each, (shop_id, name))]
        if others:
            error = CellError(
                f"the key is of shop {shop_id} ({shortened(name)})",
                "write this shop, or give the key of the other one",
            )
            raise roster_error([_mistake(other, error) for other in others])
        resolved = ResolvedShop(shop_id=shop_id, name=name, client=shop)
        return dict.fromkeys(names, resolved)

    async def _list(self, names: Sequence[str]) -> list[_Listed]:
        """Return the shops of the partner, if a name needs them."""
        if self._partner is None or all(_is_id(name) and self._keys.takes_id(name) for name in names):
            return []
        listed: list[_Listed] = []
        async for shop in self._partner.shops.list():
            texts = [str(shop.get(field) or "") for field in ("id", "code", "name")]
            listed.append(_Listed(texts[0], tuple(text for text in texts if text)))
        return listed

    async def _find_key(self, name: str, listed: Sequence[_Listed]) -> tuple[_Wanted, Secret]:
        wanted = self._identify(name, listed)
        key = await self._keys.find(wanted)
        if key is None:
            raise self._unknown(wanted, listed)
        return wanted, key

    async def _checked(self, found: tuple[_Wanted, Secret]) -> ResolvedShop | CellError:
        """Return the shop of a key, or what is wrong with the key."""
        wanted, key = found
        try:
            client = self._open_shop(key)
            shop_id, name = await read_owner(client)
        except _UNUSABLE as error:
            problem = f"the key of this shop cannot be used: {error.message.rstrip('.')}"
            return CellError(problem, "get a new one with `shops.authorize`")
        owner = f"shop {shop_id} ({shortened(name)})"
        if wanted.shop_id is not None and wanted.shop_id != shop_id:
            return CellError(f"the key of this shop is of {owner}", f"give the key of shop {wanted.shop_id}")
        if wanted.shop_id is None and not _fits(wanted.name, (shop_id, name)):
            remedy = "write the id; only a partner's key can look up a code"
            return CellError(f"the key for this name is of {owner}", remedy)
        return ResolvedShop(shop_id=shop_id, name=name, client=client)

    def _identify(self, name: str, listed: Sequence[_Listed]) -> _Wanted:
        for each in listed:
            if each.shop_id == name:
                return _Wanted(name, each.shop_id, each.labels)
        found = {each.shop_id: each for each in _matching(name, [(each, each.labels) for each in listed])}
        if len(found) > 1:
            ids = ", ".join(sorted(found))
            raise CellError(f"{len(found)} shops have this name or code", f"write one of their ids: {ids}")
        for each in found.values():
            return _Wanted(name, each.shop_id, (*each.labels, name))
        return _Wanted(name, name if _is_number(name) else None, (name,))

    def _unknown(self, wanted: _Wanted, listed: Sequence[_Listed]) -> CellError:
        if wanted.shop_id is not None:
            return CellError(f"there is no key for shop {wanted.shop_id}", "add it to the keys")
        if self._partner is None:
            return CellError("no key is for a shop with this name", "write the id of the shop")
        hint = did_you_mean(wanted.name, [label for each in listed for label in each.labels[1:]])
        return CellError(f"the partner has no shop with this name or code{hint}".rstrip("?"), "write its id")

    async def _owner(self, key: Secret) -> tuple[str, str] | None:
        """Return id and name of the shop of a key; `None` if the key cannot be used."""
        try:
            return await read_owner(self._open_shop(key))
        except _UNUSABLE:
            return None


async def read_shops(shops: Mapping[str, ResolvedShop]) -> dict[str, PresentShop]:
    """
    Return what each shop has now, for `make_plan`. Each shop is read once, some of them at a time.

    Args:
        shops: The shops by their names in the roster, from `Shops.resolve`.

    Raises:
        EtelecomError: A shop cannot be read.
    """
    clients = {shop.shop_id: shop.client for shop in shops.values()}
    reads = _concurrently(lambda shop_id: read_present(clients[shop_id]), list(clients))
    present = {shop_id: shop async for shop_id, shop in reads}
    return {name: present[shop.shop_id] for name, shop in shops.items()}


async def _concurrently(
    call: Callable[[ValueT], Awaitable[ResultT]], inputs: Sequence[ValueT]
) -> AsyncGenerator[tuple[ValueT, ResultT]]:
    """Yield each input with its result; raise the first error."""
    results = concurrent_map(call, inputs, concurrency=_CONCURRENCY, in_order=True)
    async with aclosing(results):
        async for done in results:
            yield done.input, done.unwrap()


@attrs.frozen
class _Listed:
    """A shop in the list of the partner."""

    shop_id: str
    labels: tuple[str, ...]
    """Its id, code and name."""


@attrs.frozen
class _Wanted:
    """The shop of a name."""

    name: str
    shop_id: str | None
    """Its id; `None` if only its key can tell."""
    labels: tuple[str, ...]


class _Keys(Protocol):
    def takes_id(self, shop_id: str) -> bool:
        """Return whether the id alone is enough to find a key."""
        ...

    async def find(self, wanted: _Wanted) -> Secret | None:
        """Return the key of a shop; `None` if there is none."""
        ...


@attrs.frozen
class _KeysById:
    _get: Callable[[str], Awaitable[SecretLike | None]] = attrs.field(repr=False)

    def takes_id(self, shop_id: str) -> bool:
        return bool(shop_id)

    async def find(self, wanted: _Wanted) -> Secret | None:
        return None if wanted.shop_id is None else _usable(await self._get(wanted.shop_id))


class _KeysByLabel:
    def __init__(
        self, keys: Mapping[str, Secret], owner: Callable[[Secret], Awaitable[tuple[str, str] | None]]
    ) -> None:
        self._keys: Final = keys
        self._owner: Final = owner
        self._owners: list[tuple[Secret, tuple[str, str]]] | None = None

    def takes_id(self, shop_id: str) -> bool:
        return shop_id in self._keys

    async def find(self, wanted: _Wanted) -> Secret | None:
        for label in wanted.labels:
            if label in self._keys:
                return self._keys[label]
        for label in wanted.labels:
            found = _matching(label, [(key, (text,)) for text, key in self._keys.items()])
            if len(found) > 1:
                raise CellError(f"{len(found)} keys fit this shop", "give its key by its id")
            if found:
                return found[0]
        # The file may have the name of the shop, and the roster its id.
        owners = await self._all_owners()
        found = [key for key, labels in owners if wanted.shop_id == labels[0]] or _matching(
            wanted.name, owners
        )
        return found[0] if found else None

    async def _all_owners(self) -> list[tuple[Secret, tuple[str, str]]]:
        if self._owners is None:
            read = _concurrently(self._owner, list(self._keys.values()))
            self._owners = [(key, owner) async for key, owner in read if owner is not None]
        return self._owners


def _keys(keys: KeySource, owner: Callable[[Secret], Awaitable[tuple[str, str] | None]]) -> _Keys:
    given: Any = keys
    if isinstance(given, Mapping):
        by_label = {
            label: _usable(key, label) for label, key in cast("Mapping[str, SecretLike]", given).items()
        }
        return _KeysByLabel({label: key for label, key in by_label.items() if key is not None}, owner)
    get: Any = getattr(given, "get", given)
    if callable(get):
        return _KeysById(cast("Callable[[str], Awaitable[SecretLike | None]]", get))
    message = f"keys takes a key store, a mapping or an async function, not {kind_of(given)}."
    raise ConfigurationError(message)


def _usable(key: SecretLike | None, label: str = "") -> Secret | None:
    """
    Return *key* as a secret; `None` if there is none.

    Raises:
        ConfigurationError: It is no text.
    """
    if key is None:
        return None
    key = secret = Secret.of(key)  # this frame must not show a text
    problem = problem_of(secret)
    if problem is not None:
        of_label = f" of {masked_text(label)!r}" if label else ""
        message = f"the key{of_label} {problem}."
        raise ConfigurationError(message)
    return secret or None


def _matching(text: str, labelled: Iterable[tuple[ValueT, Sequence[str]]]) -> list[ValueT]:
    """Return the values with a label that is *text*. Case and accents count only if several labels fit."""
    pairs = list(labelled)
    for spelled in (str, folded, plain_letters):
        wanted = spelled(text)
        found = [value for value, labels in pairs if wanted and wanted in map(spelled, labels)]
        if found:
            return found
    return []


def _fits(text: str, labels: Sequence[str]) -> bool:
    return bool(_matching(text, [(None, labels)]))


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


def _is_id(name: str) -> bool:
    return _is_number(name) and len(name) >= _FEWEST_DIGITS


def _mistake(name: str, error: CellError) -> Mistake:
    return Mistake(problem=error.problem, remedy=error.remedy, column=_COLUMN, value=masked_text(name))
