"""
What a caller can set for all calls of a client; every setting is checked where it is given.

The room knows no call.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypedDict

import attrs

from etelecom_async._core.hooks import Hook
from etelecom_async._core.operation import is_wire_name
from etelecom_async._core.retry import RetryPolicy, Sleep
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
    """Calls that start within a second, at the most, repetitions not counted; any number where left out."""
    wire_names: Mapping[str, str] | None
    """`Service/Method` by public name, for operations whose name on the wire is another."""
    hooks: Sequence[Hook] | None
    """Called with an `Attempt` after each attempt; none where left out."""


@attrs.frozen(kw_only=True)
class Options:
    """What a caller can set for all calls of a client."""

    deadline: float = 120.0
    """Seconds for a call with all its attempts and waits."""
    attempt_timeout: float = 30.0
    """Seconds for one attempt, from its first byte out to its last byte in."""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    concurrency: int = 64
    """Attempts under way at a time, at the most, for reads and for other calls each."""
    rate: float | None = None
    """Calls that start within a second, at the most, repetitions not counted; `None` for any number."""
    wire_names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """`Service/Method` by public name, in place of the row's."""
    hooks: tuple[Hook, ...] = ()
    """Called with an `Attempt` after each attempt."""
    sleep: Sleep = asyncio.sleep
    """Waits between attempts; replaced in tests that must not wait."""

    def __attrs_post_init__(self) -> None:
        for name in ("deadline", "attempt_timeout"):
            if not getattr(self, name) > 0:
                message = (
                    f"{name} is a number of seconds above 0, or NO_TIMEOUT; not {getattr(self, name)!r}."
                )
                raise ConfigurationError(message)
        if self.concurrency < 1:
            message = f"concurrency is a whole number, 1 or more; not {self.concurrency!r}."
            raise ConfigurationError(message)
        if self.rate is not None and not self.rate > 0:
            message = f"rate is a number of calls a second, above 0; not {self.rate!r}."
            raise ConfigurationError(message)
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
        unknown = sorted(set(changes) - set(ClientOptions.__annotations__))
        if unknown:
            message = f"unexpected keyword argument {unknown[0]!r}; there are {_NAMES}"
            raise TypeError(message)
        given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        retries = given.pop("retries", None)
        if isinstance(retries, RetryPolicy):
            given["retry"] = retries
        elif retries is not None:
            given["retry"] = attrs.evolve(self.retry, retries=retries)
        if "hooks" in given:
            given["hooks"] = tuple(given["hooks"])
        if "wire_names" in given:
            strangers = sorted(set(given["wire_names"]) - set(operations))
            if strangers:
                message = f"wire_names names no operation of the SDK: {', '.join(strangers)}."
                raise ConfigurationError(message)
            given["wire_names"] = {**self.wire_names, **given["wire_names"]}
        return attrs.evolve(self, **given)


_NAMES: Final = ", ".join(ClientOptions.__annotations__)
