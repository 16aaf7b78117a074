"""
Serve two pages on this machine while `etelecom connect` waits for the login of a shop's owner.

`/` sends the browser to the login page. So the address with the token is neither printed nor an argument of
the browser. `/connected` takes the redirect after the login. The server listens on 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import html
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from etelecom_async import InvalidRequestError
from etelecom_async.connect import parse_redirect

if TYPE_CHECKING:
    from etelecom_async import Secret
    from etelecom_async.connect import ShopRedirect

HOST: Final = "127.0.0.1"
_REDIRECT_PATH: Final = "/connected"
_READ_SECONDS: Final = 10
"""Seconds that a browser has to send a request."""
_MOST_BYTES: Final = 65536
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>etelecom</title></head>'
    "<body><h1>{heading}</h1><p>{text}</p></body></html>"
)
_HEAD: Final = (
    "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n{more}\r\n"
)


class RedirectPage:
    """
    The pages of one run of the command.

    Args:
        port: The port of the server.
    """

    def __init__(self, port: int) -> None:
        self.port: Final = port
        self._state: Final = secrets.token_urlsafe(16)
        self._login: Secret | None = None
        self._redirects: Final[asyncio.Queue[ShopRedirect]] = asyncio.Queue()

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{HOST}:{self.port}/"

    @property
    def redirect_url(self) -> str:
        """The address that the browser opens after the login; only this run knows its state."""
        return f"http://{HOST}:{self.port}{_REDIRECT_PATH}?state={self._state}"

    async def login(self, auth_url: Secret) -> ShopRedirect:
        """
        Send browsers to a login page, and wait for the redirect after the login.

        Args:
            auth_url: The login page.
        """
        self._login = auth_url
        try:
            return await self._redirects.get()
        finally:
            self._login = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to one request of a browser."""
        # Browsers open connections that they do not use, and close others early.
        with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            async with asyncio.timeout(_READ_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        writer.close()

    def _response(self, request_line: str) -> bytes:
        method, _, target = request_line.partition(" ")
        target = target.rpartition(" ")[0]
        if method != "GET":
            return _page("405 Method Not Allowed", "Method not allowed", "Open this address in a browser.")
        path = target.partition("?")[0]
        if path == "/":
            return self._start()
        if path == _REDIRECT_PATH:
            return self._finish(target)
        return _page("404 Not Found", "Not found", "This address is only for the login of a shop.")

    def _start(self) -> bytes:
        if self._login is None:
            return _page("410 Gone", "No login is expected", "Run the command again.")
        return _page("303 See Other", "Login", "", location=self._login.reveal())

    def _finish(self, target: str) -> bytes:
        try:
            back = parse_redirect(target)
        except InvalidRequestError as error:
            return _page("400 Bad Request", "The address is not complete", "; ".join(error.problems))
        if not secrets.compare_digest(back.params.get("state", "").encode(), self._state.encode()):
            return _page("403 Forbidden", "This login belongs to another command", "Start it again.")
        self._redirects.put_nowait(back)
        return _page("200 OK", "The shop has logged in", "Close this page, and return to the terminal.")


def _page(status: str, heading: str, text: str, *, location: str = "") -> bytes:
    body = _PAGE.format(heading=html.escape(heading), text=html.escape(text)).encode()
    more = f"Location: {location}\r\n" if location else ""
    return _HEAD.format(status=status, length=len(body), more=more).encode() + body


@asynccontextmanager
async def redirect_page(port: int) -> AsyncGenerator[RedirectPage]:
    """
    Serve the pages until the end of the block.

    Args:
        port: The port; 0 for a free one.

    Raises:
        OSError: The port is in use.
    """
    pages: list[RedirectPage] = []
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        await pages[0].serve(reader, writer)
        writers.remove(writer)

    server = await asyncio.start_server(serve, HOST, port, limit=_MOST_BYTES)
    async with server:
        pages.append(RedirectPage(server.sockets[0].getsockname()[1]))
        try:
            yield pages[0]
        finally:
            for writer in writers:  # connections that a browser opened and does not use
                writer.transport.abort()
