"""The peer behind TLS."""

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
    """Opens a port in another thread, for a function that serves one connection; gives its number."""
    servers: list[asyncio.Server] = []
    calls: set[asyncio.Task[Any]] = set()

    def run(step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, other_thread).result()

    async def start(serve: Callable[..., Any], context: ssl.SSLContext | None) -> int:
        async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            calls.add(task)
            task.add_done_callback(calls.discard)
            try:
                await serve(reader, writer)
            except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
                pass  # whoever calls may go at any time, and so may the test
            finally:
                writer.close()

        servers.append(await asyncio.start_server(watched, "127.0.0.1", 0, ssl=context))
        return int(servers[-1].sockets[0].getsockname()[1])

    async def stop() -> None:
        for _ in range(3):  # a server that closes while it accepts a caller leaves the caller's socket open
            await asyncio.sleep(0)
        for server in servers:
            server.close()
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    yield lambda serve, context=None: run(start(serve, context))
    run(stop())


class Secure:
    """The peer behind TLS, and what it takes to trust it."""

    def __init__(
        self, authority: trustme.CA, ca_file: Path, open_port: Callable[[ssl.SSLContext], int]
    ) -> None:
        self.authority = authority
        """Signs the certificates of servers."""
        self.ca_file = ca_file
        self.trusting = ssl.create_default_context(cafile=ca_file)
        """A client's context that trusts the authority."""
        self._open_port = open_port

    def certified(self, *names: str, **dates: Any) -> ssl.SSLContext:
        """A server's context, with a certificate that is right for this machine, or for those names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **dates).configure_cert(context)
        return context

    def base_url(self, context: ssl.SSLContext | None = None) -> str:
        """Opens a port of the peer that speaks TLS; gives the base URL."""
        return f"https://localhost:{self._open_port(context or self.certified())}/v1"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the certificates of servers."""
    return trustme.CA()


@pytest.fixture
def secure(peer: Peer, listen: Callable[..., int], authority: trustme.CA, tmp_path: Path) -> Secure:
    """The peer behind TLS."""
    ca_file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Secure(authority, ca_file, lambda context: listen(peer._serve, context))
