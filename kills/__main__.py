"""The command: `python -m kills [--creates N] [--sends N] [--kills N] [--seed N] [--late-seconds S]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from kills.killing import Options, Outcome, kill_again_and_again

CONTROL_KILLS: Final = 3
CONTROL_STEPS: Final = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Make the test and its control run, and print what happened.

    Args:
        arguments: The arguments of the command; by default those of the process.

    Returns:
        The exit code: 1 if anything was lost or made twice, or if the control run has not found that.
    """
    parser = argparse.ArgumentParser(prog="python -m kills", description=__doc__)
    parser.add_argument("--creates", type=int, default=10_000)
    parser.add_argument("--sends", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late-seconds", type=float, default=3.0)
    options = Options(**vars(parser.parse_args(arguments)))
    outcome = play(options)
    print(outcome, flush=True)
    control = attrs.evolve(
        options,
        creates=min(options.creates, CONTROL_STEPS),
        sends=min(options.sends, CONTROL_STEPS),
        kills=min(options.kills, CONTROL_KILLS),
        with_journal=False,
        with_ledger=False,
    )
    twice = play(control).twice.total()
    print(f"control run without the journal: {twice} steps were made twice")
    return int(bool(outcome.violations) or not twice)


def play(options: Options) -> Outcome:
    """Make one test, with files of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(kill_again_and_again(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
