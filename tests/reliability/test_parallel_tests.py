"""Four test processes use one sandbox at the same time, and none sees the faults or requests of another."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import attrs

from etelecom_async.testing import sandbox
from tests.conftest import PATIENCE

PROCESS = """
import asyncio, json, sys
import aiohttp
from etelecom_async import EtelecomError, RetryPolicy, ShopClient

async def main():
    name, faults, url, control, key = json.loads(sys.argv[1])
    async with (
        aiohttp.ClientSession() as http,
        ShopClient(
            key,
            base_url=url,
            headers={"X-Sandbox-Test": name},
            retries=RetryPolicy(retries=0),
        ) as shop,
    ):
        async def read(method, path, **body):
            async with http.request(method, f"{control}/_sandbox/{path}?test={name}", **body) as response:
                return await response.json()

        for _ in range(2):
            await read("POST", "faults", json={"faults": faults})
            outcomes = []
            for number in range(25):
                if number in (0, 12):
                    print("ready", flush=True)
                    sys.stdin.readline()
                try:
                    await shop.extensions.list(limit=number + 1)
                    outcomes.append("ok")
                except EtelecomError as error:
                    outcomes.append(type(error).__name__)
            own = {
                "outcomes": outcomes,
                "faults": (await read("GET", "faults"))["faults"],
                "counts": await read("GET", "requests"),
                "log": (await read("GET", "requests/log"))["requests"],
            }
            await read("DELETE", "faults")
            print(json.dumps(own), flush=True)

asyncio.run(main())
"""
LIST = "shop.extensions.list"
FAULTS: dict[str, list[dict[str, Any]]] = {
    "test_throttled": [{"kind": "status", "status": 429, "times": 5}],
    "test_lost": [{"kind": "reset_after", "after": 10, "operation": LIST}],
    "test_random": [{"kind": "status", "status": 500, "probability": 0.5, "seed": 3}],
    "test_healthy": [],
}


@attrs.frozen
class Test:
    """A test process."""

    __test__ = False
    name: str
    process: asyncio.subprocess.Process

    async def line(self) -> str:
        """Return the next line that the process prints."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return (await self.process.stdout.readline()).decode().strip()


async def start(name: str, *settings: str) -> Test:
    """Start a test process."""
    argument = json.dumps([name, FAULTS[name], *settings])
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, argument, stdin=pipe, stdout=pipe
    )
    return Test(name, process)


async def run_all(tests: list[Test]) -> dict[str, Any]:
    """Let each process make its calls once, beside the others; return what each saw."""
    for _ in range(2):  # before the first call of each, and in the middle
        assert {await test.line() for test in tests} == {"ready"}
        for test in tests:
            assert test.process.stdin is not None
            test.process.stdin.write(b"go\n")
            await test.process.stdin.drain()
    return {test.name: json.loads(await test.line()) for test in tests}


EXPECTED = {
    "test_throttled": ["ResourceExhaustedError"] * 5 + ["ok"] * 20,
    "test_lost": ["ok"] * 10 + ["ResponseLostError"] * 15,
    "test_healthy": ["ok"] * 25,
}
"""The outcomes of each test, except the one with random faults."""


async def test_four_processes() -> None:
    """Each process gets, counts and removes only its own faults, and sees only its own requests."""
    async with sandbox(call_logs=0, zns_messages=0) as service:
        settings = (service.base_url, service.sms_base_url, service.shop_api_key)
        processes = await asyncio.gather(*(start(name, *settings) for name in FAULTS))
        runs = [await run_all(processes) for _ in range(2)]
        assert [await test.process.wait() for test in processes] == [0] * len(FAULTS)
        left = list(service.faults)
        total = service.requests.counts
        tests = [request.test for request in service.requests]
    assert left == []
    assert total == {LIST: 200}
    assert sorted(set(tests)) == sorted(FAULTS)
    for start_of_run in (0, 100):
        half = tests[start_of_run : start_of_run + 48]
        assert [half.count(name) for name in FAULTS] == [12] * 4, "the processes ran one after the other"
    for number, seen in enumerate(runs, start=1):
        for name, own in seen.items():
            outcomes = own["outcomes"]
            if name in EXPECTED:
                assert outcomes == EXPECTED[name], name
            assert own["counts"]["total"] == len(own["log"]) == 25 * number
            assert {request["test"] for request in own["log"]} == {name}
            assert {fault["test"] for fault in own["faults"]} == ({name} if FAULTS[name] else set())
            assert sum(fault["struck"] for fault in own["faults"]) == sum(each != "ok" for each in outcomes)
            limits = [request["body"]["paging"]["limit"] for request in own["log"]]
            assert limits == [*range(1, 26)] * number
    first, second = (run["test_random"]["outcomes"] for run in runs)
    assert first == second, "other tests changed the calls that a seed chooses"
    assert set(first) == {"ok", "InternalError"}
