"""Multipart forms: uploads over real sockets to a server that reads forms."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import pickle
import re
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from etelecom_async import ShopClient, attempt_hook
from etelecom_async._core.attachment import PIECE, Attachment
from etelecom_async.errors import (
    Attempt,
    ConnectError,
    EtelecomError,
    InvalidRequestError,
    OutcomeUnknownError,
    ResourceExhaustedError,
)
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Waits

CONTENT = os.urandom(2 * PIECE + 7)
MEBIBYTE = 2**20
DISPOSITION = re.compile(r'form-data; name="(?P<name>\w+)"(?:; filename="(?P<file>(?:[^"\\]|\\.)*)")?')
FILE = ("file", "application/octet-stream")


@attrs.frozen
class Received:
    """A form that arrived."""

    headers: dict[str, str]
    fields: dict[str, str]
    files: dict[str, tuple[str, str, bytes]]
    """Name, content type and bytes of each file."""

    @property
    def file(self) -> tuple[str, str, bytes]:
        """Return the only file of an upload."""
        return self.files["file"]


def received(peer: Peer) -> list[Received]:
    """Return the forms that arrived, read by RFC 7578 and 2183."""
    return [read(request) for request in peer.requests]


def read(request: Asked) -> Received:
    """Return the form of a request."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    first, *parts, last = request.body.split(b"--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, str, bytes]] = {}
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        about = DISPOSITION.fullmatch(headers["Content-Disposition"])
        assert about is not None
        if about["file"] is None:
            fields[about["name"]] = content.decode()
        else:
            name = re.sub(r"\\(.)", r"\1", about["file"])
            files[about["name"]] = (name, headers["Content-Type"], content)
    return Received(request.headers, fields, files)


@pytest.fixture(autouse=True)
def token(peer: Peer) -> None:
    """Let the peer accept every upload by default."""
    peer.always = lambda _: peer.json({"token": "t"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of two full pieces and a rest."""
    path = tmp_path / "hoá đơn số 1.png"
    path.write_bytes(CONTENT)
    return path


async def stream(content: bytes = CONTENT, size: int = 100_000) -> AsyncIterator[bytes]:
    """Yield the content in small pieces."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def upload(shop: ShopClient, file: Any) -> str:
    """Upload a file and return its token."""
    return (await shop.zalo.files.upload(file=file, oa_id="7", type="image")).token


async def refusal(shop: ShopClient, file: Any) -> EtelecomError:
    """Return the error of an upload."""
    with pytest.raises(EtelecomError) as caught:
        await upload(shop, file)
    return caught.value


def open_files(path: Path) -> list[str]:
    """Return the open handles of a file in this process."""
    readers = [found for found in gc.get_objects() if isinstance(found, io.BufferedReader)]
    return [str(reader) for reader in readers if not reader.closed and reader.name == str(path)]


def large_file(folder: Path, size: int = 64 * MEBIBYTE) -> Path:
    """Return a file that is larger than the buffers between client and server."""
    path = folder / "large.png"
    with path.open("wb") as large:
        large.truncate(size)
    return path


async def is_closed(path: Path) -> bool:
    """Return whether the file is closed; a thread may end a read first."""
    for _ in range(1000):
        if not open_files(path):
            return True
        await asyncio.sleep(0)
    return False


async def response_begins(shop: ShopClient) -> None:
    """Return when the head of a response has arrived."""
    connector: Any = shop._engine.transport._open_session().connector
    async with asyncio.timeout(PATIENCE):
        while not any(getattr(busy, "_payload", None) for busy in connector._acquired):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0)


class TestSent:
    """Forms that arrive."""

    @pytest.mark.parametrize("kind", ["text", "path", "bytes", "stream", "BytesIO"])
    async def test_bytes_arrive_whole(self, shop: ShopClient, peer: Peer, file: Path, kind: str) -> None:
        """Content from a path, bytes or a stream arrives complete, with the fields beside it."""
        content = {
            "text": str(file),
            "path": file,
            "bytes": CONTENT,
            "stream": stream(),
            "BytesIO": io.BytesIO(CONTENT),
        }[kind]
        assert await upload(shop, content) == "t"
        (form,) = received(peer)
        assert form.fields == {"oa_id": "7", "type": "image"}
        name = ("hoá đơn số 1.png", "image/png") if kind in ("text", "path") else FILE
        assert form.file == (*name, CONTENT)

    async def test_open_file(self, shop: ShopClient, peer: Peer, file: Path) -> None:
        """An open file is sent from its position, with its name and type, and stays open."""
        with file.open("rb") as content:
            content.read(5)
            await upload(shop, content)
            assert not content.closed
        assert received(peer)[0].file == ("hoá đơn số 1.png", "image/png", CONTENT[5:])

    async def test_file_that_aiohttp_received(self, shop: ShopClient, peer: Peer) -> None:
        """A handler of aiohttp passes the file that it received on, with its name and type."""

        async def pass_on(request: web.Request) -> web.Response:
            return web.Response(text=await upload(shop, (await request.post())["picture"]))

        app = web.Application()
        app.router.add_post("/", pass_on)
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("picture", CONTENT[:1000], filename="hình.png", content_type="image/x-own")
        async with TestClient(TestServer(app)) as browser, browser.post("/", data=form) as response:
            assert await response.text() == "t"
        assert received(peer)[0].file == ("hình.png", "image/x-own", CONTENT[:1000])

    async def test_headers(self, shop: ShopClient, peer: Peer) -> None:
        """The key is sent, and the content type of a form."""
        await upload(shop, b"a")
        (form,) = received(peer)
        assert form.headers["authorization"] == "Bearer 1161512386239479010:canary-key"
        assert form.headers["content-type"].startswith("multipart/form-data; boundary=")

    async def test_length_is_sent_where_it_is_known(self, shop: ShopClient, peer: Peer, file: Path) -> None:
        """A file and bytes are sent with their length, a stream in chunks."""
        for content in (file, CONTENT, stream()):
            await upload(shop, content)
        limits = [(form.headers, len(CONTENT) + 500) for form in received(peer)]
        known = [len(CONTENT) < int(headers.get("content-length", 0)) < most for headers, most in limits]
        assert known == [True, True, False]
        chunked = [headers.get("transfer-encoding") for headers, _ in limits]
        assert chunked == [None, None, "chunked"]

    @pytest.mark.parametrize(
        "name", ["a b.png", "hoá đơn 😀.png", 'with "quotes".png', "a;b.png", "100%41.png", "a\\b.png"]
    )
    async def test_name_arrives_as_it_is(self, shop: ShopClient, peer: Peer, name: str) -> None:
        """Spaces, accents, quotes and percent signs in a name arrive unchanged."""
        await upload(shop, Attachment(b"a", name=name))
        assert received(peer)[0].file == (name, "image/png", b"a")

    async def test_content_type_of_the_caller(self, shop: ShopClient, peer: Peer) -> None:
        """The caller's own content type is sent."""
        await upload(shop, Attachment(b"a", name="a.png", content_type="image/x-own"))
        assert received(peer)[0].file == ("a.png", "image/x-own", b"a")

    async def test_empty_file(self, shop: ShopClient, peer: Peer) -> None:
        """An empty file is sent."""
        await upload(shop, b"")
        assert received(peer)[0].file[2] == b""

    async def test_progress(self, shop: ShopClient, file: Path) -> None:
        """The progress callback gets the bytes sent so far, up to the whole."""
        reports: list[tuple[int, int | None]] = []
        await upload(shop, Attachment(file, progress=lambda *given: reports.append(given)))
        assert reports == [(size, len(CONTENT)) for size in (PIECE, 2 * PIECE, len(CONTENT))]

    async def test_hooks(self, shop: ShopClient) -> None:
        """Hooks see an upload like every other call."""
        attempts: list[Attempt] = []
        await upload(shop.with_options(hooks=[attempt_hook(attempts.append)]), b"a")
        assert [(attempt.operation, attempt.outcome, attempt.status) for attempt in attempts] == [
            ("shop.zalo.files.upload", "ok", 200)
        ]

    async def test_connection_is_used_again(self, shop: ShopClient, peer: Peer) -> None:
        """The connection is used again after an upload, with a known length or in chunks."""
        for content in (stream(), CONTENT, stream()):
            assert await upload(shop, content) == "t"
        assert [form.file[2] for form in received(peer)] == [CONTENT] * 3
        assert peer.connections == 1


class TestRetries:
    """Uploads that are retried, and uploads that are not."""

    @pytest.mark.parametrize("kind", ["path", "bytes"])
    async def test_refused_upload_is_sent_again(
        self, shop: ShopClient, peer: Peer, waits: Waits, file: Path, kind: str
    ) -> None:
        """A retry sends a path and bytes again from the beginning."""
        peer.respond_with(peer.refusal("resource_exhausted", 429))
        assert await upload(shop, file if kind == "path" else CONTENT) == "t"
        assert [form.file[2] for form in received(peer)] == [CONTENT, CONTENT]
        assert len(waits) == 1

    @pytest.mark.parametrize("make", [stream, lambda: io.BytesIO(CONTENT)], ids=["stream", "BytesIO"])
    async def test_spent_stream_is_never_sent_again(
        self, shop: ShopClient, peer: Peer, waits: Waits, make: Callable[[], Any]
    ) -> None:
        """A stream that was read is not retried: the error is raised at once."""
        peer.respond_with(peer.refusal("resource_exhausted", 429))
        error = await refusal(shop, make())
        assert type(error) is ResourceExhaustedError
        assert (len(peer.requests), waits, len(error.attempts)) == (1, [], 1)

    async def test_stream_that_was_never_read_is_sent(
        self, shop: ShopClient, peer: Peer, waits: Waits, other_thread: asyncio.AbstractEventLoop
    ) -> None:
        """A connection that did not open read nothing from a stream, so the retry sends it."""
        asyncio.run_coroutine_threadsafe(peer.stop(), other_thread).result()

        async def listen() -> None:
            asyncio.run_coroutine_threadsafe(peer.start(), other_thread).result()

        waits.govern(shop, listen)
        assert await upload(shop, stream()) == "t"
        assert received(peer)[0].file[2] == CONTENT
        assert len(waits) == 1

    async def test_early_refusal(self, shop: ShopClient, peer: Peer, tmp_path: Path) -> None:
        """A response that comes before the whole upload is sent counts, and the file is closed."""
        path = large_file(tmp_path)
        peer.respond_with(*[attrs.evolve(peer.refusal("resource_exhausted", 429), is_early=True)] * 4)
        error = await refusal(shop, path)
        assert type(error) is ResourceExhaustedError
        assert len(peer.requests) == 4
        assert await is_closed(path)

    @pytest.mark.parametrize("end", ["whole", "too large", "broken off", "cancelled"])
    async def test_early_response_ends_the_upload(self, peer: Peer, end: str) -> None:
        """After a call ends on an early response, nothing is read or sent any more."""
        going_on = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal going_on
            going_on += 1
            try:
                while True:
                    yield bytes(100_000)
                    await asyncio.sleep(0)
            finally:
                try:
                    await asyncio.sleep(0)  # a second cancellation may end this wait
                finally:
                    going_on -= 1

        body = {"whole": b'{"token":"t"}', "too large": bytes(2000)}.get(end, b"{")
        length = {"broken off": "100", "cancelled": "100"}.get(end, str(len(body)))
        response = peer.raw(body, Content_Length=length)
        peer.respond_with(attrs.evolve(response, is_early=True, hangs_up=end == "broken off"))
        before = asyncio.all_tasks()
        async with ShopClient(
            "1161512386239479010:canary-key", base_url=peer.base_url, max_response_bytes=1000, retries=0
        ) as shop:
            calling = asyncio.create_task(upload(shop, endless()))
            if end == "cancelled":
                await peer.until(1)
                await response_begins(shop)
                calling.cancel()
            (result,) = await asyncio.gather(calling, return_exceptions=True)
            assert result == "t" if end == "whole" else isinstance(result, Exception | asyncio.CancelledError)
            assert (going_on, asyncio.all_tasks()) == (0, before)

    async def test_file_that_is_deleted_before_the_retry(
        self, shop: ShopClient, peer: Peer, waits: Waits, file: Path
    ) -> None:
        """If the file is deleted before the retry, the error says so, and nothing more is sent."""
        peer.respond_with(peer.refusal("resource_exhausted", 429))

        async def remove() -> None:
            await asyncio.to_thread(file.unlink)

        waits.govern(shop, remove)
        error = await refusal(shop, file)
        assert type(error) is InvalidRequestError
        assert str(error).startswith("shop.zalo.files.upload: file could not be read to its end: [Errno 2]")
        assert (len(peer.requests), error.may_have_happened) == (1, False)


class TestWrong:
    """Files that are refused before a byte is sent."""

    @pytest.mark.parametrize(
        ("file", "problem"),
        [
            ("no/such.png", "file: there is no file 'no/such.png'."),
            ("no/0901234567.png", "file: there is no file 'no/090***567.png'."),
            (Path(__file__).parent, f"file: there is no file '{Path(__file__).parent}'."),
            (7, "file: a file must be a path, bytes, an open file or an async iterable of bytes, not int."),
            (
                None,
                "file: a file must be a path, bytes, an open file or an async iterable of bytes, not None.",
            ),
            (Attachment(b"", name="a\r\nX: y"), "file: name 'a\\r\\nX: y' or content type"),
        ],
    )
    async def test_what_is_no_file(self, shop: ShopClient, peer: Peer, file: Any, problem: str) -> None:
        """A value that is no file, or an impossible name, is a clear error, and nothing is sent."""
        error = await refusal(shop, file)
        assert type(error) is InvalidRequestError
        assert str(error).startswith(f"shop.zalo.files.upload: {problem}")
        assert len(peer.requests) == 0

    async def test_stream_a_second_time(self, shop: ShopClient, peer: Peer) -> None:
        """A stream that an earlier call has sent is refused: it would arrive empty."""
        attachment = Attachment(stream())
        await upload(shop, attachment)
        error = await refusal(shop, attachment)
        assert type(error) is InvalidRequestError
        assert "its stream was already sent and cannot be sent again: open a new one" in str(error)
        assert len(peer.requests) == 1

    async def test_one_stream_for_two_calls_at_a_time(self, shop: ShopClient, peer: Peer) -> None:
        """If two calls share one stream, one sends all of it, and the other fails."""
        attachment = Attachment(stream())
        results = await asyncio.gather(
            upload(shop, attachment), upload(shop, attachment), return_exceptions=True
        )
        (error,) = [result for result in results if isinstance(result, BaseException)]
        assert type(error) is InvalidRequestError
        assert "its stream was already sent" in str(error)
        assert [form.file[2] for form in received(peer)] == [CONTENT]


async def failing(error: Exception) -> AsyncIterator[bytes]:
    """Yield the content, then raise."""
    yield CONTENT
    raise error


class TestInterrupted:
    """Bytes that stop coming, from the file or from the server."""

    @pytest.mark.parametrize(
        "reason", [ValueError("no more"), OSError(5, "no more"), TimeoutError("no more"), ConnectionError()]
    )
    async def test_stream_that_fails(self, shop: ShopClient, peer: Peer, reason: Exception) -> None:
        """The caller gets the stream's own error; it does not count as a broken connection."""
        error = await refusal(shop, failing(reason))
        assert type(error) is InvalidRequestError
        assert error.__cause__ is reason
        assert str(error) == (
            f"shop.zalo.files.upload: file could not be read to its end: {str(reason) or 'ConnectionError'}."
        )
        assert (received(peer), error.may_have_happened) == ([], False)

    async def test_trace_leads_to_the_caller_s_code(self, shop: ShopClient) -> None:
        """The traceback shows where the stream failed, and nothing of the request."""
        error = await refusal(shop, failing(ValueError("no more")))
        assert isinstance(error.__cause__, ValueError)
        frames = [frame for frame, _ in traceback.walk_tb(error.__cause__.__traceback__)]
        assert [frame.f_code.co_name for frame in frames if frame.f_locals] == ["failing"]
        lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
        text = "".join(lines)
        assert "canary" not in text
        assert repr(CONTENT[:20])[2:-1] not in text

    async def test_progress_that_fails(self, shop: ShopClient, peer: Peer) -> None:
        """A progress callback can end the upload by raising."""

        def enough(*_: object) -> None:
            raise ValueError("enough")

        error = await refusal(shop, Attachment(CONTENT, progress=enough))
        assert isinstance(error.__cause__, ValueError)
        assert received(peer) == []

    @pytest.mark.parametrize("size", [PIECE, 3 * PIECE], ids=["shorter", "longer"])
    async def test_file_that_changes_while_it_is_sent(
        self, shop: ShopClient, peer: Peer, file: Path, size: int
    ) -> None:
        """A file that changes during the upload does not arrive: the upload ends with an error."""
        attachment = Attachment(file, progress=lambda *_: os.truncate(file, size))
        error = await refusal(shop, attachment)
        assert type(error) is InvalidRequestError
        assert f"it had {len(CONTENT)} bytes, and changed while it was sent" in str(error)
        assert received(peer) == []

    async def test_stream_of_something_else(self, shop: ShopClient, peer: Peer) -> None:
        """A stream of texts is refused."""

        async def texts() -> AsyncIterator[Any]:
            yield "text"

        error = await refusal(shop, texts())
        assert type(error) is InvalidRequestError
        assert "its stream yielded str instead of bytes" in str(error)
        assert received(peer) == []

    async def test_cancelled(self, shop: ShopClient, peer: Peer, file: Path) -> None:
        """A cancelled upload stops reading and closes the file."""
        task: asyncio.Task[str]

        def cancel(*_: object) -> None:
            task.cancel()

        task = asyncio.create_task(upload(shop, Attachment(file, progress=cancel)))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert received(peer) == []
        assert await is_closed(file)

    @pytest.mark.parametrize("kind", ["path", "stream"])
    async def test_lost_response(self, shop: ShopClient, peer: Peer, file: Path, kind: str) -> None:
        """An upload whose response is lost is not retried: that would make a second token."""
        peer.respond_with(peer.DROP)
        error = await refusal(shop, Attachment(file) if kind == "path" else stream())
        assert isinstance(error, OutcomeUnknownError)
        assert (len(peer.requests), error.may_have_happened) == (1, True)
        name, content_type = ("hoá đơn số 1.png", "image/png") if kind == "path" else FILE
        assert json.loads(error.request) == {
            "oa_id": "7",
            "type": "image",
            "file": f"Attachment({name!r}, {content_type!r})",
        }
        assert json.loads(pickle.loads(pickle.dumps(error)).request)["oa_id"] == "7"

    async def test_no_read_can_settle_an_upload(self, shop: ShopClient, peer: Peer) -> None:
        """No read of the API shows uploads, and the error says so."""
        peer.respond_with(peer.DROP)
        error = await refusal(shop, CONTENT)
        assert isinstance(error, OutcomeUnknownError)
        assert not error.can_verify
        with pytest.raises(EtelecomError, match="no read of the API can tell"):
            await error.verify()

    async def test_server_that_closes_during_the_upload(
        self, shop: ShopClient, peer: Peer, tmp_path: Path
    ) -> None:
        """If the server closes during the upload, the error names the connection, not the file."""
        peer.respond_with(attrs.evolve(peer.DROP, is_early=True))
        large = large_file(tmp_path)
        error = await refusal(shop, large)
        assert isinstance(error, OutcomeUnknownError)
        assert "the connection broke" in str(error)
        assert await is_closed(large)

    async def test_nobody_listens(
        self, shop: ShopClient, peer: Peer, other_thread: asyncio.AbstractEventLoop
    ) -> None:
        """If no connection opens, the error says that nothing was sent."""
        asyncio.run_coroutine_threadsafe(peer.stop(), other_thread).result()
        error = await refusal(shop, CONTENT)
        assert type(error) is ConnectError
        assert error.attempts[-1].outcome == "never_sent"


# Measures the extra memory of an upload, and the longest time for which it blocks the event loop. It counts
# the time of the processor, not of the clock: a busy machine may let any process wait.
CLIENT = """
import asyncio, json, sys, time, tracemalloc
from pathlib import Path
from etelecom_async import ShopClient

async def tick(gaps):
    before = time.thread_time()
    while True:
        await asyncio.sleep(0.001)
        now = time.thread_time()
        gaps.append(now - before)
        before = now

async def stream(size):
    piece = bytes(2**16)
    for _ in range(size // len(piece)):
        yield piece

def memory():
    # The peak of the process, if the system tells it: memory outside of Python objects counts too.
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])

async def main(base_url, path):
    async with ShopClient("1161512386239479010:key", base_url=base_url) as client:
        async def upload(file):
            await client.zalo.files.upload(file=file, oa_id="7", type="image")

        await upload(b"idle from here on")
        for content in (Path(path), stream(Path(path).stat().st_size)):
            tracemalloc.start()
            tracemalloc.reset_peak()
            idle, _ = tracemalloc.get_traced_memory()
            idle_process, gaps = memory(), []
            ticker = asyncio.create_task(tick(gaps))
            await upload(content)
            ticker.cancel()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            print(json.dumps([peak - idle, memory() - idle_process, max(gaps), len(gaps)]))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_large_upload_is_light(peer: Peer, tmp_path: Path) -> None:
    """An upload of 100 MiB takes less than 16 MiB of memory, and blocks the loop for less than 50 ms."""
    size = 100 * MEBIBYTE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT, peer.base_url, large_file(tmp_path, size)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert [len(request.body) > size for request in peer.requests] == [False, True, True]
    measured = [json.loads(line) for line in output.splitlines()]
    for objects, resident, stall, ticks in measured:
        assert objects < 16 * MEBIBYTE
        assert resident < 16 * MEBIBYTE
        assert stall < 0.05
        assert ticks > 10  # the event loop ran meanwhile
    assert len(measured) == 2
