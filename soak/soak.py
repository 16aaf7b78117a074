"""
Make many mixed calls to a sandbox in another process that injects a fault into one call in twenty.

    python soak/soak.py --calls 100000 --seed 7

The script prints the calls, their outcomes and all violations. The exit code is 1 if there is a violation:

- a resource that was created twice, or a message that was sent twice
- a call that was executed but reported as not executed
- a row of a list that is missing or comes twice
- a limiter's slot, a task or a socket that is left over
- memory that grows

Each call that creates or sends has its own number. Its outcome is one byte in a table of fixed size, so the
records need no further memory during the run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import attrs

from etelecom_async import (
    Attempt,
    EtelecomError,
    NotAppliedError,
    RetryPolicy,
    ShopClient,
    attempt_hook,
)
from etelecom_async.errors import NotFoundError

AT_A_TIME: Final = 32
STOP_AFTER: Final = 240.0
"""Seconds after which no new calls begin. The checks afterwards must end within 5 minutes, too."""
GROWTH: Final = 0.05
"""Highest accepted growth of resident memory after the first tenth of the calls, as a share."""
SENDS_A_DAY: Final = 4000
"""Sends before the sandbox's clock is moved on by a day. Its account may send 5000 messages a day."""
FIRST_EXTENSION: Final = 100_000
RETRIES: Final = RetryPolicy(retries=5, wait_initial=0.02, wait_max=0.2)

# Outcomes of a call that creates or sends. UNUSED: no call has this number.
UNUSED, EXECUTED, NOT_EXECUTED, UNKNOWN, FOUND, NOT_FOUND = range(6)


def faults(seed: int, calls: int) -> list[dict[str, Any]]:
    """Return the faults to inject: one call in twenty, one page in fifty, one new connection in fifty."""
    stalls = max(2, calls // 5000)
    return [
        {"kind": "stall_header", "probability": 0.002, "times": stalls, "seed": seed},
        {"kind": "stall_body", "probability": 0.002, "times": stalls, "seed": seed},
        {
            "kind": ["reset_before", "reset_after", "half_body", "gzip_garbage", "wrong_length"],
            "off_by": 7,
            "probability": 0.02,
            "seed": seed,
        },
        {
            "kind": "status",
            "status": [429, 500, 502, 503, 504],
            "body": ["json", "html", "none"],
            "retry_after": 0,
            "probability": 0.02,
            "seed": seed,
        },
        # Without a time to wait, one call of the operation probes and the others wait. So this fault is rare.
        {"kind": "status", "status": 429, "probability": 0.001, "times": 10, "seed": seed},
        {
            "kind": "status",
            "status": [200, 408, 500, 502, 504],
            "body": ["html", "none"],
            "processed": True,
            "probability": 0.01,
            "seed": seed,
        },
        {"kind": ["duplicate_rows", "shift_rows"], "rows": 2, "probability": 0.02, "seed": seed},
        {"kind": "refuse", "probability": 0.02, "seed": seed},
    ]


@asynccontextmanager
async def sandbox(seed: int) -> AsyncGenerator[dict[str, str]]:
    """Run a sandbox in another process, and give its keys and base URLs."""
    command = ("-m", "etelecom_async", "sandbox", "--json", "--seed", str(seed))
    sizes = ("--call-logs", "230", "--extensions", "64", "--users", "70", "--zns-messages", "0")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *sizes, stdout=asyncio.subprocess.PIPE
    )
    if process.stdout is None:
        raise RuntimeError("the sandbox's standard output is not a pipe")
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


@attrs.define
class Content:
    """The sandbox's content: arguments for calls, and the expected results of lists."""

    call_logs: list[str]
    users: list[str]
    extensions: list[Any]
    oa_id: str
    template_id: int


class Soak:
    """
    Make the calls, record their outcomes, and collect the violations.

    Args:
        where: Keys and base URLs of the sandbox.
        content: The content of the sandbox.
        calls: Number of calls.
        seed: Seed of the random choice of calls.
        http: Session for the sandbox's controls.
    """

    def __init__(
        self, where: dict[str, str], content: Content, calls: int, seed: int, http: aiohttp.ClientSession
    ) -> None:
        self.content = content
        self.calls = calls
        self.made = 0
        self.attempts = 0
        self.walks = 0
        self.resumed = 0
        self.violations: list[str] = []
        self.ended = Counter[str]()
        self.resident: list[int] = []
        self._origin = where["base_url"].removesuffix("/v1")
        self._http = http
        self._random = random.Random(seed)  # noqa: S311 - each run makes the same calls
        self._stop_at = time.monotonic() + STOP_AFTER
        self.extensions = bytearray(calls)
        self.sends = bytearray(calls)
        self.hooks = bytearray(calls)
        self._next = Counter[str]()
        self._day = asyncio.Lock()
        self._days = 0
        options: Any = {
            "base_url": where["base_url"],
            "retries": RETRIES,
            "attempt_timeout": 2.0,
            "hooks": [attempt_hook(self._count)],
            "concurrency": AT_A_TIME,
        }
        self.partners = ShopClient(where["shop_key"], **options)
        self.own = ShopClient(where["shop_api_key"], **options)
        self._without_retries = self.partners.with_options(retries=0)

    def _count(self, attempt: Attempt) -> None:
        self.attempts += 1
        if attempt.number == 1:
            self.made += 1
            if self.made % max(1, self.calls // 200) == 0:
                self.resident.append(resident())

    def number(self, kind: str) -> int:
        """Return a number that no other call of this kind has."""
        self._next[kind] += 1
        return self._next[kind] - 1

    async def run(self) -> None:
        """Make the calls, `AT_A_TIME` at a time."""
        workers = [asyncio.create_task(self._work(index)) for index in range(AT_A_TIME)]
        await asyncio.gather(*workers)

    async def _work(self, index: int) -> None:
        steps: list[tuple[Callable[[int], Awaitable[None]], int]] = [
            (self.get, 40), (self.page, 10), (self.walk, 3), (self.create, 14), (self.send, 14),
            (self.assign, 8), (self.create_and_delete, 6),
        ]  # fmt: skip
        kinds, weights = [step for step, _ in steps], [weight for _, weight in steps]
        while self.made < self.calls and time.monotonic() < self._stop_at:
            (step,) = self._random.choices(kinds, weights)
            await step(index)

    async def _settle(self, call: Awaitable[Any]) -> tuple[int, Any]:
        """Await a call that creates or sends; return its outcome, after `verify()` if that is possible."""
        try:
            result = await call
        except EtelecomError as error:
            self.ended[type(error).__name__] += 1
            if not error.can_verify:
                return (UNKNOWN if error.may_have_happened else NOT_EXECUTED), None
            while True:
                try:
                    found = await error.verify()
                except EtelecomError:
                    self.ended["verify failed"] += 1
                else:
                    return (NOT_FOUND if found is None else FOUND), found
        else:
            self.ended["ok"] += 1
            return EXECUTED, result

    async def get(self, _: int) -> None:
        """Get one extension, and check that the result is not another one."""
        number = self._random.choice(self.content.extensions).extension_number
        try:
            login = await self.partners.extensions.get(extension_number=number)
        except EtelecomError as error:
            self.ended[f"read: {type(error).__name__}"] += 1
        else:
            if login.extension_number != number:
                self.violations.append(f"a request for extension {number} returned another one")

    async def page(self, _: int) -> None:
        """Get the first page of a list, and check its rows."""
        try:
            page = await self.partners.users.list(limit=20)
        except EtelecomError as error:
            self.ended[f"read: {type(error).__name__}"] += 1
        else:
            if [user.user_id for user in page] != self.content.users[:20]:
                self.violations.append("the first page of the users has other rows")

    async def walk(self, _: int) -> None:
        """Read a list to its end, resume it after each error, and check that each row comes once."""
        # A client without retries makes walks fail in the middle.
        client = self._random.choice((self.partners, self._without_retries))
        prefetch = self._random.choice((0, 1, 3))
        rows: list[str] = []
        resume: str | None = None
        self.walks += 1
        while True:
            try:
                async for call in client.call_logs.list(limit=40, prefetch=prefetch, resume=resume):
                    rows.append(call.id)  # noqa: PERF401 - the rows before an error count, too
            except EtelecomError as error:
                self.resumed += 1
                resume = error.checkpoint
            else:
                break
        if rows != self.content.call_logs:
            missing = set(self.content.call_logs) - set(rows)
            self.violations.append(f"a list of {len(rows)} rows, {len(missing)} of its rows missing")

    async def create(self, _: int) -> None:
        """Create an extension with a number of its own."""
        serial = self.number("extension")
        hotline_id = self.content.extensions[0].hotline_id
        call = self.partners.extensions.create(
            hotline_id=hotline_id, extension_number=FIRST_EXTENSION + serial
        )
        self.extensions[serial], _found = await self._settle(call)

    async def send(self, _: int) -> None:
        """Send a message with a tracking id of its own."""
        serial = self.number("send")
        await self._renew_quota(serial)
        call = self.partners.zns.messages.send(
            oa_id=self.content.oa_id,
            phone=f"09{serial % 10_000_000:07d}0",
            template_id=self.content.template_id,
            template_data={"otp": "123456"},
            tracking_id=f"soak-{serial}",
        )
        self.sends[serial], _found = await self._settle(call)

    async def _renew_quota(self, serial: int) -> None:
        async with self._day:
            if serial // SENDS_A_DAY > self._days:
                self._days += 1
                await self.control("POST", "clock", {"advance_seconds": 86400})

    async def assign(self, index: int) -> None:
        """Assign an extension, which only this worker changes, to another employee."""
        extension = self.content.extensions[index]
        user_id = self._random.choice(self.content.users)
        try:
            await self.partners.extensions.assign(extension_id=extension.id, user_id=user_id)
        except NotAppliedError:
            pass  # already assigned, maybe by an attempt whose response was lost
        except EtelecomError as error:
            self.ended[f"assign: {type(error).__name__}"] += 1

    async def create_and_delete(self, _: int) -> None:
        """Create a webhook, and delete it."""
        serial = self.number("hook")
        url = f"https://example.com/soak/{serial}"
        outcome, hook = await self._settle(self.own.webhooks.create(url=url, entities=["call_log"]))
        if outcome in (EXECUTED, FOUND):
            try:
                await self.own.webhooks.delete(id=hook.id)
            except NotFoundError as error:
                if not error.may_have_happened:
                    self.violations.append(f"webhook {serial} was reported as created, but does not exist")
            except EtelecomError as error:
                self.ended[f"delete: {type(error).__name__}"] += 1
        self.hooks[serial] = outcome

    async def control(self, method: str, name: str, body: Any = None) -> Any:
        """Use the sandbox's controls."""
        async with self._http.request(method, f"{self._origin}/_sandbox/{name}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def check(self) -> None:
        """Compare the reported outcomes with the sandbox's state; call it after the last fault."""
        log = (await self.control("GET", "requests"))["processed"]
        existing = Counter[int]()
        async for extension in self.partners.extensions.list(limit=1000):
            if int(extension.extension_number) >= FIRST_EXTENSION:
                existing[int(extension.extension_number) - FIRST_EXTENSION] += 1
        self._compare("extension", self.extensions, existing, log.get("shop.extensions.create", 0))
        existing = Counter[int]()
        async for message in self.partners.zns.messages.list(oa_id=self.content.oa_id, limit=1000):
            if message.tracking_id.startswith("soak-"):
                existing[int(message.tracking_id.removeprefix("soak-"))] += 1
        self._compare("message", self.sends, existing, log.get("shop.zns.messages.send", 0))
        possible = len(self.hooks.replace(bytes([UNUSED]), b"").replace(bytes([NOT_EXECUTED]), b""))
        if log.get("webhooks.create", 0) > possible:
            self.violations.append("more webhooks were created than reported")
        for client in (self.partners, self.own):
            stats = client.stats()
            for limiter in (stats.reads, stats.writes):
                if limiter.in_flight or limiter.waiting:
                    self.violations.append(f"a limiter's slot was not released: {stats}")

    def _compare(self, kind: str, reported: bytearray, existing: Counter[int], processed: int) -> None:
        if processed != existing.total():
            self.violations.append(f"{kind}: {processed} calls were executed, but {existing.total()} exist")
        for serial, outcome in enumerate(reported):
            if existing[serial] > 1:
                self.violations.append(f"{kind} {serial} exists {existing[serial]} times")
            if existing[serial] and outcome in (NOT_EXECUTED, NOT_FOUND):
                self.violations.append(f"{kind} {serial} was reported as not executed, but exists")
            if not existing[serial] and outcome in (EXECUTED, FOUND):
                self.violations.append(f"{kind} {serial} was reported as executed, but does not exist")


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def open_files() -> int:
    """Return how many sockets and files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def find_content(where: dict[str, str]) -> Content:
    """Return the content of the new sandbox."""
    async with ShopClient(where["shop_key"], base_url=where["base_url"]) as shop:
        found: list[tuple[str, int]] = []
        async for account in shop.zalo.accounts.list():
            found += [
                (account.oa_id, template.template_id)
                async for template in shop.zns.templates.list(oa_id=account.oa_id)
                if (template.type, template.template_status) == ("otp", "ENABLE") and template.template_id
            ]
        oa_id, template_id = found[0]
        return Content(
            call_logs=[call.id async for call in shop.call_logs.list()],
            users=[user.user_id async for user in shop.users.list()],
            extensions=await shop.extensions.list().collect(),
            oa_id=oa_id,
            template_id=template_id,
        )


async def soak(calls: int, seed: int) -> list[str]:
    """Make the calls, print the report, and return the violations."""
    async with sandbox(seed) as where, aiohttp.ClientSession() as http:
        content = await find_content(where)
        run = Soak(where, content, calls, seed, http)
        await run.control("GET", "clock")  # opens the connection, so that the count below includes it
        tasks, files = len(asyncio.all_tasks()), open_files()
        await run.control("POST", "faults", {"faults": faults(seed, calls)})
        began = time.monotonic()
        async with run.partners, run.own:
            await run.run()
            seconds = time.monotonic() - began
            injected = sum(fault["struck"] for fault in (await run.control("GET", "faults"))["faults"])
            await run.control("DELETE", "faults")
            await run.check()
        for _ in range(100):
            gc.collect()
            if (len(asyncio.all_tasks()), open_files()) == (tasks, files):
                break
            await asyncio.sleep(0.01)
        left = (len(asyncio.all_tasks()) - tasks, open_files() - files)
        if left != (0, 0):
            run.violations.append(f"{left[0]} tasks and {left[1]} files or sockets are left over")
    first, *later = run.resident[len(run.resident) // 10 :] or [resident()]
    growth = max(later, default=first) / first - 1
    if growth > GROWTH:
        run.violations.append(f"memory grew by {growth:.1%} after the first tenth")
    report(run, seconds, injected, growth)
    return run.violations


def report(run: Soak, seconds: float, injected: int, growth: float) -> None:
    """Print the outcomes and the violations."""
    labels = ("", "executed", "not executed", "unknown", "found by verify()", "not found by verify()")
    print(f"{run.made} of {run.calls} calls in {run.attempts} attempts, {seconds:.0f} s", end="")
    print(f", {run.made / seconds:.0f} calls/s")
    for name, table in (("extensions", run.extensions), ("messages", run.sends), ("webhooks", run.hooks)):
        print(
            f"  {name:10}", ", ".join(f"{table.count(i)} {labels[i]}" for i in range(1, 6) if table.count(i))
        )
    print(f"  lists      {run.walks} walked to the end, resumed {run.resumed} times")
    print(
        f"  memory     {run.resident[-1] / 2**20 if run.resident else 0:.0f} MiB, {growth:+.1%} after a tenth"
    )
    print(f"  ended      {dict(run.ended)}")
    print(f"  faults     {injected} injected")
    print(f"  violations {len(run.violations)}")
    for violation in run.violations[:20]:
        print(f"    {violation}")


def main() -> int:
    """Run the soak test; return 1 if there is a violation."""
    parser = argparse.ArgumentParser(description="Make many calls to a sandbox that injects faults.")
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    return 1 if asyncio.run(soak(options.calls, options.seed)) else 0


if __name__ == "__main__":
    sys.exit(main())
