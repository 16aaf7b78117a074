"""The functions that a user registers for events, and how they are called."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, cast

EventT = TypeVar("EventT")

Handler: TypeAlias = Callable[[EventT], Awaitable[None] | None]
"""
Handles an event.

A coroutine function runs in the event loop. Any other function runs in a thread, so it may block.
"""


class HandlerCancelledError(Exception):
    """Something that a handler awaited was cancelled, and the handler was not."""


class HandlerExitedError(Exception):
    """A handler raised an error that would end the work on all later events, for example `SystemExit`."""


async def call(handler: Callable[[Any], object], argument: object) -> None:
    """
    Call a handler with its argument.

    Raises:
        Exception: The handler raised it.
    """
    with contained():
        if _is_coroutine_function(handler):
            result = handler(argument)
        else:
            result = await asyncio.to_thread(_call_in_thread, handler, argument)
        if inspect.isawaitable(result):
            await cast("Awaitable[object]", result)


@contextmanager
def contained() -> Generator[None]:
    """
    Let the user's code in the block raise nothing that ends the task around it.

    The end of the task itself and Ctrl-C pass.

    Raises:
        Exception: The code raised it.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise HandlerCancelledError("the handler awaited something that was cancelled") from error
    except (Exception, GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise HandlerExitedError(f"the handler raised {type(error).__name__}") from error


def _call_in_thread(handler: Callable[[Any], object], argument: object) -> object:
    try:
        return handler(argument)
    except StopIteration as error:  # it cannot pass through a future: the caller would wait for ever
        raise RuntimeError("the handler raised StopIteration") from error


def _is_coroutine_function(function: object) -> bool:
    call_method = getattr(function, "__call__", None)  # noqa: B004 - it is read, not tested: an object may be callable
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call_method)
