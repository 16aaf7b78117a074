"""Test the parts that the services share: statuses, settings, the store, and the bridge of Celery."""

from __future__ import annotations

import asyncio
import importlib
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import normalize

import outbox
import pytest
from conftest import ORDER, SEND, sends, settle
from outbox import METADATA, Order, Outbox, open_outbox
from pydantic import ValidationError
from replies import reply_to, status_of
from settings import Settings
from sqlalchemy import create_engine, insert, inspect, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from etelecom_async import errors
from etelecom_async.bulk.ledger import KeyState
from etelecom_async.testing import Fault, Sandbox, ScriptedTransport


def all_errors(kind: type[errors.EtelecomError] = errors.EtelecomError) -> list[type[errors.EtelecomError]]:
    """Return all classes of errors of the SDK."""
    return [kind, *(each for child in kind.__subclasses__() for each in all_errors(child))]


def test_statuses() -> None:
    """A call that may have been executed has the status 500, whatever its error; else the map decides."""
    for kind in all_errors():
        error = kind.__new__(kind)
        assert status_of(error) in {400, 409, 422, 500, 502, 503}
        error.may_have_happened = True
        assert status_of(error) == 500


def test_more_exact_error() -> None:
    """A used-up quota is busy, not refused, and a login that is needed is a fault of ours."""
    kinds = (errors.DeliveryQuotaError, errors.LoginRequiredError, errors.NotAppliedError, errors.RosterError)
    assert [status_of(kind.__new__(kind)) for kind in kinds] == [503, 500, 422, 400]
    assert dict(reply_to(errors.ConnectError("no")).headers) == {"Retry-After": "10"}
    assert dict(reply_to(errors.EtelecomError("no")).headers) == {}


def test_settings_hide_keys(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No repr and no error of the settings shows a key or a password."""
    monkeypatch.setenv("ORDERS_DATABASE_URL", "postgresql+asyncpg://app:pa55word@db/app")
    key = environment["ETELECOM_SHOP_API_KEY"]
    shown = f"{Settings.read()!r} {Settings.read()} {Settings.read().model_dump()}"
    assert Settings.read().shop_api_key.get_secret_value() == key
    # By default, pydantic's error shows the start and the end of all values.
    for name in ("ORDERS_OA_ID", "ORDERS_TEMPLATE_ID", "ORDERS_LOOK_EVERY", "ORDERS_RETRY_AFTER"):
        monkeypatch.delenv(name)
    with pytest.raises(ValidationError, match="2 validation errors") as caught:
        Settings.read()
    for text in (shown, str(caught.value), repr(caught.value)):
        assert key.partition(":")[2] not in text
        assert "pa55word" not in text


async def test_logs_hide_keys_and_phones(
    environment: dict[str, str], service: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The log of a service at DEBUG, with errors of the database, has no key and no whole phone number."""
    caplog.set_level(logging.DEBUG)
    service.faults.add(Fault(kind="status", operation=SEND, status=401, code="unauthenticated", times=1))
    async with open_outbox(Settings.read(), sweeps=False) as box:
        assert (await box.post(ORDER)).body["message"] == "queued"
        await box.send_queued()
        order = Order.of(ORDER)
        async with AsyncSession(box.engine) as session:
            await session.execute(insert(outbox.ORDERS).values(number="2", customer="Lan", phone=order.phone))
            with pytest.raises(DBAPIError) as caught:
                await session.execute(insert(outbox.ORDERS).values(number="2", customer="Lan", phone="0901"))
    texts = caplog.text + str(caught.value) + repr(order)
    assert "0901" not in texts
    assert environment["ETELECOM_SHOP_API_KEY"].partition(":")[2] not in texts


async def test_order_without_its_message(environment: dict[str, str]) -> None:
    """A transaction that fails stores neither the order nor the key."""
    del environment
    async with open_outbox(Settings.read(), sweeps=False) as box:
        async with box.engine.begin() as connection:
            await connection.run_sync(outbox.SENT.drop)
        with pytest.raises(DBAPIError):
            await box.store(Order.of(ORDER), box.key("DH-1"))
        async with box.engine.begin() as connection:
            await connection.run_sync(outbox.SENT.create)
        assert (await box.get("DH-1")).status == 404


async def test_forms_of_a_number(environment: dict[str, str], service: Sandbox) -> None:
    """Two forms of one Unicode text are one order; a text that databases refuse is no order."""
    del environment
    async with open_outbox(Settings.read(), sweeps=False) as box:
        for number in ("Đơn hàng ở 1", normalize("NFD", "Đơn hàng ở 1")):
            assert (await box.post({**ORDER, "number": number})).body["message"] == "accepted"
            assert (await box.get(number)).status == 200
        # In its usual form, the last one is longer.
        for wrong in ("a\ud800", "a\0", "x" * 65, "\u0958" * 33):
            assert (await box.post({**ORDER, "number": wrong})).status == 400
            assert (await box.post({**ORDER, "customer": wrong})).status == 400
            assert (await box.get(wrong)).status == 404
    assert sends(service) == (1, 1)


async def store_three(box: Outbox) -> None:
    """Store three orders, and send nothing."""
    for number in ("DH-1", "DH-2", "DH-3"):
        await box.store(Order.of({**ORDER, "number": number}), box.key(number))


@pytest.mark.parametrize(
    ("status", "code"), [(401, "unauthenticated"), (404, "bad_route"), (429, "resource_exhausted")]
)
async def test_pause(environment: dict[str, str], service: Sandbox, status: int, code: str) -> None:
    """One message shows that the service takes none; then this process sends nothing during a pause."""
    del environment
    service.faults.add(
        Fault(kind="status", operation=SEND, status=status, code=code, retry_after=600, times=1)
    )
    settings = Settings.read().model_copy(update={"pause": 600, "answer_within": 0})
    async with open_outbox(settings, sweeps=False) as box:
        await store_three(box)
        for _ in range(2):
            await box.send_queued()
            assert (await box.post({**ORDER, "number": "DH-4"})).body["message"] == "queued"
        assert (sends(service), len(await box.ledger.entries(KeyState.QUEUED))) == ((1, 0), 4)
    async with open_outbox(Settings.read(), sweeps=False) as box:
        await box.send_queued()
        assert (sends(service), len(await box.ledger.entries(KeyState.ACCEPTED))) == ((5, 4), 4)


async def test_throttle(environment: dict[str, str], service: Sandbox) -> None:
    """While the service throttles, messages are queued and not held, so that the process can stop."""
    del environment
    service.faults.add(
        Fault(kind="status", operation=SEND, status=429, code="resource_exhausted", retry_after=600, times=1)
    )
    settings = Settings.read().model_copy(update={"queue_timeout": 0.01, "answer_within": 60})
    async with open_outbox(settings, sweeps=False) as box:
        for number in ("DH-1", "DH-2", "DH-3"):
            assert (await box.post({**ORDER, "number": number})).body["message"] == "queued"
    assert sends(service) == (1, 0)


async def test_night(
    etelecom_script: ScriptedTransport, database: str, tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that Zalo refuses only at night is queued; one that it refuses for its data is not."""
    del tables
    for name, value in {"DATABASE_URL": database, "OA_ID": "1", "TEMPLATE_ID": "1", "PAUSE": "0"}.items():
        monkeypatch.setenv(f"ORDERS_{name}", value)
    etelecom_script.reply(SEND, {"error_code": -133, "error_message": "no"})
    etelecom_script.reply(SEND, {"error_code": -118, "error_message": "no Zalo: 0901234567"})
    async with open_outbox(Settings.read(), sweeps=False) as box:
        assert (await box.post(ORDER)).body["message"] == "queued"
        reply = await box.post(ORDER)
    assert (reply.status, reply.body["message"]) == (422, "refused")
    assert "901234567" not in str(reply.body)


async def test_look_up_that_fails(environment: dict[str, str], service: Sandbox) -> None:
    """A look-up that fails does not keep others from being settled; a stop ends the look-ups."""
    del environment
    service.faults.add(Fault(kind="reset_after", operation=SEND, times=3))
    async with open_outbox(Settings.read(), sweeps=False) as box:
        await store_three(box)
        await box.send_queued()
        assert len(await box.ledger.entries(KeyState.UNKNOWN)) == 3
        lookup = "shop.zns.messages.list"
        service.faults.add(Fault(kind="status", operation=lookup, status=404, code="not_found", times=1))
        assert len(await box.settle(older_than=0)) == 1
        assert len(await box.ledger.entries(KeyState.ACCEPTED)) == 2
        await box.finish()
        assert await box.settle(older_than=0) == []
        assert len(await box.ledger.entries(KeyState.UNKNOWN)) == 1


async def test_killed_after_a_refusal(environment: dict[str, str], service: Sandbox) -> None:
    """A process that stored a refusal and was killed before it freed the key leaves no doubt."""
    del environment
    async with open_outbox(Settings.read(), sweeps=False) as box:
        key = box.key("DH-1")
        await box.store(Order.of(ORDER), key)
        await box.ledger.claim(key, "killed")
        async with box.engine.begin() as connection:
            await connection.execute(update(outbox.ORDERS).values(problem="the number is wrong"))
        assert await box.settle(older_than=0) == []
        reply = await box.post(ORDER)
    assert (reply.status, reply.body["detail"], sends(service)) == (422, "the number is wrong", (0, 0))


async def test_older_refusal(environment: dict[str, str], service: Sandbox) -> None:
    """The refusal of an earlier message proves nothing about the one of the corrected order."""
    del environment
    async with open_outbox(Settings.read(), sweeps=False) as box:
        no_zalo = {**ORDER, "phone": "0901234518"}  # by the rules of the sandbox
        assert (await box.post(no_zalo)).body["message"] == "refused"
        key = box.key("DH-1")
        async with box.engine.begin() as connection:
            await connection.execute(update(outbox.ORDERS).values(phone="0901234567", problem=""))
            await box.ledger.enqueue(connection, key)
        service.faults.add(Fault(kind="reset_before", operation=SEND, times=1))
        await box.send(key)
        async with box.engine.begin() as connection:  # as if it was corrected an hour later
            later = datetime.now(UTC) + timedelta(hours=1)
            await connection.execute(update(outbox.SENT).values(changed_at=later))
        assert await box.settle(older_than=-7200) == [key]
        assert (await box.get("DH-1")).body["message"] == "unknown"


async def test_sweep_goes_on(environment: dict[str, str], service: Sandbox) -> None:
    """A failure of the database does not end the sweep."""
    del environment
    async with open_outbox(Settings.read(), sweeps=False) as box:
        await box.store(Order.of(ORDER), box.key("DH-1"))
        async with box.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE etelecom_sent RENAME TO lost")
        async with open_outbox(Settings.read()):
            with pytest.raises(DBAPIError):
                await box.get("DH-1")
            async with box.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE lost RENAME TO etelecom_sent")
            async with asyncio.timeout(60):
                while (await box.get("DH-1")).status != 200:
                    pass
    assert sends(service) == (1, 1)


async def test_refusal_that_was_lost(environment: dict[str, str], service: Sandbox) -> None:
    """A look-up also finds that the message was refused; the order then shows why."""
    del environment
    service.faults.add(Fault(kind="reset_after", operation=SEND, times=1))
    async with open_outbox(Settings.read(), sweeps=False) as box:
        no_zalo = {**ORDER, "phone": "0901234518"}  # by the rules of the sandbox
        assert (await box.post(no_zalo)).body["message"] == "unknown"
        assert await settle() == 0
        reply = await box.get("DH-1")
    assert (reply.status, reply.body["message"], bool(reply.body["detail"])) == (422, "refused", True)
    assert sends(service)[0] == 1


async def test_tasks_of_celery(environment: dict[str, str], service: Sandbox) -> None:
    """The three-line bridge: tasks are synchronous, and share one client and its connection."""
    del environment
    opened = dict(service.requests.counts)

    def work() -> None:
        module = importlib.reload(importlib.import_module("celery_orders"))
        module.start()
        box = module.Bridge.outbox
        for number in ("DH-1", "DH-2", "DH-3"):
            order = Order.of({**ORDER, "number": number})
            module.Bridge.runner.run(box.store(order, box.key(number)))
        module.send_order("DH-1")
        module.send_order("DH-1")
        module.send_queued()
        module.settle()
        assert box.shop.stats().connections_reused >= 2
        module.stop()

    await asyncio.to_thread(work)
    assert service.requests.counts[SEND] - opened.get(SEND, 0) == service.processed[SEND] == 3


def test_tables_of_django(environment: dict[str, str], tmp_path: Path) -> None:
    """Django's models make the tables that the ledger and the outbox use."""
    file = tmp_path / "django.db"
    environment = {**environment, "ORDERS_DATABASE_URL": f"sqlite+aiosqlite:///{file}"}
    code = "import django_orders; django_orders.create_tables()"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=Path(__file__).parent, check=True)
    engine = create_engine(f"sqlite:///{file}")
    made = inspect(engine)
    assert set(made.get_table_names()) == set(METADATA.tables)
    for name, table in METADATA.tables.items():
        columns = {column["name"]: column["nullable"] for column in made.get_columns(name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        assert made.get_pk_constraint(name)["constrained_columns"] == [key.name for key in table.primary_key]
        assert {index["name"] for index in made.get_indexes(name)} == {
            str(index.name) for index in table.indexes
        }
    engine.dispose()
