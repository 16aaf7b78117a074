"""What every test stands on: nothing is left running or open, and nothing leaves this machine."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import hypothesis
import pytest
from pytest_asyncio import is_async_test

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).parent.parent
# At the end of the path: the installed package is tested, and codegen, which is not installed, is found.
sys.path.append(str(ROOT))

hypothesis.settings.register_profile(
    "etelecom",
    deadline=None,  # times differ between machines; a slow one has found no fault
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
    derandomize="CI" in os.environ,  # CI judges a change, not the luck of the draw; desks go on searching
)
hypothesis.settings.load_profile("etelecom")


def pytest_report_header() -> str:
    """Says whether the wheel or the source is tested."""
    return f"etelecom_async: {getattr(find_spec('etelecom_async'), 'origin', None)}"


def _refuse_to_leave_this_machine(event: str, args: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"A test tried to connect to {host}; tests talk to loopback addresses only.")


sys.addaudithook(_refuse_to_leave_this_machine)


@pytest.fixture(scope="session")
def connectors() -> Iterator[weakref.WeakSet[aiohttp.BaseConnector]]:
    """All of aiohttp's connection pools that were ever made, while they live."""
    made: weakref.WeakSet[aiohttp.BaseConnector] = weakref.WeakSet()
    init = aiohttp.BaseConnector.__init__

    def remember(self: aiohttp.BaseConnector, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        made.add(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.BaseConnector, "__init__", remember)
        yield made


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> None:
    """Fails an asynchronous test that leaves a task or a connection pool behind."""
    if is_async_test(request.node):
        request.getfixturevalue("nothing_left")


@pytest.fixture
async def nothing_left(connectors: weakref.WeakSet[aiohttp.BaseConnector]) -> AsyncIterator[None]:
    """Compares tasks and pools before the test with those after it and after its fixtures."""
    tasks = asyncio.all_tasks()
    pools = set(connectors)
    yield
    here = asyncio.current_task()
    for _ in range(10):  # what was cancelled or closed ends within a few turns of the loop
        await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() if task is not here} - tasks
    open_pools = {pool for pool in set(connectors) - pools if not pool.closed}
    assert (left, open_pools) == (set(), set()), "the test left tasks or connection pools behind"
