"""A script, and clients whose keys no server knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async import ShopClient
from etelecom_async.testing import ScriptedTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def script() -> Iterator[ScriptedTransport]:
    """A script whose replies need not be used."""
    with ScriptedTransport() as script:
        yield script
        script.forgive()


@pytest.fixture
async def scripted_shop(script: ScriptedTransport) -> AsyncIterator[ShopClient]:
    """A shop's client that gets the replies of the script."""
    async with ShopClient(script.shop_key) as shop:
        yield shop
