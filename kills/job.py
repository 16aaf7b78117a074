"""
The job that is killed: `python -m kills.job`, with its settings on standard input.

It prints its report as JSON, if it lives that long.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Final

from etelecom_async import RetryPolicy, ShopClient, bulk
from kills.settings import ASSIGNED, FIRST_EXTENSION, Settings, extension_key, tracking_id

RETRIES: Final = RetryPolicy(retries=4, wait_initial=0.01, wait_max=0.1)
AT_A_TIME: Final = 16


def steps(shop: ShopClient, settings: Settings) -> Iterator[bulk.Step[Any]]:
    """Yield the steps: extensions, assignments that need them, and messages in between."""
    for index in range(max(settings.creates, settings.sends)):
        if index < settings.creates:
            number = FIRST_EXTENSION + index
            extension = bulk.step(
                extension_key(number),
                shop.extensions.create,
                hotline_id=settings.hotline_id,
                extension_number=number,
            )
            yield extension
            if index % ASSIGNED == 0:
                yield bulk.step(
                    f"assign {number}",
                    shop.extensions.assign,
                    extension_id=extension.result.id,
                    user_id=settings.user_id,
                )
        if index < settings.sends:
            sender = settings.senders[index % len(settings.senders)]
            yield bulk.step(
                tracking_id(index),
                shop.zns.messages.send,
                oa_id=sender.oa_id,
                phone=f"09{index:07d}0",
                template_id=sender.template_id,
                template_data={"otp": "123456"},
                tracking_id=tracking_id(index),
            )


async def run(settings: Settings) -> bulk.Report:
    """Run the job to its end."""
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(
            ShopClient(settings.key, base_url=settings.base_url, retries=RETRIES, concurrency=AT_A_TIME)
        )
        ledger: bulk.Ledger | None = None
        if settings.ledger:
            ledger = await stack.enter_async_context(bulk.SqliteLedger(settings.ledger))
        return await bulk.run(
            settings.journal,
            steps(shop, settings),
            settle_after=timedelta(seconds=settings.settle_after),
            resend_unknown=settings.resend_unknown,
            ledger=ledger,
        )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Settings.decode(sys.stdin.read()))).to_dict()))
