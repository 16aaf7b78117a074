"""Shared by the tests of transport, pool and failures: a transport, and ports that do not answer."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.http.transport import Transport
from etelecom_async.errors import TransportError

HEADERS = {"Authorization": "Bearer canary-key", "Content-Type": "application/json"}


def post(url: str) -> HttpRequest:
    """Return a request."""
    return HttpRequest(f"{url}/x", HEADERS, b'{"password": "canary-password"}')


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """Return a transport with its own sessions."""
    transport = Transport()
    yield transport
    await transport.close()


@pytest.fixture
def closed_port() -> int:
    """Return a port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that opens connections and never reads from them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


async def failure(transport: Transport, url: str, seconds: float = 10) -> TransportError:
    """Return the error of an attempt."""
    with pytest.raises(TransportError) as caught:
        await transport.send(post(url), seconds)
    return caught.value
