"""Test downloads of recordings: with the sandbox, and from servers that do harm."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import InvalidRequestError, ShopClient, errors, history, times
from etelecom_async.history import downloading
from etelecom_async.history.downloading import RecordingCounts, download_recordings
from etelecom_async.history.recording_manifest import NAME
from etelecom_async.testing import sandbox

PATIENCE = 60
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other links and no signals")
DAY = datetime(2026, 11, 27, tzinfo=times.VIETNAM)
SPAN = (DAY, DAY + timedelta(days=1))
WAV = b"RIFF\0\0\0\0WAVE" + bytes(range(256)) * 40
KEY = "1161512386239479010:canary-key"
PAGE = b"<!DOCTYPE html><p>Not found</p>"


class Server:
    """
    A service with calls, and the server of their recordings.

    Args:
        peer: The server that the test controls.
    """

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.urls: list[list[str | None] | None] = []
        """Addresses of the recordings of each call; a path is one of the peer."""
        self.ids: list[str | None] = []
        """Ids of the calls. Default: 1, 2 and so on."""
        self.replies: dict[str, list[Any]] = {}
        """Responses for each path; the last one stays."""
        self.asked: list[Any] = []
        """Requests for recordings."""
        self._hanging = threading.Semaphore(0)
        peer.on_hang = self._hanging.release
        peer.always = self._respond

    def _respond(self, request: Any) -> Any:
        if request.path.endswith("ListCallLogs"):
            return self.peer.json({"call_logs": list(self._rows()), "paging": {}})
        self.asked.append(request)
        replies = self.replies.get(request.path) or [self.audio()]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def _rows(self) -> Iterator[dict[str, Any]]:
        ids = self.ids or [str(number + 1) for number in range(len(self.urls))]
        for call_id, urls in zip(ids, self.urls, strict=True):
            full = urls and [url and self.at(url) for url in urls]
            yield {"id": call_id, "started_at": DAY.isoformat(), "recording_urls": full}

    async def hangs(self, count: int) -> None:
        """Wait until so many requests get no response."""
        for _ in range(count):
            assert await asyncio.to_thread(self._hanging.acquire, timeout=PATIENCE)

    def at(self, path: str) -> str:
        """Return an address at the peer."""
        return f"http://127.0.0.1:{self.peer.port}{path}" if path.startswith("/") else path

    def audio(self, body: bytes = WAV, status: int = 200, **headers: str) -> Any:
        """Return a response with a recording."""
        return self.peer.raw(body, status, **{"Content_Type": "audio/wav", **headers})

    def cut(self, size: int, body: bytes = WAV, **headers: str) -> Any:
        """Return a response whose connection breaks in the middle."""
        return attrs.evolve(self.audio(body, **headers), body=body[:size], hangs_up=True)

    def rest(self, size: int, body: bytes = WAV, **headers: str) -> Any:
        """Return the rest of a recording."""
        spread = f"bytes {size}-{len(body) - 1}/{len(body)}"
        return self.audio(body[size:], 206, Content_Range=spread, **headers)


@pytest.fixture
def closed_port() -> int:
    """Return a port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def server(peer: Any) -> Server:
    """A service with one call that has one recording."""
    server = Server(peer)
    server.urls = [["/rec/1"]]
    return server


def files(folder: Path) -> dict[str, bytes]:
    """Return the recordings in a folder, and nothing else may be there."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {".lock", NAME} <= found.keys()
    assert {path.name for path in folder.iterdir() if path.is_dir()} <= {".parts"}
    return {name: data for name, data in found.items() if name not in (".lock", NAME)}


def children(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def reasons(folder: Path) -> list[str | None]:
    """Return why recordings are not there."""
    return [recording.reason for recording in history.recordings(folder)]


async def download(shop: ShopClient, folder: Path, **options: Any) -> RecordingCounts:
    """Download the recordings of the day."""
    # The lists of these tests ignore dates, so one window reads them.
    return await download_recordings(shop, folder, *SPAN, **{"allow_private": True, "windows": 1, **options})


async def test_sandbox(tmp_path: Path) -> None:
    """Each recording of the sandbox becomes a file with its bytes, and no second run requests it again."""
    async with sandbox() as service, ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        folder = tmp_path / "recordings"
        calls = [call async for call in shop.call_logs.list() if call.recording_urls]
        wanted = [call.id for call in calls if (call.started_at or DAY) >= times.day("-2d").begin]
        shares: list[float] = []
        counts = await download_recordings(
            shop,
            str(folder),
            "-2d",
            allow_private=True,
            on_progress=lambda _, done: shares.append(done),
        )
        assert counts.files == len(wanted) > 10
        assert (counts.missing, counts.failed, counts.skipped) == (0, 0, 0)
        assert shares[-1] == 1
        found = files(folder)
        assert sorted(found) == sorted(f"{call_id}-0.wav" for call_id in wanted)
        assert {data[:4] for data in found.values()} == {b"RIFF"}
        assert counts.bytes == sum(map(len, found.values()))
        known = history.recordings(folder)
        assert {(each.state, each.file) for each in known} == {("saved", name) for name in found}
        again = await download_recordings(shop, folder, "-2d", allow_private=True)
        assert again == RecordingCounts(skipped=counts.files)
        extension = calls[0].extension_id
        filtered = await download_recordings(
            shop, tmp_path / "one", "-2d", allow_private=True, extension_ids=[extension]
        )
        assert 0 < filtered.files < counts.files


async def test_sandbox_is_private(tmp_path: Path) -> None:
    """Without `allow_private`, no recording is requested from this machine."""
    async with sandbox() as service, ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        counts = await download_recordings(shop, tmp_path, "-1d", "today")
        assert counts.failed
        assert counts == RecordingCounts(failed=counts.failed)
        assert set(reasons(tmp_path)) == {"the host has a private address"}
        assert not files(tmp_path)


async def test_key_is_not_sent(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """The key, headers and cookies of the client go to the service only, also if it has the recordings."""
    with_header = shop.with_options(headers={"X-Gateway": "canary-header"})
    await download(with_header, tmp_path)
    (request,) = server.asked
    assert "canary" not in str(request.headers)
    assert "authorization" in server.peer.requests[0].headers


async def test_several_recordings(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A call may have several recordings, none, or the same one twice."""
    server.urls = [["/a", "/b", "/a", "", None], None, [], ["/c"]]
    server.replies["/b"] = [server.audio(b"ID3 tag", Content_Type="audio/mpeg")]
    server.replies["/c"] = [server.audio(b"\1\2", Content_Type="application/octet-stream")]
    counts = await download(shop, tmp_path)
    assert counts == RecordingCounts(files=3, bytes=len(WAV) + 9)
    assert files(tmp_path) == {"1-0.wav": WAV, "1-1.mp3": b"ID3 tag", "4-0.bin": b"\1\2"}
    assert len(server.asked) == 3


async def test_names(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """Neither the address, nor Content-Disposition, nor the id of a call leads out of the folder."""
    server.urls = [["/../../x.sh"], ["/..%2f..%2fy"], ["/z"], ["/w"]]
    server.ids = ["../../escape", "/etc/passwd", "3", None]
    evil = server.audio(Content_Disposition='attachment; filename="../../x"')
    server.replies["/z"] = [evil]
    folder = tmp_path / "a" / "b" / "c"
    assert (await download(shop, folder)).files == 4
    names = sorted(files(folder))
    assert names[0] == "3-0.wav"
    assert all(name.startswith("x") and name.endswith("-0.wav") for name in names[1:])
    assert [children(tmp_path), children(tmp_path / "a" / "b")] == [["a"], ["c"]]


async def test_missing(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A missing file is noted with its reason, and asked for again on demand only."""
    server.urls = [["/1"], ["/2"], ["/3"]]
    server.replies = {"/1": [server.audio(b"", 404), server.audio()], "/2": [server.audio(b"", 410)]}
    assert await download(shop, tmp_path) == RecordingCounts(files=1, bytes=len(WAV), missing=2)
    assert reasons(tmp_path)[:2] == ["the server answered HTTP 404", "the server answered HTTP 410"]
    server.asked.clear()
    assert await download(shop, tmp_path) == RecordingCounts(missing=2, skipped=1)
    assert not server.asked
    counts = await download(shop, tmp_path, retry_missing=True)
    assert counts == RecordingCounts(files=1, bytes=len(WAV), missing=1, skipped=1)


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (PAGE, {"Content_Type": "text/html"}, "the server sends 'text/html', which is no recording"),
        (PAGE, {}, "the server sends a page, which is no recording"),
        (b"", {}, "the file is empty"),
        (gzip.compress(bytes(10**6)), {"Content_Encoding": "gzip"}, "the server sends the file compressed"),
        (WAV, {"Content_Length": "99999999999"}, "the file has more than 536870912 bytes"),
    ],
    ids=["page", "page as audio", "empty", "bomb", "huge"],
)
async def test_no_recording(
    server: Server, shop: ShopClient, *, tmp_path: Path, body: bytes, headers: dict[str, str], reason: str
) -> None:
    """A page, an empty file and a bomb fail. Each leaves nothing behind, and the next run asks again."""
    server.replies["/rec/1"] = [server.audio(body, **headers), server.audio()]
    assert await download(shop, tmp_path) == RecordingCounts(failed=1)
    assert (reasons(tmp_path)[0] or "").startswith(reason)
    assert not files(tmp_path)
    assert ".parts" not in children(tmp_path)
    assert (await download(shop, tmp_path)).files == 1
    assert files(tmp_path) == {"1-0.wav": WAV}
    assert len(server.asked) == 2


async def test_drop_in_the_middle(
    server: Server, shop: ShopClient, tmp_path: Path, waits: list[float]
) -> None:
    """After a drop, the same run continues with the rest."""
    server.replies["/rec/1"] = [
        server.cut(1000, ETag='"1"'),
        attrs.evolve(server.rest(1000, ETag='"1"'), body=WAV[1000:2000], hangs_up=True),
        server.rest(2000, ETag='"1"'),
    ]
    assert await download(shop, tmp_path) == RecordingCounts(files=1, bytes=len(WAV))
    assert files(tmp_path) == {"1-0.wav": WAV}
    assert [request.headers.get("range") for request in server.asked] == [None, "bytes=1000-", "bytes=2000-"]
    assert waits == [1, 2]


@pytest.mark.parametrize("headers", [{"ETag": '"1"'}, {"Last_Modified": "Fri, 27 Nov 2026 00:00:00 GMT"}, {}])
async def test_next_run_continues(
    server: Server, shop: ShopClient, tmp_path: Path, headers: dict[str, str]
) -> None:
    """What a run could not end, the next one continues, also if the address has a new signature."""
    server.urls = [["/rec/1?sig=1"]]
    server.replies["/rec/1?sig=1"] = [server.cut(1000, **headers), server.peer.DROP]
    assert await download(shop, tmp_path) == RecordingCounts(failed=1)
    assert reasons(tmp_path) == ["the connection broke"]
    assert not files(tmp_path)
    server.urls = [["/rec/1?sig=2"]]
    server.replies["/rec/1?sig=2"] = [server.rest(1000, **headers)]
    assert (await download(shop, tmp_path)).files == 1
    assert files(tmp_path) == {"1-0.wav": WAV}
    assert server.asked[-1].headers["range"] == "bytes=1000-"
    assert server.asked[-1].headers.get("if-range") == next(iter(headers.values()), None)


@pytest.mark.parametrize("second", ["ignores", "other part", "416", "no length"])
async def test_change_between_two_ranges(
    server: Server, shop: ShopClient, tmp_path: Path, second: str
) -> None:
    """If the file has changed, or the server cannot continue, the download starts anew: no file is mixed."""
    new = WAV[::-1]
    whole = server.audio(new, ETag='"2"')
    replies = {
        "ignores": [whole],
        "other part": [server.rest(1000, new, ETag='"2"'), whole],
        "416": [server.audio(b"", 416), whole],
        "no length": [server.audio(WAV[1000:], 206), whole],
    }
    server.replies["/rec/1"] = [server.cut(1000, ETag='"1"'), *replies[second]]
    assert (await download(shop, tmp_path, max_bytes=len(new) + 1000)).files == 1
    assert files(tmp_path) == {"1-0.wav": new}
    assert "range" not in server.asked[-1].headers or second == "ignores"


async def test_part_without_size(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A part of a file without size and validator cannot be continued: the download starts anew."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(WAV), WAV)
    server.replies["/rec/1"] = [
        server.peer.bare(head + chunk),
        server.peer.bare(head + chunk),
        server.peer.bare(head + chunk + b"0\r\n\r\n"),
    ]
    assert (await download(shop, tmp_path, max_bytes=len(WAV) + 500)).files == 1
    assert files(tmp_path) == {"1-0.wav": WAV}
    assert not [request for request in server.asked if "range" in request.headers]


async def test_whole_part_of_a_killed_run(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A part that was whole when the process was killed needs no request."""
    server.replies["/rec/1"] = [server.cut(1000, ETag='"1"'), server.peer.DROP]
    await download(shop, tmp_path)
    (part,) = (tmp_path / ".parts").glob("*.part")
    part.write_bytes(WAV)
    server.asked.clear()
    assert (await download(shop, tmp_path)).files == 1
    assert (files(tmp_path), server.asked) == ({"1-0.wav": WAV}, [])


@pytest.mark.usefixtures("server")
async def test_file_that_was_removed_or_cut(shop: ShopClient, tmp_path: Path) -> None:
    """A file that somebody has removed or changed is downloaded again."""
    await download(shop, tmp_path)
    for spoil in (Path.unlink, lambda path: path.write_bytes(b"x")):
        spoil(tmp_path / "1-0.wav")
        assert (await download(shop, tmp_path)).files == 1
        assert files(tmp_path) == {"1-0.wav": WAV}


async def test_server_that_is_down(
    server: Server, shop: ShopClient, tmp_path: Path, waits: list[float]
) -> None:
    """A server fault is tried three times, and a refusal once."""
    server.urls = [["/1"], ["/2"]]
    server.replies = {"/1": [server.audio(b"", 503)], "/2": [server.audio(b"", 403)]}
    assert await download(shop, tmp_path, concurrency=1) == RecordingCounts(failed=2)
    assert [request.path for request in server.asked] == ["/1", "/1", "/1", "/2"]
    assert waits == [1, 2]


async def test_server_that_cannot_be_reached(
    server: Server, shop: ShopClient, tmp_path: Path, closed_port: int, waits: list[float]
) -> None:
    """After ten recordings in a row without a connection, a run gives their server up, and only that one."""
    away = f"http://127.0.0.1:{closed_port}"
    server.urls = [*([f"{away}/{number}"] for number in range(13)), ["/here"]]
    counts = await download(shop, tmp_path, concurrency=1)
    assert counts == RecordingCounts(files=1, bytes=len(WAV), failed=13)
    assert len(waits) == 20
    given_up = [reason for reason in reasons(tmp_path) if reason != "could not connect"]
    assert given_up == [*["the server did not respond for 10 recordings before it"] * 3, None]


async def test_server_that_comes_back(
    server: Server, shop: ShopClient, tmp_path: Path, closed_port: int, waits: list[float]
) -> None:
    """A response in between shows that the server is there."""
    server.urls = [[f"/{number}"] for number in range(25)]
    server.urls[9:9] = [["/refused"]]
    server.replies["/refused"] = [server.audio(b"", 403)]
    away = server.audio(b"", 302, Location=f"http://127.0.0.1:{closed_port}/")
    server.replies |= {f"/{number}": [away] for number in range(18)}
    counts = await download(shop, tmp_path, concurrency=1)
    assert counts == RecordingCounts(files=7, bytes=7 * len(WAV), failed=19)
    assert len(waits) == 36


@pytest.mark.parametrize(
    ("asked", "expected"), [("7", [7, 7]), ("0", [1, 2]), ("60", [60, 60]), ("61", []), ("soon", [1, 2])]
)
async def test_retry_after(
    server: Server, shop: ShopClient, *, tmp_path: Path, waits: list[float], asked: str, expected: list[float]
) -> None:
    """A run waits as long as a server asks, but not for more than a minute: the next run tries again."""
    server.replies["/rec/1"] = [server.audio(b"", 429, Retry_After=asked)]
    assert await download(shop, tmp_path) == RecordingCounts(failed=1)
    assert (waits, len(server.asked)) == (expected, len(expected) + 1)
    assert reasons(tmp_path) == ["the server answered HTTP 429"]


async def test_calls_without_an_id(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """Calls without an id are different calls: each recording is downloaded, and once."""
    server.urls = [["/rec?id=1"], ["/rec?id=2", "/rec?id=3"], ["/rec?id=2"], ["/rec?id=4"]]
    server.ids = [None, "", None, None]
    server.replies = {f"/rec?id={number}": [server.audio(b"%d" % number)] for number in range(1, 5)}
    for size in (1, 2):
        folder = tmp_path / str(size)
        counts = await download(shop, folder, concurrency=size)
        assert counts.files == 4
        assert sorted(files(folder).values()) == [b"1", b"2", b"3", b"4"]
        again = await download(shop, folder)
        assert (again.files, again.failed) == (0, 0)
    assert len(server.asked) == 8


async def test_redirects(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A redirect gets no key, and a loop ends."""
    server.urls = [["/1"], ["/loop"]]
    server.replies = {
        "/1": [server.audio(b"", 302, Location="/2")],
        "/loop": [server.audio(b"", 302, Location="/loop")],
    }
    counts = await download(shop, tmp_path)
    assert counts == RecordingCounts(files=1, bytes=len(WAV), failed=1)
    assert "canary" not in str([request.headers for request in server.asked])
    assert "the server redirects more than 5 times" in reasons(tmp_path)


async def test_redirect_to_a_private_address(
    server: Server, shop: ShopClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server outside cannot make the program read from a machine inside."""
    is_public = downloading.is_public
    # This machine stands for a server outside.
    monkeypatch.setattr(
        downloading, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    server.urls = [["/1"], ["/2"], ["/3"]]
    server.replies = {
        "/1": [server.audio(b"", 302, Location="http://169.254.169.254/latest/meta-data/")],
        "/2": [server.audio(b"", 302, Location="http://[::ffff:10.0.0.1]/")],
    }
    counts = await download(shop, tmp_path, allow_private=False)
    assert counts == RecordingCounts(files=1, bytes=len(WAV), failed=2)
    assert reasons(tmp_path).count("the host has a private address") == 2


async def test_largest_file(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """A file above `max_file_bytes` fails, and others do not."""
    server.urls = [["/1"], ["/2"]]
    server.replies["/2"] = [server.audio(b"small")]
    counts = await download(shop, tmp_path, max_file_bytes=1000)
    assert counts == RecordingCounts(files=1, bytes=5, failed=1)


@pytest.mark.usefixtures("server")
async def test_exact_quota(shop: ShopClient, tmp_path: Path) -> None:
    """A file that fills the quota to the last byte fits, and one byte more does not."""
    for more in (0, -1):
        counts = await download(shop, tmp_path / str(more), max_bytes=len(WAV) + more)
        assert (counts.files, counts.failed) == ((1, 0), (0, 1))[-more]


async def test_quota_of_removed_bytes(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """Parts that are discarded, and files that are replaced, make room for others."""
    server.urls = [["/1"], ["/2"]]
    server.replies["/1"] = [server.cut(4000), server.peer.DROP]
    server.replies["/2"] = [server.audio(b"", 503)]
    assert (await download(shop, tmp_path)).failed == 2
    (about,) = (tmp_path / ".parts").glob("*.json")
    about.unlink()
    (tmp_path / "2-0.wav").write_bytes(bytes(4000))
    notes = (tmp_path / NAME).stat().st_size
    server.replies = {"/1": [server.audio()], "/2": [server.audio()]}
    counts = await download(shop, tmp_path, max_bytes=2 * len(WAV) + 4000 + 2 * notes, concurrency=1)
    assert counts == RecordingCounts(files=2, bytes=2 * len(WAV))


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_quota(server: Server, shop: ShopClient, tmp_path: Path, *, is_chunked: bool) -> None:
    """The run ends with the first file that does not fit, and a later one with more space continues."""
    server.urls = [[f"/{number}"] for number in range(6)]
    if is_chunked:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunked = server.peer.bare(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(WAV), WAV))
        server.replies = {f"/{number}": [chunked] for number in range(6)}
    quota = 2 * len(WAV) + 9000
    counts = await download(shop, tmp_path, max_bytes=quota, concurrency=1)
    assert counts == RecordingCounts(files=2, bytes=2 * len(WAV), failed=1)
    assert reasons(tmp_path)[2] == "it does not fit into max_bytes, which the folder may hold"
    assert len(server.asked) == 3
    assert sum(map(len, files(tmp_path).values())) <= quota
    counts = await download(shop, tmp_path, concurrency=2)
    assert (counts.files, counts.skipped, counts.failed) == (4, 2, 0)


async def test_several_at_once(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """Several files are downloaded at once, up to `concurrency`, and Ctrl-C stops all; the next run ends."""
    server.urls = [[f"/{number}"] for number in range(8)]
    server.replies = {f"/{number}": [server.peer.HANG] for number in range(8)}
    running = asyncio.create_task(download(shop, tmp_path, concurrency=3))
    await server.hangs(3)
    assert len(server.asked) == 3
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not files(tmp_path)
    server.replies.clear()
    assert (await download(shop, tmp_path)).files == 8


async def test_cancelled_in_the_middle(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """What an interrupted run has received is kept, and the next run requests the rest."""
    server.urls = [["/1"], ["/2"]]
    server.replies = {
        "/1": [server.cut(1000, ETag='"1"'), server.peer.HANG],
        "/2": [server.peer.HANG],
    }
    running = asyncio.create_task(download(shop, tmp_path))
    await server.hangs(2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    server.replies = {"/1": [server.rest(1000, ETag='"1"')]}
    server.asked.clear()
    assert (await download(shop, tmp_path)).files == 2
    assert {request.path: request.headers.get("range") for request in server.asked} == {
        "/1": "bytes=1000-",
        "/2": None,
    }
    assert files(tmp_path) == {"1-0.wav": WAV, "2-0.wav": WAV}


async def test_list_that_fails(server: Server, tmp_path: Path) -> None:
    """If the calls cannot be listed, the error of the list is raised as it is, and nothing stays open."""
    server.peer.respond_with(server.peer.refusal("invalid_argument", 400))
    async with ShopClient(KEY, base_url=server.peer.base_url) as shop:
        with pytest.raises(errors.InvalidArgumentError):
            await download(shop, tmp_path)
        assert (await download(shop, tmp_path)).files == 1


async def test_folder_that_fails(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """An error of the disk ends the run, and so does a second run into the same folder."""
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        await download(shop, tmp_path / "file")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".parts").touch()
    server.urls = [[f"/{number}"] for number in range(20)]
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        await download(shop, folder)
    (folder / ".parts").unlink()
    server.replies = {f"/{number}": [server.peer.HANG] for number in range(20)}
    server.peer.requests.clear()
    running = asyncio.create_task(download(shop, folder))
    await server.peer.until(2)
    with pytest.raises(BlockingIOError):
        await download(shop, folder)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@posix
@pytest.mark.usefixtures("server")
async def test_links(shop: ShopClient, tmp_path: Path) -> None:
    """Links that somebody has put into the folder are replaced. The files behind them stay as they are."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    folder = tmp_path / "folder"
    (folder / ".parts").mkdir(parents=True)
    for name in (".parts/1-0.part", ".parts/1-0.json", ".recordings.jsonl.new", NAME, "1-0.wav"):
        (folder / name).symlink_to(precious)
    assert (await download(shop, folder)).files == 1
    assert files(folder) == {"1-0.wav": WAV}
    assert not [path for path in folder.iterdir() if path.is_symlink()]
    assert precious.read_text() == "precious"


async def test_addresses_are_secret(
    server: Server, shop: ShopClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No file, log, count or error shows an address, whatever the server does."""
    caplog.set_level(logging.DEBUG)
    peer = server.peer
    server.urls = [[f"/canary-{number}?token=canary"] for number in range(6)] + [["ftp://canary/"]]
    odd = [
        server.audio(b"", 404),
        server.audio(b"", 302, Location="http://canary:canary@127.0.0.1/"),
        peer.bare(b"HTTP/1.1 200 OK\r\ncanary-1 token\r\n\r\n"),
        server.audio(PAGE + b"canary", Content_Type="canary/canary; canary=1"),
        server.cut(7),
        server.audio(b"", 503),
    ]
    server.replies = {f"/canary-{number}?token=canary": [reply] for number, reply in enumerate(odd)}
    seen: list[object] = []
    counts = await download(shop, tmp_path, on_progress=lambda *progress: seen.append(progress))
    assert counts == RecordingCounts(missing=1, failed=6)
    manifest = (tmp_path / NAME).read_text().replace("canary/canary", "")  # the type of the content
    about = [path.read_text() for path in (tmp_path / ".parts").glob("*.json")]
    assert about
    assert "canary" not in f"{manifest}{about}{seen}{counts}{caplog.text}"
    assert str(peer.port) not in manifest


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"concurrency": 0}, "concurrency takes a whole number from 1 to 64"),
        ({"concurrency": True}, "concurrency takes a whole number from 1 to 64"),
        ({"max_bytes": 0}, "max_bytes takes a whole number of bytes, at least 1"),
        ({"max_file_bytes": "1 GB"}, "max_file_bytes takes a whole number of bytes, at least 1"),
        ({"allow_private": "no"}, "allow_private takes True or False, not str"),
        ({"retry_missing": None}, "retry_missing takes True or False"),
        ({"tls": True}, "tls takes a Tls or an ssl.SSLContext, not bool"),
        ({"windows": 0}, "windows takes a whole number from 1 to 64"),
        ({"in_order": True}, "there is no option 'in_order'"),
        ({"folder": ""}, "folder takes the path of a folder"),
        ({"folder": 3}, "folder takes the path of a folder"),
        ({"since": "foo"}, "since"),
        ({"shop": None}, "shop takes a ShopClient"),
    ],
)
async def test_wrong_arguments(
    server: Server, shop: ShopClient, tmp_path: Path, options: dict[str, Any], problem: str
) -> None:
    """A wrong argument is refused before anything is requested or written."""
    folder = tmp_path / "folder"
    given = {"shop": shop, "folder": folder, "since": DAY, "until": SPAN[1], **options}
    with pytest.raises(InvalidRequestError, match=problem):
        await download_recordings(**given)
    assert (server.peer.requests, folder.exists()) == ([], False)


async def test_certificates(server: Server, shop: ShopClient, tmp_path: Path) -> None:
    """Certificates are read before the folder is made."""
    from etelecom_async import ConfigurationError, Tls

    with pytest.raises(ConfigurationError, match="ca_file"):
        await download(shop, tmp_path / "folder", tls=Tls(ca_file=tmp_path / "none.pem"))
    assert (server.asked, (tmp_path / "folder").exists()) == ([], False)


def test_plain_data() -> None:
    """The counts as JSON have the names of the command's last line."""
    counts = RecordingCounts(files=1, bytes=2, missing=3, failed=4, skipped=5)
    assert json.loads(json.dumps(counts.to_dict())) == {
        "files": 1,
        "bytes": 2,
        "missing": 3,
        "failed": 4,
        "skipped": 5,
    }
