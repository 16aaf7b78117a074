"""Test that signals interrupt a command, and that their handlers are restored."""

from __future__ import annotations

import asyncio
import signal

import pytest

from etelecom_async.cli.signals import run_until_interrupted, signals_interrupt


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


def test_signal_outside_of_the_event_loop() -> None:
    """SIGTERM also interrupts a command that runs no event loop."""
    with pytest.raises(KeyboardInterrupt), signals_interrupt():
        signal.raise_signal(signal.SIGTERM)
