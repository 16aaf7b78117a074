"""
Define and validate the options for all calls of a client.

This module makes no call.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypedDict, TypeVar, cast

import attrs

from etelecom_async._core.calls.policy import RetryPolicy
from etelecom_async._core.calls.rate_limiter import SharedRateLike, is_shared_rate
from etelecom_async._core.clock import CLOCK, Clock
from etelecom_async._core.codec.scalars import plain_scalar
from etelecom_async._core.hooks import Hook
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES
from etelecom_async._core.operation import Operation, is_service_name, is_wire_name
from etelecom_async._core.secret import Secret, SecretLike
from etelecom_async._core.validators import above_zero, must_be, whole_number
from etelecom_async._core.values import kind_of, quoted_name
from etelecom_async.errors import ConfigurationError

KindT = TypeVar("KindT", bound=type)

NO_LIMIT: Final = math.inf
"""How `Options` holds a limit that the caller switched off with `None`."""
_LIMITS: Final = ("deadline", "attempt_timeout", "queue_timeout", "rate")
"""Options for which `None` means no limit."""


class ClientOptions(TypedDict, total=False):
    """
    Options for all calls of a client.

    `None` means no limit. It is refused for options without a limit: omit an option for its default.

    Attributes:
        deadline (float | None): Seconds for a call with all its attempts and waits. Default: 120.
        attempt_timeout (float | None): Seconds for one attempt. Default: 30.
        queue_timeout (float | None): Seconds to wait for the first turn: for other calls, the rate or a
            pause. Default: no limit.
        retries (int | RetryPolicy): Retries of a call, at most; or a `RetryPolicy`. Default: 3.
        concurrency (int): Attempts in flight, at most; reads and other calls have separate limits.
            Default: 64.
        rate (float | SharedRateLike | None): Attempts a second that start, at most; or a
            `bulk.SharedRate` for several processes. Default: no limit.
        max_response_bytes (int): Bytes of a response body after decompression, at most. Default: 64 MiB.
        wire_names (Mapping[str, str]): Other names on the server: `Service/Method` by public name, or names
            of services by the documented ones. Default: none.
        hooks (Sequence[Hook]): Functions that observe each call, see `CallObserver`. For attempts only, use
            `attempt_hook(function)`. Default: none.
        headers (Mapping[str, SecretLike]): More headers for each request, for example for a gateway. A copy
            keeps those of its original. Default: none.
    """

    deadline: float | None
    attempt_timeout: float | None
    queue_timeout: float | None
    retries: int | RetryPolicy
    concurrency: int
    rate: float | SharedRateLike | None
    max_response_bytes: int
    wire_names: Mapping[str, str]
    hooks: Sequence[Hook]
    headers: Mapping[str, SecretLike]


_SECONDS: Final = "a number of seconds above 0, or None for no limit"


_RATE: Final = above_zero(
    "a number of attempts a second, above 0, a SharedRate(path, per_second), or None for no limit"
)


def _check_rate(options: object, option: attrs.Attribute[Any], value: object) -> None:
    if not is_shared_rate(value):
        _RATE(options, option, value)


def _to_tuple(hooks: Any) -> tuple[Any, ...]:
    single: tuple[Any, ...] = (hooks,)
    if isinstance(hooks, str | bytes | Mapping):
        return single
    try:
        return tuple(hooks)
    except TypeError:  # a single function, or a value that the validator refuses
        return single


_FUNCTIONS: Final = must_be(
    "a list of functions that take a Call (for attempts: attempt_hook(function))",
    lambda hooks: all(map(callable, hooks)),
)


@attrs.frozen(kw_only=True)
class Options:
    """Validated options for all calls of a client."""

    deadline: float = attrs.field(default=120.0, validator=above_zero(_SECONDS))
    """Seconds for a call with all its attempts and waits."""
    attempt_timeout: float = attrs.field(default=30.0, validator=above_zero(_SECONDS))
    """Seconds for one attempt, from sending its first byte to receiving its last byte."""
    queue_timeout: float = attrs.field(default=NO_LIMIT, validator=above_zero(_SECONDS))
    """Seconds to wait for the first turn: for other calls, the rate or a pause."""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    concurrency: int = attrs.field(default=64, validator=whole_number(least=1))
    """Maximum number of attempts at a time; reads and other calls have separate limits."""
    rate: float | SharedRateLike = attrs.field(default=NO_LIMIT, validator=_check_rate)
    """Maximum number of attempts that start within a second, or a rate that processes share."""
    max_response_bytes: int = attrs.field(default=MAX_RESPONSE_BYTES, validator=whole_number(least=1))
    """Maximum size of a response body in bytes, after decompression."""
    wire_names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """`Service/Method` by public name, and names of services by the documented ones."""
    hooks: tuple[Hook, ...] = attrs.field(default=(), converter=_to_tuple, validator=_FUNCTIONS)
    """Hooks that observe each call."""
    headers: Mapping[str, Secret] = attrs.field(factory=dict[str, Secret], repr=False)
    """Headers of the caller, with valid names and values."""
    clock: Clock = CLOCK
    """Clock for deadlines and for waits between attempts. Tests replace it to avoid waiting."""

    def wire_name(self, operation: Operation[Any, Any]) -> str:
        """Return service and method of *operation*, as the server names them."""
        name = self.wire_names.get(operation.name) or self.wire_names.get(operation.form_of or "")
        if name is not None or operation.name == operation.wire_name:  # a call by its wire name
            return name or operation.wire_name
        return f"{self.wire_names.get(operation.service, operation.service)}/{operation.method}"

    def changed(self, changes: ClientOptions, operations: Mapping[str, Operation[Any, Any]]) -> Options:
        """
        Return a copy with *changes*.

        Args:
            changes: Options of the caller; `None` means no limit.
            operations: All operations by public name.

        Raises:
            ConfigurationError: An option has an invalid value.
        """
        options: dict[str, Any] = {
            name: NO_LIMIT if value is None else plain_scalar(value) for name, value in changes.items()
        }
        retries = options.pop("retries", None)
        if isinstance(retries, RetryPolicy):
            options["retry"] = retries
        elif retries is not None:
            options["retry"] = attrs.evolve(self.retry, retries=retries)
        if "wire_names" in options:
            _check_wire_names(options["wire_names"], operations)
            options["wire_names"] = {**self.wire_names, **options["wire_names"]}
        if "headers" in options:
            from etelecom_async._core import headers  # few clients need it

            options["headers"] = headers.merged(self.headers, options["headers"])
        return attrs.evolve(self, **options) if options else self


# An unknown name may be a key in the wrong place. Keys have digits or are longer.
_SHOWN_NAME: Final = r"(?a)[a-z_]{1,20}(?:\.[a-z_]{1,20})*"


def _check_wire_names(names: object, operations: Mapping[str, Operation[Any, Any]]) -> None:
    """Raise an error that shows no value, and no name that may be a key."""
    if not isinstance(names, Mapping):
        message = f"wire_names takes a mapping of public names to 'Service/Method', not {kind_of(names)}."
        raise ConfigurationError(message)
    services = {operation.service for operation in operations.values()}
    unknown: list[str] = []
    for name, wire_name in cast("Mapping[object, object]", names).items():
        if name in operations:
            if not (isinstance(wire_name, str) and is_wire_name(wire_name)):
                message = f"wire_names[{name!r}] must have the form 'Service/Method'."
                raise ConfigurationError(message)
        elif name in services:
            if not (isinstance(wire_name, str) and is_service_name(wire_name)):
                message = f"wire_names[{name!r}] must be the name of a service, without a method."
                raise ConfigurationError(message)
        else:
            is_shown = isinstance(name, str) and re.fullmatch(_SHOWN_NAME, name, re.IGNORECASE)
            unknown.append(str(name) if is_shown else "one that is not shown")
    if unknown:
        message = f"wire_names contains unknown operations: {', '.join(sorted(unknown))}."
        raise ConfigurationError(message)


class _DocWithOptions:
    """The docstring of a class with a list of options. It is put together only when it is read."""

    def __init__(self, doc: str | None, known: Sequence[Any]) -> None:
        self._doc = doc
        self._known = known

    def __get__(self, instance: object, owner: object) -> str | None:
        if not self._doc:  # there are no docstrings with `python -OO`
            return None
        docs = (inspect.cleandoc(options.__doc__ or "") for options in self._known)
        lines = (doc.partition("Attributes:\n")[2].rstrip() for doc in docs)
        return "\n".join((inspect.cleandoc(self._doc), "", "Options:", *lines))


def lists_options(*known: Any) -> Callable[[KindT], KindT]:
    """
    Return a decorator that appends a list of options to the docstring of a class.

    Args:
        *known: Typed dicts of the options. The last section of their docstrings is `Attributes`.
    """

    def decorate(kind: KindT) -> KindT:
        kind.__doc__ = cast("Any", _DocWithOptions(kind.__doc__, known))
        return kind

    return decorate


def check_given(given: Mapping[str, object], known: type[Any]) -> None:
    """
    Raise an error if *given* has an unknown option, or `None` for an option without a limit.

    Args:
        given: Options of the caller.
        known: Typed dict of the known options.

    Raises:
        TypeError: A name is unknown, for example because it is misspelled.
        ConfigurationError: An option is `None`, and `None` does not mean "no limit" for it.
    """
    names: Mapping[str, object] = known.__annotations__
    for name, value in given.items():
        if name not in names:
            message = f"unexpected keyword argument {quoted_name(name)}; known are {', '.join(names)}"
            raise TypeError(message)
        if value is None and name not in _LIMITS:
            message = (
                f"{name} is None: omit it for the default. "
                f"None means no limit, and only for {', '.join(_LIMITS)}."
            )
            raise ConfigurationError(message)
