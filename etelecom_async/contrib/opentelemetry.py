"""
Trace and measure calls with OpenTelemetry: a span for each call and each attempt, and metrics.

    shop = ShopClient(hooks=[OpenTelemetry()])

It needs the extra `opentelemetry`, which has the API of OpenTelemetry only. Without a configured SDK it does
nothing. The names follow the stable conventions for RPC; names of our own start with `etelecom.`. No span and
no metric has a key, a phone number, a header, or a part of a request or of a response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from opentelemetry import context, metrics, trace
from opentelemetry.metrics import CallbackOptions, Histogram, MeterProvider, Observation
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, TracerProvider

from etelecom_async._core.hooks import OK, Call, CallEnd, CallObserver, LimiterView
from etelecom_async._core.operation import Effect, is_wire_name
from etelecom_async._core.values import kind_of
from etelecom_async._version import __version__
from etelecom_async.errors import Attempt, ConfigurationError
from etelecom_async.operations import OPERATIONS

SCOPE: Final = "etelecom_async"
"""Name of the instrumentation scope."""
SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.45.0"
"""The conventions that the names follow; those for RPC are stable since this version."""
SYSTEM: Final = "etelecom"
"""`rpc.system.name`: the conventions list no name for the protocol of the API."""
OTHER: Final = "_OTHER"
"""`rpc.method` of a method that is not known, so that the number of values stays small."""
CALL_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds; the boundaries that the conventions advise."""
PAUSE_BUCKETS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Seconds; a pause ends after a minute at the latest."""

_KNOWN_METHODS: Final = frozenset(row.wire_name for row in OPERATIONS.values())
_NO_DIGIT: Final = r"\D+"
"""A wire name with digits may be a phone number in the wrong place."""

_Attributes = Mapping[str, str | int]


class OpenTelemetry:
    """
    A hook that traces and measures the calls of clients. One instance can serve any number of clients.

    Args:
        tracer_provider: Where the spans go. Default: the global provider, also if it is set later.
        meter_provider: Where the metrics go. Default: the global provider, also if it is set later.
        methods: More wire names that may be values of `rpc.method`, for calls by `client.call`. The methods
            of this package are known. Any other method is `_OTHER`.

    Raises:
        ConfigurationError: *methods* has a text that is no wire name.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        methods: Iterable[str] = (),
    ) -> None:
        if meter_provider is metrics.get_meter_provider():
            meter_provider = None  # the global one, perhaps only a proxy of the one that is set later
        self._methods = _KNOWN_METHODS | _checked(methods)
        self._tracer = trace.get_tracer(SCOPE, __version__, tracer_provider, SCHEMA_URL)
        meter = metrics.get_meter(SCOPE, __version__, meter_provider, SCHEMA_URL)
        self._durations = meter.create_histogram(
            "rpc.client.call.duration",
            unit="s",
            description="Duration of calls, with all attempts and waits.",
            explicit_bucket_boundaries_advisory=CALL_BUCKETS,
        )
        self._pauses = meter.create_histogram(
            "etelecom.pause.duration",
            unit="s",
            description="Seconds that a throttled attempt adds to the pause of its key.",
            explicit_bucket_boundaries_advisory=PAUSE_BUCKETS,
        )
        self._limiters = _limiters_for(meter_provider)
        for name, unit, read, description in _LIMITER_METRICS:
            meter.create_observable_up_down_counter(
                f"etelecom.limiter.{name}", [_observing(meter_provider, read)], unit, description
            )

    def __call__(self, call: Call) -> CallObserver:
        """Start the span of a call."""
        self._limiters.add(call)
        method = call.wire_name if call.wire_name in self._methods else OTHER
        return _CallTelemetry(self._tracer, self._durations, self._pauses, call, method)


def _checked(methods: Iterable[str]) -> frozenset[str]:
    """Return *methods*; the error shows none of them, because one may be a key in the wrong place."""
    given: Any = methods
    if isinstance(given, str) or not isinstance(given, Iterable):
        message = f"methods takes a list of texts in the form 'Service/Method', not {kind_of(given)}."
        raise ConfigurationError(message)
    names: tuple[Any, ...] = tuple(methods)
    if not all(isinstance(name, str) and is_wire_name(name) for name in names):
        message = "each of methods must have the form 'Service/Method'."
        raise ConfigurationError(message)
    return frozenset(names)


class _CallTelemetry(CallObserver):
    """The span of one call, the spans of its attempts, and its metrics."""

    def __init__(
        self, tracer: Tracer, durations: Histogram, pauses: Histogram, call: Call, method: str
    ) -> None:
        self._tracer = tracer
        self._durations = durations
        self._pauses = pauses
        self._server: _Attributes = {"server.address": call.server_address, "server.port": call.server_port}
        self._rpc: _Attributes = {"rpc.system.name": SYSTEM, "rpc.method": method, **self._server}
        is_known = method != OTHER
        self._name = method if is_known else SYSTEM
        more: dict[str, str] = {"etelecom.effect": call.effect.name}
        if is_known:
            more["etelecom.operation"] = call.operation
        elif re.fullmatch(_NO_DIGIT, call.wire_name):
            more["rpc.method_original"] = call.wire_name
        span = tracer.start_span(self._name, kind=SpanKind.CLIENT, attributes={**self._rpc, **more})
        self._call = _Current(span)
        self._attempt: _Current | None = None

    def attempt_started(self, number: int) -> None:
        attributes: dict[str, str | int] = {"http.request.method": "POST", **self._server}
        if number > 1:
            attributes["http.request.resend_count"] = number - 1
        # Not CLIENT: the span of an instrumentation of aiohttp below it is the one of the HTTP request.
        span = self._tracer.start_span(f"{self._name} attempt", kind=SpanKind.INTERNAL, attributes=attributes)
        self._attempt = _Current(span)

    def attempt_ended(self, attempt: Attempt) -> None:
        current, self._attempt = self._attempt, None
        if current is None:  # its start failed
            return
        found: dict[str, float] = {}
        if attempt.status is not None:
            found["http.response.status_code"] = attempt.status
        if attempt.wait is not None:
            found["etelecom.wait"] = attempt.wait
        current.end(found, None if attempt.outcome == OK else str(attempt.outcome))  # not a member of an enum

    def paused(self, seconds: float) -> None:
        self._pauses.record(seconds, self._server)

    def call_ended(self, end: CallEnd) -> None:
        failure = end.code or end.error
        found: dict[str, str | int] = {"etelecom.attempts": len(end.attempts)}
        measured = dict(self._rpc)
        if failure is not None:
            found["etelecom.may_have_happened"] = end.may_have_happened
            measured["error.type"] = failure
        if end.code is not None:
            found["rpc.response.status_code"] = measured["rpc.response.status_code"] = end.code
        try:
            # The span is still the current one, so the SDK can add it to the metric as an example.
            self._durations.record(end.seconds, measured)
        finally:
            self._call.end(found, failure)


class _Current:
    """
    A span that is the current one until it ends.

    Args:
        span: The span.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))
        self._outer = _CURRENT.set(self)

    def end(self, attributes: Mapping[str, str | float], failure: str | None) -> None:
        """
        End the span; the earlier one is the current one again, also if the SDK of OpenTelemetry fails.

        Args:
            attributes: Attributes that only the end shows.
            failure: Kind of the failure, or `None`. The span gets neither text nor traceback of the error.
        """
        # A coroutine that is dropped may be closed in the context of other code, with another current span.
        if _CURRENT.get() is self:
            _CURRENT.reset(self._outer)
            context.detach(self._token)
        try:
            self._span.set_attributes(attributes)
            if failure is not None:
                self._span.set_attribute("error.type", failure)
                self._span.set_status(StatusCode.ERROR)
        finally:
            self._span.end()


_CURRENT: Final[ContextVar[_Current | None]] = ContextVar("etelecom_async_current_span", default=None)


class _WatchedLimiters:
    """The limiters of all calls so far, as long as they exist. The thread of an exporter may read them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: WeakKeyDictionary[LimiterView, tuple[str, int, str]] = WeakKeyDictionary()

    def add(self, call: Call) -> None:
        """Watch the limiter of a call."""
        if call.limiter not in self._known:
            kind = "reads" if call.effect is Effect.READ else "writes"
            with self._lock:
                self._known[call.limiter] = (call.server_address, call.server_port, kind)

    def items(self) -> list[tuple[LimiterView, tuple[str, int, str]]]:
        """Return the limiters, each with its server and its kind of calls."""
        with self._lock:
            return list(self._known.items())


_GLOBAL: Final = _WatchedLimiters()
"""The limiters of calls whose metrics go to the global provider, which may be set later."""
_BY_PROVIDER: Final[WeakKeyDictionary[MeterProvider, _WatchedLimiters]] = WeakKeyDictionary()


def _limiters_for(provider: MeterProvider | None) -> _WatchedLimiters:
    """Return the limiters of a provider: the same object for all hooks."""
    return _GLOBAL if provider is None else _BY_PROVIDER.setdefault(provider, _WatchedLimiters())


def _observing(
    provider: MeterProvider | None, read: Callable[[LimiterView], float]
) -> Callable[[CallbackOptions], Iterator[Observation]]:
    """
    Return the callback of a metric, which adds up the limiters of each server.

    A provider keeps only the first callback of a metric. So each callback reads the limiters of all hooks
    whose metrics go to this provider. One of them may name the global provider, and another one may not.
    """

    def observe(_: CallbackOptions) -> Iterator[Observation]:
        current = metrics.get_meter_provider()
        sources = [_limiters_for(provider)]
        if provider is None and current in _BY_PROVIDER:
            sources.append(_limiters_for(current))
        elif provider is current:
            sources.append(_GLOBAL)
        totals: dict[tuple[str, int, str], float] = {}
        limiters = dict(pair for source in sources for pair in source.items())
        for limiter, where in limiters.items():
            totals[where] = totals.get(where, 0) + read(limiter)
        for (address, port, kind), total in totals.items():
            yield Observation(
                total, {"server.address": address, "server.port": port, "etelecom.limiter.kind": kind}
            )

    return observe


_LIMITER_METRICS: Final[tuple[tuple[str, str, Callable[[LimiterView], float], str], ...]] = (
    ("in_flight", "{attempt}", lambda limiter: limiter.in_flight, "Attempts in flight."),
    ("waiting", "{call}", lambda limiter: limiter.waiting, "Calls that wait for their turn."),
    ("limit", "{attempt}", lambda limiter: limiter.limit, "Maximum number of attempts in flight."),
)
