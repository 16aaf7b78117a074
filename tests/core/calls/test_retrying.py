"""A call after its first failure: how often it is retried, after how long, and what hooks hear of it."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
import tenacity

from etelecom_async import (
    Attempt,
    CallEnd,
    CallObserver,
    ConfigurationError,
    ConnectError,
    Effect,
    EtelecomError,
    QueueTimeoutError,
    RetryPolicy,
    ShopClient,
    attempt_hook,
    errors,
)
from etelecom_async._core.calls.limiter import Limiters
from etelecom_async._core.calls.options import Options
from etelecom_async._core.calls.retrying import RetryLoop
from etelecom_async._core.clock import Clock
from etelecom_async._core.hooks import Call, Observers

if TYPE_CHECKING:
    from tests.conftest import Asked, LoopClock, Peer, Reply, Waits


async def failure(call: Any) -> Any:
    """The error that a call ends with."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


class TestRepetition:
    """How often, after how long, and what is told of it."""

    async def test_all_attempts_fail(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """After three repetitions the last error comes, with all attempts and the waits between them."""
        peer.always = lambda _: peer.refusal("internal", 500)
        error = await failure(shop.account())
        assert type(error) is errors.InternalError
        assert [
            (attempt.number, attempt.outcome, attempt.status, attempt.wait) for attempt in error.attempts
        ] == [
            (1, "server_fault", 500, waits[0]),
            (2, "server_fault", 500, waits[1]),
            (3, "server_fault", 500, waits[2]),
            (4, "server_fault", 500, None),
        ]
        assert all(least <= wait <= 2 * least for least, wait in zip([0.25, 0.5, 1.0], waits, strict=True))
        assert len(peer.requests) == 4
        assert str(error) == "account: no (internal, HTTP 500). [4 attempts]"

    @pytest.mark.parametrize("retries", [0, 1, 5])
    async def test_retries(self, peer: Peer, shop: ShopClient, waits: Waits, retries: int) -> None:
        """`retries=` is the number of repetitions."""
        peer.always = lambda _: peer.DROP
        error = await failure(shop.with_options(retries=retries).account())
        assert len(peer.requests) == len(error.attempts) == retries + 1
        assert len(waits) == retries

    async def test_whole_policy(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A `RetryPolicy` says the waits, too."""
        peer.always = lambda _: peer.DROP
        policy = RetryPolicy(retries=2, wait_initial=0, wait_max=0)
        await failure(shop.with_options(retries=policy).account())
        assert waits == [0, 0]

    async def test_every_attempt_sends_the_same_bytes(self, peer: Peer, shop: ShopClient) -> None:
        """The body is written once."""
        peer.respond_with(peer.DROP, peer.DROP, peer.json({"error": 0}))
        await shop.zalo.consents.check(oa_id="1", phone="0901234567")
        first, *others = [asked.body for asked in peer.requests]
        assert others == [first, first]

    async def test_first_attempt_pays_nothing(
        self, peer: Peer, shop: ShopClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A call that works does not enter tenacity; one that fails does."""

        def refuse(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(tenacity.AsyncRetrying, "__init__", refuse)
        assert await shop.account() == {}
        peer.respond_with(peer.DROP)
        with pytest.raises(ZeroDivisionError):
            await shop.account()

    @pytest.mark.parametrize("form", ["seconds", "date"])
    async def test_retry_after(self, peer: Peer, shop: ShopClient, waits: Waits, form: str) -> None:
        """The client waits for the seconds of `Retry-After`, or until its date."""
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
        header = "60" if form == "seconds" else date
        peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After=header))
        await shop.account()
        assert 50 < waits[0] <= 60

    async def test_retry_after_beyond_the_deadline(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A `Retry-After` longer than what is left of the deadline ends the call at once."""
        peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="11"))
        error = await failure(shop.with_options(deadline=11).account())
        assert type(error) is errors.ResourceExhaustedError
        assert error.retry_after == 11
        assert waits == []
        assert [attempt.wait for attempt in error.attempts] == [None]

    async def test_no_limit(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """Without a deadline any `Retry-After` is waited."""
        peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="1000000"))
        await shop.with_options(deadline=None, attempt_timeout=None).account()
        assert waits == [1000000]

    async def test_deadline_counts_attempts_and_waits(
        self, peer: Peer, shop: ShopClient, waits: Waits
    ) -> None:
        """The deadline is for all attempts and waits together."""
        policy = RetryPolicy(retries=100, wait_initial=4, wait_max=4)

        def respond(_: object) -> Reply:
            waits.at += 10
            return peer.DROP

        peer.always = respond
        error = await failure(shop.with_options(deadline=60, retries=policy).account())
        # 10 s an attempt and 2 to 4 s a wait: the fourth wait ends before 60 s in any case, the sixth never.
        assert 4 <= len(error.attempts) <= 5
        assert waits.at - 1000 < 60 + 10

    async def test_attempts_are_timed_one_by_one(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """Each attempt tells its own seconds, without the waits."""

        def respond(_: object) -> Reply:
            waits.at += len(peer.requests)
            return peer.json({}) if len(peer.requests) == 3 else peer.DROP

        peer.always = respond
        attempts: list[Attempt] = []
        await shop.with_options(hooks=[attempt_hook(attempts.append)]).account()
        assert [attempt.seconds for attempt in attempts] == [1, 2, 3]

    async def test_cancelled_attempt(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A repetition that is cancelled is told with its number and its own seconds, and nothing follows."""
        peer.respond_with(peer.DROP, peer.HANG)
        attempts: list[Attempt] = []
        call = asyncio.create_task(shop.with_options(hooks=[attempt_hook(attempts.append)]).account())
        await peer.until(2)
        waits.at += 2
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert [(attempt.number, attempt.outcome, attempt.seconds, attempt.wait) for attempt in attempts] == [
            (1, "response_lost", 0, waits[0]),
            (2, "cancelled", 2, None),
        ]

    async def test_cancelled_wait(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """Cancelling a call while it waits cancels no attempt."""
        attempts: list[Attempt] = []
        client = shop.with_options(hooks=[attempt_hook(attempts.append)])

        async def cancel() -> None:
            call.cancel()
            await asyncio.sleep(0)

        waits.govern(client, cancel)
        peer.respond_with(peer.DROP)
        call = asyncio.create_task(client.account())
        await asyncio.wait([call])
        assert call.cancelled()
        assert [attempt.outcome for attempt in attempts] == ["response_lost"]

    async def test_wait_that_took_too_long(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """Where no time is left after a wait, nothing is sent, and no attempt is told that was not made."""
        waits.late = 100
        peer.respond_with(peer.refusal("resource_exhausted", 429))
        error = await failure(shop.with_options(deadline=50).call("Any/Thing", effect=Effect.SEND))
        assert type(error) is errors.ResourceExhaustedError
        assert len(peer.requests) == len(error.attempts) == 1

    async def test_turn_that_does_not_come(
        self, peer: Peer, shop: ShopClient, waits: Waits, loop_clock: LoopClock
    ) -> None:
        """A repetition that has to queue until the deadline is not made: the last error is told."""
        client = shop.with_options(concurrency=1, deadline=20, retries=RetryPolicy(retries=1, wait_initial=0))
        others: list[asyncio.Task[Any]] = []

        async def pass_time_while_it_queues() -> None:
            while not client.stats().reads.waiting:  # noqa: ASYNC110 - a queue has no event
                await asyncio.sleep(0)
            loop_clock.advance(21)

        async def call_another() -> None:
            others.append(asyncio.create_task(client.with_options(deadline=60).account()))
            await peer.until(2)
            others.append(asyncio.create_task(pass_time_while_it_queues()))

        waits.govern(client, call_another)
        peer.respond_with(peer.DROP, peer.HANG)
        error = await failure(client.account())
        assert "the connection broke" in str(error)
        assert len(error.attempts) == 1
        others[0].cancel()
        await asyncio.gather(*others, return_exceptions=True)
        assert len(peer.requests) == 2

    @pytest.mark.parametrize("options", [{"attempt_timeout": 20}, {"deadline": 20}], ids=str)
    async def test_time_limits(
        self, peer: Peer, shop: ShopClient, loop_clock: LoopClock, options: dict[str, float]
    ) -> None:
        """An attempt ends with its own limit, or with what is left of the deadline."""
        peer.always = lambda _: peer.HANG
        peer.on_hang = lambda: loop_clock.advance(21)
        error = await failure(shop.with_options(retries=0, **options).account())
        assert type(error) is errors.ResponseLostError
        assert "no response within 20 s" in str(error)

    async def test_connection_is_given_back_while_waiting(
        self, peer: Peer, shop: ShopClient, waits: Waits
    ) -> None:
        """While a call waits for its repetition, it holds no connection."""
        held: list[int] = []

        async def look() -> None:
            held.append(len(shop._engine.transport._open_session().connector._acquired))

        waits.govern(shop, look)
        peer.respond_with(peer.refusal("resource_exhausted", 429), peer.DROP)
        await shop.account()
        assert held == [0, 0]


class Attempts:
    """Attempts that end as the test says, on a clock that only waits move."""

    def __init__(self, *outcomes: object) -> None:
        self.outcomes = list(outcomes)
        self.slept: list[float] = []
        self.now = 0.0

    async def make(self, _: float) -> tuple[object, int]:
        """The next attempt."""
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome, 200

    async def sleep(self, seconds: float) -> None:
        """Waits without waiting."""
        self.slept.append(seconds)
        self.now += seconds

    def loop(self, observers: Observers | None = None, **options: Any) -> RetryLoop:
        """The loop of a read."""
        clock = Clock(lambda: self.now, self.sleep)
        self.limiter = Limiters(1, math.inf, clock).limiter(Effect.READ)
        return RetryLoop(
            "shop.current",
            Effect.READ,
            self.make,
            lambda: True,
            self.limiter,
            options=Options(clock=clock, **options),
            observers=observers,
        )


class TestLoop:
    """The loop by itself."""

    @pytest.mark.parametrize("is_first_made", [False, True])
    async def test_until_an_attempt_succeeds(self, *, is_first_made: bool) -> None:
        """Attempts are made until one succeeds, whether or not the first one was made before."""
        attempts = Attempts(ConnectError("1"), ConnectError("2"), "done", "never asked for")
        loop = attempts.loop()
        if is_first_made:
            assert attempts.limiter.acquire_nowait() == 0.0
            with pytest.raises(ConnectError) as caught:
                await attempts.make(60)
            result = await loop.run_after(caught.value, 0.0)
        else:
            result = await loop.run()
        assert result == "done"
        assert attempts.outcomes == ["never asked for"]
        assert [attempt.wait for attempt in loop.attempts] == [*attempts.slept, None]

    async def test_shared_rate_that_breaks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If a retry cannot start, the failure of the last attempt is raised: it says more."""

        async def refuse(*, is_retry: bool) -> float:
            assert is_retry
            raise ConfigurationError("no such file")

        attempts = Attempts(first := ConnectError("1"))
        loop = attempts.loop()
        assert attempts.limiter.acquire_nowait() == 0.0
        monkeypatch.setattr(attempts.limiter, "acquire", refuse)
        assert await failure(loop.run_after(attempts.outcomes.pop(), 0.0)) is first
        assert loop.gave_up == "rate"

    @pytest.mark.parametrize("retries", [0, 1, 3])
    async def test_last_failure_is_raised_itself(self, retries: int) -> None:
        """After the policy's retries the last failure is raised, in no wrapper of tenacity's."""
        failures = [ConnectError(str(number)) for number in range(5)]
        loop = Attempts(*failures).loop(retry=RetryPolicy(retries=retries))
        assert await failure(loop.run()) is failures[retries]
        assert len(loop.attempts) == retries + 1

    async def test_other_exceptions_end_the_loop(self) -> None:
        """An error that the policy does not retry ends the loop; so does a fault of this program."""
        assert type(await failure(Attempts(errors.NotFoundError("x")).loop().run())) is errors.NotFoundError
        with pytest.raises(ZeroDivisionError):
            await Attempts(ConnectError("1"), ZeroDivisionError()).loop().run()

    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (ZeroDivisionError(), "doubt"),
            (SystemExit(), "doubt"),
            (GeneratorExit(), "doubt"),
            (asyncio.CancelledError(), "cancelled"),
            (ConnectError("1"), "never_sent"),
        ],
        ids=repr,
    )
    async def test_every_attempt_ends_for_observers(self, error: BaseException, outcome: str) -> None:
        """Whatever ends an attempt, its observers hear its end once, and the exception is raised itself."""
        told: list[Attempt] = []
        attempts = Attempts(error)
        call = Call(
            operation="shop.current",
            wire_name="Shop/CurrentShop",
            effect=Effect.READ,
            server_address="api.etelecom.vn",
            server_port=443,
            limiter=Limiters(1, math.inf).limiter(Effect.READ),
        )
        observers = Observers([attempt_hook(told.append)], call)
        loop = attempts.loop(observers, retry=RetryPolicy(retries=0))
        with pytest.raises(type(error)) as caught:
            await loop.run()
        assert caught.value is error
        assert [attempt.outcome for attempt in told] == [outcome]
        assert loop.attempts == tuple(told)
        assert attempts.limiter.in_flight == 0

    @pytest.mark.parametrize(("deadline", "is_retried"), [(60.0, False), (60.5, True)])
    async def test_no_wait_reaches_the_deadline(self, deadline: float, *, is_retried: bool) -> None:
        """A call does not wait until its deadline or longer: it ends at once."""
        asked = errors.UnavailableError("x", retry_after=60.0)
        attempts = Attempts(asked, "done")
        loop = attempts.loop(deadline=deadline)
        if is_retried:
            assert await loop.run() == "done"
        else:
            assert await failure(loop.run()) is asked
        assert attempts.slept == ([60.0] if is_retried else [])


class TestQueueTimeout:
    """The wait for the first turn."""

    @staticmethod
    async def until_queued(client: ShopClient) -> None:
        """Wait until a read waits for its turn."""
        while not client.stats().reads.waiting:  # noqa: ASYNC110 - a queue has no event
            await asyncio.sleep(0)

    @staticmethod
    def check(error: EtelecomError) -> None:
        """Check that the error says that nothing was sent."""
        assert type(error) is QueueTimeoutError
        assert (error.operation, error.attempts, error.may_have_happened) == ("account", (), False)
        assert not error.can_verify
        assert error.__context__ is None
        assert "the call cannot start within 5 s (queue_timeout), so nothing was sent." in str(error)

    @pytest.mark.parametrize("is_observed", [False, True])
    async def test_turn(
        self, peer: Peer, shop: ShopClient, loop_clock: LoopClock, *, is_observed: bool
    ) -> None:
        """A call that does not get its turn in time raises, leaves the queue, and is not sent."""
        ends: list[CallEnd] = []

        class Observer(CallObserver):
            def call_ended(self, end: CallEnd) -> None:
                ends.append(end)

        client = shop.with_options(concurrency=1)
        impatient = client.with_options(queue_timeout=5, hooks=[lambda _: Observer()] if is_observed else [])
        peer.always = lambda _: peer.HANG
        first = asyncio.create_task(client.account())
        await peer.until(1)
        second = asyncio.create_task(failure(impatient.account()))
        await self.until_queued(client)
        loop_clock.advance(4.9)
        await asyncio.sleep(0)
        assert not second.done()
        loop_clock.advance(0.2)
        self.check(await second)
        assert client.stats().reads == (1, 0, 1.0)
        first.cancel()
        await asyncio.wait([first])
        assert client.stats().reads == (0, 0, 1.0)
        assert len(peer.requests) == 1
        assert [(end.error, end.attempts, end.may_have_happened) for end in ends] == (
            [("QueueTimeoutError", (), False)] if is_observed else []
        )

    async def test_turn_in_time(self, peer: Peer, shop: ShopClient, loop_clock: LoopClock) -> None:
        """After its turn, a call has its whole deadline; *queue_timeout* limits no attempt and no retry."""
        client = shop.with_options(concurrency=1, queue_timeout=5, deadline=20, retries=0)
        peer.respond_with(peer.HANG, peer.HANG)
        first = asyncio.create_task(client.account())
        await peer.until(1)
        second = asyncio.create_task(failure(client.account()))
        await self.until_queued(client)
        first.cancel()
        await peer.until(2)
        loop_clock.advance(19)
        await asyncio.sleep(0)
        assert not second.done()
        loop_clock.advance(2)
        error = await second
        assert type(error) is errors.ResponseLostError
        assert len(error.attempts) == 1

    async def test_retry_has_no_queue_timeout(
        self, peer: Peer, shop: ShopClient, waits: Waits, loop_clock: LoopClock
    ) -> None:
        """A retry waits for its turn until the deadline, as its call was sent already."""
        client = shop.with_options(concurrency=1, deadline=60, retries=1)
        others: list[asyncio.Task[Any]] = []

        async def free_the_turn_late() -> None:
            await self.until_queued(client)
            loop_clock.advance(20)
            await asyncio.sleep(0)
            others[0].cancel()

        async def call_another() -> None:
            others.append(asyncio.create_task(client.account()))
            await peer.until(2)
            others.append(asyncio.create_task(free_the_turn_late()))

        waits.govern(client, call_another)
        peer.respond_with(peer.DROP, peer.HANG)
        assert await client.with_options(queue_timeout=5).account() == {}
        await asyncio.wait(others)
        assert len(peer.requests) == 3

    async def test_long_pause(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A call does not wait for a pause that is too long: it raises at once, and names the pause."""
        client = shop.with_options(queue_timeout=5)
        shop._engine.limiters.limiter(Effect.SEND).on_throttle(8.0)
        error = await failure(client.account())
        self.check(error)
        assert "so all calls pause for another 8.0 s" in str(error)
        assert (waits, peer.requests) == ([], [])
        assert await client.with_options(queue_timeout=9).account() == {}
        assert waits == [8.0]

    async def test_pause_that_begins_later(
        self, peer: Peer, shop: ShopClient, waits: Waits, loop_clock: LoopClock
    ) -> None:
        """A pause that begins or becomes longer while the call waits does not prolong its wait."""
        started = asyncio.Event()

        async def sleep() -> None:
            started.set()
            await asyncio.Event().wait()

        client = shop.with_options(queue_timeout=5)
        waits.govern(client, sleep)
        limiter = client._engine.limiters.limiter(Effect.READ)
        limiter.on_throttle(2.0)
        call = asyncio.create_task(failure(client.account()))
        await started.wait()
        limiter.on_throttle(30.0)
        loop_clock.advance(5.1)
        error = await call
        self.check(error)
        assert "pause for another 30.0 s" in str(error)
        assert (limiter.in_flight, peer.requests) == (0, [])

    async def test_rate(self, peer: Peer, shop: ShopClient, waits: Waits, loop_clock: LoopClock) -> None:
        """The wait for the rate counts, too, and the start that was not used goes to the next call."""
        started = asyncio.Event()

        async def sleep() -> None:
            if not started.is_set():
                started.set()
                await asyncio.Event().wait()

        client = shop.with_options(rate=0.1, queue_timeout=5)
        waits.govern(client, sleep)
        await client.account()
        call = asyncio.create_task(failure(client.account()))
        await started.wait()
        loop_clock.advance(5.1)
        self.check(await call)
        waits.at = 1000.0
        await client.with_options(queue_timeout=20).account()
        assert (waits, len(peer.requests)) == ([10.0, 10.0], 2)

    async def test_turn_that_comes_late(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A turn that comes too late by the clock is given back, as after a blocked event loop."""
        client = shop.with_options(rate=0.1, queue_timeout=5)
        waits.govern(client)
        await client.account()
        self.check(await failure(client.account()))
        assert client.stats().reads == (0, 0, 64.0)
        assert (client.stats().attempts, len(peer.requests)) == (1, 1)

    async def test_hold(self, shop: ShopClient, loop_clock: LoopClock) -> None:
        """The wait for an operation that is held counts, too; other operations go on."""
        client = shop.with_options(queue_timeout=5)
        limiter = client._engine.limiters.limiter(Effect.READ)
        limiter.hold("account")
        call = asyncio.create_task(failure(client.account()))
        await self.until_queued(client)
        assert await client.call("Any/Thing", effect=Effect.READ) == {}
        loop_clock.advance(5.1)
        self.check(await call)
        assert limiter.waiting == 0


async def test_two_calls_that_were_throttled_together(peer: Peer, shop: ShopClient) -> None:
    """Of two calls in flight that are both throttled without a time, one probes, and both succeed."""
    requests: list[object] = []

    def reply(request: Asked) -> Reply:
        requests.append(request)
        return peer.refusal("resource_exhausted", 429) if len(requests) <= 2 else peer.json({})

    peer.always = reply
    assert await asyncio.gather(shop.account(), shop.account()) == [{}, {}]
    assert len(requests) == 4
