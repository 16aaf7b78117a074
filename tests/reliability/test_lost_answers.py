"""Lost answers of what makes a thing or reaches a person: never repeated, and settled by a read."""

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
    """A sandbox, its clients, and what the calls below need in it."""

    service: Sandbox
    partner: PartnerClient
    shop: ShopClient
    newcomer: ShopClient
    """A shop that has nothing yet."""
    alone: dict[str, Any]
    """A ZNS to send."""
    in_journey: dict[str, Any]
    """A ZNS to send under a journey."""
    hotline_id: str

    def call(self, name: str, number: int) -> Any:
        """A call of this operation that would go well; the number tells it from others."""
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
        method, given = calls[name]
        return method(**given)

    async def lose(self, name: str, kind: str, number: int) -> OutcomeUnknownError:
        """Makes a call whose answer is lost, and gives its error."""
        self.service.faults.add(Fault(kind=kind, operation=name, times=1))
        with pytest.raises(OutcomeUnknownError) as caught:
            await self.call(name, number)
        return caught.value


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox with a little of everything."""
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
    """A ZNS that the sandbox would take."""
    async for account in shop.zalo.accounts.list():
        async for found in shop.zns.templates.list(oa_id=account.oa_id):
            if (found.template_status, found.type, found.is_journey) == ("ENABLE", kind, is_journey):
                data = {parameter.name: "123456" for parameter in found.template_params}
                return {"oa_id": account.oa_id, "phone": PHONE, "template": found, "template_data": data}
    raise AssertionError("the sandbox has no such template")


each_call = pytest.mark.parametrize("name", [name for name, row in OPERATIONS.items() if row.verify])


@each_call
async def test_it_was_done(world: World, name: str) -> None:
    """The server did it and the answer was lost: it is not done again, and the read finds it."""
    error = await world.lose(name, "reset_after", 1)
    assert await error.verify() is not None
    assert (world.service.requests[name], world.service.processed[name]) == (1, 1)


@each_call
async def test_it_was_not_done(world: World, name: str) -> None:
    """The server did nothing: the call is not repeated all the same, and the read finds nothing of it."""
    error = await world.lose(name, "reset_before", 1)
    assert await error.verify() is None
    assert (world.service.requests[name], world.service.processed.get(name, 0)) == (1, 0)
    await world.call(name, 1)  # so it can be done now, and then it is there
    assert (await error.verify() is None) == (OPERATIONS[name].tracking is not None)


@pytest.mark.parametrize("name", ["shop.zns.messages.send", "shop.zns.messages.send_journey"])
async def test_two_messages_that_are_alike(world: World, name: str) -> None:
    """Messages with one text to one phone: each error finds its own, by the id that was made for it."""
    errors = [await world.lose(name, kind, 1) for kind in ("reset_after", "reset_before", "reset_after")]
    first, nothing, third = [await error.verify() for error in errors]
    assert nothing is None
    assert first.id != third.id
    assert first.tracking_id != third.tracking_id


async def test_message_that_was_refused(world: World) -> None:
    """A message that the server refused, and whose answer was lost, turns out refused, and is in the list."""
    world.alone["phone"] = "0901234568"  # whose Zalo is too old
    error = await world.lose("shop.zns.messages.send", "reset_after", 1)
    with pytest.raises(
        DeliveryError, match=r"refused with error_code -110 \(the recipient's Zalo is too old"
    ):
        await error.verify()
