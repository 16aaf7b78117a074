"""Each example runs against the sandbox, and prints what its docstring says."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import nbclient
import nbformat
import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from etelecom_async import PartnerClient, ShopClient, times
from etelecom_async._core import secret
from etelecom_async.key_store import FileKeyStore
from etelecom_async.models import CallDirection, CallLog, CallState, OAStatus, TemplateStatus
from etelecom_async.testing import Fault, Sandbox, sandbox
from tests.conftest import PATIENCE
from tests.kernel import Kernel, shown_by
from tools import notebooks

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


async def test_zns_for_invoices(run: Any, service: Sandbox, tmp_path: Path) -> None:
    """Each invoice is sent once. A second run repeats none, and a file with mistakes sends nothing."""
    example = load("zns_for_invoices")
    async with ShopClient() as shop:
        oa_id = await oa_of(shop)
        templates = await shop.zns.templates.list(oa_id=oa_id).collect()
        usable = [t for t in templates if t.template_status == TemplateStatus.ENABLE and t.type == "table"]
    file = tmp_path / "invoices.csv"
    columns = "invoice,phone,customer_name,order_code,amount,due_date"
    rows = ["HD-0001,0901234567,Lan,DH-1,250000,30/11/2026", "HD-0002,0911234560,Minh,DH-2,90000,30/11/2026"]
    file.write_text("\n".join([columns, *rows]), encoding="utf-8")
    service.faults.add(Fault(kind="status", status=400, code="invalid_argument", operation=SEND, times=1))

    first = await run(example.main(file, oa_id, usable[0].template_id), timedelta(0))
    again = await run(example.main(file, oa_id, usable[0].template_id), timedelta(0))
    copy = shutil.copy(file, tmp_path / "copy.csv")
    other = await run(example.main(copy, oa_id, usable[0].template_id), timedelta(0))
    file.write_text("\n".join([columns, *rows, "HD-0003,12,,DH-3,1,1"]), encoding="utf-8")
    with pytest.raises(
        SystemExit, match=r"row 3, column 'phone' has no phone number: .*\nrow 3, column 'customer"
    ):
        await example.main(file, oa_id, usable[0].template_id)

    assert sorted(line.partition(":")[2][:7] for line in first[:2]) == [" done", " failed"]
    assert first[2] == "2 steps: 1 done, 1 failed."
    assert again[-1] == "2 steps: 2 done."
    assert other[2] == "2 steps: 2 skipped."
    assert service.processed[SEND] == 2
    assert "2 steps: 1 done, 1 failed." in documented_output(example)


OWNER = {"email": "may@example.com", "phone": "0901234567", "name": "Trà sữa Mây"}


async def test_connect_shops(service: Sandbox, tmp_path: Path) -> None:
    """A browser gets from the form over the login to the shop's page; a shop without a link logs in again."""
    example, keys = load("connect_shops"), tmp_path / "keys.json"
    server = TestServer(web.Application())  # only its port is used, which the service must know
    await server.start_server()
    port = server.port
    await server.close()
    app = example.make_app(f"http://127.0.0.1:{port}", str(keys))
    async with TestClient(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True)) as browser:

        async def login(response: ClientResponse) -> ClientResponse:
            assert response.url.path == "/login"
            return await browser.session.post(response.url)

        missing = await browser.get("/shops/12414")
        back = await login(await browser.post("/connect", data=OWNER))
        shop = await back.json()
        assert service.unlink_shop(shop["id"])
        relinked = await login(await browser.get(f"/shops/{shop['id']}"))
        async with ClientSession() as other_browser:
            url = f"http://127.0.0.1:{port}/connected"
            forged = await other_browser.get(f"{url}?state=x&token=t&shop_id={shop['id']}")
            incomplete = await other_browser.get(url)

    assert (missing.status, forged.status, incomplete.status) == (404, 403, 400)
    assert back.url.path == relinked.url.path == f"/shops/{shop['id']}"
    assert (await relinked.json(), shop["name"]) == (shop, OWNER["name"])
    assert await FileKeyStore(keys).shop_ids() == [shop["id"]]


def test_connect_shops_is_short() -> None:
    """The logic of the example, without imports and wiring, has at most 25 lines."""
    tree = ast.parse((EXAMPLES / "connect_shops.py").read_text(encoding="utf-8"))
    handlers = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
    lines = [(node.end_lineno or 0) - node.body[0].lineno for node in handlers]  # without the docstring
    assert len(handlers) == 4
    assert sum(lines) <= 25


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
        followers = await shop.zalo.followers.list(oa_id=oa_id, state="follow").take(1)
    file = tmp_path / "price-list.pdf"
    file.write_bytes(b"%PDF-1.7" + bytes(700_000 - 8))

    lines = await run(example.main(file, oa_id, followers[0].zl_user_id), timedelta(0))

    assert [kind(line) for line in documented_output(example)] == [kind(line) for line in lines]
    assert lines[:-1] == documented_output(example)[:-1]


async def shop_with_hotline(service: Sandbox) -> str:
    """Return the id of a hotline of the first shop."""
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        return (await shop.extensions.list(limit=1)).items[0].hotline_id


def write_numbers(file: Path, *numbers: str) -> Path:
    """Write a CSV file as Excel does, with these numbers; return it."""
    lines = ["name,extension_number", *(f"An,{number}" for number in numbers)]
    file.write_text("\n".join(lines), "utf-8-sig")
    return file


CREATE = "shop.extensions.create"
SEND = "shop.zns.messages.send"


async def test_extensions_from_csv(service: Sandbox, run: Any, tmp_path: Path) -> None:
    """Each number is created once, over lost responses, refusals and further runs."""
    example = load("extensions_from_csv")
    hotline_id = await shop_with_hotline(service)
    numbers = write_numbers(tmp_path / "numbers.csv", "2001", " 2002 ", "2001", "2003\t")
    journal = tmp_path / "numbers.journal"
    service.faults.add(Fault(kind="reset_after", operation=CREATE, times=1))
    service.faults.add(Fault(kind="status", status=400, code="invalid_argument", operation=CREATE, times=1))

    first = await run(example.main(numbers, journal, hotline_id), timedelta(0))
    second = await run(example.main(numbers, journal, hotline_id), timedelta(0))
    third = await run(example.main(numbers, journal, hotline_id), timedelta(0))

    assert "3 steps: 2 done, 1 failed." in first
    assert "extension 2001: done" in [*first, *second]
    assert second[-1] == "3 steps: 3 done."
    assert third == ["3 steps: 3 done."]
    assert service.processed[CREATE] == 3
    assert {"extension 2001: done", "2 steps: 1 done, 1 failed."} <= set(documented_output(example))


async def test_extensions_from_csv_never_repeats_a_doubt(service: Sandbox, run: Any, tmp_path: Path) -> None:
    """A call in doubt is not repeated while a proxy may hold it, and is found when it arrives."""
    example = load("extensions_from_csv")
    hotline_id = await shop_with_hotline(service)
    numbers, journal = write_numbers(tmp_path / "numbers.csv", "2001"), tmp_path / "numbers.journal"
    service.faults.add(Fault(kind="execute_late", late_seconds=30, operation=CREATE, times=1))

    first = await run(example.main(numbers, journal, hotline_id, None), timedelta(0))
    again = await run(example.main(numbers, journal, hotline_id, None), timedelta(0))
    service.advance(timedelta(seconds=31))
    last = await run(example.main(numbers, journal, hotline_id, None), timedelta(0))

    assert "1 step: 1 unknown." in first
    assert "1 step: 1 unknown." in again
    assert last == ["extension 2001: done", "1 step: 1 done."]
    assert service.requests.counts[CREATE] == 1


@pytest.mark.parametrize("text", ["number\n2001\n", "name;extension_number\nAn;2001\n", ""])
async def test_extensions_from_csv_without_its_column(tmp_path: Path, text: str) -> None:
    """A file without the column, with another separator, or without lines ends the program with a reason."""
    numbers = tmp_path / "numbers.csv"
    numbers.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match="first line needs the column extension_number, and commas"):
        await load("extensions_from_csv").main(numbers, tmp_path / "j", "1")
    assert not (tmp_path / "j").exists()


async def test_extensions_from_csv_with_wrong_numbers(tmp_path: Path) -> None:
    """Wrong numbers end the program before the first call."""
    numbers = write_numbers(tmp_path / "numbers.csv", "2001", "20x3", "²", "0\nAn")
    with pytest.raises(SystemExit, match="not extension numbers: '20x3', '²', '0', ''"):
        await load("extensions_from_csv").main(numbers, tmp_path / "j", "1")


MONDAY = date(2025, 9, 29)
"""A day of the seeded calls."""
CALLS = "shop.call_logs.list"


class Night:
    """The nightly pull of thirty shops; the calls of a day do not fit on one page."""

    def __init__(
        self,
        service: Sandbox,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.service = service
        self.example = load("nightly_pull")
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self._database = folder / "calls.sqlite"
        self._store = FileKeyStore(folder / "shop_keys.json")
        self.keys = {"11": service.shop_key, "22": service.shop_key}  # of one shop, under two ids

    async def run(self) -> tuple[list[str], int]:
        """Pull Monday and Tuesday; return the printed lines, and the number of requests."""
        before = self.service.requests.counts.get(CALLS, 0)
        wednesday = times.day(MONDAY + timedelta(days=2)).begin
        self._monkeypatch.setattr(times, "now", lambda zone=times.VIETNAM: wednesday.astimezone(zone))
        for shop_id, key in self.keys.items():
            await self._store.put(shop_id, key)
        self.all_worked = await self.example.main(self._store, self._database, 2)
        return self._capsys.readouterr().out.splitlines(), self.service.requests.counts.get(CALLS, 0) - before

    def stored(self) -> list[tuple[str, str, str, int]]:
        """Return shop, id and day of each stored call, and whether it was missed."""
        missed = "direction = 'in' AND state = 'not_answered'"
        with closing(sqlite3.connect(self._database)) as db:
            return sorted(db.execute(f"SELECT shop, id, day, {missed} FROM call"))

    async def expected(self) -> list[tuple[str, str, str, int]]:
        """Return what has to be stored."""
        async with ShopClient(self.service.shop_api_key, base_url=self.service.base_url) as shop:
            calls = await shop.call_logs.list(date_from=times.day(MONDAY).begin).collect()
        return sorted(
            (name, call.id, str(times.local(call.started_at).date()), int(is_missed(call)))
            for call in calls
            for name in ("11", "22")
        )


def is_missed(call: CallLog) -> bool:
    """Return whether a customer called, and nobody answered."""
    return call.direction is CallDirection.IN and call.call_state is CallState.NOT_ANSWERED


@pytest.fixture(scope="module")
def many_calls(tmp_path_factory: pytest.TempPathFactory, other_thread: asyncio.AbstractEventLoop) -> Path:
    """The state of a sandbox with many calls in a file, because it takes long to invent them."""
    file = tmp_path_factory.mktemp("many") / "calls.db"

    async def seed() -> None:
        async with sandbox(data=file, call_logs=12_000, tenants=1, until=MONDAY + timedelta(days=2)):
            pass

    asyncio.run_coroutine_threadsafe(seed(), other_thread).result()
    return file


@pytest.fixture
async def night(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], many_calls: Path
) -> AsyncIterator[Night]:
    """Run a sandbox with many calls, and set its variables."""
    async with sandbox(data=shutil.copy(many_calls, tmp_path)) as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        yield Night(service, tmp_path, capsys, monkeypatch)


def fault(number: int, code: str, operation: str = CALLS, **when: int) -> Fault:
    """Return a refusal of one call."""
    return Fault(kind="status", status=number, code=code, operation=operation, times=1, **when)


async def test_nightly_pull(night: Night) -> None:
    """An interrupted day continues after its last stored page, and a complete day is not read again."""
    night.keys = {"11": night.keys["11"]}  # alone, so that the order of the requests is known
    night.service.faults.add(fault(403, "permission_denied", after=2))

    first, _ = await night.run()
    assert not night.all_worked
    partly = night.stored()
    night.keys["22"] = night.keys["11"]
    second, requests = await night.run()
    third, no_requests = await night.run()

    (refused,) = [line for line in first if "permission_denied" in line]
    assert 0 < len(partly) < len([row for row in night.stored() if row[0] == "11"])
    expected = await night.expected()
    assert night.stored() == expected
    assert night.all_worked
    assert 0 < requests < 2 * 6  # a page of 100 calls, the rest, and the empty page that ends a day
    counts = Counter((day, shop) for shop, _, day, _ in expected)
    missed = Counter((day, shop) for shop, _, day, is_missed in expected if is_missed)
    assert all(100 < count < 200 for count in counts.values())
    assert sorted(second) == sorted(
        f"{day} {shop} {counts[day, shop]} calls, {missed[day, shop]} missed" for day, shop in counts
    )
    assert (sorted(third), no_requests) == (sorted(second), 0)
    shown = documented_output(night.example)
    assert kind(shown[0]).split("#")[-2:] == kind(second[0]).split("#")[-2:]
    assert "unauthenticated" in shown[1]
    assert refused.split()[0] in {str(MONDAY), str(MONDAY + timedelta(days=1))}


async def test_nightly_pull_of_thirty_shops(night: Night) -> None:
    """A shop whose key was withdrawn does not stop the others, and all shops keep one rate."""
    async with PartnerClient() as partner:
        made = [await partner.shops.create({"name": f"Quán {number}"}) for number in range(28)]
    night.keys |= {shop.shop.shop_id: shop.shop_key.reveal() for shop in made}
    night.service.unlink_shop(made[0].shop.shop_id)
    rates = night.example.PartnerClient = RateOnce()

    lines, _ = await night.run()

    assert len(lines) == 2 * 30
    refused = [line for line in lines if "unauthenticated" in line]
    assert {line.split(" shop.call_logs")[0].split(" ", 1)[1] for line in refused} == {made[0].shop.shop_id}
    assert len(refused) == 2
    assert not night.all_worked
    assert night.stored() == await night.expected()
    assert rates.made == [10]


class RateOnce:
    """Stand-in for the class of the client, which notes the rate and then does not wait for it."""

    def __init__(self) -> None:
        self.made: list[float] = []

    def __call__(self, *, key_store: FileKeyStore, rate: float) -> PartnerClient:
        """Return a client without the rate."""
        self.made.append(rate)
        return PartnerClient(key_store=key_store)


async def test_nightly_pull_with_an_expired_checkpoint(night: Night) -> None:
    """If the service refuses the cursor of a checkpoint, the next run reads the whole day again."""
    night.keys = {"11": night.keys["11"]}
    night.service.faults.add(fault(403, "permission_denied", after=2))
    await night.run()
    night.service.faults.add(fault(400, "invalid_argument"))

    second, _ = await night.run()
    night.keys["22"] = night.keys["11"]
    await night.run()

    assert any("expired" in line for line in second)
    assert night.stored() == await night.expected()


@pytest.fixture
async def office(service: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ShopClient]:
    """A client of a shop with the key that employees need, which is in the environment, too."""
    monkeypatch.setenv("ETELECOM_SHOP_API_KEY", service.shop_key)
    async with ShopClient() as shop:
        yield shop


async def test_employees_from_csv(service: Sandbox, office: ShopClient, run: Any) -> None:
    """Forty employees get their extensions; wrong rows are reported, corrected, and only they are new."""
    example = load("employees_from_csv")
    hotline_id = await shop_with_hotline(service)
    before = {user.user_id async for user in office.users.list()}
    rows = [employee(number) for number in range(40)]
    rows[1] |= {"phone": "12"}
    rows[2] |= {"extension_number": "20x3"}
    rows[3] |= {"extension_number": rows[0]["extension_number"]}
    rows[4] |= {"password": None}
    corrected = [employee(number) for number in range(40)]
    service.faults.add(fault(400, "invalid_argument", "shop.users.create", after=10))
    service.faults.add(fault(400, "invalid_argument", CREATE, after=20))

    first = await run(example.main(rows, hotline_id), timedelta(0))
    second = await run(example.main(corrected, hotline_id), timedelta(0))
    created = dict(service.processed)
    third = await run(example.main(corrected, hotline_id), timedelta(0))

    done = [f"Người {number}: has extension {3100 + number}" for number in range(40)]
    wrong = {line.partition(": ")[2] for line in first if line not in done}
    assert (len(first) - len(set(first) & set(done)), second, third) == (6, done, done)
    assert {
        "extension 3100 belongs to somebody else",
        "invalid literal for int() with base 10: '20x3'",
    } < wrong
    assert sum("invalid_argument" in line for line in wrong) == 2
    assert sum(line.startswith("not a Vietnamese phone number (2 digits)") for line in wrong) == 1
    assert sum("password takes a text" in line for line in wrong) == 1
    creates = ("shop.users.create", CREATE, "shop.extensions.assign")
    assert [service.processed.get(name, 0) for name in creates] == [created.get(name, 0) for name in creates]
    users = {user.user_id: user async for user in office.users.list() if user.user_id not in before}
    assert len(users) == 40
    owned = {e.extension_number: e.user_id async for e in office.extensions.list() if e.user_id in users}
    assert {number: users[owner].phone for number, owner in owned.items()} == {
        row["extension_number"]: row["phone"] for row in corrected
    }
    assert documented_output(example)[2] == "Phạm Chi: extension 2001 belongs to somebody else"


async def test_employees_with_what_exists(service: Sandbox, office: ShopClient, run: Any) -> None:
    """An employee that exists under another form of the number, and a free extension, are used."""
    example = load("employees_from_csv")
    hotline_id = await shop_with_hotline(service)
    row = employee(0)
    user = await office.users.create(full_name="An", phone=f"84{row['phone'][1:]}", password="one-time-Pa55")
    free = await office.extensions.create(hotline_id=hotline_id, extension_number=3100)

    rows = [row, employee(1) | {"extension_number": "3100"}]
    lines = await run(example.main(rows, hotline_id), timedelta(0))

    assert lines == ["Người 0: has extension 3100", "Người 1: extension 3100 belongs to somebody else"]
    (extension,) = [each async for each in office.extensions.list() if each.extension_id == free.extension_id]
    assert extension.user_id == user.user_id


def employee(number: int) -> dict[str, Any]:
    """Return a row of the file of employees."""
    return {
        "full_name": f"Người {number}",
        "phone": f"09011122{number:02}",
        "extension_number": str(3100 + number),
        "password": "one-time-Pa55",
    }


def run_tests_of(folder: Path, *arguments: str) -> str:
    """Run the tests in a folder as a user does, and return what pytest prints; a warning is an error."""
    scope = "asyncio_default_fixture_loop_scope=function"
    command = ["pytest", "-q", "-W", "error", "-o", "asyncio_mode=auto", "-o", scope]
    done = subprocess.run(
        # The tests need no plugins but these, so the others are not loaded.
        [sys.executable, "-m", *command, "-p", "pytest_asyncio.plugin", "-p", "pytest_etelecom", *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_fastapi_service(tmp_path: Path) -> None:
    """The tests of the service pass, without warnings."""
    for file in EXAMPLES.glob("*fastapi_service.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    printed = run_tests_of(tmp_path, "test_fastapi_service.py")
    assert re.search(r"^8 passed in", printed, re.MULTILINE), printed


def test_services(tmp_path: Path) -> None:
    """The tests of the services pass; `nox -s services` runs those that start and kill processes."""
    for file in (EXAMPLES / "services").glob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    printed = run_tests_of(tmp_path, "test_orders.py", "test_parts.py")
    assert re.search(r"^\d\d passed in", printed, re.MULTILINE), printed


NOTEBOOK = EXAMPLES / "missed_calls.ipynb"


async def test_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook shows the missed calls of the last Sunday. Its file has no outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    async with sandbox(call_logs=2000, until=times.now()) as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        await nbclient.NotebookClient(notebook, timeout=PATIENCE).async_execute()
        async with ShopClient() as shop:
            today = times.now().date()
            sunday = times.day(today - timedelta(days=today.isoweekday()))
            assert sunday.date.isoweekday() == 7
            calls = await shop.call_logs.list(**sunday.filter).collect()
    printed = ["".join(output.text for output in cell.outputs) for cell in code]
    missed = [call for call in calls if is_missed(call)]
    assert missed
    assert printed[1] == f"{sunday.date} {len(calls)} calls\n"
    called_back = {call.callee for call in calls if call.direction is CallDirection.OUT}
    assert {line.split()[0] for line in printed[2].splitlines()} == {c.caller for c in missed} - called_back
    assert printed[3].count("#") == len(missed)


EXECUTED = ["provisioning_a_team.ipynb", "week_of_calls.ipynb"]
INTERRUPT = """
import signal
from itertools import count
from etelecom_async import attempt_hook
numbers = count(1)
stop = attempt_hook(lambda _: next(numbers) == 3 and signal.raise_signal(signal.SIGINT))
shop = shop.with_options(hooks=[stop])
"""
"""A cell after which the third request of the next cell is like the stop button."""


@pytest.mark.parametrize("name", EXECUTED)
async def test_executed_notebook(name: str, tmp_path: Path) -> None:
    """A notebook shows what its file says, twice in one kernel, and when a cell was stopped in between."""
    cells = [cell for cell in notebooks.read(EXAMPLES / name).cells if cell.cell_type == "code"]
    saved = [shown_by(cell) for cell in cells]
    (stopped,) = (index for index, cell in enumerate(cells) if "interrupt" in cell.metadata.get("tags", ()))
    async with Kernel.open(tmp_path) as kernel:
        assert [await kernel.run(cell.source) for cell in cells] == saved
        assert [await kernel.run(cell.source) for cell in cells[:stopped]] == saved[:stopped]
        assert await kernel.run(INTERRUPT) == ""
        assert await kernel.run(cells[stopped].source) in {"CancelledError", "KeyboardInterrupt"}
        assert [await kernel.run(cell.source) for cell in cells[stopped:]] == saved[stopped:]


@pytest.mark.parametrize("name", EXECUTED)
def test_saved_outputs(name: str) -> None:
    """The saved outputs have no secret, no whole phone number, no path of a machine, and small pictures."""
    path = EXAMPLES / name
    notebook = notebooks.read(path)
    assert notebooks.is_executed(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    texts = [text for output in outputs for key, text in output.get("data", {}).items() if key != "image/png"]
    texts += [output.get("text", "") for output in outputs]
    for text in texts:
        assert [word for word in text.split() if secret.mask(word) != word] == []
        assert not re.search(r"/(?:home|root|tmp|usr|work)\b|Users|https?://|127\.0\.0\.1", text)
    named = dict(notebooks.pictures(notebook))
    assert named
    for picture, content in named.items():
        assert len(content) < 60_000
        assert (notebooks.PICTURES / f"{picture}.png").read_bytes() == content


def test_every_executed_notebook_is_tried() -> None:
    """The tests above run each notebook that has saved outputs."""
    paths = sorted(EXAMPLES.glob("*.ipynb"))
    assert [path.name for path in paths if notebooks.is_executed(notebooks.read(path))] == EXECUTED


def own_lines(source: str) -> int:
    """Return the number of lines without imports, docstrings, comments, SQL, and the block of `__main__`."""
    tree = ast.parse(source)
    others = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'")
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in SQL)
    ]
    skipped = {line for node in others for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in skipped
        for number, line in enumerate(source.splitlines(), 1)
    )


SQL = {"TABLES", "(CALL, PULL)", "CALL, PULL", "STATE", "COUNTS"}
JOBS = ["fastapi_service.py", "nightly_pull.py", "employees_from_csv.py", "missed_calls.ipynb"]


@pytest.mark.parametrize("job", JOBS)
def test_everyday_jobs_are_short(job: str) -> None:
    """An everyday job takes at most 25 lines of the user's own, and no private name of the package."""
    source = (EXAMPLES / job).read_text("utf-8")
    if job.endswith(".ipynb"):
        cells = nbformat.reads(source, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        source = source.replace("await ", "")  # not allowed outside of functions
    assert 5 < own_lines(source) <= 25
    imported = re.findall(r"^\s*(?:from|import) (etelecom_async.*)", source, re.MULTILINE)
    assert imported
    assert not any(re.search(r"\b_", line) for line in imported)
