"""Test concurrent calls: inputs taken, calls in flight, outcomes, and leaving early."""

from __future__ import annotations

import asyncio
import itertools
import pickle
import weakref
from contextlib import aclosing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import MapResult, RetryPolicy, ShopClient, errors
from etelecom_async._core.calls.concurrent_map import concurrent_map

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator

    from tests.conftest import Asked, Peer, Reply, Waits

REFUSED = errors.NotFoundError("there is none")


class Calls:
    """Calls that end when the test ends them."""

    def __init__(self) -> None:
        self.under_way: dict[Any, asyncio.Future[str]] = {}
        self.started: list[Any] = []
        self.most = 0
        """Number of calls in flight."""
        self.cancelled: list[Any] = []

    async def __call__(self, given: Any) -> str:
        """Start a call and wait for its end."""
        self.started.append(given)
        self.under_way[given] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.under_way))
        try:
            return await self.under_way[given]
        except asyncio.CancelledError:
            self.cancelled.append(given)
            raise
        finally:
            del self.under_way[given]

    def end(self, *inputs: Any) -> None:
        """End the calls with these inputs."""
        for given in inputs:
            self.under_way[given].set_result(f"of {given}")

    def end_all(self) -> None:
        """End all calls in flight."""
        self.end(*self.under_way)

    def fail(self, given: Any, error: BaseException) -> None:
        """Make a call fail with an error."""
        self.under_way[given].set_exception(error)


class Taken:
    """Endless inputs that count how many of them were taken."""

    def __init__(self) -> None:
        self.number = 0
        self.ended = False

    def __iter__(self) -> Iterator[int]:
        try:
            while True:
                self.number += 1
                yield self.number
        finally:
            self.ended = True

    async def later(self) -> AsyncGenerator[int, None]:
        """Yield the same values, one iteration of the loop later each."""
        for number in self:
            await asyncio.sleep(0)
            yield number


async def later(inputs: Iterable[Any]) -> AsyncIterator[Any]:
    """Yield the same values, one iteration of the loop later each."""
    for given in inputs:
        await asyncio.sleep(0)
        yield given


async def until_idle() -> None:
    """Wait until all tasks wait for the test."""
    for _ in range(20):
        await asyncio.sleep(0)


async def echo(given: Any) -> str:
    """Return the input, one iteration of the loop later."""
    await asyncio.sleep(0)
    return f"of {given}"


async def consume(
    made: AsyncGenerator[MapResult[Any, Any], None], then: Callable[[MapResult[Any, Any]], None] = id
) -> None:
    """Consume the outcomes one by one."""
    async for outcome in made:
        then(outcome)


def unchanged(inputs: Any) -> Any:
    """Return the inputs unchanged."""
    return inputs


SOURCES = pytest.mark.parametrize("source", [unchanged, later], ids=["iterable", "async iterable"])
ORDERS = pytest.mark.parametrize("in_order", [False, True], ids=["as they finish", "in order"])


class TestOutcomes:
    """Test the outcomes that the caller gets."""

    @pytest.mark.parametrize(
        ("in_order", "expected"), [(False, [2, 0, 1]), (True, [0, 1, 2])], ids=["as they finish", "in order"]
    )
    async def test_order(self, expected: list[int], *, in_order: bool) -> None:
        """Outcomes arrive as the calls finish, or in the order of the inputs if requested."""
        calls = Calls()
        made = concurrent_map(calls, range(3), concurrency=3, in_order=in_order)
        seen = [asyncio.ensure_future(anext(made))]
        await until_idle()
        calls.end(2)
        await until_idle()
        assert seen[0].done() != in_order
        calls.end(0)
        await until_idle()
        calls.end(1)
        outcomes = [await seen[0]] + [outcome async for outcome in made]
        assert outcomes == [MapResult(given, f"of {given}", None) for given in expected]

    @SOURCES
    @ORDERS
    @pytest.mark.parametrize("number", [0, 1, 3, 4, 9])
    async def test_every_input(self, number: int, source: Any, *, in_order: bool) -> None:
        """Each input is used once, whether there are none, fewer than the limit, or more."""
        outcomes = [
            outcome
            async for outcome in concurrent_map(echo, source(range(number)), concurrency=4, in_order=in_order)
        ]
        assert sorted(outcomes) == [(given, f"of {given}", None) for given in range(number)]
        assert not in_order or outcomes == sorted(outcomes)

    @ORDERS
    async def test_failed_call(self, *, in_order: bool) -> None:
        """A failed call does not end the others; its `MapResult` has the input, and raises the error."""

        async def call(given: int) -> str:
            if given == 1:
                raise REFUSED
            return await echo(given)

        outcomes = sorted(
            [outcome async for outcome in concurrent_map(call, range(4), concurrency=2, in_order=in_order)]
        )
        assert [outcome.input for outcome in outcomes] == [0, 1, 2, 3]
        assert [outcome.error for outcome in outcomes] == [None, REFUSED, None, None]
        assert [outcome.result for outcome in outcomes] == ["of 0", None, "of 2", "of 3"]
        with pytest.raises(errors.NotFoundError) as caught:
            outcomes[1].unwrap()
        assert caught.value is REFUSED
        assert outcomes[0].unwrap() == "of 0"

    def test_map_result(self) -> None:
        """A `MapResult` can be unpacked and pickled, and a call that returns None has not failed."""
        outcome: MapResult[str, None] = MapResult("input", None, None)
        given, result, error = pickle.loads(pickle.dumps(outcome))
        assert (given, result, error) == ("input", None, None)
        outcome.unwrap()

    async def test_nothing_starts_before_the_iteration(self) -> None:
        """Before the iteration starts, no input is taken and no call starts."""
        taken, tasks = Taken(), asyncio.all_tasks()
        made = concurrent_map(echo, taken, concurrency=4, in_order=False)
        await until_idle()
        assert (taken.number, asyncio.all_tasks()) == (0, tasks)
        await made.aclose()


class TestLimits:
    """Test how many calls are in flight, and how many inputs are taken."""

    @SOURCES
    @pytest.mark.parametrize("concurrency", [1, 2, 7])
    async def test_in_flight(self, concurrency: int, source: Any) -> None:
        """As long as there are inputs, exactly *concurrency* calls are in flight."""
        calls = Calls()
        made = concurrent_map(calls, source(range(20)), concurrency=concurrency, in_order=False)
        for number in range(20):
            following = asyncio.ensure_future(anext(made))
            await until_idle()
            assert len(calls.under_way) == min(concurrency, 20 - number)
            calls.end(next(iter(calls.under_way)))
            await following
        assert calls.most == concurrency
        await made.aclose()

    @ORDERS
    @pytest.mark.parametrize("kind", ["iterable", "async iterable"])
    async def test_endless_inputs(self, kind: str, *, in_order: bool) -> None:
        """Of endless inputs, at most twice the concurrency are taken ahead, after any number of results."""
        taken = Taken()
        inputs = taken if kind == "iterable" else taken.later()
        seen = 0
        async with aclosing(concurrent_map(echo, inputs, concurrency=5, in_order=in_order)) as made:
            async for _ in made:
                seen += 1
                assert taken.number - seen < 2 * 5
                if seen == 1000:
                    break
        await until_idle()
        assert taken.ended

    async def test_memory(self) -> None:
        """Inputs and results are released: only those of the calls in flight stay in memory."""

        class Thing:
            pass

        living: weakref.WeakSet[Thing] = weakref.WeakSet()

        def thing(_: object = None) -> Thing:
            living.add(made := Thing())
            return made

        async def call(_: Thing) -> Thing:
            await asyncio.sleep(0)
            return thing()

        seen = 0
        async for _ in concurrent_map(call, map(thing, range(1000)), concurrency=5, in_order=False):
            seen += 1
            assert len(living) <= 2 * (2 * 5 + 1)
        assert seen == 1000

    @pytest.mark.parametrize("concurrency", [1, 4])
    async def test_slow_caller(self, concurrency: int) -> None:
        """While the caller is busy, twice the concurrency of calls are made, and then no more."""
        calls, taken = Calls(), Taken()
        made = concurrent_map(calls, taken, concurrency=concurrency, in_order=False)
        first = asyncio.ensure_future(anext(made))
        for _ in range(5):
            await until_idle()
            calls.end_all()
        assert (await first).input == 1
        assert len(calls.started) == taken.number == 2 * concurrency
        assert calls.under_way == {}
        for number in range(2, 2 * concurrency + 1):
            assert (await anext(made)).input == number
        await made.aclose()

    @SOURCES
    @pytest.mark.parametrize("number", [0, 1, 3])
    async def test_number_of_tasks(self, number: int, source: Any) -> None:
        """No more tasks start than there are inputs; one more takes the inputs of an async iterable."""
        loop, started = asyncio.get_running_loop(), []

        def start(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
            task = asyncio.Task(work, loop=loop, **options)
            started.append(task)
            return task

        loop.set_task_factory(start)
        made = concurrent_map(echo, source(range(number)), concurrency=10**9, in_order=False)
        assert len([outcome async for outcome in made]) == number
        loop.set_task_factory(None)
        assert len(started) == number + (source is later)

    async def test_inputs_that_come_late(self) -> None:
        """Inputs that come after all calls have ended are used, too."""

        async def inputs() -> AsyncIterator[int]:
            for number in range(3):
                await until_idle()
                yield number

        made = concurrent_map(echo, inputs(), concurrency=2, in_order=True)
        assert [outcome.result async for outcome in made] == ["of 0", "of 1", "of 2"]

    @SOURCES
    async def test_context(self, source: Any) -> None:
        """Calls run in the context in which the iteration began, whatever the inputs set."""
        variable = ContextVar("variable", default="of the caller")

        def inputs() -> Iterator[int]:
            for number in range(5):
                variable.set("of the inputs")
                yield number

        async def call(_: int) -> str:
            return variable.get()

        made = concurrent_map(call, source(inputs()), concurrency=2, in_order=True)
        assert [outcome.result async for outcome in made] == ["of the caller"] * 5

    async def test_slow_call_in_order(self) -> None:
        """In order, a slow call delays the others before too many inputs are taken."""
        calls, taken = Calls(), Taken()
        made = concurrent_map(calls, taken, concurrency=3, in_order=True)
        first = asyncio.ensure_future(anext(made))
        for _ in range(5):
            await until_idle()
            calls.end(*(calls.under_way.keys() - {1}))
        assert (calls.started, taken.number) == ([1, 2, 3, 4, 5, 6], 6)
        calls.end(1)
        assert [(await first).input] + [(await anext(made)).input for _ in range(5)] == [1, 2, 3, 4, 5, 6]
        await made.aclose()


class TestOtherExceptions:
    """Test exceptions that are not an `EtelecomError`."""

    @ORDERS
    async def test_of_a_call(self, *, in_order: bool) -> None:
        """Another exception of a call is raised after the outcomes of all other inputs that were taken."""
        calls, taken = Calls(), Taken()
        outcomes: list[MapResult[int, str]] = []
        walk = asyncio.create_task(
            consume(concurrent_map(calls, taken, concurrency=3, in_order=in_order), outcomes.append)
        )
        await until_idle()
        calls.fail(2, ZeroDivisionError("a bug"))
        await until_idle()
        assert not walk.done()
        assert calls.started == [1, 2, 3]
        calls.end(1)
        await until_idle()
        assert sorted(calls.under_way) == [3, 4]
        calls.end(4)
        for _ in range(4):
            await until_idle()
            calls.end_all()
        with pytest.raises(ZeroDivisionError, match="a bug"):
            await walk
        assert calls.started == list(range(1, taken.number + 1))
        assert {outcome.input for outcome in outcomes} == set(calls.started) - {2}
        assert [outcome.input for outcome in outcomes if outcome.error] == []
        assert not in_order or outcomes == sorted(outcomes)
        assert calls.cancelled == []

    async def test_of_every_call(self) -> None:
        """If all calls raise such an exception, one is raised, and only the first calls are made."""
        started: list[int] = []

        async def call(given: int) -> None:
            started.append(given)
            await asyncio.sleep(0)
            raise KeyError(given)

        with pytest.raises(KeyError):
            await consume(concurrent_map(call, Taken(), concurrency=4, in_order=False))
        assert started == [1, 2, 3, 4]

    @pytest.mark.parametrize(
        ("error", "raised"),
        [
            (asyncio.CancelledError(), asyncio.CancelledError),
            (StopAsyncIteration(), RuntimeError),
            (StopIteration(), RuntimeError),
        ],
        ids=repr,
    )
    async def test_control_exceptions_of_a_call(
        self, error: BaseException, raised: type[BaseException]
    ) -> None:
        """A call that is cancelled from elsewhere, or raises StopIteration, is not ignored."""

        async def call(_: int) -> None:
            raise error

        with pytest.raises(raised):
            await consume(concurrent_map(call, range(3), concurrency=2, in_order=False))

    @SOURCES
    @ORDERS
    @pytest.mark.parametrize("error", [ZeroDivisionError("of the inputs"), REFUSED], ids=["other", "ours"])
    async def test_of_the_inputs(self, source: Any, error: Exception, *, in_order: bool) -> None:
        """Any exception of the inputs, even an SDK error, is raised after the earlier outcomes."""

        def inputs() -> Iterator[int]:
            yield from range(7)
            raise error

        outcomes: list[MapResult[int, str]] = []
        with pytest.raises(type(error)) as caught:
            await consume(
                concurrent_map(echo, source(inputs()), concurrency=3, in_order=in_order), outcomes.append
            )
        assert caught.value is error
        assert sorted(outcome.input for outcome in outcomes) == list(range(7))

    async def test_inputs_that_keep_waiting(self) -> None:
        """An exception is raised even if the inputs keep waiting."""
        came = asyncio.Event()

        async def inputs() -> AsyncIterator[int]:
            yield 1
            try:
                await asyncio.Event().wait()
            finally:
                came.set()

        async def call(_: int) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await consume(concurrent_map(call, inputs(), concurrency=2, in_order=False))
        assert came.is_set()

    async def test_inputs_that_are_not_iterable(self) -> None:
        """Inputs that are not iterable are refused with Python's own error."""
        with pytest.raises(TypeError, match="not iterable"):
            await consume(concurrent_map(echo, 5, concurrency=2, in_order=False))


class TestLeaving:
    """Test leaving the iteration early."""

    @SOURCES
    async def test_closing(self, source: Callable[[Taken], Any]) -> None:
        """Closing the iterator cancels the calls in flight, and no task continues."""
        calls, taken, tasks = Calls(), Taken(), asyncio.all_tasks()
        async with aclosing(concurrent_map(calls, source(taken), concurrency=4, in_order=False)) as made:
            first = asyncio.ensure_future(anext(made))
            await until_idle()
            calls.end(1)
            await first
        assert sorted(calls.cancelled) == [2, 3, 4, 5]
        assert asyncio.all_tasks() == tasks

    async def test_break(self) -> None:
        """Leaving the loop without closing cancels the calls in flight soon afterwards."""
        calls, tasks = Calls(), asyncio.all_tasks()

        async def call(given: int) -> str:
            return await (echo if given == 1 else calls)(given)

        async for _ in concurrent_map(call, Taken(), concurrency=2, in_order=False):
            break
        await until_idle()
        assert sorted(calls.cancelled) == [2, 3]
        assert asyncio.all_tasks() == tasks

    @pytest.mark.parametrize("times", [1, 2])
    async def test_cancelled(self, times: int) -> None:
        """Cancelling the task that iterates cancels the calls in flight, even if it is cancelled twice."""
        calls, taken, tasks = Calls(), Taken(), asyncio.all_tasks()
        walk = asyncio.create_task(consume(concurrent_map(calls, taken, concurrency=3, in_order=True)))
        await until_idle()
        for _ in range(times):
            walk.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await walk
        await until_idle()
        assert calls.cancelled == [1, 2, 3]
        assert asyncio.all_tasks() == tasks
        assert taken.ended

    async def test_slow_end(self) -> None:
        """Closing waits until each cancelled call has ended."""
        ended: list[int] = []

        async def call(given: int) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await until_idle()
                ended.append(given)

        made = concurrent_map(call, range(3), concurrency=3, in_order=False)
        walk = asyncio.create_task(consume(made))
        await until_idle()
        walk.cancel()
        with pytest.raises(asyncio.CancelledError):
            await walk
        assert ended == [0, 1, 2]


def responding(peer: Peer) -> Callable[[Asked], Reply]:
    """Respond to each call with its own number."""
    return lambda request: peer.json({"number": request.json["number"]})


class TestWithAClient:
    """Test with a client over real sockets."""

    async def test_creates(self, peer: Peer, shop: ShopClient) -> None:
        """Each input is sent once, gets its own result, and at most *concurrency* calls are in flight."""
        peer.always = responding(peer)
        client = shop.with_options(concurrency=8)
        in_flight: list[int] = []

        async def call(number: int) -> Any:
            in_flight.append(client.stats().writes.in_flight)
            return await client.call("Any/Create", {"number": number})

        outcomes = [outcome async for outcome in client.map(call, range(200))]
        assert sorted((outcome.input, outcome.unwrap()["number"]) for outcome in outcomes) == [
            (i, i) for i in range(200)
        ]
        assert sorted(request.json["number"] for request in peer.requests) == list(range(200))
        assert max(in_flight) == 7  # and the one that counts
        assert peer.connections == 8

    async def test_errors(self, peer: Peer, shop: ShopClient) -> None:
        """Refusals, lost responses and invalid arguments each appear with their own input."""
        peer.always = lambda request: {
            1: peer.DROP,
            2: peer.refusal("not_found", 404),
        }.get(request.json["number"], peer.json({"id": "5"}))

        async def call(number: Any) -> object:
            return await shop.call("Any/Create", {"number": number})

        outcomes = [outcome async for outcome in shop.map(call, [0, 1, 2, 1 + 2j], in_order=True)]
        assert [type(outcome.error) for outcome in outcomes] == [
            type(None),
            errors.OutcomeUnknownError,
            errors.NotFoundError,
            errors.InvalidRequestError,
        ]
        assert [
            outcome.input for outcome in outcomes if outcome.error and outcome.error.may_have_happened
        ] == [1]
        assert outcomes[0].unwrap() == {"id": "5"}

    async def test_throttled(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A server that throttles lowers the limit, and in the end each call is made once."""
        seen: set[int] = set()

        def turn_away_once(request: Asked) -> Reply:
            number = request.json["number"]
            if number % 3 or number in seen:
                return peer.json({"number": number})
            seen.add(number)
            return peer.refusal("resource_exhausted", 429, Retry_After="0")

        peer.always = turn_away_once
        client = shop.with_options(concurrency=8, retries=RetryPolicy(retries=5, wait_max=0))
        waits.govern(client, lambda: asyncio.sleep(0))
        limits: list[float] = []

        async def call(number: int) -> Any:
            return await client.call("Any/Create", {"number": number})

        async for outcome in client.map(call, range(60)):
            assert outcome.unwrap() == {"number": outcome.input}
            limits.append(client.stats().writes.limit)
        assert len(limits) == 60
        assert min(limits) < 8
        assert client.stats().throttles == client.stats().retries == 20

    async def test_two_at_a_time(self, peer: Peer, shop: ShopClient) -> None:
        """Two maps of a client share its limiters, and each gets its own results."""
        peer.always = responding(peer)
        client = shop.with_options(concurrency=4)
        in_flight: list[int] = []

        async def call(number: int) -> Any:
            in_flight.append(client.stats().writes.in_flight)
            return await client.call("Any/Create", {"number": number})

        async def made(numbers: range) -> list[int]:
            return [outcome.unwrap()["number"] async for outcome in client.map(call, numbers, in_order=True)]

        assert await asyncio.gather(made(range(50)), made(range(50, 100))) == [
            list(range(50)),
            list(range(50, 100)),
        ]
        assert max(in_flight) == 4
        assert peer.connections == 4

    @pytest.mark.parametrize("how", ["break", "cancel", "bug"])
    async def test_leaving(self, peer: Peer, shop: ShopClient, how: str) -> None:
        """Leaving early releases the limiters, and the client still works."""
        peer.always = lambda request: peer.json({}) if request.json["number"] == 1 else peer.HANG
        client = shop.with_options(concurrency=3)

        async def call(number: int) -> Any:
            return await client.call("Any/Create", {"number": number})

        async def walk() -> None:
            async with aclosing(client.map(call, itertools.count(1))) as made:
                async for _ in made:
                    if how == "break":
                        break
                    if how == "bug":
                        raise ZeroDivisionError

        walking = asyncio.create_task(walk())
        await peer.until(4 if how == "cancel" else 1)
        if how == "cancel":
            walking.cancel()
        await asyncio.wait([walking])
        assert walking.cancelled() == (how == "cancel")
        assert (not walking.cancelled() and walking.exception() is not None) == (how == "bug")
        assert client.stats().writes == (0, 0, 3.0)
        peer.always = responding(peer)
        assert len([outcome.unwrap() async for outcome in client.map(call, range(9))]) == 9

    async def test_list_as_input(self, peer: Peer, shop: ShopClient) -> None:
        """A list can be the inputs: pages are fetched as needed, and no longer after the iteration ends."""
        tasks = asyncio.all_tasks()
        pages = itertools.count(1)

        def give(request: Asked) -> Reply:
            if "number" in request.json:
                return peer.json({})
            page = next(pages)
            return peer.json(
                {"call_logs": [{"id": f"{page}{i}"} for i in range(3)], "paging": {"next": f"n{page}"}}
            )

        peer.always = give
        client, seen = shop.with_options(concurrency=2), []

        async def call(row: Any) -> Any:
            return await client.call("Any/Create", {"number": row.id})

        async with aclosing(client.map(call, client.call_logs.list(prefetch=1), in_order=True)) as made:
            async for outcome in made:
                seen.append(outcome.input.id)
                if len(seen) == 10:
                    break
        await until_idle()
        assert seen == ["10", "11", "12", "20", "21", "22", "30", "31", "32", "40"]
        assert asyncio.all_tasks() == tasks
        assert next(pages) <= 8  # 14 rows of 5 pages were taken; one row is ahead, and one may be waiting

    async def test_list_that_fails(self, peer: Peer, shop: ShopClient) -> None:
        """A list that fails raises its error with the checkpoint, after the outcomes of the earlier rows."""
        peer.respond_with(peer.json({"call_logs": [{"id": "1"}, {"id": "2"}], "paging": {"next": "n1"}}))
        peer.always = lambda request: (
            peer.json({}) if "number" in request.json else peer.refusal("permission_denied", 403)
        )

        async def call(row: Any) -> Any:
            return await shop.call("Any/Create", {"number": row.id})

        outcomes: list[MapResult[Any, Any]] = []
        with pytest.raises(errors.PermissionDeniedError) as caught:
            await consume(shop.map(call, shop.call_logs.list()), outcomes.append)
        assert sorted(outcome.input.id for outcome in outcomes if not outcome.error) == ["1", "2"]
        assert caught.value.checkpoint is not None

    async def test_concurrency_of_the_client(self, shop: ShopClient) -> None:
        """The limit is the *concurrency* of the client that makes the map; the default is 64."""
        for client, concurrency in ((shop, 64), (shop.with_options(concurrency=3), 3)):
            calls = Calls()
            async with aclosing(client.map(calls, range(100))) as made:
                first = asyncio.ensure_future(anext(made))
                await until_idle()
                assert len(calls.under_way) == concurrency
                calls.end(0)
                await first
