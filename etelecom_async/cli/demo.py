"""Define `etelecom demo`: it runs a typical program over HTTP against its own sandbox, and prints figures."""

import argparse
import asyncio
import contextlib
import json
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import attrs

from etelecom_async import Attempt, PartnerClient, ProvisionalOperationWarning, attempt_hook
from etelecom_async.cli import story
from etelecom_async.cli.command import Command, count
from etelecom_async.cli.console import Quiet, Screen
from etelecom_async.cli.sandbox import settings_lines
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import Content, Sandbox


@attrs.frozen(kw_only=True)
class _Figures:
    """Figures of a run."""

    records: story.Records
    calls: story.Calls
    requests: Counter[str]
    """Number of requests by public name of the operation."""
    seconds: float

    def inferred(self) -> list[str]:
        """Return the public names of the undocumented operations."""
        return sorted(name for name in self.requests if OPERATIONS[name].provisional)

    def as_json(self) -> dict[str, Any]:
        return {
            **attrs.asdict(self.records),
            "calls": self.calls.by_direction.total(),
            "calls_by_direction": dict(self.calls.by_direction.most_common()),
            "calls_by_state": dict(self.calls.by_state.most_common()),
            "requests": self.requests.total(),
            "pages": self.calls.pages,
            "seconds": round(self.seconds, 3),
        }

    def sections(self) -> Mapping[str, Mapping[str, object]]:
        """Return the rows of the table, by heading."""
        return {
            "records": attrs.asdict(self.records),
            "calls by direction": dict(self.calls.by_direction.most_common()),
            "calls by state": dict(self.calls.by_state.most_common()),
            "this run": {
                "requests": self.requests.total(),
                "pages of calls": self.calls.pages,
                "seconds": f"{self.seconds:.2f}",
            },
        }


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--call-logs", type=count, metavar="N", default=10_000, help="calls to read (%(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=Content().seed,
        help="the same number gives the same calls and keys (%(default)s)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the sandbox running until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="print only one JSON object with the figures")


async def _run(options: argparse.Namespace) -> int:
    screen = None if options.json else Screen()
    async with Sandbox(seed=options.seed, call_logs=options.call_logs) as sandbox:
        figures = await _run_story(sandbox, screen or Quiet(), options.call_logs)
        if screen:
            _show(screen, figures, settings_lines(sandbox) if options.keep else "")
        else:
            kept = {"sandbox": sandbox.as_json()} if options.keep else {}
            print(json.dumps(figures.as_json() | kept), flush=True)
        if options.keep:
            # The demo is complete, so Ctrl-C now means success.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    return 0


def _show(screen: Screen, figures: _Figures, settings: str) -> None:
    screen.say(f"Read {figures.calls.by_direction.total()} call logs in {figures.calls.pages} pages")
    if inferred := figures.inferred():
        screen.say(f"Not documented, so the SDK infers it and warns once: {', '.join(inferred)}")
    screen.table(figures.sections())
    if settings:
        screen.say("The sandbox runs until Ctrl-C. To use it, run in another shell:")
        screen.say(settings)


async def _run_story(sandbox: Sandbox, screen: Quiet, call_logs: int) -> _Figures:
    requests = Counter[str]()

    def count_request(attempt: Attempt) -> None:
        requests[attempt.operation] += 1

    screen.say(f"Started a sandbox at {sandbox.base_url}")
    began = time.perf_counter()
    # The output itself names these operations, in friendlier words.
    with warnings.catch_warnings(action="ignore", category=ProvisionalOperationWarning):
        async with PartnerClient(
            sandbox.partner_api_key, base_url=sandbox.base_url, hooks=[attempt_hook(count_request)]
        ) as partner:
            records = await story.set_up_shop(partner, screen.say)
            with screen.bar("Reading call logs", call_logs) as advance:
                calls = await story.read_calls(partner.for_shop(sandbox.shop_key), advance)
    return _Figures(records=records, calls=calls, requests=requests, seconds=time.perf_counter() - began)


DEMO: Final = Command(
    name="demo",
    summary="run a typical program: set up a shop's telephones, read ten thousand call logs",
    description=(
        "Start a sandbox, and run a typical partner's program over HTTP: set up a shop with tenant, "
        "hotlines, users and extensions, then read the call logs of another shop page by page."
    ),
    add_arguments=_add_arguments,
    run=_run,
)
