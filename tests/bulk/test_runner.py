"""A run makes each step once, tells of each, and leaves a journal that another run continues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient, bulk
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.options import RunOptions
from etelecom_async.bulk.schedule import Schedule
from etelecom_async.bulk.states import State
from etelecom_async.bulk.store import Store
from etelecom_async.errors import ConfigurationError, InvalidRequestError, JournalError
from etelecom_async.testing import Sandbox, sandbox
from tests.test_secrecy import KEY, PASSWORD, PHONE, all_of, chain, leaks, locals_of_ours, numbers, text_forms

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply

USER: dict[str, Any] = {"full_name": "Lan", "phone": "0901234567", "password": "one-time"}


@attrs.define
class World:
    """A sandbox, a shop of it, and the journal of a job."""

    service: Sandbox
    shop: ShopClient
    hotline_id: str
    path: Path

    def team(self, count: int, first: int = 3001) -> list[bulk.Step[Any]]:
        """Steps that create extensions with these numbers."""
        create = self.shop.extensions.create
        return [
            bulk.step(f"extension {number}", create, hotline_id=self.hotline_id, extension_number=number)
            for number in range(first, first + count)
        ]

    @property
    def created(self) -> int:
        """How many extensions were created."""
        return self.service.processed.get("shop.extensions.create", 0)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give a sandbox, and a client that does not retry."""
    async with (
        sandbox(call_logs=0, extensions=1, users=1) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        shop = partner.for_shop(service.shop_key)
        known = await anext(aiter(shop.extensions.list()))
        yield World(service, shop, known.hotline_id, tmp_path / "job.journal")


def states(report: bulk.Report) -> dict[str, int]:
    """The counts of a report as texts."""
    return {state.value: count for state, count in report.counts.items()}


class TestWholeRun:
    """Steps run, and another run of the same job repeats none."""

    async def test_steps_and_their_dependencies(self, world: World) -> None:
        """A step gets the values of earlier results; each step is told of once, in an order that fits."""
        user = bulk.step("user", world.shop.users.create, **USER)
        (extension,) = world.team(1)
        assign = bulk.step(
            "assign",
            world.shop.extensions.assign,
            extension_id=extension.result.id,
            user_id=user.result.id,
        )
        ends: list[bulk.Ended] = []
        async with bulk.run(world.path, [assign, user, extension]) as run:
            ends += [ended async for ended in run]
            assert [ended.key for ended in ends][-1] == "assign"
            assert run.report.is_complete
        assert states(run.report) == {"done": 3}
        assert ends[-1].state is State.DONE
        (extension_now,) = [
            each for each in await world.shop.extensions.list().collect() if each.extension_number == "3001"
        ]
        results = {ended.key: ended.result for ended in ends}
        assert extension_now.user_id == results["user"].user_id
        assert extension_now.id == results["extension 3001"].id

    async def test_state_that_is_there_already(self, world: World) -> None:
        """A call that changes nothing fails; a program may say that only the state counts."""
        shop = world.shop
        user = await shop.users.create(**USER)
        extension = await shop.extensions.create(hotline_id=world.hotline_id, extension_number=3001)
        fields = {"extension_id": extension.id, "user_id": user.id}
        assert (await shop.extensions.assign(**fields)).updated == 1
        assign = bulk.step("assign", shop.extensions.assign, **fields)
        assert states(await bulk.run(world.path, [assign])) == {"failed": 1}
        options = RunOptions(unchanged_is_done=True)
        assert states(await bulk.Run(world.path, [assign], options, None)) == {"done": 1}

    async def test_again(self, world: World) -> None:
        """Steps that are done are not made again, nor told of again; added steps run."""
        report = await bulk.run(world.path, world.team(3), meta={"file": "team.csv"})
        assert states(report) == {"done": 3}
        async with bulk.run(world.path, world.team(5)) as run:
            assert [ended.key async for ended in run] == ["extension 3004", "extension 3005"]
        assert states(run.report) == {"done": 5}
        assert world.created == 5
        assert (await Journal.read(world.path)).meta == {"file": "team.csv"}

    async def test_no_lock_is_left(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A failure between opening the journal and the block closes the journal again."""
        with monkeypatch.context() as patch:
            patch.setattr(Schedule, "__init__", None)
            with pytest.raises(TypeError):
                await bulk.run(world.path, world.team(1))
        assert (await bulk.run(world.path, world.team(1))).is_complete

    async def test_a_run_is_used_once(self, world: World) -> None:
        """A second use would wait for ever, so it is refused; so is a report without a start."""
        run = bulk.run(world.path, world.team(1))
        with pytest.raises(ConfigurationError, match="has not started"):
            _ = run.report
        await run
        with pytest.raises(ConfigurationError, match="used once"):
            await run
        await bulk.run(world.path, world.team(1))

    async def test_two_loops(self, world: World) -> None:
        """A second loop in the block goes on where the first one was left; a third one ends at once."""
        async with bulk.run(world.path, world.team(4)) as run:
            async for _ in run:
                break
            assert len([ended async for ended in run]) == 3
            assert [ended async for ended in run] == []

    async def test_wrong_steps(self, world: World) -> None:
        """Nothing is written and nothing is sent."""
        with pytest.raises(InvalidRequestError, match="steps have this key"):
            await bulk.run(world.path, [*world.team(1), *world.team(1)])
        assert not world.path.exists()
        with pytest.raises(ConfigurationError, match="positive"):
            bulk.run(world.path, world.team(1), settle_after=timedelta(seconds=-1))

    async def test_journal_in_use(self, world: World) -> None:
        """A second run of the same journal is refused while the block of the first one lasts."""
        async with bulk.run(world.path, world.team(1)):
            with pytest.raises(JournalError, match="is in use"):
                await bulk.run(world.path, world.team(1))
        assert states(await bulk.run(world.path, world.team(1))) == {"done": 1}


class TestEarlyEnd:
    """However a block ends, calls in flight end first, the journal is free, and another run continues."""

    async def goes_on(self, world: World, count: int) -> None:
        """Run the job again; in the end each extension was created once."""
        assert states(await bulk.run(world.path, world.team(count))) == {"done": count}
        assert world.created == count

    async def test_loop_is_left(self, world: World) -> None:
        """Nothing new starts after the block."""
        shop = world.shop.with_options(concurrency=1)
        world.shop = shop
        async with bulk.run(world.path, world.team(50)) as run:
            async for _ in run:
                break
        assert "left before the end" in run.report.stopped
        done = states(run.report)
        assert done["done"] == world.created < 50
        assert done["planned"] == 50 - world.created
        await self.goes_on(world, 50)

    async def test_block_raises(self, world: World) -> None:
        """The error of the block comes out as it is."""

        async def job() -> None:
            async with bulk.run(world.path, world.team(50)) as run:
                async for _ in run:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await job()
        await self.goes_on(world, 50)

    async def test_block_without_a_loop(self, world: World) -> None:
        """Without a loop, nothing starts."""
        async with bulk.run(world.path, world.team(2)) as run:
            pass
        assert states(run.report) == {"planned": 2}
        await self.goes_on(world, 2)

    async def test_cancelled(self, world: World) -> None:
        """A cancelled block lets the calls in flight end, and stays cancelled."""
        started = asyncio.Event()
        reports: list[bulk.Report] = []

        async def job() -> None:
            run = bulk.run(world.path, world.team(200))
            try:
                async with run:
                    async for _ in run:
                        started.set()
            finally:
                reports.append(run.report)

        task = asyncio.create_task(job())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "started" not in states(reports[0])
        await self.goes_on(world, 200)

    async def test_journal_fails(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a journal nothing more is sent; the loop raises it, and the next run continues."""
        write, writes = Store.write, [0]

        def fail(store: Store, given: Any) -> None:
            writes[0] += 1
            if writes[0] > 3:
                raise JournalError("the disk is full: free some space.")
            write(store, given)

        monkeypatch.setattr(Store, "write", fail)
        world.shop = world.shop.with_options(concurrency=2)
        run = bulk.run(world.path, world.team(20))
        with pytest.raises(JournalError, match="the disk is full"):
            await run
        sent = world.created
        assert sent < 20
        assert "the disk is full" in run.report.stopped
        monkeypatch.undo()
        await self.goes_on(world, 20)

    async def test_failure_after_the_loop(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A failure that no loop has seen is raised at the end of the block."""

        def fail(_: Store, __: Any) -> None:
            raise JournalError("the disk is full: free some space.")

        async def job() -> None:
            async with bulk.run(world.path, world.team(20)) as run:
                async for _ in run:
                    monkeypatch.setattr(Store, "write", fail)
                    break

        world.shop = world.shop.with_options(concurrency=1)
        with pytest.raises(JournalError, match="the disk is full"):
            await job()
        monkeypatch.undo()
        report = await bulk.run(world.path, world.team(20))
        assert states(report) == {"done": 20}
        assert world.created == 20

    async def test_failure_that_was_handled(self, world: World) -> None:
        """A failure that the loop has raised is not raised again at the end of the block."""

        def fail(event: object) -> None:
            raise ZeroDivisionError(event)

        async with bulk.run(world.path, world.team(1), on_event=fail) as run:
            with pytest.raises(ZeroDivisionError):
                await anext(run)
            assert await anext(run, None) is None
        await self.goes_on(world, 1)

    async def test_wrong_hook(self, world: World) -> None:
        """An error of the caller's own function stops the run, and comes out."""

        def fail(event: object) -> None:
            raise ZeroDivisionError(event)

        run = bulk.run(world.path, world.team(3), on_event=fail)
        with pytest.raises(ZeroDivisionError):
            await run
        assert run.report.stopped == "ZeroDivisionError was raised."
        await self.goes_on(world, 3)


class TestSecrecy:
    """No frame of the SDK, no text and no log shows a key, a password or a phone number."""

    @pytest.fixture
    async def user(self, peer: Peer) -> AsyncIterator[bulk.Step[Any]]:
        """A step with a canary of each kind; the server repeats all of its request."""

        def echo(asked: Asked) -> Reply:
            if b"full_name" not in asked.body:
                return peer.json({})
            text = f"{asked.body.decode()} {asked.headers['authorization']}"
            return peer.json({"code": "invalid_argument", "msg": text}, 400)

        peer.always = echo
        async with ShopClient(KEY, base_url=peer.base_url, retries=0) as shop:
            yield bulk.step("user", shop.users.create, full_name="Lan", phone=PHONE, password=PASSWORD)

    @staticmethod
    def shown(error: BaseException) -> str:
        """What an error tracker sends of an error."""
        texts = [text for link in chain(error) for text in locals_of_ours(link)]
        return "\n".join([text_forms(error), *texts])

    def check(self, error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
        """Check an error, its frames, and the log."""
        text = f"{self.shown(error)}\n{all_of(caplog)}"
        assert (leaks(text), numbers(text)) == ([], [])

    async def test_refused_step(
        self, user: bulk.Step[Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The error of a step, as the loop gets it, and the report."""
        caplog.set_level(0)
        async with bulk.run(tmp_path / "job", [user]) as run:
            ends = [ended async for ended in run]
        error = ends[0].error
        assert error is not None
        self.check(error, caplog)
        text = f"{ends} {run.report} {run.report!r} {run.report.to_dict()} {ends[0].to_dict()} {run!r}"
        assert (leaks(text), numbers(text)) == ([], [])
        assert "Lan" not in text

    async def test_wrong_steps(
        self, user: bulk.Step[Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Errors of the plan, of the options, and of a journal that is in use."""
        with pytest.raises(InvalidRequestError) as repeated:
            await bulk.run(tmp_path / "job", [user, user])
        with pytest.raises(ConfigurationError) as negative:
            bulk.run(tmp_path / "job", [user], settle_after=timedelta(seconds=-1))
        async with bulk.run(tmp_path / "job", [user]):
            with pytest.raises(JournalError) as in_use:
                await bulk.run(tmp_path / "job", [user])
        for caught in (repeated, negative, in_use):
            self.check(caught.value, caplog)

    @pytest.mark.parametrize("raised", [JournalError("no"), ZeroDivisionError()], ids=repr)
    async def test_stopped_run(
        self,
        user: bulk.Step[Any],
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        raised: Exception,
    ) -> None:
        """Errors that stop a run in the middle of a step."""

        def fail(_: object) -> None:
            raise raised

        async def loop() -> None:
            async with bulk.run(tmp_path / "job", [user], on_event=fail) as run:
                async for _ in run:
                    pass

        async def awaited() -> None:
            await bulk.run(tmp_path / "job", [user], on_event=fail)

        for form in (loop, awaited):
            with pytest.raises(type(raised)) as caught:
                await form()
            self.check(caught.value, caplog)

    async def test_cancelled_run(
        self, user: bulk.Step[Any], peer: Peer, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A run that is cancelled at once, twice, with a call in flight; the journal is free afterwards."""
        peer.always = lambda asked: peer.HANG if b"full_name" in asked.body else peer.json({})

        async def job() -> None:
            await bulk.run(tmp_path / "job", [user])

        task = asyncio.create_task(job())
        await peer.until(2)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        self.check(caught.value, caplog)
        async with bulk.run(tmp_path / "job", [user]) as run:
            assert states(run.report) == {"started": 1}
