"""Seed the sandbox, and list the calls that it has: over many shops, and in one shop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import Final

from benchmarks.measure import Run
from benchmarks.recordings import ROWS
from benchmarks.sides import expect
from etelecom_async._core.operation import KeyKind
from etelecom_async.models import ListCallLogsRequest
from etelecom_async.sandbox.context import Caller, Context
from etelecom_async.sandbox.seed import populate
from etelecom_async.sandbox.services.pbx.call_logs import list_call_logs
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import Content

CALLS: Final = 100_000
SHOPS: Final = 30


def _many_shops() -> Content:
    # The other shops together have as many calls as the first one.
    return Content(until="2026-11-30", tenants=SHOPS, call_logs=CALLS // 2)


def _one_shop() -> Content:
    return Content(until="2026-11-30", tenants=1, call_logs=CALLS)


def _seeded(content: Content) -> State:
    state = State()
    with state.create():
        populate(state, content)
    expect(state.count_records()["call_log"] // SHOPS, CALLS // SHOPS)
    return state


@asynccontextmanager
async def many_shops(_: str) -> AsyncGenerator[Run]:
    """Seed 100,000 calls over 30 shops, each with its employees and extensions."""
    yield _seeding(_many_shops())


@asynccontextmanager
async def one_shop(_: str) -> AsyncGenerator[Run]:
    """Seed 100,000 calls of one shop."""
    yield _seeding(_one_shop())


def _seeding(content: Content) -> Run:
    async def run(times: int) -> None:
        for _ in range(times):
            _seeded(content).close()

    return run


@asynccontextmanager
async def page_of_many_shops(_: str) -> AsyncGenerator[Run]:
    """List a page of 100 calls of the first of 30 shops."""
    with closing(_seeded(_many_shops())) as state:
        yield _listing(state)


@asynccontextmanager
async def page_of_one_shop(_: str) -> AsyncGenerator[Run]:
    """List a page of 100 calls of the only shop."""
    with closing(_seeded(_one_shop())) as state:
        yield _listing(state)


def _listing(state: State) -> Run:
    caller = Caller(KeyKind.SHOP_API_KEY, int(state.setting("shop_id")))
    context = Context(state=state, caller=caller, now=datetime.now(UTC), origin="http://127.0.0.1")
    request = ListCallLogsRequest()

    async def run(times: int) -> None:
        for _ in range(times):
            response = list_call_logs(context, request)
            expect(len(response.docs), ROWS)

    return run
