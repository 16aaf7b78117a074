"""
Ask a customer over Zalo for consent to a call, and print until when to call.

    python examples/call_with_consent.py 0901234567 --oa-id 4111111111111111111

prints each step up to the reply:

    asked, waiting for the customer
    agreed: call until 2026-11-23 09:00

The program does not ask a customer who has agreed already. If the customer refuses, it ends.

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio

from etelecom_async import DeliveryError, ShopClient
from etelecom_async.models import CallType, Consent, ConsentReason, ConsentReplyStatus

FINAL = {ConsentReplyStatus.AGREED, ConsentReplyStatus.REFUSED, ConsentReplyStatus.NO_ANSWER}


async def wait_for_reply(shop: ShopClient, request: Consent, *, every: float, tries: int) -> Consent:
    """Read a request for consent until the customer has replied, at most *tries* times."""
    consent = request
    for _ in range(tries):
        consents = shop.zalo.consents.list(oa_id=request.oa_id, phone=request.phone)
        consent = next(item for item in await consents.collect() if item.id == request.id)
        if consent.reply_status in FINAL:
            break
        await asyncio.sleep(every)
    return consent


async def main(phone: str, oa_id: str, *, every: float = 30.0, tries: int = 20) -> None:
    """Ask the customer with this phone number, unless there is a consent already."""
    async with ShopClient() as shop:
        check = await shop.zalo.consents.check(oa_id=oa_id, phone=phone)
        if check.error != 0:
            try:
                request = await shop.zalo.consents.request(
                    oa_id=oa_id,
                    phone=phone,
                    call_type=CallType.AUDIO,
                    reason_code=ConsentReason.ORDER_APPOINTMENT_CONFIRMATION,
                )
            except DeliveryError as error:
                print(f"could not ask: {error.message}")
                return
            print("asked, waiting for the customer")
            consent = await wait_for_reply(shop, request, every=every, tries=tries)
            if consent.reply_status != ConsentReplyStatus.AGREED:
                print(f"do not call: {consent.reply_status}")
                return
            check = await shop.zalo.consents.check(oa_id=oa_id, phone=phone)
        print(f"agreed: call until {check.expired_time:%Y-%m-%d %H:%M}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Ask a customer for consent to a call.")
    parser.add_argument("phone")
    parser.add_argument("--oa-id", required=True)
    options = parser.parse_args()
    asyncio.run(main(options.phone, options.oa_id))
