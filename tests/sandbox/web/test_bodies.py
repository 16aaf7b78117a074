"""The limits of bodies: JSON, forms, and bodies of requests that are rejected anyway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox import Fault, uploads

if TYPE_CHECKING:
    from tests.sandbox.conftest import Peer

PIECE = b" " * 2**18
FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
UPLOAD = ("/v1/partner.OA/UploadFile", FORM)
WRONG_PATH = ("/v1/partner.OA/Nothing", FORM)
CALL = ("/v1/partner.Shop/CurrentShop", "application/json")
CLOCK = ("/_sandbox/clock", "application/json")
FAULTS = ("/_sandbox/faults", "application/json")


async def send(
    peer: Peer, target: tuple[str, str], *pieces: bytes, is_whole: bool = True
) -> tuple[int, bytes]:
    """Send the pieces of a body before reading anything; return the status and the rest of the response."""
    path, content_type = target
    address = peer.service.sms_base_url.removeprefix("http://")
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {content_type}\r\n"
    key = f"Authorization: Bearer {peer.service.shop_key}\r\n"
    writer.write(f"{head}{key}Transfer-Encoding: chunked\r\n\r\n".encode())
    for piece in pieces:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    end = b"0\r\n\r\n"
    if is_whole:
        writer.write(end)
    status = int((await reader.readline()).split()[1])
    if not is_whole:
        writer.write(end)
    writer.write_eof()
    rest = await reader.read()
    writer.close()
    await writer.wait_closed()
    return status, rest


@pytest.mark.parametrize("target", [CALL, CLOCK, FAULTS])
async def test_json_that_is_too_large(newcomer: Peer, target: tuple[str, str]) -> None:
    """A body of JSON has at most 8 MiB."""
    assert (await send(newcomer, target, *[PIECE] * 33))[0] == 413
    assert (await send(newcomer, target, b"{}", *[PIECE] * 31))[0] in (200, 400)


async def test_forms_that_are_too_large(newcomer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form with a large file or many parts is rejected before its end."""
    monkeypatch.setattr(uploads, "MAX_BYTES", 2**20)
    assert (await send(newcomer, UPLOAD, PART, *[PIECE] * 20))[0] == 413
    part = b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\nimage\r\n'
    status, rest = await send(newcomer, UPLOAD, *[part] * 100)
    assert (status, b"more than 16 fields" in rest) == (400, True)


async def test_a_rejected_request_is_read_up_to_a_limit(
    newcomer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the limit, the sandbox responds and closes the connection. Before it, the connection stays."""
    monkeypatch.setattr(uploads, "MAX_BYTES", 2**20)
    status, rest = await send(newcomer, WRONG_PATH, b" " * 100)
    assert (status, b"Connection: close" in rest) == (404, False)
    status, rest = await send(newcomer, WRONG_PATH, *[PIECE] * 20)
    assert (status, b"Connection: close" in rest) == (404, True)


@pytest.mark.parametrize("piece", [b"{", b"no boundary\r\n", PART])
@pytest.mark.parametrize("target", [UPLOAD, CALL, CLOCK, FAULTS])
async def test_a_body_that_does_not_end_in_time(
    newcomer: Peer, monkeypatch: pytest.MonkeyPatch, target: tuple[str, str], piece: bytes
) -> None:
    """A body that is not complete after the time limit gets 408."""
    monkeypatch.setattr(uploads, "MAX_SECONDS", 0)
    status, rest = await send(newcomer, target, piece, is_whole=False)
    assert (status, b"within 0 seconds" in rest) == (408, True)


async def test_a_rejected_request_that_does_not_end_in_time(
    newcomer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong path gets its error after the time limit, and the connection ends."""
    monkeypatch.setattr(uploads, "MAX_SECONDS", 0)
    status, rest = await send(newcomer, WRONG_PATH, b"{", is_whole=False)
    assert (status, b"Connection: close" in rest) == (404, True)


async def test_a_body_with_a_fault(newcomer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that a fault rejects gets the response of the fault; the start of its body is recorded."""
    newcomer.service.faults.add(Fault(kind="status", status=502))
    status, rest = await send(newcomer, CALL, b'{"name": ', b'"a"}')
    assert (status, newcomer.service.requests[0].body) == (502, {"name": "a"})
    status, rest = await send(newcomer, CALL, *[PIECE] * 4)
    assert status == 502
    assert len(newcomer.service.requests[1].body) < 2**15
    monkeypatch.setattr(uploads, "MAX_SECONDS", 0)
    status, rest = await send(newcomer, CALL, b"{", is_whole=False)
    assert (status, b"within" in rest) == (502, False)
