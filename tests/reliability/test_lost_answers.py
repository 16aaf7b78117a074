"""Lost responses of calls that a read can verify: nothing is created or sent twice, and the read tells."""

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
    """A ZNS to send under a journey."""
    extension: Any
    """An extension with an employee."""
    other_user: str
    other_hotline: str
    free_hotline: str
    """A hotline that no extension uses."""
    webhook_id: str
    new_tenant: Any
    """A tenant that is not active yet."""

    def call(self, name: str, number: int) -> Any:
        """Make a call of this operation that would succeed; the number distinguishes it from others."""
        shop, partner = self.shop.with_options(retries=0), self.partner.with_options(retries=0)
        extension_id = self.extension.id
        calls: dict[str, tuple[Any, dict[str, Any]]] = {
            "shop.zns.messages.send": (shop.zns.messages.send, self.alone),
            "shop.zns.messages.send_journey": (shop.zns.messages.send_journey, self.in_journey),
            "shop.extensions.create": (
                shop.extensions.create,
                {"hotline_id": self.extension.hotline_id, "extension_number": 3000 + number},
            ),
            "shop.extensions.assign": (
                shop.extensions.assign,
                {"extension_id": extension_id, "user_id": self.other_user},
            ),
            "shop.extensions.unassign": (shop.extensions.unassign, {"extension_id": extension_id}),
            "shop.extensions.change_hotline": (
                shop.extensions.change_hotline,
                {"extension_id": extension_id, "hotline_id": self.other_hotline},
            ),
            "shop.users.create": (
                shop.users.create,
                {"full_name": "An", "phone": f"090700000{number}", "password": "one-time"},
            ),
            "shop.tenant.create": (self.newcomer.tenant.create, {}),
            "shop.zalo.accounts.update": (
                shop.zalo.accounts.update,
                {"oa_id": self.alone["oa_id"], "webhook_url": f"https://example.com/oa/{number}"},
            ),
            "shop.zalo.consents.request": (
                shop.zalo.consents.request,
                {
                    "oa_id": self.alone["oa_id"],
                    "phone": PHONE,
                    "call_type": "audio",
                    "reason_code": "delivery_notification",
                },
            ),
            "shop.zns.journeys.create": (
                shop.zns.journeys.create,
                {"oa_id": self.in_journey["oa_id"], "phone": "0901234580"},
            ),
            "shop.zns.templates.create": (
                shop.zns.templates.create,
                {"oa_id": self.alone["oa_id"], "template_id": 900000 + number},
            ),
            "partner.tenants.activate": (
                partner.tenants.activate,
                {
                    "tenant_id": self.new_tenant.id,
                    "owner_id": self.new_tenant.owner_id,
                    "connection_id": self.new_tenant.connection_id,
                    "hotline_id": self.free_hotline,
                },
            ),
            "webhooks.create": (
                partner.webhooks.create,
                {"url": f"https://example.com/{number}", "entities": ["call_log"]},
            ),
            "webhooks.delete": (partner.webhooks.delete, {"id": self.webhook_id}),
            "partner.hotlines.create": (
                partner.hotlines.create,
                {"hotline": f"0247100{number:04}", "name": "acme"},
            ),
            "partner.hotlines.delete": (partner.hotlines.delete, {"hotline_id": self.free_hotline}),
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
        extensions = await shop.extensions.list().collect()
        extension = next(each for each in extensions if each.user_id not in ("", "0"))
        users = await shop.users.list().collect()
        free = await partner.hotlines.create(hotline="02471009999", name="free")
        other = await partner.hotlines.create(hotline="02471009998", name="other")
        hook = await partner.webhooks.create(url="https://example.com/here", entities=["call_log"])
        order = await message(shop, "table", is_journey=True)
        journey = await shop.zns.journeys.create(oa_id=order["oa_id"], phone=PHONE)
        newcomer, another = [(await partner.shops.create()).shop_key for _ in range(2)]
        assert newcomer is not None
        assert another is not None
        await partner.hotlines.attach(hotline_id=other.id, tenant_id=extension.tenant_id)
        yield World(
            service=service,
            partner=partner,
            shop=shop,
            newcomer=partner.for_shop(newcomer),
            alone=await message(shop, "otp", is_journey=False),
            in_journey={**order, "journey_id": journey.journey_id},
            extension=extension,
            other_user=next(user.user_id for user in users if user.user_id != extension.user_id),
            other_hotline=other.id,
            free_hotline=free.id,
            webhook_id=hook.id,
            new_tenant=await partner.for_shop(another).tenant.create(),
        )


async def message(shop: ShopClient, kind: str, *, is_journey: bool) -> dict[str, Any]:
    """Return the arguments of a ZNS message that the sandbox accepts."""
    async for account in shop.zalo.accounts.list():
        async for found in shop.zns.templates.list(oa_id=account.oa_id):
            if (found.template_status, found.type, found.is_journey) == ("ENABLE", kind, is_journey):
                data = {parameter.name: "123456" for parameter in found.template_params}
                return {"oa_id": account.oa_id, "phone": PHONE, "template": found, "template_data": data}
    raise AssertionError("the sandbox has no such template")


# An account is connected with a code that Zalo gives to a browser.
each_call = pytest.mark.parametrize(
    "name", [name for name, row in OPERATIONS.items() if row.verify and name != "shop.zalo.accounts.connect"]
)
pytestmark = pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")


@each_call
async def test_executed(world: World, name: str) -> None:
    """The server executed the call and the response was lost: no retry, and `verify()` finds the result."""
    error = await world.lose(name, "reset_after", 1)
    before = world.service.processed[name]
    assert await error.verify() is not None
    assert world.service.processed[name] == before


@each_call
async def test_not_executed(world: World, name: str) -> None:
    """The server did not execute the call: `verify()` finds nothing, until the same call succeeds."""
    before = world.service.processed.get(name, 0)
    error = await world.lose(name, "reset_before", 1)
    assert await error.verify() is None
    assert world.service.processed.get(name, 0) == before
    await world.call(name, 1)
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
