"""A plan is applied once, whatever breaks on the way, and each password is kept."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient, bulk, provisioning
from etelecom_async._core.secret import Secret
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.runner import Run
from etelecom_async.bulk.states import State
from etelecom_async.errors import ConfigurationError, InvalidRequestError, JournalError
from etelecom_async.models import Extension
from etelecom_async.provisioning import (
    Change,
    CredentialsFile,
    Kind,
    PasswordState,
    Plan,
    Result,
    RosterRow,
    applying,
    credentials,
    job_changes,
)
from etelecom_async.provisioning.password_keeping import PasswordKeeper
from etelecom_async.sandbox.services.pbx import users
from etelecom_async.testing import Fault, Sandbox, sandbox
from tests.test_secrecy import chain, locals_of_ours

PASSWORD = "Krypt0-passw0rd"
SETTLE = timedelta(seconds=0)


@attrs.define
class World:
    """A sandbox, a shop of it, and the files of a job."""

    service: Sandbox
    shop: ShopClient
    shop_id: str
    hotlines: list[str]
    folder: Path
    events: list[bulk.Ended | bulk.Waiting] = attrs.field(factory=list)

    @property
    def journal(self) -> Path:
        """The journal of the job."""
        return self.folder / "team.journal"

    @property
    def credentials(self) -> Path:
        """The file with its passwords."""
        return self.folder / "team.credentials"

    def rows(self, count: int, **more: Any) -> list[RosterRow]:
        """Rows with a new employee and a new extension each."""
        return [
            RosterRow(
                row=number + 2,
                shop=self.shop_id,
                full_name=f"Nhân Viên {number:02d}",
                phone=f"8490000{number:04d}",
                extension_number=5000 + number,
                **{"hotline": self.hotlines[0], **more},
            )
            for number in range(count)
        ]

    async def plan(self, rows: list[RosterRow], **more: Any) -> Plan:
        """Plan from the present state."""
        present = {self.shop_id: await provisioning.read_present(self.shop)}
        return provisioning.make_plan(rows, present, allow_large=True, **more)

    async def apply(self, plan: Any, **more: Any) -> Result:
        """Apply a plan."""
        return await provisioning.apply(
            plan,
            {self.shop_id: self.shop},
            journal=self.journal,
            credentials=self.credentials,
            on_event=self.events.append,
            **more,
        )

    async def roster(self, rows: list[RosterRow], **more: Any) -> Result:
        """Plan and apply."""
        return await self.apply(await self.plan(rows), **more)

    async def is_as(self, rows: list[RosterRow]) -> bool:
        """Whether a new plan has nothing to do."""
        return not (await self.plan(rows)).changes

    def passwords(self) -> dict[str, tuple[str, str]]:
        """Password and state by the keys."""
        found = CredentialsFile.read(self.credentials)
        return {key: (each.password.reveal(), each.state.value) for key, each in found.items()}

    def states(self) -> list[str]:
        """The states of all passwords, sorted."""
        return sorted(state for _, state in self.passwords().values())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give a sandbox, and a client that does not retry."""
    async with (
        sandbox(call_logs=0, extensions=1, users=1) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        shop = partner.for_shop(service.shop_key)
        present = await provisioning.read_present(shop)
        yield World(service, shop, present.shop, list(present.hotlines), tmp_path)


@attrs.frozen(kw_only=True)
class Small:
    """A plan made by hand."""

    changes: tuple[Change, ...]
    notes: tuple[provisioning.Note, ...] = ()


class TestWholeRun:
    """A plan is applied, and a second one has nothing to do."""

    async def test_users_and_extensions(self, world: World) -> None:
        """Everything is created once; logins and SIP passwords are those of the service."""
        rows = world.rows(3)
        rows[1] = attrs.evolve(rows[1], password=Secret(PASSWORD))
        result = await world.roster(rows)
        assert result.is_complete, result
        assert result.counts == {"done": 6, "failed": 0, "unknown": 0, "skipped": 0, "blocked": 0}
        assert [row.row for row in result.rows] == [2, 3, 4, 2, 3, 4]
        assert not any(row.reason for row in result.rows)
        assert await world.is_as(rows)
        listed = {each.extension_number: each async for each in world.shop.extensions.list()}
        found = CredentialsFile.read(world.credentials)
        logins = [each for each in found.values() if each.extension_number is None]
        lines = [each for each in found.values() if each.extension_number is not None]
        assert {each.state for each in found.values()} == {PasswordState.CONFIRMED}
        assert [(each.row, each.phone) for each in logins] == [(row.row, row.phone) for row in rows]
        assert logins[1].password.reveal() == PASSWORD
        assert len({each.password.reveal() for each in logins}) == 3
        for line in lines:
            extension = listed[str(line.extension_number)]
            assert (line.password, line.domain) == (extension.extension_password, extension.tenant_domain)
            assert line.softphone().sip_uri == f"sip:{line.extension_number}@{extension.tenant_domain}"
        assert {ended.state for ended in world.events if isinstance(ended, bulk.Ended)} == {State.DONE}

    async def test_all_kinds(self, world: World) -> None:
        """Extensions are moved, taken and given, in an order that works."""
        rows = world.rows(3)
        assert (await world.roster(rows)).is_complete
        moved = [
            attrs.evolve(rows[0], hotline=world.hotlines[1]),
            attrs.evolve(rows[1], extension_number=provisioning.UNASSIGN, hotline=None),
            attrs.evolve(rows[2], extension_number=5001),
        ]
        result = await world.roster(moved)
        assert result.is_complete, result
        assert await world.is_as(moved)
        assert result.counts["done"] == 9

    async def test_nothing_to_do(self, world: World) -> None:
        """A plan without changes makes no files; its notes are in the result."""
        note = provisioning.Note(kind=provisioning.NoteKind.CONFLICT, shop="7", text="No.")
        result = await world.apply(Small(changes=(), notes=(note,)))
        assert result.counts["failed"] == 1
        assert not world.journal.exists()
        assert not world.credentials.exists()


class TestResuming:
    """The same files continue the job."""

    async def test_same_plan(self, world: World) -> None:
        """A second run with the same plan makes nothing, and the result is the same."""
        rows = world.rows(2)
        await world.roster([attrs.evolve(rows[0], phone=None, full_name=None)])
        plan = await world.plan(rows)
        first = await world.apply(plan)
        assert first.is_complete
        before = world.passwords(), world.service.processed["shop.users.create"]
        assert await world.apply(plan) == first
        assert (world.passwords(), world.service.processed["shop.users.create"]) == before

    async def test_user_that_is_gone(self, world: World) -> None:
        """A user that the job has created, and the shop does not show, is not created again."""
        plan = await world.plan(world.rows(1))
        assert (await world.apply(plan)).is_complete
        records = (await Journal.read(world.journal)).records
        user = next(record for key, record in records.items() if "/user/" in key)
        world.service.users.delete(user.kept["id"])
        result = await world.apply(plan)
        assert result.counts == {"done": 1, "failed": 0, "unknown": 0, "skipped": 0, "blocked": 1}
        assert "the shop does not show it" in result.rows[0].reason

    async def test_list_that_cannot_be_read(self, world: World) -> None:
        """If the check of a create fails, its user is not called missing."""
        plan = await world.plan(world.rows(1))
        assert (await world.apply(plan)).is_complete
        world.service.faults.add(Fault(kind="status", status=403, body="json", operation="shop.users.list"))
        result = await world.apply(plan)
        assert result.counts == {"done": 1, "failed": 0, "unknown": 1, "skipped": 0, "blocked": 0}
        assert "could not be read" in result.rows[0].reason
        world.service.faults.clear()
        assert (await world.apply(plan)).is_complete

    async def test_more_rows(self, world: World) -> None:
        """A roster that has grown continues in the same files."""
        assert (await world.roster(world.rows(1))).is_complete
        result = await world.roster(world.rows(2))
        assert result.counts["done"] == 4
        assert result.is_complete
        assert world.service.processed["shop.users.create"] == 2

    async def test_corrected_rows(self, world: World) -> None:
        """A refused user has no password, so that of the corrected row counts."""
        world.service.faults.add(
            Fault(kind="status", status=400, body="json", operation="shop.users.create", times=1)
        )
        rows = [attrs.evolve(world.rows(1)[0], password=Secret("first-password"))]
        result = await world.roster(rows)
        assert result.counts["failed"] == 1, result
        assert result.counts["blocked"] == 1
        assert world.states() == ["planned"]
        rows = [attrs.evolve(rows[0], password=Secret(PASSWORD))]
        assert (await world.roster(rows)).is_complete
        (password, state), _ = world.passwords().values()
        assert (password, state) == (PASSWORD, "confirmed")

    async def test_whole_new_rows(self, world: World) -> None:
        """After a run that executed nothing, the corrected roster may have other phones and numbers only."""
        world.service.faults.add(
            Fault(kind="status", status=400, body="json", operation="shop.users.create", times=1)
        )
        first, second = world.rows(2)
        assert (await world.roster([first])).counts["failed"] == 1
        result = await world.roster([second])
        assert result.is_complete, result
        assert result.counts["done"] == 2

    async def test_journal_of_another_kind(self, world: World) -> None:
        """The journal of a job without a roster is not replaced, even if it has executed nothing."""
        other = bulk.step("message", world.shop.users.create, full_name="Lan", phone="0901", password="a")
        world.service.faults.add(
            Fault(kind="status", status=400, body="json", operation="shop.users.create", times=1)
        )
        await bulk.run(world.journal, [other])
        with pytest.raises(JournalError, match="is the journal of another job"):
            await world.roster(world.rows(1))

    async def test_status(self, world: World) -> None:
        """The result can be read from the files, also by another process."""
        result = await world.roster(world.rows(2))
        assert await provisioning.read_result(world.journal) == result
        with pytest.raises(JournalError, match="does not exist"):
            await provisioning.read_result(world.folder / "none")
        job_changes.path_of(world.journal).unlink()
        with pytest.raises(JournalError, match=r"team\.journal\.changes is lost"):
            await provisioning.read_result(world.journal)


class TestDoubt:
    """Responses get lost; the files say what is certain."""

    async def test_user_that_is_found(self, world: World) -> None:
        """A user that was found by the phone is done, but the password is not confirmed."""
        world.service.faults.add(Fault(kind="reset_after", operation="shop.users.create", times=1))
        rows = world.rows(1)
        result = await world.roster(rows)
        assert result.is_complete, result
        assert "found by its phone" in result.rows[0].reason
        assert world.states() == ["confirmed", "unconfirmed"]
        again = await world.roster(rows)
        assert again.rows == result.rows

    async def test_extension_that_is_found(self, world: World) -> None:
        """The password comes from the list."""
        world.service.faults.add(Fault(kind="reset_after", operation="shop.extensions.create", times=1))
        result = await world.roster(world.rows(1))
        assert result.is_complete, result
        assert world.states() == ["confirmed", "confirmed"]

    async def test_create_that_is_repeated(self, world: World) -> None:
        """A create that never arrived is repeated with the same password, and then is confirmed."""
        world.service.faults.add(Fault(kind="reset_before", operation="shop.users.create", times=1))
        rows = world.rows(1)
        result = await world.roster(rows)
        assert (result.counts["unknown"], result.counts["blocked"]) == (1, 1), result
        ((password, state),) = world.passwords().values()
        assert state == "sent"
        rows = [attrs.evolve(rows[0], password=Secret("another-password"))]
        result = await world.roster(rows, settle_after=SETTLE)
        assert result.is_complete, result
        assert (password, "confirmed") in world.passwords().values()
        assert world.service.processed["shop.users.create"] == 1

    async def test_killed_between_response_and_journal(self, world: World) -> None:
        """A user whose response had come stays confirmed, although the journal has no outcome."""
        plan = await world.plan(world.rows(1))
        outcome = Journal.outcome

        async def fail(journal: Journal, key: str, state: State, **more: Any) -> None:
            if state is State.DONE:
                raise JournalError("the process ends.")
            await outcome(journal, key, state, **more)

        with mock.patch.object(Journal, "outcome", fail), pytest.raises(JournalError, match="process ends"):
            await world.apply(plan)
        assert world.states() == ["confirmed"]
        assert (await Journal.read(world.journal)).records[plan.changes[0].key].state is State.STARTED
        result = await world.roster(world.rows(1))
        assert result.is_complete, result
        assert world.states() == ["confirmed", "confirmed"]
        assert world.service.processed["shop.users.create"] == 1

    async def test_killed_before_the_read_back_was_kept(self, world: World) -> None:
        """A user that is done, and whose password is only "sent", was found by a read-back."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        key = next(key for key in world.passwords() if "/user/" in key)
        with CredentialsFile.open(world.credentials) as file:
            file.mark(key, PasswordState.SENT)
        await world.roster(rows)
        assert world.passwords()[key][1] == "unconfirmed"

    async def test_state_that_is_there_already(self, world: World) -> None:
        """If somebody else has made the change meanwhile, it is done."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        moved = [attrs.evolve(rows[0], hotline=world.hotlines[1])]
        plan = await world.plan(moved)
        (move,) = plan.changes
        await world.shop.extensions.change_hotline(
            extension_id=move.extension_id, hotline_id=world.hotlines[1]
        )
        assert (await world.apply(plan)).is_complete

    async def test_change_that_somebody_undid(self, world: World) -> None:
        """A new plan makes it again in the same job; the result has it once."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        moved = [attrs.evolve(rows[0], hotline=world.hotlines[1])]
        for _ in range(3):
            result = await world.roster(moved)
            assert result.is_complete
            assert result.counts["done"] == 3
            assert await world.is_as(moved)
            plan = await world.plan(rows)
            await world.shop.extensions.change_hotline(
                extension_id=plan.changes[0].extension_id, hotline_id=world.hotlines[0]
            )
        assert world.service.processed["shop.extensions.change_hotline"] == 6

    @pytest.mark.parametrize("is_undone", [True, False])
    async def test_change_that_nobody_asks_for_any_more(self, world: World, *, is_undone: bool) -> None:
        """A move in doubt is not repeated if the new plan has no such move: somebody may have undone it."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        moved = [attrs.evolve(rows[0], hotline=world.hotlines[1])]
        (move,) = (await world.plan(moved)).changes
        fails = mock.AsyncMock(side_effect=JournalError("the process ends."))
        with mock.patch.object(Journal, "outcome", fails), pytest.raises(JournalError):
            await world.roster(moved)
        if is_undone:
            await world.shop.extensions.change_hotline(
                extension_id=move.extension_id, hotline_id=world.hotlines[0]
            )
        now = rows if is_undone else moved
        calls = world.service.processed["shop.extensions.change_hotline"]
        result = await world.roster(now)
        assert result.is_complete is not is_undone
        if is_undone:
            assert "the new plan does not ask for it" in result.rows[-1].reason
            assert (await world.roster(now)).is_complete
        assert world.service.processed["shop.extensions.change_hotline"] == calls
        assert await world.is_as(now)

    async def test_other_change_of_the_same_extension(self, world: World) -> None:
        """If the new plan asks for another move, only that is made, and counts."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        third = world.service.hotlines.add(hotline="02838221234")
        moved = [[attrs.evolve(rows[0], hotline=each)] for each in (world.hotlines[1], third.id)]
        world.service.faults.add(
            Fault(kind="reset_before", operation="shop.extensions.change_hotline", times=9)
        )
        assert (await world.roster(moved[0])).counts["unknown"] == 1
        world.service.faults.clear()
        result = await world.roster(moved[1])
        assert result.is_complete, result
        assert result.counts["done"] == 3
        assert await world.is_as(moved[1])
        assert world.service.processed["shop.extensions.change_hotline"] == 1


class TestPasswordsOfExtensions:
    """They come from the response, or later from the list."""

    async def test_response_that_was_not_kept(self, world: World) -> None:
        """Passwords that the file lacks are read from the list; if that fails, the result says so."""
        rows = world.rows(2)
        assert (await world.roster(rows)).is_complete
        lines = world.credentials.read_bytes().splitlines(keepends=True)
        world.credentials.write_bytes(b"".join(line for line in lines if b"/extension/" not in line))
        plan = Small(changes=())
        world.service.faults.add(
            Fault(kind="status", status=400, body="json", operation="shop.extensions.list", times=1)
        )
        result = await world.apply(plan)
        assert result.is_complete
        reasons = [row.reason for row in result.rows]
        assert reasons == ["", "", *["The extension's password could not be read. Run the job again."] * 2]
        result = await world.apply(plan)
        assert not any(row.reason for row in result.rows)
        assert world.states() == ["confirmed"] * 4

    async def test_response_without_password(self, world: World) -> None:
        """A response without a password is no reason to fail: the list has it."""
        keep = PasswordKeeper._keep_extension
        seen: list[Extension] = []

        def without(keeper: PasswordKeeper, change: Change, extension: Extension) -> None:
            seen.append(extension)
            password = None if len(seen) < 3 else extension.extension_password
            keep(keeper, change, attrs.evolve(extension, extension_password=password))

        with mock.patch.object(PasswordKeeper, "_keep_extension", without):
            result = await world.roster(world.rows(1))
        assert len(seen) == 3
        assert result.is_complete
        assert world.states() == ["confirmed", "confirmed"]


class TestOrder:
    """Each password is on the disk before its call leaves."""

    async def test_password_before_the_call(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """When a create arrives, the file has its password, marked as sent."""
        found: list[tuple[str, bool]] = []
        original = users.add_user

        def add_user(*args: Any, **fields: Any) -> Any:
            lines = [json.loads(line) for line in world.credentials.read_text().splitlines()[1:]]
            last = {line["phone"]: line["state"] for line in lines if "phone" in line}
            found.append((fields["phone"], last["84" + fields["phone"][1:]] == "sent"))
            return original(*args, **fields)

        monkeypatch.setattr(users, "add_user", add_user)
        assert (await world.roster(world.rows(5))).is_complete
        assert sorted(found) == [(f"090000{number:04d}", True) for number in range(5)]

    async def test_full_disk(self, world: World) -> None:
        """If a password cannot be written, nothing is sent; and no error shows one."""
        plan = await world.plan([attrs.evolve(world.rows(1)[0], password=Secret(PASSWORD))])

        class Full(io.FileIO):
            def write(self, _data: Any) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        with (
            mock.patch.object(credentials, "FileIO", Full),
            pytest.raises(JournalError, match="No space left on device") as caught,
        ):
            await world.apply(plan)
        assert PASSWORD not in "".join([*locals_of_ours(caught.value), *map(repr, chain(caught.value))])
        assert not world.journal.exists()
        assert "shop.users.create" not in world.service.processed
        assert (await world.apply(plan)).is_complete

    async def test_no_secret_in_the_journal(self, world: World) -> None:
        """No password is in any other file than that of the credentials, and no phone in the journal."""
        rows = [attrs.evolve(world.rows(1)[0], password=Secret(PASSWORD))]
        result = await world.roster(rows)
        secret = [password for password, _ in world.passwords().values()]
        result.write(world.folder / "result.json")
        for file in world.folder.iterdir():
            content = file.read_bytes()
            for password in secret:
                assert (password.encode() in content) == (file == world.credentials), file
            if not file.name.endswith((".changes", ".credentials")):
                assert b"84900000000" not in content, file
                assert b"0900000000" not in content, file
        for event in world.events:
            assert PASSWORD not in f"{event!r}{event.to_dict()}"


class TestRefusals:
    """Wrong plans and files are refused before anything is sent."""

    async def test_wrong_plans(self, world: World) -> None:
        """All problems come together."""
        made = Small(
            changes=(
                Change(kind=Kind.CREATE_USER, key="u", shop=world.shop_id, phone="84900000000"),
                Change(kind=Kind.CREATE_EXTENSION, key="e", shop=world.shop_id, hotline_id="1"),
                Change(kind=Kind.ASSIGN, key="a", shop=world.shop_id, user_key="none", extension_id="1"),
                Change(kind=Kind.UNASSIGN, key="n", shop=world.shop_id, extension_id="1", after=("gone",)),
                Change(kind=Kind.MOVE, key="m", shop=world.shop_id, hotline_id="1"),
            )
        )
        with pytest.raises(InvalidRequestError) as caught:
            await world.apply(made)
        assert caught.value.problems == (
            "change 'u' has no full_name",
            "change 'e' has no extension_number",
            "change 'a' needs 'none', which is not in the plan",
            "change 'm' has no extension_id",
            "change 'n' comes after 'gone', which is not in the plan",
        )
        many = tuple(Change(kind=Kind.MOVE, key=f"{number}", shop=world.shop_id) for number in range(11))
        with pytest.raises(InvalidRequestError, match="and 2 more"):
            await world.apply(Small(changes=many))
        assert not world.journal.exists()

    async def test_shop_without_client(self, world: World) -> None:
        """The error names the shops."""
        changes = tuple(Change(kind=Kind.MOVE, key=f"{n}", shop=f"shop {n}") for n in range(22))
        with pytest.raises(InvalidRequestError, match=r"lacks the clients of shop 0, .* and 2 more"):
            await world.apply(Small(changes=changes))
        with pytest.raises(InvalidRequestError, match=r"lacks the clients of shop 0\.$"):
            await world.apply(Small(changes=changes[:1]))

    async def test_settle_after(self, world: World) -> None:
        """A negative time is refused."""
        with pytest.raises(ConfigurationError, match="positive timedelta"):
            await world.apply(Small(changes=()), settle_after=timedelta(seconds=-1))

    async def test_lost_credentials(self, world: World) -> None:
        """Without the passwords of its users, a job cannot continue."""
        rows = world.rows(1)
        assert (await world.roster(rows)).is_complete
        world.credentials.unlink()
        with pytest.raises(JournalError, match="lacks the passwords of 1 users"):
            await world.roster(rows)

    async def test_two_runs_at_once(self, world: World) -> None:
        """A second run with the same journal is refused while the first one runs, and changes no file."""
        plan = await world.plan(world.rows(3))
        refused: list[JournalError] = []

        async def second(_event: object) -> None:
            try:
                await provisioning.apply(
                    plan,
                    {world.shop_id: world.shop},
                    journal=world.journal,
                    credentials=world.folder / "other",
                )
            except JournalError as error:
                refused.append(error)

        tasks: list[asyncio.Task[None]] = []
        await provisioning.apply(
            plan,
            {world.shop_id: world.shop},
            journal=world.journal,
            credentials=world.credentials,
            on_event=lambda event: tasks.append(asyncio.create_task(second(event))),
        )
        await asyncio.gather(*tasks)
        assert refused
        assert all("is in use" in error.message for error in refused)
        assert not (world.folder / "other").exists()

    async def test_cancelled_while_it_prepares(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Steps are prepared in a thread. A cancelled task keeps the files until the thread has ended."""
        plan, loop = await world.plan(world.rows(1)), threading.get_ident()
        started, may_end = threading.Event(), threading.Event()

        def prepare(*_: Any) -> None:
            assert threading.get_ident() != loop
            started.set()
            assert may_end.wait(20)
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(applying, "steps_of", prepare)
            running = asyncio.ensure_future(world.apply(plan))
            assert await asyncio.to_thread(started.wait, 20)
            running.cancel()
            with pytest.raises(JournalError, match="is in use"):
                await world.apply(plan)
            may_end.set()
            with pytest.raises(asyncio.CancelledError):
                await running
        assert not world.journal.exists()
        assert (await world.apply(plan)).is_complete

    async def test_interrupted(self, world: World) -> None:
        """However a run ends, the files are free for the next one."""
        plan = await world.plan(world.rows(3))

        with (
            mock.patch.object(Run, "__await__", side_effect=KeyboardInterrupt),
            pytest.raises(KeyboardInterrupt),
        ):
            await world.apply(plan)
        assert (await world.apply(plan)).is_complete

    async def test_foreign_numbers(self, world: World) -> None:
        """A foreign phone number is sent as it is."""
        rows = [attrs.evolve(world.rows(1)[0], phone="+12125550123")]
        assert (await world.roster(rows)).is_complete
        assert "+12125550123" in {each.phone async for each in world.shop.users.list()}
        assert job_changes.read(job_changes.path_of(world.journal))
