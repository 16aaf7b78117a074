"""
Remove local variables from the tracebacks of exceptions that reach the caller.

A traceback keeps the frames of all functions that it passed. Each frame keeps its locals: keys, passwords and
request bodies. Tools such as rich, IPython and Sentry print them. This module clears the frames of the SDK
and of the libraries below it. The caller's own frames stay unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, TypeVar, cast

ArgsT = ParamSpec("ArgsT")
ResultT = TypeVar("ResultT")
ValueT = TypeVar("ValueT")
ErrorT = TypeVar("ErrorT", bound=BaseException)

_SDK: Final = __name__.partition(".")[0]
_INTERNAL: Final = frozenset(
    {
        _SDK,
        "aiohttp",
        "asyncio",
        "attr",
        "cattrs",
        "contextlib",
        "multidict",
        "segno",
        "ssl",
        "tenacity",
        "yarl",
    }
)
"""Top-level modules whose frames hold requests, keys or copies of them."""


class Hidden(Generic[ValueT]):
    """
    A value that a frame can hold without showing it.

    A task may be cancelled before its first step. Its traceback then keeps the arguments of the coroutine,
    and no code of the coroutine runs. So the entry point of a call takes its request in this form.
    """

    __slots__ = ("value",)

    def __init__(self, value: ValueT) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<hidden>"


def cleaned(error: ErrorT) -> ErrorT:
    """
    Return *error* without the locals of internal frames, along its whole chain.

    Finished internal frames stay in the traceback without locals, so it still shows where the error occurred.
    Frames that are still running cannot be cleared, so they are removed. A context that `raise ... from`
    suppresses is removed too.
    """
    for link in _chain(error):
        if link.__suppress_context__:
            link.__context__ = None
        link.__traceback__ = _cleared(link.__traceback__)
    return error


def boundary(function: Callable[ArgsT, ResultT]) -> Callable[ArgsT, ResultT]:
    """Return *function* with its exceptions cleaned; for constructors and other synchronous functions."""

    @functools.wraps(function)
    def guarded(*args: ArgsT.args, **kwargs: ArgsT.kwargs) -> ResultT:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs  # this frame is still running
            cleaned(error)
            raise

    return guarded


def guarded_init(kind: type[ValueT]) -> type[ValueT]:
    """Apply `boundary` to the constructor of *kind*; for classes whose constructor attrs generates."""
    initialized: Any = kind
    initialized.__init__ = boundary(initialized.__init__)
    return kind


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error*, its causes and contexts, and the members of groups, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        waiting += [link.__cause__, None if link.__suppress_context__ else link.__context__]
        if isinstance(link, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", link).exceptions
        yield link


def _cleared(trace: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while trace is not None:
        if _clear(trace):
            kept.append(trace)
        trace = trace.tb_next
    result: TracebackType | None = None
    for each in reversed(kept):
        result = TracebackType(result, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return result


def _clear(trace: TracebackType) -> bool:
    """Clear the frame if it is internal; return whether it may stay in the traceback."""
    frame = trace.tb_frame
    if not _is_internal(frame.f_globals.get("__name__", "")):
        return True
    try:
        frame.clear()
    except RuntimeError:
        return False
    return True


@functools.lru_cache
def _is_internal(module: str) -> bool:
    return module.partition(".")[0] in _INTERNAL
