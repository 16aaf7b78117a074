"""A report is one whole file about the calls of a span."""

from __future__ import annotations

import asyncio
import io
import os
import re
import stat
import sys
import tempfile
import threading
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import ShopClient, errors, history, times
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history import report_figures
from etelecom_async.history.report_page import page
from etelecom_async.history.report_sections import Heading
from etelecom_async.history.reporting import in_thread
from etelecom_async.history.spans import Span
from etelecom_async.testing import Fault, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from etelecom_async.sandbox import Sandbox

TODAY = times.day("today").begin
SINCE, UNTIL = TODAY - timedelta(days=40), TODAY + timedelta(days=1)
LIST = "shop.call_logs.list"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@asynccontextmanager
async def service_and_shop(
    key: str = "shop_key", **options: Any
) -> AsyncIterator[tuple[Sandbox, ShopClient]]:
    """Start a sandbox and a client of its shop that does not retry."""
    async with (
        sandbox(**options) as service,
        ShopClient(getattr(service, key), base_url=service.base_url, retries=0) as shop,
    ):
        yield service, shop


def names(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_report(tmp_path: Path) -> None:
    """The page has the name of the shop, the names of the employees, and the counts of a plain list."""
    file = tmp_path / "week.html"
    async with service_and_shop(call_logs=120) as (_, shop):
        done = await history.report(shop, file, SINCE, UNTIL)
        listed = await shop.call_logs.list().collect()
        name = (await shop.current()).name
        users = {user.id: user.full_name async for user in shop.users.list()}
    html = file.read_text(encoding="utf-8")
    missed = [call for call in listed if call.direction == "in" and call.call_state == "not_answered"]
    assert (done.calls, done.missed, done.size) == (len(listed), len(missed), file.stat().st_size)
    assert 0 < done.not_returned <= done.missed
    assert (done.requests > 1, done.hotline_requests) == (True, 0)
    assert name in html
    active = {call.user_id for call in listed if call.user_id in users}
    assert active
    assert all(users[user] in html for user in active)
    assert done.to_dict()["calls"] == len(listed)
    assert "recording" not in html
    assert names(tmp_path) == ["week.html"]


async def test_key_without_names(tmp_path: Path) -> None:
    """With a key that may not read names, the page has ids, and says so."""
    file = tmp_path / "week.html"
    async with service_and_shop("shop_api_key", call_logs=60) as (service, shop):
        await history.report(shop, file, SINCE, UNTIL, language="vi")
        account = service.shop_api_key.partition(":")[0]
        users = [call.user_id async for call in shop.call_logs.list() if call.user_id not in ("", "0")]
    html = file.read_text(encoding="utf-8")
    assert f"<h1>{account}</h1>" in html
    assert users[0] in html
    assert "Không đọc được tên nhân viên" in html


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_hotlines(tmp_path: Path) -> None:
    """With hotlines, each call is counted for the hotline whose list has it."""
    async with service_and_shop(call_logs=60) as (_, shop):
        hotlines = await shop.hotlines.list().collect()
        done = await history.report(shop, tmp_path / "a.html", SINCE, UNTIL, hotlines=True)
        given = await history.report(shop, tmp_path / "b.html", SINCE, UNTIL, hotlines=hotlines)
        counts = {
            hotline.hotline: len([
                call
                async for call in shop.call_logs.list(hotline_ids=[hotline.id])
                if call.direction == "in"
            ])
            for hotline in hotlines
        }  # fmt: skip
    assert done.requests > done.hotline_requests > given.hotline_requests > 0
    for name in ("a.html", "b.html"):
        html = (tmp_path / name).read_text(encoding="utf-8")
        for number, count in counts.items():
            assert re.search(rf'<th scope="row">[^<]*{number}</th><td>{count}</td>', html)


async def test_numbers(tmp_path: Path) -> None:
    """Phone numbers are in the page only when the caller asks for them."""
    async with service_and_shop(call_logs=120) as (_, shop):
        await history.report(shop, tmp_path / "a.html", SINCE, UNTIL)
        await history.report(shop, tmp_path / "b.html", SINCE, UNTIL, reveal_numbers=True)
    hidden, shown = ((tmp_path / name).read_text(encoding="utf-8") for name in ("a.html", "b.html"))
    mobile = r"(?<!\d)(?:84|0)[35789]\d{8}(?!\d)"
    assert re.search(mobile, shown)
    assert not re.search(mobile, hidden)


async def test_stream() -> None:
    """A stream gets the whole page, and stays open."""
    stream = io.BytesIO()
    async with service_and_shop(call_logs=20) as (_, shop):
        done = await history.report(shop, stream, SINCE, UNTIL, service_level=7.5)
    text = stream.getvalue().decode()
    assert len(stream.getvalue()) == done.size
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")
    assert "answered within 7.5 s" in text


async def test_no_calls(tmp_path: Path) -> None:
    """A span without calls gives a page, too."""
    async with service_and_shop(call_logs=0) as (_, shop):
        done = await history.report(shop, tmp_path / "a.html", "-7d", "today")
    assert (done.calls, done.missed, done.not_returned) == (0, 0, 0)
    assert "There are no calls" in (tmp_path / "a.html").read_text(encoding="utf-8")


async def test_progress(tmp_path: Path) -> None:
    """The caller sees how far the report is."""
    seen: list[tuple[str, int]] = []
    async with service_and_shop(call_logs=60) as (_, shop):
        done = await history.report(
            shop, tmp_path / "a.html", SINCE, UNTIL, limit=10,
            on_progress=lambda stage, progress: seen.append((stage, progress.rows)),
        )  # fmt: skip
    assert seen[-1] == ("calls", done.calls)


@posix
async def test_mode(tmp_path: Path) -> None:
    """Only the owner can read a new page; a page that replaces another one keeps its mode."""
    file = tmp_path / "a.html"
    async with service_and_shop(call_logs=10) as (_, shop):
        await history.report(shop, file, SINCE, UNTIL)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
        await history.report(shop, file, SINCE, UNTIL, language="vi")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert "Báo cáo" in file.read_text(encoding="utf-8")


async def test_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure the old page is as it was, and the folder of the calls is deleted."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    file = tmp_path / "a.html"
    file.write_text("old", encoding="utf-8")
    async with service_and_shop(call_logs=60) as (service, shop):
        service.faults.add(Fault(kind="status", status=400, code="invalid_argument", operation=LIST, after=3))
        with pytest.raises(errors.InvalidArgumentError):
            await history.report(shop, file, SINCE, UNTIL, limit=5)
    assert file.read_text(encoding="utf-8") == "old"
    assert names(folder) == []


async def test_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled report leaves no file and no folder, at any moment after the calls were read."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    async with service_and_shop(call_logs=60) as (_, shop):
        reading = asyncio.Event()

        def started(_stage: str, progress: history.Progress) -> None:
            if progress.done == 1:
                reading.set()

        task = asyncio.create_task(
            history.report(shop, tmp_path / "a.html", SINCE, UNTIL, on_progress=started)
        )
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert names(folder) == []
    assert names(tmp_path) == ["temporary"]


async def test_cancelled_while_a_thread_works() -> None:
    """A cancellation waits for the thread, because it uses files that are deleted next."""
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait()
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"language": "fr"}, "language takes one of en, vi, not 'fr'"),
        ({"service_level": 0}, "service_level takes a number of seconds above 0"),
        ({"service_level": "20"}, "service_level takes"),
        ({"service_level": True}, "service_level takes"),
        ({"service_level": float("nan")}, "service_level takes"),
        ({"direction": "in"}, "there is no option 'direction' for a report"),
        ({"windows": 0}, "windows takes a whole number from 1 to 64"),
        ({"hotlines": ["x"]}, "hotlines takes True, False or a list"),
        ({"output": 5}, "output takes a path or a binary stream, not"),
        ({"output": io.StringIO()}, "output takes a path or a binary stream, not"),
    ],
)
async def test_wrong_arguments(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    """A wrong argument is refused before anything is sent."""
    async with service_and_shop(call_logs=0) as (service, shop):
        output = changes.pop("output", tmp_path / "a.html")
        with pytest.raises(InvalidRequestError, match=re.escape(problem)):
            await history.report(shop, output, "-7d", **changes)
        assert not service.requests


async def test_wrong_places(tmp_path: Path) -> None:
    """A place where no file can be is refused before anything is sent."""
    async with service_and_shop(call_logs=0) as (service, shop):
        with pytest.raises(IsADirectoryError):
            await history.report(shop, tmp_path, "-7d")
        with pytest.raises(FileNotFoundError, match="there is no such folder"):
            await history.report(shop, tmp_path / "none" / "a.html", "-7d")
        if sys.platform != "win32":
            os.mkfifo(tmp_path / "pipe")
            with pytest.raises(OSError, match="this is no file"):
                await history.report(shop, tmp_path / "pipe", "-7d")
        assert not service.requests


def many_rows(maker: Any, count: int) -> Any:
    """Return a table of many calls in two months: of 300 extensions and employees, and 40,000 customers."""
    from etelecom_async.history.arrow import pa

    begin = maker.hanoi("2025-08-01T00:00:00")
    directions = ("in", "in", "out", "in", "ext", "new", "out")
    starts = [begin + timedelta(seconds=(n * 7919) % (61 * 86400)) for n in range(count)]
    answers = [None if n % 3 == 0 else start + timedelta(seconds=n % 70) for n, start in enumerate(starts)]
    ends = [start + timedelta(seconds=60 + n % 400) for n, start in enumerate(starts)]
    customers = [f"09{(n * 31) % 40000:08}" for n in range(count)]
    extensions = [str(1000 + n % 300) for n in range(count)]
    ways = [directions[n % 7] for n in range(count)]
    columns: dict[str, Any] = {
        "id": [str(n) for n in range(count)],
        "call_state": ["not_answered" if answer is None else "answered" for answer in answers],
        "call_targets": [
            [maker.target(extension, answer, end)]
            for extension, answer, end in zip(extensions, answers, ends, strict=True)
        ],
        "callee": [c if way == "out" else e for c, e, way in zip(customers, extensions, ways, strict=True)],
        "caller": [e if way == "out" else c for c, e, way in zip(customers, extensions, ways, strict=True)],
        "direction": ways,
        "started_at": starts,
        "created_at": starts,
        "ended_at": ends,
        "user_id": [f"15{n % 300:017}" for n in range(count)],
    }
    schema = maker.table([]).schema
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(count, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def test_size(maker: Any) -> None:
    """The page about 200,000 calls of two months is smaller than 1 MB, with the counts of plain Python."""
    table = many_rows(maker, 10_000)
    figures = maker.of_tables([table] * 20, span=(span := Span.of("2025-08-01", "2025-10-01")))
    employees = {row.employee: f"Nguyễn Thị {row.employee}" for row in figures.employees}
    for language in ("en", "vi"):
        heading = Heading(
            language=language, shop="Shop", span=span, step="day", made=times.now(), limit=20,
            reveals_numbers=True, employees=employees,
        )  # fmt: skip
        assert 200_000 < len(page(figures, heading).encode()) < 1_000_000
    assert figures.calls == 200_000
    ways = table.column("direction").to_pylist() * 20
    assert [row.calls for row in figures.outcomes] == [
        ways.count("in"), ways.count("out"), ways.count("ext"), ways.count("new"),
    ]  # fmt: skip
    assert len(figures.callers) == report_figures.MOST_CALLERS
