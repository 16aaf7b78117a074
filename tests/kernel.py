"""A real Jupyter kernel for tests: it runs cells, and can be interrupted and restarted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbclient
import nbformat

from tests.conftest import PATIENCE


def shown_by(cell: Any) -> str:
    """
    Return what a cell shows: what it printed, its tables or values, and the names of its errors.

    Bars are no part of it, because they are widgets or texts on stderr.
    """
    texts: list[str] = []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.get("name") == "stdout":
            texts.append(output["text"])
        elif "ename" in output:
            texts.append(output["ename"])
        elif "image/png" in data:
            texts.append("a picture")
        elif "application/vnd.jupyter.widget-view+json" not in data:
            # The HTML of other packages differs from release to release.
            is_ours = data.get("text/html", "").startswith(('<div style="overflow-x:auto">', "<p>"))
            texts.append(data["text/html"] if is_ours else data.get("text/plain", ""))
    return "".join(texts)


class Kernel:
    """
    A kernel that runs.

    Args:
        shell: The client of the kernel.
    """

    def __init__(self, shell: nbclient.NotebookClient) -> None:
        self._shell = shell

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncGenerator[Kernel]:
        """Start a kernel for the block, with *folder* as its working folder."""
        resources = {"metadata": {"path": str(folder)}}
        empty = nbformat.v4.new_notebook()
        shell = nbclient.NotebookClient(empty, timeout=PATIENCE, allow_errors=True, resources=resources)
        async with shell.async_setup_kernel():
            yield cls(shell)

    async def run(self, source: str, *, until: Awaitable[object] | None = None) -> str:
        """Run a cell and return what it shows. Interrupt it when *until* is done."""
        cell = nbformat.v4.new_code_cell(source)
        self._shell.nb.cells.append(cell)
        running = asyncio.create_task(self._shell.async_execute_cell(cell, len(self._shell.nb.cells) - 1))
        if until is not None:
            await until
            await self._shell.km.interrupt_kernel()
        await running
        return shown_by(cell)

    async def restart(self) -> None:
        """Restart the kernel, which forgets all variables."""
        await self._shell.km.restart_kernel(now=True)
        await self._shell.kc.wait_for_ready(timeout=PATIENCE)
