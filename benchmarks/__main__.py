"""The command: `python -m benchmarks [NAME ...] [--json] [--rounds N] [--list]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import table
from benchmarks.measure import Progress, Row, measure
from benchmarks.rows import ROWS
from benchmarks.server import serving


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Measure, and print the results.

    Args:
        arguments: The command-line arguments after the command's name. Default: those of the process.

    Returns:
        The exit code: 1 if a measurement is over its bound.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [row.name for row in ROWS]
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; default: everything")
    parser.add_argument("--json", action="store_true", help="print JSON, with more figures")
    parser.add_argument("--list", action="store_true", help="print the names, and measure nothing")
    parser.add_argument("--rounds", type=int, metavar="N", help="number of rounds; default: each row's own")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"unknown: {', '.join(unknown)}; the names are: {', '.join(names)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    rows = [row for row in ROWS if row.name in options.names or not options.names]
    if options.list:
        width = max(map(len, names))
        print("\n".join(f"{row.name:{width}}  {row.title}" for row in rows))
        return 0
    with serving() as url:
        outcomes = [measure(row, url, options.rounds, progress(row)) for row in rows]
    clear()
    print(table.as_json(outcomes) if options.json else table.as_text(outcomes))
    return int(any(outcome.verdict == "over" for outcome in outcomes))


def progress(row: Row) -> Progress:
    """Return a callback that shows a row's progress on a terminal."""

    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{row.name}: round {done}", end="", file=sys.stderr, flush=True)

    show(0)
    return show


def clear() -> None:
    """Clear the progress line."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
