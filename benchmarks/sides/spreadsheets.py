"""Read a sheet of 50,000 rows and 8 columns: by the SDK, and by openpyxl."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Run
from benchmarks.sheets import read_openpyxl, read_ours, write_usual


@asynccontextmanager
async def sdk(_: str) -> AsyncGenerator[Run]:
    """Scan the file, and read its rows with python-calamine."""
    with TemporaryDirectory() as folder:
        yield _reading(folder, read_ours)


@asynccontextmanager
async def openpyxl(_: str) -> AsyncGenerator[Run]:
    """Read the rows with openpyxl, in its mode for large files."""
    with TemporaryDirectory() as folder:
        yield _reading(folder, read_openpyxl)


def _reading(folder: str, read: Callable[[Path], None]) -> Run:
    path = Path(folder) / "sheet.xlsx"
    write_usual(path)

    async def run(times: int) -> None:
        for _ in range(times):
            read(path)

    return run
