"""Run `etelecom sandbox`: the service on this machine, until it is stopped."""

import asyncio
import contextlib
import errno
import json
from collections.abc import Mapping
from typing import Any, Final, cast

from etelecom_async._core.operation import KeyKind
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.console import export_lines
from etelecom_async.cli.sandbox import RULES
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import RecordError, RuleOptions, Sandbox, StateFileError
from etelecom_async.sandbox.faults import load_faults
from etelecom_async.sandbox.world.content import COUNTS

_LOOPBACK: Final = "127.0.0.1"
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only if the user requests it


def run(given: Mapping[str, Any]) -> int:
    """
    Run the sandbox until it is stopped, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: An option is wrong, or the sandbox cannot start.
    """
    return run_until_interrupted(_run(given))


async def _run(given: Mapping[str, Any]) -> int:
    # Cancellation is the normal way to stop.
    with contextlib.suppress(asyncio.CancelledError):
        async with contextlib.AsyncExitStack() as stack:
            sandbox = await _start(given, stack)
            if given["json"]:
                text = json.dumps(sandbox.as_json())
            else:
                text = (
                    f"# The sandbox is at {sandbox.base_url}; Ctrl-C stops it. In another shell:\n"
                    f"{settings_lines(sandbox)}"
                )
            print(text, flush=True)
            await asyncio.Event().wait()
    return 0


async def _start(given: Mapping[str, Any], stack: contextlib.AsyncExitStack) -> Sandbox:
    chosen: dict[str, Any] = {name: given[name] for name in COUNTS}
    if given["until"]:
        chosen["until"] = given["until"]
    try:
        sandbox = Sandbox(
            port=given["port"],
            host=given["host"] or (_EVERYWHERE if given["allow_remote"] else _LOOPBACK),
            allow_remote=given["allow_remote"],
            allow_hosts=given["allow_host"],
            data=given["data"],
            seed=given["seed"],
            content=given["content"],
            faults=load_faults(given["chaos"]) if given["chaos"] else (),
            allow_duplicates=given["allow_duplicates"],
            strict=given["strict"],
            **chosen,
            **_rules(given),
        )
    except ValueError as error:
        raise usage_error(in_words_of_commands(str(error))) from error
    try:
        return await stack.enter_async_context(sandbox)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {given['port']} is in use: choose another --port, or omit it to use a free one"
        else:
            message = f"cannot listen on this address: {error}"
        raise CommandError(message) from error
    except (StateFileError, RecordError) as error:
        raise CommandError(str(error)) from error


def _rules(given: Mapping[str, Any]) -> RuleOptions:
    """Return the rules that have an option."""
    names = (rule.name for rule in RULES)
    return cast("RuleOptions", {name: given[name] for name in names if given[name] not in (None, ())})


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
