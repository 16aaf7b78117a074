"""Test the options of a client: invalid values are refused at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from etelecom_async import ClientOptions, ConfigurationError, NewClientOptions, RetryPolicy, ShopClient
from etelecom_async._core.calls.options import Options, lists_options
from etelecom_async._core.clock import CLOCK
from etelecom_async.bulk import SharedRate
from etelecom_async.operations import OPERATIONS

LIMITS = ("deadline", "attempt_timeout", "queue_timeout", "rate")


def new_client(_: ShopClient, **options: Any) -> ShopClient:
    """Return a new client with these options."""
    return ShopClient("k", **options)


@pytest.mark.parametrize("name", ["deadline", "attempt_timeout", "queue_timeout"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), True, "5", None])
def test_time_limits(name: str, value: Any) -> None:
    """A timeout is above 0."""
    with pytest.raises(
        ConfigurationError, match=f"{name} is a number of seconds above 0, or None for no limit"
    ):
        Options(**{name: value})


@pytest.mark.parametrize("wire_name", ["", "Etelecom", "Etelecom/", "/GetTenant", "a/b/c", "a/b?c", 5, None])
def test_wire_names(wire_name: Any) -> None:
    """A wire name has the form `Service/Method`."""
    with pytest.raises(
        ConfigurationError, match=r"wire_names\['shop.current'\] must have the form 'Service/Method'"
    ):
        Options().changed({"wire_names": {"shop.current": wire_name}}, OPERATIONS)


@pytest.mark.parametrize("service", ["", "Etelecom/GetTenant", "a b", 5, None])
def test_name_of_a_service(service: Any) -> None:
    """The other name of a service contains no method."""
    with pytest.raises(ConfigurationError, match=r"wire_names\['Etelecom'\] must be the name of a service"):
        Options().changed({"wire_names": {"Etelecom": service}}, OPERATIONS)


@pytest.mark.parametrize("names", ["canary", ["canary"], 5], ids=repr)
def test_wire_names_without_a_mapping(names: Any) -> None:
    """A value of another type is refused, and the error does not show it."""
    with pytest.raises(ConfigurationError, match="wire_names takes a mapping of public names") as caught:
        Options().changed({"wire_names": names}, OPERATIONS)
    assert "canary" not in str(caught.value)


def test_unknown_wire_names() -> None:
    """The error lists unknown names that look like names; others may be a key in the wrong place."""
    names: Any = {"shop.ship": "A/B", "shop123:canary-1": "A/B", 5: "A/B", "x": "A/B", "shop.current": "A/B"}
    with pytest.raises(ConfigurationError) as caught:
        Options().changed({"wire_names": names}, OPERATIONS)
    assert str(caught.value) == (
        "wire_names contains unknown operations: one that is not shown, one that is not shown, shop.ship, x."
    )


def test_wire_name() -> None:
    """A name of an operation has priority over that of its service; a call by its wire name keeps it."""
    names = {"Etelecom": "ETelecom", "shop.tenant.get": "Tenant/Get"}
    options = Options().changed({"wire_names": names}, OPERATIONS)
    open_call = attrs.evolve(OPERATIONS["shop.extensions.get"], name="Etelecom/GetExtensionInfo")
    assert options.wire_name(OPERATIONS["shop.tenant.get"]) == "Tenant/Get"
    assert options.wire_name(OPERATIONS["shop.tenant.create"]) == "ETelecom/CreateTenant"
    assert options.wire_name(OPERATIONS["shop.current"]) == "Shop/CurrentShop"
    forms = {"partner.shops.authorize": "Shop/Link"}
    options = options.changed({"wire_names": forms}, OPERATIONS)
    assert options.wire_name(OPERATIONS["partner.shops.connect"]) == "Shop/Link"
    options = options.changed({"wire_names": {"partner.shops.connect": "Shop/Begin"}}, OPERATIONS)
    assert options.wire_name(OPERATIONS["partner.shops.connect"]) == "Shop/Begin"
    assert options.wire_name(OPERATIONS["partner.shops.authorize"]) == "Shop/Link"
    assert options.wire_name(open_call) == "Etelecom/GetExtensionInfo"


def test_defaults() -> None:
    """By default a call has 120 seconds, an attempt 30, and three retries; it may wait for its turn."""
    options = Options()
    assert (options.deadline, options.attempt_timeout, options.retry) == (120, 30, RetryPolicy(retries=3))
    assert options.queue_timeout == math.inf
    assert (options.clock, options.rate, options.max_response_bytes) == (CLOCK, math.inf, 64 * 2**20)


@pytest.mark.parametrize("change", [ShopClient.with_options, new_client], ids=["copy", "client"])
def test_unknown_option(change: Callable[..., object]) -> None:
    """An unknown option is refused, and the error lists the known ones."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'dedline'; known are deadline, "):
        change(ShopClient("k"), dedline=5)


@pytest.mark.parametrize("name", LIMITS)
def test_none_means_no_limit(name: str) -> None:
    """`None` switches a limit off, in a new client and in a copy of a client with a limit."""
    assert getattr(ShopClient("k", **{name: None})._engine.options, name) == math.inf
    limited = ShopClient("k", **{name: 5})
    assert getattr(limited.with_options(**{name: None})._engine.options, name) == math.inf
    assert getattr(limited.with_options()._engine.options, name) == 5


@pytest.mark.parametrize(
    ("change", "name"),
    [
        *((ShopClient.with_options, name) for name in ClientOptions.__annotations__ if name not in LIMITS),
        *((new_client, name) for name in NewClientOptions.__annotations__ if name not in LIMITS),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_none_is_refused_elsewhere(change: Callable[..., object], name: str) -> None:
    """An option without a limit refuses `None`, which is often a missing setting."""
    with pytest.raises(ConfigurationError, match=f"^{name} is None: omit it for the default"):
        change(ShopClient("k"), **{name: None})


def test_hooks() -> None:
    """Hooks are functions: a single function is accepted, too, and other values are refused."""
    assert Options(hooks=print).hooks == (print,)
    assert Options(hooks=[print, repr]).hooks == (print, repr)
    for wrong in (5, "print", [print, None]):
        with pytest.raises(ConfigurationError, match="hooks is a list of functions that take a Call"):
            Options(hooks=wrong)


def test_numbers_of_numpy() -> None:
    """Numbers of numpy become built-in ones, in each option that takes a number."""
    given: Any = {
        "deadline": np.float64(5.5),
        "attempt_timeout": np.float32(2.5),
        "retries": np.int8(2),
        "concurrency": np.int64(7),
        "rate": np.uint16(9),
        "max_response_bytes": np.int32(1000),
    }
    options = Options().changed(given, {})
    found = (options.deadline, options.attempt_timeout, options.retry.retries)
    found += (options.concurrency, options.rate, options.max_response_bytes)
    assert found == (5.5, 2.5, 2, 7, 9, 1000)
    assert {type(number) for number in found} == {int, float}


def test_shared_rate(tmp_path: Path) -> None:
    """A rate may be shared. Its class, and anything else that is no number, is refused."""
    rate = SharedRate(tmp_path / "rate", 5)
    assert ShopClient("k", rate=rate).with_options(deadline=5)._engine.options.rate is rate
    wrong: Any
    for wrong in (SharedRate, "5", tmp_path, 0):
        with pytest.raises(ConfigurationError, match=r"^rate is a number of .* a SharedRate\(path, "):
            ShopClient("k", rate=wrong)


@pytest.mark.parametrize("name", ["deadline", "attempt_timeout", "rate"])
def test_number_that_no_float_holds(name: str) -> None:
    """A number that is too large for a float is refused at once, and not in the middle of a call."""
    with pytest.raises(ConfigurationError, match=f"^{name} is a number of "):
        Options(**{name: 10**400})


@pytest.mark.parametrize("hooks", ["", b"", {}, "print", {"a": print}], ids=repr)
def test_texts_and_mappings_are_no_hooks(hooks: Any) -> None:
    """A text or a mapping is refused as a list of hooks, also an empty one."""
    with pytest.raises(ConfigurationError, match=r"^hooks is a list of functions"):
        Options(hooks=hooks)


def test_docstring_with_options() -> None:
    """The options follow the docstring of the class; without docstrings (`python -OO`) there is none."""

    class Client:
        """
        Do it.

        Then stop.
        """

    class Bare:
        pass

    class Known:
        """
        Options.

        Attributes:
            a (int): Seconds. Default: 1.
        """

    listed = lists_options(Known, Bare)(Client)
    assert listed.__doc__ == listed().__doc__
    assert listed.__doc__.rstrip() == "Do it.\n\nThen stop.\n\nOptions:\n    a (int): Seconds. Default: 1."
    assert lists_options(Known)(Bare).__doc__ is None


def test_headers() -> None:
    """Headers are kept as secrets, and a copy adds to those of its original."""
    options = Options().changed({"headers": {"X-A": "canary"}}, OPERATIONS)
    copy = options.changed({"headers": {"x-a": "b", "X-B": "c"}}, OPERATIONS)
    assert {name: value.reveal() for name, value in copy.headers.items()} == {"x-a": "b", "X-B": "c"}
    assert "canary" not in repr(options)
    assert options.changed({"deadline": 5}, OPERATIONS).headers is options.headers
