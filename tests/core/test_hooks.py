"""Test that hooks observe each call from start to end, keep state, and cannot break a call."""

from __future__ import annotations

import asyncio
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async import (
    Attempt,
    Call,
    CallEnd,
    CallObserver,
    ConfigurationError,
    Effect,
    EtelecomError,
    RetryPolicy,
    ShopClient,
    attempt_hook,
    errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Peer, Reply, Waits


class Diary(CallObserver):
    """Observer that records each notification in a list that several observers share."""

    def __init__(self, call: Call, lines: list[Any]) -> None:
        self.lines = lines
        lines.append(call)

    def attempt_started(self, number: int) -> None:
        """Record the start."""
        self.lines.append(f"attempt {number} starts")
        assert sys.exception() is None

    def attempt_ended(self, attempt: Attempt) -> None:
        """Record the outcome of the attempt."""
        self.lines.append((attempt.number, attempt.outcome, attempt.status, attempt.wait))
        assert sys.exception() is None

    def call_ended(self, end: CallEnd) -> None:
        """Record the end."""
        self.lines.append(end)
        assert sys.exception() is None


def observed(shop: ShopClient, **options: Any) -> tuple[ShopClient, list[Any]]:
    """Return a copy of a client that records its calls, and the list of recorded lines."""
    lines: list[Any] = []
    return shop.with_options(hooks=[lambda call: Diary(call, lines)], **options), lines


class TestObserving:
    """Test what observers get, over real sockets."""

    async def test_success(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A successful call: its start, its attempt, its end."""

        def respond(_: object) -> Reply:
            waits.at += 1.5
            return peer.json({})

        peer.always = respond
        client, lines = observed(shop)
        await client.account()
        call, started, ended, end = lines
        assert call == Call(
            operation="account",
            wire_name="Misc/CurrentAccount",
            effect=Effect.READ,
            server_address="127.0.0.1",
            server_port=peer.port,
            limiter=call.limiter,
        )
        assert started == "attempt 1 starts"
        assert ended == (1, "ok", 200, None)
        assert (end.outcome, end.seconds, end.error, end.may_have_happened) == ("ok", 1.5, None, False)
        assert [attempt.outcome for attempt in end.attempts] == ["ok"]

    async def test_retries(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """Each attempt has a start and an end, with the wait before the next one."""
        peer.respond_with(peer.DROP, peer.refusal("resource_exhausted", 429))
        client, lines = observed(shop)
        await client.account()
        assert lines[1:-1] == [
            "attempt 1 starts",
            (1, "response_lost", None, waits[0]),
            "attempt 2 starts",
            (2, "throttled", 429, waits[1]),
            "attempt 3 starts",
            (3, "ok", 200, None),
        ]
        assert lines[-1].seconds == pytest.approx(sum(waits))

    async def test_error(self, peer: Peer, shop: ShopClient) -> None:
        """A failed call ends with its error class, and says whether the server may have executed it."""
        peer.respond_with(peer.refusal("internal", 500))
        client, lines = observed(shop)
        with pytest.raises(EtelecomError) as caught:
            await client.call("Any/Thing", effect=Effect.SEND)
        end = lines[-1]
        assert (end.outcome, end.error, end.code, end.may_have_happened) == (
            *("error", "InternalError", "internal"),
            True,
        )
        assert end.attempts == caught.value.attempts

    @pytest.mark.parametrize(
        ("reply", "error", "code"),
        [
            (("not_found", 404), "NotFoundError", "not_found"),
            (("data_loss", 500), "DatalossError", "dataloss"),
            (("0912345678", 400), "APIError", None),
            (None, "UnauthenticatedError", None),
        ],
    )
    async def test_code(
        self, peer: Peer, shop: ShopClient, reply: tuple[str, int] | None, error: str, code: str | None
    ) -> None:
        """The end of a call has the code of the response, if the API lists it: no text of the server."""
        peer.respond_with(peer.raw(b"no", 401) if reply is None else peer.refusal(*reply))
        client, lines = observed(shop, retries=0)
        with pytest.raises(EtelecomError):
            await client.account()
        assert (lines[-1].error, lines[-1].code) == (error, code)

    async def test_context(self, peer: Peer) -> None:
        """A context variable that an observer sets for an attempt is set in its HTTP request."""
        current: ContextVar[str] = ContextVar("current", default="")
        seen: list[str] = []

        class Setting(CallObserver):
            def __init__(self, call: Call) -> None:
                self.outer = current.set(call.operation)

            def attempt_started(self, number: int) -> None:
                self.inner = current.set(f"attempt {number}")

            def attempt_ended(self, attempt: Attempt) -> None:
                current.reset(self.inner)
                seen.append(f"{current.get()} {attempt.outcome}")

            def call_ended(self, end: CallEnd) -> None:
                seen.append(f"{current.get()} {end.outcome}")
                current.reset(self.outer)

        async def on_start(*_: object) -> None:
            seen.append(current.get())

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(on_start)
        peer.respond_with(peer.refusal("internal", 500))
        async with (
            aiohttp.ClientSession(trace_configs=[trace]) as session,
            ShopClient(
                "1161512386239479010:canary-key",
                base_url=peer.base_url,
                session=session,
                hooks=[Setting],
                retries=RetryPolicy(wait_initial=0),
            ) as client,
        ):
            await client.account()
        assert seen == ["attempt 1", "account server_fault", "attempt 2", "account ok", "account ok"]
        assert current.get() == ""

    async def test_pause(self, peer: Peer, shop: ShopClient) -> None:
        """An observer hears by how much a throttled attempt lengthens the pause of all calls."""
        heard: list[object] = []
        pauses_of_others = {4: 20.0, 5: 20.0}

        class Pauses(CallObserver):
            def attempt_started(self, number: int) -> None:
                if seconds := pauses_of_others.get(number):
                    client._engine.limiters.limiter(Effect.READ).on_throttle(seconds)

            def attempt_ended(self, attempt: Attempt) -> None:
                heard.append(attempt.outcome)

            def paused(self, seconds: float) -> None:
                heard.append(seconds)

        client = shop.with_options(hooks=[lambda _: Pauses()], retries=9, deadline=None)
        asked = ("5", "0", None, "15", "50")
        headers = ({} if text is None else {"Retry_After": text} for text in asked)
        peer.respond_with(*(peer.refusal("resource_exhausted", 429, **header) for header in headers))
        await client.account()
        assert heard == [
            *("throttled", 5.0),
            *("throttled", "throttled", "throttled"),
            *("throttled", 30.0, "ok"),
        ]

    async def test_limiter(self, peer: Peer, shop: ShopClient) -> None:
        """A call shows its limiter: its numbers at any time, one for reads and one for other calls."""
        client, lines = observed(shop, concurrency=3)
        peer.always = lambda _: peer.HANG
        calls = [asyncio.create_task(client.account()) for _ in range(5)]
        await peer.until(3)
        reads = {line.limiter for line in lines if isinstance(line, Call)}
        assert [(view.in_flight, view.waiting, view.limit) for view in reads] == [(3, 2, 3.0)]
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        assert [(view.in_flight, view.waiting) for view in reads] == [(0, 0)]
        peer.always = lambda _: peer.json({})
        await client.call("Any/Thing")
        assert lines[-4].limiter not in reads

    async def test_invalid_request_is_no_call(self, shop: ShopClient) -> None:
        """Observers do not see a request that the SDK refuses, because no call started."""
        client, lines = observed(shop)
        with pytest.raises(errors.InvalidRequestError):
            await client.extensions.create(hotline_id="1", extension_number=1.5)
        assert lines == []

    @pytest.mark.parametrize("effect", Effect)
    async def test_cancelled_in_flight(self, peer: Peer, shop: ShopClient, effect: Effect) -> None:
        """A cancelled call ends its attempt and itself; any call but a read may have happened."""
        peer.always = lambda _: peer.HANG
        client, lines = observed(shop)
        call = asyncio.create_task(client.call("Any/Thing", effect=effect))
        await peer.until(1)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert lines[2] == (1, "cancelled", None, None)
        assert (lines[3].outcome, lines[3].error) == ("cancelled", "CancelledError")
        assert lines[3].may_have_happened is (effect is not Effect.READ)

    @pytest.mark.parametrize(("status", "may_have_happened"), [(500, True), (429, False)])
    async def test_cancelled_wait(
        self, peer: Peer, shop: ShopClient, waits: Waits, status: int, *, may_have_happened: bool
    ) -> None:
        """A call that is cancelled between attempts may have happened if an attempt left a doubt."""
        client, lines = observed(shop)

        async def cancel() -> None:
            call.cancel()
            await asyncio.sleep(0)

        waits.govern(client, cancel)
        peer.respond_with(peer.raw(b"", status))
        call = asyncio.create_task(client.call("Any/Thing", effect=Effect.IDEMPOTENT))
        await asyncio.wait([call])
        assert call.cancelled()
        assert (lines[-1].outcome, lines[-1].may_have_happened) == ("cancelled", may_have_happened)

    async def test_cancelled_in_the_queue(self, peer: Peer, shop: ShopClient) -> None:
        """A call that is cancelled while it waits for its turn ends without an attempt."""
        peer.always = lambda _: peer.HANG
        client, lines = observed(shop, concurrency=1)
        calls = [asyncio.create_task(client.account()) for _ in range(2)]
        await peer.until(1)
        for call in reversed(calls):
            call.cancel()
        await asyncio.wait(calls)
        ends = [line for line in lines if isinstance(line, CallEnd)]
        assert [(end.outcome, len(end.attempts)) for end in ends] == [("cancelled", 0), ("cancelled", 1)]

    async def test_closed_client(self, shop: ShopClient) -> None:
        """An attempt that a closed client does not send has an end too, but is not listed in the error."""
        client, lines = observed(shop)
        await shop.close()
        with pytest.raises(errors.ClientClosedError) as caught:
            await client.account()
        assert lines[1:3] == ["attempt 1 starts", (1, "rejected", None, None)]
        assert caught.value.attempts == lines[-1].attempts == ()

    async def test_order(self, shop: ShopClient) -> None:
        """Observers start in order and end in reverse, so spans nest."""
        lines: list[str] = []

        def hook(name: str) -> Callable[[Call], CallObserver]:
            class Named(CallObserver):
                def attempt_started(self, number: int) -> None:
                    lines.append(f"{name} attempt {number}")

                def attempt_ended(self, attempt: Attempt) -> None:
                    lines.append(f"{name} {attempt.outcome}")

                def call_ended(self, end: CallEnd) -> None:
                    lines.append(f"{name} end {end.outcome}")

            return lambda _: Named()

        await shop.with_options(hooks=[hook("a"), hook("b")]).account()
        assert lines == ["a attempt 1", "b attempt 1", "b ok", "a ok", "b end ok", "a end ok"]

    async def test_a_class_is_a_hook(self, shop: ShopClient) -> None:
        """A class whose constructor takes the call can keep data between start and end."""
        ended: list[Span] = []

        class Span(CallObserver):
            def __init__(self, call: Call) -> None:
                self.name = call.operation

            def call_ended(self, end: CallEnd) -> None:
                ended.append(self)
                assert end.outcome == "ok"

        client = shop.with_options(hooks=[Span])
        await asyncio.gather(client.account(), client.webhooks.list())
        assert sorted(span.name for span in ended) == ["account", "webhooks.list"]

    async def test_no_observers_without_hooks(
        self, shop: ShopClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without hooks and without the log at DEBUG, no observer is created."""
        monkeypatch.setattr("etelecom_async._core.hooks.Observers.__init__", None)
        await shop.account()


class TestFailingHooks:
    """Test hooks that fail."""

    @pytest.mark.parametrize("where", ["hook", "attempt_started", "attempt_ended", "call_ended"])
    @pytest.mark.parametrize("error", [ZeroDivisionError, asyncio.CancelledError])
    async def test_failing_hook_breaks_nothing(
        self, shop: ShopClient, caplog: pytest.LogCaptureFixture, where: str, error: type[BaseException]
    ) -> None:
        """An exception in a hook is logged with its operation and ignored; other hooks still run."""

        def fail(*_: object) -> None:
            raise error

        failing = fail if where == "hook" else lambda _: type("Failing", (CallObserver,), {where: fail})()
        attempts: list[Attempt] = []
        client = shop.with_options(hooks=[failing, attempt_hook(attempts.append)])
        assert await client.account() == {}
        assert [attempt.outcome for attempt in attempts] == ["ok"]
        (record,) = caplog.records
        assert (record.levelname, record.getMessage()) == ("ERROR", "account: a hook failed")
        assert (record.kind, record.operation, record.error) == ("hook_failed", "account", error.__name__)
        assert record.exc_info[0] is error

    async def test_hook_that_returns_something_else(
        self, shop: ShopClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A hook that returns no observer is named in the log; the call continues."""
        assert await shop.with_options(hooks=[lambda _: 5]).account() == {}
        assert caplog.messages == ["account: a hook returned int, not a CallObserver or None"]


@pytest.mark.parametrize("function", [None, "print", 5, []], ids=repr)
def test_attempt_hook_of_no_function(function: Any) -> None:
    """A value that cannot be called is refused at once, and not in each call."""
    with pytest.raises(ConfigurationError, match=r"^attempt_hook takes a function, not "):
        attempt_hook(function)
