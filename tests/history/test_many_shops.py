"""Many shops in one database: one that fails does not stop the others."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.errors import InvalidRequestError, SyncError
from etelecom_async.history.many_shops import Sync, sync_shops
from etelecom_async.history.sync_database import Database
from etelecom_async.history.syncing import ShopSync, SyncProgress, shop_id_of, sync
from etelecom_async.key_store import FileKeyStore
from etelecom_async.testing import Fault, Sandbox, sandbox
from kills.syncing import stored_calls

SHOPS = 30
REFUSED, EMPTY, SLOW = "3", "7", "11"
SINCE = "-2d"
DEADLINE = timedelta(seconds=5)
"""Much longer than a shop needs, and the time that the slow one takes."""


def add_shops(service: Sandbox) -> dict[str, str]:
    """Add shops to a sandbox, with a call more than the one before each; return their keys by name."""
    keys: dict[str, str] = {}
    for number in range(SHOPS):
        added = service.shops.add(name=f"Shop {number}")
        assert added.shop is not None
        assert added.shop_key is not None
        keys[str(number)] = added.shop_key.reveal()
        service.hotlines.add(shop=added.shop.id)
        for _ in range(0 if str(number) == EMPTY else number + 1):
            service.calls.add(shop=added.shop.id, note=f"of {number}")
    return keys


def calls_of_number(name: str) -> int:
    """Return how many calls a shop has."""
    return 0 if name == EMPTY else int(name) + 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_thirty_shops(calls_database: str) -> None:
    """A refused key and a slow shop do not stop 28 others; the next sync completes the two."""
    async with (
        sandbox(call_logs=0) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        keys = add_shops(service)
        shops = {name: partner.for_shop(key) for name, key in keys.items()}
        # The same shop, with a key that is no longer valid.
        account = keys[REFUSED].partition(":")[0]
        shops[REFUSED] = partner.for_shop(f"{account}:refused")
        service.for_key(keys[SLOW]).faults.add(Fault(kind="stall_header", operation="shop.call_logs.list"))
        seen: list[ShopSync] = []
        first = await sync_shops(shops, calls_database, SINCE, deadline=DEADLINE, on_shop=seen.append)
        by_name = dict(zip(shops, first.shops, strict=True))
        assert {name for name, shop in by_name.items() if shop.error is not None} == {REFUSED, SLOW}
        assert "unauthenticated" in (by_name[REFUSED].error or "")
        assert by_name[SLOW].error == "the deadline of the shop is over: 5 s. The next sync continues."
        assert {shop.shop_id for shop in seen} == {shop.shop_id for shop in first.shops}
        await check(calls_database, by_name, without=(REFUSED, SLOW))

        service.faults.clear()
        shops[REFUSED] = partner.for_shop(keys[REFUSED])
        second = await sync_shops(shops, calls_database, SINCE, deadline=DEADLINE)
        assert second.failed == ()
        expected = sum(map(calls_of_number, (REFUSED, SLOW)))
        assert second.to_dict()["changed"] == expected
        await check(calls_database, dict(zip(shops, second.shops, strict=True)), without=())


async def check(url: str, shops: dict[str, ShopSync], *, without: tuple[str, ...]) -> None:
    """Check that each shop has all of its calls, and that those that failed have none."""
    for name, shop in shops.items():
        stored = await stored_calls(url, shop.shop_id)
        assert len(stored) == (0 if name in without else calls_of_number(name)), name
        assert {row["note"] for row in stored.values()} <= {f"of {name}"}
        assert {row["shop_name"] for row in stored.values()} <= {f"Shop {name}"}


async def test_sums() -> None:
    """The sums are those of all shops."""
    fields: dict[str, Any] = {"shop_name": None, "without_id": 0, "requests": 2, "synced_until": None}
    shops = (
        ShopSync(shop_id="1", rows=3, changed=2, **fields),
        ShopSync(shop_id="2", rows=1, changed=0, error="refused", **fields),
    )
    done = Sync(shops=shops)
    assert done.failed == shops[1:]
    assert done.to_dict() == {
        "rows": 4,
        "changed": 2,
        "without_id": 0,
        "requests": 4,
        "failed": 1,
        "shops": [shop.to_dict() for shop in shops],
    }


async def test_names(calls_database: str) -> None:
    """The name comes from the service, once; without one there, it is that of the caller."""
    async with (
        sandbox(call_logs=3) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        refused = Fault(kind="status", status=403, operation="shop.current")
        service.faults.add(refused)
        shops = {"Mây Xanh": partner.for_shop(service.shop_key)}
        first = await sync_shops(shops, calls_database, "-30d")
        assert [shop.shop_name for shop in first.shops] == ["Mây Xanh"]
        service.faults.clear()
        before = len(service.requests)
        second = await sync_shops(shops, calls_database, "-30d")
        assert [shop.shop_name for shop in second.shops] == ["Mây Xanh"]
        assert len(service.requests) - before == second.shops[0].requests
        assert {row["shop_name"] for row in (await stored_calls(calls_database)).values()} == {"Mây Xanh"}


async def test_name_that_comes_later(calls_database: str) -> None:
    """A name that is first known after some calls were stored is set in all of them, also in old ones."""
    async with (
        sandbox(call_logs=50) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        shop = partner.for_shop(service.shop_key)
        await sync(shop, calls_database, "-30d")
        service.faults.add(Fault(kind="status", status=(500, 429), operation="shop.current", times=2))
        for _ in range(2):  # a failure of the server is no name
            (done,) = (await sync_shops({"Mây": shop}, calls_database, "-30d")).shops
            assert (done.shop_name, done.error) == (None, None)
        (done,) = (await sync_shops({"Mây": shop}, calls_database, "-30d")).shops
        assert (done.changed, done.shop_name) == (0, (await shop.current()).name)
        stored = await stored_calls(calls_database)
        assert {row["shop_name"] for row in stored.values()} == {done.shop_name}
        assert (await sync(shop, calls_database, "-30d")).changed == 0


async def test_defect(calls_database: str) -> None:
    """An error of the caller's function is raised, but only when the other shops are done."""
    async with (
        sandbox(call_logs=0) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        shops = {name: partner.for_shop(key) for name, key in list(add_shops(service).items())[:12]}

        def fail(progress: SyncProgress) -> None:
            if progress.shop.shop_name == "Shop 0":
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await sync_shops(shops, calls_database, SINCE, on_progress=fail)
        last = shop_id_of(shops["11"])
        assert len(await stored_calls(calls_database, last)) == calls_of_number("11")


async def test_renewed_key(calls_database: str, tmp_path: Path) -> None:
    """A key of the key store that the service refuses is replaced and stored; the shop is whole at once."""
    async with sandbox(call_logs=3) as service:
        store = FileKeyStore(tmp_path / "shops.json")
        shop_id = service.shop_key.partition(":")[0].removeprefix("shop")
        await store.put(shop_id, f"shop{shop_id}:refused")
        async with PartnerClient(
            service.partner_api_key,
            base_url=service.base_url,
            key_store=store,
            redirect_url="https://example.com",
        ) as partner:
            (done,) = (await sync_shops({shop_id: partner.shop(shop_id)}, calls_database, "-30d")).shops
        assert (done.changed, done.error) == (3, None)
        key = await store.get(shop_id)
        assert key is not None
        assert key.reveal() == service.shop_key


async def test_key_store(calls_database: str, tmp_path: Path) -> None:
    """A client with a key store reads the calls of its shop, with the id of the shop."""
    async with sandbox(call_logs=3) as service:
        store = FileKeyStore(tmp_path / "shops.json")
        shop_id = service.shop_key.partition(":")[0].removeprefix("shop")
        await store.put(shop_id, service.shop_key)
        async with PartnerClient(
            service.partner_api_key, base_url=service.base_url, key_store=store
        ) as partner:
            shops = {each: partner.shop(each) for each in await store.shop_ids()}
            for changed in (3, 0):
                (done,) = (await sync_shops(shops, calls_database, "-30d")).shops
                assert (done.shop_id, done.changed, done.error) == (shop_id, changed, None)
    assert len(await stored_calls(calls_database, shop_id)) == 3


async def test_overlapping_syncs(calls_database: str) -> None:
    """A sync of many shops is refused as a whole while another one runs."""
    database = Database.at(calls_database)
    async with (
        ShopClient("1161512386239479010:canary", base_url="http://127.0.0.1:1/v1") as shop,
        database.locked(),
    ):
        with pytest.raises(SyncError, match="another sync"):
            await sync_shops({"a": shop}, calls_database, SINCE)
    await database.close()


async def test_wrong_arguments() -> None:
    """Wrong arguments are refused with their names; a shop must not come twice."""
    async with AsyncExitStack() as stack:
        partner = await stack.enter_async_context(PartnerClient("canary", base_url="http://127.0.0.1:1/v1"))
        shop = partner.for_shop("shop1:canary")
        wrong: list[tuple[Any, dict[str, Any], str]] = [
            ({}, {}, "with one at least"),
            (shop, {}, "shops takes a mapping"),
            ({"a": partner}, {}, "clients of the class ShopClient"),
            ({"a": shop, "b": shop}, {}, "one shop twice: 'a' and 'b'"),
            ({"a": shop}, {"deadline": 5}, "deadline takes a timedelta above 0"),
            ({"a": shop}, {"deadline": timedelta()}, "deadline takes a timedelta above 0"),
            ({"a": shop}, {"look_back": 3}, "look_back takes a timedelta"),
            ({"a": shop}, {"windows": 65}, "windows takes a whole number"),
        ]
        for shops, options, problem in wrong:
            with pytest.raises(InvalidRequestError, match=problem):
                await sync_shops(shops, "calls.db", SINCE, **options)
