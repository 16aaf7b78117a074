"""Test that signals interrupt a command, and that their handlers are restored."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli import signals
from etelecom_async.cli.signals import run_until_interrupted, signals_interrupt, time_limit

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_result_is_the_exit_code() -> None:
    """The command's result is returned."""
    assert run_until_interrupted(asyncio.sleep(0, result=3)) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_interrupts(number: signal.Signals) -> None:
    """Both signals interrupt a waiting command, and the handlers from before return."""

    async def wait() -> int:
        asyncio.get_running_loop().call_soon(signal.raise_signal, number)
        await asyncio.Event().wait()
        return 0

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), signals_interrupt():
        run_until_interrupted(wait())
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_end_of_the_terminal() -> None:
    """The end of the terminal interrupts a command, too, but not one that ignores it, as under `nohup`."""

    async def wait() -> int:
        signal.raise_signal(signal.SIGHUP)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return 3

    before = signal.getsignal(signal.SIGHUP)
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert run_until_interrupted(wait()) == 3
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with pytest.raises(KeyboardInterrupt), signals_interrupt():
            run_until_interrupted(wait())
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signal_outside_of_the_event_loop() -> None:
    """SIGTERM also interrupts a command that runs no event loop."""
    with pytest.raises(KeyboardInterrupt), signals_interrupt():
        signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def full_pipe() -> Iterator[int]:
    """Yield the end for writing of a pipe that is full and that nobody reads."""
    reader, end = os.pipe()
    os.set_blocking(end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(end, bytes(65536))
    os.set_blocking(end, True)
    yield end
    os.close(reader)
    os.close(end)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
class TestWriteThatWaits:
    """One signal ends a command that waits for the reader of a pipe."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the command react soon."""
        monkeypatch.setattr(signals, "_PATIENCE", 0.01)

    def test_signal_in_the_write(self, full_pipe: int, number: signal.Signals) -> None:
        """A signal interrupts the write."""
        sent = (threading.get_ident(), number)

        async def write() -> None:
            # The thread may send its signal before the write starts. That has the same end.
            threading.Timer(0.01, signal.pthread_kill, sent).start()
            os.write(full_pipe, b"a row")

        with pytest.raises(KeyboardInterrupt), signals_interrupt():
            run_until_interrupted(write())

    def test_signal_before_the_write(self, full_pipe: int, number: signal.Signals) -> None:
        """A command that writes the end of its output after the signal is interrupted, too."""
        events: list[str] = []

        async def write() -> None:
            try:
                signal.raise_signal(number)
                await asyncio.Event().wait()
            finally:
                events.append("cancelled")
                os.write(full_pipe, b"the end")

        with pytest.raises(KeyboardInterrupt), signals_interrupt():
            run_until_interrupted(write())
        assert events == ["cancelled"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_time_limit(full_pipe: int) -> None:
    """A write that waits for its reader ends in time, and the handler from before returns."""
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeoutError), time_limit(0.01):
        os.write(full_pipe, b"a row")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
