"""
Kill the provisioning at random requests, continue it each time, and compare the shop with the roster.

What must hold in the end:

- no employee and no extension is there twice
- a new plan has nothing to do
- the file of credentials has the password of each created employee, and that of each extension
- a password that is `confirmed` is the one that was sent
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, cast
from unittest import mock

import attrs

from etelecom_async import ShopClient, provisioning
from etelecom_async.provisioning import CredentialsFile, PasswordState
from etelecom_async.sandbox.journal import Entry
from kills.killing import MOST_RUNS
from kills.provision_settings import FIRST_EXTENSION, ProvisionSettings
from kills.service import Service, faults, serving

CREATE_USER: Final = "shop.users.create"


@attrs.frozen(kw_only=True)
class ProvisionOptions:
    """What to do."""

    users: int
    kills: int
    seed: int = 1
    fault_share: float = 0.05
    """Share of the calls that get a fault."""
    late_seconds: float = 1.0
    """When the sandbox executes late calls, after it has ended their connection."""
    with_journal: bool = True
    """Whether each run continues the journal. Without it, calls are made twice: the control run."""


@attrs.define
class ProvisionOutcome:
    """What happened."""

    violations: list[str] = attrs.field(factory=list)
    killed: int = 0
    faults: Counter[str] = attrs.field(factory=Counter)
    twice: Counter[str] = attrs.field(factory=Counter)
    """Number of objects that are there more than once, by kind."""
    passwords: Counter[str] = attrs.field(factory=Counter)
    """Number of passwords by state."""


async def kill_provisioning(options: ProvisionOptions, folder: Path) -> ProvisionOutcome:
    """
    Run and kill the job, and check what it did.

    Args:
        options: What to do.
        folder: An empty folder for the files of the job.
    """
    outcome = ProvisionOutcome()
    requests = 2 * options.users
    numbers = Random(options.seed).sample(range(requests // 10, requests), options.kills)  # noqa: S311 - the same seed kills at the same requests
    async with (
        serving(options.seed) as service,
        ShopClient(service.sandbox.shop_key, base_url=service.sandbox.base_url) as shop,
    ):
        test = _Test(options, folder, service, shop, await _settings(options, folder, service, shop))
        started = len(service.logged)
        for fault in faults(options.seed, options.fault_share, options.late_seconds):
            service.sandbox.faults.add(fault)
        with mock.patch.object(Entry, "keep_body", test.keep_body(Entry.keep_body)):
            for number in sorted(numbers):
                await test.run(kill_at=started + number)
            await test.finish()
        await test.check(outcome)
    outcome.killed = len(service.killed)
    outcome.faults = Counter(fault for each in service.logged for fault in each.entry.faults)
    return outcome


async def _settings(
    options: ProvisionOptions, folder: Path, service: Service, shop: ShopClient
) -> ProvisionSettings:
    present = await provisioning.read_present(shop)
    hotlines = list(present.hotlines)
    return ProvisionSettings(
        base_url=service.sandbox.base_url,
        key=service.sandbox.shop_key,
        shop=present.shop,
        journal=str(folder / "team.journal"),
        credentials=str(folder / "team.credentials"),
        users=options.users,
        hotline_id=hotlines[0],
        present=tuple(
            (number, next(each for each in hotlines if each != extension.hotline_id))
            for number, extension in present.extensions.items()
        ),
        # Without its journal, a job cannot settle calls of an earlier run.
        settle_after=options.late_seconds * 1.1 if options.with_journal else None,
    )


class _Test:
    """The runs of the job, and the checks."""

    def __init__(
        self,
        options: ProvisionOptions,
        folder: Path,
        service: Service,
        shop: ShopClient,
        settings: ProvisionSettings,
    ) -> None:
        self._options = options
        self._folder = folder
        self._service = service
        self._shop = shop
        self._settings = settings
        self._sent: dict[str, set[str]] = {}
        """The passwords that were sent, by phone."""

    def keep_body(self, keep: Any) -> Any:
        """Return a method of the sandbox that also keeps the passwords of requests."""

        def keep_body(entry: Entry, body: Any) -> None:
            keep(entry, body)
            if entry.operation == CREATE_USER and isinstance(body, bytes):
                fields = cast("dict[str, str]", json.loads(body))
                self._sent.setdefault(fields["phone"], set()).add(fields["password"])

        return keep_body

    async def run(self, *, kill_at: int | None = None) -> Any:
        """Run the job in a process of its own; return its result, or `None` if it was killed."""
        service = self._service
        service.runs += 1
        settings = self._settings
        if not self._options.with_journal:
            settings = attrs.evolve(settings, journal=str(self._folder / f"{service.runs}.journal"))
        return await service.run_job("kills.provision_job", settings.encode(), kill_at=kill_at)

    async def finish(self) -> None:
        """Run the job to its end without kills."""
        for _ in range(MOST_RUNS if self._options.with_journal else 2):
            result = await self.run()
            if result["done"] == len(result["rows"]):
                break
        self._service.sandbox.faults.clear()
        self._service.sandbox.advance(timedelta(seconds=self._options.late_seconds))  # nothing is late now
        if self._options.with_journal:
            await self.run()

    async def check(self, outcome: ProvisionOutcome) -> None:
        """Compare the shop and the passwords with the roster."""
        present = await provisioning.read_present(self._shop)
        plan = provisioning.make_plan(self._settings.rows(), {present.shop: present})
        outcome.violations += [f"{change.key} is not done" for change in plan.changes]
        users = Counter([user.phone async for user in self._shop.users.list()])
        extensions = {each.id: each async for each in self._shop.extensions.list()}
        numbers = Counter(each.extension_number for each in extensions.values())
        outcome.twice["user"] = sum(count > 1 for count in users.values())
        outcome.twice["extension"] = sum(count > 1 for count in numbers.values())
        if self._options.with_journal:
            outcome.violations += [
                f"{name} are there twice" for name, count in outcome.twice.items() if count
            ]
        found = CredentialsFile.read(self._settings.credentials)
        outcome.passwords = Counter(each.state.value for each in found.values())
        by_phone = {each.phone: each for each in found.values() if each.extension_number is None}
        by_number = {each.extension_number: each for each in found.values()}
        for row in self._settings.rows()[len(self._settings.present) :]:
            login, phone = by_phone.get(cast("str", row.phone)), f"0{str(row.phone)[2:]}"
            if login is None or login.password.reveal() not in self._sent.get(phone, ()):
                outcome.violations.append(f"the password in row {row.row} is lost")
            elif login.state not in (PasswordState.CONFIRMED, PasswordState.UNCONFIRMED):
                outcome.violations.append(f"the password in row {row.row} is {login.state}")
            elif len(self._sent[phone]) != 1:
                outcome.violations.append(f"several passwords were sent for row {row.row}")
        for extension in extensions.values():
            number = int(extension.extension_number)
            line = by_number.get(number)
            if number >= FIRST_EXTENSION and (line is None or line.password != extension.extension_password):
                outcome.violations.append(f"the password of extension {number} is lost")
