"""One call over real sockets: what is sent, what is retried, and what the caller gets."""

from __future__ import annotations

import asyncio
import json
import linecache
import logging
import pickle
import sys
import traceback
import warnings
from collections import UserDict
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from etelecom_async import (
    APIError,
    Attempt,
    CallEnd,
    CallObserver,
    ConnectError,
    DecodeError,
    Effect,
    EtelecomError,
    InvalidRequestError,
    NotAppliedError,
    OutcomeUnknownError,
    PagingError,
    PartnerClient,
    ProvisionalOperationWarning,
    ShopClient,
    SmsClient,
    UnlistedValueWarning,
    attempt_hook,
    errors,
    models,
)
from etelecom_async._core.codec import raw_pages
from etelecom_async._core.codec.raw_pages import RawPage
from etelecom_async.operations import OPERATIONS
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import LoopClock, Peer, Reply, Waits

READ, IDEMPOTENT, DELETE, CREATE, SEND = (
    Effect.READ,
    Effect.IDEMPOTENT,
    Effect.DELETE,
    Effect.CREATE,
    Effect.SEND,
)

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)

# The table of docs/reliability.md: for each failure its name, and what becomes of each effect.
AGAIN, UNKNOWN, FAULT, NO = "again", "outcome unknown", "raise, in doubt", "raise"
_REPEATED = {READ: AGAIN, IDEMPOTENT: AGAIN, DELETE: AGAIN}
_TABLE: dict[str, dict[Effect, str]] = {
    "throttled": dict.fromkeys(Effect, AGAIN),
    "rejected": dict.fromkeys(Effect, NO),
    "doubt": {**dict.fromkeys(Effect, FAULT), READ: NO},
    "server_fault": {**_REPEATED, CREATE: FAULT, SEND: FAULT},
    "response_lost": {**_REPEATED, CREATE: UNKNOWN, SEND: UNKNOWN},
}
FAILURES: dict[str, tuple[str, Callable[[Peer], Reply]]] = {
    "429": ("throttled", lambda peer: peer.refusal("resource_exhausted", 429)),
    "429 of another code": ("throttled", lambda peer: peer.refusal("slow_down", 429)),
    "429 of a proxy": ("throttled", lambda peer: peer.raw(b"<h1>slow", 429)),
    "429 with Retry-After": ("throttled", lambda peer: peer.refusal("odd", 429, Retry_After="1")),
    "resource_exhausted": ("throttled", lambda peer: peer.refusal("resource_exhausted", 403)),
    "hung up": ("response_lost", lambda peer: peer.DROP),
    "half a response": ("response_lost", lambda peer: peer.half()),
    "silent": ("response_lost", lambda peer: peer.HANG),
    "no HTTP": ("response_lost", lambda peer: peer.bare(b"x\r\n\r\n")),
    "502": ("response_lost", lambda peer: peer.raw(b"<h1>Bad Gateway", 502)),
    "502, resource_exhausted": ("response_lost", lambda peer: peer.refusal("resource_exhausted", 502)),
    "504": ("response_lost", lambda peer: peer.refusal("unavailable", 504)),
    "524 of a CDN": ("response_lost", lambda peer: peer.raw(b"<h1>", 524)),
    "200 of HTML": ("response_lost", lambda peer: peer.raw(b"<html>")),
    "500": ("server_fault", lambda peer: peer.raw(b"oops", 500)),
    "500, resource_exhausted": ("server_fault", lambda peer: peer.refusal("resource_exhausted", 500)),
    "internal": ("server_fault", lambda peer: peer.refusal("internal", 500)),
    "internal, 400": ("server_fault", lambda peer: peer.refusal("internal", 400)),
    "internal, cut off": ("server_fault", lambda peer: peer.raw(b'{"code": "internal", "m', 400)),
    "unlisted code": ("server_fault", lambda peer: peer.refusal("odd", 500)),
    "521 of a CDN": ("server_fault", lambda peer: peer.raw(b"<h1>", 521)),
    "408": ("server_fault", lambda peer: peer.refusal("deadline_exceeded", 408)),
    "499": ("server_fault", lambda peer: peer.raw(b"", 499)),
    "503": ("server_fault", lambda peer: peer.refusal("unavailable", 503)),
    "503 with Retry-After": (
        "server_fault",
        lambda peer: peer.refusal("unavailable", 503, Retry_After="1"),
    ),
    "503 of Varnish": ("server_fault", lambda peer: peer.raw(b"<h1>", 503, Retry_After="5")),
    "aborted": ("doubt", lambda peer: peer.refusal("aborted", 409)),
    "unlisted code, 418": ("doubt", lambda peer: peer.refusal("teapot", 418)),
    "403 of a proxy": ("doubt", lambda peer: peer.raw(b"<h1>", 403)),
    "redirect": ("doubt", lambda peer: peer.raw(b"", 302, Location="/elsewhere")),
    "invalid_argument": ("rejected", lambda peer: peer.refusal("invalid_argument", 400)),
    "already_exists": ("rejected", lambda peer: peer.refusal("already_exists", 409)),
    "not_found, 429": ("rejected", lambda peer: peer.refusal("not_found", 429)),
    "405 of a proxy": ("rejected", lambda peer: peer.raw(b"<h1>", 405)),
    "413 of a proxy": ("rejected", lambda peer: peer.raw(b"too long", 413)),
    "501": ("rejected", lambda peer: peer.refusal("unimplemented", 501)),
    "used-up quota": (
        "rejected",
        lambda peer: peer.json({"code": "resource_exhausted", "msg": "daily quota exceeded"}, 429),
    ),
}
CELLS = [
    pytest.param(
        failure,
        effect,
        id=f"{FAILURES[failure][0]}: {failure} - {effect} - {_TABLE[FAILURES[failure][0]][effect]}",
    )
    for failure in FAILURES
    for effect in Effect
]


@pytest.fixture
async def partner(peer: Peer) -> AsyncIterator[PartnerClient]:
    """A partner's client of the peer."""
    async with PartnerClient("partner-canary-key", base_url=peer.base_url) as client:
        yield client


async def failure(call: Any) -> Any:
    """The error that a call ends with."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


class TestTable:
    """Failures against effects."""

    @pytest.mark.parametrize(("name", "effect"), CELLS)
    async def test_cell(
        self, peer: Peer, shop: ShopClient, waits: Waits, loop_clock: LoopClock, *, name: str, effect: Effect
    ) -> None:
        """A call that failed once is retried, or not, as the cell of the table says."""
        word, reply = FAILURES[name]
        cell = _TABLE[word][effect]
        attempts: list[Attempt] = []
        client = shop.with_options(attempt_timeout=20, hooks=[attempt_hook(attempts.append)])
        peer.on_hang = lambda: loop_clock.advance(21)
        peer.respond_with(reply(peer))
        call = client.call("Any/Thing", {"a": 1}, effect=effect)
        if cell == AGAIN:
            assert await call == {}
            assert [attempt.outcome for attempt in attempts] == [word, "ok"]
            assert [asked.json for asked in peer.requests] == [{"a": 1}, {"a": 1}]
            assert len(waits) == 1
        else:
            error = await failure(call)
            assert isinstance(error, OutcomeUnknownError) == (cell == UNKNOWN)
            assert error.may_have_happened == (cell in {UNKNOWN, FAULT})
            assert [attempt.outcome for attempt in error.attempts] == [word]
            assert list(error.attempts) == attempts
            assert len(peer.requests) == 1
            assert waits == []

    @pytest.mark.parametrize("effect", Effect)
    async def test_never_sent(
        self,
        peer: Peer,
        shop: ShopClient,
        waits: Waits,
        other_thread: asyncio.AbstractEventLoop,
        effect: Effect,
    ) -> None:
        """never_sent: a refused connection - again for every effect: the server is up after the wait."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(peer.stop(), other_thread))

        async def listen() -> None:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(peer.start(), other_thread))

        attempts: list[Attempt] = []
        client = shop.with_options(hooks=[attempt_hook(attempts.append)])
        waits.govern(client, listen)
        assert await client.call("Any/Thing", effect=effect) == {}
        assert [attempt.outcome for attempt in attempts] == ["never_sent", "ok"]
        assert len(peer.requests) == 1

    @pytest.mark.parametrize("effect", Effect)
    async def test_never_sent_to_the_end(self, shop: ShopClient, waits: Waits, effect: Effect) -> None:
        """never_sent: no TLS - again until the repetitions are used up; nothing can have been done."""
        identity = shop._engine.identity
        shop._engine.identity = attrs.evolve(identity, base_url=identity.base_url.replace("http:", "https:"))
        error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is ConnectError
        assert not error.may_have_happened
        assert len(waits) == 3
        assert [attempt.outcome for attempt in error.attempts] == ["never_sent"] * 4

    @pytest.mark.parametrize("effect", Effect)
    async def test_answer_that_does_not_fit(self, peer: Peer, shop: ShopClient, effect: Effect) -> None:
        """doubt: a response that does not fit is not retried, and leaves a doubt except for a read."""
        row = attrs.evolve(OPERATIONS["webhooks.list"], effect=effect)
        peer.respond_with(peer.json({"webhooks": 5}))
        error = await failure(shop._engine.call(row, row.request()))
        assert type(error) is DecodeError
        assert error.may_have_happened == (effect is not READ)
        assert len(peer.requests) == 1


class TestOtherDecoder:
    """A copy of the engine that reads responses in another form."""

    async def test_pages_of_bytes(self, peer: Peer, shop: ShopClient) -> None:
        """Pages may stay bytes; a walk over them needs no models, and each row comes once."""
        client = shop._copy(attrs.evolve(shop._engine, decode=raw_pages.decode))
        first = {"call_logs": [{"id": "1"}, {"id": "2"}], "paging": {"next": "n"}}
        peer.respond_with(peer.json(first), peer.json({"call_logs": [{"id": "2"}, {"id": "3"}]}))
        pages = [page async for page in client.call_logs.list().pages()]
        assert [[row.id for row in page] for page in pages] == [["1", "2"], ["3"]]
        assert all(isinstance(page, RawPage) for page in pages)
        assert [page.kept() for page in pages if isinstance(page, RawPage)] == [None, [False, True]]

    async def test_secrets_in_rows_that_are_read_later(self, peer: Peer, shop: ShopClient) -> None:
        """An error of rows that are read after the call masks the secrets of the call."""
        client = shop._copy(attrs.evolve(shop._engine, decode=raw_pages.decode))
        peer.respond_with(peer.json({"call_logs": [{"id": "1", "caller": {"note": "canary-key"}}]}))
        page = await client.call_logs.list()
        assert isinstance(page, RawPage)
        assert page.read is not None
        with pytest.raises(DecodeError) as caught:
            page.read()
        assert "caller" in str(caught.value)
        assert "canary-key" not in f"{caught.value!r}{caught.value.body}"


class TestDoubt:
    """What the error says if the server may have executed the call."""

    @pytest.mark.parametrize("effect", [READ, IDEMPOTENT, DELETE])
    async def test_no_after_a_lost_answer(self, peer: Peer, shop: ShopClient, effect: Effect) -> None:
        """After a lost response, a "not found" may be caused by an earlier attempt that was executed."""
        peer.respond_with(peer.DROP, peer.refusal("not_found", 404))
        error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is errors.NotFoundError
        assert error.may_have_happened == (effect is not READ)

    async def test_nothing_done_after_a_lost_answer(self, peer: Peer, shop: ShopClient) -> None:
        """After a lost response, `updated: 0` may be caused by an earlier attempt; without one it is not."""
        row = OPERATIONS["shop.extensions.assign"]
        row = attrs.evolve(row, callers=frozenset())
        request = row.request(extension_id="1", user_id="2")
        peer.respond_with(peer.DROP, peer.json({"updated": 0}), peer.json({"updated": 0}))
        in_doubt, sure = [await failure(shop._engine.call(row, request)) for _ in range(2)]
        assert type(in_doubt) is type(sure) is NotAppliedError
        assert (in_doubt.may_have_happened, sure.may_have_happened) == (True, False)

    async def test_no_after_a_refusal(self, peer: Peer, shop: ShopClient) -> None:
        """After a refusal before any work there is no doubt."""
        peer.respond_with(peer.refusal("resource_exhausted", 429), peer.refusal("not_found", 404))
        assert not (await failure(shop.call("Any/Thing", effect=DELETE))).may_have_happened

    @pytest.mark.parametrize("effect", [IDEMPOTENT, DELETE])
    async def test_lost_every_time(self, peer: Peer, shop: ShopClient, effect: Effect) -> None:
        """A call that lost every response has an unknown outcome; its cause is the last loss."""
        peer.always = lambda _: peer.raw(b"<html>")
        error = await failure(shop.call("Any/Thing", effect=effect))
        assert type(error) is OutcomeUnknownError
        assert error.operation == "Any/Thing"
        assert len(error.attempts) == 4
        assert isinstance(error.__cause__, DecodeError)
        assert str(error) == (
            "Any/Thing: it may have been executed: the response (HTTP 200) does not fit: no JSON object: the "
            "response is HTML @ $. [4 attempts] The server may have executed the call: "
            "`await error.verify()` reads it back, if `.can_verify`. `None` proves nothing while a proxy may "
            "still hold the request: wait some minutes, and verify again."
        )

    async def test_client_closed_while_waiting(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A client that is closed while a call waits makes no more attempts, and tells of the doubt."""

        async def close() -> None:
            await shop.close()

        waits.govern(shop, close)
        peer.respond_with(peer.DROP)
        error = await failure(shop.call("Any/Thing", effect=IDEMPOTENT))
        assert type(error) is errors.ClientClosedError
        assert error.may_have_happened
        assert len(peer.requests) == len(error.attempts) == 1

    async def test_client_closed_before(self, peer: Peer, shop: ShopClient) -> None:
        """A call of a closed client is no attempt."""
        await shop.close()
        error = await failure(shop.call("Any/Thing"))
        assert type(error) is errors.ClientClosedError
        assert (error.attempts, error.may_have_happened, peer.requests) == ((), False, [])

    async def test_cancelled_call(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A cancelled call hangs up, leaves no connection in use, and is not repeated."""
        peer.respond_with(peer.HANG)
        call = asyncio.create_task(shop.account())
        await peer.until(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await asyncio.to_thread(peer.gone.wait, PATIENCE)
        session = shop._engine.transport._open_session()
        assert len(session.connector._acquired) == 0
        assert waits == []
        assert await shop.account() == {}


class TestEffectByArguments:
    """Calls that are idempotent under some arguments only."""

    @pytest.mark.parametrize("name", ["unassign", "change_hotline"])
    @pytest.mark.parametrize("names_extension", [True, False])
    async def test_lost_response(
        self, peer: Peer, partner: PartnerClient, waits: Waits, name: str, *, names_extension: bool
    ) -> None:
        """A call that does not name its extension may find another one the second time: no retry."""
        shop = partner.for_shop("shop123456:key")
        waits.govern(shop)
        arguments = {"extension_id": "1"} if names_extension else {"user_id": "2"}
        if name == "change_hotline":
            arguments["hotline_id"] = "3"
        peer.respond_with(peer.DROP, peer.json({"updated": 1}))
        call = getattr(shop.extensions, name)(**arguments)
        if names_extension:
            assert (await call).updated == 1
        else:
            error = await failure(call)
            assert type(error) is OutcomeUnknownError
            assert not error.can_verify
        assert len(peer.requests) == 1 + names_extension

    async def test_hooks_see_the_effect_of_the_arguments(self, peer: Peer, partner: PartnerClient) -> None:
        """A hook gets the effect that decides on retries."""
        seen: list[Effect] = []
        shop = partner.for_shop("shop123456:key").with_options(hooks=[lambda call: seen.append(call.effect)])
        peer.always = lambda _: peer.json({"updated": 1})
        await shop.extensions.unassign(extension_id="1")
        await shop.extensions.unassign(user_id="2")
        assert seen == [IDEMPOTENT, CREATE]


async def waiting_accounts(shop: ShopClient, count: int) -> list[asyncio.Task[Any]]:
    """Start calls of an operation that is held, and return when all of them wait."""
    calls = [asyncio.create_task(shop.account()) for _ in range(count)]
    while shop.stats().reads.waiting < count:  # noqa: ASYNC110 - a queue has no event
        await asyncio.sleep(0)
    return calls


class TestThrottle:
    """Throttles without a time to wait hold one operation; a used-up quota holds nothing."""

    async def test_one_call_probes(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """While one call probes, the others wait, and other operations go on."""
        throttled = [True]

        def reply(asked: Any) -> Reply:
            busy = throttled[0] and asked.path.endswith("CurrentAccount")
            return peer.refusal("resource_exhausted", 429) if busy else peer.json({"webhooks": []})

        peer.always = reply
        others: list[asyncio.Task[Any]] = []

        async def meanwhile() -> None:
            if not others:
                others.extend(await waiting_accounts(shop, 10))
            await shop.webhooks.list()  # another operation goes on
            if len(waits) == 3:
                throttled[0] = False

        waits.govern(shop, meanwhile)
        await shop.account()
        await asyncio.gather(*others)
        accounts = [asked for asked in peer.requests if asked.path.endswith("CurrentAccount")]
        # The first one probes three times; each of the others is sent once.
        assert len(accounts) == 4 + 10
        assert len(waits) == 3
        assert shop.stats().pause == 0
        assert shop.stats().reads == (0, 0, 64.0)

    async def test_probe_that_is_used_up(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """The probe makes its attempts; then each waiting call makes one, and all of them fail."""
        others: list[asyncio.Task[Any]] = []

        async def meanwhile() -> None:
            if not others:
                others.extend(await waiting_accounts(shop, 10))

        waits.govern(shop, meanwhile)
        peer.always = lambda _: peer.refusal("resource_exhausted", 429)
        first = await failure(shop.account())
        ends = [first, *await asyncio.gather(*others, return_exceptions=True)]
        assert len(waits) == 3
        assert {type(end) for end in ends} == {errors.ResourceExhaustedError}
        assert [len(end.attempts) for end in ends if isinstance(end, EtelecomError)] == [4, *[1] * 10]
        assert len(peer.requests) == 4 + 10
        peer.always = lambda _: peer.json({})
        assert await shop.account() == {}  # nothing is held any more
        assert shop.stats().reads == (0, 0, 64.0)

    async def test_cancelled_probe(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """When the probe is cancelled, a waiting call probes in its place, and all of them end."""
        waiting, never = asyncio.Event(), asyncio.Event()

        async def meanwhile() -> None:
            waiting.set()
            await never.wait()

        waits.govern(shop, meanwhile)
        peer.respond_with(peer.refusal("resource_exhausted", 429))
        first = asyncio.create_task(shop.account())
        await waiting.wait()
        others = await waiting_accounts(shop, 5)
        first.cancel()
        assert await asyncio.gather(*others) == [{}] * 5
        assert len(peer.requests) == 1 + 5

    async def test_calls_in_the_queue_wait_too(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A call that waited for its turn when the operation was held waits on."""
        client = shop.with_options(concurrency=1)

        async def let_others_queue() -> None:
            for _ in range(20):
                await asyncio.sleep(0)

        waits.govern(client, let_others_queue)
        peer.always = lambda _: peer.refusal("resource_exhausted", 429)
        calls = [asyncio.create_task(client.account()) for _ in range(5)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert sorted(len(end.attempts) for end in ends if isinstance(end, EtelecomError)) == [1, 1, 1, 1, 4]
        assert len(peer.requests) == client.stats().attempts == 8

    @pytest.mark.parametrize("hooks", [[], [attempt_hook(print)]], ids=["no hook", "hook"])
    async def test_lower_limit_counts_at_once(self, peer: Peer, shop: ShopClient, hooks: list[Any]) -> None:
        """The turn of a throttled call does not go to a waiting call above the lowered limit."""
        client = shop.with_options(concurrency=2, retries=0, hooks=hooks)
        peer.always = lambda _: peer.HANG
        calls = [asyncio.create_task(client.account())]
        await peer.until(1)
        peer.respond_with(peer.refusal("resource_exhausted", 429, Retry_After="5"))
        throttled = asyncio.create_task(client.account())
        await asyncio.sleep(0)
        calls.append(asyncio.create_task(client.account()))
        assert (await failure(throttled)).retry_after == 5
        assert client.stats().reads == (1, 1, 1.0)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        assert client.stats().reads == (0, 0, 1.0)

    @pytest.mark.parametrize("effect", Effect)
    async def test_used_up_quota(self, peer: Peer, shop: ShopClient, waits: Waits, effect: Effect) -> None:
        """A used-up quota costs one request, and neither a pause nor a lower limit."""
        peer.always = lambda _: peer.json({"code": "resource_exhausted", "msg": "quota exceeded"}, 429)
        ends = await asyncio.gather(
            *(shop.call("Any/Thing", effect=effect) for _ in range(5)), return_exceptions=True
        )
        assert [type(end) for end in ends] == [errors.APIQuotaError] * 5
        assert (len(peer.requests), waits, shop.stats().pause) == (5, [], 0)
        assert shop.stats().reads.limit == shop.stats().writes.limit == 64


class TestTelling:
    """Hooks and the log."""

    async def test_hooks(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A hook hears of each attempt, also of one that works at once."""

        def respond(_: object) -> Reply:
            waits.at += 1.5
            return peer.json({})

        peer.always = respond
        told: list[Attempt] = []
        client = shop.with_options(hooks=[attempt_hook(told.append)])
        await client.account()
        peer.respond_with(peer.refusal("not_found", 404))
        error = await failure(client.account())
        assert [(attempt.operation, attempt.number, attempt.outcome, attempt.status) for attempt in told] == [
            ("account", 1, "ok", 200),
            ("account", 1, "rejected", 404),
        ]
        assert error.attempts == (told[1],)
        assert told[0].seconds == 1.5

    async def test_cancelled_attempt(self, peer: Peer, shop: ShopClient, waits: Waits) -> None:
        """A hook hears of an attempt that was cancelled; a call that waits for its turn makes none."""
        peer.always = lambda _: peer.HANG
        told: list[Attempt] = []
        client = shop.with_options(hooks=[attempt_hook(told.append)], concurrency=1)
        calls = [asyncio.create_task(client.account()) for _ in range(3)]
        await peer.until(1)
        waits.at += 1.5
        for call in reversed(calls):
            call.cancel()
        await asyncio.wait(calls)
        assert [call.cancelled() for call in calls] == [True, True, True]
        assert told == [Attempt(operation="account", number=1, seconds=1.5, outcome="cancelled")]

    @pytest.mark.parametrize("effect", [READ, SEND])
    async def test_other_exception(self, peer: Peer, effect: Effect) -> None:
        """A hook hears the end of an attempt that a middleware of the caller's session ends."""
        told: list[object] = []

        class Observer(CallObserver):
            def attempt_started(self, number: int) -> None:
                told.append(number)

            def attempt_ended(self, attempt: Attempt) -> None:
                told.append((attempt.number, attempt.outcome, attempt.wait))

            def call_ended(self, end: CallEnd) -> None:
                told.append((end.outcome, end.error, len(end.attempts), end.may_have_happened))

        async def fail(request: aiohttp.ClientRequest, _: Any) -> aiohttp.ClientResponse:
            raise ZeroDivisionError(request.method)

        async with aiohttp.ClientSession(middlewares=[fail]) as session:
            client = ShopClient("k", base_url=peer.base_url, session=session, hooks=[lambda _: Observer()])
            with pytest.raises(ZeroDivisionError, match="POST"):
                await client.call("Any/Thing", effect=effect)
        assert told == [1, (1, "doubt", None), ("error", "ZeroDivisionError", 1, effect is SEND)]

    async def test_status_of_an_answer_that_does_not_fit(self, peer: Peer, shop: ShopClient) -> None:
        """A response that could not be read has a status; a connection that broke has none."""
        told: list[Attempt] = []
        client = shop.with_options(hooks=[attempt_hook(told.append)], retries=1)
        peer.respond_with(peer.raw(b"<html>", 201), peer.DROP)
        await failure(client.account())
        assert [attempt.status for attempt in told] == [201, None]

    async def test_log(self, peer: Peer, shop: ShopClient, caplog: pytest.LogCaptureFixture) -> None:
        """At DEBUG each attempt is a line; at INFO there is none without a retry."""
        caplog.set_level(logging.INFO, logger="etelecom_async")
        await shop.account()
        assert caplog.messages == []
        caplog.set_level(logging.DEBUG, logger="etelecom_async")
        peer.respond_with(peer.DROP)
        await shop.account()
        first, retry, second = caplog.messages
        assert first.startswith("account: attempt 1 response_lost after 0.")
        assert retry.startswith("account: retry in 0.")
        assert second.startswith("account: attempt 2 ok (HTTP 200) after 0.")

    async def test_errors_name_their_operation(self, peer: Peer, shop: ShopClient) -> None:
        """Every kind of failure carries the public name."""
        peer.respond_with(
            peer.DROP, peer.refusal("not_found", 404), peer.raw(b""), peer.json({"webhooks": 5})
        )
        client = shop.with_options(retries=0)
        names = [(await failure(client.webhooks.list())).operation for _ in range(4)]
        assert names == ["webhooks.list"] * 4


class TestAdmission:
    """Checks before a request is sent, and the address of a call."""

    @pytest.mark.parametrize(
        ("client", "call", "path", "text"),
        [
            (
                "shop",
                lambda shop: shop.tenant.get(),
                "/v1/shop.Etelecom/GetTenant",
                "to a partner_shop_key; the key of this client is a shop_api_key",
            ),
            (
                "for_shop",
                lambda shop: shop.webhooks.list(),
                "/v1/partner.Webhook/GetWebhooks",
                "to a partner_api_key or a shop_api_key; the key of this client is a partner_shop_key",
            ),
        ],
    )
    async def test_key_that_the_documentation_does_not_name(
        self,
        peer: Peer,
        shop: ShopClient,
        partner: PartnerClient,
        *,
        client: str,
        call: Any,
        path: str,
        text: str,
    ) -> None:
        """Such a call is sent, because documentation errs; after a refusal the hint names the callers."""
        by_name = {"shop": shop, "for_shop": partner.for_shop("shop1161512386239479010:abcdefghijkl")}
        peer.respond_with(
            peer.json({"id": "1", "webhooks": []}),
            peer.refusal("permission_denied", 403),
            peer.refusal("unavailable", 503),
        )
        await call(by_name[client])
        refused = await failure(call(by_name[client]))
        failed = await failure(call(by_name[client].with_options(retries=0)))
        assert [asked.path for asked in peer.requests] == [path] * 3
        assert f"The documentation gives this call {text}." in str(refused)
        assert str(pickle.loads(pickle.dumps(refused))) == str(refused)
        assert "documentation" not in str(failed)

    async def test_problems_of_the_request(self, peer: Peer, shop: ShopClient) -> None:
        """A request that cannot be right is refused before a byte leaves."""
        error = await failure(shop.webhooks.delete(id=5))
        assert type(error) is InvalidRequestError
        assert peer.requests == []

    async def test_inferred_operation_warns_once(self, peer: Peer, partner: PartnerClient) -> None:
        """An inferred operation warns in one line at the first call of a process, and then no more."""
        peer.always = lambda _: peer.json({"updated": 1})
        other = partner.with_options(retries=0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for client in (partner, partner, other):
                await client.hotlines.attach(hotline_id="1", tenant_id="2")
            async with PartnerClient("other-key", base_url=peer.base_url) as another:
                await another.hotlines.attach(hotline_id="1", tenant_id="2")
                await another.hotlines.detach(hotline_id="1", tenant_id="2")
        assert [str(warning.message) for warning in caught] == [
            f"partner.hotlines.{method} is inferred, not documented: the name Etelecom/{wire} and its fields "
            "may be wrong; wire_names= corrects the name."
            for method, wire in (
                ("attach", "PartnerAddHotlineToTenant"),
                ("detach", "PartnerRemoveHotlineFromTenant"),
            )
        ]
        assert len(peer.requests) == 5

    async def test_warning_as_an_error(self, peer: Peer, shop: ShopClient) -> None:
        """A warning that the caller turns into an error comes at each call, and nothing is sent."""
        for _ in range(2):
            with pytest.raises(ProvisionalOperationWarning):
                await shop.tenant.driver_config()
        assert peer.requests == []

    @pytest.mark.parametrize("how", ["call", "page", "walk", "task", "gather", "map"])
    async def test_warning_points_at_the_callers_line(self, shop: ShopClient, how: str) -> None:
        """The warning names the caller's file and line, also if a task of another module runs the call."""
        first = sys._getframe().f_lineno + 2
        runs: dict[str, Callable[[], Any]] = {
            "call": lambda: asyncio.wait_for(shop.tenant.driver_config(), PATIENCE),
            "page": lambda: shop.hotlines.list(limit=1),
            "walk": lambda: shop.hotlines.list().collect(),
            "task": lambda: asyncio.create_task(shop.tenant.driver_config()),
            "gather": lambda: asyncio.gather(shop.tenant.driver_config(), shop.tenant.driver_config()),
            "map": shop.map(lambda _: shop.tenant.driver_config(), [1]).__anext__,
        }
        with pytest.warns(ProvisionalOperationWarning) as caught:
            await runs[how]()
        line = first + list(runs).index(how)
        assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]

    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (lambda peer: lambda _: peer.refusal("bad_route", 404), errors.BadRouteError),
            (lambda peer: lambda _: peer.raw(b"<h1>Not Found</h1>", 404), APIError),
        ],
        ids=["bad_route", "bare 404"],
    )
    async def test_bad_route_of_a_provisional_operation(
        self, peer: Peer, partner: PartnerClient, reply: Any, kind: type[APIError]
    ) -> None:
        """If the server does not know the inferred name, the error says how to set the right one."""
        peer.always = reply(peer)
        with pytest.warns(ProvisionalOperationWarning):
            error = await failure(partner.hotlines.delete(hotline_id="1"))
        assert type(error) is kind
        assert "'Etelecom/PartnerRemoveHotline' was called" in str(error)
        assert "client.with_options(wire_names={'partner.hotlines.delete': 'Service/Method'})" in str(error)
        assert "ETELECOM_WIRE_NAMES=partner.hotlines.delete=Service/Method" in str(error)
        other = partner.with_options(wire_names={"partner.hotlines.delete": "Etelecom/Another"})
        assert "'Etelecom/Another' was called" in str(await failure(other.hotlines.delete(hotline_id="1")))
        plain = await failure(partner.tenants.list())
        assert ("wire_names" in str(plain)) == (kind is errors.BadRouteError)

    async def test_other_name_of_a_service(self, peer: Peer, shop: ShopClient) -> None:
        """`wire_names` renames a whole service; a call by its wire name keeps the given name."""
        peer.always = lambda _: peer.refusal("bad_route", 404)
        assert "wire_names={'Etelecom': 'Service'}" in str(await failure(shop.extensions.list()))
        renamed = shop.with_options(wire_names={"Etelecom": "ETelecom"})
        assert "'ETelecom/GetExtensions' was called" in str(await failure(renamed.extensions.list()))
        peer.respond_with(peer.DROP, peer.json({"extensions": []}))
        await renamed.call("ETelecom/GetExtensions")  # with the effect of the operation, so it is retried
        await failure(renamed.call("Etelecom/GetExtensions"))
        assert [asked.path.rpartition(".")[2] for asked in peer.requests] == [
            "Etelecom/GetExtensions",
            *["ETelecom/GetExtensions"] * 3,
            "Etelecom/GetExtensions",
        ]

    async def test_wire_name_of_the_caller(self, peer: Peer, partner: PartnerClient) -> None:
        """A wire name that was set changes the address, and nobody warns of it."""
        peer.always = lambda _: peer.json({"updated": 1})
        client = partner.with_options(wire_names={"partner.hotlines.detach": "Etelecom/Detach"})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await client.hotlines.detach(hotline_id="1", tenant_id="2")
            await client.hotlines.detach(hotline_id="1", tenant_id="2")
        assert [asked.path for asked in peer.requests] == ["/v1/partner.Etelecom/Detach"] * 2

    @pytest.mark.parametrize(
        "body", [{"a": 1}, MappingProxyType({"a": 1}), UserDict(a=1)], ids=["dict", "proxy", "UserDict"]
    )
    async def test_any_mapping_is_a_body(self, peer: Peer, shop: ShopClient, body: Mapping[str, Any]) -> None:
        """`call` takes any mapping with any fields; so does a call that takes a whole request."""
        await shop.call("Any/Thing", body)
        async with SmsClient("u", "p", base_url=peer.base_url) as sms:
            await sms.call("Any/Thing", body)
        async with PartnerClient("k", base_url=peer.base_url) as partner:
            await failure(partner.shops.create(type(body)({"name": "a"})))
            refused = await failure(partner.shops.create(body))
        assert type(refused) is InvalidRequestError
        sent = [asked.json for asked in peer.requests]
        assert sent == [{"a": 1}, {"username": "u", "password": "p", "a": 1}, {"name": "a"}]

    @pytest.mark.parametrize(
        ("wire_name", "body", "is_retried"),
        [
            ("Shop/AuthorizeShop", {"shop_id": "1", "redirect_url": "u"}, True),
            ("Shop/AuthorizeShop", {"email": "a@example.com", "redirect_url": "u"}, False),
            ("Shop/AuthorizeShop", None, False),
            ("Etelecom/RemoveUserOfExtension", {"extension_id": "1"}, True),
            ("Etelecom/RemoveUserOfExtension", {"user_id": "1"}, False),
        ],
        ids=str,
    )
    async def test_effect_of_a_body(
        self, peer: Peer, shop: ShopClient, wire_name: str, body: Any, *, is_retried: bool
    ) -> None:
        """The fields of a body decide whether a call by its wire name is safe to repeat, as in its method."""
        peer.respond_with(peer.DROP)
        if is_retried:
            assert await shop.call(wire_name, body) == {}
        else:
            assert type(await failure(shop.call(wire_name, body))) is OutcomeUnknownError
        assert len(peer.requests) == 1 + is_retried

    async def test_effect_of_another_type(self, peer: Peer, shop: ShopClient) -> None:
        """An effect is a member of `Effect`: a text could not decide what may be retried."""
        error = await failure(shop.call("Any/Thing", effect="READ"))
        assert str(error) == "effect takes an Effect, for example Effect.READ, not str."
        assert peer.requests == []

    @pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "\u00b2"])
    async def test_checkpoint_without_a_page_number(self, peer: Peer, after: str) -> None:
        """A checkpoint of a numbered list whose page is no number is refused, and nothing is sent."""
        async with SmsClient("u", "p", base_url=peer.base_url) as sms:
            fields = json.loads(sms.templates.list().checkpoint())
            error = await failure(sms.templates.list(resume=json.dumps({**fields, "after": after})))
        assert type(error) is PagingError
        assert "resume= is not a checkpoint of this list" in str(error)
        assert peer.requests == []

    async def test_credentials(self, peer: Peer) -> None:
        """User name and password of the SMS service go into each body, by the names of the operation."""
        peer.always = lambda _: peer.json({"status": "1", "ListTemp": []})
        async with SmsClient("u", "p", base_url=peer.base_url) as sms:
            await sms.send(phonenumber="0901234567", routerule=["3"], templatecode="T", list_param={})
            await sms.templates.list(page=1)
            await sms.call("OmniReport/Other", {"a": 1})
            await sms.call("OmniReport/Other", {"password": "other"})
        sent = [asked.json for asked in peer.requests]
        assert (sent[0]["username"], sent[0]["password"]) == ("u", "p")
        assert sent[1:] == [
            {"Username": "u", "Password": "p", "Page": 1},
            {"username": "u", "password": "p", "a": 1},
            {"username": "u", "password": "other"},
        ]
        assert [asked.path for asked in peer.requests[:2]] == [
            "/v1/api/OmniMessage/SendMessage",
            "/v1/api/TemplateOmni/GetTemplate",
        ]
        assert "authorization" not in peer.requests[0].headers


class TestList:
    """Lists: the question and its pages."""

    async def test_pages(self, peer: Peer, shop: ShopClient) -> None:
        """Each page is asked for with the same question and the cursor of the page before."""
        peer.respond_with(
            peer.json({"call_logs": [{"id": "1"}, {"id": "2"}], "paging": {"next": "n1"}}),
            peer.json({"call_logs": [{"id": "3"}], "paging": {"next": "n2"}}),
            peer.json({"call_logs": [], "paging": {"next": "n3"}}),
        )
        pager = shop.call_logs.list(direction="in", limit=2)
        assert [call.id async for call in pager] == ["1", "2", "3"]
        assert [asked.json for asked in peer.requests] == [
            {"filter": {"direction": "in"}, "paging": {"limit": 2}},
            {"filter": {"direction": "in"}, "paging": {"limit": 2, "after": "n1"}},
            {"filter": {"direction": "in"}, "paging": {"limit": 2, "after": "n2"}},
        ]

    async def test_start(self, peer: Peer, shop: ShopClient) -> None:
        """`after=` is where the first page begins."""
        peer.always = lambda _: peer.json({"call_logs": []})
        await shop.call_logs.list(after="n5")
        assert peer.requests[0].json == {"paging": {"after": "n5"}}

    async def test_before(self, peer: Peer, shop: ShopClient) -> None:
        """`before=` is where the first page ends; from there on the cursor leads, alone."""
        peer.respond_with(
            peer.json({"call_logs": [{"id": "1"}], "paging": {"next": "n1"}}), peer.json({"call_logs": []})
        )
        assert [call.id async for call in shop.call_logs.list(before="n9")] == ["1"]
        assert [asked.json for asked in peer.requests] == [
            {"paging": {"before": "n9"}},
            {"paging": {"after": "n1"}},
        ]

    @pytest.mark.parametrize("after", [None, "n5"])
    async def test_checkpoint_wins_over_after(self, peer: Peer, shop: ShopClient, after: str | None) -> None:
        """A list that goes on from a checkpoint begins there, whatever `after=` says."""
        resume = shop.call_logs.list(limit=2).checkpoint()
        await shop.call_logs.list(limit=2, after=after, resume=resume)
        assert peer.requests[0].json == {"paging": {"limit": 2}}

    async def test_list_without_paging(self, peer: Peer, shop: ShopClient) -> None:
        """A list whose request has no paging is asked for with nothing."""
        peer.respond_with(peer.json({"webhooks": [{"id": "1"}]}))
        assert [hook.id async for hook in shop.webhooks.list()] == ["1"]
        assert [asked.json for asked in peer.requests] == [{}]

    async def test_empty_object_in_the_middle(self, peer: Peer, shop: ShopClient) -> None:
        """`{}` is an empty first page; later it is an error, and the list can go on from its checkpoint."""
        assert await shop.call_logs.list().collect() == []
        peer.respond_with(peer.json({"call_logs": [{"id": "1"}], "paging": {"next": "n1"}}))
        walk = aiter(shop.call_logs.list())
        assert (await anext(walk)).id == "1"
        error = await failure(anext(walk))
        assert type(error) is DecodeError
        assert "an empty object in the middle of a list" in str(error)
        peer.respond_with(peer.json({"call_logs": [{"id": "2"}]}))
        rest = await shop.call_logs.list(resume=error.checkpoint).collect()
        assert [call.id for call in rest] == ["2"]

    async def test_empty_object_by_page_number(self, peer: Peer) -> None:
        """A list by page number has its first page at 1."""
        async with SmsClient("u", "p", base_url=peer.base_url) as sms:
            assert (await sms.templates.list(page=1)).items == ()
            assert type(await failure(sms.templates.list(page=2))) is DecodeError

    async def test_problems_have_no_checkpoint(self, peer: Peer, shop: ShopClient) -> None:
        """A question that cannot be asked fails as itself, once, with nothing to go on from."""
        error = await failure(shop.call_logs.list(user_id=5))
        assert type(error) is InvalidRequestError
        assert (error.checkpoint, error.__context__, peer.requests) == (None, None, [])

    async def test_error_in_the_middle(self, peer: Peer, shop: ShopClient) -> None:
        """An error in mid-list carries the checkpoint from which the list goes on without loss."""
        peer.respond_with(
            peer.json({"call_logs": [{"id": "1"}], "paging": {"next": "n1"}}), peer.refusal("not_found", 404)
        )
        walk = aiter(shop.call_logs.list())
        seen = [await anext(walk)]
        error = await failure(anext(walk))
        assert type(error) is errors.NotFoundError
        peer.respond_with(peer.json({"call_logs": [{"id": "2"}]}))
        seen += await shop.call_logs.list(resume=error.checkpoint).collect()
        assert [call.id for call in seen] == ["1", "2"]
        assert json.loads(peer.requests[-1].body) == {"paging": {"after": "n1"}}


class TestUnlistedValues:
    """Test texts that are not in the documented list of values."""

    @pytest.mark.parametrize(
        ("call", "problem"),
        [
            (
                lambda shop: shop.call_logs.list(direction="Inbound"),
                "filter.direction takes .*: did you mean 'in'?",
            ),
            (lambda shop: shop.call_logs.list(direction="IN").first(), "did you mean 'in'?"),
            (
                lambda shop: shop.call_logs.list(call_state="missed").collect(),
                "filter.call_state takes 'unknown', ",
            ),
            (
                lambda shop: shop.call("Etelecom/ListCallLogs", {"filter": {"direction": " in "}}),
                r"body\['filter'\]\['direction'\] takes .*: did you mean 'in'?",
            ),
            (
                lambda shop: shop.with_options(wire_names={"shop.call_logs.list": "Pbx/Logs"}).call(
                    "Pbx/Logs", {"filter": {"direction": "inbound"}}
                ),
                "^Pbx/Logs: ",
            ),
            (
                lambda shop: shop.call_logs.list(date_from=LATE, date_to=EARLY),
                "filter.date_from is later than filter.date_to",
            ),
            (
                lambda shop: shop.call(
                    "Zalo/ListOA", {"filter": {"date_from": LATE, "date_to": EARLY.isoformat()}}
                ),
                r"body\['filter'\]\['date_from'\] is later",
            ),
        ],
        ids=["await", "first", "collect", "call", "renamed call", "dates", "dates of a call"],
    )
    async def test_refused(self, peer: Peer, shop: ShopClient, call: Any, problem: str) -> None:
        """A text outside of a complete list, and a reversed period, are refused before a byte leaves."""
        with pytest.raises(InvalidRequestError, match=problem):
            await call(shop)
        assert peer.requests == []

    async def test_sent(self, peer: Peer, shop: ShopClient) -> None:
        """A value that is meant to be unlisted, and one that the server sent, are sent without a warning."""
        peer.always = lambda _: peer.json({"call_logs": [{"id": "1", "direction": "brand_new"}]})
        (log,) = await shop.call_logs.list(direction=models.CallDirection.unlisted("Inbound"))
        await shop.call_logs.list(direction=log.direction)
        await shop.call("Etelecom/ListCallLogs", {"filter": {"direction": log.direction}})
        await shop.call("Any/Thing", {"filter": {"direction": "Inbound"}})
        sent = [asked.json["filter"]["direction"] for asked in peer.requests]
        assert sent == ["Inbound", "brand_new", "brand_new", "Inbound"]

    @pytest.mark.parametrize("way", ["awaited", "iterated", "in_a_task", "mapped", "of_a_part", "by_name"])
    async def test_warning_at_the_callers_line(self, peer: Peer, shop: ShopClient, way: str) -> None:
        """A text outside of an open list is sent, and warns once, at the line that passes it."""
        peer.always = lambda _: peer.json({"followers": [], "call_logs": []})
        use = getattr(self, way)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            await use(shop, f"odd_{way}")
            await use(shop, f"odd_{way}")
        (warning,) = caught
        assert (warning.category, warning.filename) == (UnlistedValueWarning, __file__)
        assert linecache.getline(__file__, warning.lineno).endswith("# the line\n")
        assert [f"odd_{way}" in str(asked.json) for asked in peer.requests] == [True, True]

    @staticmethod
    async def awaited(shop: ShopClient, text: str) -> None:
        """Await a list."""
        await shop.zalo.followers.list(gender=text)  # the line

    @staticmethod
    async def iterated(shop: ShopClient, text: str) -> None:
        """Iterate a list."""
        async for _ in shop.zalo.followers.list(gender=text).pages():  # the line
            pass

    @staticmethod
    async def in_a_task(shop: ShopClient, text: str) -> None:
        """Await a list in another task, whose stack does not have the line."""
        call = shop.zalo.followers.list(gender=text).collect()  # the line
        await asyncio.create_task(call)

    @staticmethod
    async def mapped(shop: ShopClient, text: str) -> None:
        """Make a call for each input."""

        async def call(row: str) -> object:
            return await shop.zalo.followers.list(gender=row)  # the line

        assert [done.error async for done in shop.map(call, [text])] == [None]

    @staticmethod
    async def of_a_part(shop: ShopClient, text: str) -> None:
        """Make a part of a request first."""
        duration = models.CallDurationFilter(comparison=text)  # the line
        await shop.call_logs.list(duration=duration)

    @staticmethod
    async def by_name(shop: ShopClient, text: str) -> None:
        """Call by the wire name."""
        await shop.call("Zalo/ListFollowers", {"filter": {"gender": text}})  # the line

    async def test_warning_as_an_error(self, peer: Peer, shop: ShopClient) -> None:
        """If the caller's filter makes it an error, awaiting the call raises it, and nothing is sent."""
        call = shop.zns.messages.send(
            oa_id="1", phone="0901234567", template_id=5, template_data={"otp": "canary"}, mode="developement"
        )
        with pytest.raises(UnlistedValueWarning, match="did you mean 'development'") as caught:
            await call
        frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
        assert "canary" not in str([frame.locals for frame in frames if frame.filename != __file__])
        assert peer.requests == []
