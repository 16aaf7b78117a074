"""
What a caller can set for all calls of a client; every setting is checked where it is given.

The room knows no call.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypedDict

import attrs

from etelecom_async._core.calls.policy import RetryPolicy
from etelecom_async._core.clock import CLOCK, Clock
from etelecom_async._core.hooks import Hook
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES
from etelecom_async._core.operation import is_wire_name
from etelecom_async._core.validators import above_zero, must_be, whole_number
from etelecom_async.errors import ConfigurationError

NO_TIMEOUT: Final = math.inf
"""Switches a time limit off; `None` means the default."""


class ClientOptions(TypedDict, total=False):
    """
    What a caller may set for all calls of a client; `None`, and what is left out, mean the default.

    `NO_TIMEOUT` in place of a number of seconds means no limit.
    """

    deadline: float | None
    """Seconds for a call with all its attempts and waits; 120 where left out."""
    attempt_timeout: float | None
    """Seconds for one attempt; 30 where left out."""
    retries: int | RetryPolicy | None
    """Repetitions at the most, 3 where left out, 0 for none; or a whole `RetryPolicy`."""
    concurrency: int | None
    """Attempts under way at a time, at the most, for reads and for other calls each; 64 where left out."""
    rate: float | None
    """Attempts that start within a second, at the most; any number where left out, and for `math.inf`."""
    max_response_bytes: int | None
    """Bytes of an answer, unpacked, beyond which it is not read; 64 MiB where left out."""
    wire_names: Mapping[str, str] | None
    """`Service/Method` by public name, for operations whose name on the wire is another."""
    hooks: Sequence[Hook] | None
    """Observe each call, see `CallObserver`; default none. For attempts only: `attempt_hook(function)`."""


_SECONDS: Final = "a number of seconds above 0, or NO_TIMEOUT"


def _in_a_tuple(hooks: Any) -> tuple[Any, ...]:
    try:
        return tuple(hooks)
    except TypeError:  # which the validator refuses, if it is not a lone function
        return (hooks,)


_FUNCTIONS: Final = must_be(
    "a list of functions that take a Call (for attempts: attempt_hook(function))",
    lambda hooks: all(map(callable, hooks)),
)


@attrs.frozen(kw_only=True)
class Options:
    """What a caller can set for all calls of a client."""

    deadline: float = attrs.field(default=120.0, validator=above_zero(_SECONDS))
    """Seconds for a call with all its attempts and waits."""
    attempt_timeout: float = attrs.field(default=30.0, validator=above_zero(_SECONDS))
    """Seconds for one attempt, from its first byte out to its last byte in."""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    concurrency: int = attrs.field(default=64, validator=whole_number(least=1))
    """Attempts under way at a time, at the most, for reads and for other calls each."""
    rate: float = attrs.field(
        default=math.inf, validator=above_zero("a number of attempts a second, above 0")
    )
    """Attempts that start within a second, at the most."""
    max_response_bytes: int = attrs.field(default=MAX_RESPONSE_BYTES, validator=whole_number(least=1))
    """Bytes of an answer, unpacked, beyond which it is not read."""
    wire_names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """`Service/Method` by public name, in place of the row's."""
    hooks: tuple[Hook, ...] = attrs.field(default=(), converter=_in_a_tuple, validator=_FUNCTIONS)
    """Observe each call."""
    clock: Clock = CLOCK
    """Times calls and waits between attempts; replaced in tests that must not wait."""

    def __attrs_post_init__(self) -> None:
        for name, wire_name in self.wire_names.items():
            if not is_wire_name(wire_name):
                message = f"wire_names[{name!r}] is written 'Service/Method', not {wire_name!r}."
                raise ConfigurationError(message)

    def changed(self, changes: ClientOptions, operations: Collection[str]) -> Options:
        """
        Return a copy with *changes*.

        Args:
            changes: What the caller gave.
            operations: The public names that there are.

        Raises:
            ConfigurationError: A setting cannot be right.
        """
        given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        retries = given.pop("retries", None)
        if isinstance(retries, RetryPolicy):
            given["retry"] = retries
        elif retries is not None:
            given["retry"] = attrs.evolve(self.retry, retries=retries)
        if "wire_names" in given:
            strangers = sorted(set(given["wire_names"]) - set(operations))
            if strangers:
                message = f"wire_names names no operation of the SDK: {', '.join(strangers)}."
                raise ConfigurationError(message)
            given["wire_names"] = {**self.wire_names, **given["wire_names"]}
        return attrs.evolve(self, **given) if given else self


def refuse_unknown(given: Mapping[str, object], known: type[Any]) -> None:
    """
    Look for names that the typed dict *known* does not have: a typing error must not be passed over.

    Raises:
        TypeError: There is one.
    """
    names: Mapping[str, object] = known.__annotations__
    for name in given:
        if name not in names:
            message = f"unexpected keyword argument {name!r}; there are {', '.join(names)}"
            raise TypeError(message)
