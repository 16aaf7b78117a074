"""
The limit: the least that a call costs with the packages that the SDK uses.

aiohttp sends and receives bytes. msgspec writes the request and reads the response into the SDK's own models.
The result equals the SDK's result. Nothing is checked, counted, limited or retried.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import aiohttp
import msgspec
from yarl import URL

from benchmarks.measure import Run, repeating
from benchmarks.recordings import CALL_LOGS, EXTENSION_NUMBER, LOGIN, ROWS
from benchmarks.sides import expect
from benchmarks.sides.by_hand import HEADERS, PAGING, REQUEST
from etelecom_async.models import CallLog, ExtensionLogin
from etelecom_async.paging import Page, PageInfo

ResultT = TypeVar("ResultT")

# The SDK's two conventions: an unset time is null, and a password is a `Secret`. Both texts have the same
# length, because `bytes.replace` is fastest then.
_UNSET_TIME: Final = b'"0001-01-01T00:00:00Z"'
_NULL: Final = b"null".ljust(len(_UNSET_TIME), b"\n")


class _CallLogs(msgspec.Struct):
    """The response of the list: an object of msgspec's own, because it never leaves this module."""

    call_logs: tuple[CallLog, ...]
    paging: PageInfo


def _wrap(kind: type[Any], text: object) -> object:
    return kind(text)


_encode: Final = msgspec.json.Encoder().encode
_decode_login: Final = msgspec.json.Decoder(ExtensionLogin, dec_hook=_wrap).decode
_decode_call_logs: Final = msgspec.json.Decoder(_CallLogs, dec_hook=_wrap).decode


def decode_login(body: bytes) -> ExtensionLogin:
    """Return the login that a response's body holds."""
    return _decode_login(body.replace(_UNSET_TIME, _NULL))


def decode_page(body: bytes) -> Page[CallLog]:
    """Return the page of call logs that a response's body holds."""
    response = _decode_call_logs(body.replace(_UNSET_TIME, _NULL))
    return Page(items=response.call_logs, next=response.paging.next, prev=response.paging.prev)


@asynccontextmanager
async def small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension."""
    async with _posting(f"{url}/plain{LOGIN}", REQUEST, decode_login, _expect_login) as run:
        yield run


@asynccontextmanager
async def page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs."""
    async with _posting(f"{url}/plain{CALL_LOGS}", PAGING, decode_page, _expect_page) as run:
        yield run


def _expect_login(login: ExtensionLogin) -> None:
    expect(login.extension_number, EXTENSION_NUMBER)


def _expect_page(page: Page[CallLog]) -> None:
    expect(len(page), ROWS)


@asynccontextmanager
async def _posting(
    url: str,
    request: Mapping[str, Any],
    decode: Callable[[bytes], ResultT],
    check: Callable[[ResultT], None],
) -> AsyncGenerator[Run]:
    target = URL(url)
    headers = HEADERS | {"Content-Type": "application/json"}
    # The API sets no cookies.
    async with aiohttp.ClientSession(
        headers=headers, cookie_jar=aiohttp.DummyCookieJar(), raise_for_status=True
    ) as http:

        async def call() -> ResultT:
            async with http.post(target, data=_encode(request)) as response:
                return decode(await response.read())

        yield repeating(call, check)
