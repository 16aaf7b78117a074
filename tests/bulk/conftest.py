"""Processes for the tests of the ledgers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

import pytest


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
