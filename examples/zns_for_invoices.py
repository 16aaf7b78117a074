"""
Send a ZNS for each invoice of a CSV file, each invoice once.

The file has the columns `invoice` and `phone`, and one column for each variable of the template. The number
of the invoice is the tracking id of its message. With it, the program finds out after a lost response whether
the message was sent. If you run the program again, it sends only the missing messages.

    python examples/zns_for_invoices.py invoices.csv --oa-id 4111111111111111111 --template-id 419951

prints a line for each invoice, and the number of invoices for each outcome:

    HD-0001: sent
    HD-0002: already sent
    HD-0003: refused with error_code -108 (the phone number is not valid)
    1 sent, 1 already sent, 1 rejected, 0 in doubt

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
import csv
from collections import Counter
from pathlib import Path

from etelecom_async import DeliveryError, InvalidRequestError, OutcomeUnknownError, ShopClient
from etelecom_async.models import ZNSMessage, ZNSTemplate

OUTCOMES = ("sent", "already sent", "rejected", "in doubt")


async def find(shop: ShopClient, oa_id: str, tracking_id: str) -> ZNSMessage | None:
    """Return the message with this tracking id that was sent, if there is one."""
    async for message in shop.zns.messages.list(oa_id=oa_id, tracking_id=tracking_id):
        if not message.error_code:
            return message
    return None


async def send(shop: ShopClient, oa_id: str, template: ZNSTemplate, row: dict[str, str]) -> tuple[str, str]:
    """Send one invoice; return its outcome, and a sentence about it."""
    tracking_id, phone = row.pop("invoice"), row.pop("phone")
    if await find(shop, oa_id, tracking_id):
        return "already sent", "already sent"
    try:
        try:
            # The client checks the data against the template first, so a missing column costs no message.
            await shop.zns.messages.send(
                oa_id=oa_id, phone=phone, template=template, template_data=row, tracking_id=tracking_id
            )
        except OutcomeUnknownError as error:
            # The program never sends it again, because the customer could get two messages.
            return ("sent", "sent") if await error.verify() else ("in doubt", str(error))
    except (DeliveryError, InvalidRequestError) as error:
        return "rejected", error.message
    return "sent", "sent"


async def main(file: Path, oa_id: str, template_id: int) -> None:
    """Send a ZNS for each line of *file*."""
    outcomes: Counter[str] = Counter()
    async with ShopClient() as shop:
        template = await shop.zns.templates.get(oa_id=oa_id, template_id=template_id)
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                invoice = row["invoice"]
                outcome, sentence = await send(shop, oa_id, template, row)
                outcomes[outcome] += 1
                print(f"{invoice}: {sentence}")
    print(", ".join(f"{outcomes[name]} {name}" for name in OUTCOMES))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a ZNS for each invoice of a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--oa-id", required=True)
    parser.add_argument("--template-id", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(main(options.file, options.oa_id, options.template_id))
