"""Test the log: the records of a call, their levels and fields, and that a handler breaks nothing."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, get_args

import pytest

from etelecom_async import Attempt, Effect, EtelecomError, ShopClient, SmsClient, errors
from etelecom_async._core import hooks, logs
from etelecom_async._core.calls.policy import NoRetry

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

OK = Attempt(operation="shop.current", number=1, seconds=0.1234, outcome="ok", status=200)
LOST = Attempt(operation="shop.current", number=2, seconds=1.5, outcome="response_lost", wait=0.25)
ORDINARY = frozenset(vars(logging.makeLogRecord({})))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of the SDK that a record has a value for."""
    found = {name: value for name, value in vars(record).items() if name not in ORDINARY | {"message"}}
    assert tuple(found) == logs.FIELDS
    return {name: value for name, value in found.items() if value is not None}


def records(caplog: pytest.LogCaptureFixture, kind: str) -> list[logging.LogRecord]:
    """Return the records of a kind."""
    return [record for record in caplog.records if getattr(record, "kind", None) == kind]


def levels(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return kind and level of each record."""
    return [(getattr(record, "kind", ""), record.levelname) for record in caplog.records]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log at DEBUG."""
    caplog.set_level(logging.DEBUG, logger="etelecom_async")
    return caplog


@pytest.mark.parametrize(
    ("attempt", "lines"),
    [
        (OK, ["shop.current: attempt 1 ok (HTTP 200) after 0.123 s"]),
        (
            LOST,
            [
                "shop.current: attempt 2 response_lost after 1.500 s",
                "shop.current: retry in 0.25 s, because attempt 2 ended with response_lost",
            ],
        ),
    ],
    ids=["ok", "response_lost"],
)
def test_lines_of_an_attempt(attempt: Attempt, lines: list[str], log: pytest.LogCaptureFixture) -> None:
    """At DEBUG each attempt is one line, and a retry is another one at INFO."""
    logs.attempt_ended(attempt)
    assert log.messages == lines


def test_level_info(caplog: pytest.LogCaptureFixture) -> None:
    """At INFO, an attempt without a retry writes nothing."""
    caplog.set_level(logging.INFO, logger="etelecom_async")
    logs.attempt_ended(OK)
    logs.attempt_ended(LOST)
    assert levels(caplog) == [("retry", "INFO")]


def test_one_logger() -> None:
    """The hooks check the level of the logger that writes."""
    assert hooks.logger is logs.LOGGER is logging.getLogger("etelecom_async")


def test_reasons_are_complete() -> None:
    """There is a text for each reason that a retry loop can have."""
    assert tuple(logs.REASONS) == get_args(NoRetry)


async def test_retried_call(
    peer: Peer, shop: ShopClient, waits: Waits, log: pytest.LogCaptureFixture
) -> None:
    """A call with a retry: two attempts at DEBUG, one retry at INFO, all with the documented fields."""
    peer.respond_with(peer.refusal("internal", 500))
    await shop.account()
    assert levels(log) == [("attempt", "DEBUG"), ("retry", "INFO"), ("attempt", "DEBUG")]
    failed, retry, ended = map(fields, log.records)
    common = {"operation": "account", "attempt": 1, "outcome": "server_fault", "status": 500, "seconds": 0.0}
    assert failed == {"kind": "attempt", **common, "wait": waits[0]}
    assert retry == {"kind": "retry", **common, "wait": waits[0]}
    assert ended == {
        "kind": "attempt",
        "operation": "account",
        "attempt": 2,
        "outcome": "ok",
        "status": 200,
        "seconds": 0.0,
    }
    assert {type(value) for record in log.records for value in fields(record).values()} == {str, int, float}


async def stream() -> AsyncIterator[bytes]:
    """A file that can be read once."""
    yield b"abc"


async def used_up(peer: Peer, shop: ShopClient, _: Waits) -> EtelecomError:
    """All retries fail."""
    peer.always = lambda _: peer.refusal("internal", 500)
    return await failure(shop.account())


async def too_late(peer: Peer, shop: ShopClient, _: Waits) -> EtelecomError:
    """The server asks for a longer wait than the deadline allows."""
    peer.always = lambda _: peer.refusal("internal", 500, Retry_After="500")
    return await failure(shop.account())


async def no_time_left(peer: Peer, shop: ShopClient, waits: Waits) -> EtelecomError:
    """The wait before the retry takes longer than planned."""
    peer.always = lambda _: peer.DROP
    waits.late = 500.0
    return await failure(shop.account())


async def unsafe(peer: Peer, shop: ShopClient, _: Waits) -> EtelecomError:
    """The response to a call that creates something is lost."""
    peer.always = lambda _: peer.DROP
    return await failure(shop.extensions.create(hotline_id="1", extension_number=1001))


async def read_once(peer: Peer, shop: ShopClient, _: Waits) -> EtelecomError:
    """An upload of a stream is throttled."""
    peer.always = lambda _: peer.refusal("resource_exhausted", 429, Retry_After="1")
    return await failure(shop.zalo.files.upload(file=stream(), oa_id="1", type="image"))


async def full(_: Peer, shop: ShopClient, __: Waits) -> EtelecomError:
    """No turn is free."""
    client = shop.with_options(concurrency=1, queue_timeout=0.001)
    client._engine.limiters.limiter(Effect.READ).acquire_nowait()
    return await failure(client.account())


async def failure(call: Any) -> EtelecomError:
    """Return the error of a call."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize(
    ("call", "reason", "expected", "line"),
    [
        (
            used_up,
            "retries",
            {"attempt": 4, "outcome": "server_fault", "status": 500, "error": "InternalError"},
            "account: gave up after 4 attempts, the last server_fault (HTTP 500): no retries are left",
        ),
        (
            too_late,
            "deadline",
            {
                "attempt": 1,
                "outcome": "server_fault",
                "status": 500,
                "error": "InternalError",
                "seconds": 0.0,
            },
            (
                "account: gave up after 1 attempt, the last server_fault (HTTP 500): "
                "the next attempt would start after the deadline"
            ),
        ),
        (
            no_time_left,
            "deadline",
            {"attempt": 1, "outcome": "response_lost", "error": "ResponseLostError"},
            (
                "account: gave up after 1 attempt, the last response_lost: "
                "the next attempt would start after the deadline"
            ),
        ),
        (
            unsafe,
            "unsafe",
            {
                "attempt": 1,
                "outcome": "response_lost",
                "error": "OutcomeUnknownError",
                "seconds": 0.0,
                "may_have_happened": True,
            },
            (
                "shop.extensions.create: gave up after 1 attempt, the last response_lost: "
                "a retry could execute the call twice"
            ),
        ),
        (
            read_once,
            "stream",
            {"attempt": 1, "outcome": "throttled", "status": 429, "error": "ResourceExhaustedError"},
            (
                "shop.zalo.files.upload: gave up after 1 attempt, the last throttled (HTTP 429): "
                "the file can be read only once"
            ),
        ),
        (
            full,
            "queue_timeout",
            {"attempt": 0, "error": "QueueTimeoutError"},
            "account: gave up: the call did not get its turn in time, so nothing was sent",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING], ids=logging.getLevelName)
async def test_giving_up(
    peer: Peer,
    shop: ShopClient,
    waits: Waits,
    caplog: pytest.LogCaptureFixture,
    *,
    call: Callable[..., Any],
    reason: str,
    expected: dict[str, Any],
    line: str,
    level: int,
) -> None:
    """A call that another attempt might have saved ends with one WARNING, which says why there is none."""
    caplog.set_level(level, logger="etelecom_async")
    error = await call(peer, shop, waits)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    found = fields(record)
    assert (record.levelname, record.getMessage()) == ("WARNING", line)
    assert found.pop("operation") == error.operation
    assert found.items() >= {"kind": "gave_up", "reason": reason, **expected}.items()
    assert found["may_have_happened"] is error.may_have_happened
    assert record.exc_info is None


async def test_probe(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """Calls that wait for a probe which is throttled to the end give up, too."""
    peer.always = lambda _: peer.refusal("resource_exhausted", 429)
    client = shop.with_options(retries=1, concurrency=1)
    await asyncio.gather(*(client.account() for _ in range(3)), return_exceptions=True)
    reasons = [record.reason for record in records(caplog, "gave_up")]
    assert len(reasons) == 3
    assert set(reasons) == {"retries", "throttled"}


@pytest.mark.parametrize("reply", ["not_found", "aborted", "malformed"])
async def test_refusal_is_no_warning(
    peer: Peer, shop: ShopClient, log: pytest.LogCaptureFixture, reply: str
) -> None:
    """A refusal of the server, which a retry does not change, is an error of the caller and no warning."""
    peer.always = lambda _: peer.refusal(reply, 404)
    await failure(shop.account())
    assert levels(log) == [("attempt", "DEBUG")]


async def test_cancelled_call(peer: Peer, shop: ShopClient, log: pytest.LogCaptureFixture) -> None:
    """A call that the caller cancels has its attempt in the log, and no warning."""
    peer.always = lambda _: peer.HANG
    call = asyncio.create_task(shop.account())
    await peer.until(1)
    call.cancel()
    await asyncio.wait([call])
    (record,) = log.records
    assert (fields(record)["outcome"], record.levelname) == ("cancelled", "DEBUG")


@pytest.mark.parametrize(("asked", "warnings"), [("5", []), ("6", [6.0]), ("500", [60.0])])
async def test_long_pause(
    peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture, asked: str, warnings: list[float]
) -> None:
    """A pause of more than 5 seconds is a WARNING, also for a call that is not retried."""
    peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After=asked))
    await failure(shop.with_options(retries=0).account())
    found = records(caplog, "pause")
    assert [(record.levelname, record.wait) for record in found] == [("WARNING", pause) for pause in warnings]
    assert [record.getMessage() for record in found] == [
        f"account: the server asked for fewer calls; all calls with this key pause for {pause:.1f} s"
        for pause in warnings
    ]
    for record in found:
        assert fields(record).keys() == {"kind", "operation", "wait"}


async def test_pause_is_reported_once(peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
    """Calls in flight that are throttled together report one pause, not one each."""
    client = shop.with_options(retries=0)
    peer.respond_with(*(peer.refusal("resource_exhausted", 429, Retry_After="30") for _ in range(5)))
    await asyncio.gather(*(client.account() for _ in range(5)), return_exceptions=True)
    assert [record.wait for record in records(caplog, "pause")] == [30.0]


class Failing(logging.Handler):
    """A handler that raises an error, and counts its records."""

    def __init__(self, error: type[BaseException]) -> None:
        super().__init__()
        self.error = error
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Raise the error."""
        self.count += 1
        assert sys.exception() is None
        raise self.error(record)

    def filter(self, record: logging.LogRecord) -> bool:
        """Accept the record; another test replaces this method."""
        return isinstance(record, logging.LogRecord)


@pytest.fixture
def failing(request: pytest.FixtureRequest) -> Iterator[Failing]:
    """A failing handler of the logger."""
    handler = Failing(request.param)
    level = logs.LOGGER.level
    logs.LOGGER.addHandler(handler)
    logs.LOGGER.setLevel(logging.DEBUG)
    yield handler
    logs.LOGGER.setLevel(level)
    logs.LOGGER.removeHandler(handler)


@pytest.mark.parametrize("failing", [ZeroDivisionError, asyncio.CancelledError], indirect=True)
@pytest.mark.parametrize("place", ["handler", "filter"])
async def test_failing_handler(peer: Peer, shop: ShopClient, failing: Failing, place: str) -> None:
    """A handler or a filter that raises an error breaks no call, and sees no frame of an error."""
    if place == "filter":
        failing.filter = failing.emit
    peer.respond_with(peer.refusal("internal", 500))
    assert await shop.account() == {}
    assert failing.count == 3
    error = await unsafe(peer, shop, peer)
    assert type(error) is errors.OutcomeUnknownError
    assert failing.count == 5


@pytest.mark.parametrize("failing", [ZeroDivisionError], indirect=True)
async def test_failing_hook_and_handler(shop: ShopClient, failing: Failing) -> None:
    """A hook that fails while the handler fails breaks no call either."""
    failing.emit = lambda _: 1 / 0
    assert await shop.with_options(hooks=[lambda _: 1 / 0, lambda _: 5]).account() == {}


async def test_cost(shop: ShopClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the level is off, a successful call checks the level once, and does nothing else for the log."""
    checked: list[int] = []

    class Logger:
        def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name in logging
            checked.append(level)
            return False

    monkeypatch.setattr(hooks, "logger", Logger())
    await shop.account()
    assert checked == [logging.DEBUG]


async def test_no_secret(peer: Peer, waits: Waits, log: pytest.LogCaptureFixture) -> None:
    """No record of any kind has a key, a password, a phone number, a header of the caller or a body."""
    canaries = ("canary-key", "canary-password", "canary-gateway", "0901234567", "canary-body", "84901234567")
    peer.always = lambda request: peer.json(
        {"code": "resource_exhausted", "msg": f"{canaries} {request.headers}"}, 429, Retry_After="0"
    )
    headers = {"X-Key": "canary-gateway"}
    async with (
        ShopClient("canary-key", base_url=peer.base_url, retries=1, headers=headers) as shop,
        SmsClient("u", "canary-password", base_url=peer.base_url, retries=0, headers=headers) as sms,
    ):
        waits.govern(shop)
        throttled = await failure(
            shop.users.create(full_name="canary-body", phone="0901234567", password="canary-password")
        )
        assert [canary for canary in canaries[:4] if canary in str(throttled)] == []
        peer.always = lambda _: peer.refusal("internal", 500, Retry_After="0")
        await failure(shop.call("Any/Thing", {"a": "canary-body"}, effect=Effect.READ))
        await failure(sms.send(phonenumber="0901234567", routerule=["3"], templatecode="T", list_param={}))
    kinds = {record.kind for record in log.records}
    assert kinds == {"attempt", "retry", "gave_up"}
    text = "\n".join(repr(vars(record)) for record in log.records)
    assert [canary for canary in canaries if canary in text] == []
