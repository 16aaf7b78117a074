"""Odd values for every argument: each ends as an error of the SDK, and nothing is sent."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import attrs
import numpy as np
import pytest
from yarl import URL

from etelecom_async import (
    ClientOptions,
    Effect,
    EtelecomError,
    NewClientOptions,
    PartnerClient,
    RetryPolicy,
    Secret,
    ShopClient,
    SmsClient,
    Tls,
    attempt_hook,
)
from etelecom_async._core.attachment import FileSource
from etelecom_async._core.model import Model, fields_of
from etelecom_async.operations import OPERATIONS

if TYPE_CHECKING:
    from tests.conftest import Peer

Client = PartnerClient | ShopClient | SmsClient

CANARY = "canary-9d1f"
PHONE = "0901234567"
KEYS: dict[type[Client], dict[str, str]] = {
    PartnerClient: {"api_key": "partner-key"},
    ShopClient: {"api_key": "1161512386239479010:shop-key"},
    SmsClient: {"username": "user", "password": "password"},
}
BY_NAME = {"partner": PartnerClient, "shop": ShopClient, "sms": SmsClient}


class Hostile:
    """An object that refuses to be shown, tested, compared and counted."""

    def __repr__(self) -> str:
        raise AssertionError

    def __bool__(self) -> bool:
        raise AssertionError

    def __eq__(self, _: object) -> bool:
        raise AssertionError

    def __hash__(self) -> int:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


ODD: dict[str, Any] = {
    "text": CANARY,
    "empty text": "",
    "half of a character": "\ud800",
    "NUL": "\0",
    "bytes": CANARY.encode(),
    "number": 482913,
    "negative number": -482913,
    "huge number": 10**400,
    "number of too many digits": 10**5000,
    "negative number of too many digits": -(10**5000),
    "float": 4829.13,
    "nan": float("nan"),
    "infinity": float("inf"),
    "decimal": Decimal("4829.13"),
    "fraction": Fraction(1, 3),
    "boolean": True,
    "list": [CANARY],
    "empty list": [],
    "pairs": [(CANARY, CANARY)],
    "tuple": (CANARY,),
    "set": {CANARY},
    "mapping": {CANARY: CANARY},
    "mapping of numbers": {5: 5},
    "empty mapping": {},
    "function": len,
    "class": dict,
    "instance": object(),
    "hostile": Hostile(),
    "array": np.array([1, 2]),
    "nan of numpy": np.float64("nan"),
    "whole number of numpy": np.int64(7),
    "naive time": datetime(2026, 1, 2),  # noqa: DTZ001 - a time without an offset, which must be refused
    "secret": Secret(CANARY),
    "secret without a text": Secret(None),
    "secret of a number": Secret(482913),
    "unpickled secret": pickle.loads(pickle.dumps(Secret(CANARY))),
    "URL": URL("https://canary.example"),
    "path": Path("canary"),
    "generator": (letter for letter in ()),
}


def refusals_of(call: Callable[[Any], object]) -> dict[str, str]:
    """Call a function with each odd value; return the texts of its errors by the names of the values."""
    texts: dict[str, str] = {}
    for odd, value in ODD.items():
        try:
            call(value)
        except EtelecomError as error:
            texts[odd] = str(error)
    return texts


async def refusals_of_calls(call: Callable[[Any], Awaitable[object]], peer: Peer) -> dict[str, str]:
    """Do the same with a coroutine function, and assert that a refused call sends nothing."""
    texts: dict[str, str] = {}
    for odd, value in ODD.items():
        before = len(peer.requests)
        try:
            await call(value)
        except EtelecomError as error:
            if len(peer.requests) == before:
                texts[odd] = str(error)
    return texts


# Odd values that are valid for an argument.
TRUE = {"boolean"}
NUMBERS = {"number", "float", "infinity", "whole number of numpy"}
WHOLE = {"number", "huge number", "number of too many digits", "whole number of numpy"}
ACCEPTED: dict[str, set[str]] = {
    "deadline": NUMBERS,
    "attempt_timeout": NUMBERS,
    "queue_timeout": NUMBERS,
    "rate": NUMBERS,
    "retries": WHOLE,
    "concurrency": WHOLE,
    "max_response_bytes": WHOLE,
    "wire_names": {"empty mapping"},
    "hooks": {"empty list", "generator", "function", "class"},
    "headers": {"mapping", "empty mapping"},
    "trust_env": TRUE,
    "allow_http": TRUE,
    "api_key": {"text", "secret"},
    "username": {"text", "secret", "half of a character", "NUL"},
    "password": {"text", "secret", "half of a character", "NUL"},
}


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        (kind, argument)
        for kind, keys in KEYS.items()
        for argument in (*keys, "base_url", *NewClientOptions.__annotations__)
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_constructor(kind: type[Client], argument: str) -> None:
    """A constructor refuses an odd value; the error names the argument, and does not show the value."""
    refusals = refusals_of(lambda value: kind(**{**KEYS[kind], argument: value}))
    assert ODD.keys() - refusals.keys() == ACCEPTED.get(argument, set())
    assert [text for text in refusals.values() if not text.startswith(argument) or "canary" in text] == []


@pytest.mark.parametrize("argument", ClientOptions.__annotations__)
def test_with_options(argument: str) -> None:
    """`with_options` refuses the same values as the constructors."""
    client = ShopClient(**KEYS[ShopClient])
    change: Any = client.with_options
    refusals = refusals_of(lambda value: change(**{argument: value}))
    assert ODD.keys() - refusals.keys() == ACCEPTED[argument]
    assert [text for text in refusals.values() if not text.startswith(argument) or "canary" in text] == []


def test_for_shop() -> None:
    """`for_shop` refuses odd keys."""
    refusals = refusals_of(PartnerClient(**KEYS[PartnerClient]).for_shop)
    assert ODD.keys() - refusals.keys() == ACCEPTED["api_key"]
    assert [text for text in refusals.values() if not text.startswith("shop_key ") or "canary" in text] == []


class Store:
    """A key store without keys."""

    async def get(self, _: str) -> None:
        """Return no key."""

    async def put(self, _: str, key: Secret) -> None:
        """Forget a key."""


def test_stored_keys() -> None:
    """`PartnerClient` refuses odd key stores and addresses, and `shop` refuses odd ids."""
    given: dict[str, Any] = {**KEYS[PartnerClient], "key_store": Store()}
    calls: dict[str, Callable[[Any], object]] = {
        "key_store": lambda value: PartnerClient(**{**given, "key_store": value}),
        "redirect_url": lambda value: PartnerClient(**given, redirect_url=value),
        "shop_id": PartnerClient(**given).shop,
    }
    for argument, call in calls.items():
        refusals = refusals_of(call)
        assert ODD.keys() == refusals.keys(), argument
        assert [text for text in refusals.values() if argument not in text or "canary" in text] == []


PATHS = {"text", "half of a character", "NUL", "path"}


@pytest.mark.parametrize(
    ("make", "accepted"),
    [
        (lambda value: Tls(ca_file=value), PATHS),
        (lambda value: Tls(cert_file=value), PATHS),
        (lambda value: Tls(cert_file="a", key_file=value), PATHS),
        (
            lambda value: Tls(cert_file="a", key_password=value),
            {"text", "empty text", "half of a character", "NUL", "secret"},
        ),
        (lambda value: RetryPolicy(retries=value), WHOLE - {"whole number of numpy"}),
        (lambda value: RetryPolicy(wait_initial=value), {"number", "float"}),
        (lambda value: RetryPolicy(wait_max=value), {"number", "float"}),
        (attempt_hook, {"function", "class"}),
    ],
    ids=[
        *("ca_file", "cert_file", "key_file", "key_password"),
        *("retries", "wait_initial", "wait_max", "attempt_hook"),
    ],
)
def test_other_constructors(make: Callable[[Any], object], accepted: set[str]) -> None:
    """The parts of the options refuse odd values, too."""
    refusals = refusals_of(make)
    assert ODD.keys() - refusals.keys() == accepted
    assert "canary" not in "".join(refusals.values())


@pytest.fixture
async def clients(peer: Peer) -> AsyncIterator[dict[str, Any]]:
    """A client of each kind, of a peer that accepts everything."""
    made = {
        name: kind(**KEYS[kind], base_url=peer.base_url.removesuffix("/v1")) for name, kind in BY_NAME.items()
    }
    yield made
    for client in made.values():
        await client.close()


@pytest.mark.parametrize(
    ("argument", "accepted"),
    [
        ("wire_name", set()),
        ("body", {"mapping", "mapping of numbers", "empty mapping"}),
        ("effect", set()),
    ],
)
async def test_call(clients: dict[str, Any], peer: Peer, argument: str, accepted: set[str]) -> None:
    """`call` refuses odd arguments before anything is sent."""
    valid: dict[str, Any] = {"wire_name": "Any/Thing", "body": {}, "effect": Effect.READ}
    refusals = await refusals_of_calls(lambda value: clients["shop"].call(**{**valid, argument: value}), peer)
    assert ODD.keys() - refusals.keys() == accepted
    assert "canary" not in "".join(refusals.values())


@pytest.mark.parametrize(
    "make",
    [lambda value: {"a": value}, lambda value: {"a": {"b": value}}, lambda value: {"a": [1, value]}],
    ids=["value", "nested", "in a list"],
)
async def test_parts_of_a_body(
    clients: dict[str, Any], peer: Peer, make: Callable[[Any], dict[str, Any]]
) -> None:
    """A part of an open body is sent, or refused with its path before anything is sent."""
    refusals = await refusals_of_calls(
        lambda value: clients["shop"].call("Any/Thing", make(value), effect=Effect.READ), peer
    )
    assert refusals.keys() == {
        *("half of a character", "number of too many digits", "negative number of too many digits"),
        *("nan", "infinity", "fraction"),
        *("function", "class", "instance", "hostile", "array", "nan of numpy", "naive time"),
        *("secret without a text", "secret of a number", "unpickled secret", "URL", "generator"),
    }
    assert [text for text in refusals.values() if "body['a']" not in text or "canary" in text] == []


@pytest.mark.parametrize(
    ("argument", "accepted"),
    [
        ("call", {"function", "class"}),
        (
            "inputs",
            {
                *("list", "empty list", "pairs", "tuple", "set", "mapping", "mapping of numbers"),
                *("empty mapping", "array", "generator"),
            },
        ),
        ("in_order", TRUE),
    ],
)
async def test_map(clients: dict[str, Any], argument: str, accepted: set[str]) -> None:
    """`map` refuses odd arguments at once."""
    valid: dict[str, Any] = {"call": len, "inputs": [], "in_order": False}
    refusals = refusals_of(lambda value: clients["shop"].map(**{**valid, argument: value}))
    assert ODD.keys() - refusals.keys() == accepted
    assert [text for text in refusals.values() if not text.startswith(f"map: {argument} takes ")] == []
    assert "canary" not in "".join(refusals.values())


def sample(name: str, kind: Any) -> Any:
    """Return a valid value of a type."""
    if kind == FileSource:
        return b"content"
    parts = [part for part in get_args(kind) if part is not type(None)]
    if get_origin(kind) is Sequence:
        return [sample(name, parts[0])]
    if get_origin(kind) in (Mapping, Literal):
        return {"a": "b"} if get_origin(kind) is Mapping else parts[0]
    if parts:
        return sample(name, parts[-1])
    if issubclass(kind, Model):
        required = [field for field in fields_of(kind) if field.default is attrs.NOTHING]
        return kind(**{field.name: sample(field.name, field.type) for field in required})
    return {str: PHONE if "phone" in name else "1", int: 1}[kind]


TEXTS = {"text", "empty text", "NUL"}
WHOLE_JSON = {"number", "negative number", "huge number", "whole number of numpy"}
VALID: dict[Any, set[str]] = {str: TEXTS, int: WHOLE_JSON, bool: TRUE}
CONTAINERS: dict[Any, set[str]] = {
    Sequence: {"list", "empty list", "tuple"},
    Mapping: {"mapping", "empty mapping"},
}


def may_be_sent(argument: str, kind: Any) -> set[str]:
    """Return the odd values that are valid for an argument of a type."""
    if argument in ("prefetch", "resume"):
        return WHOLE if argument == "prefetch" else set()
    if kind == FileSource:
        return {"bytes"}
    if Secret in get_args(kind):
        return {"text", "NUL", "secret"}
    if get_origin(kind) in CONTAINERS:
        return CONTAINERS[get_origin(kind)]
    if isinstance(kind, type) and issubclass(kind, Model):
        return {"empty mapping"}
    return VALID.get(kind, set()).union(*(may_be_sent(argument, part) for part in get_args(kind)))


def method_of(clients: dict[str, Any], name: str) -> Callable[..., Any]:
    """Return the method of a client that makes a call."""
    first, _, rest = name.partition(".")
    if first in clients:
        return attrgetter(rest)(clients[first])
    return attrgetter(name)(clients["shop"])


@pytest.mark.filterwarnings("ignore::etelecom_async.errors.ProvisionalOperationWarning")
@pytest.mark.filterwarnings("ignore::etelecom_async.errors.UnlistedValueWarning")
@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_arguments_of_calls(clients: dict[str, Any], peer: Peer, name: str) -> None:
    """An odd value for any argument of a call is sent if its type fits, and else refused before that."""
    method = method_of(clients, name)
    kinds = get_type_hints(method)
    parameters = inspect.signature(method).parameters
    valid = {
        argument: sample(argument, kinds[argument])
        for argument, parameter in parameters.items()
        # Without a template or its id, no message can be sent.
        if parameter.default is inspect.Parameter.empty or argument == "template_id"
    }

    async def call(argument: str, value: Any) -> None:
        given = {**valid, argument: value}
        positional = [
            given.pop(name) for name, each in parameters.items() if each.kind is each.POSITIONAL_ONLY
        ]
        await method(*positional, **given)

    for argument in parameters:
        refusals = await refusals_of_calls(partial(call, argument), peer)
        assert ODD.keys() - refusals.keys() <= may_be_sent(argument, kinds[argument]), argument
        assert [text for text in refusals.values() if argument not in text] == []
        # The name of an unknown field is shown, so that a typing error can be found.
        texts = "".join(refusals.values()).replace(f"unknown field {CANARY!r}", "")
        assert argument == "file" or "canary" not in texts


@pytest.mark.parametrize("argument", ["limit", "after", "page", "prefetch", "resume"])
@pytest.mark.parametrize("way", ["await", "iterate", "pages", "collect", "checkpoint"])
async def test_arguments_of_lists(clients: dict[str, Any], peer: Peer, argument: str, way: str) -> None:
    """Each way to use a list refuses an odd argument before anything is sent."""
    method = clients["sms"].templates.list if argument == "page" else clients["shop"].extensions.list
    accepted = {
        "limit": WHOLE_JSON,
        "page": WHOLE_JSON,
        "prefetch": WHOLE,
        "after": TEXTS,
        "resume": set[str](),
    }[argument]

    async def use(value: Any) -> None:
        pager = method(**{argument: value})
        if way == "await":
            await pager
        elif way == "checkpoint":
            pager.checkpoint()
        elif way == "collect":
            await pager.collect()
        else:
            async for _ in pager if way == "iterate" else pager.pages():
                pass

    refusals = await refusals_of_calls(use, peer)
    if way != "checkpoint":
        assert ODD.keys() - refusals.keys() == accepted
    elif argument in ("prefetch", "resume"):  # a checkpoint needs no valid request
        assert refusals.keys()
    assert [text for text in refusals.values() if argument not in text or "canary" in text] == []


async def test_take(clients: dict[str, Any], peer: Peer) -> None:
    """`take` refuses an odd number of items before anything is sent."""
    pager = clients["shop"].extensions.list()
    refusals = await refusals_of_calls(pager.take, peer)
    assert ODD.keys() - refusals.keys() == WHOLE
    assert "canary" not in "".join(refusals.values())
