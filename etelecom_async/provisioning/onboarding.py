"""
Set up many shops of a partner: the account, the tenant (tổng đài), and a hotline.

    shops = read_new_shops("shops.xlsx")
    async with PartnerClient(key_store=FileKeyStore("keys.json")) as partner:
        print(await onboard(shops, partner, journal="shops.journal", credentials="shops.credentials"))

The calls for a shop: create its account, create its tenant, create the hotline, activate the tenant, attach
the hotline. The keys of a new shop come once. They are on the disk before the journal says that the shop is
there. The same files continue the job.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

import attrs

from etelecom_async import phones
from etelecom_async._client import PartnerClient
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.secret import Secret
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._generated import operations as ops
from etelecom_async._generated.resources.partner import PartnerShops
from etelecom_async._shop_keys import StoringEngine
from etelecom_async.bulk.events import Event
from etelecom_async.bulk.options import PATIENCE, RunOptions
from etelecom_async.bulk.records import Failure, Record
from etelecom_async.bulk.runner import Run
from etelecom_async.bulk.states import NOT_EXECUTED, State
from etelecom_async.bulk.steps import Step, step
from etelecom_async.bulk.store import Store
from etelecom_async.errors import (
    ConfigurationError,
    InvalidRequestError,
    JournalError,
    NotFoundError,
    ShopNotConnectedError,
)
from etelecom_async.models import CreatedShopAccount, Tenant
from etelecom_async.provisioning.credentials import Credential, CredentialsFile, PasswordState
from etelecom_async.provisioning.new_shops import FIELDS, NewShop, read_new_shops
from etelecom_async.provisioning.results import ADVICE, STATE_OF, Result, ResultRow, sentence

_OPERATION: Final = "provisioning.onboard"
_SHOP_KEY: Final = re.compile(r"(?a)shop(\d+):.*")
_TENANT_FIELDS: Final = ("id", "owner_id", "connection_id")
_STAGES: Final = {
    "create": "create shop",
    "tenant": "create the tenant of",
    "hotline": "create the hotline of",
    "activate": "activate the tenant of",
    "attach": "attach the hotline of",
}
"""The calls for a shop in their order, and what they do."""
_SHOP_IN_DOUBT: Final = (
    "No read of the API can tell whether the shop was created. Look in the portal of the service. If the "
    "shop is there, put its key into the key store, and write its id into the row as shop_id."
)
_NO_ID: Final = (
    "The shop was created, but the response does not name it. Write its id into the row as shop_id."
)
_NO_KEY: Final = "The response had no key for the shop. `partner.shops.authorize` may return it."


async def onboard(
    shops: Iterable[NewShop],
    partner: PartnerClient,
    *,
    journal: str | os.PathLike[str],
    credentials: str | os.PathLike[str],
    settle_after: timedelta | None = None,
    patience: timedelta = PATIENCE,
    on_event: Callable[[Event], object] | None = None,
) -> Result:
    """
    Set up shops, and return what became of each.

    The same journal and credentials continue a job that was stopped or killed. More rows may be added. A row
    whose calls have started has to stay, except for its `shop_id`.

    Args:
        shops: The shops, for example from `read_new_shops`.
        partner: A client with a key store, which gets the partner's keys for the shops.
        journal: File of the journal, on a local disk.
        credentials: Private file that keeps both keys of each new shop: the partner's and the shop's own.
            Use another file than for `apply`.
        settle_after: How long a proxy may hold a request, for example `timedelta(minutes=10)`. A tenant or a
            hotline in doubt that is not found after that time is created again. A shop never is.
        patience: How long to wait for a server that cannot be reached.
        on_event: Called with each event of the run: `bulk.Ended` and `bulk.Waiting`.

    Raises:
        ConfigurationError: The client has no key store.
        InvalidRequestError: A shop is wrong or there twice, or there are none. Nothing was sent.
        JournalError: A file is in use, is of another job, or cannot be written. The job sends nothing more.
        KeyStoreError: The key store failed. The file of credentials has the keys: run the job again.
    """
    try:
        options = RunOptions(settle_after=settle_after, patience=patience, on_event=on_event)
        given = _checked(shops)
        engine = _engine_of(partner)
        with CredentialsFile.open(credentials) as file:
            job = _Onboarding(
                given, partner=partner, engine=engine, journal=Path(journal), file=file, options=options
            )
            return await job.run()
    except BaseException as error:
        cleaned(error)
        raise


def _checked(shops: Iterable[NewShop]) -> tuple[NewShop, ...]:
    given: list[Any] = list(shops)
    if not given:
        raise InvalidRequestError(("shops is empty: there is nothing to do",), operation=_OPERATION)
    if not all(isinstance(shop, NewShop) for shop in given):
        problem = "shops takes the shops that read_new_shops returns, or objects of NewShop"
        raise InvalidRequestError((problem,), operation=_OPERATION)
    # A program may have made them, so they are read as a file is.
    read = read_new_shops([{name: getattr(shop, name) for name in FIELDS} for shop in given])
    if len(read) != len(given):
        raise InvalidRequestError(("a shop has neither a name nor a hotline",), operation=_OPERATION)
    return tuple(attrs.evolve(shop, row=each.row) for shop, each in zip(read, given, strict=True))


def _engine_of(partner: PartnerClient) -> StoringEngine:
    engine: object = cast("Any", partner)._engine
    if isinstance(engine, StoringEngine):
        return engine
    raise ConfigurationError("partner needs a key store: PartnerClient(key_store=FileKeyStore(path)).")


class _Onboarding:
    """
    One run of the job.

    Args:
        shops: The shops.
        partner: The partner's client.
        engine: Its engine.
        journal: File of the journal.
        file: The keys that have come.
        options: What the user decided.
    """

    def __init__(
        self,
        shops: tuple[NewShop, ...],
        *,
        partner: PartnerClient,
        engine: StoringEngine,
        journal: Path,
        file: CredentialsFile,
        options: RunOptions,
    ) -> None:
        self._shops: Final = {shop.key: shop for shop in shops}
        self._partner: Final = partner
        self._stored: Final = engine.keys
        self._deadline: Final = engine.options.deadline
        parts: Any = {field.name: getattr(engine, field.name) for field in attrs.fields(Engine) if field.init}
        # This engine does not store keys by itself: a failure would look like a call that was not executed.
        self._creating: Final = PartnerShops(Engine(**parts))
        self._journal: Final = journal
        self._file: Final = file
        self._options: Final = attrs.evolve(options, on_result=self._keep)
        self._tenants: Final[dict[str, dict[str, str]]] = {}
        """The tenants that shops had before, by the keys of the shops."""
        self._unreadable: Final[dict[str, str]] = {}
        """Why the tenants of shops could not be read."""

    async def run(self) -> Result:
        """Set up the shops."""
        await self._store_known_keys()
        copy = Store.find(self._journal)
        records: Mapping[str, Record] = {} if copy is None else copy.records
        if copy is not None:
            self._tenants.update(copy.meta.get("tenants", {}))
        self._check_keys(records)
        known = self._ids()
        await self._read_tenants(known, records)
        while True:
            steps = list(self._steps(known, records))
            meta = {"job": "onboarding", "tenants": self._tenants}
            report = await Run(self._journal, steps, self._options, meta)
            records = _records(self._journal)
            before, known = known, self._ids()
            # A step of a shop needs the key of the shop, so it is planned when the shop is there.
            if known.keys() == before.keys() or self._has_stopped(records):
                return self._result(known, records, report.stopped)

    def _has_stopped(self, records: Mapping[str, Record]) -> bool:
        """Return whether the run has stopped before it tried to create all shops."""
        return any(_is_in(records, f"{key}/create", State.PLANNED) for key in self._shops)

    async def _store_known_keys(self) -> None:
        """Put the keys into the key store that an earlier run could not put there."""
        for shop in self._shops.values():
            found = self._file.credentials.get(f"{shop.key}/shop_key")
            if found is not None and found.shop and found.password:
                stored = self._stored.of(found.shop)
                try:
                    await stored.load(within=self._deadline)
                except ShopNotConnectedError:
                    await self._store(found.shop, found.password, None)

    async def _store(self, shop_id: str, key: Secret, result: object) -> None:
        name = ops.PARTNER_SHOPS_CREATE.name
        await self._stored.of(shop_id).keep(key, result, name, within=self._deadline)

    async def _keep(self, step_key: str, result: object) -> None:
        """Keep the keys of a new shop: first in the file, which cannot be missing, then in the key store."""
        if not isinstance(result, CreatedShopAccount):
            return
        key = step_key.removesuffix("/create")
        shop_id = _shop_id_of(result)
        names = {"shop_key": result.shop_key or Secret(""), "api_key": result.api_key}
        self._file.add(
            Credential(
                key=f"{key}/{name}",
                shop=shop_id,
                row=self._shops[key].row,
                full_name=self._shops[key].name,
                password=secret,
                state=PasswordState.CONFIRMED,
            )
            for name, secret in names.items()
            if secret is not None
        )
        if shop_id and result.shop_key:
            await self._store(shop_id, result.shop_key, result)

    def _check_keys(self, records: Mapping[str, Record]) -> None:
        lost = [
            shop
            for key, shop in self._shops.items()
            if _is_in(records, f"{key}/create", State.DONE) and not self._is_made(shop)
        ]
        if lost:
            raise JournalError(
                f"{self._file.path} lacks the keys of {len(lost)} shops that this job has created: use the "
                f"file of the earlier runs."
            )

    def _is_made(self, shop: NewShop) -> bool:
        return shop.shop_id is not None or f"{shop.key}/shop_key" in self._file.credentials

    def _ids(self) -> dict[str, str]:
        """Return the ids of the shops that are there, by their keys."""
        ids: dict[str, str] = {}
        for key, shop in self._shops.items():
            kept = self._file.credentials.get(f"{key}/shop_key")
            shop_id = shop.shop_id or (kept and kept.shop)
            if shop_id:
                ids[key] = shop_id
        return ids

    async def _read_tenants(self, known: Mapping[str, str], records: Mapping[str, Record]) -> None:
        """Find the tenants that shops have already, and that this job has not created."""
        asked = [
            key
            for key in known
            if key not in self._tenants
            and (f"{key}/tenant" not in records or records[f"{key}/tenant"].state in NOT_EXECUTED)
        ]
        async for done in self._partner.map(lambda key: self._partner.shop(known[key]).tenant.get(), asked):
            if done.result is not None and done.result.id:
                self._tenants[done.input] = _tenant_of(done.result)
            elif done.error is not None and not isinstance(done.error, NotFoundError):
                self._unreadable[done.input] = Failure.of(done.error).text

    def _steps(self, known: Mapping[str, str], records: Mapping[str, Record]) -> Iterator[Step[Any]]:
        for key, shop in self._shops.items():
            if not self._is_made(shop) or _is_executed(records, f"{key}/create"):
                yield step(f"{key}/create", self._creating.create, _body(shop))
        for key, shop_id in known.items():
            yield from self._steps_of(self._shops[key], shop_id)

    def _steps_of(self, shop: NewShop, shop_id: str) -> Iterator[Step[Any]]:
        """Yield the steps that come after the account of a shop."""
        key, partner = shop.key, self._partner
        tenant: Mapping[str, Any] | None = self._tenants.get(key)
        if tenant is None:
            creating = step(f"{key}/tenant", partner.shop(shop_id).tenant.create)
            yield creating
            tenant = {name: getattr(creating.result, name) for name in _TENANT_FIELDS}
        hotline_id: Any = shop.hotline_id
        if hotline_id is None:
            adding = step(
                f"{key}/hotline",
                partner.hotlines.create,
                hotline=shop.hotline,
                name=shop.hotline_name or shop.name,
                owner_id=tenant["owner_id"],
            )
            yield adding
            hotline_id = adding.result.id
        activating = step(
            f"{key}/activate",
            partner.tenants.activate,
            tenant_id=tenant["id"],
            owner_id=tenant["owner_id"],
            connection_id=tenant["connection_id"],
            hotline_id=hotline_id,
        )
        yield activating
        yield step(
            f"{key}/attach", partner.hotlines.attach, hotline_id=hotline_id, tenant_id=tenant["id"]
        ).after(activating)

    def _result(self, known: Mapping[str, str], records: Mapping[str, Record], stopped: str) -> Result:
        rows = [self._row(shop, known.get(key), records) for key, shop in self._shops.items()]
        return Result(rows=tuple(rows), stopped=stopped)

    def _row(self, shop: NewShop, shop_id: str | None, records: Mapping[str, Record]) -> ResultRow:
        """Return what became of a shop: its first stage that is not done counts."""
        row = ResultRow(
            row=shop.row, shop=shop_id or "", what=f"set up shop {shop.name}", state=State.DONE, reason=""
        )
        for stage, what in _STAGES.items():
            record = records.get(f"{shop.key}/{stage}")
            if self._is_settled(shop, stage, shop_id) or (record and record.state is State.DONE and shop_id):
                continue
            state = State.PLANNED if record is None else record.state
            reason = _reason(record)
            if stage == "create" and state is State.DONE:
                state, reason = State.UNKNOWN, _NO_ID
            elif stage == "create" and STATE_OF.get(state, state) is State.UNKNOWN:
                reason = _SHOP_IN_DOUBT
            elif self._lacks_key(shop):
                reason = f"{_NO_KEY} {reason}"
            elif state is State.PLANNED and shop.key in self._unreadable:
                reason = f"{sentence(self._unreadable[shop.key])} {reason}"
            return attrs.evolve(
                row, what=f"{what} {shop.name}", state=STATE_OF.get(state, state), reason=reason
            )
        return row

    def _is_settled(self, shop: NewShop, stage: str, shop_id: str | None) -> bool:
        """Return whether a stage needs no call, or its call is certainly done."""
        return (
            (stage == "create" and shop_id is not None)
            or (stage == "tenant" and shop.key in self._tenants)
            or (stage == "hotline" and shop.hotline_id is not None)
        )

    def _lacks_key(self, shop: NewShop) -> bool:
        found = self._file.credentials.get(f"{shop.key}/shop_key")
        return found is not None and not found.password


def _records(journal: Path) -> Mapping[str, Record]:
    return Store.read(journal).records


def _is_in(records: Mapping[str, Record], key: str, state: State) -> bool:
    return key in records and records[key].state is state


def _is_executed(records: Mapping[str, Record], key: str) -> bool:
    """Return whether the call of a step was made, or may have been."""
    return key in records and records[key].state not in NOT_EXECUTED


def _shop_id_of(result: CreatedShopAccount) -> str:
    """Return the id of a new shop; empty if nothing says it. The partner's key starts with it, too."""
    if result.shop is not None and result.shop.id.strip("0"):
        return result.shop.id
    found = None if result.shop_key is None else _SHOP_KEY.fullmatch(result.shop_key.reveal())
    return "" if found is None else found[1]


def _tenant_of(tenant: Tenant) -> dict[str, str]:
    return {name: getattr(tenant, name) for name in _TENANT_FIELDS}


def _body(shop: NewShop) -> dict[str, str]:
    phone = shop.phone
    if phone is not None and not phone.startswith("+"):
        phone = phones.national(phone)
    body = {"name": shop.name, "phone": phone, "email": shop.email}
    return {name: value for name, value in body.items() if value is not None}


def _reason(record: Record | None) -> str:
    state = State.PLANNED if record is None else record.state
    text = "" if record is None or record.error is None else sentence(record.error.text)
    return " ".join(filter(None, (text, ADVICE.get(state, ""))))
