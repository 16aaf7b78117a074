"""
What a handler gets and gives, and the list of handlers by public name.

The room knows no operation: handlers enter themselves here, `app` takes them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs

from etelecom_async._core.operation import KeyKind
from etelecom_async.sandbox.state import State


@attrs.frozen
class Caller:
    """Whose key came with a request."""

    kind: KeyKind
    account_id: int
    """The partner's id for the partner's own key, the shop's id for both keys of a shop."""


@attrs.frozen(kw_only=True)
class Call:
    """One call, as a handler sees it."""

    state: State
    caller: Caller
    now: datetime
    origin: str
    """Where the sandbox listens, as the caller wrote it: `http://127.0.0.1:8080`."""


@attrs.frozen(kw_only=True)
class ListResponse:
    """A page of a list, whose items are JSON already."""

    items: str
    """JSON name of the array."""
    docs: Sequence[str]
    paging: Mapping[str, Any] | None = None
    """`None` where the operation does not page."""


Response = Mapping[str, Any] | ListResponse
_HandlerT = TypeVar("_HandlerT", bound=Callable[..., Response])

HANDLERS: dict[str, Callable[[Call, Any], Response]] = {}
"""By public name; an operation that is not here is answered with `unimplemented`."""


def handles(name: str) -> Callable[[_HandlerT], _HandlerT]:
    """Enter a function `(call, request) -> answer` as the handler of the operation with this public name."""

    def enter(handler: _HandlerT) -> _HandlerT:
        if name in HANDLERS:
            raise ValueError(f"{name} has a handler already")
        HANDLERS[name] = handler
        return handler

    return enter
