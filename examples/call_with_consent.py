"""
Ask a customer over Zalo for leave to call, and say when to call.

    python examples/call_with_consent.py 0901234567 --oa-id 4111111111111111111

prints the way to the answer:

    asked, waiting for the customer
    agreed: call until 2026-11-23 09:00

A customer who agreed before is not asked again. One who says no is not asked again either.

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio

from etelecom_async import DeliveryError, ShopClient
from etelecom_async.models import CallType, Consent, ConsentReason, ConsentReplyStatus

SETTLED = {ConsentReplyStatus.AGREED, ConsentReplyStatus.REFUSED, ConsentReplyStatus.NO_ANSWER}


async def reply(shop: ShopClient, asked: Consent, *, every: float, tries: int) -> Consent:
    """Look at a request for consent until the customer has answered, or *tries* times."""
    consent = asked
    for _ in range(tries):
        found = shop.zalo.consents.list(oa_id=asked.oa_id, phone=asked.phone)
        consent = next(item for item in await found.collect() if item.id == asked.id)
        if consent.reply_status in SETTLED:
            break
        await asyncio.sleep(every)
    return consent


async def main(phone: str, oa_id: str, *, every: float = 30.0, tries: int = 20) -> None:
    """Ask the customer at *phone*."""
    async with ShopClient() as shop:
        check = await shop.zalo.consents.check(oa_id=oa_id, phone=phone)
        if check.error != 0:
            try:
                asked = await shop.zalo.consents.request(
                    oa_id=oa_id,
                    phone=phone,
                    call_type=CallType.AUDIO,
                    reason_code=ConsentReason.ORDER_APPOINTMENT_CONFIRMATION,
                )
            except DeliveryError as error:
                print(f"could not ask: {error.message}")
                return
            print("asked, waiting for the customer")
            consent = await reply(shop, asked, every=every, tries=tries)
            if consent.reply_status != ConsentReplyStatus.AGREED:
                print(f"do not call: {consent.reply_status}")
                return
            check = await shop.zalo.consents.check(oa_id=oa_id, phone=phone)
        print(f"agreed: call until {check.expired_time:%Y-%m-%d %H:%M}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Ask for leave to call.")
    parser.add_argument("phone")
    parser.add_argument("--oa-id", required=True)
    asked_for = parser.parse_args()
    asyncio.run(main(asked_for.phone, asked_for.oa_id))
