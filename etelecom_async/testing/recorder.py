"""Record real exchanges in a file, and replay them without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import attrs

from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.clock import CLOCK
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES, Transport
from etelecom_async.errors import ConnectError, EtelecomError, ResponseLostError
from etelecom_async.testing.diversion import Diversion
from etelecom_async.testing.driven_clock import DrivenClock
from etelecom_async.testing.exchanges import (
    NEVER_SENT,
    RESPONSE_LOST,
    Exchange,
    difference,
    json_of,
    read,
    write,
)
from etelecom_async.testing.masks import Masks, with_unique_id
from etelecom_async.testing.responder import RespondingTransport
from etelecom_async.testing.script import body_of
from etelecom_async.testing.script_errors import ScriptError

Mode = Literal["auto", "record", "replay"]
_MODES: Final = ("auto", "record", "replay")
_HEADERS: Final = ("Content-Type", "Location", "Retry-After")
_JSON: Final = {"Content-Type": "application/json"}


class Recorder(Diversion):
    """
    Records what clients exchange with a server, and replays it in later runs.

    A replay needs no server and takes no time. Keys, secrets, phone numbers, data of templates and URLs of
    recordings are masked before anything is written. So a replay returns masked results, and does not notice
    another secret in a request. It refuses any other request, and shows the difference.

        with Recorder("tests/recordings/orders.json"):
            await my_code()

    Args:
        path: The file.
        mode: `record` writes the file again, and `replay` needs it. `auto` replays the file if it exists, and
            otherwise records it.
        mask: Names of more fields whose values are masked, for example `("full_name",)`.

    Raises:
        ValueError: There is no such mode.
    """

    def __init__(self, path: str | Path, *, mode: Mode = "auto", mask: Iterable[str] = ()) -> None:
        super().__init__()
        if mode not in _MODES:
            raise ValueError(f"mode is {mode!r}, not one of {', '.join(_MODES)}")
        if isinstance(mask, str):
            raise ValueError("mask takes several names, for example mask=('full_name',)")  # noqa: TRY004 - each wrong argument of a recorder is a ValueError
        self._path: Final = Path(path)
        self._mode: Final = mode
        self._names: Final = frozenset(mask)
        self.clock: Final = DrivenClock()
        """The clock of the clients in a replay, unless they follow a `DrivenClock` of the test."""
        self._is_replay = False
        self._exchanges: list[Exchange] = []
        self._refused: list[str] = []

    @property
    def is_replay(self) -> bool:
        """Return whether the responses come from the file."""
        return self._is_replay

    def __enter__(self) -> Self:
        self._is_replay = self._mode == "replay" or (self._mode == "auto" and self._path.exists())
        self._exchanges = read(self._path) if self._is_replay else []
        self._refused.clear()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is not None:
            return  # an incomplete recording would replace a complete one
        if not self._is_replay:
            write(self._path, [exchange for exchange in self._exchanges if exchange.is_complete])
            return
        problems = [f"{name} was refused" for name in self._refused]
        problems += [f"{exchange.operation} was not called" for exchange in self._exchanges]
        if problems:
            raise ScriptError(f"the calls differ from {self._path}: {', '.join(problems)}")

    def changed(self, engine: Engine) -> Engine:
        """Return *engine* with a transport that records or replays."""
        if self._is_replay:
            # The clock of the test stays, so its assertions hold in a recording and in a replay.
            driven = self.clock.changed(engine) if engine.options.clock is CLOCK else engine
            return attrs.evolve(driven, transport=RespondingTransport(self._replay))
        return attrs.evolve(engine, transport=_RecordingTransport(engine.transport, self._record))

    async def _record(
        self, request: HttpRequest, send: Callable[[], Awaitable[HttpResponse]]
    ) -> HttpResponse:
        if not self._is_active:  # the client was made inside of the `with`, and is used after it
            return await send()
        masks, exchange = self._exchange(request)
        self._exchanges.append(exchange)  # in the order of the requests
        try:
            response = await send()
        except ConnectError as error:
            exchange.failure, exchange.message = NEVER_SENT, masks.failure(error.message)
            raise
        except ResponseLostError as error:
            exchange.failure, exchange.message = RESPONSE_LOST, masks.failure(error.message)
            raise
        content = json_of(response.body)
        if content is None:
            exchange.text = masks.text(response.body.decode(errors="replace"))
        else:
            exchange.response = masks.apply(content)
        headers = ((name, response.headers.get(name)) for name in _HEADERS)
        exchange.headers = {name: masks.text(text) for name, text in headers if text is not None}
        if content is not None and exchange.headers.get("Content-Type", "").startswith("application/json"):
            del exchange.headers["Content-Type"]
        exchange.status = response.status
        return response

    def _exchange(self, request: HttpRequest) -> tuple[Masks, Exchange]:
        body = body_of(request)
        masks = Masks.of(request, body, self._names)
        return masks, Exchange(operation=request.operation, request=masks.apply(body))

    async def _replay(self, request: HttpRequest, _: float) -> HttpResponse:
        await asyncio.sleep(0)  # as over a connection, other tasks run meanwhile
        masks, asked = self._exchange(request)
        exchange = self._take(asked)
        if exchange.failure is not None:
            raise _failure(exchange)
        headers = exchange.headers if exchange.response is None else {**_JSON, **exchange.headers}
        return HttpResponse(exchange.status or 0, headers, _body(exchange, masks))

    def _take(self, asked: Exchange) -> Exchange:
        """Return the first exchange of this request that is not used yet."""
        of_operation = [exchange for exchange in self._exchanges if exchange.operation == asked.operation]
        for exchange in of_operation:
            if exchange.request == asked.request:
                # By identity: equal exchanges are others.
                self._exchanges = [other for other in self._exchanges if other is not exchange]
                return exchange
        self._refused.append(asked.operation)
        if of_operation:
            shown = difference(of_operation[0], asked.request)
            raise ScriptError(f"{asked.operation} differs from {self._path}; record it again?\n{shown}")
        left = ", ".join(dict.fromkeys(exchange.operation for exchange in self._exchanges)) or "nothing"
        raise ScriptError(
            f"{self._path} has no more {asked.operation}; it has left: {left}. Record it again?"
        )


class _RecordingTransport(Transport):
    """Sends through another transport, and shows each exchange to a recorder."""

    def __init__(
        self,
        inner: Transport,
        record: Callable[[HttpRequest, Callable[[], Awaitable[HttpResponse]]], Awaitable[HttpResponse]],
    ) -> None:
        super().__init__()
        self._inner = inner
        self._record = record

    @property
    def connections_reused(self) -> int | None:
        return self._inner.connections_reused

    async def send(
        self, request: HttpRequest, seconds: float, most_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResponse:
        return await self._record(request, lambda: self._inner.send(request, seconds, most_bytes))

    def proxy_secrets(self, url: str) -> Iterable[str]:
        return self._inner.proxy_secrets(url)

    def loops(self) -> list[asyncio.AbstractEventLoop]:
        return self._inner.loops()

    async def close(self) -> None:
        await self._inner.close()


def _failure(exchange: Exchange) -> EtelecomError:
    kind = ConnectError if exchange.failure == NEVER_SENT else ResponseLostError
    return kind(exchange.message)


def _body(exchange: Exchange, masks: Masks) -> bytes:
    if exchange.response is None:
        return (exchange.text or "").encode()
    content: Any = with_unique_id(exchange.response, masks.unique_id)
    return json.dumps(content, ensure_ascii=False).encode()
