"""The command: `python -m proxies [NAME ...] [--only TEXT] [--missing]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from proxies.rounds import Round, play_all
from proxies.servers import PROXIES, find
from proxies.stages import STAGES


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Play the rounds, and print what each call got and how often it was executed.

    Args:
        arguments: The arguments of the command; by default those of the process.

    Returns:
        The exit code: 1 if anything happened that must never happen.
    """
    parser = argparse.ArgumentParser(prog="python -m proxies", description=__doc__)
    names = [proxy.name for proxy in PROXIES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"proxies, by default {', '.join(names)}")
    parser.add_argument("--only", default="", metavar="TEXT", help="only stages whose name contains TEXT")
    parser.add_argument("--missing", action="store_true", help="print the Debian packages that are missing")
    asked = parser.parse_args(arguments)
    if strangers := sorted(set(asked.names) - set(names)):
        parser.error(f"there is no {', '.join(strangers)}; there are {', '.join(names)}")
    proxies = [proxy for proxy in PROXIES if proxy.name in (asked.names or names)]
    if asked.missing:
        print("\n".join(proxy.package for proxy in proxies if find(proxy) is None))
        return 0
    stages = [stage for stage in STAGES if asked.only in stage.name]
    if not stages:
        parser.error(f"no stage contains {asked.only!r}")

    async def play() -> list[Round]:
        async with asyncio.TaskGroup() as tasks:
            played = [tasks.create_task(play_all(proxy, stages, report)) for proxy in proxies]
        return [each for task in played for each in task.result()]

    rounds = asyncio.run(play())
    problems = [problem for each in rounds for problem in each.problems]
    calls = sum(len(each.outcomes) for each in rounds)
    print(f"\n{calls} calls in {len(rounds)} rounds, {len(problems)} problems")
    for problem in problems:
        print(f"- {problem}")
    return int(bool(problems))


def report(played: Round) -> None:
    """Print one round."""
    mark = "!" if played.problems else " "
    print(f"{mark} {played.proxy:8} {played.stage:27} {', '.join(map(str, played.outcomes))}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
