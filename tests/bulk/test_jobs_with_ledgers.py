"""Jobs with a ledger: each message is sent once, whichever job or process sends it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from etelecom_async import ShopClient, bulk
from etelecom_async.bulk.sql_ledger import SqlLedger
from etelecom_async.testing import Fault, Sandbox, sandbox

SEND = "shop.zns.messages.send"
MESSAGES = {"file": 40, "sqlite": 20, "postgresql": 200}
"""Messages of the two processes; SQLAlchemy has no group commit."""

CODE = """
import asyncio, json, sys
from etelecom_async import ShopClient, bulk

async def main(key, url, journal, where, oa_id, template_id, count):
    if "://" in where:
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_async_engine(where)
        ledger = bulk.SqlLedger(engine)
        prepare, close = ledger.create_table, engine.dispose
    else:
        ledger = bulk.SqliteLedger(where)
        prepare, close = ledger.close, ledger.close
    async with ShopClient(key, base_url=url, concurrency=4, retries=0) as shop:
        steps = [
            bulk.step(
                f"invoice {n}", shop.zns.messages.send, oa_id=oa_id, phone=f"09{n:07d}0",
                template_id=int(template_id), template_data={"otp": "123456"}, tracking_id=f"HD-{n}",
            )
            for n in range(int(count))
        ]
        print("ready", flush=True)
        sys.stdin.readline()
        await prepare()
        report = await bulk.run(journal, steps, ledger=ledger)
        await close()
    print(json.dumps(report.to_dict()))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """A sandbox without messages."""
    async with sandbox(call_logs=0, zns_messages=0) as running:
        yield running


@pytest.fixture
async def shop(service: Sandbox) -> AsyncIterator[ShopClient]:
    """A client without retries."""
    async with ShopClient(service.shop_key, base_url=service.base_url, retries=0) as client:
        yield client


async def template_of(shop: ShopClient) -> tuple[str, int]:
    """Return an official account, and a template of it for one-time passwords."""
    async for account in shop.zalo.accounts.list():
        async for template in shop.zns.templates.list(oa_id=account.oa_id):
            if (template.type, template.template_status) == ("otp", "ENABLE") and template.template_id:
                return account.oa_id, template.template_id
    raise AssertionError("the sandbox has no such template")


async def sent(shop: ShopClient, oa_id: str) -> Counter[str]:
    """Return how often each message was accepted, by its tracking id."""
    return Counter(
        [
            message.tracking_id
            async for message in shop.zns.messages.list(oa_id=oa_id)
            if not message.error_code or message.error_code == "0"
        ]
    )


@pytest.mark.parametrize("kind", ["file", "sqlite", "postgresql"])
async def test_two_processes(
    *,
    kind: str,
    service: Sandbox,
    shop: ShopClient,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    together: Any,
) -> None:
    """Two processes with a journal each and one ledger send each message once, also if responses are lost."""
    wheres = {
        "file": f"{tmp_path}/sent.ledger",
        "sqlite": f"sqlite+aiosqlite:///{tmp_path}/app.db?timeout=60",
    }
    where = wheres.get(kind) or request.getfixturevalue("postgresql")
    count = MESSAGES[kind]
    oa_id, template_id = await template_of(shop)
    service.faults.add(Fault(kind="reset_after", operation=SEND, times=5, after=3))
    outputs = await together(
        *(
            (
                *(CODE, service.shop_key, service.base_url),
                *(f"{tmp_path}/{number}.journal", where, oa_id, str(template_id), str(count)),
            )
            for number in (1, 2)
        )
    )
    if kind == "postgresql":
        engine = create_async_engine(where, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(SqlLedger(engine).table.drop)
    reports = [json.loads(output) for output in outputs]
    assert await sent(shop, oa_id) == {f"HD-{number}": 1 for number in range(count)}
    assert service.requests.counts[SEND] == count
    for state in ("done", "skipped"):
        assert sum(report["counts"][state] for report in reports) == count, reports
    assert {report["is_complete"] for report in reports} == {True}


async def test_corrected_and_accepted(service: Sandbox, shop: ShopClient, tmp_path: Path) -> None:
    """A refused message is sent again after its correction, by any job; an accepted one never."""
    oa_id, template_id = await template_of(shop)

    def step(number: int, **data: Any) -> bulk.Step[Any]:
        return bulk.step(
            f"invoice {number}",
            shop.zns.messages.send,
            oa_id=oa_id,
            phone="0901234567",
            template_id=template_id,
            template_data=data,
            tracking_id=f"HD-{number}",
        )

    right = {"otp": "123456"}
    async with bulk.SqliteLedger(tmp_path / "sent.ledger") as ledger:
        plan = [step(1, **right), step(2, wrong="x"), step(3, wrong="x")]
        report = await bulk.run(tmp_path / "a.journal", plan, ledger=ledger)
        assert report.counts == {bulk.State.DONE: 1, bulk.State.FAILED: 2}, str(report)
        assert service.requests.counts[SEND] == 3

        plan = [step(1, **right), step(2, **right), step(3, wrong="x")]
        report = await bulk.run(tmp_path / "a.journal", plan, ledger=ledger)
        assert report.counts == {bulk.State.DONE: 2, bulk.State.FAILED: 1}, str(report)
        assert service.requests.counts[SEND] == 5

        plan = [step(number, **right) for number in (1, 2, 3)]
        report = await bulk.run(tmp_path / "b.journal", plan, ledger=ledger)
        assert report.counts == {bulk.State.DONE: 1, bulk.State.SKIPPED: 2}, str(report)
        assert service.requests.counts[SEND] == 6

        for journal in ("a", "b", "c"):
            report = await bulk.run(tmp_path / f"{journal}.journal", plan, ledger=ledger)
            assert report.is_complete, str(report)
        assert service.requests.counts[SEND] == 6
    assert await sent(shop, oa_id) == {f"HD-{number}": 1 for number in (1, 2, 3)}
