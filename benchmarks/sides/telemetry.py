"""Make small calls with and without OpenTelemetry."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from benchmarks.measure import Run, repeating
from benchmarks.recordings import EXTENSION_NUMBER
from benchmarks.sides import KEY, expect
from etelecom_async import ShopClient


@asynccontextmanager
async def unused(url: str) -> AsyncGenerator[Run]:
    """Make small calls without a hook, in a process where a copy of the client has one."""
    from etelecom_async.contrib.opentelemetry import OpenTelemetry  # its package may be missing

    async with ShopClient(KEY, base_url=f"{url}/plain") as shop:
        await _small_calls(shop.with_options(hooks=[OpenTelemetry()]))(1)
        yield _small_calls(shop)


@asynccontextmanager
async def without_sdk(url: str) -> AsyncGenerator[Run]:
    """Make small calls with the hook, without a configured SDK."""
    from etelecom_async.contrib.opentelemetry import OpenTelemetry

    async with ShopClient(KEY, base_url=f"{url}/plain", hooks=[OpenTelemetry()]) as shop:
        yield _small_calls(shop)


@asynccontextmanager
async def recording(url: str) -> AsyncGenerator[Run]:
    """Make small calls with the hook and an SDK that records all spans and metrics, and exports nothing."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider

    from etelecom_async.contrib.opentelemetry import OpenTelemetry

    hook = OpenTelemetry(
        tracer_provider=TracerProvider(),
        meter_provider=MeterProvider(metric_readers=[InMemoryMetricReader()]),
    )
    async with ShopClient(KEY, base_url=f"{url}/plain", hooks=[hook]) as shop:
        yield _small_calls(shop)


def _small_calls(shop: ShopClient) -> Run:
    return repeating(
        lambda: shop.extensions.get(extension_number=EXTENSION_NUMBER),
        lambda login: expect(login.extension_number, EXTENSION_NUMBER),
    )
