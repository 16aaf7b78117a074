"""The bodies of requests, which have to end in time and have a limited size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from etelecom_async.sandbox import uploads

_DRAINED_BYTES: Final = 64 * 1024


async def read(request: web.Request) -> bytes:
    """
    Return the body of a request.

    Raises:
        web.HTTPRequestEntityTooLarge: The body is larger than the application allows.
        web.HTTPRequestTimeout: The body does not end in time.
    """
    try:
        async with asyncio.timeout(uploads.MAX_SECONDS):
            return await request.read()
    except TimeoutError:
        raise uploads.too_slow() from None


async def drain(
    request: web.Request, response: web.Response, keep: Callable[[bytes], object] = len
) -> web.Response:
    """
    Read the rest of a body, because a caller may not read before it has sent all; return *response*.

    The connection ends with the response to a body that is too large or too slow.

    Args:
        request: The request.
        response: The response to return.
        keep: Called with each piece of the body.
    """
    try:
        async with asyncio.timeout(uploads.MAX_SECONDS):
            async for piece in request.content.iter_chunked(_DRAINED_BYTES):
                keep(piece)
                if request.content.total_bytes > uploads.MAX_BYTES:
                    response.force_close()
                    break
    except TimeoutError:
        response.force_close()
    return response
