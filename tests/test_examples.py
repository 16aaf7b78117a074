"""Each example runs against the sandbox, and prints what its docstring says."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from etelecom_async import ShopClient
from etelecom_async.models import OAStatus, TemplateStatus
from etelecom_async.sandbox import Sandbox
from etelecom_async.testing import sandbox

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name: str) -> ModuleType:
    """Import and return the example of this name."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented_output(example: ModuleType) -> list[str]:
    """Return the output that the docstring shows: the indented lines after the word "prints"."""
    shown = (example.__doc__ or "").partition("prints")[2]
    return [line.strip() for line in shown.splitlines() if line.startswith("    ")]


def kind(line: str) -> str:
    """Return *line* without the parts that differ from run to run: numbers, ids, times."""
    return re.sub(r"[0-9][\w:.-]*|(?<=message )\S+|(?<=accepted as )\S+", "#", line)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a sandbox, and set its environment variables."""
    async with sandbox() as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


async def oa_of(shop: ShopClient) -> str:
    """Return the id of a connected official account with a valid grant."""
    accounts = await shop.zalo.accounts.list().collect()
    return max((a for a in accounts if a.status == OAStatus.CONNECTED), key=lambda a: a.expires_at).oa_id


async def advance_during(service: Sandbox, job: Awaitable[None], step: timedelta) -> None:
    """Run *job*, and advance the clock of the sandbox by *step* again and again until it ends."""
    task = asyncio.ensure_future(job)
    while not task.done():
        service.advance(step)
        await asyncio.sleep(0)
    await task


@pytest.fixture
def run(service: Sandbox, capsys: pytest.CaptureFixture[str]) -> Callable[..., Awaitable[list[str]]]:
    """Return a function that runs an example while the clock advances, and returns the printed lines."""

    async def run(job: Awaitable[None], step: timedelta = timedelta(seconds=20)) -> list[str]:
        await advance_during(service, job, step)
        captured = capsys.readouterr()
        assert not captured.err
        return captured.out.splitlines()

    return run


async def test_zns_for_invoices(run: Any, tmp_path: Path) -> None:
    """Each invoice is sent once. A second run repeats none, and a wrong number is rejected with a reason."""
    example = load("zns_for_invoices")
    async with ShopClient() as shop:
        oa_id = await oa_of(shop)
        templates = await shop.zns.templates.list(oa_id=oa_id).collect()
        usable = [t for t in templates if t.template_status == TemplateStatus.ENABLE and t.type == "table"]
    file = tmp_path / "invoices.csv"
    columns = "invoice,phone,customer_name,order_code,amount,due_date"
    rows = ["HD-0001,0901234567,Lan,DH-1,250000,30/11/2026", "HD-0002,12,Minh,DH-2,90000,30/11/2026"]
    file.write_text("\n".join([columns, *rows]), encoding="utf-8")

    first = await run(example.main(file, oa_id, usable[0].template_id), timedelta(0))
    rows += ["HD-0003,0901234560,An,DH-3,70000,30/11/2026", "HD-0004,0901234560,,DH-4,70000,30/11/2026"]
    file.write_text("\n".join([columns, *rows]), encoding="utf-8")
    second = await run(example.main(file, oa_id, usable[0].template_id), timedelta(0))

    assert first[0] == "HD-0001: sent"
    assert first[1].startswith("HD-0002: refused with error_code -108 (the phone number is not valid)")
    assert first[2] == "1 sent, 0 already sent, 1 rejected, 0 in doubt"
    assert [second[0], second[2]] == ["HD-0001: already sent", "HD-0003: sent"]
    assert "customer_name" in second[3]  # rejected by the check of the template, before anything was sent
    assert second[4] == "1 sent, 1 already sent, 2 rejected, 0 in doubt"
    printed = "\n".join([*first, *second])
    assert all(kind(line) in kind(printed) for line in documented_output(example))


async def test_otp_by_sms(run: Any) -> None:
    """A password is accepted and arrives by the first channel that reaches the phone."""
    example = load("otp_by_sms")
    lines = await run(example.main("0901 234 567", "OTP", every=0, tries=1000))
    assert len(lines) == 2
    assert re.fullmatch(r"accepted as ICOMNI\S+", lines[0])
    assert re.fullmatch(r"arrived by \w+", lines[1])
    assert [line.split()[:2] for line in documented_output(example)] == [line.split()[:2] for line in lines]


async def test_otp_that_is_refused(run: Any) -> None:
    """An unknown template is rejected, and the example prints the error."""
    (line,) = await run(load("otp_by_sms").main("0901 234 567", "NO_SUCH", every=0))
    assert line.startswith("refused: sms.send: refused with status -6")


async def test_call_with_consent(run: Any) -> None:
    """A customer agrees, a second run needs no request, and another customer refuses."""
    example = load("call_with_consent")
    async with ShopClient() as shop:
        oa_id = await oa_of(shop)
    seen: set[str] = set()
    agreed = ""
    for last in range(40):
        phone = f"09012345{last:02}"
        lines = await run(example.main(phone, oa_id, every=0, tries=5000), timedelta(minutes=10))
        seen |= {kind(line) for line in lines}
        agreed = phone if "agreed" in lines[-1] else agreed
        if agreed and any(line.startswith("do not call: ") for line in seen):
            break
    second = await run(example.main(agreed, oa_id, every=0), timedelta(0))

    assert [kind(line) for line in second] == [kind(documented_output(example)[1])]
    assert {kind(line) for line in documented_output(example)} <= seen


async def test_send_a_file(run: Any, tmp_path: Path) -> None:
    """A file is uploaded in pieces, and the message carries its token."""
    example = load("send_a_file")
    async with ShopClient() as shop:
        oa_id = await oa_of(shop)
        followers = await shop.zalo.followers.list(oa_id=oa_id, state="follow").collect(max_items=1)
    file = tmp_path / "price-list.pdf"
    file.write_bytes(b"%PDF-1.7" + bytes(700_000 - 8))

    lines = await run(example.main(file, oa_id, followers[0].zl_user_id), timedelta(0))

    assert [kind(line) for line in documented_output(example)] == [kind(line) for line in lines]
    assert lines[:-1] == documented_output(example)[:-1]
