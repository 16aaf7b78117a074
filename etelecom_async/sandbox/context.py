"""
The context and the response of a handler, and the registry of handlers by public name.

No operation is named here: handlers register themselves, and `app` looks them up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs

from etelecom_async._core.operation import KeyKind
from etelecom_async.sandbox.rules import DEFAULTS, Rules
from etelecom_async.sandbox.store.state import State


@attrs.frozen
class Caller:
    """The owner of the key of a request."""

    kind: KeyKind
    account_id: int
    """The partner's id for the partner's own key, otherwise the shop's id."""


@attrs.frozen(kw_only=True)
class Context:
    """The context of one call."""

    state: State
    caller: Caller
    now: datetime
    origin: str
    """Origin of the sandbox, as the caller wrote it, e.g. `http://127.0.0.1:8080`."""
    allow_duplicates: bool = False
    """Whether a number may be used again for another employee, extension or hotline."""
    strict: bool = False
    """Whether the documented form of a request is the only one; see `leniency`."""
    rules: Rules = DEFAULTS
    """The rules of this call that the documentation leaves open."""


@attrs.frozen(kw_only=True)
class ListResponse:
    """A page of a list; its items are JSON texts."""

    items: str
    """JSON name of the array."""
    docs: Sequence[str]
    paging: Mapping[str, Any] | None = None
    """`None` for an operation without pages."""


Response = Mapping[str, Any] | ListResponse
_HandlerT = TypeVar("_HandlerT", bound=Callable[..., Response])

HANDLERS: dict[str, Callable[[Context, Any], Response]] = {}
"""Handlers by public name; an operation without a handler gets the error `unimplemented`."""


def handles(name: str) -> Callable[[_HandlerT], _HandlerT]:
    """Register a function `(context, request) -> response` as the handler of an operation, by public name."""

    def register(handler: _HandlerT) -> _HandlerT:
        if name in HANDLERS:
            raise ValueError(f"{name} has a handler already")
        HANDLERS[name] = handler
        return handler

    return register
