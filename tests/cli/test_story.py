"""Test that the demo's program creates and reads what its output says."""

from __future__ import annotations

from collections import Counter

import pytest

from etelecom_async import PartnerClient
from etelecom_async.cli.story import read_calls, set_up_shop
from etelecom_async.models import ShopKey
from etelecom_async.testing import sandbox

pytestmark = pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")


async def test_shop_can_telephone() -> None:
    """The new shop has an active tenant with three hotlines, five users, and extensions as reported."""
    lines: list[str] = []
    async with (
        sandbox(tenants=2, hotlines=3) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        records = await set_up_shop(partner, lines.append)
        newest = await partner.shops.list(limit=1)
        authorization = await partner.shops.authorize(
            shop_id=newest.items[0]["id"], redirect_url="https://partner.example.com"
        )
        assert isinstance(authorization, ShopKey)
        shop = partner.for_shop(authorization.shop_key)
        tenant = await shop.tenant.get()
        hotlines = {hotline.id: hotline.hotline async for hotline in shop.hotlines.list()}
        users = {user.user_id: user.full_name async for user in shop.users.list()}
        extensions = [
            (extension.extension_number, users[extension.user_id], hotlines[extension.hotline_id])
            async for extension in shop.extensions.list()
        ]
    assert (records.tenants, records.hotlines, records.users, records.extensions) == (3, 6, 5, 4)
    assert tenant.status == "P"
    assert f"Created its tenant {tenant.id} at {tenant.domain}" in lines
    assert sorted(hotlines.values()) == ["02499000001", "02499000002", "02499000003"]
    assert len(users) == 5
    assert sorted(extensions) == [
        ("1001", "Võ Ngọc Anh", "02499000001"),
        ("1002", "Trần Văn Minh", "02499000002"),
        ("1003", "Lê Thu Hà", "02499000001"),
        ("1004", "Phạm Quốc Bảo", "02499000001"),
    ]


async def test_every_call_is_counted_once() -> None:
    """The counts include each call of the shop once, and progress is reported page by page."""
    progress: list[int] = []
    async with (
        sandbox(call_logs=250) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        shop = partner.for_shop(service.shop_key)
        calls = await read_calls(shop, progress.append)
        expected = await shop.call_logs.list().collect()
    assert progress == [100, 100, 50]
    assert calls.pages == 3
    assert calls.by_direction == Counter(call.direction for call in expected)
    assert calls.by_state == Counter(call.call_state for call in expected)
    assert calls.by_direction.total() == calls.by_state.total() == 250


async def test_story_without_calls() -> None:
    """A shop without calls has no pages, and this is not an error."""
    async with (
        sandbox(call_logs=0) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        calls = await read_calls(partner.for_shop(service.shop_key), [].append)
    assert (calls.pages, calls.by_direction.total(), calls.by_state.total()) == (0, 0, 0)
