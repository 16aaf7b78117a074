"""A transport without connections is closed, limited and fed with files like the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async import Attachment, InvalidRequestError
from etelecom_async.errors import ClientClosedError, ResponseTooLargeError
from etelecom_async.testing import RawResponse, ScriptedTransport

if TYPE_CHECKING:
    from pathlib import Path

    from etelecom_async import ShopClient

UPLOAD = "shop.zalo.files.upload"


async def test_closed_client(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A closed client makes no call, as with connections."""
    script.reply("account", {})
    await scripted_shop.close()
    with pytest.raises(ClientClosedError):
        await scripted_shop.account()
    assert len(script.requests) == 0


async def test_large_response(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A response over the limit is refused."""
    script.reply("account", RawResponse({"text": "x" * 100}))
    with pytest.raises(ResponseTooLargeError, match="more than 50 bytes"):
        await scripted_shop.with_options(max_response_bytes=50).account()


async def test_files_are_read(script: ScriptedTransport, scripted_shop: ShopClient, tmp_path: Path) -> None:
    """The files of an upload are read to their ends, so a stream is spent and progress is reported."""
    file = tmp_path / "a.png"
    file.write_bytes(b"abc")
    script.reply(UPLOAD, {"token": "t"}, times=2)
    sent: list[tuple[int, int | None]] = []
    attachment = Attachment(file, progress=lambda done, size: sent.append((done, size)))
    await scripted_shop.zalo.files.upload(type="image", oa_id="1", file=attachment)
    assert sent == [(3, 3)]
    with file.open("rb") as stream:
        await scripted_shop.zalo.files.upload(type="image", oa_id="1", file=stream)
        with pytest.raises(InvalidRequestError, match="at its end"):
            await scripted_shop.zalo.files.upload(type="image", oa_id="1", file=stream)
    assert script.sent(UPLOAD) == [{"type": "image", "oa_id": "1", "file": "a.png (image/png)"}] * 2


async def test_unreadable_file(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A file that cannot be read to its end raises the error of the real transport."""

    def stop(_: int, __: int | None) -> None:
        raise OSError("the disk is full")

    script.reply(UPLOAD, {"token": "t"})
    with pytest.raises(InvalidRequestError, match="file could not be read to its end: the disk is full"):
        await scripted_shop.zalo.files.upload(
            type="image", oa_id="1", file=Attachment(b"abc", name="a.png", progress=stop)
        )
