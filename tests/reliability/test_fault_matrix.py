"""
What every fault of the sandbox does to every kind of call.

`FAULTS` says what is to be seen; docs/reliability.md prints it, and `pytest -v` reads as it does.

The tests do not wait. They move the client's clock by its waits, and by the seconds that an attempt is to
take. They put the event loop's clock forward when the sandbox sends no response. The sandbox runs in a thread
of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import (
    Attempt,
    Effect,
    EtelecomError,
    NotAppliedError,
    PagingError,
    ShopClient,
    attempt_hook,
    errors,
)
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.policy import Failure, RetryPolicy
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.faults import Kind
from etelecom_async.sandbox.faults.connection import ConnectionFaults
from etelecom_async.testing import Fault, sandbox
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from etelecom_async.testing import Sandbox
    from tests.conftest import LoopClock, Waits

PAGE = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")

CALLS = {
    Effect.READ: "shop.extensions.list",
    Effect.IDEMPOTENT: "shop.extensions.assign",
    Effect.DELETE: "webhooks.delete",
    Effect.CREATE: "shop.extensions.create",
    Effect.SEND: "shop.zns.messages.send",
}

YES, NO = "yes", "no"
UNKNOWN = "OutcomeUnknownError"
THROTTLED = ("again, then ResourceExhaustedError",) * 3
LOST = ("again, then ResponseLostError", f"again, then {UNKNOWN}", UNKNOWN)
GARBLED = ("again, then MalformedResponseError", f"again, then {UNKNOWN}", UNKNOWN)


def gateway(error: str) -> tuple[str, str, str]:
    """Cells of a lost response in whose place another one came."""
    return f"again, then {error}", f"again, then {UNKNOWN}", UNKNOWN


def doubted(error: str) -> tuple[str, str, str]:
    """Return the cells of a response that proves nothing, and that no retry makes better."""
    return error, f"{error} ?", f"{error} ?"


def failed(error: str) -> tuple[str, str, str]:
    """Cells of a server that failed at an unknown point; `?` says that it may have been done."""
    return f"again, then {error}", f"again, then {error} ?", f"{error} ?"


# Fault; was it done; what the record calls it; what becomes of READ, of IDEMPOTENT and DELETE, of CREATE and
# SEND: "ok", or the error at once, or "again", and the error when each attempt fails. `?` is
# `may_have_happened`.
FAULTS: dict[str, tuple[dict[str, Any] | None, str, str, tuple[str, str, str]]] = {
    "nobody listens": (None, NO, "never_sent", ("again, then ConnectError",) * 3),
    "reset_before": ({"kind": "reset_before"}, NO, "response_lost", LOST),
    "reset_after": ({"kind": "reset_after"}, YES, "response_lost", LOST),
    "half_body": ({"kind": "half_body"}, YES, "response_lost", LOST),
    "execute_late": ({"kind": "execute_late"}, YES, "response_lost", LOST),
    "stall_header": ({"kind": "stall_header"}, YES, "response_lost", LOST),
    "stall_header, not processed": ({"kind": "stall_header", "processed": False}, NO, "response_lost", LOST),
    "stall_body": ({"kind": "stall_body"}, YES, "response_lost", LOST),
    "slow": ({"kind": "slow", "piece_bytes": 200, "pause_seconds": 0.001}, YES, "ok", ("ok", "ok", "ok")),
    "wrong_length, 1 too few": (
        {"kind": "wrong_length"},
        YES,
        "response_lost",
        # The rest of the response comes with it, or after it.
        ("again, then ResponseLostError or MalformedResponseError", f"again, then {UNKNOWN}", UNKNOWN),
    ),
    "wrong_length, 5 too many": ({"kind": "wrong_length", "off_by": 5}, YES, "response_lost", LOST),
    "gzip_garbage": ({"kind": "gzip_garbage"}, YES, "response_lost", LOST),
    "200, HTML": ({"status": 200, "body": "html"}, NO, "response_lost", GARBLED),
    "200, HTML, processed": (
        {"status": 200, "body": "html", "processed": True},
        YES,
        "response_lost",
        GARBLED,
    ),
    # A delete, and a result that only says `updated`, need no body.
    "200, nothing": ({"status": 200, "body": "none"}, NO, "response_lost", (GARBLED[0], "ok", GARBLED[2])),
    "204, nothing, processed": (
        {"status": 204, "body": "none", "processed": True},
        YES,
        "response_lost",
        (GARBLED[0], "ok", GARBLED[2]),
    ),
    "302, nothing": ({"status": 302, "body": "none"}, NO, "doubt", doubted("DecodeError")),
    "400, JSON": ({"status": 400}, NO, "rejected", ("InvalidArgumentError",) * 3),
    "401, JSON": ({"status": 401}, NO, "rejected", ("UnauthenticatedError",) * 3),
    "403, HTML": ({"status": 403, "body": "html"}, NO, "doubt", doubted("APIError")),
    "403, HTML, processed": (
        {"status": 403, "body": "html", "processed": True},
        YES,
        "doubt",
        doubted("APIError"),
    ),
    "404, HTML": ({"status": 404, "body": "html"}, NO, "rejected", ("APIError",) * 3),
    "internal, 400, processed": (
        {"status": 400, "code": "internal", "processed": True},
        YES,
        "server_fault",
        failed("InternalError"),
    ),
    "408, JSON": ({"status": 408}, NO, "server_fault", failed("DeadlineExceededError")),
    "409, JSON": ({"status": 409}, NO, "doubt", doubted("AbortedError")),
    "412, JSON": ({"status": 412}, NO, "rejected", ("FailedPreconditionError",) * 3),
    "429, JSON": ({"status": 429}, NO, "throttled", THROTTLED),
    "429, JSON, seconds": ({"status": 429, "retry_after": 7}, NO, "throttled", THROTTLED),
    "429, JSON, date": (
        {"status": 429, "retry_after": 7, "retry_after_as": "date"},
        NO,
        "throttled",
        THROTTLED,
    ),
    "429, JSON, junk": (
        {"status": 429, "retry_after": 7, "retry_after_as": "junk"},
        NO,
        "throttled",
        THROTTLED,
    ),
    "429, JSON, longer than the deadline": (
        {"status": 429, "retry_after": 3600},
        NO,
        "throttled",
        ("ResourceExhaustedError",) * 3,
    ),
    "429, HTML": ({"status": 429, "body": "html"}, NO, "throttled", THROTTLED),
    "429, nothing, seconds": ({"status": 429, "body": "none", "retry_after": 7}, NO, "throttled", THROTTLED),
    "resource_exhausted, 403": (
        {"status": 403, "code": "resource_exhausted"},
        NO,
        "throttled",
        THROTTLED,
    ),
    "500, JSON": ({"status": 500}, NO, "server_fault", failed("InternalError")),
    "500, unknown, processed": (
        {"status": 500, "code": "unknown", "processed": True},
        YES,
        "server_fault",
        failed("UnknownError"),
    ),
    "500, HTML": ({"status": 500, "body": "html"}, NO, "server_fault", failed("APIError")),
    "500, nothing": ({"status": 500, "body": "none"}, NO, "server_fault", failed("APIError")),
    "resource_exhausted, 500, processed": (
        {"status": 500, "code": "resource_exhausted", "processed": True},
        YES,
        "server_fault",
        failed("ResourceExhaustedError"),
    ),
    "501, JSON": ({"status": 501}, NO, "rejected", ("UnimplementedError",) * 3),
    "502, HTML": ({"status": 502, "body": "html"}, NO, "response_lost", gateway("APIError")),
    "502, nothing, seconds": (
        {"status": 502, "body": "none", "retry_after": 7},
        NO,
        "response_lost",
        gateway("APIError"),
    ),
    "503, JSON": ({"status": 503}, NO, "server_fault", failed("UnavailableError")),
    "503, JSON, seconds": (
        {"status": 503, "retry_after": 7},
        NO,
        "server_fault",
        failed("UnavailableError"),
    ),
    "503, JSON, date": (
        {"status": 503, "retry_after": 7, "retry_after_as": "date"},
        NO,
        "server_fault",
        failed("UnavailableError"),
    ),
    "503, JSON, junk": (
        {"status": 503, "retry_after": 7, "retry_after_as": "junk"},
        NO,
        "server_fault",
        failed("UnavailableError"),
    ),
    "503, HTML, seconds, processed": (
        {"status": 503, "body": "html", "retry_after": 7, "processed": True},
        YES,
        "server_fault",
        failed("APIError"),
    ),
    "503, nothing": ({"status": 503, "body": "none"}, NO, "server_fault", failed("APIError")),
    "504, JSON": ({"status": 504}, NO, "response_lost", gateway("DeadlineExceededError")),
    "504, HTML, processed": (
        {"status": 504, "body": "html", "processed": True},
        YES,
        "response_lost",
        gateway("APIError"),
    ),
    "520, HTML": ({"status": 520, "body": "html"}, NO, "server_fault", failed("APIError")),
    "521, HTML, processed": (
        {"status": 521, "body": "html", "processed": True},
        YES,
        "server_fault",
        failed("APIError"),
    ),
    "524, HTML, processed": (
        {"status": 524, "body": "html", "processed": True},
        YES,
        "response_lost",
        gateway("APIError"),
    ),
}
# A connection that is reset at once is found so while it is opened, or only when the request has left.
REFUSE = "as `nobody listens` or as `reset_before`"
# Of lists only, and so of reads: what becomes of a whole walk.
PAGES = {
    "duplicate_rows": "ok",
    "shift_rows": "ok",
    "repeat_cursor": "PagingError",
    "repeat_page": "PagingError",
    "blank_next": "ok",
}

# What a repeated call hears when the one that was lost had done it already.
ECHOES = {Effect.IDEMPOTENT: "NotAppliedError ?", Effect.DELETE: "NotFoundError ?"}
COLUMN = {Effect.READ: 0, Effect.IDEMPOTENT: 1, Effect.DELETE: 1, Effect.CREATE: 2, Effect.SEND: 2}
DEADLINE = 120.0
ATTEMPT_TIMEOUT = 30.0
SHORTEST_WAIT = 0.25


@attrs.frozen
class Cell:
    """One fault, one effect, and how often it strikes."""

    fault: str
    effect: Effect
    retries: int
    strikes: str
    attempt_seconds: float
    """What an attempt takes by the client's clock."""

    @property
    def expected(self) -> str:
        """What the table says."""
        return FAULTS[self.fault][3][COLUMN[self.effect]]

    @property
    def is_believed(self) -> bool:
        """Whether the fault itself looks like a success."""
        return self.expected == "ok"

    @property
    def is_repeated(self) -> bool:
        """Whether the call is made again."""
        return self.expected.startswith("again") and self.retries > 0 and self.has_time

    @property
    def has_time(self) -> bool:
        """Whether there is time left for the shortest wait."""
        return DEADLINE - self.attempt_seconds > SHORTEST_WAIT

    @property
    def recovers(self) -> bool:
        """Whether the call is retried, and succeeds then."""
        return self.is_repeated and self.strikes == "once"

    @property
    def attempts(self) -> int:
        """How many there are."""
        if not self.is_repeated:
            return 1
        return 2 if self.strikes == "once" else 1 + self.retries

    @property
    def outcome(self) -> str:
        """What the caller gets."""
        if not self.recovers:
            return self.expected.removeprefix("again, then ")
        return ECHOES.get(self.effect, "ok") if FAULTS[self.fault][1] == YES else "ok"

    @property
    def words(self) -> list[str]:
        """The record of the attempts."""
        word = FAULTS[self.fault][2]
        if self.recovers:
            return [word, "ok" if self.outcome == "ok" else "rejected"]
        if self.outcome == self.expected == "ok":
            return ["ok"]
        return [word] * self.attempts

    @property
    def arrived(self) -> int:
        """How many requests the server saw."""
        return 0 if self.fault == "nobody listens" else self.attempts

    @property
    def done(self) -> range:
        """How often it was done: at least, at most."""
        if FAULTS[self.fault][1] == NO:
            is_done = self.outcome == "ok" and not self.is_believed
            return range(int(is_done), int(is_done) + 1)
        # A second time there is nothing left to delete; to assign again changes nothing, but is done.
        most = 1 if self.effect is Effect.DELETE else self.arrived
        return range(most, most + 1)


def cells() -> Iterator[Any]:
    """All cells of the matrix."""
    for fault, effect in itertools.product(FAULTS, Effect):
        most, seconds = (1, ATTEMPT_TIMEOUT) if "stall" in fault else (3, 0.0)
        for retries, strikes, said, attempt_seconds in (
            (0, "once", "retries off", seconds),
            (most, "once", "retries on, strikes once", seconds),
            (most, "always", "retries on, strikes always", seconds),
            (most, "always", "retries on, no time left", DEADLINE - SHORTEST_WAIT),
        ):
            if strikes == "once" and retries and fault == "nobody listens":
                continue  # who does not listen cannot be told to begin
            cell = Cell(fault, effect, retries, strikes, attempt_seconds)
            if "too few" in fault and effect is Effect.DELETE and strikes == "always" and cell.has_time:
                continue  # there is nothing left to delete, and the second response, cut off, is still a 404
            yield pytest.param(
                cell, id=f"{fault} - {effect} - {said} - {cell.attempts} attempts, {cell.outcome}"
            )


class Bench:
    """A sandbox in another thread, and what the calls of the matrix need in it."""

    def __init__(self, service: Sandbox) -> None:
        self.service = service
        self.base_url = service.base_url
        self.numbers = itertools.count(2000)
        self.known: dict[str, Any] = {}

    def client(self, effect: Effect, **options: Any) -> ShopClient:
        """A client with the key that the operation wants."""
        key = self.service.shop_api_key if effect is Effect.DELETE else self.service.shop_key
        return ShopClient(key, base_url=self.base_url, **options)

    async def prepared(self, effect: Effect) -> dict[str, Any]:
        """The arguments of a call that would go well."""
        async with self.client(effect) as shop:
            return await self.arguments(effect, shop)

    async def arguments(self, effect: Effect, shop: ShopClient) -> dict[str, Any]:
        """The arguments of a call that would go well; the client prepares what the call needs."""
        if effect is Effect.IDEMPOTENT:
            if effect not in self.known:
                extension, user = (await shop.extensions.list(limit=1)), (await shop.users.list(limit=1))
                self.known[effect] = {
                    "extension_id": extension.items[0].id,
                    "user_id": user.items[0].user_id,
                }
            with suppress(NotAppliedError):
                await shop.extensions.unassign(extension_id=self.known[effect]["extension_id"])
            return dict(self.known[effect])
        if effect is Effect.DELETE:
            url = f"https://example.com/{next(self.numbers)}"
            hook = await shop.webhooks.create(url=url, entities=["call_log"])
            return {"id": hook.id}
        if effect is Effect.CREATE:
            if effect not in self.known:
                extension = await shop.extensions.list(limit=1)
                self.known[effect] = extension.items[0].hotline_id
            return {"hotline_id": self.known[effect], "extension_number": next(self.numbers)}
        if effect is Effect.SEND:
            if effect not in self.known:
                self.known[effect] = await self._otp(shop)
            return {**self.known[effect], "phone": "0901234560", "template_data": {"otp": "123456"}}
        return {}

    async def _otp(self, shop: ShopClient) -> dict[str, Any]:
        async for account in shop.zalo.accounts.list():
            async for template in shop.zns.templates.list(oa_id=account.oa_id):
                if (template.type, template.template_status) == ("otp", "ENABLE"):
                    return {"oa_id": account.oa_id, "template_id": template.template_id}
        raise AssertionError("the sandbox has no template for OTPs")


def method(shop: ShopClient, effect: Effect) -> Callable[..., Awaitable[Any]]:
    """The client's method for the operation of this effect."""
    found: Any = shop
    for name in CALLS[effect].removeprefix("shop.").split("."):
        found = getattr(found, name)
    return found


@pytest.fixture(scope="module")
def bench(other_thread: asyncio.AbstractEventLoop) -> Iterator[Bench]:
    """A sandbox that all cells use, one after the other."""
    service = sandbox(extensions=10)
    asyncio.run_coroutine_threadsafe(service.__aenter__(), other_thread).result()
    yield Bench(service)
    asyncio.run_coroutine_threadsafe(service.__aexit__(None, None, None), other_thread).result()


@pytest.fixture
def nobody() -> Iterator[str]:
    """The base URL of a port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


async def outcome(call: Awaitable[Any]) -> tuple[str, EtelecomError | None]:
    """How a call ends, as the table writes it, and its error."""
    try:
        await call
    except EtelecomError as error:
        name = type(error).__name__
        doubt = " ?" if error.may_have_happened and name != UNKNOWN else ""
        return f"{name}{doubt}", error
    return "ok", None


@pytest.fixture
def _stalls_take_no_time(loop_clock: LoopClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the time limit of an attempt pass as soon as the sandbox begins to keep it waiting."""
    wait = ConnectionFaults._wait

    async def pass_time(self: ConnectionFaults, request: Any, seconds: float | None = None) -> bool:
        if seconds is None:
            loop_clock.advance(ATTEMPT_TIMEOUT + 1)
        return await wait(self, request, seconds)

    monkeypatch.setattr(ConnectionFaults, "_wait", pass_time)


@pytest.mark.usefixtures("_stalls_take_no_time")
@pytest.mark.parametrize("cell", list(cells()))
async def test_matrix(bench: Bench, waits: Waits, nobody: str, cell: Cell) -> None:
    """A fault has one outcome for each effect; what makes a thing or reaches a person is never done twice."""
    arguments = await bench.prepared(cell.effect)
    service, name, told = bench.service, CALLS[cell.effect], list[Attempt]()
    details = FAULTS[cell.fault][0]
    before, began = (service.requests.counts.get(name, 0), service.processed.get(name, 0)), waits.at
    really_began = time.monotonic()

    options = {
        "retries": cell.retries,
        "deadline": DEADLINE,
        "attempt_timeout": ATTEMPT_TIMEOUT,
        "hooks": [attempt_hook(told.append)],
    }
    async with bench.client(cell.effect, **options) as shop:
        engine = shop._engine
        send = engine.transport.send

        async def take_time(*arguments: Any) -> Any:
            try:
                return await send(*arguments)
            finally:
                waits.at += cell.attempt_seconds

        engine.transport.send = take_time

        async def meanwhile() -> None:
            if "too few" in cell.fault:
                await rest_has_come(shop)

        waits.govern(shop, meanwhile)
        if details is None:
            engine._urls[name] = f"{nobody}.{OPERATIONS[name].wire_name}"
        else:
            times = 1 if cell.strikes == "once" else None
            service.faults.add(Fault(**{"kind": "status", "operation": name, "times": times, **details}))
        try:
            got, error = await outcome(method(shop, cell.effect)(**arguments))
        finally:
            service.faults.clear()

    assert got in cell.outcome.split(" or ")
    assert [attempt.outcome for attempt in told] == cell.words
    assert [attempt.number for attempt in told] == list(range(1, cell.attempts + 1))
    assert {attempt.operation for attempt in told} == {name}
    assert error is None or error.attempts == tuple(told)
    assert [attempt.wait for attempt in told] == [*waits, None]
    really_took = time.monotonic() - really_began
    for number, wait in enumerate(waits):
        low, high = asked_for(details or {}, really_took) or (
            SHORTEST_WAIT * 2**number,
            2 * SHORTEST_WAIT * 2**number,
        )
        assert low <= wait <= high
    assert waits.at - began <= DEADLINE
    assert service.requests.counts.get(name, 0) - before[0] == cell.arrived
    done = service.processed.get(name, 0) - before[1]
    assert done in cell.done
    assert done <= 1 or cell.effect in (Effect.READ, Effect.IDEMPOTENT)


async def rest_has_come(shop: ShopClient) -> None:
    """Returns when the bytes behind a response have come, on which its connection is closed."""
    connector = shop._engine.transport._open_session().connector
    assert connector is not None
    async with asyncio.timeout(PATIENCE):
        pools = connector._conns.values()
        while any(kept.is_connected() for idle in pools for kept, _ in idle):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.001)


def asked_for(details: dict[str, Any], really_took: float) -> tuple[float, float] | None:
    """The wait that the fault asks for: at least, at most; a date comes nearer while the test runs."""
    seconds = details.get("retry_after")
    if seconds is None or details.get("retry_after_as") == "junk":
        return None
    return (seconds - really_took, seconds + 2) if "retry_after_as" in details else (seconds, seconds)


@pytest.mark.parametrize("retries", [0, 3], ids=["retries off", "retries on"])
@pytest.mark.parametrize("effect", [pytest.param(e, id=f"refuse - {e} - {REFUSE}") for e in Effect])
async def test_refuse(bench: Bench, waits: Waits, effect: Effect, retries: int) -> None:
    """A connection that is reset at once lost a response, or was never there; the server saw no request."""
    arguments = await bench.prepared(effect)
    before = bench.service.requests.counts.get(CALLS[effect], 0)
    told: list[Attempt] = []
    async with bench.client(effect, retries=retries, hooks=[attempt_hook(told.append)]) as shop:
        waits.govern(shop)
        bench.service.faults.add(Fault(kind="refuse"))
        try:
            got, error = await outcome(method(shop, effect)(**arguments))
        finally:
            bench.service.faults.clear()
    assert error is not None
    assert error.attempts == tuple(told)
    words = [str(attempt.outcome) for attempt in told]
    assert set(words) <= {"never_sent", "response_lost"}
    is_repeated = effect not in (Effect.CREATE, Effect.SEND)
    assert is_repeated or "response_lost" not in words[:-1]
    assert len(words) == 1 + retries or (words[-1] == "response_lost" and not is_repeated)
    if words[-1] == "never_sent":
        assert got == (
            "ConnectError ?" if "response_lost" in words and effect is not Effect.READ else "ConnectError"
        )
    else:
        assert got == ("ResponseLostError" if effect is Effect.READ else UNKNOWN)
    assert bench.service.requests.counts.get(CALLS[effect], 0) == before


@pytest.mark.parametrize("retries", [0, 3], ids=["retries off", "retries on"])
@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"{kind} - {PAGES[kind]}") for kind in PAGES])
async def test_pages(bench: Bench, kind: str, retries: int) -> None:
    """Rows that come again come once, and none is missing; a cursor that leads nowhere ends the list."""
    async with bench.client(Effect.READ, retries=retries) as shop:
        rows = [row.id for row in await shop.extensions.list().collect()]
        bench.service.faults.add(Fault(kind=kind, operation="shop.extensions.list"))
        walked: list[str] = []
        try:
            async for row in shop.extensions.list(limit=4):
                walked.append(row.id)  # noqa: PERF401 - what came before an error is to be seen
        except PagingError as error:
            assert PAGES[kind] == "PagingError"
            bench.service.faults.clear()
            walked += [row.id async for row in shop.extensions.list(limit=4, resume=error.checkpoint)]
        else:
            assert PAGES[kind] == "ok"
        finally:
            bench.service.faults.clear()
    assert len(rows) > 8
    assert walked == rows


STATUSES = (
    *(
        302,
        307,
        400,
        401,
        402,
        403,
        404,
        405,
        406,
        407,
        408,
        409,
        410,
        411,
        412,
        413,
        414,
        415,
        416,
        417,
        418,
    ),
    *(421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 508, 511),
    *(520, 521, 522, 523, 524, 525, 526, 527, 530, 598, 599),
)


@pytest.mark.parametrize("body", ["json", "html", "none"])
@pytest.mark.parametrize("processed", [False, True], ids=["not executed", "executed"])
@pytest.mark.parametrize("effect", Effect)
async def test_every_status(
    bench: Bench, waits: Waits, effect: Effect, body: str, *, processed: bool
) -> None:
    """Every status, with and without an envelope: nothing is executed twice, and every doubt is told."""
    service, name = bench.service, CALLS[effect]
    async with bench.client(effect, deadline=10_000) as shop:
        waits.govern(shop)
        for status in STATUSES:
            arguments = await bench.arguments(effect, shop)
            before = service.processed.get(name, 0), service.requests.counts.get(name, 0)
            service.faults.add(
                Fault(kind="status", status=status, body=body, processed=processed, operation=name, times=1)
            )
            try:
                got, error = await outcome(method(shop, effect)(**arguments))
            finally:
                service.faults.clear()
            executed = service.processed.get(name, 0) - before[0]
            sent = service.requests.counts.get(name, 0) - before[1]
            first = error.attempts[0].outcome if error is not None else None
            if first is not None and body != "json" and status >= 400:
                assert first == policy.by_response(status, None), status
            if effect in (Effect.CREATE, Effect.SEND):
                throttled = sent == 2
                assert executed <= 1 + (processed and throttled), status
                assert not throttled or status == 429, status
                assert (error is None) == (throttled and not (processed and effect is Effect.CREATE)), status
            if error is not None and executed and effect is not Effect.READ:
                # The client believes a server that refuses a call, even if the server executed it.
                assert error.may_have_happened or first in {Failure.REJECTED, Failure.THROTTLED}, (
                    status,
                    got,
                )
            if error is not None and first == Failure.REJECTED:
                assert (sent, error.may_have_happened) == (1, False), status
            if effect is Effect.READ:
                assert error is None or first in (Failure.REJECTED, Failure.DOUBT), status


def test_every_fault_is_in_the_matrix() -> None:
    """The tables have all kinds of the sandbox, and the operations are of the effects that they stand for."""
    kinds = {(details or {}).get("kind", "status") for details, *_ in FAULTS.values()}
    assert kinds | {"refuse", *PAGES} == set(Kind)
    assert {effect: OPERATIONS[name].effect for effect, name in CALLS.items()} == {e: e for e in Effect}
    named = set(re.findall(r"\w+Error", printed()))
    assert all(issubclass(getattr(errors, name), EtelecomError) for name in named)


def printed() -> str:
    """The table of the page."""
    rows = [
        ("fault", "executed", "outcome", "READ", "IDEMPOTENT, DELETE", "CREATE, SEND"),
        ("---",) * 6,
        *((name, done, f"`{word}`", *row) for name, (_, done, word, row) in FAULTS.items()),
        ("refuse", NO, "`never_sent` or `response_lost`", *(REFUSE,) * 3),
        *((kind, YES, "`ok`", cell, "-", "-") for kind, cell in PAGES.items()),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_page_prints_the_matrix() -> None:
    """docs/reliability.md has the table above, cell by cell."""
    assert printed() in PAGE, f"docs/reliability.md should have:\n{printed()}"


def test_defaults_of_the_policy() -> None:
    """The waits above are those of the default policy."""
    assert RetryPolicy() == RetryPolicy(retries=3, wait_initial=0.5, wait_max=8.0)
