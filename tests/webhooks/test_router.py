"""The router: what a delivery does, and when."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, Secret, ShopClient, webhooks
from etelecom_async.errors import ConfigurationError
from etelecom_async.testing import Fault, Sandbox
from etelecom_async.webhooks import Dropped, Router, answers
from etelecom_async.webhooks.events import KINDS

if TYPE_CHECKING:
    from tests.conftest import LoopClock

SECRET = "a-secret-of-the-tests"
Make = Callable[..., Router]


def body(call: dict[str, Any], number: int = 0) -> bytes:
    """Return a delivery with a number."""
    return json.dumps({**call, "note": str(number)}).encode()


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the reasons in the log records."""
    return [vars(record)["reason"] for record in caplog.records if "reason" in vars(record)]


class Store:
    """A store of hashes that a test controls."""

    def __init__(self) -> None:
        self.digests: set[str] = set()
        self.error: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked = asyncio.Event()
        self.is_stubborn = False
        """Whether a cancelled `add` goes on."""
        self.on_cancel: Callable[[], None] = lambda: None

    async def add(self, digest: str) -> bool:
        """Add a hash, and return whether it is new."""
        self.asked.set()
        while not self.may_answer.is_set():
            try:
                await self.may_answer.wait()
            except asyncio.CancelledError:
                self.on_cancel()
                if not self.is_stubborn:
                    raise
        if self.error is not None:
            raise self.error
        is_new = digest not in self.digests
        self.digests.add(digest)
        return is_new


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"secret": "short"}, "fewer than 16 characters"),
        ({"max_bytes": 0}, "max_bytes is a whole number, 1 or more"),
        ({"max_queue": True}, "max_queue is a whole number"),
        ({"concurrency": 1.0}, "concurrency is a whole number"),
        ({"body_seconds": 0}, "body_seconds is a number of seconds above 0"),
        ({"body_seconds": "10"}, "body_seconds is a number of seconds above 0; not str"),
        ({"confirm_pauses": 5}, "confirm_pauses is a list of seconds above 0; not 5"),
        ({"confirm_pauses": [1, 0]}, "confirm_pauses is a list of seconds above 0; not tuple"),
        ({"confirm_pauses": [float("inf")]}, "confirm_pauses is a list of seconds above 0"),
        ({"confirm_pauses": "12"}, "confirm_pauses is a list of seconds above 0; not str"),
        ({"confirm": "0912345678"}, "confirm is a ShopClient, or a function that returns one; not str"),
        ({"confirm": [1]}, "confirm is a ShopClient"),
        ({"confirm": ShopClient}, "confirm is a ShopClient, or a function that returns one; not type"),
    ],
)
def test_wrong_options(options: dict[str, Any], problem: str) -> None:
    """A wrong option is refused by its name."""
    with pytest.raises(ConfigurationError, match=problem):
        Router(**{"secret": SECRET, **options})


async def test_confirm_takes_a_shop(service: Sandbox) -> None:
    """A shop's client can confirm; a partner's client cannot, because it reads no calls."""
    async with (
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        Router(secret=SECRET, confirm=shop)
        with pytest.raises(ConfigurationError, match="confirm is a ShopClient"):
            Router(secret=SECRET, confirm=partner)  # type: ignore[arg-type] - the wrong type is the test


def test_secret_is_not_shown() -> None:
    """The router shows how many handlers it has, and no secret."""
    router = Router(secret=[Secret(SECRET), "another-secret-of-tests"])
    assert repr(router) == "<Router, 0 handlers>"
    router.on("call_log")(print)
    assert repr(router) == "<Router, 1 handler>"


def test_kinds() -> None:
    """`on` takes each kind, returns the function unchanged, and refuses another kind."""
    router = Router(secret=SECRET)
    for kind in KINDS:
        assert router.on(kind)(print) is print  # type: ignore[call-overload] - the kind is a variable
    assert router.on_dropped(print) is print
    with pytest.raises(ConfigurationError, match="kind is one of call_log, zl_oa_message, oa_event"):
        router.on("calls")  # type: ignore[call-overload] - the wrong type is the test


REFUSALS: list[tuple[dict[str, Any], answers.Answer | None]] = [
    ({}, None),
    ({"path": "/x"}, answers.NOT_FOUND),
    ({"path": "/x", "method": "GET", "length": "99999999", "encoding": "gzip"}, answers.NOT_FOUND),
    ({"method": "GET"}, answers.NOT_ALLOWED),
    ({"method": "HEAD"}, answers.NOT_ALLOWED),
    ({"method": "post"}, answers.NOT_ALLOWED),
    ({"length": "1048576"}, None),
    ({"length": "1048577"}, answers.TOO_LARGE),
    ({"length": "9" * 10_000}, answers.TOO_LARGE),
    ({"length": "0" * 30 + "5"}, None),
    ({"length": "x"}, None),
    ({"length": ""}, None),
    ({"encoding": ""}, None),
    ({"encoding": " Identity "}, None),
    ({"encoding": "gzip"}, answers.ENCODED),
    ({"encoding": "gzip, identity"}, answers.ENCODED),
]


@pytest.mark.parametrize(("request_", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_refusal(request_: dict[str, Any], expected: answers.Answer | None) -> None:
    """A request is refused before its body is read. Without the secret, nothing else is told."""
    router = Router(secret=SECRET)
    assert router.refusal(**{"method": "POST", "path": f"/{SECRET}", **request_}) is expected


async def test_without_a_handler(call: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """An event without a handler is acknowledged: the service must not send it for ever."""
    caplog.set_level(logging.DEBUG, "etelecom_async")
    async with Router(secret=SECRET) as router:
        assert await router.accept(body(call)) is answers.OK
        await router.join()
    (record,) = caplog.records
    assert record.levelno == logging.DEBUG
    assert "no handler for an event of kind call_log" in record.getMessage()


async def test_an_empty_list(make_router: Make, got: Any) -> None:
    """An empty list is acknowledged, and is no event."""
    async with make_router() as router:
        assert await router.accept(b"[]") is answers.OK
    assert got.all() == []


async def test_malformed(make_router: Make, caplog: pytest.LogCaptureFixture) -> None:
    """A malformed delivery is logged without a word of its body."""
    async with make_router() as router:
        assert await router.accept(b'"0912345678') is answers.MALFORMED
    assert reasons(caplog) == ["malformed"]
    assert "not JSON" in caplog.text
    assert "0912345678" not in caplog.text


async def test_large_body(make_router: Make, got: Any) -> None:
    """A large body with very many objects does not block the event loop; a malformed one is refused."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    objects = b'{"a":0,"b":0,"c":0,"d":0},' * 20_000
    async with make_router() as router:
        counting = asyncio.create_task(count())
        assert await router.accept(b'{"all":[' + objects + b"{}]}") is answers.OK
        counting.cancel()
        assert await router.accept(b'{"all":[' + objects) is answers.MALFORMED
    assert turns > 3
    assert [event.kind for event in got.all()] == ["unknown"]


async def test_close_during_a_large_body(make_router: Make, got: Any) -> None:
    """A router that closes while it reads a body accepts it as a whole, or makes the service try again."""
    router = make_router()
    task = asyncio.create_task(router.accept(b'{"all":[' + b"{}," * 50_000 + b"{}]}"))
    await asyncio.sleep(0)
    assert await router.close() == ()
    assert await task is answers.BUSY
    assert got.all() == []


async def test_malformed_is_not_remembered(make_router: Make) -> None:
    """A malformed delivery is not kept as seen."""
    store = Store()
    async with make_router(seen=store) as router:
        assert await router.accept(b"{") is answers.MALFORMED
        assert not store.asked.is_set()


async def test_own_store(make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """Hashes can be kept outside: a delivery that another process has accepted is acknowledged only."""
    store = Store()
    for _ in range(2):
        async with make_router(seen=store) as router:
            assert await router.accept(body(call)) is answers.OK
    assert len(got.all()) == 1
    assert len(store.digests) == 1


async def test_store_that_fails(
    make_router: Make, got: Any, call: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """If the store fails, the service tries again, and the room in the queue is free again."""
    store = Store()
    store.error = OSError("no database at 0912345678")
    async with make_router(seen=store, max_queue=1) as router:
        for _ in range(3):
            assert await router.accept(body(call)) is answers.BUSY
        store.error = None
        assert await router.accept(body(call)) is answers.OK
    assert len(got.all()) == 1
    assert reasons(caplog) == ["seen_failed"] * 3
    assert "OSError: no database at 091***678" in caplog.text
    assert "0912345678" not in caplog.text


async def test_caller_that_leaves(make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A server that cancels the handler of a request cannot split the hash from its events."""
    store = Store()
    store.may_answer.clear()
    async with make_router(seen=store) as router:
        task = asyncio.create_task(router.accept(body(call)))
        await store.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        store.may_answer.set()
    assert len(got.all()) == 1


async def test_close_waits_for_deliveries(make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A delivery that came before `close` is accepted as a whole; a later one is not."""
    store = Store()
    store.may_answer.clear()
    router = make_router(seen=store)
    task = asyncio.create_task(router.accept(body(call)))
    await store.asked.wait()
    closing = asyncio.create_task(router.close())
    await asyncio.sleep(0)
    assert await router.accept(body(call, 1)) is answers.BUSY
    store.may_answer.set()
    assert await closing == ()
    assert await task is answers.OK
    assert len(got.all()) == 1


@pytest.mark.parametrize("stores", [False, True])
async def test_close_with_a_store_that_hangs(
    make_router: Make, got: Any, call: dict[str, Any], loop_clock: LoopClock, caplog: Any, *, stores: bool
) -> None:
    """A store that does not answer does not hold the end. If it then has the hash, the event is reported."""
    store = Store()
    store.may_answer.clear()
    store.is_stubborn = stores
    dropped: list[Dropped] = []
    router = make_router(seen=store)
    router.on_dropped(dropped.append)
    task = asyncio.create_task(router.accept(body(call)))
    await store.asked.wait()
    store.on_cancel = lambda: loop_clock.advance(60)
    assert await router.close(0) == ()
    if stores:
        store.may_answer.set()
    assert await task is (answers.OK if stores else answers.BUSY)
    assert [drop.reason for drop in dropped] == ["stopped"] * stores
    assert reasons(caplog) == ["stopped" if stores else "seen_failed"]
    assert len(store.digests) == stores
    assert got.all() == []


async def test_close_reports(call: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """The events that are left after the time are returned, logged, and given to `on_dropped`."""
    router = Router(secret=SECRET)
    dropped: list[Dropped] = []

    @router.on("call_log")
    async def hangs(_: webhooks.CallLogEvent) -> None:
        await asyncio.Event().wait()

    @router.on_dropped
    async def keep(drop: Dropped) -> None:
        dropped.append(drop)

    for number in range(3):
        assert await router.accept(body(call, number)) is answers.OK
    left = await router.close(0)
    assert [drop.event.raw["note"] for drop in left] == ["0", "1", "2"]
    assert list(left) == dropped
    assert reasons(caplog) == ["stopped"] * 3
    assert router.refusal(method="POST", path=f"/{SECRET}") is answers.BUSY
    assert router.refusal(method="POST", path="/wrong") is answers.NOT_FOUND
    assert await router.accept(body(call, 4)) is answers.BUSY
    assert await router.close() == ()
    await router.join()


async def test_again(make_router: Make, got: Any, call: dict[str, Any]) -> None:
    """A closed router can be entered again, and still knows what it has accepted."""
    router = make_router()
    for number in (0, 0, 1):
        async with router:
            assert not router.is_closed
            assert await router.accept(body(call, number)) is answers.OK
        assert router.is_closed
    assert [event.raw["note"] for event in got.all()] == ["0", "1"]


def test_loop_that_ends(call: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """Without `close`, the events that are left are logged. The router then works in the next event loop."""
    router = Router(secret=SECRET)
    handled: list[str] = []

    @router.on("call_log")
    async def handle(event: webhooks.CallLogEvent) -> None:
        if event.call.note == "0":
            await asyncio.Event().wait()
        handled.append(event.call.note)

    async def main(number: int) -> None:
        assert await router.accept(body(call, number)) is answers.OK
        await asyncio.sleep(0)

    async def wait() -> None:
        await main(1)
        await router.join()
        await router.close()

    asyncio.run(main(0))
    assert reasons(caplog) == ["stopped"]
    asyncio.run(wait())
    assert handled == ["1"]


async def test_two_loops(
    make_router: Make, call: dict[str, Any], other_thread: asyncio.AbstractEventLoop
) -> None:
    """A router belongs to one running event loop."""
    async with make_router() as router:
        other = asyncio.run_coroutine_threadsafe(router.accept(body(call)), other_thread)
        with pytest.raises(ConfigurationError, match="works in one event loop"):
            await asyncio.wrap_future(other)


def test_close_after_a_loop_that_ended(make_router: Make, call: dict[str, Any]) -> None:
    """`close` in a new event loop finds nothing of the one that ended, as in a process after a fork."""
    router = make_router()
    asyncio.run(router.accept(body(call)))
    assert asyncio.run(router.close()) == ()


async def test_confirm(make_router: Make, got: Any, wire: Any, call: dict[str, Any], caplog: Any) -> None:
    """A function can find the shop that confirms. A function that fails drops the event."""
    real = await wire.call()
    service = wire.service
    failures: list[Exception] = []

    async def find(event: webhooks.Event) -> ShopClient:
        if event.raw["note"] == "fails":
            raise LookupError("no shop of 0912345678")
        return shop

    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        router = make_router(confirm=find, confirm_pauses=[])
        router.on_dropped(lambda drop: failures.append(drop.error))
        async with router:
            for given in (real, {**real, "note": "fails"}, {**call, "note": ""}):
                assert await router.accept(json.dumps(given).encode()) is answers.OK
    (event,) = got.all()
    assert (event.is_confirmed, event.call.id, event.raw) == (True, real["id"], real)
    assert reasons(caplog) == ["confirm_failed", "not_found"]
    assert isinstance(failures[0], LookupError)
    assert "0912345678" not in caplog.text


async def test_list_that_is_behind(
    make_router: Make, got: Any, wire: Any, service: Sandbox, loop_clock: LoopClock
) -> None:
    """A call that the API shows some moments later is confirmed then; meanwhile, other events are handled."""
    real = await wire.call()
    later = {**real, "id": "1477470549520345940", "caller": "0912345678", "callee": "1001"}
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        router = make_router(confirm=shop)
        async with router:
            for given in (later, real):
                assert await router.accept(json.dumps(given).encode()) is answers.OK
            assert (await got.next()).call.id == real["id"]
            for number, seconds in enumerate((1, 5), start=1):
                await _pause_begins(router, number)
                loop_clock.advance(seconds + 0.5)
            await _pause_begins(router, 3)
            time = datetime.fromisoformat(later["started_at"])
            service.calls.add(id=later["id"], caller="0912345678", callee="1001", started_at=time)
            loop_clock.advance(30.5)
            event = await got.next()
            assert (event.is_confirmed, event.call.id) == (True, later["id"])


async def _pause_begins(router: Router, number: int) -> None:
    """Wait until an event in the queue has its pause of this number."""
    assert router._queue is not None
    while not any(job.timer and job.pauses == number for job in router._queue._left):  # noqa: ASYNC110 - a read over HTTP is under way
        await asyncio.sleep(0)


async def test_read_that_fails_once(make_router: Make, got: Any, wire: Any, service: Sandbox) -> None:
    """A read that fails is made again; the end of the router makes it at once."""
    real = await wire.call()
    async with ShopClient(service.shop_api_key, base_url=service.base_url, retries=0) as shop:
        router = make_router(confirm=shop)
        service.faults.add(Fault(kind="status", operation="shop.call_logs.list", status=500, times=1))
        async with router:
            assert await router.accept(json.dumps(real).encode()) is answers.OK
    (event,) = got.all()
    assert event.is_confirmed


async def test_forged_event_at_the_end(
    make_router: Make, got: Any, service: Sandbox, call: dict[str, Any], caplog: Any
) -> None:
    """A forged event that waits for another read does not hold the end."""
    async with (
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
        make_router(confirm=shop) as router,
    ):
        assert await router.accept(body(call)) is answers.OK
    assert reasons(caplog) == ["not_found"]
    assert got.all() == []


async def test_claim_that_no_read_can_confirm(
    make_router: Make, service: Sandbox, call: dict[str, Any], caplog: Any
) -> None:
    """An event that says too little is dropped at once."""
    async with (
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
        make_router(confirm=shop) as router,
    ):
        assert await router.accept(body({**call, "started_at": None})) is answers.OK
        await router.join()
        assert reasons(caplog) == ["not_confirmable"]


async def test_handler_that_exits(got: Any, call: dict[str, Any], caplog: Any) -> None:
    """A handler or a function that raises `SystemExit` fails; later events are handled."""
    router = Router(secret=SECRET)

    @router.on("call_log")
    async def exits(_: webhooks.CallLogEvent) -> None:
        raise SystemExit(1)

    router.on("call_log")(got.keep)
    async with router:
        for number in range(2):
            assert await router.accept(body(call, number)) is answers.OK
    assert len(got.all()) == 2
    assert reasons(caplog) == ["handler_failed"] * 2
    caplog.clear()

    def find(_: webhooks.Event) -> ShopClient:
        raise SystemExit(1)

    router = Router(secret=SECRET, confirm=find)
    router.on("call_log")(got.keep)
    async with router:
        for number in range(2):
            assert await router.accept(body(call, number)) is answers.OK
    assert reasons(caplog) == ["confirm_failed"] * 2


async def test_unhandled_kinds_are_not_read(service: Sandbox, wire: Any) -> None:
    """An event without a handler costs no read."""
    real = await wire.call()
    before = len(service.requests)
    async with (
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
        Router(secret=SECRET, confirm=shop) as router,
    ):
        assert await router.accept(json.dumps(real).encode()) is answers.OK
        await router.join()
    assert len(service.requests) == before


async def test_drop_handler_that_fails(call: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """A function for dropped events that fails is logged, and the others are called."""
    router = Router(secret=SECRET)
    dropped: list[Dropped] = []

    @router.on("call_log")
    async def fails(_: webhooks.CallLogEvent) -> None:
        raise KeyError("x")

    @router.on_dropped
    def fails_too(_: Dropped) -> None:
        raise LookupError("y")

    router.on_dropped(dropped.append)
    async with router:
        assert await router.accept(body(call)) is answers.OK
    assert [type(drop.error) for drop in dropped] == [KeyError]
    assert [vars(record)["error"] for record in caplog.records] == ["KeyError", "LookupError"]


async def test_handler_that_ends_itself(got: Any, call: dict[str, Any]) -> None:
    """A handler that awaits something cancelled does not stop the work on later events."""
    router = Router(secret=SECRET)

    @router.on("call_log")
    async def awaits(_: webhooks.CallLogEvent) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    router.on("call_log")(got.keep)
    async with router:
        for number in range(2):
            assert await router.accept(body(call, number)) is answers.OK
    assert len(got.all()) == 2
