"""The proxies: their commands, and their lives on loopback ports."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import attrs

ORIGIN_SECONDS: Final = 2
"""Seconds that each proxy waits for a response of the origin; the defaults are 50 and more."""
START_SECONDS: Final = 60
_HERE: Final = Path(__file__).parent


@attrs.frozen
class Proxy:
    """A proxy: its program, its configuration, and its command line."""

    name: str
    program: str
    package: str
    """Debian package that has the program."""
    configuration: str
    """File in this folder."""
    arguments: Callable[[Path, Path, int], Sequence[str]]
    """Returns the arguments for the configuration, a folder for its files and its port."""


def _varnish(configuration: Path, folder: Path, port: int) -> Sequence[str]:
    files = ("-n", str(folder / "varnish"), "-f", str(configuration), "-s", "malloc,16m")
    timeout = ("-p", f"first_byte_timeout={ORIGIN_SECONDS}", "-p", f"between_bytes_timeout={ORIGIN_SECONDS}")
    return ("-F", "-j", "none", "-T", "none", "-a", f"127.0.0.1:{port}", *files, *timeout)


def _nginx(configuration: Path, folder: Path, _: int) -> Sequence[str]:
    return ("-p", str(folder), "-e", "stderr", "-c", str(configuration), "-g", "daemon off;")


def _haproxy(configuration: Path, _: Path, __: int) -> Sequence[str]:
    return ("-db", "-f", str(configuration))


PROXIES: Final = (
    Proxy("varnish", "varnishd", "varnish", "varnish.vcl", _varnish),
    Proxy("nginx", "nginx", "nginx", "nginx.conf", _nginx),
    Proxy("haproxy", "haproxy", "haproxy", "haproxy.cfg", _haproxy),
)


def find(proxy: Proxy) -> str | None:
    """Return the path of a proxy's program, or `None`; Debian has these in a folder for administrators."""
    return shutil.which(proxy.program, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


def free_port() -> int:
    """Return a loopback port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def until_it_listens(port: int, process: asyncio.subprocess.Process) -> None:
    """
    Wait until a process accepts connections on a port.

    Raises:
        RuntimeError: The process has ended.
        TimeoutError: It does not listen.
    """
    async with asyncio.timeout(START_SECONDS):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"a server ended with {process.returncode} instead of listening")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _configure(proxy: Proxy, folder: Path, port: int, origin_port: int) -> Path:
    # The workers of a proxy that root starts have another user.
    folder.chmod(0o755)
    text = (_HERE / proxy.configuration).read_text(encoding="utf-8")
    values = {"PORT": port, "ORIGIN_PORT": origin_port, "ORIGIN_SECONDS": ORIGIN_SECONDS, "FOLDER": folder}
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    configuration = folder / proxy.configuration
    configuration.write_text(text, encoding="utf-8")
    return configuration


@asynccontextmanager
async def running(proxy: Proxy, origin_port: int) -> AsyncGenerator[int]:
    """Run a proxy in front of a port; give its own port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix=f"{proxy.name}-") as name:
        folder = Path(name)
        configuration = _configure(proxy, folder, port, origin_port)
        log = folder / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                find(proxy) or proxy.program,
                *proxy.arguments(configuration, folder, port),
                stdout=output,
                stderr=output,
            )
        try:
            try:
                await until_it_listens(port, process)
            except RuntimeError as error:
                raise RuntimeError(f"{proxy.name}: {error}\n{log.read_text(errors='replace')}") from error
            yield port
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
