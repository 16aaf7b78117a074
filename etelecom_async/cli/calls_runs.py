"""Show the progress, the summary and the first request of the commands that read the history of calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, TextIO

from etelecom_async import ShopClient
from etelecom_async._core.plurals import counted
from etelecom_async.cli.console import Quiet, Screen, Share
from etelecom_async.history.reading import calls
from etelecom_async.history.walking import Progress

STDOUT: Final = "-"
"""Value of `--output` that means stdout."""
CALLS: Final = "calls"
"""The stage that reads all calls; the others are hotlines, by their names."""


def progress(given: Mapping[str, Any]) -> AbstractContextManager[Share]:
    """
    Return the progress bar of a command: on stderr, if that is a terminal, and without `--quiet`.

    Args:
        given: Values of the options.
    """
    is_shown = sys.stderr.isatty() and not given["quiet"]
    return (Screen(sys.stderr) if is_shown else Quiet()).share()


def show_stage(show: Share, stage: str, done: Progress) -> None:
    """
    Show how far one of the lists of calls is.

    Args:
        show: The progress bar.
        stage: `CALLS`, or the name of a hotline.
        done: How far it is.
    """
    label = "Calls" if stage == CALLS else f"Calls of hotline {stage}"
    show(label, done.done, f"{counted(done.rows, 'row')}, {counted(done.requests, 'request')}")


async def show_first_request(shop: ShopClient, given: Mapping[str, Any], **options: Any) -> None:
    """
    Start to read, without any file; the first request raises `DryRun`.

    Args:
        shop: The client.
        given: Values of the options.
        options: How to read the calls.
    """
    if given.get("hotlines"):
        await shop.hotlines.list().collect()
    async for _ in calls(shop, given["since"], given.get("until"), **options):
        break  # pragma: no cover - the first request is not sent


def print_summary(summary: Mapping[str, Any], output: str) -> None:
    """
    Write the summary of `--json`: on stdout, or on stderr if the result is on stdout.

    Args:
        summary: The summary as plain data.
        output: Value of `--output`, which the summary names, too.
    """
    stream: TextIO = sys.stderr if output == STDOUT else sys.stdout
    print(json.dumps({**summary, "output": output}, ensure_ascii=False), file=stream)
