"""Test the options of a client: invalid values are refused at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from etelecom_async import NO_TIMEOUT, ConfigurationError, RetryPolicy, ShopClient
from etelecom_async._core.calls.options import Options
from etelecom_async._core.clock import CLOCK


@pytest.mark.parametrize("name", ["deadline", "attempt_timeout", "queue_timeout"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), True, "5", None])
def test_time_limits(name: str, value: Any) -> None:
    """A timeout is above 0."""
    with pytest.raises(ConfigurationError, match=f"{name} is a number of seconds above 0, or NO_TIMEOUT"):
        Options(**{name: value})


@pytest.mark.parametrize("wire_name", ["", "Etelecom", "Etelecom/", "/GetTenant", "a/b/c", "a/b?c"])
def test_wire_names(wire_name: str) -> None:
    """A wire name has the form `Service/Method`."""
    with pytest.raises(
        ConfigurationError, match=r"wire_names\['shop.current'\] must have the form 'Service/Method'"
    ):
        Options(wire_names={"shop.current": wire_name})


def test_defaults() -> None:
    """By default a call has 120 seconds, an attempt 30, and three retries; it may wait for its turn."""
    options = Options()
    assert (options.deadline, options.attempt_timeout, options.retry) == (120, 30, RetryPolicy(retries=3))
    assert options.queue_timeout == NO_TIMEOUT
    assert (options.clock, options.rate, options.max_response_bytes) == (CLOCK, math.inf, 64 * 2**20)


@pytest.mark.parametrize(
    "change",
    [ShopClient.with_options, lambda _, **options: ShopClient("k", **options)],
    ids=["copy", "client"],
)
def test_unknown_option(change: Callable[..., object]) -> None:
    """An unknown option is refused, and the error lists the known ones."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'dedline'; known are deadline, "):
        change(ShopClient("k"), dedline=5)


def test_hooks() -> None:
    """Hooks are functions: a single function is accepted, too, and other values are refused."""
    assert Options(hooks=print).hooks == (print,)
    assert Options(hooks=[print, repr]).hooks == (print, repr)
    for wrong in (5, "print", [print, None]):
        with pytest.raises(ConfigurationError, match="hooks is a list of functions that take a Call"):
            Options(hooks=wrong)
