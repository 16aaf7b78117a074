"""Keys of messages, the rules of every ledger, and which errors free a key."""

from __future__ import annotations

import asyncio
import copy
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from etelecom_async import PartnerClient, ShopClient, errors
from etelecom_async.bulk.ledger import ClaimState, KeyState, Ledger, LedgerKey, frees_key
from etelecom_async.bulk.sql_ledger import SqlLedger
from etelecom_async.bulk.sqlite_ledger import SqliteLedger
from etelecom_async.key_store import FileKeyStore
from etelecom_async.testing import Fault, sandbox

KEY = LedgerKey(account="12414", oa_id="411", tracking_id="HD-1")
OTHER = LedgerKey(account="12414", oa_id="411", tracking_id="HD-2")
KEYS = {"file": 200, "sqlite": 30, "postgresql": 200}
"""Keys of the two processes; SQLAlchemy has no group commit."""


@pytest.fixture(params=["file", "sqlite", "postgresql"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """A ledger of each kind."""
    if request.param == "file":
        async with SqliteLedger(tmp_path / "sent.ledger") as file:
            yield file
        return
    postgresql = request.param == "postgresql"
    url = (
        request.getfixturevalue("postgresql")
        if postgresql
        else f"sqlite+aiosqlite:///{tmp_path}/app.db?timeout=60"
    )
    engine = create_async_engine(url)
    table = SqlLedger(engine)
    await table.create_table()
    yield table
    async with engine.begin() as connection:
        await connection.run_sync(table.table.drop)
    await engine.dispose()


async def test_claim(ledger: Ledger) -> None:
    """A key goes to its first owner; the same owner gets it again, and no other."""
    before = datetime.now(UTC)
    new = await ledger.claim(KEY, "job 1")
    assert (new.state, new.entry.key, new.entry.owner) == (ClaimState.NEW, KEY, "job 1")
    assert before <= new.entry.changed_at <= datetime.now(UTC)
    for owner, state in (("job 1", ClaimState.OURS), ("job 2", ClaimState.HELD)):
        again = await ledger.claim(KEY, owner)
        assert (again.state, again.entry) == (state, new.entry)
    assert (await ledger.claim(OTHER, "job 2")).state is ClaimState.NEW


@pytest.mark.parametrize("part", ["account", "oa_id", "tracking_id"])
async def test_each_part_counts(ledger: Ledger, part: str) -> None:
    """Keys that differ in one part, also only in case, an accent or a blank, are different keys."""
    parts = {"account": "1", "oa_id": "2", "tracking_id": "3"}
    for value in ("a", "A", "á", "a ", "\uff41", "%", "🙂", "x" * 255):
        key = LedgerKey(**{**parts, part: value})
        assert (await ledger.claim(key, "job")).state is ClaimState.NEW
        assert (await ledger.claim(key, "job")).entry.key == key


async def test_accepted_is_for_ever(ledger: Ledger) -> None:
    """An accepted key is never free again, whatever its owner or another one says."""
    await ledger.claim(KEY, "job 1")
    await ledger.accepted(KEY, "job 1")
    assert [await ledger.release(KEY, owner) for owner in ("job 1", "job 2")] == [False, False]
    await ledger.unknown(KEY, "job 1")
    claims = [await ledger.claim(KEY, owner) for owner in ("job 1", "job 2")]
    assert [claim.state for claim in claims] == [ClaimState.ACCEPTED, ClaimState.ACCEPTED]
    assert [claim.entry.owner for claim in claims] == ["job 1", "job 1"]


async def test_accepted_without_a_claim(ledger: Ledger) -> None:
    """A message that was sent without the ledger can be recorded, again and again."""
    for owner in ("job 1", "job 2"):
        await ledger.accepted(KEY, owner)
    claim = await ledger.claim(KEY, "job 2")
    assert (claim.state, claim.entry.owner) == (ClaimState.ACCEPTED, "job 1")


async def test_release(ledger: Ledger) -> None:
    """Only the owner frees a key, and then any owner can claim it."""
    await ledger.claim(KEY, "job 1")
    assert await ledger.release(KEY, "job 2") is False
    assert (await ledger.claim(KEY, "job 2")).state is ClaimState.HELD
    assert await ledger.release(KEY, "job 1") is True
    assert await ledger.release(KEY, "job 1") is False
    assert (await ledger.claim(KEY, "job 2")).state is ClaimState.NEW


async def test_unknown(ledger: Any) -> None:
    """An unknown key stays with its owner, who alone can free it; another owner cannot make it unknown."""
    await ledger.claim(KEY, "job 1")
    await ledger.unknown(KEY, "job 2")
    assert (await ledger.claim(KEY, "job 1")).entry.state is KeyState.CLAIMED
    await ledger.unknown(KEY, "job 1")
    states = [await ledger.claim(KEY, owner) for owner in ("job 1", "job 2")]
    assert [claim.state for claim in states] == [ClaimState.OURS, ClaimState.HELD]
    assert {claim.entry.state for claim in states} == {KeyState.UNKNOWN}
    assert [entry.key for entry in await ledger.entries(KeyState.UNKNOWN)] == [KEY]
    assert await ledger.release(KEY, "job 1") is True
    await ledger.unknown(OTHER, "job 1")
    assert await ledger.entries(KeyState.UNKNOWN) == []


async def test_entries(ledger: Any) -> None:
    """The keys of a state come oldest first, up to a number, or up to a time in any zone."""
    keys = [LedgerKey(account="1", oa_id="2", tracking_id=str(number)) for number in (3, 1, 2)]
    for key in keys:
        await ledger.claim(key, "job")
    entries = await ledger.entries(KeyState.CLAIMED)
    assert [entry.key for entry in entries] == keys
    assert [entry.key for entry in await ledger.entries(KeyState.CLAIMED, limit=2)] == keys[:2]
    local = entries[1].changed_at.astimezone(datetime.now(UTC).astimezone().tzinfo)
    assert await ledger.entries(KeyState.CLAIMED, before=local) == entries[:1]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await ledger.entries(KeyState.CLAIMED, before=tomorrow) == entries
    assert await ledger.entries(KeyState.ACCEPTED) == []


async def test_concurrent_claims(ledger: Ledger) -> None:
    """Of many tasks that claim the same keys at once, exactly one gets each key."""
    claims = await asyncio.gather(
        *(
            ledger.claim(LedgerKey(account="1", oa_id="2", tracking_id=str(number)), f"job {job}")
            for number in range(10)
            for job in range(5)
        )
    )
    new = Counter(claim.entry.key for claim in claims if claim.state is ClaimState.NEW)
    assert sorted(new.values()) == [1] * 10
    assert sum(claim.state is ClaimState.HELD for claim in claims) == 40


@pytest.mark.parametrize("owner", [None, "", " ", 5, "x" * 256, "a\0b"], ids=repr)
async def test_wrong_owner(ledger: Ledger, owner: Any) -> None:
    """An owner that is no text, blank or too long is refused by every method, and nothing is stored."""
    for method in (ledger.claim, ledger.accepted, ledger.release, ledger.unknown):
        with pytest.raises(errors.InvalidRequestError, match=r"^owner "):
            await method(KEY, owner)
    assert (await ledger.claim(KEY, "job")).state is ClaimState.NEW


CODE = """
import asyncio, json, random, sys
from etelecom_async.bulk.ledger import LedgerKey

async def main(where, owner, keys):
    if "://" in where:
        from sqlalchemy.ext.asyncio import create_async_engine
        from etelecom_async.bulk.sql_ledger import SqlLedger
        engine = create_async_engine(where)
        ledger = SqlLedger(engine)
        prepare, close = ledger.create_table, engine.dispose
    else:
        from etelecom_async.bulk.sqlite_ledger import SqliteLedger
        ledger = SqliteLedger(where)
        prepare, close = ledger.close, ledger.close
    print("ready", flush=True)
    sys.stdin.readline()
    await prepare()
    sent = []

    async def send(number):
        key = LedgerKey(account="1", oa_id="2", tracking_id=str(number))
        claim = await ledger.claim(key, owner)
        if claim.state != "new":
            return
        if random.random() < 0.3:  # refused, and then corrected
            await ledger.release(key, owner)
            await send(number)
        else:
            sent.append(number)
            await ledger.accepted(key, owner)

    numbers = list(range(int(keys)))
    random.shuffle(numbers)
    async def some():
        while numbers:
            await send(numbers.pop())
    await asyncio.gather(*(some() for _ in range(8)))
    await close()
    print(json.dumps(sent))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("kind", ["file", "sqlite", "postgresql"])
async def test_two_processes(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, together: Any
) -> None:
    """Two processes that start on a new ledger at once send each key once, also after refusals."""
    wheres = {
        "file": f"{tmp_path}/sent.ledger",
        "sqlite": f"sqlite+aiosqlite:///{tmp_path}/app.db?timeout=60",
    }
    where = wheres.get(kind) or request.getfixturevalue("postgresql")
    outputs = await together(*((CODE, where, f"job {number}", str(KEYS[kind])) for number in (1, 2)))
    sent = [number for output in outputs for number in json.loads(output)]
    if kind == "postgresql":
        engine = create_async_engine(where, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(SqlLedger(engine).table.drop)
    assert sorted(sent) == list(range(KEYS[kind]))


async def test_key_of_a_client(tmp_path: Path) -> None:
    """A shop has the same keys with its own key, a partner's key for it, and a stored key."""
    store = FileKeyStore(tmp_path / "keys.json")
    own = ShopClient("12414:canary-key")
    partners = ShopClient("shop12414:canary-key")
    async with PartnerClient("partner-key", key_store=store) as partner:
        clients = [own, partners, partner.shop("12414"), partner.for_shop("shop12414:another")]
        assert {LedgerKey.of(client, oa_id="411", tracking_id="HD-1") for client in clients} == {KEY}
    await own.close()
    await partners.close()


def test_equal_texts_are_one_key() -> None:
    """Two Unicode forms of a text are one key, because the client sends one form."""
    composed, decomposed = (
        LedgerKey(account="1", oa_id="2", tracking_id=text) for text in ("H\u00f3a", "Ho\u0301a")
    )
    assert composed == decomposed


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "takes a text, not None"),
        (5, "takes a text, not int"),
        ("", "is blank"),
        (" \t", "is blank"),
        ("x" * 256, "has 256 characters; the most are 255"),
        ("HD\0", "contains a control character"),
        ("HD\ud800", "contains a control character"),
    ],
    ids=repr,
)
def test_wrong_key(value: Any, problem: str) -> None:
    """Each part is a text with characters; one error names all wrong parts, and shows no value."""
    with pytest.raises(errors.InvalidRequestError) as caught:
        LedgerKey(account=value, oa_id="2", tracking_id=value)
    assert caught.value.problems == (f"account {problem}", f"tracking_id {problem}")


FREEING = [
    {"kind": "status", "status": 400, "code": "invalid_argument"},
    {"kind": "status", "status": 403, "code": "permission_denied"},
]
HOLDING = [
    {"kind": "status", "status": 400, "body": "html"},
    {"kind": "status", "status": 401, "body": "text"},
    {"kind": "status", "status": 404, "body": "none"},
    {"kind": "status", "status": 409, "code": "aborted"},
    {"kind": "status", "status": 503, "code": "unavailable"},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
]


@pytest.mark.parametrize(
    "fault", [*FREEING, *HOLDING], ids=lambda fault: "-".join(str(value) for value in fault.values())
)
async def test_which_response_frees_a_key(fault: dict[str, Any]) -> None:
    """A refusal with a code frees the key; one without a code, a server error or a lost response does not."""
    async with sandbox() as service, ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        service.faults.add(Fault(operation="shop.zns.messages.send", **fault))
        with pytest.raises(errors.EtelecomError) as caught:
            await shop.zns.messages.send(oa_id="1", phone="0901234567", template_id=1, template_data={})
    assert frees_key(caught.value) is (fault in FREEING)


def login_required(refusal: errors.UnauthenticatedError) -> errors.LoginRequiredError:
    """Return the error of a call whose key was refused, and whose shop must log in for a new one."""
    error = errors.LoginRequiredError("log in", result=None, shop_id="1")
    error.__cause__ = refusal
    return error


PROOFS = [
    errors.DeliveryError("refused", result=None),
    errors.DeliveryQuotaError("used up", result=None),
    errors.InvalidRequestError(("wrong",)),
    errors.ConnectError("refused"),
    errors.QueueTimeoutError("late"),
    errors.ClientClosedError("closed"),
    errors.KeyKindError("kind"),
    errors.ShopNotConnectedError("no key", shop_id="1"),
    login_required(errors.UnauthenticatedError("refused")),
]
NO_PROOFS = [
    errors.OutcomeUnknownError("lost"),
    errors.ResponseLostError("lost"),
    errors.KeyStoreError("store"),
    errors.LedgerError("full"),
    errors.DecodeError(("wrong",), status=200, body=""),
    errors.ResourceExhaustedError.without_code("slow down", status=429),
    login_required(errors.UnauthenticatedError.without_code("refused", status=401)),
    errors.LoginRequiredError("without a refusal", result=None, shop_id="1"),
    asyncio.CancelledError(),
    ValueError("a bug"),
]


@pytest.mark.parametrize("error", PROOFS, ids=repr)
def test_proof(error: errors.EtelecomError) -> None:
    """A proof that nothing was sent frees a key. A doubt of an earlier attempt outweighs it."""
    assert frees_key(error)
    doubtful = copy.copy(error)
    doubtful.may_have_happened = True
    assert not frees_key(doubtful)


@pytest.mark.parametrize("error", NO_PROOFS, ids=repr)
def test_no_proof(error: BaseException) -> None:
    """Every other error keeps the key."""
    assert not frees_key(error)
