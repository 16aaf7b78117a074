"""`etelecom sandbox`: the service on this machine, until it is told to end."""

import argparse
import asyncio
import contextlib
import errno
import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from etelecom_async._core.codec.scalars import VIETNAM
from etelecom_async.cli.command import Command, CommandError, count
from etelecom_async.cli.console import export_lines
from etelecom_async.sandbox import Content, Sandbox
from etelecom_async.sandbox.faults import load_faults
from etelecom_async.sandbox.world.content import COUNTS

_DEFAULTS: Final = Content()
_LAST_PORT: Final = 65535
_LOOPBACK: Final = "127.0.0.1"
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only where the user asks for it


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    listening = parser.add_argument_group("where it listens")
    listening.add_argument("--port", type=_port, default=0, help="a free one where left out")
    listening.add_argument("--host", help=f"address to listen on; {_LOOPBACK} where left out")
    listening.add_argument(
        "--allow-remote",
        action="store_true",
        help="let other machines in: listen on all addresses, or on the one of --host",
    )
    content = parser.add_argument_group("what it holds")
    content.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="keep the state in this file; if it holds some already, that is used, and nothing is seeded",
    )
    content.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=_DEFAULTS.seed,
        help="the same number gives, on the same day, the same records and keys (%(default)s)",
    )
    content.add_argument(
        "--until",
        type=_day,
        metavar="DATE",
        help="the day before which the seeded history ends, as 2026-11-30; today where left out",
    )
    for name in COUNTS:
        content.add_argument(
            f"--{name.replace('_', '-')}",
            type=count,
            metavar="N",
            default=getattr(_DEFAULTS, name),
            help="%(default)s where left out",
        )
    parser.add_argument(
        "--chaos", type=Path, metavar="FILE", help="what goes wrong on purpose, in TOML or JSON"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON once it listens")


def _port(text: str) -> int:
    number = count(text)
    if number > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{number} is above {_LAST_PORT}")
    return number


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=VIETNAM)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2026-11-30") from error


async def _run(options: argparse.Namespace) -> int:
    # Cancellation is the normal way to stop.
    with contextlib.suppress(asyncio.CancelledError):
        async with contextlib.AsyncExitStack() as stack:
            sandbox = await _start(options, stack)
            if options.json:
                text = json.dumps(sandbox.as_json())
            else:
                text = (
                    f"# The sandbox is at {sandbox.base_url}; Ctrl-C ends it. In another shell:\n"
                    f"{export_lines(sandbox.environment())}"
                )
            print(text, flush=True)
            await asyncio.Event().wait()
    return 0


async def _start(options: argparse.Namespace, stack: contextlib.AsyncExitStack) -> Sandbox:
    try:
        sandbox = Sandbox(
            port=options.port,
            host=options.host or (_EVERYWHERE if options.allow_remote else _LOOPBACK),
            allow_remote=options.allow_remote,
            data=options.data,
            seed=options.seed,
            # A look at the calls of this week should show some.
            until=options.until or datetime.combine(datetime.now(VIETNAM), time(), tzinfo=VIETNAM),
            faults=load_faults(options.chaos) if options.chaos else (),
            **{name: getattr(options, name) for name in COUNTS},
        )
    except ValueError as error:
        raise CommandError(str(error), exit_code=2) from error
    try:
        return await stack.enter_async_context(sandbox)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {options.port} is in use: give another --port, or none for a free one"
        else:
            message = f"cannot listen there: {error}"
        raise CommandError(message) from error
    except ValueError as error:
        raise CommandError(str(error)) from error


SANDBOX: Final = Command(
    name="sandbox",
    summary="run the service on this machine, with invented data",
    description=(
        "Runs the eTelecom API on this machine, with invented data, and prints the environment to use it. "
        "It ends with Ctrl-C."
    ),
    add_arguments=_add_arguments,
    run=_run,
)
