"""Lost responses of calls that create or send: never retried, and `verify()` settles the outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.errors import DeliveryError, OutcomeUnknownError
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import Fault, Sandbox, sandbox

PHONE = "0901234560"


@attrs.frozen(kw_only=True)
class World:
    """A sandbox, its clients, and the arguments for the calls below."""

    service: Sandbox
    partner: PartnerClient
    shop: ShopClient
    newcomer: ShopClient
    """Client of a new shop without any resources."""
    alone: dict[str, Any]
    """Arguments of a ZNS message."""
    in_journey: dict[str, Any]
    """Arguments of a ZNS message in a journey."""
    hotline_id: str

    def call(self, name: str, number: int) -> Any:
        """Return a valid call of this operation; the number makes its arguments unique."""
        calls: dict[str, tuple[Any, dict[str, Any]]] = {
            "shop.zns.messages.send": (self.shop.zns.messages.send, self.alone),
            "shop.zns.messages.send_journey": (self.shop.zns.messages.send_journey, self.in_journey),
            "shop.extensions.create": (
                self.shop.extensions.create,
                {"hotline_id": self.hotline_id, "extension_number": 3000 + number},
            ),
            "shop.users.create": (
                self.shop.users.create,
                {"full_name": "An", "phone": f"090700000{number}", "password": "one-time"},
            ),
            "shop.tenant.create": (self.newcomer.tenant.create, {}),
            "webhooks.create": (
                self.partner.webhooks.create,
                {"url": f"https://example.com/{number}", "entities": ["call_log"]},
            ),
            "partner.hotlines.create": (
                self.partner.hotlines.create,
                {"hotline": f"0247100{number:04}", "name": "acme"},
            ),
        }
        method, arguments = calls[name]
        return method(**arguments)

    async def lose(self, name: str, kind: str, number: int) -> OutcomeUnknownError:
        """Make a call, lose its response, and return the error."""
        self.service.faults.add(Fault(kind=kind, operation=name, times=1))
        with pytest.raises(OutcomeUnknownError) as caught:
            await self.call(name, number)
        return caught.value


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Give a sandbox with the resources that the calls need."""
    async with (
        sandbox(call_logs=0, extensions=2, users=2) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url) as partner,
    ):
        shop = partner.for_shop(service.shop_key)
        extensions = await shop.extensions.list(limit=1)
        order = await message(shop, "table", is_journey=True)
        journey = await shop.zns.journeys.create(oa_id=order["oa_id"], phone=PHONE)
        newcomer = (await partner.shops.create()).shop_key
        assert newcomer is not None
        yield World(
            service=service,
            partner=partner,
            shop=shop,
            newcomer=partner.for_shop(newcomer),
            alone=await message(shop, "otp", is_journey=False),
            in_journey={**order, "journey_id": journey.journey_id},
            hotline_id=extensions.items[0].hotline_id,
        )


async def message(shop: ShopClient, kind: str, *, is_journey: bool) -> dict[str, Any]:
    """Return the arguments of a ZNS message that the sandbox accepts."""
    async for account in shop.zalo.accounts.list():
        async for found in shop.zns.templates.list(oa_id=account.oa_id):
            if (found.template_status, found.type, found.is_journey) == ("ENABLE", kind, is_journey):
                data = {parameter.name: "123456" for parameter in found.template_params}
                return {"oa_id": account.oa_id, "phone": PHONE, "template": found, "template_data": data}
    raise AssertionError("the sandbox has no such template")


each_call = pytest.mark.parametrize("name", [name for name, row in OPERATIONS.items() if row.verify])


@each_call
async def test_executed(world: World, name: str) -> None:
    """The server executed the call and the response was lost: no retry, and `verify()` finds the result."""
    error = await world.lose(name, "reset_after", 1)
    assert await error.verify() is not None
    assert (world.service.requests[name], world.service.processed[name]) == (1, 1)


@each_call
async def test_not_executed(world: World, name: str) -> None:
    """The server did not execute the call: no retry either, and `verify()` returns `None`."""
    error = await world.lose(name, "reset_before", 1)
    assert await error.verify() is None
    assert (world.service.requests[name], world.service.processed.get(name, 0)) == (1, 0)
    await world.call(name, 1)  # the same call works now, and `verify()` may find its result
    assert (await error.verify() is None) == (OPERATIONS[name].tracking is not None)


@pytest.mark.parametrize("name", ["shop.zns.messages.send", "shop.zns.messages.send_journey"])
async def test_identical_messages(world: World, name: str) -> None:
    """With identical messages to one phone, each error finds its own message by its tracking id."""
    errors = [await world.lose(name, kind, 1) for kind in ("reset_after", "reset_before", "reset_after")]
    first, nothing, third = [await error.verify() for error in errors]
    assert nothing is None
    assert first.id != third.id
    assert first.tracking_id != third.tracking_id


async def test_rejected_message(world: World) -> None:
    """If Zalo rejected the message and the response was lost, `verify()` raises `DeliveryError`."""
    world.alone["phone"] = "0901234568"  # a number whose Zalo app is too old
    error = await world.lose("shop.zns.messages.send", "reset_after", 1)
    with pytest.raises(
        DeliveryError, match=r"refused with error_code -110 \(the recipient's Zalo is too old"
    ):
        await error.verify()
