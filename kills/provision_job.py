"""
The provisioning that is killed: `python -m kills.provision_job`, with its settings on standard input.

Like the command, it plans from the present state each time. It prints its result as JSON, if it lives that
long.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import Final

from etelecom_async import RetryPolicy, ShopClient, provisioning
from kills.job import AT_A_TIME
from kills.provision_settings import ProvisionSettings

RETRIES: Final = RetryPolicy(retries=10, wait_initial=0.01, wait_max=0.1)
"""A read that fails so often ends the job."""


async def run(settings: ProvisionSettings) -> provisioning.Result:
    """Plan, and apply the plan."""
    seconds = settings.settle_after
    async with ShopClient(
        settings.key, base_url=settings.base_url, retries=RETRIES, concurrency=AT_A_TIME
    ) as shop:
        present = await provisioning.read_present(shop)
        return await provisioning.apply(
            provisioning.make_plan(settings.rows(), {present.shop: present}, allow_large=True),
            {present.shop: shop},
            journal=settings.journal,
            credentials=settings.credentials,
            settle_after=None if seconds is None else timedelta(seconds=seconds),
        )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(ProvisionSettings.decode(sys.stdin.read()))).to_dict()))
