"""The functions that a user registers for events, and how they are called."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar, cast

EventT = TypeVar("EventT")

Handler: TypeAlias = Callable[[EventT], Awaitable[None] | None]
"""
Handles an event.

A coroutine function runs in the event loop. Any other function runs in a thread, so it may block.
"""


class HandlerCancelledError(Exception):
    """Something that a handler awaited was cancelled, and the handler was not."""


async def call(handler: Callable[[Any], object], argument: object) -> None:
    """
    Call a handler with its argument.

    Raises:
        Exception: The handler raised it.
    """
    try:
        if _is_coroutine_function(handler):
            result = handler(argument)
        else:
            result = await asyncio.to_thread(handler, argument)
        if inspect.isawaitable(result):
            await cast("Awaitable[object]", result)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise HandlerCancelledError("the handler awaited something that was cancelled") from error


def _is_coroutine_function(function: object) -> bool:
    call_method = getattr(function, "__call__", None)  # noqa: B004 - it is read, not tested: an object may be callable
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call_method)
