"""
Send one ZNS for each order, whatever is killed, repeated or lost: the core of all services of this folder.

The order and the key of its message are stored in one transaction. Each process claims a key before it sends
the message. So two workers, a client that repeats its request, and a restart make one message.
docs/web-services.md explains the parts. This creates the tables:

    python examples/services/outbox.py
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Self, cast
from unicodedata import category, normalize
from uuid import uuid4

import attrs
from replies import Reply, status_of
from settings import Settings
from sqlalchemy import Column, MetaData, String, Table, and_, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from etelecom_async import ShopClient, errors, phones
from etelecom_async.bulk.ledger import ClaimState, Entry, KeyState, LedgerKey, frees_key
from etelecom_async.bulk.sql_ledger import SqlLedger, sent_table
from etelecom_async.bulk.verdicts import NIGHT

LOGGER = logging.getLogger("orders")
logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it logs rows, with phone numbers
FAILURES = (errors.EtelecomError, SQLAlchemyError, OSError)  # drivers raise OSError when they cannot connect
MOST_CHARACTERS = 64
METADATA = MetaData()
ORDERS = Table(
    "shop_order",
    METADATA,
    Column("number", String(MOST_CHARACTERS), primary_key=True),
    Column("customer", String(MOST_CHARACTERS), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("problem", String(1000), nullable=False, default=""),
)
SENT = sent_table(METADATA)


@attrs.frozen
class Order:
    """An order, whose customer gets a ZNS."""

    number: str
    customer: str
    phone: str = attrs.field(repr=False)

    @classmethod
    def of(cls, data: Any) -> Self:
        """Return the order in a JSON body; raise `ValueError` without the values."""
        fields = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        texts = [fields.get(name) for name in ("number", "customer", "phone")]
        # The key of a message has this form of Unicode.
        number, customer, phone = (
            normalize("NFC", text).strip() if isinstance(text, str) else "" for text in texts
        )
        if not all(0 < len(text) <= MOST_CHARACTERS for text in (number, customer, phone)):
            raise ValueError("send JSON with the texts number, customer and phone")
        if any(category(character) in {"Cc", "Cs"} for character in number + customer):
            raise ValueError("a text contains a control character")  # databases refuse it
        return cls(number, customer, phones.national(phone))  # its error does not contain the number


def is_night(error: errors.EtelecomError) -> bool:
    """Return whether Zalo refused a message only because it is night."""
    return isinstance(error, errors.DeliveryError) and error.result.error_code == NIGHT


Store = Callable[[Order, LedgerKey], Awaitable[bool]]


class Outbox:
    """
    Stores orders with the keys of their messages, and sends the messages.

    Args:
        settings: The settings of the service.
        shop: The client of this process.
        engine: The app's database.
    """

    def __init__(self, settings: Settings, shop: ShopClient, engine: AsyncEngine) -> None:
        self.settings = settings
        self.shop = shop
        self.engine = engine
        self.ledger = SqlLedger(engine, table=SENT)
        self.owner = f"process {os.getpid()} {uuid4()}"  # each process has its own
        self._sends: dict[LedgerKey, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._resumes_at = 0.0  # by the clock of the event loop

    def key(self, number: str) -> LedgerKey:
        """Return the key of an order's message: its tracking id is the number of the order."""
        return LedgerKey.of(self.shop, oa_id=self.settings.oa_id, tracking_id=number)

    async def post(self, data: Any, *, store: Store | None = None) -> Reply:
        """
        Store the order in a body, send its message, and return the response.

        Args:
            data: The body, as JSON gives it.
            store: Stores the order and the key in the app's own transaction. Default: `self.store`.
        """
        try:
            order = Order.of(data)
            key = self.key(order.number)
        except ValueError as error:
            return Reply(400, {"detail": str(error)})
        if not await (store or self.store)(order, key):
            return Reply(409, {"detail": f"the order {order.number} exists with other data"})
        await self.send(key, within=self.settings.answer_within)
        return await self.get(order.number)

    async def store(self, order: Order, key: LedgerKey) -> bool:
        """Store an order and the key of its message, or neither; return whether the order is stored."""
        async with AsyncSession(self.engine) as session:
            with suppress(IntegrityError):  # the order exists: its message was queued with it
                await session.execute(insert(ORDERS).values(attrs.asdict(order)))
                await self.ledger.enqueue(session, key)
                await session.commit()
                return True
            await session.rollback()
            row = (await session.execute(select(ORDERS).where(ORDERS.c.number == order.number))).one()
            return Order(row.number, row.customer, row.phone) == order

    async def get(self, number: str) -> Reply:
        """Return the response with the state of an order's message."""
        try:
            key = self.key(number)
        except errors.InvalidRequestError:  # no order can have this number
            return Reply(404, {"detail": "there is no such order"})
        is_it = and_(SENT.c.account == key.account, SENT.c.oa_id == key.oa_id)
        query = select(ORDERS.c.problem, SENT.c.state).where(ORDERS.c.number == key.tracking_id)
        with_state = query.outerjoin(SENT, and_(is_it, SENT.c.tracking_id == ORDERS.c.number))
        async with self.engine.connect() as connection:
            row = (await connection.execute(with_state)).one_or_none()
        if row is None:
            return Reply(404, {"detail": "there is no such order"})
        if row.state is None:
            return Reply(422, {"number": number, "message": "refused", "detail": row.problem})
        # 202, and no error: the order is stored, and a repeated request sends nothing.
        return Reply(200 if row.state == KeyState.ACCEPTED else 202, {"number": number, "message": row.state})

    async def send(self, key: LedgerKey, *, within: float | None = None) -> None:
        """
        Send the message of a queued key; return when that has ended, or after *within* seconds.

        The message has a task of its own. `asyncio.wait` does not cancel it: neither after its timeout, nor
        if the framework cancels the handler because the caller has left. During a pause the key stays queued.
        """
        if asyncio.get_running_loop().time() < self._resumes_at:
            return
        if key not in self._sends:
            task = self._sends[key] = asyncio.create_task(self._send(key))
            task.add_done_callback(lambda _: self._sends.pop(key, None))
        await asyncio.wait({self._sends[key]}, timeout=within)

    async def send_queued(self) -> None:
        """
        Send the messages that were queued some time ago, for example by a process that was killed.

        The first one shows whether the service takes messages. If not, it starts a pause for the others.
        """
        before = datetime.now(UTC) - timedelta(seconds=self.settings.retry_after)
        entries = await self.ledger.entries(KeyState.QUEUED, before=before, limit=50)
        for batch in (entries[:1], entries[1:]):
            await asyncio.gather(*(self.send(entry.key) for entry in batch))

    async def finish(self, sweeper: asyncio.Task[None] | None = None) -> None:
        """Wait for the sweep and for the messages that are being sent; the settings end each one in time."""
        self._stopping.set()
        if sweeper is not None:
            await sweeper
        if self._sends:
            await asyncio.wait(self._sends.values())

    async def _send(self, key: LedgerKey) -> None:
        try:
            if (await self.ledger.claim(key, self.owner)).state is not ClaimState.NEW:
                return
            await self._send_claimed(key)
        except FAILURES:  # a key that stays claimed is settled later
            LOGGER.exception("the message %s is not recorded", key.tracking_id)

    async def _send_claimed(self, key: LedgerKey) -> None:
        order = await self._order(key)
        if order.problem:  # another process sent it since this one looked, and it was refused
            await self.ledger.release(key, self.owner)
            return
        try:
            await self.shop.zns.messages.send(
                oa_id=key.oa_id,
                phone=order.phone,
                template_id=self.settings.template_id,
                template_data={"customer_name": order.customer, "order_code": order.number},
                tracking_id=key.tracking_id,
            )
        except errors.EtelecomError as error:
            await self._failed(key, error)
        else:
            await self.ledger.accepted(key, self.owner)

    async def _failed(self, key: LedgerKey, error: errors.EtelecomError) -> None:
        if not frees_key(error):
            await self.ledger.unknown(key, self.owner)
        elif status_of(error) < HTTPStatus.INTERNAL_SERVER_ERROR and not is_night(error):
            await self._refused(key, self.owner, str(error))
        else:  # a setting is wrong, or the service takes no messages now: try again later
            LOGGER.warning("messages wait for %s s: %s", self.settings.pause, error)
            self._resumes_at = asyncio.get_running_loop().time() + self.settings.pause
            await self.ledger.requeue(key, self.owner)

    async def _refused(self, key: LedgerKey, owner: str, problem: str) -> None:
        async with self.engine.begin() as connection:
            is_it = ORDERS.c.number == key.tracking_id
            await connection.execute(update(ORDERS).where(is_it).values(problem=problem[:1000]))
        await self.ledger.release(key, owner)

    async def settle(self, *, older_than: float | None = None) -> list[LedgerKey]:
        """
        Settle the messages of killed processes and of lost responses; return those that are still unknown.

        Args:
            older_than: Seconds after which no process sends a claimed message any more, and no proxy holds
                its request; younger ones are left alone. Default: `settle_after`.
        """
        age = self.settings.settle_after if older_than is None else older_than
        before = datetime.now(UTC) - timedelta(seconds=age)
        entries = await self.ledger.entries(KeyState.CLAIMED, before=before)
        entries += await self.ledger.entries(KeyState.UNKNOWN, before=before)
        still: list[LedgerKey] = []
        for entry in entries:
            if self._stopping.is_set():
                break
            try:
                is_settled = await self._look_up(entry)
            except FAILURES:  # the others may be found
                LOGGER.exception("the message %s cannot be looked up", entry.key.tracking_id)
                is_settled = False
            if not is_settled:  # it proves nothing: a person decides
                still.append(entry.key)
        return still

    async def _look_up(self, entry: Entry) -> bool:
        key = entry.key
        await self.ledger.unknown(key, entry.owner)
        if (await self._order(key)).problem:  # it was refused, and its process was killed before `release`
            await self.ledger.release(key, entry.owner)
            return True
        found = await self.shop.zns.messages.list(oa_id=key.oa_id, tracking_id=key.tracking_id).collect()
        if any(not message.error_code for message in found):
            await self.ledger.accepted(key, entry.owner)
            return True
        # An order that was refused and corrected has older refusals: they prove nothing about this message.
        since = entry.changed_at - timedelta(seconds=self.settings.queue_timeout + self.settings.deadline)
        for message in found:
            if message.created_at is not None and message.created_at >= since:
                # The server's own text may contain a phone number.
                await self._refused(key, entry.owner, f"Zalo refused it with the code {message.error_code}")
                return True
        return False

    async def _order(self, key: LedgerKey) -> Any:
        async with self.engine.connect() as connection:
            query = select(ORDERS).where(ORDERS.c.number == key.tracking_id)
            return (await connection.execute(query)).one()

    async def sweep(self) -> None:
        """
        Send queued messages and settle old ones, until `finish` is called.

        No step is cancelled: a cancelled statement costs a connection of the database.
        """
        loop = asyncio.get_running_loop()
        settles_at = loop.time()
        while not self._stopping.is_set():
            try:
                await self.send_queued()
                if loop.time() >= settles_at:
                    settles_at = loop.time() + self.settings.settle_after
                    await self.settle()
            except Exception:  # nothing else looks at the queue, so the loop must go on
                LOGGER.exception("the next look at the queue is in %s s", self.settings.look_every)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self.settings.look_every)


@asynccontextmanager
async def open_outbox(settings: Settings, *, sweeps: bool = True) -> AsyncGenerator[Outbox]:
    """
    Open the client and the database; at the end, wait for the messages that are being sent.

    Args:
        settings: The settings of the service.
        sweeps: Whether a task sends what other processes have left.
    """
    # An error of the database shows the values of a row, with the phone number, unless they are hidden.
    engine = create_async_engine(settings.database_url.get_secret_value(), hide_parameters=True)
    try:
        async with ShopClient(
            settings.shop_api_key,
            base_url=settings.base_url,
            deadline=settings.deadline,
            queue_timeout=settings.queue_timeout,
        ) as shop:
            outbox = Outbox(settings, shop, engine)
            sweeper = asyncio.create_task(outbox.sweep()) if sweeps else None
            try:
                yield outbox
            finally:
                await outbox.finish(sweeper)
    finally:
        await engine.dispose()


async def create_tables(settings: Settings) -> None:
    """Create the tables; an app with migrations leaves it to them."""
    engine = create_async_engine(settings.database_url.get_secret_value())
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create_tables(Settings.read()))
