"""Run `etelecom demo`: a typical program over HTTP against its own sandbox; print its figures."""

import asyncio
import contextlib
import json
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from etelecom_async import Attempt, PartnerClient, ProvisionalOperationWarning, attempt_hook
from etelecom_async.cli import story
from etelecom_async.cli.console import Quiet, Screen
from etelecom_async.cli.sandbox_run import settings_lines
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import Sandbox


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


def run(given: Mapping[str, Any]) -> int:
    """
    Run the program, print its figures, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: rich is not installed.
        EtelecomError: A setting of the environment is wrong.
    """
    return run_until_interrupted(_run(given))


async def _run(given: Mapping[str, Any]) -> int:
    screen = None if given["json"] else Screen()
    async with Sandbox(seed=given["seed"], call_logs=given["call_logs"]) as sandbox:
        figures = await _run_story(sandbox, screen or Quiet(), given["call_logs"])
        if screen:
            _show(screen, figures, settings_lines(sandbox) if given["keep"] else "")
        else:
            kept = {"sandbox": sandbox.as_json()} if given["keep"] else {}
            print(json.dumps(figures.as_json() | kept), flush=True)
        if given["keep"]:
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
