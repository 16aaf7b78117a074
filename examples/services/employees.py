"""Find employees by phone; each service of this folder has this read."""

from __future__ import annotations

import asyncio

from replies import Reply

from etelecom_async import ShopClient, phones


async def find(shop: ShopClient, phone: str) -> Reply:
    """Return the employees with a phone number, in whatever form it is written."""
    try:
        forms = phones.forms(phone)
    except ValueError as error:  # its text does not contain the number
        return Reply(400, {"detail": f"phone: {error}"})
    async with asyncio.timeout(20):  # for all calls together; reads can be cancelled
        users = [user for form in forms async for user in shop.users.list(phone=form)]
    return Reply(200, {"employees": [user.to_dict(mode="json") for user in users]})
