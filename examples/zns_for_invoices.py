"""
Send a ZNS for each invoice of a CSV file, each invoice once.

The file has the columns `invoice`, `phone`, and one column for each variable of the template. The invoice's
number is the tracking id, so that what became of it can be looked up: an answer that is lost is settled by a
read, and running the example again sends only what is missing.

    python examples/zns_for_invoices.py invoices.csv --oa-id 4111111111111111111 --template-id 419951

prints a line for each invoice, and how many were sent, were there already, were refused, or are in doubt:

    HD-0001: sent
    HD-0002: there already
    HD-0003: refused with error_code -108 (the phone number is not valid)
    1 sent, 1 there already, 1 refused, 0 in doubt

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
import csv
from collections import Counter
from pathlib import Path

from etelecom_async import DeliveryError, InvalidRequestError, OutcomeUnknownError, ShopClient
from etelecom_async.models import ZNSMessage, ZNSTemplate


async def find(shop: ShopClient, oa_id: str, tracking_id: str) -> ZNSMessage | None:
    """Return the message of this tracking id that went out, if there is one."""
    async for message in shop.zns.messages.list(oa_id=oa_id, tracking_id=tracking_id):
        if not message.error_code:
            return message
    return None


async def send(shop: ShopClient, oa_id: str, template: ZNSTemplate, row: dict[str, str]) -> tuple[str, str]:
    """Send one invoice; return what became of it, in a word and in a sentence."""
    tracking_id, phone = row.pop("invoice"), row.pop("phone")
    if await find(shop, oa_id, tracking_id):
        return "there already", "there already"
    try:
        try:
            # The template checks the data before anything is sent: a missing column costs no message.
            await shop.zns.messages.send(
                oa_id=oa_id, phone=phone, template=template, template_data=row, tracking_id=tracking_id
            )
        except OutcomeUnknownError as error:
            # Never sent again: a customer would get two.
            return ("sent", "sent") if await error.verify() else ("in doubt", str(error))
    except (DeliveryError, InvalidRequestError) as error:
        return "refused", error.message
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
    print(", ".join(f"{outcomes[word]} {word}" for word in ("sent", "there already", "refused", "in doubt")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a ZNS for each invoice of a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--oa-id", required=True)
    parser.add_argument("--template-id", type=int, required=True)
    asked = parser.parse_args()
    asyncio.run(main(asked.file, asked.oa_id, asked.template_id))
