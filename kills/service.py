"""The service of the job: a sandbox without uniqueness checks, with faults. It kills the job at a request."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest import mock

import attrs

from etelecom_async import ShopClient
from etelecom_async.models import Extension
from etelecom_async.sandbox.journal import Entry, Journal
from etelecom_async.testing import Fault, Sandbox
from kills.settings import FIRST_EXTENSION, Sender

_ROOT: Final = Path(__file__).parent.parent
LONGEST_DELAY: Final = 0.02
"""Seconds between the request and the kill, at most. Half of the kills come without a delay."""
SEND: Final = "shop.zns.messages.send"


def faults(seed: int, share: float, late_seconds: float) -> list[Fault]:
    """
    Return the faults. The last three execute the call, now or later.

    Args:
        seed: Chooses the calls.
        share: Share of the calls that get a fault.
        late_seconds: When a call is executed that is late.
    """
    return [
        Fault(kind="refuse", probability=0.1 * share, seed=seed),
        Fault(kind="reset_before", probability=0.1 * share, seed=seed),
        Fault(
            kind="status", status=(500, 502, 503), body=("json", "html"), probability=0.1 * share, seed=seed
        ),
        Fault(kind=("reset_after", "half_body"), probability=0.2 * share, seed=seed),
        Fault(
            kind="status",
            status=(502, 503, 504),
            body=("json", "html", "none"),
            processed=True,
            probability=0.2 * share,
            seed=seed,
        ),
        Fault(kind="execute_late", late_seconds=late_seconds, probability=0.3 * share, seed=seed),
    ]


@attrs.frozen
class Logged:
    """A request that the sandbox has logged."""

    entry: Entry
    run: int
    """The run of the job that sent it."""


class Service:
    """
    The sandbox, its requests, and the process that it kills.

    Args:
        sandbox: The sandbox, which runs.
        seed: Seed of the delays of the kills.
    """

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.sandbox: Final = sandbox
        self.logged: Final[list[Logged]] = []
        """All requests, oldest first."""
        self.runs = 0
        """Number of runs of the job that have started."""
        self.killed: Final[dict[int, int]] = {}
        """For each run that was killed: the number of the request at which it was."""
        self.on_request: Callable[[], object] = lambda: None
        """Is called after each request of a job was logged, before the service executes it."""
        self._random: Final = Random(seed)  # noqa: S311 - the same seed makes the same delays
        self._process: asyncio.subprocess.Process | None = None
        self._kill_at: int | None = None

    def kill(self, process: asyncio.subprocess.Process, *, at_request: int) -> None:
        """Kill a process as soon as this many requests, or more, are logged."""
        self._process, self._kill_at = process, at_request

    def spare(self) -> None:
        """Kill nothing any more."""
        self._process = self._kill_at = None

    async def run_job(self, module: str, settings: str, *, kill_at: int | None) -> Any:
        """
        Run a job in a process of its own; return the JSON that it prints, or `None` if it was killed.

        Args:
            module: The program.
            settings: What it reads from standard input.
            kill_at: Number of the request that kills it; `None` to let it end.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        if kill_at is not None:
            self.kill(process, at_request=kill_at)
        try:
            printed, failed = await process.communicate(settings.encode())
        finally:
            self.spare()
            if process.returncode is None:
                process.kill()
        if process.returncode == 0:
            return json.loads(printed)
        if process.returncode != -signal.SIGKILL:
            raise RuntimeError(f"the job has failed: {failed.decode()[-2000:]}")
        return None

    def log(self, entry: Entry) -> None:
        """Keep a request, and kill the job if it is the one."""
        self.logged.append(Logged(entry, self.runs))
        asyncio.get_running_loop().call_soon(self.on_request)
        if self._process is None or self._kill_at is None or len(self.logged) < self._kill_at:
            return
        self.killed[self.runs] = len(self.logged)
        delay = self._random.choice((0.0, self._random.uniform(0.0, LONGEST_DELAY)))
        if delay:
            asyncio.get_running_loop().call_later(delay, _kill, self._process)
        else:
            _kill(self._process)
        self.spare()

    async def content(self) -> dict[str, Any]:
        """Return the hotline, the employee and the senders of the sandbox."""
        async with self._client() as shop:
            senders: list[Sender] = []
            async for account in shop.zalo.accounts.list():
                templates = [
                    template.template_id
                    async for template in shop.zns.templates.list(oa_id=account.oa_id)
                    if (template.type, template.template_status) == ("otp", "ENABLE")
                ]
                senders += [Sender(oa_id=account.oa_id, template_id=each) for each in templates[:1] if each]
            (extension,) = await shop.extensions.list(limit=1).take(1)
            (user,) = await shop.users.list(limit=1).take(1)
            return {
                "hotline_id": extension.hotline_id,
                "user_id": user.user_id,
                "senders": tuple(senders),
            }

    async def extensions(self) -> dict[int, list[Extension]]:
        """Return the extensions that the job created, by their numbers."""
        found: dict[int, list[Extension]] = {}
        async with self._client() as shop:
            async for extension in shop.extensions.list(limit=100):
                if (number := int(extension.extension_number)) >= FIRST_EXTENSION:
                    found.setdefault(number, []).append(extension)
        return found

    async def messages(self, senders: tuple[Sender, ...]) -> dict[str, int]:
        """Return how often each message was sent, by its tracking id."""
        found: dict[str, int] = {}
        async with self._client() as shop:
            for sender in senders:
                async for message in shop.zns.messages.list(oa_id=sender.oa_id, limit=100):
                    found[message.tracking_id] = found.get(message.tracking_id, 0) + 1
        return found

    def _client(self) -> ShopClient:
        return ShopClient(self.sandbox.shop_key, base_url=self.sandbox.base_url)


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


@asynccontextmanager
async def serving(seed: int, *, call_logs: int = 0) -> AsyncGenerator[Service]:
    """
    Run the service, without faults yet.

    Args:
        seed: Seed of the content and of the delays of the kills.
        call_logs: Calls of the shop.
    """
    async with Sandbox(seed=seed, allow_duplicates=True, call_logs=call_logs, zns_messages=0) as sandbox:
        service = Service(sandbox, seed)
        add = Journal.add

        def log(journal: Journal, *details: Any) -> Entry:
            entry = add(journal, *details)
            service.log(entry)
            return entry

        # The request is logged, and nothing else has happened with it yet.
        with mock.patch.object(Journal, "add", log):
            yield service
