"""
Run a typical partner's program: set up a shop's telephones, and read call logs.

It uses only the public SDK. It would work in the same way without the sandbox.
"""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Final

import attrs

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.models import CallDirection, CallState, Hotline

Say = Callable[[str], None]
"""Function that takes one line about the progress."""

_HOTLINES: Final = {"02499000001": "Sales", "02499000002": "Customer care", "02499000003": "Support"}
_STAFF: Final = {
    "0909000001": "Nguyễn Thị Lan",
    "0909000002": "Trần Văn Minh",
    "0909000003": "Lê Thu Hà",
    "0909000004": "Phạm Quốc Bảo",
    "0909000005": "Võ Ngọc Anh",
}
_FIRST_EXTENSION: Final = 1001


@attrs.frozen(kw_only=True)
class Records:
    """Numbers of records in the lists at the end."""

    tenants: int
    hotlines: int
    users: int
    extensions: int


@attrs.frozen(kw_only=True)
class Calls:
    """Figures of a call history."""

    pages: int
    by_direction: Counter[str]
    by_state: Counter[str]


async def set_up_shop(partner: PartnerClient, say: Say) -> Records:
    """Create a shop with everything that it needs to make calls, and read it back."""
    async for tenant in partner.tenants.list():
        say(f"Found tenant {tenant.id} at {tenant.domain}")
    shop = await _open_shop(partner, say)
    hotlines = await _open_lines(partner, shop, say)
    await _staff(shop, hotlines, say)
    return await _read_back(partner, shop, say)


async def _open_shop(partner: PartnerClient, say: Say) -> ShopClient:
    created = await partner.shops.create(
        {"name": "Trà sữa Mây", "email": "may@example.com", "phone": "0909000000"}
    )
    # A client for the shop, on the same connections.
    shop = partner.for_shop(created.shop_key)
    account = await shop.current()
    say(f"Created shop {account.id}")
    return shop


async def _open_lines(partner: PartnerClient, shop: ShopClient, say: Say) -> list[Hotline]:
    tenant = await shop.tenant.create()
    say(f"Created its tenant {tenant.id} at {tenant.domain}")
    hotlines = [
        await partner.hotlines.create(hotline=number, name=name, owner_id=tenant.owner_id)
        for number, name in _HOTLINES.items()
    ]
    say(f"Created {len(hotlines)} hotlines")
    # The tenant must be active before hotlines and extensions are added.
    await partner.tenants.activate(
        tenant_id=tenant.id,
        owner_id=tenant.owner_id,
        connection_id=tenant.connection_id,
        hotline_id=hotlines[0].id,
    )
    for hotline in hotlines:
        await partner.hotlines.attach(hotline_id=hotline.id, tenant_id=tenant.id)
    say("Activated the tenant and attached the hotlines to it")
    return hotlines


async def _staff(shop: ShopClient, hotlines: list[Hotline], say: Say) -> None:
    sales, care, _ = hotlines
    users = [
        await shop.users.create(full_name=name, phone=phone, password=secrets.token_urlsafe(12))
        for phone, name in _STAFF.items()
    ]
    say(f"Created {len(users)} users")
    *permanent, trainee = users
    extensions = [
        await shop.extensions.create(hotline_id=sales.id, extension_number=number, user_id=user.id)
        for number, user in enumerate(permanent, start=_FIRST_EXTENSION)
    ]
    say(f"Created {len(extensions)} extensions, each for a user")
    first, second, *_ = extensions
    await shop.extensions.unassign(extension_id=first.id, user_id=first.user_id)
    await shop.extensions.assign(extension_id=first.id, user_id=trainee.id)
    await shop.extensions.change_hotline(extension_id=second.id, hotline_id=care.id)
    say(f"Gave extension {first.extension_number} to the trainee, {second.extension_number} another hotline")


async def _read_back(partner: PartnerClient, shop: ShopClient, say: Say) -> Records:
    records = Records(
        tenants=len(await partner.tenants.list().collect()),
        hotlines=len(await partner.hotlines.list().collect()),
        users=len(await shop.users.list().collect()),
        extensions=len(await shop.extensions.list().collect()),
    )
    say("Listed the tenants and hotlines of the partner, and the users and extensions of the shop")
    return records


async def read_calls(shop: ShopClient, advance: Callable[[int], None]) -> Calls:
    """
    Read all call logs of a shop.

    Args:
        shop: Client of the shop.
        advance: Function that takes the number of call logs in each new page.
    """
    pages = 0
    by_direction, by_state = Counter[str](), Counter[str]()
    # Request the next page while this one is counted.
    async for page in shop.call_logs.list(prefetch=1).pages():
        for call in page:
            by_direction[call.direction or CallDirection.UNKNOWN] += 1
            by_state[call.call_state or CallState.UNKNOWN] += 1
        pages += 1
        advance(len(page))
    return Calls(pages=pages, by_direction=by_direction, by_state=by_state)
