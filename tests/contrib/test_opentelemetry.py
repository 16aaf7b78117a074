"""Spans and metrics of calls, in the in-memory exporters of OpenTelemetry's SDK."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor, create_trace_config
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import SpanKind, StatusCode

from etelecom_async import (
    Attempt,
    Call,
    CallObserver,
    ConfigurationError,
    Effect,
    PartnerClient,
    RetryPolicy,
    ShopClient,
    SmsClient,
    bulk,
    errors,
    phones,
)
from etelecom_async.contrib import opentelemetry
from etelecom_async.contrib.opentelemetry import CALL_BUCKETS, SCHEMA_URL, OpenTelemetry
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import Fault, Sandbox, sandbox

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

ROOT = Path(__file__).parent.parent.parent
PHONE = "0901234567"
DATA = {"customer_name": "Lan", "order_code": "DH-canary", "amount": "250000", "due_date": "30/11/2026"}
PERSON = {"full_name": "Lê Canary", "phone": PHONE, "password": "canary-Pa55"}
QUICK = RetryPolicy(wait_initial=0)
NO_SPAN = trace.INVALID_SPAN


class Telemetry:
    """The providers of an SDK that keeps everything in memory."""

    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider(sampler=sampler)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader])

    def hook(self, **options: Any) -> OpenTelemetry:
        """Return a hook that exports into this object."""
        return OpenTelemetry(tracer_provider=self.tracers, meter_provider=self.meters, **options)

    @property
    def spans(self) -> list[ReadableSpan]:
        """All finished spans, in the order of their starts."""
        # A parent ends last: it comes first if a coarse clock gives both the same start.
        return sorted(self.exporter.get_finished_spans(), key=lambda span: (span.start_time, -span.end_time))

    def named(self, name: str) -> list[ReadableSpan]:
        """Return the finished spans with a name."""
        return [span for span in self.spans if span.name == name]

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        """Return the finished spans below a span, in the order of their starts."""
        return [span for span in self.spans if span.parent and span.parent.span_id == parent.context.span_id]

    def points(self, name: str) -> list[Any]:
        """Return the data points of a metric."""
        data = self.reader.get_metrics_data()
        scopes = (
            [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        )
        found = [metric for scope in scopes for metric in scope.metrics if metric.name == name]
        assert len(found) <= 1
        return [point for metric in found for point in metric.data.data_points]

    def exported(self) -> str:
        """Return everything that was exported, as one text."""
        data = self.reader.get_metrics_data()
        return "\n".join([*(span.to_json() for span in self.spans), data.to_json() if data else ""])


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """An SDK in memory. After the test, no span is the current one."""
    made = Telemetry()
    yield made
    assert trace.get_current_span() is NO_SPAN


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """A sandbox with three pages of calls."""
    async with sandbox(call_logs=250) as running:
        yield running


@pytest.fixture
async def shop(service: Sandbox, telemetry: Telemetry) -> AsyncIterator[ShopClient]:
    """A client with the hook, which retries at once."""
    async with ShopClient(
        service.shop_key, base_url=service.base_url, hooks=[telemetry.hook()], retries=QUICK
    ) as client:
        yield client


def server(client: Sandbox | Peer) -> dict[str, object]:
    """Return the attributes that name a server."""
    return {"server.address": "127.0.0.1", "server.port": int(client.base_url.split(":")[2].split("/")[0])}


async def lost_message(shop: ShopClient, service: Sandbox) -> errors.EtelecomError:
    """Send a message whose response is lost, and return the error."""
    accounts = [row async for row in shop.zalo.accounts.list() if row.status == "P"]
    account = max(accounts, key=lambda row: str(row.expires_at))
    rows = [row async for row in shop.zns.templates.list(oa_id=account.oa_id, type="table")]
    template = next(row for row in rows if row.template_status == "ENABLE")
    service.faults.add(Fault(kind="reset_after", operation="shop.zns.messages.send"))
    with pytest.raises(errors.EtelecomError) as caught:
        await shop.zns.messages.send(
            oa_id=account.oa_id, template_id=template.template_id, phone=PHONE, template_data=DATA
        )
    return caught.value


class TestSpans:
    """The spans of calls, against the sandbox."""

    async def test_success(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """A successful call is a span of an RPC with one attempt below it; the status stays unset."""
        await shop.extensions.list()
        call, attempt = telemetry.spans
        assert (call.name, call.kind, call.parent) == ("Etelecom/GetExtensions", SpanKind.CLIENT, None)
        assert dict(call.attributes or {}) == {
            "rpc.system.name": "etelecom",
            "rpc.method": "Etelecom/GetExtensions",
            **server(service),
            "etelecom.operation": "shop.extensions.list",
            "etelecom.effect": "READ",
            "etelecom.attempts": 1,
        }
        assert call.status.status_code is attempt.status.status_code is StatusCode.UNSET
        assert telemetry.children(call) == [attempt]
        assert (attempt.name, attempt.kind) == ("Etelecom/GetExtensions attempt", SpanKind.INTERNAL)
        assert dict(attempt.attributes or {}) == {
            "http.request.method": "POST",
            "http.response.status_code": 200,
            **server(service),
        }
        scope = call.instrumentation_scope
        assert (scope.name, scope.schema_url) == ("etelecom_async", SCHEMA_URL)
        assert call.events == attempt.events == ()

    async def test_retry(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """Each attempt is a span below the call; a retry has its number, the failed one its failure."""
        service.faults.add(Fault(kind="status", status=500, times=1))
        await shop.extensions.list()
        (call,) = telemetry.named("Etelecom/GetExtensions")
        first, second = telemetry.children(call)
        assert dict(first.attributes or {}) == {
            "http.request.method": "POST",
            "http.response.status_code": 500,
            "error.type": "server_fault",
            "etelecom.wait": 0,
            **server(service),
        }
        assert type((first.attributes or {})["error.type"]) is str
        assert first.status.status_code is StatusCode.ERROR
        assert (second.attributes or {})["http.request.resend_count"] == 1
        assert second.status.status_code is call.status.status_code is StatusCode.UNSET
        assert (call.attributes or {})["etelecom.attempts"] == 2
        assert first.end_time <= second.start_time

    async def test_refusal(self, telemetry: Telemetry, shop: ShopClient) -> None:
        """A refused call has the code of the API, and nothing of the error's text."""
        with pytest.raises(errors.NotFoundError):
            await shop.extensions.get(extension_number="9999")
        call, attempt = telemetry.spans
        found = call.attributes or {}
        assert (found["rpc.response.status_code"], found["error.type"]) == ("not_found", "not_found")
        assert found["etelecom.may_have_happened"] is False
        assert (attempt.attributes or {})["error.type"] == "rejected"
        for span in (call, attempt):
            assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
            assert span.events == ()

    async def test_unknown_outcome(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """A message whose response was lost may have been sent: the span says so, with one attempt."""
        error = await lost_message(shop, service)
        assert type(error) is errors.OutcomeUnknownError
        call = telemetry.named(OPERATIONS["shop.zns.messages.send"].wire_name)[-1]
        found = call.attributes or {}
        assert (found["error.type"], found["etelecom.effect"]) == ("OutcomeUnknownError", "SEND")
        assert found["etelecom.may_have_happened"] is True
        assert "rpc.response.status_code" not in found
        (attempt,) = telemetry.children(call)
        assert (attempt.attributes or {})["error.type"] == "response_lost"
        assert "http.response.status_code" not in (attempt.attributes or {})

    async def test_queue_timeout(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """A call that got no turn has no attempt, and certainly did not happen."""
        service.faults.add(Fault(kind="status", status=429, retry_after=60, times=1))
        impatient = shop.with_options(queue_timeout=0.01, retries=0)
        with pytest.raises(errors.ResourceExhaustedError):
            await impatient.extensions.list()
        with pytest.raises(errors.QueueTimeoutError):
            await impatient.extensions.list()
        call = telemetry.named("Etelecom/GetExtensions")[-1]
        found = call.attributes or {}
        assert (found["error.type"], found["etelecom.attempts"]) == ("QueueTimeoutError", 0)
        assert found["etelecom.may_have_happened"] is False
        assert telemetry.children(call) == []
        assert call.status.status_code is StatusCode.ERROR

    @pytest.mark.parametrize("prefetch", [0, 1])
    async def test_list(self, telemetry: Telemetry, shop: ShopClient, prefetch: int) -> None:
        """The pages of a list are calls below the caller's span, also those that are fetched ahead."""
        with telemetry.tracers.get_tracer("app").start_as_current_span("report"):
            async for _ in shop.call_logs.list(limit=100, prefetch=prefetch):
                assert trace.get_current_span().name == "report"  # type: ignore[attr-defined]  # the span of an SDK
        (report,) = telemetry.named("report")
        pages = telemetry.children(report)
        assert {page.name for page in pages} == {"Etelecom/ListCallLogs"}
        assert len(pages) >= 3
        assert {len(telemetry.children(page)) for page in pages} == {1}

    async def test_map(self, telemetry: Telemetry, shop: ShopClient) -> None:
        """The calls of `map` are below the caller's span, with their attempts below them."""
        with telemetry.tracers.get_tracer("app").start_as_current_span("import"):
            numbers = ["1001", "9999", "1002"]
            results = shop.map(lambda number: shop.extensions.get(extension_number=number), numbers)
            assert sorted([done.error is None async for done in results]) == [False, True, True]
        calls = telemetry.children(telemetry.named("import")[0])
        assert len(calls) == 3
        assert [len(telemetry.children(call)) for call in calls] == [1, 1, 1]

    async def test_bulk(self, telemetry: Telemetry, shop: ShopClient, tmp_path: Path) -> None:
        """The calls of a job are below the span in which it was started."""
        steps = [
            bulk.step(phone, shop.users.create, full_name="Lê An", phone=phone, password="one-time-Pa55")
            for phone in ("0901234561", "0901234562")
        ]
        with telemetry.tracers.get_tracer("app").start_as_current_span("job"):
            report = await bulk.run(tmp_path / "a.journal", steps)
        assert report.counts == {"done": 2}
        (job,) = telemetry.named("job")
        assert len(telemetry.named(OPERATIONS["shop.users.create"].wire_name)) == 2
        calls = [span for span in telemetry.spans if span.kind is SpanKind.CLIENT]
        assert {call.parent.span_id for call in calls if call.parent} == {job.context.span_id}
        assert all(call.parent for call in calls)

    async def test_cancelled(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """A cancelled call and its attempt end at once, as failures; a create may have happened."""
        service.faults.add(Fault(kind="stall_header"))
        call = asyncio.create_task(shop.extensions.create(hotline_id="1", extension_number=4001))
        while not shop.stats().writes.in_flight:  # noqa: ASYNC110 - a limiter has no event
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        span, attempt = telemetry.spans
        assert (span.attributes or {})["error.type"] == "CancelledError"
        assert (span.attributes or {})["etelecom.may_have_happened"] is True
        assert (attempt.attributes or {})["error.type"] == "cancelled"
        assert span.status.status_code is attempt.status.status_code is StatusCode.ERROR

    async def test_cancelled_in_the_queue(self, telemetry: Telemetry, peer: Peer) -> None:
        """A call that is cancelled before its turn has a span without an attempt."""
        peer.always = lambda _: peer.HANG
        async with ShopClient("1:k", base_url=peer.base_url, concurrency=1, hooks=[telemetry.hook()]) as shop:
            calls = [asyncio.create_task(shop.account()) for _ in range(2)]
            await peer.until(1)
            for call in reversed(calls):
                call.cancel()
            await asyncio.wait(calls)
        ended = telemetry.named("Misc/CurrentAccount")
        assert sorted((span.attributes or {})["etelecom.attempts"] for span in ended) == [0, 1]

    async def test_other_services(self, telemetry: Telemetry, service: Sandbox) -> None:
        """The clients of a partner, of its shops and of the SMS service share one hook."""
        hook = telemetry.hook()
        async with (
            PartnerClient(service.partner_api_key, base_url=service.base_url, hooks=[hook]) as partner,
            SmsClient(
                service.sms_username, service.sms_password, base_url=service.sms_base_url, hooks=[hook]
            ) as sms,
        ):
            await partner.for_shop(service.shop_key).extensions.list()
            await partner.tenants.list()
            await sms.status(id_omni_mess="1")
        calls = [span for span in telemetry.spans if span.kind is SpanKind.CLIENT]
        assert {(span.attributes or {})["rpc.system.name"] for span in calls} == {"etelecom"}
        assert [(span.attributes or {})["etelecom.operation"] for span in calls] == [
            *("shop.extensions.list", "partner.tenants.list", "sms.status"),
        ]

    async def test_current_span(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """After each call, whatever its end, the caller's span is the current one again."""
        with telemetry.tracers.get_tracer("app").start_as_current_span("app") as app:
            await shop.extensions.list()
            assert trace.get_current_span() is app
            with pytest.raises(errors.NotFoundError):
                await shop.extensions.get(extension_number="9999")
            assert trace.get_current_span() is app
            service.faults.add(Fault(kind="stall_header"))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await shop.extensions.list()
            assert trace.get_current_span() is app


class TestOtherInstrumentations:
    """The hook beside the instrumentation of aiohttp, and beside other hooks."""

    @pytest.mark.parametrize("is_own_session", [True, False])
    async def test_requests_are_below_their_attempts(
        self, telemetry: Telemetry, service: Sandbox, *, is_own_session: bool
    ) -> None:
        """With the stock instrumentation, each HTTP request is one span below its attempt."""
        service.faults.add(Fault(kind="status", status=500, times=1))
        hooks = [telemetry.hook()]
        if is_own_session:
            configs = [create_trace_config(tracer_provider=telemetry.tracers)]
            async with (
                aiohttp.ClientSession(trace_configs=configs) as session,
                ShopClient(
                    service.shop_key, base_url=service.base_url, hooks=hooks, retries=QUICK, session=session
                ) as shop,
            ):
                await shop.extensions.list()
        else:
            AioHttpClientInstrumentor().instrument(tracer_provider=telemetry.tracers)
            try:
                async with ShopClient(
                    service.shop_key, base_url=service.base_url, hooks=hooks, retries=QUICK
                ) as shop:
                    await shop.extensions.list()
            finally:
                AioHttpClientInstrumentor().uninstrument()
        (call,) = telemetry.named("Etelecom/GetExtensions")
        attempts = telemetry.children(call)
        assert [(span.attributes or {}).get("http.request.resend_count") for span in attempts] == [None, 1]
        requests = [telemetry.children(attempt) for attempt in attempts]
        assert [[span.name for span in below] for below in requests] == [["POST"], ["POST"]]
        assert [span.kind for span in telemetry.spans].count(SpanKind.CLIENT) == 3
        assert service.shop_key not in telemetry.exported()

    async def test_unsampled(self, service: Sandbox) -> None:
        """A trace that is not sampled has no spans at all, also none of its requests; metrics still count."""
        telemetry = Telemetry(ParentBased(TraceIdRatioBased(0)))
        config = create_trace_config(tracer_provider=telemetry.tracers)
        async with (
            aiohttp.ClientSession(trace_configs=[config]) as session,
            ShopClient(
                service.shop_key, base_url=service.base_url, hooks=[telemetry.hook()], session=session
            ) as shop,
        ):
            await shop.extensions.list()
        assert telemetry.spans == []
        assert [point.count for point in telemetry.points("rpc.client.call.duration")] == [1]

    async def test_logs_have_the_span_of_the_call(
        self, telemetry: Telemetry, peer: Peer, waits: Waits
    ) -> None:
        """Between the attempts, the span of the call is the current one: log records name it."""
        seen: list[str] = []

        class Looking(CallObserver):
            def __init__(self, _: Call) -> None:
                self.look()

            def attempt_started(self, number: int) -> None:
                assert number
                self.look()

            def attempt_ended(self, attempt: Attempt) -> None:
                assert attempt
                self.look()

            @staticmethod
            def look() -> None:
                seen.append(trace.get_current_span().name)  # type: ignore[attr-defined]  # the span of an SDK

        async def during_wait() -> None:
            Looking.look()
            await asyncio.sleep(0)

        peer.respond_with(peer.refusal("internal", 500))
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook(), Looking]) as shop:
            waits.govern(shop, during_wait)
            await shop.account()
        name = "Misc/CurrentAccount"
        both = [f"{name} attempt"] * 2
        assert seen == [name, *both, name, *both]


class TestMethods:
    """The names of methods, which stay few."""

    @pytest.mark.parametrize(
        ("wire_name", "methods", "expected"),
        [
            ("Etelecom/GetExtensions", (), ("Etelecom/GetExtensions", None)),
            ("Etelecom/NewThing", (), ("_OTHER", "Etelecom/NewThing")),
            ("Etelecom/NewThing", ["Etelecom/NewThing"], ("Etelecom/NewThing", None)),
            ("Etelecom/Call0901234567", (), ("_OTHER", None)),
        ],
    )
    async def test_calls_by_name(
        self,
        telemetry: Telemetry,
        peer: Peer,
        wire_name: str,
        methods: list[str],
        expected: tuple[str, str | None],
    ) -> None:
        """An unknown method is `_OTHER`, with its name beside it, unless the name has digits."""
        hook = telemetry.hook(methods=methods)
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[hook]) as shop:
            await shop.call(wire_name, effect=Effect.READ)
        call, attempt = telemetry.spans
        found = call.attributes or {}
        assert (found["rpc.method"], found.get("rpc.method_original")) == expected
        is_known = expected[0] != "_OTHER"
        assert call.name == (wire_name if is_known else "etelecom")
        assert attempt.name == f"{call.name} attempt"
        assert ("etelecom.operation" in found) is is_known
        (point,) = telemetry.points("rpc.client.call.duration")
        assert point.attributes["rpc.method"] == expected[0]

    @pytest.mark.parametrize(
        "methods", ["Etelecom/NewThing", 5, None, [5], ["key:secret"], [b"A/B"]], ids=repr
    )
    def test_wrong_methods(self, methods: Any) -> None:
        """A wrong list of methods is refused without its values."""
        with pytest.raises(ConfigurationError, match="Service/Method") as caught:
            OpenTelemetry(methods=methods)
        assert "secret" not in str(caught.value)

    async def test_corrected_names(self, telemetry: Telemetry, peer: Peer) -> None:
        """A wire name that the caller corrects does not change the method of the span."""
        async with ShopClient(
            "1:k",
            base_url=peer.base_url,
            hooks=[telemetry.hook()],
            wire_names={"account": "Misc/Renamed"},
        ) as shop:
            await shop.account()
        assert telemetry.spans[0].name == "Misc/CurrentAccount"


class TestMetrics:
    """The metrics of calls, limiters and pauses."""

    async def test_durations(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """The duration of calls in seconds, by method and failure, with the boundaries of the convention."""
        await shop.extensions.list()
        await shop.extensions.list()
        with pytest.raises(errors.NotFoundError):
            await shop.extensions.get(extension_number="9999")
        done, refused = sorted(
            telemetry.points("rpc.client.call.duration"), key=lambda point: "error.type" in point.attributes
        )
        assert dict(done.attributes) == {
            "rpc.system.name": "etelecom",
            "rpc.method": "Etelecom/GetExtensions",
            **server(service),
        }
        assert (done.count, refused.count) == (2, 1)
        assert 0 < done.sum < 60
        assert done.explicit_bounds == CALL_BUCKETS
        assert dict(refused.attributes) == {
            "rpc.system.name": "etelecom",
            "rpc.method": "Etelecom/GetExtensionInfo",
            "rpc.response.status_code": "not_found",
            "error.type": "not_found",
            **server(service),
        }
        (example,) = refused.exemplars
        assert example.span_id == telemetry.named("Etelecom/GetExtensionInfo")[0].context.span_id

    async def test_seconds(self, telemetry: Telemetry, peer: Peer, waits: Waits) -> None:
        """The duration includes the waits between attempts."""
        peer.respond_with(peer.refusal("internal", 500))
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            waits.govern(shop)
            await shop.account()
        (point,) = telemetry.points("rpc.client.call.duration")
        assert point.sum == pytest.approx(sum(waits))

    async def test_pauses(self, telemetry: Telemetry, peer: Peer, waits: Waits) -> None:
        """The seconds that the server asked to wait are counted once, whichever call waits for them."""
        throttled = [peer.refusal("resource_exhausted", 429, Retry_After=text) for text in ("5", "30")]
        peer.respond_with(*throttled, peer.refusal("resource_exhausted", 429))
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            waits.govern(shop)
            await shop.account()
        (point,) = telemetry.points("etelecom.pause.duration")
        assert (point.count, point.sum) == (2, 35.0)
        assert dict(point.attributes) == server(peer)

    async def test_limiters(self, telemetry: Telemetry, peer: Peer) -> None:
        """Attempts in flight, waiting calls and the limit, for reads and for other calls, over all hooks."""
        peer.always = lambda _: peer.HANG

        def client(key: str) -> ShopClient:
            return ShopClient(key, base_url=peer.base_url, concurrency=2, hooks=[telemetry.hook()])

        def read(kind: str) -> list[float]:
            return [
                point.value
                for name in ("in_flight", "waiting", "limit")
                for point in telemetry.points(f"etelecom.limiter.{name}")
                if dict(point.attributes) == {**server(peer), "etelecom.limiter.kind": kind}
            ]

        async with client("1:a") as one, client("2:b") as two:
            assert read("reads") == []
            calls = [asyncio.create_task(one.account()) for _ in range(5)]
            calls.append(asyncio.create_task(two.account()))
            calls.append(asyncio.create_task(one.call("Any/Thing")))
            await peer.until(4)
            assert (read("reads"), read("writes")) == ([3, 3, 4.0], [1, 0, 2.0])
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)
            assert (read("reads"), read("writes")) == ([0, 0, 4.0], [0, 0, 2.0])

        calls.clear()
        del one, two, call
        gc.collect()
        assert read("reads") == []

    async def test_exporter_in_another_thread(self, telemetry: Telemetry, peer: Peer) -> None:
        """The metrics can be read in another thread while calls start and keys appear."""
        problems: list[BaseException] = []
        done = threading.Event()

        def read() -> None:
            try:
                while not done.is_set():
                    telemetry.points("etelecom.limiter.waiting")
            except BaseException as error:  # noqa: BLE001 - the test shows any error
                problems.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        try:
            async with PartnerClient(
                "partner-key", base_url=peer.base_url, hooks=[telemetry.hook()]
            ) as partner:
                for number in range(20):
                    await partner.for_shop(f"shop{number}:k").account()
        finally:
            done.set()
            thread.join()
        assert problems == []


class TestRobustness:
    """What the hook does when something else fails."""

    async def test_failing_sampler(self, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
        """If the SDK of OpenTelemetry fails, calls succeed, and the span of the call is still right."""

        class Failing(Sampler):
            def should_sample(
                self, parent_context: Any, trace_id: int, name: str, *args: Any, **kwargs: Any
            ) -> SamplingResult:
                if name.endswith("attempt"):
                    raise ZeroDivisionError
                return ALWAYS_ON.should_sample(parent_context, trace_id, name, *args, **kwargs)

            def get_description(self) -> str:
                return "failing"

        telemetry = Telemetry(Failing())
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            assert await shop.account() == {}
        assert [span.name for span in telemetry.spans] == ["Misc/CurrentAccount"]
        assert [record.kind for record in caplog.records] == ["hook_failed"]
        assert trace.get_current_span() is NO_SPAN

    async def test_failing_exporter(self, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
        """If an exporter of the program raises, calls succeed, and no span stays the current one."""

        class Failing(SpanProcessor):
            def on_end(self, span: ReadableSpan) -> None:
                raise ZeroDivisionError(span.name)

        telemetry = Telemetry()
        telemetry.tracers.add_span_processor(Failing())
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            assert await shop.account() == {}
            assert trace.get_current_span() is NO_SPAN
        assert [record.kind for record in caplog.records] == ["hook_failed", "hook_failed"]

    async def test_closed_coroutine(
        self, telemetry: Telemetry, peer: Peer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A call that is dropped in another context ends its spans, and leaves that context as it is."""
        peer.always = lambda _: peer.HANG
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            calling = shop.account()
            contextvars.copy_context().run(calling.send, None)
            with telemetry.tracers.get_tracer("app").start_as_current_span("other") as other:
                calling.close()
                assert trace.get_current_span() is other
        assert {span.name for span in telemetry.spans} >= {"Misc/CurrentAccount", "other"}
        assert caplog.records == []

    async def test_context_of_a_middleware(self, telemetry: Telemetry, peer: Peer) -> None:
        """Code of the caller that leaves another span as the current one changes nothing after the call."""

        async def middleware(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
            from opentelemetry import context

            context.attach(trace.set_span_in_context(telemetry.tracers.get_tracer("app").start_span("left")))
            return await handler(request)

        async with (
            aiohttp.ClientSession(middlewares=[middleware]) as session,
            ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()], session=session) as shop,
        ):
            await shop.account()
            assert trace.get_current_span() is NO_SPAN

    async def test_without_an_sdk(self, peer: Peer) -> None:
        """Without a configured SDK, the hook does nothing, and calls go on."""
        peer.respond_with(peer.refusal("internal", 500))
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[OpenTelemetry()], retries=QUICK) as shop:
            assert await shop.account() == {}


class TestSecrecy:
    """Nothing that is exported names a person or a key."""

    async def test_no_secret(self, telemetry: Telemetry, service: Sandbox, shop: ShopClient) -> None:
        """No span, event or metric has a key, a phone number, a body or a password, also not in an error."""
        tracer = telemetry.tracers.get_tracer("app")
        error = await lost_message(shop, service)
        service.faults.clear()
        with pytest.raises(errors.OutcomeUnknownError), tracer.start_as_current_span("outer"):
            raise error  # OpenTelemetry records its text and its traceback in the caller's span
        user = await shop.users.create(**PERSON)
        with pytest.raises(errors.EtelecomError), tracer.start_as_current_span("outer"):
            await shop.users.create(**PERSON)
        assert [row async for row in shop.users.list(phone=PHONE)]
        shown = telemetry.exported()
        assert '"exception.message"' in shown
        secrets = [service.shop_key, service.shop_key.partition(":")[2], "anary", user.user_id, "Bearer"]
        secrets += [*phones.forms(PHONE), "+84901234567", "901234567", "901 234 567"]
        assert [secret for secret in secrets if secret in shown] == []

    async def test_texts_of_the_server(self, telemetry: Telemetry, peer: Peer) -> None:
        """A server that repeats the phone number in its code and its text gets neither into a span."""
        body = {"code": PHONE, "msg": PHONE, "meta": {PHONE: PHONE}}
        peer.always = lambda _: peer.json(body, 400)
        async with ShopClient("1:k", base_url=peer.base_url, hooks=[telemetry.hook()]) as shop:
            with pytest.raises(errors.APIError):
                await shop.users.list(phone=PHONE)
        assert (telemetry.spans[0].attributes or {})["error.type"] == "APIError"
        assert PHONE not in telemetry.exported()


def test_documented_names() -> None:
    """docs/telemetry.md names each attribute and each metric, and the source has each name of its tables."""
    page = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    in_tables = {name for line in lines for name in re.findall(r"`((?:\w+\.)+\w+)`", line)}
    documented = {name for name in in_tables if name not in OPERATIONS}
    source = Path(opentelemetry.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r"\"((?:rpc|http|server|error|etelecom)\.[\w.]+)\"", source))
    used |= {
        f"etelecom.limiter.{name}" for name in re.findall(r"^    \(\"(\w+)\", \"\{", source, re.MULTILINE)
    }
    assert len(used) > 15
    assert documented == used


GLOBAL = """
import asyncio, os, sys
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from etelecom_async import ShopClient
from etelecom_async.contrib.opentelemetry import OpenTelemetry

async def calls(first, second, reader, exporter):
    options = {"base_url": sys.argv[1]}
    async with (
        ShopClient("1:a", hooks=[first], **options) as a, ShopClient("2:b", hooks=[second], **options) as b
    ):
        await a.account()
        await b.account()
        (resource,) = reader.get_metrics_data().resource_metrics
        (scope,) = resource.scope_metrics
        found = {metric.name: metric.data.data_points for metric in scope.metrics}
        (limit,), (calls,) = found["etelecom.limiter.limit"], found["rpc.client.call.duration"]
        print(limit.value, calls.count, len(exporter.get_finished_spans()), flush=True)

def run(first_kind, second_kind):
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    proxies = {"meter_provider": metrics.get_meter_provider(), "tracer_provider": trace.get_tracer_provider()}
    meters, tracers = MeterProvider(metric_readers=[reader]), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    named = {"meter_provider": meters, "tracer_provider": tracers}
    options = {"default": {}, "named": named, "proxy": proxies}
    first = OpenTelemetry(**options[first_kind])
    metrics.set_meter_provider(meters)
    trace.set_tracer_provider(tracers)
    second = OpenTelemetry(**options[second_kind])
    asyncio.run(calls(first, second, reader, exporter))

# A process has its global provider once.
for first_kind in ("default", "named", "proxy"):
  for second_kind in ("default", "named"):
    if not os.fork():
        run(first_kind, second_kind)
        os._exit(0)
    os.wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it forks, because an import takes seconds")
async def test_global_providers(peer: Peer) -> None:
    """A hook may be made before the SDK is configured, and hooks of one provider share each metric."""
    command = [sys.executable, "-W", "error", "-c", GLOBAL, peer.base_url]
    process = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert (process.stdout, process.stderr) == ("128.0 2 4\n" * 6, "")
