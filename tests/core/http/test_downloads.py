"""Test downloads from servers that lie, break off, redirect to other machines, or never end."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import trustme

from etelecom_async._core.http import downloads
from etelecom_async._core.http.addresses import is_public
from etelecom_async._core.http.downloads import Downloader, DownloadError, Kind, Limits, Part

WAV = b"RIFF" + bytes(range(256)) * 8
SECRET = "/canary-secret.wav?token=canary"  # an address may open without a key


def of_peer(peer: Any, path: str = SECRET) -> str:
    """Return an address at the peer."""
    return f"http://127.0.0.1:{peer.port}{path}"


def audio(peer: Any, body: bytes = WAV, status: int = 200, **headers: str) -> Any:
    """Return a response with a recording."""
    return peer.raw(body, status, **{"Content_Type": "audio/wav", **headers})


def downloader(
    *,
    allowed: Callable[[str], bool] = lambda address: address == "127.0.0.1",
    limits: Limits | None = None,
    certificates: ssl.SSLContext | bool = True,
) -> Downloader:
    """Return a downloader that may connect to one address of this machine, and not to another one."""
    return Downloader(
        accepts=lambda kind: kind.startswith("audio/"),
        is_allowed=allowed,
        limits=limits or Limits(),
        certificates=certificates,
    )


class Got(bytes):
    """A downloaded body, with the response."""

    incoming: downloads.Incoming


async def get(address: str, part: Part | None = None, **options: Any) -> Got:
    """Download a file."""
    pieces: list[bytes] = []
    async with downloader(**options) as client, client.open(address, part) as incoming:
        await incoming.read(pieces.append)
    got = Got(b"".join(pieces))
    got.incoming = incoming
    return got


async def failure(address: str, part: Part | None = None, **options: Any) -> tuple[Kind, str]:
    """Return why a download fails; the error has no address."""
    with pytest.raises(DownloadError) as caught:
        await get(address, part, **options)
    assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.kind, caught.value.reason


@contextlib.asynccontextmanager
async def serving(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]],
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[int]:
    """Serve each connection with a function, and yield the port."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await handle(reader, writer)
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, host, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_whole_file(peer: Any) -> None:
    """The bytes come as they are. The request has no key, cookie or range, and asks for no compression."""
    peer.respond_with(audio(peer, ETag='"1"', Set_Cookie="a=b"), audio(peer))
    async with downloader() as client:
        for _ in range(2):
            pieces: list[bytes] = []
            async with client.open(of_peer(peer, "/a%2Fb/%7e?x=a+b&sig=%2B%3d#part")) as incoming:
                await incoming.read(pieces.append)
            assert b"".join(pieces) == WAV
    assert (incoming.begin, incoming.total, incoming.content_type) == (0, len(WAV), "audio/wav")
    assert peer.connections == 2
    for request in peer.requests:
        assert request.path == "/a%2Fb/%7e?x=a+b&sig=%2B%3d"
        assert sorted(request.headers) == ["accept", "accept-encoding", "connection", "host", "user-agent"]
        assert request.headers["accept-encoding"] == "identity"


async def test_proxy_and_netrc_are_not_used(
    peer: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Neither a proxy of the environment nor a password in ~/.netrc is used."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    peer.respond_with(audio(peer))
    assert await get(of_peer(peer)) == WAV
    assert "authorization" not in peer.requests[0].headers


async def test_other_letters_in_an_address(peer: Any) -> None:
    """An address with blanks or other letters is written as HTTP needs it."""
    peer.respond_with(audio(peer))
    assert await get(of_peer(peer, "/ghi âm.wav")) == WAV
    assert peer.requests[0].path == "/ghi%20%C3%A2m.wav"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "the address has another scheme than http and https"),
        ("ftp://127.0.0.1/canary", "the address has another scheme than http and https"),
        ("file:///canary", "the address has another scheme than http and https"),
        ("http:///canary", "the address is not valid"),
        ("http://127.0.0.1:99999/canary", "the address is not valid"),
        ("http://[canary/", "the address is not valid"),
        (f"http://{'canary' * 20}/", "the address is not valid"),
        ("http://canary:canary@127.0.0.1/", "the address has a user name or a password"),
        ("http://canary@127.0.0.1/", "the address has a user name or a password"),
    ],
)
async def test_wrong_address(address: str, reason: str) -> None:
    """An address that is not one of the web is refused."""
    assert await failure(address) == (Kind.REFUSED, reason)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Kind.MISSING),
        (410, Kind.MISSING),
        (204, Kind.REFUSED),
        (304, Kind.REFUSED),
        (401, Kind.REFUSED),
        (403, Kind.REFUSED),
        (408, Kind.BROKEN),
        (429, Kind.BROKEN),
        (500, Kind.BROKEN),
        (503, Kind.BROKEN),
        (416, Kind.CHANGED),
    ],
)
async def test_status(peer: Any, status: int, kind: Kind) -> None:
    """A status says whether the file is missing, and whether another request may help."""
    peer.respond_with(audio(peer, b"", status))
    assert await failure(of_peer(peer)) == (kind, f"the server answered HTTP {status}")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "TEXT/HTML", ""])
async def test_wrong_type(peer: Any, kind: str) -> None:
    """An error page with the status 200 is no recording."""
    peer.respond_with(audio(peer, b"<html>", Content_Type=kind))
    got, reason = await failure(of_peer(peer))
    assert got is Kind.REFUSED
    assert reason.endswith("which is no recording")


async def test_type_with_parameters(peer: Any) -> None:
    """Case and parameters of a type do not count."""
    peer.respond_with(audio(peer, Content_Type="Audio/WAV; codec=1"))
    assert (await get(of_peer(peer))).incoming.content_type == "audio/wav"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
async def test_compressed(peer: Any, encoding: str) -> None:
    """A compressed body is refused, and never expanded."""
    peer.respond_with(audio(peer, b"\x1f\x8b" * 50, Content_Encoding=encoding))
    kind, reason = await failure(of_peer(peer))
    assert (kind, reason.startswith("the server sends the file compressed")) == (Kind.REFUSED, True)


async def test_body_is_never_decoded(peer: Any) -> None:
    """`identity` is no compression."""
    peer.respond_with(audio(peer, Content_Encoding="identity"))
    assert await get(of_peer(peer)) == WAV


async def test_unknown_length(peer: Any) -> None:
    """A body without a length is refused: a cut one would look whole. Chunks show their end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
    peer.respond_with(
        peer.bare(head + b"\r\nabc"), peer.bare(head + chunked + b"0\r\n\r\n"), peer.bare(head + chunked)
    )
    kind, reason = await failure(of_peer(peer))
    assert (kind, "how long the file is" in reason) == (Kind.REFUSED, True)
    got = await get(of_peer(peer))
    assert (got, got.incoming.total) == (b"abcde", None)
    assert await failure(of_peer(peer)) == (Kind.BROKEN, "the connection broke")


async def test_too_short(peer: Any) -> None:
    """A body that ends before its announced length is broken."""
    peer.respond_with(peer.bare(audio(peer, Content_Length=str(len(WAV) + 1)).head + WAV))
    assert await failure(of_peer(peer)) == (Kind.BROKEN, "the connection broke")


async def test_too_long(peer: Any) -> None:
    """Bytes after the announced length do not come into the file, nor into the next one."""
    peer.respond_with(
        peer.bare(audio(peer, Content_Length="10").head + WAV), audio(peer, b"second"), audio(peer)
    )
    async with downloader() as client:
        pieces: list[bytes] = []
        # aiohttp notices them only if they arrive together with the header.
        with contextlib.suppress(DownloadError):
            async with client.open(of_peer(peer)) as incoming:
                await incoming.read(pieces.append)
        assert b"".join(pieces) in (b"", WAV[:10])
        pieces.clear()
        async with client.open(of_peer(peer)) as incoming:
            await incoming.read(pieces.append)
        assert b"".join(pieces) == b"second"


async def test_largest_file(peer: Any) -> None:
    """A file above the limit is refused by its announced length, or when it passes the limit."""
    limits = Limits(max_bytes=len(WAV))
    peer.respond_with(audio(peer), audio(peer, WAV + b"x"))
    assert await get(of_peer(peer), limits=limits) == WAV
    reason = f"the file has more than {len(WAV)} bytes, which is the limit of a file"
    assert await failure(of_peer(peer), limits=limits) == (Kind.REFUSED, reason)


async def test_without_end() -> None:
    """A server that never stops to send is cut at the limit."""
    sent = 0

    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")
            sent += 0x4000
            await writer.drain()

    async with serving(endless) as port:
        kind, reason = await failure(f"http://127.0.0.1:{port}/", limits=Limits(max_bytes=10**6))
    assert (kind, reason.startswith("the file has more than 1000000 bytes")) == (Kind.REFUSED, True)
    assert sent < 10**8


async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce a file, and send one byte after the other."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0)


@pytest.mark.parametrize(("seconds", "pieces"), [(3600.0, 3), (25.0, 2)])
async def test_trickle(loop_clock: Any, seconds: float, pieces: int) -> None:
    """A body that comes more slowly than the lowest rate is cut, and any body after the longest time."""
    limits = Limits(grace_seconds=30, min_rate=2**20, seconds=seconds)
    seen = 0

    def write(_: bytes) -> None:
        nonlocal seen
        seen += 1
        loop_clock.advance(14)

    async with serving(trickle) as port, downloader(limits=limits) as client:
        with pytest.raises(DownloadError) as caught:
            async with client.open(f"http://127.0.0.1:{port}/") as incoming:
                await incoming.read(write)
    assert (caught.value.kind, caught.value.reason) == (
        Kind.UNREACHABLE,
        "the server sends too slowly, or without end",
    )
    assert seen in (pieces - 1, pieces)  # the clock also moves by itself


async def test_pause_after_a_quick_beginning(loop_clock: Any) -> None:
    """A server that sends much at once, and then nothing, is cut as soon as one that sends nothing."""

    async def pause(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 100000000\r\n\r\n")
        writer.write(bytes(10**6))
        await writer.drain()
        await asyncio.Event().wait()

    seen = 0

    def write(piece: bytes) -> None:
        nonlocal seen
        seen += len(piece)
        if seen == 10**6:
            asyncio.get_running_loop().call_later(0, loop_clock.advance, 31)

    limits = Limits(grace_seconds=30, min_rate=1, seconds=10**6)
    async with serving(pause) as port, downloader(limits=limits) as client:
        with pytest.raises(DownloadError, match="sends too slowly, or without end"):
            async with client.open(f"http://127.0.0.1:{port}/") as incoming:
                await incoming.read(write)
    assert seen == 10**6


@pytest.mark.parametrize("coding", ["identity", "gzip", "chunked, gzip", ""])
async def test_end_of_the_connection_as_end_of_the_body(peer: Any, coding: str) -> None:
    """Only a length or chunks show that a body is whole."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nTransfer-Encoding: {coding}\r\n\r\n"
    peer.respond_with(peer.bare(head.encode() + WAV))
    kind, reason = await failure(of_peer(peer))
    assert kind in {Kind.REFUSED, Kind.BROKEN}
    assert "does not say how long the file is" in reason or "is not valid HTTP" in reason


DATE = "Fri, 27 Nov 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "date", "wait"),
    [
        ("5", "", 5),
        (" 120 ", "", 120),
        ("0", "", 0),
        ("-5", "", None),
        ("1e9", "", None),
        ("9" * 400, "", None),
        ("soon", DATE, None),
        ("Fri, 27 Nov 2026 00:00:09 GMT", DATE, 9),
        ("Thu, 26 Nov 2026 00:00:00 GMT", DATE, 0),
        ("Fri, 27 Nov 2026 00:00:09 GMT", "", None),
        ("Fri, 27 Nov 2026 00:00:09", DATE, None),
    ],
)
async def test_retry_after(peer: Any, asked: str, date: str, wait: float | None) -> None:
    """The error says how long the server asks to wait: in seconds, or until a time by its own clock."""
    peer.respond_with(audio(peer, b"", 503, Retry_After=asked, Date=date))
    with pytest.raises(DownloadError) as caught:
        await get(of_peer(peer))
    assert (caught.value.kind, caught.value.wait) == (Kind.BROKEN, wait)


async def test_no_header(loop_clock: Any) -> None:
    """A server that sends no header, or one without end, is given up."""

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        loop_clock.advance(31)
        await asyncio.Event().wait()

    async with serving(wait) as port:
        got = await failure(f"http://127.0.0.1:{port}{SECRET}")
    assert got == (Kind.UNREACHABLE, "the server does not respond in time")


@pytest.mark.parametrize(
    "data",
    [
        b"canary\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"canary" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["text", "long header", "many headers", "negative length"],
)
async def test_not_http(peer: Any, data: bytes) -> None:
    """A response that is not HTTP, or with endless headers, is an error that quotes nothing."""
    peer.respond_with(peer.bare(data))
    assert await failure(of_peer(peer)) == (Kind.BROKEN, "the response is not valid HTTP")


async def test_no_connection(peer: Any, closed_port: int, loop_clock: Any) -> None:
    """A server that is not there, that drops the connection, or whose name is unknown, may come back."""
    assert await failure(f"http://127.0.0.1:{closed_port}{SECRET}") == (Kind.UNREACHABLE, "could not connect")
    peer.respond_with(peer.DROP, peer.DROP)  # aiohttp repeats a GET once
    assert await failure(of_peer(peer)) == (Kind.BROKEN, "the connection broke")
    loop = asyncio.get_running_loop()

    async def never(*_: object, **__: object) -> Any:
        loop_clock.advance(11)
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", never)
        assert await failure("http://recordings.example/") == (Kind.UNREACHABLE, "could not connect in time")


# Ranges

HALF = 1000
REST = f"bytes {HALF}-{len(WAV) - 1}/{len(WAV)}"


def part(validator: str | None = '"1"', total: int | None = len(WAV)) -> Part:
    """Return the first half of the recording."""
    return Part(size=HALF, total=total, validator=validator)


def rest(peer: Any, content_range: str = REST, **headers: str) -> Any:
    """Return a response with the second half."""
    return audio(peer, WAV[HALF:], 206, Content_Range=content_range, **headers)


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"1"', "Last_Modified": "yesterday"}, '"1"'),
        ({"ETag": 'W/"1"', "Last_Modified": "yesterday"}, "yesterday"),
        ({"ETag": 'W/"1"'}, None),
        ({}, None),
    ],
)
async def test_validator(peer: Any, headers: dict[str, str], validator: str | None) -> None:
    """A strong ETag, or else the time of the last change, tells whether the file has changed."""
    peer.respond_with(audio(peer, **headers))
    assert (await get(of_peer(peer))).incoming.validator == validator


@pytest.mark.parametrize("total", [None, len(WAV)])
@pytest.mark.parametrize("length", [str(len(WAV)), "*"])
async def test_continued(peer: Any, length: str, total: int | None) -> None:
    """Only the rest is requested, on the condition that the file is the same."""
    peer.respond_with(rest(peer, f"bytes {HALF}-{len(WAV) - 1}/{length}", ETag='"1"'))
    got = await get(of_peer(peer), part(total=total))
    assert (got, got.incoming.begin) == (WAV[HALF:], HALF)
    assert got.incoming.total == (total if length == "*" else len(WAV))
    assert peer.requests[0].headers["range"] == f"bytes={HALF}-"
    assert peer.requests[0].headers["if-range"] == '"1"'


async def test_continued_without_validator(peer: Any) -> None:
    """Without a validator there is no condition; the size must be the same."""
    peer.respond_with(rest(peer), rest(peer, f"bytes {HALF}-{len(WAV) - 1}/{len(WAV) + 1}"))
    assert await get(of_peer(peer), part(None)) == WAV[HALF:]
    assert "if-range" not in peer.requests[0].headers
    assert (await failure(of_peer(peer), part(None)))[0] is Kind.CHANGED


def test_what_can_be_continued() -> None:
    """A part without a validator and without the size of the whole file cannot be continued."""
    assert part(None).can_be_continued
    assert part(total=None).can_be_continued
    assert not part(None, None).can_be_continued


async def test_range_is_ignored(peer: Any) -> None:
    """A server that ignores Range, or whose file has changed, sends the whole file from its first byte."""
    peer.respond_with(audio(peer, ETag='"2"'))
    got = await get(of_peer(peer), part())
    assert (got, got.incoming.begin, got.incoming.validator) == (WAV, 0, '"2"')


@pytest.mark.parametrize(
    ("content_range", "headers"),
    [
        ("", {}),
        ("bytes */4", {}),
        ("words", {}),
        (f"bytes 0-{len(WAV) - 1}/{len(WAV)}", {}),
        (f"bytes {HALF + 1}-{len(WAV) - 1}/{len(WAV)}", {}),
        (f"bytes {HALF}-{HALF - 1}/{len(WAV)}", {}),
        (f"bytes {HALF}-{len(WAV)}/{len(WAV) + 1}", {"Content_Length": str(len(WAV) - HALF)}),
        (REST.replace(f"/{len(WAV)}", f"/{len(WAV) + 7}"), {}),
        (REST, {"ETag": '"2"'}),
        (REST, {"Last_Modified": "today"}),
    ],
)
async def test_another_part(peer: Any, content_range: str, headers: dict[str, str]) -> None:
    """A part of another file, or another part, is not appended."""
    peer.respond_with(rest(peer, content_range, **headers))
    assert (await failure(of_peer(peer), part()))[0] is Kind.CHANGED


async def test_part_that_was_not_asked_for(peer: Any) -> None:
    """A part in response to a request for the whole file is refused."""
    peer.respond_with(rest(peer))
    assert (await failure(of_peer(peer)))[0] is Kind.REFUSED


async def test_smaller_part(peer: Any) -> None:
    """A server that sends less than the rest has to be asked again."""
    peer.respond_with(audio(peer, WAV[HALF : HALF + 10], 206, Content_Range=f"bytes 1000-1009/{len(WAV)}"))
    assert await failure(of_peer(peer), part()) == (
        Kind.BROKEN,
        f"the body ended after 1010 of {len(WAV)} bytes",
    )


async def test_more_than_the_rest(peer: Any) -> None:
    """Chunks with more than the announced rest are refused."""
    head = (
        f"HTTP/1.1 206 OK\r\nContent-Type: audio/wav\r\nContent-Range: {REST}\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"%x\r\n%b\r\n" % (len(WAV), WAV)
    peer.respond_with(peer.bare(head.encode() + chunk + b"0\r\n\r\n"))
    assert await failure(of_peer(peer), part()) == (
        Kind.REFUSED,
        f"the body has more than its {len(WAV)} bytes",
    )


# Redirects


def to(peer: Any, location: str, status: int = 302) -> Any:
    """Return a redirect."""
    return peer.raw(b"", status, Location=location)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects(peer: Any, status: int) -> None:
    """Redirects are followed, relative ones too, with the same headers."""
    places = ["/1", "2?sig=%2B", f"http://127.0.0.1:{peer.port}/3", f"//127.0.0.1:{peer.port}/4", "?5"]
    peer.respond_with(*(to(peer, place, status) for place in places), rest(peer, ETag='"1"'))
    assert await get(of_peer(peer, "/a/b"), part()) == WAV[HALF:]
    assert [request.path for request in peer.requests] == ["/a/b", "/1", "/2?sig=%2B", "/3", "/4", "/4?5"]
    assert {request.headers["range"] for request in peer.requests} == {f"bytes={HALF}-"}


async def test_redirect_loop(peer: Any) -> None:
    """A sixth redirect is refused."""
    peer.always = lambda request: to(peer, request.path)
    assert await failure(of_peer(peer)) == (Kind.REFUSED, "the server redirects more than 5 times")
    assert len(peer.requests) == 6


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (None, "the server redirects to no valid address"),
        ("http://[canary", "the server redirects to no valid address"),
        ("http://canary:99999/", "the server redirects to no valid address"),
        ("ftp://127.0.0.1/canary", "the address has another scheme than http and https"),
        ("file:///etc/passwd", "the address has another scheme than http and https"),
        ("data:audio/wav;base64,UklGRg==", "the address has another scheme than http and https"),
        ("unix:///run/docker.sock", "the address has another scheme than http and https"),
        ("http://127.0.0.1:0/", "the address is not valid"),
        ("http://canary:canary@127.0.0.1/", "the address has a user name or a password"),
    ],
)
async def test_wrong_redirect(peer: Any, location: str | None, reason: str) -> None:
    """A redirect to something else than an address of the web is refused."""
    peer.respond_with(peer.raw(b"", 302) if location is None else to(peer, location))
    assert await failure(of_peer(peer)) == (Kind.REFUSED, reason)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.2]",
        "[::ffff:169.254.169.254]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "0.0.0.0",
        "0x7f.2",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b:1::a00:1]",
    ],
)
async def test_redirect_to_a_private_address(peer: Any, host: str) -> None:
    """A redirect to a private address opens no connection, whatever the notation of the address."""

    def allowed(address: str) -> bool:
        return address == "127.0.0.1" or is_public(address)

    async def record(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        pytest.fail("the server was reached")

    async with serving(record, host="127.0.0.2") as port:
        peer.respond_with(to(peer, f"http://{host}:{port}/latest/meta-data/"))
        got = await failure(of_peer(peer), allowed=allowed)
    assert got == (Kind.REFUSED, "the host has a private address")


@pytest.mark.parametrize("host", ["2130706434", "127.2", "0177.0.0.2"])
async def test_redirect_to_an_old_notation(peer: Any, host: str) -> None:
    """Numbers that are no IP address of today are refused before a look-up."""
    peer.respond_with(to(peer, f"http://{host}/latest/meta-data/"))
    assert await failure(of_peer(peer)) == (Kind.REFUSED, "the address is not valid")


async def test_name_that_changes_its_address(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the connection is checked, and not that of an earlier look-up (DNS rebinding)."""
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo
    addresses = ["127.0.0.1", "127.0.0.2", "::ffff:127.0.0.2"]

    async def rebind(_: str, port: int, **options: Any) -> Any:
        return await look_up(addresses.pop(0), port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", rebind)
    address = f"http://recordings.example:{peer.port}/"
    peer.respond_with(audio(peer))
    assert await get(address) == WAV
    for _ in range(2):
        assert await failure(address) == (Kind.REFUSED, "the host has a private address")
    assert (len(peer.requests), addresses) == (1, [])


async def test_name_with_several_addresses(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a name with public and private addresses, only the public ones are used."""
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo
    addresses: list[str] = []

    async def several(_: str, port: int, **options: Any) -> Any:
        return [found for each in addresses for found in await look_up(each, port, **options)]

    monkeypatch.setattr(loop, "getaddrinfo", several)
    address = f"http://recordings.example:{peer.port}/"
    peer.respond_with(audio(peer))
    addresses[:] = ["127.0.0.2", "::1", "127.0.0.1", "10.0.0.1"]
    assert await get(address) == WAV
    addresses[:] = ["127.0.0.2", "::1", "10.0.0.1"]
    assert await failure(address) == (Kind.REFUSED, "the host has a private address")
    assert peer.connections == 1


async def test_localhost_is_private(peer: Any) -> None:
    """With public addresses only, this machine is refused by name and by address."""
    for host in ("localhost", "127.0.0.1"):
        got = await failure(f"http://{host}:{peer.port}{SECRET}", allowed=is_public)
        assert got == (Kind.REFUSED, "the host has a private address")
    assert peer.connections == 0


async def test_https(peer: Any) -> None:
    """A redirect from https to http is refused, and so is an unknown certificate."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def redirect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 302 -\r\nLocation: {of_peer(peer)}\r\n\r\n".encode())
        await writer.drain()

    async with serving(redirect, context) as port:
        address = f"https://127.0.0.1:{port}{SECRET}"
        got = await failure(address, certificates=trusting)
        assert got == (Kind.REFUSED, "the server redirects from https to http")
        kind, reason = await failure(address)
        assert (kind, reason.startswith("the TLS handshake failed")) == (Kind.REFUSED, True)
        peer.respond_with(to(peer, address))
        assert (await failure(of_peer(peer), certificates=trusting))[1].endswith("from https to http")
    assert len(peer.requests) == 1


async def test_failed_write_reaches_the_caller(peer: Any) -> None:
    """An error of the disk is no error of the download."""
    peer.respond_with(audio(peer))

    def write(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with downloader() as client:
        with pytest.raises(OSError, match="No space"):
            async with client.open(of_peer(peer)) as incoming:
                await incoming.read(write)


def test_table_of_failures_is_in_order() -> None:
    """A class stands before its bases, so that the first match is the most exact one."""
    kinds = [kind for kind, _, _ in downloads._FAILURES]
    assert not [(one, two) for n, one in enumerate(kinds) for two in kinds[n + 1 :] if issubclass(two, one)]
    assert aiohttp.ClientSSLError in kinds
