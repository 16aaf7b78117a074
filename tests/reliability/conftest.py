"""Fixtures for servers on a socket, with and without TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.conftest import Peer


@pytest.fixture
def listen(other_thread: asyncio.AbstractEventLoop) -> Iterator[Callable[..., int]]:
    """Return a function that opens a port in another thread, for a handler of one connection."""
    servers: list[asyncio.Server] = []
    handlers: set[asyncio.Task[Any]] = set()

    def run(step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, other_thread).result()

    async def start(serve: Callable[..., Any], context: ssl.SSLContext | None) -> int:
        async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            handlers.add(task)
            task.add_done_callback(handlers.discard)
            try:
                await serve(reader, writer)
            except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
                pass  # the client may disconnect at any time, and the test may end
            finally:
                writer.close()

        servers.append(await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=context))
        return int(servers[-1].sockets[0].getsockname()[1])

    async def stop() -> None:
        for _ in range(3):  # if a server closes while it accepts a connection, the client's socket stays open
            await asyncio.sleep(0)
        for server in servers:
            server.close()
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    yield lambda serve, context=None: run(start(serve, context))
    run(stop())


class Secure:
    """The peer with TLS, and the certificates to trust it."""

    def __init__(
        self, authority: trustme.CA, ca_file: Path, open_port: Callable[[ssl.SSLContext], int]
    ) -> None:
        self.authority = authority
        """The authority that signs the certificates of servers."""
        self.ca_file = ca_file
        self.trusting = ssl.create_default_context(cafile=ca_file)
        """The SSL context of a client that trusts the authority."""
        self._open_port = open_port

    def certified(self, *names: str, **dates: Any) -> ssl.SSLContext:
        """Return a server's SSL context, with a valid certificate for this machine or for the given names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **dates).configure_cert(context)
        return context

    def base_url(self, context: ssl.SSLContext | None = None) -> str:
        """Open a port of the peer with TLS, and return its base URL."""
        return f"https://localhost:{self._open_port(context or self.certified())}/v1"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return the authority that signs the certificates of servers."""
    return trustme.CA()


@pytest.fixture
def secure(peer: Peer, listen: Callable[..., int], authority: trustme.CA, tmp_path: Path) -> Secure:
    """Return the peer with TLS."""
    ca_file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Secure(authority, ca_file, lambda context: listen(peer._serve, context))
