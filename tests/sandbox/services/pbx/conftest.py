"""A sandbox with many employees, extensions and calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer


@pytest.fixture
async def busy(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with enough rows that every filter removes some."""
    async with open_peer(hotlines=8, users=60, extensions=50, call_logs=900) as peer:
        yield peer
