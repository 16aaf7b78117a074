"""The command: `python -m benchmarks [NAME ...] [--json] [--rounds N] [--list]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import table
from benchmarks.measure import Row, Told, measure
from benchmarks.rows import ROWS
from benchmarks.server import serving


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Measure, and print what came of it.

    Args:
        arguments: The arguments after the command's name; by default those of the process.

    Returns:
        The exit code: 1 where something costs more than it may.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [row.name for row in ROWS]
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; all where left out")
    parser.add_argument("--json", action="store_true", help="print JSON, with more figures")
    parser.add_argument("--list", action="store_true", help="measure nothing; print the names")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds, in place of each row's own number")
    asked = parser.parse_args(arguments)
    if strangers := sorted(set(asked.names) - set(names)):
        parser.error(f"there is no {', '.join(strangers)}; there are {', '.join(names)}")
    if asked.rounds is not None and asked.rounds < 1:
        parser.error("--rounds is a number, 1 or more")
    rows = [row for row in ROWS if row.name in asked.names or not asked.names]
    if asked.list:
        width = max(map(len, names))
        print("\n".join(f"{row.name:{width}}  {row.title}" for row in rows))
        return 0
    with serving() as url:
        outcomes = [measure(row, url, asked.rounds, progress(row)) for row in rows]
    clear()
    print(table.as_json(outcomes) if asked.json else table.as_text(outcomes))
    return int(any(outcome.verdict == "over" for outcome in outcomes))


def progress(row: Row) -> Told:
    """Return what shows on a terminal how far a row has come."""

    def told(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{row.name}: round {done}", end="", file=sys.stderr, flush=True)

    told(0)
    return told


def clear() -> None:
    """Take the last line of the progress away."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
