"""Shops are set up once, whatever breaks on the way, and every key that arrived is kept."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import PartnerClient, RetryPolicy, ShopClient
from etelecom_async.errors import (
    ConfigurationError,
    InvalidRequestError,
    JournalError,
    KeyStoreError,
)
from etelecom_async.key_store import FileKeyStore
from etelecom_async.models import Shop
from etelecom_async.provisioning import CredentialsFile, NewShop, Result, onboard
from etelecom_async.testing import Fault, Sandbox, sandbox
from kills.service import Service, faults, serving

if TYPE_CHECKING:
    from tests.conftest import Peer

pytestmark = pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")

RETRIES = RetryPolicy(retries=2, wait_initial=0.001, wait_max=0.001)
SHOPS = tuple(
    NewShop(
        row=number,
        name=f"Cửa hàng {number}",
        phone=f"8490123456{number}",
        email=f"shop{number}@example.com",
        hotline=f"0287300123{number}",
    )
    for number in range(3)
)


class BrokenStore:
    """A key store whose disk is full."""

    async def get(self, *_: object) -> None:
        """Return no key."""

    async def put(self, *_: object) -> None:
        """Fail."""
        raise KeyStoreError("the disk is full.")


@attrs.define
class Site:
    """A sandbox, and the files of a job."""

    service: Sandbox
    folder: Path

    @property
    def store(self) -> FileKeyStore:
        """The key store."""
        return FileKeyStore(self.folder / "keys.json")

    @property
    def credentials(self) -> Path:
        """The file of both keys."""
        return self.folder / "shops.credentials"

    def partner(self, store: Any = None) -> PartnerClient:
        """Return a client."""
        return PartnerClient(
            self.service.partner_api_key,
            base_url=self.service.base_url,
            key_store=store or self.store,
            retries=RETRIES,
        )

    async def run(self, *shops: NewShop, store: Any = None, **options: Any) -> Result:
        """Run the job."""
        async with self.partner(store) as partner:
            return await onboard(
                shops or SHOPS,
                partner,
                journal=self.folder / "shops.journal",
                credentials=self.credentials,
                **options,
            )

    async def add_shop(self, **fields: Any) -> str:
        """Add a shop whose key is in the store; return its id."""
        added = self.service.shops.add(name="Cửa hàng 0", email="x@example.com", **fields)
        assert added.shop is not None
        assert added.shop_key is not None
        await self.store.put(added.shop.id, added.shop_key)
        return added.shop.id

    def fail(self, operation: str, kind: str = "reset_after", **details: Any) -> None:
        """Add a fault."""
        self.service.faults.add(Fault(kind=kind, operation=operation, **details))

    def refuse(self, operation: str, **details: Any) -> None:
        """Let the service refuse an operation."""
        self.fail(operation, "status", status=403, code="permission_denied", **details)

    def created(self) -> dict[str, list[Shop]]:
        """Return the new shops by name."""
        found: dict[str, list[Shop]] = {}
        for shop in self.service.shops.list():
            found.setdefault(shop.name, []).append(shop)
        return {name: shops for name, shops in found.items() if name.startswith("Cửa hàng")}

    def calls(self, operation: str) -> int:
        """Return how many calls of an operation have come."""
        return self.service.requests.counts.get(operation, 0)

    async def check(self, result: Result) -> None:
        """Check that everything is there once, and every key is kept."""
        assert result.counts == {"done": 3, "failed": 0, "unknown": 0, "skipped": 0, "blocked": 0}
        assert (result.is_complete, result.stopped) == (True, "")
        created = self.created()
        assert {name: len(shops) for name, shops in created.items()} == dict.fromkeys(
            (shop.name for shop in SHOPS), 1
        )
        assert [row.shop for row in result.rows] == [created[shop.name][0].id for shop in SHOPS]
        assert await self.store.shop_ids() == sorted(row.shop for row in result.rows)
        kept = CredentialsFile.read(self.credentials)
        async with self.partner() as partner:
            for row, shop in zip(result.rows, SHOPS, strict=True):
                assert await self.store.get(row.shop) == kept[f"{shop.key}/shop_key"].password
                assert kept[f"{shop.key}/api_key"].shop == row.shop
                client = partner.shop(row.shop)
                assert (await client.tenant.get()).status == "P"
                assert [each.hotline for each in await client.hotlines.list().collect()] == [shop.hotline]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A sandbox that accepts everything twice."""
    async with sandbox(call_logs=0, zns_messages=0, allow_duplicates=True) as service:
        yield Site(service, tmp_path)


async def test_new_shops(site: Site) -> None:
    """Shops get account, tenant and hotline. A second run makes no call that changes anything."""
    await site.check(await site.run())
    before = dict(site.service.requests.counts)
    await site.check(await site.run())
    changed = {name for name, count in site.service.requests.counts.items() if count != before.get(name)}
    assert not {name for name in changed if name.endswith((".create", ".activate", ".attach"))}


async def test_own_keys(site: Site) -> None:
    """The shop's own key is kept, too: it works, and it is in no journal."""
    result = await site.run(SHOPS[0])
    key = CredentialsFile.read(site.credentials)[f"{SHOPS[0].key}/api_key"].password
    async with ShopClient(key, base_url=site.service.base_url) as shop:
        assert (await shop.account())["id"] == result.rows[0].shop
    journal = b"".join(path.read_bytes() for path in site.folder.glob("shops.journal*"))
    assert SHOPS[0].key.encode() in journal
    for secret in (key.reveal(), key.reveal().partition(":")[2], "901234560", SHOPS[0].name):
        assert secret.encode() not in journal


@pytest.mark.parametrize(
    ("phone", "sent"), [(None, ""), ("+12125550123", "+12125550123"), ("84901234567", "0901234567")]
)
async def test_account(site: Site, phone: str | None, sent: str) -> None:
    """The account of a shop has the phone as people dial it, and a shop may have only an e-mail address."""
    result = await site.run(attrs.evolve(SHOPS[0], phone=phone))
    shop = site.service.shops.get(result.rows[0].shop)
    assert (shop.name, shop.phone, shop.email) == (SHOPS[0].name, sent, SHOPS[0].email)


async def test_more_rows(site: Site) -> None:
    """Rows may be added later."""
    await site.run(*SHOPS[:2])
    await site.check(await site.run())
    assert site.calls("partner.shops.create") == 3


CHILD = """
import asyncio, json, os, signal, sys, warnings
from pathlib import Path
from unittest import mock

from etelecom_async import PartnerClient
from etelecom_async._shop_keys import StoredKey
from etelecom_async.bulk.journal import Journal
from etelecom_async.key_store import FileKeyStore
from etelecom_async.provisioning import NewShop, onboard
from etelecom_async.provisioning.credentials import CredentialsFile

warnings.simplefilter("ignore")
settings = json.loads(sys.stdin.read())
folder = Path(settings["folder"])

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    store = FileKeyStore(folder / "keys.json")
    shops = [NewShop(**shop) for shop in settings["shops"]]
    async with PartnerClient(
        settings["key"],
        base_url=settings["base_url"],
        key_store=store,
        concurrency=2,  # a kill leaves the creates in flight in doubt
    ) as partner:
        await onboard(
            shops, partner, journal=folder / "shops.journal", credentials=folder / "shops.credentials"
        )

targets = {"file": (StoredKey, "keep"), "store": (Journal, "outcome"), "response": (CredentialsFile, "add")}
if target := targets.get(settings["at"]):
    mock.patch.object(*target, die).start()
asyncio.run(main())
"""


async def is_killed(
    site: Site, at: str, shops: tuple[NewShop, ...] = SHOPS[:1], service: Service | None = None
) -> bool:
    """
    Run the job in a process that is killed at a point after the first response, or at a request.

    A job with faults may stop before that.
    """
    settings = {
        "folder": str(site.folder),
        "key": site.service.partner_api_key,
        "base_url": site.service.base_url,
        "shops": [attrs.asdict(shop) for shop in shops],
        "at": at,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    if service is not None:
        service.kill(process, at_request=len(service.logged) + int(at))
    async with asyncio.timeout(200):
        _, failed = await process.communicate(json.dumps(settings).encode())
    if service is not None:
        service.spare()
    assert process.returncode in (0, -signal.SIGKILL), failed.decode()
    return process.returncode != 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("at", ["file", "store"])
async def test_killed_after_the_key_arrived(site: Site, at: str) -> None:
    """A job that is killed after a key arrived continues with that shop: it is there once, with its key."""
    assert await is_killed(site, at)
    assert len(site.created()) == 1
    await site.check(await site.run())
    assert site.calls("partner.shops.create") == 3


MOST_KILLS = 5
MANY = tuple(
    NewShop(name=f"Cửa hàng {number}", phone=f"0901234{number}", hotline=f"02873001{number}")
    for number in range(100, 140)
)


async def check_many(site: Site, result: Result) -> None:
    """Check that nothing is there twice, and that only lost responses leave shops in doubt."""
    created = site.created()
    assert {len(found) for found in created.values()} == {1}
    kept = CredentialsFile.read(site.credentials)
    assert {row.state.value for row in result.rows} <= {"done", "unknown"}
    for row, shop in zip(result.rows, MANY, strict=True):
        hotlines = [each for each in site.service.hotlines.list() if each.hotline == shop.hotline]
        if row.state.value == "done":
            assert row.shop == created[shop.name][0].id
            assert await site.store.get(row.shop) == kept[f"{shop.key}/shop_key"].password
            assert [each.status for each in hotlines] == ["P"]
        else:
            assert (row.what, row.shop, hotlines) == (f"create shop {shop.name}", "", [])
            assert f"{shop.key}/shop_key" not in kept
    assert len(kept) == 2 * result.counts["done"] > 0


async def test_faults(site: Site) -> None:
    """With faults in many calls, each shop is set up once, or its response was lost."""
    for fault in faults(seed=5, share=0.3, late_seconds=0.0):
        site.service.faults.add(fault)
    for _ in range(4):
        await site.run(*MANY, settle_after=timedelta())
    site.service.faults.clear()
    await check_many(site, await site.run(*MANY, settle_after=timedelta()))


JOBS = max(1, int(os.environ.get("ROSTER_KILLS", "0")) // 5)
"""Jobs that are killed again and again; `nox -s rosters` has more of them."""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(JOBS))
async def test_kills_and_faults(seed: int, tmp_path: Path) -> None:
    """A job that is killed at random requests, with faults, sets each shop up once, too."""
    random = Random(seed)
    async with serving(seed) as service:
        site = Site(service.sandbox, tmp_path)
        for fault in faults(seed, share=0.1, late_seconds=0.0):
            site.service.faults.add(fault)
        kills = 0
        while kills < MOST_KILLS and await is_killed(site, str(random.randrange(5, 120)), MANY, service):
            kills += 1
        assert kills
        site.service.faults.clear()
        await check_many(site, await site.run(*MANY, settle_after=timedelta()))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
async def test_killed_before_the_key_arrived(site: Site) -> None:
    """A shop whose response was lost is never created again. With its id, the job sets it up."""
    assert await is_killed(site, "response")
    result = await site.run(*SHOPS)
    assert result.counts == {"done": 2, "failed": 0, "unknown": 1, "skipped": 0, "blocked": 0}
    assert result.rows[0].what == "create shop Cửa hàng 0"
    assert "write its id into the row as shop_id" in result.rows[0].reason
    (shop,) = site.created()[SHOPS[0].name]
    async with site.partner() as partner:  # a partner can ask for the key of a shop that is linked
        await partner.shops.authorize(shop_id=shop.id, redirect_url="https://example.com/connected")
    result = await site.run(attrs.evolve(SHOPS[0], shop_id=shop.id), *SHOPS[1:])
    assert result.counts["done"] == 3
    assert result.rows[0].shop == shop.id
    assert site.calls("partner.shops.create") == 3


async def test_key_store_that_fails(site: Site) -> None:
    """If the key store fails, the run stops, and the keys are in the file. The next run stores them."""
    with pytest.raises(KeyStoreError, match="its key was not stored: the disk is full"):
        await site.run(SHOPS[0], store=BrokenStore())
    assert await site.store.shop_ids() == []
    with pytest.raises(KeyStoreError, match="the disk is full"):
        await site.run(SHOPS[0], store=BrokenStore())
    await site.check(await site.run())
    assert site.calls("partner.shops.create") == 3


async def test_file_that_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the keys cannot be written, the run stops: the next shops would lose their keys, too."""

    def fail(*_: object, **__: object) -> None:
        raise JournalError("the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(CredentialsFile, "add", fail)
        with pytest.raises(JournalError, match="the disk is full"):
            await site.run(SHOPS[0])
    result = await site.run()
    assert [row.state.value for row in result.rows] == ["unknown", "done", "done"]
    assert site.calls("partner.shops.create") == 3


async def test_quota(site: Site) -> None:
    """A run that stops before all shops are created ends there. The next run does the rest."""
    site.fail("partner.shops.create", "status", status=429, code="resource_exhausted", after=1)
    result = await site.run()
    assert sorted(row.state.value for row in result.rows) == ["skipped"] * 3
    assert "The server takes no more calls now" in result.stopped
    assert site.calls("shop.tenant.create") == 0
    site.service.faults.clear()
    await site.check(await site.run())


@pytest.mark.parametrize(
    "operation",
    [
        "shop.tenant.create",
        "partner.hotlines.create",
        "partner.tenants.activate",
        "partner.hotlines.attach",
    ],
)
async def test_lost_response(site: Site, operation: str) -> None:
    """A lost response of a later call is read back, or the call is repeated; nothing is there twice."""
    site.fail(operation, times=1)
    result = await site.run()
    if not result.is_complete:  # a run settles steps in doubt when it starts
        result = await site.run()
    await site.check(result)
    assert len({each.hotline for each in site.service.hotlines.list()}) == len(site.service.hotlines.list())


async def test_refused_shop(site: Site) -> None:
    """A refused shop fails, and the next run creates it; the other shops are done."""
    site.refuse("partner.shops.create", times=2)
    first = await site.run(SHOPS[0])
    assert [(row.state.value, row.shop) for row in first.rows] == [("failed", "")]
    assert "Correct the input" in first.rows[0].reason
    site.service.faults.clear()
    await site.check(await site.run())


async def test_refused_hotline(site: Site) -> None:
    """A hotline that cannot be created blocks its shop. The id of one that exists helps."""
    site.refuse("partner.hotlines.create", times=1)
    result = await site.run(SHOPS[0])
    assert (result.rows[0].state.value, result.rows[0].what) == (
        "failed",
        "create the hotline of Cửa hàng 0",
    )
    hotline = site.service.hotlines.add(hotline=SHOPS[0].hotline, shop=None)
    await site.check(await site.run(attrs.evolve(SHOPS[0], hotline=hotline.id), *SHOPS[1:]))


async def test_tenant_that_is_there(site: Site) -> None:
    """A shop that exists keeps its tenant, in each run."""
    shop_id = await site.add_shop()
    shops = (attrs.evolve(SHOPS[0], shop_id=shop_id), *SHOPS[1:])
    site.refuse("partner.hotlines.attach")
    first = await site.run(*shops)
    assert [row.state.value for row in first.rows] == ["failed"] * 3
    site.service.faults.clear()
    site.refuse("shop.tenant.get", times=1)
    result = await site.run(*shops)
    assert result.counts["done"] == 3
    assert site.calls("shop.tenant.create") == 2
    assert site.calls("partner.shops.create") == 2


async def test_tenant_that_cannot_be_read(site: Site) -> None:
    """If a shop's tenant cannot be read, the job creates it, and the service decides."""
    shop_id = await site.add_shop(tenant=False)
    site.refuse("shop.tenant.get", times=1)
    result = await site.run(attrs.evolve(SHOPS[0], shop_id=shop_id))
    assert result.counts["done"] == 1


async def test_shop_without_a_key(site: Site) -> None:
    """A shop whose key is not in the store is skipped, and the report says why."""
    shop_id = await site.add_shop()
    await site.store.remove(shop_id)
    result = await site.run(attrs.evolve(SHOPS[0], shop_id=shop_id), *SHOPS[1:])
    assert [row.state.value for row in result.rows] == ["skipped", "done", "done"]
    assert "no key is stored for shop" in result.rows[0].reason
    assert "The key is missing or refused" in result.stopped


async def test_other_file_of_keys(site: Site) -> None:
    """Another file of keys is refused: the job would create the shops again."""
    await site.run(SHOPS[0])
    site.credentials.rename(site.folder / "other")
    with pytest.raises(JournalError, match=r"lacks the keys of 1 shops .* use the file of the earlier runs"):
        await site.run()
    assert site.calls("partner.shops.create") == 1


async def test_lost_journal(site: Site) -> None:
    """Without the journal, the file of keys is enough to create no shop again."""
    site.refuse("shop.tenant.create")
    await site.run()
    site.service.faults.clear()
    for path in site.folder.glob("shops.journal*"):
        path.unlink()
    await site.check(await site.run())
    assert site.calls("partner.shops.create") == 3


TENANT = "create the tenant of"


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ({"api_key": "1:abcdefgh"}, ("unknown", "create shop", "the response does not name it")),
        ({"shop": {"id": "12", "name": "A"}}, ("skipped", TENANT, "had no key for the shop")),
        ({"shop_key": "shop12:abcdefgh"}, ("failed", TENANT, "no")),
        ({"shop": {"id": "12"}, "shop_key": "shop12:abcdefgh", "api_key": "12:x"}, ("failed", TENANT, "no")),
    ],
)
async def test_incomplete_response(
    peer: Peer, tmp_path: Path, created: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """A response without the key or the id of the shop is said, and what came is kept."""
    replies = {"CreateShopAccount": created, "CurrentAccount": {"id": "1"}}

    def reply(asked: Any) -> Any:
        name = asked.path.rpartition("/")[2]
        return peer.json(replies[name]) if name in replies else peer.refusal("permission_denied", 403)

    peer.always = reply
    state, what, reason = expected
    for _ in range(2):
        async with PartnerClient(
            "partner-key", base_url=peer.base_url, key_store=FileKeyStore(tmp_path / "keys")
        ) as partner:
            result = await onboard(
                SHOPS[:1], partner, journal=tmp_path / "journal", credentials=tmp_path / "credentials"
            )
        (row,) = result.rows
        assert (row.state.value, row.what) == (state, f"{what} {SHOPS[0].name}")
        assert reason in row.reason
    kept = CredentialsFile.read(tmp_path / "credentials")
    keys = {each.password.reveal() for each in kept.values()} - {""}
    assert keys == {created[name] for name in ("api_key", "shop_key") if name in created}
    assert sum("CreateShopAccount" in asked.path for asked in peer.requests) == 1


async def test_wrong_arguments(site: Site) -> None:
    """Wrong arguments send nothing."""
    with pytest.raises(ConfigurationError, match="settle_after takes a positive timedelta"):
        await site.run(settle_after=timedelta(seconds=-1))
    with pytest.raises(InvalidRequestError, match=r"row 1, phone, .*call me.*: a phone number has no"):
        await site.run(attrs.evolve(SHOPS[0], phone="call me"))
    with pytest.raises(InvalidRequestError, match="row 2: the same shop is in row 1, too"):
        await site.run(SHOPS[0], SHOPS[0])
    with pytest.raises(InvalidRequestError, match="row 2, shop_id: this shop is in row 1, too"):
        await site.run(*(attrs.evolve(shop, shop_id="123456") for shop in SHOPS[:2]))
    with pytest.raises(InvalidRequestError, match=r"row 1, hotline, .* not a Vietnamese phone number"):
        await site.run(attrs.evolve(SHOPS[0], hotline="5"))
    with pytest.raises(InvalidRequestError, match="a shop has neither a name nor a hotline"):
        await site.run(SHOPS[1], NewShop(name=" ", hotline=""))
    rows: Any = [{"name": "Mây"}]
    with pytest.raises(InvalidRequestError, match="shops takes the shops that read_new_shops returns"):
        await site.run(*rows)
    async with PartnerClient(site.service.partner_api_key, base_url=site.service.base_url) as partner:
        with pytest.raises(ConfigurationError, match="partner needs a key store"):
            await onboard(SHOPS, partner, journal=site.folder / "j", credentials=site.credentials)
    async with site.partner() as partner:
        with pytest.raises(InvalidRequestError, match="shops is empty"):
            await onboard([], partner, journal=site.folder / "j", credentials=site.credentials)
    assert not site.service.requests
