"""
Show progress and waits in notebooks and terminals, with tqdm.

    shop = ShopClient(hooks=[notebook.waits()])
    async for call in notebook.progress(shop.call_logs.list()):
        ...

It needs the extra `notebook`. In Jupyter, tqdm draws widgets if ipywidgets is installed, and text otherwise.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import AsyncIterable, AsyncIterator
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from etelecom_async._core.hooks import Call, CallEnd, CallObserver, Hook
from etelecom_async.bulk.events import Ended, Event, Waiting
from etelecom_async.errors import Attempt

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it recommends ipywidgets, which nobody needs for bars of text
    from tqdm.auto import tqdm  # type: ignore[import-untyped]  # its types are in another package

ItemT = TypeVar("ItemT")

SHORTEST_WAIT: Final = 1.0
"""Seconds; shorter waits are not shown."""
_REASONS: Final = {
    "throttled": "rate limited by the server",
    "never_sent": "no connection",
    "server_fault": "the server failed",
    "response_lost": "no response",
}
"""Why a retry follows, by the outcome of the attempt."""


def progress(
    items: AsyncIterable[ItemT], *, total: int | None = None, desc: str | None = None
) -> Progress[ItemT]:
    """
    Return an async iterator over *items* that shows how many have come.

    The bar appears with the first item, and ends with the loop, however the loop ends.

    Args:
        items: A list of the SDK, the run of a job, or any other async iterable.
        total: Number of items, if you know it. Then the bar shows the part that is done.
        desc: A text before the bar.
    """
    return Progress(items, total, desc)


def events(*, total: int | None = None, desc: str | None = None) -> EventBar:
    """
    Return a bar for the events of a job: give it to `bulk.run` or `provisioning.apply` as `on_event`.

    It counts the steps that end, and shows the waits of the job beside the bar. Use it in a `with` block,
    which ends the bar.

    Args:
        total: Number of steps, if you know it.
        desc: A text before the bar.
    """
    return EventBar(total, desc)


def waits(*, at_least: float = SHORTEST_WAIT) -> Hook:
    """
    Return a hook that shows the waits before retries, for example `waiting 12 s: rate limited by the server`.

    The line is replaced by the next one, and disappears when no call waits any more.

    Args:
        at_least: Seconds; shorter waits are not shown.
    """
    line = _Line()

    def observe(call: Call) -> CallObserver:
        return _Waits(line, call.operation, at_least)

    return observe


class Progress(Generic[ItemT]):
    """The items of an async iterable, with a bar; see `progress`."""

    def __init__(self, items: AsyncIterable[ItemT], total: int | None, desc: str | None) -> None:
        self._items: AsyncIterator[ItemT] = aiter(items)
        self._bar = _Bar(total, desc)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        try:
            item = await anext(self._items)
        except BaseException:  # also the end of the items, and a cancelled cell
            self.close()
            raise
        self._bar.advance()
        return item

    def close(self) -> None:
        """End the bar. A loop does this by itself, unless a variable keeps the iterator after a `break`."""
        self._bar.close()

    def __del__(self) -> None:
        # The loop drops its iterator when it is left by `break`, `return` or an error of its body.
        if bar := getattr(self, "_bar", None):
            bar.close()


class EventBar:
    """A bar for the events of a job; see `events`."""

    def __init__(self, total: int | None, desc: str | None) -> None:
        self._bar = _Bar(total, desc)

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Ended):
            self._bar.advance()
        elif isinstance(event, Waiting):  # pyright: ignore[reportUnnecessaryIsInstance] - later events are ignored
            self._bar.note(_wait_text(event.seconds, event.reason))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the bar."""
        self._bar.close()


class _Tqdm(Protocol):
    """The part of a tqdm bar that this module uses."""

    def update(self, n: int = 1) -> object: ...

    def set_description_str(self, desc: str | None = None, refresh: bool = True) -> object: ...  # noqa: FBT001, FBT002 - the signature of tqdm

    def set_postfix_str(self, s: str = "", refresh: bool = True) -> object: ...  # noqa: FBT001, FBT002 - as above

    def close(self) -> object: ...


def _tqdm(**options: Any) -> _Tqdm:
    bar: _Tqdm = tqdm(**options)
    return bar


class _Bar:
    """A bar of tqdm that appears with its first change, so that nothing is shown for nothing."""

    def __init__(self, total: int | None, desc: str | None) -> None:
        self._total = total
        self._desc = desc
        self._bar: _Tqdm | None = None
        self._has_note = False

    def advance(self) -> None:
        bar = self._shown()
        if self._has_note:
            self._has_note = False
            bar.set_postfix_str("")
        bar.update()

    def note(self, text: str) -> None:
        self._has_note = True
        self._shown().set_postfix_str(text)

    def _shown(self) -> _Tqdm:
        if self._bar is None:
            self._bar = _tqdm(total=self._total, desc=self._desc)
        return self._bar

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class _Line:
    """One line for all calls that wait. It shows the wait that started last."""

    def __init__(self) -> None:
        self._texts: dict[object, str] = {}
        self._bar: _Tqdm | None = None

    def put(self, waiting: object, text: str) -> None:
        self._texts[waiting] = text
        self._show()

    def drop(self, waiting: object) -> None:
        if self._texts.pop(waiting, None) is not None:
            self._show()

    def _show(self) -> None:
        if not self._texts:
            if self._bar is not None:
                self._bar.close()
                self._bar = None
            return
        *others, last = self._texts.values()
        text = f"{last} ({len(others) + 1} calls)" if others else last
        if self._bar is None:
            self._bar = _tqdm(desc=text, bar_format="{desc}", leave=False)
        else:
            self._bar.set_description_str(text)


class _Waits(CallObserver):
    """Shows the waits of one call."""

    def __init__(self, line: _Line, operation: str, at_least: float) -> None:
        self._line = line
        self._operation = operation
        self._at_least = at_least

    def attempt_started(self, number: int) -> None:  # noqa: ARG002 - the signature of the base
        self._line.drop(self)

    def attempt_ended(self, attempt: Attempt) -> None:
        if attempt.wait is not None and attempt.wait >= self._at_least:
            reason = _REASONS.get(attempt.outcome, attempt.outcome)
            self._line.put(self, f"{_wait_text(attempt.wait, reason)}, {self._operation}")

    def call_ended(self, end: CallEnd) -> None:  # noqa: ARG002 - as above
        self._line.drop(self)


def _wait_text(seconds: float, reason: str) -> str:
    return f"waiting {math.ceil(seconds)} s: {reason}"
