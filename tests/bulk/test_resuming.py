"""A job that continues with steps in doubt: how many requests it makes before anything else."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

from etelecom_async import ShopClient, bulk
from etelecom_async.testing import Fault, sandbox

PAGE = 100


@pytest.mark.parametrize(("done", "doubtful"), [(3, 1), (3, 9), (230, 2), (230, 30)])
@pytest.mark.parametrize("is_lost", [False, True], ids=["executed", "lost"])
async def test_reads_of_a_resume(tmp_path: Path, done: int, doubtful: int, *, is_lost: bool) -> None:
    """With k steps in doubt, a run makes at most min(k, pages) + 1 reads, and no other request."""
    path = tmp_path / "job.journal"
    kind = "reset_before" if is_lost else "reset_after"
    create = "shop.extensions.create"
    async with (
        sandbox(call_logs=0, zns_messages=0, last_page="has_no_next") as service,
        ShopClient(service.shop_key, base_url=service.base_url, retries=0) as shop,
    ):
        (extension,) = await shop.extensions.list(limit=1).take(1)
        steps = [
            bulk.step(
                str(number),
                shop.extensions.create,
                hotline_id=extension.hotline_id,
                extension_number=number,
            )
            for number in range(100_000, 100_000 + done + doubtful)
        ]
        service.faults.add(Fault(kind=kind, operation=create, after=done, times=doubtful))
        for read in ("shop.extensions.list", "shop.extensions.get"):
            service.faults.add(Fault(kind="status", status=503, operation=read))
        report = await bulk.run(path, steps)
        assert report.counts == {bulk.State.DONE: done, bulk.State.UNKNOWN: doubtful}
        service.faults.clear()
        before = Counter(service.requests.counts)
        report = await bulk.run(path, steps)
        made = Counter(service.requests.counts) - before
        rows = len(await shop.extensions.list().collect())
        expected = bulk.State.UNKNOWN if is_lost else bulk.State.DONE
        assert report.counts[expected] >= doubtful
    assert rows == done + (0 if is_lost else doubtful) + 10
    assert made.total() <= min(doubtful, math.ceil(rows / PAGE)) + 1, made
    assert made[create] == 0


async def test_a_job_that_is_done(tmp_path: Path) -> None:
    """A job without anything left to do makes no request at all."""
    async with (
        sandbox(call_logs=0) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        user = bulk.step("Lan", shop.users.create, full_name="Lan", phone="0901234567", password="p4ssw0rd!")
        report = await bulk.run(tmp_path / "job.journal", [user])
        assert report.is_complete
        before = dict(service.requests.counts)
        assert (await bulk.run(tmp_path / "job.journal", [user])).is_complete
        assert service.requests.counts == before


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("is_executed", [True, False], ids=["executed", "ignored"])
async def test_change_that_changes_nothing(tmp_path: Path, retries: int, *, is_executed: bool) -> None:
    """A repeated change that changes nothing is done only if a read shows the state that it asks for."""
    assign = "shop.extensions.assign"
    async with (
        sandbox(call_logs=0) as service,
        ShopClient(service.shop_key, base_url=service.base_url, retries=retries) as shop,
    ):
        (extension,) = await shop.extensions.list(limit=1).take(1)
        user_ids = [user.user_id async for user in shop.users.list()]
        user_id = next(each for each in user_ids if each != extension.user_id)
        step = bulk.step("assign", shop.extensions.assign, extension_id=extension.id, user_id=user_id)
        kind = "reset_after" if is_executed else "reset_before"
        service.faults.add(Fault(kind=kind, operation=assign, times=1))
        if not is_executed:
            nothing = Fault(kind="status", status=200, content='{"updated": 0}', operation=assign)
            service.faults.add(nothing)
        report = await bulk.run(tmp_path / "job.journal", [step])
        (found,) = [each.user_id async for each in shop.extensions.list() if each.id == extension.id]
        assert (found == user_id) == is_executed
    state = bulk.State.DONE if is_executed else bulk.State.FAILED
    assert report.counts == {state: 1}, str(report)
