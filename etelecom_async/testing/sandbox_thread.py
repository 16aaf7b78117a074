"""A sandbox in a thread of its own, for tests with any event loop, or without one."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar, Unpack, cast

from etelecom_async.sandbox import Fault, Requests, Sandbox, View
from etelecom_async.sandbox.faults import FaultInjector
from etelecom_async.sandbox.records.namespaces import Records
from etelecom_async.sandbox.server import SandboxOptions
from etelecom_async.sandbox.views import ViewFaults

ValueT = TypeVar("ValueT")
_LIVE: Final = (FaultInjector, Records, Requests, View, ViewFaults)
"""Objects that read or change the state of the sandbox when they are used."""
_OF_THE_WITH: Final = ("start", "stop")


class ThreadOptions(SandboxOptions, total=False):
    """The options of `Sandbox`."""

    port: int
    host: str
    allow_remote: bool
    allow_hosts: Sequence[str]
    data: str | Path | None
    sms_whitelist: Sequence[str] | None
    content: str | Path | Mapping[str, Any] | None
    faults: Iterable[Fault]
    allow_duplicates: bool
    strict: bool
    sms_webhook: str | None
    allow_remote_webhooks: bool


class SandboxThread:
    """
    A sandbox that runs in a thread of its own, inside of a `with`.

        with SandboxThread(call_logs=100) as service:
            response = requests.post(f"{service.base_url}/shop.Etelecom/GetExtensions", ...)

    The `with` gives the sandbox. Its attributes and methods work as usual, from any thread: they run between
    two requests. `await service.deliver()` works in any event loop. Only `start` and `stop` do not work: the
    `with` does that.

    Args:
        **options: Options of `sandbox`.
    """

    def __init__(self, **options: Unpack[ThreadOptions]) -> None:
        self._sandbox: Final = Sandbox(**options)
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Sandbox:
        if self._thread is not None:
            raise RuntimeError("this SandboxThread is in use already; create another one")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._sandbox.start(), self._loop).result()
        except BaseException:
            self._end()
            raise
        return cast("Sandbox", _Remote(self._sandbox, self._run, self._wait_for))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._sandbox.stop(), self._loop).result()
        finally:
            self._end()

    def _end(self) -> None:
        async def finish() -> None:
            # A start that Ctrl-C interrupted, or a `deliver` that another thread still awaits.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await self._loop.shutdown_asyncgens()
            await self._loop.shutdown_default_executor()

        asyncio.run_coroutine_threadsafe(finish(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        thread, self._thread = self._thread, None
        assert thread is not None  # noqa: S101 - it was started before
        thread.join()
        self._loop.close()

    def _run(self, function: Callable[[], ValueT]) -> ValueT:
        """Return the result of a function that runs in the thread of the sandbox, as long as there is one."""
        if self._thread in (None, threading.current_thread()):
            return function()

        async def call() -> ValueT:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    async def _wait_for(self, coroutine: Coroutine[Any, Any, ValueT]) -> ValueT:
        """Return the result of a coroutine of the sandbox, which runs in the sandbox's event loop."""
        if self._thread is None:
            return await coroutine
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))


class _Remote:
    """An object of the sandbox, used in the sandbox's thread."""

    __slots__ = ("_kind", "_run", "_target", "_wait_for")

    def __init__(
        self,
        target: Any,
        run: Callable[[Callable[[], Any]], Any],
        wait_for: Callable[[Coroutine[Any, Any, Any]], Coroutine[Any, Any, Any]],
    ) -> None:
        self._kind: type[Any] = type(target)
        self._target: Any = target
        self._run = run
        self._wait_for = wait_for

    def __getattr__(self, name: str) -> Any:
        if name in _OF_THE_WITH and self._kind is Sandbox:
            raise RuntimeError(
                f"{name} does not work here: the `with`, or the fixture, starts and stops the sandbox"
            )
        return self._wrapped(self._run(lambda: getattr(self._target, name)))

    def _wrapped(self, value: Any) -> Any:
        if isinstance(value, _LIVE):
            return _Remote(value, self._run, self._wait_for)
        if inspect.iscoroutinefunction(value):
            return partial(self._await, value)
        if inspect.ismethod(value):
            return partial(self._call, value)
        return value

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._wrapped(self._run(lambda: method(*args, **kwargs)))

    async def _await(self, method: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any) -> Any:
        return self._wrapped(await self._wait_for(method(*args, **kwargs)))

    @property  # type: ignore[misc]  # only a read, for `isinstance`
    def __class__(self) -> type[Any]:  # pyright: ignore[reportIncompatibleMethodOverride] - only a read
        return self._kind

    def __bool__(self) -> bool:
        return self._run(lambda: bool(self._target)) is True

    def __len__(self) -> int:
        return cast("int", self._run(lambda: len(self._target)))

    def __iter__(self) -> Any:
        return iter(self._run(lambda: list(self._target)))

    def __getitem__(self, index: Any) -> Any:
        return self._run(lambda: self._target[index])

    def __repr__(self) -> str:
        return cast("str", self._run(lambda: repr(self._target)))
