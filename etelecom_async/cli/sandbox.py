"""Define `etelecom sandbox`: it runs the service on this machine until it is stopped."""

import argparse
import asyncio
import contextlib
import errno
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import attrs

from etelecom_async import times
from etelecom_async._core.operation import KeyKind
from etelecom_async.cli.command import Command, CommandError, count
from etelecom_async.cli.console import export_lines
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import Content, RecordError, RuleOptions, Rules, Sandbox, StateFileError
from etelecom_async.sandbox.faults import load_faults
from etelecom_async.sandbox.world.content import COUNTS

_DEFAULTS: Final = Content()
_NOUNS: Final = {
    **{name: f"{name.replace('_', ' ')} of the first shop" for name in ("users", "extensions", "call_logs")},
    "zns_messages": "ZNS messages",
    "sms_quota": "messages that the SMS service accepts",
}
"""What an option counts, if its name does not say so."""
_LAST_PORT: Final = 65535
_LOOPBACK: Final = "127.0.0.1"
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only if the user requests it


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    listening = parser.add_argument_group("address")
    listening.add_argument("--port", type=_port, default=0, help="port to listen on (default: a free port)")
    listening.add_argument("--host", help=f"address to listen on (default: {_LOOPBACK})")
    listening.add_argument(
        "--allow-remote",
        action="store_true",
        help="accept other machines: listen on all addresses, or on --host; the keys are random",
    )
    listening.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="accept requests to this name of the machine; may be repeated",
    )
    content = parser.add_argument_group("content")
    content.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="keep the state in this file; a file that already has a state is used without new data; "
        "one sandbox at a time can use it",
    )
    content.add_argument(
        "--seed",
        type=int,
        metavar="N",
        default=_DEFAULTS.seed,
        help="on the same day, the same number gives the same records and keys (default: %(default)s); "
        "keys are random with --allow-remote",
    )
    content.add_argument(
        "--until",
        type=_day,
        metavar="DATE",
        help="the invented history ends before this day: 2026-11-30, yesterday or -7d (default: today)",
    )
    content.add_argument(
        "--content",
        type=Path,
        metavar="FILE",
        help="add the records in this JSON or YAML file to a new sandbox",
    )
    for name in COUNTS:
        content.add_argument(
            f"--{name.replace('_', '-')}",
            type=count,
            metavar="N",
            default=getattr(_DEFAULTS, name),
            help=f"number of {_NOUNS.get(name, name.replace('_', ' '))} (default: %(default)s)",
        )
    rules = parser.add_argument_group("rules that the documentation leaves open")
    for rule in attrs.fields(Rules):
        _add_rule(rules.add_argument, rule)
    parser.add_argument(
        "--allow-duplicates",
        action="store_true",
        help="accept a number that another employee, extension or hotline has",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="accept requests in the documented form only, not as public programs send them",
    )
    parser.add_argument(
        "--chaos", type=Path, metavar="FILE", help="inject the faults in this TOML or JSON file"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON when the sandbox listens")


def _add_rule(add_argument: Callable[..., object], rule: "attrs.Attribute[Any]") -> None:
    """Add the option of a rule; an option that is missing has the value `None`."""
    option, text = f"--{rule.name.replace('_', '-')}", rule.metadata["help"]
    if isinstance(rule.default, bool):
        usual = "yes" if rule.default else "no"
        action = argparse.BooleanOptionalAction
        add_argument(option, action=action, default=None, help=f"{text} (default: {usual})")
    elif rule.metadata["choices"]:
        text = f"{text} (default: {rule.default})"
        add_argument(option, choices=rule.metadata["choices"], help=text)
    elif isinstance(rule.default, int):
        add_argument(option, type=count, metavar="N", help=f"{text} (default: {rule.default})")
    else:
        add_argument(option, action="append", metavar="NAME", help=f"{text}; may be repeated")


def _port(text: str) -> int:
    number = count(text)
    if number > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{number} is above {_LAST_PORT}")
    return number


def _day(text: str) -> datetime:
    try:
        return times.day(text).begin
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _run(options: argparse.Namespace) -> int:
    # Cancellation is the normal way to stop.
    with contextlib.suppress(asyncio.CancelledError):
        async with contextlib.AsyncExitStack() as stack:
            sandbox = await _start(options, stack)
            if options.json:
                text = json.dumps(sandbox.as_json())
            else:
                text = (
                    f"# The sandbox is at {sandbox.base_url}; Ctrl-C stops it. In another shell:\n"
                    f"{settings_lines(sandbox)}"
                )
            print(text, flush=True)
            await asyncio.Event().wait()
    return 0


async def _start(options: argparse.Namespace, stack: contextlib.AsyncExitStack) -> Sandbox:
    chosen: dict[str, Any] = {name: getattr(options, name) for name in COUNTS}
    if options.until:
        chosen["until"] = options.until
    try:
        sandbox = Sandbox(
            port=options.port,
            host=options.host or (_EVERYWHERE if options.allow_remote else _LOOPBACK),
            allow_remote=options.allow_remote,
            allow_hosts=options.allow_host,
            data=options.data,
            seed=options.seed,
            content=options.content,
            faults=load_faults(options.chaos) if options.chaos else (),
            allow_duplicates=options.allow_duplicates,
            strict=options.strict,
            **chosen,
            **_rules(options),
        )
    except ValueError as error:
        raise CommandError(str(error), exit_code=2) from error
    try:
        return await stack.enter_async_context(sandbox)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {options.port} is in use: choose another --port, or omit it to use a free one"
        else:
            message = f"cannot listen on this address: {error}"
        raise CommandError(message) from error
    except (StateFileError, RecordError) as error:
        raise CommandError(str(error)) from error


def _rules(options: argparse.Namespace) -> RuleOptions:
    names = (rule.name for rule in attrs.fields(Rules))
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    return cast("RuleOptions", given)


def settings_lines(sandbox: Sandbox) -> str:
    """Return shell commands that set the variables for a sandbox, and a comment about the shop's keys."""
    partners = _only(KeyKind.PARTNER_SHOP_KEY, not_by=KeyKind.SHOP_API_KEY)
    own = _only(KeyKind.SHOP_API_KEY, not_by=KeyKind.PARTNER_SHOP_KEY)
    return (
        "# Of the shop's two keys, only ETELECOM_SHOP_KEY (the partner's key for the shop) may call "
        f"{partners}; only ETELECOM_SHOP_API_KEY (the shop's own key) may call {own}.\n"
        f"{export_lines(sandbox.environment())}"
    )


def _only(kind: KeyKind, *, not_by: KeyKind) -> str:
    """Return the public names of the operations that take one kind of a shop's keys only."""
    rows = OPERATIONS.items()
    return ", ".join(name for name, row in rows if kind in row.callers and not_by not in row.callers)


SANDBOX: Final = Command(
    name="sandbox",
    summary="run the service on this machine, with invented data",
    description=(
        "Run the eTelecom API on this machine with invented data, and print the environment variables to use "
        "it. Ctrl-C stops it."
    ),
    add_arguments=_add_arguments,
    run=_run,
)
