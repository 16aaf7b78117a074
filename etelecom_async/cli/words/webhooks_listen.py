"""
Define `etelecom webhooks listen`: it registers a webhook, receives its events, and deletes the webhook.

The webhook is created once. If the result is unknown, the list of webhooks tells, by the random word in the
URL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import click

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import Command, CommandError, Option, did_you_mean
from etelecom_async.cli.credentials import PARTNER, SHOP
from etelecom_async.cli.index import operation
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.options import CONNECTION, OUTPUT, REQUEST, connection_options
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Count

if TYPE_CHECKING:
    from etelecom_async import PartnerClient, ShopClient
    from etelecom_async.cli.calling import Client
    from etelecom_async.cli.words.webhook_receiver import WebhookReceiver

_CREATE: Final = "webhooks.create"
ENTITIES: Final = ("call_log", "zl_oa_message")
"""The kinds of event that a webhook can receive."""
_LAST_PORT: Final = 65535


class _Wanted(NamedTuple):
    forward: str | None
    public_url: str | None
    entities: tuple[str, ...]
    port: int
    is_json: bool
    is_quiet: bool


def command() -> Command:
    """Return the command."""
    return Command(
        "listen",
        params=_params(),
        help=(
            "Register a webhook, print one line for each event, and forward the same bytes to your app. "
            "Phone numbers in lines are masked; --json prints whole events. Ctrl-C deletes the webhook.\n\n"
            "A sandbox on this machine reaches this command directly. The real service needs a public "
            "address that leads here, for example of a tunnel: --public-url URL --port N. The response of "
            "your app goes back, so the service retries if your app is down. "
            "Key: shop_api_key or partner_api_key. Wire: Webhook/CreateWebhook."
        ),
        examples=[
            "etelecom webhooks listen --forward http://127.0.0.1:8000/hooks",
            "etelecom webhooks listen --print --events call_log --as shop",
            "etelecom webhooks listen --json --public-url https://abc.tunnel.example --port 8090",
        ],
        callback=_run,
    )


def _params() -> list[click.Parameter]:
    return [
        Option("--forward", metavar="URL", help="Post each event to this URL of your app.", section=REQUEST),
        Option(
            "--events",
            metavar="LIST",
            default=",".join(ENTITIES),
            help=f"Kinds of event, separated by commas. Default: {','.join(ENTITIES)}.",
            section=REQUEST,
        ),
        Option("--print", "is_printing", is_flag=True, help="Only print events.", section=OUTPUT),
        Option("--json", is_flag=True, help="Print each event whole, in one line.", section=OUTPUT),
        Option("--quiet", is_flag=True, help="Write no notes to stderr.", section=OUTPUT),
        Option(
            "--port",
            type=Count(most=_LAST_PORT),
            default=0,
            metavar="N",
            help="Port to listen on, on 127.0.0.1. Default: a free port.",
            section=CONNECTION,
        ),
        Option(
            "--public-url",
            metavar="URL",
            help="Public https address that leads to --port; a random path is added.",
            section=CONNECTION,
        ),
        *connection_options((PARTNER, SHOP)),
    ]


def _run(**given: Any) -> int:
    wanted = _wanted(given)
    # With both keys, the shop's is used, as for a read: the webhook ends with the command.
    credentials = credentials_for(operation(_CREATE)._replace(effect="READ"), {**given, "dry_run": False})
    from etelecom_async.cli.calling import client, showing
    from etelecom_async.cli.signals import run_until_interrupted

    async def run() -> int:
        watch = showing(credentials) if given["debug"] else None
        async with client(credentials, given["base_url"], watch) as made:
            return await _listen(made, wanted)

    return run_until_interrupted(run())


def _wanted(given: Mapping[str, Any]) -> _Wanted:
    """
    Return what the options ask for.

    Raises:
        CommandError: An option is wrong or missing.
    """
    from etelecom_async._core.urls import is_encrypted, is_loopback, is_web_address

    forward, public_url = given["forward"], given["public_url"]
    if not (forward or given["is_printing"] or given["json"]):
        raise _usage("add --forward URL for your app, or --print")
    if forward is not None and not is_web_address(forward.partition("?")[0]):
        raise _usage("--forward is not an http or https URL")
    if public_url is not None:
        if not is_web_address(public_url):
            raise _usage("--public-url is not a URL without `?` and `#`")
        if not (is_encrypted(public_url) or is_loopback(public_url)):
            raise _usage("--public-url starts with http: events have phone numbers, so use https")
        if not given["port"]:
            raise _usage("--public-url needs --port, to which the public address leads")
    listed: str = given["events"]
    entities = tuple(dict.fromkeys(word.strip() for word in listed.split(",") if word.strip()))
    for entity in entities:
        if entity not in ENTITIES:
            raise _usage(
                f"--events has {entity!r}{did_you_mean(entity, ENTITIES)} Kinds: {', '.join(ENTITIES)}"
            )
    if not entities:
        raise _usage(f"--events is empty. Kinds: {', '.join(ENTITIES)}")
    return _Wanted(forward, public_url, entities, given["port"], given["json"], given["quiet"])


async def _listen(made: Client, wanted: _Wanted) -> int:
    """Register a webhook, receive its events until the command is interrupted, and delete the webhook."""
    from etelecom_async._core.urls import is_loopback
    from etelecom_async.cli.words.webhook_receiver import HOST, webhook_receiver

    caller = cast("PartnerClient | ShopClient", made)
    if wanted.public_url is None and not is_loopback(made.base_url):
        raise _usage(
            "the service cannot reach this machine: start a tunnel to a local port, and add "
            "--public-url https://ADDRESS --port N; or use a sandbox"
        )
    async with AsyncExitStack() as stack:
        receiving = webhook_receiver(wanted.port, wanted.forward, _printer(wanted))
        try:
            receiver = await stack.enter_async_context(receiving)
        except OSError as error:
            raise _usage(f"--port {wanted.port} cannot be used: {error.strerror or error}") from None
        start = wanted.public_url or f"http://{HOST}:{receiver.port}"
        await _listen_with(caller, wanted, receiver, f"{start.rstrip('/')}{receiver.path}")
    return exit_codes.DONE


async def _listen_with(
    caller: PartnerClient | ShopClient, wanted: _Wanted, receiver: WebhookReceiver, url: str
) -> None:
    await _note_left_ones(caller, wanted)
    try:
        webhook_id = await _register(caller, url, wanted.entities)
    except asyncio.CancelledError as error:  # Ctrl-C during the request
        await _delete(caller, await _find(caller, url, error))
        return
    try:
        if not wanted.is_quiet:
            note(
                f"webhook {webhook_id} receives {', '.join(wanted.entities)}. Ctrl-C deletes it; "
                f"after a kill: {_delete_line(caller, webhook_id)}"
            )
        await receiver.failed
    except asyncio.CancelledError:  # Ctrl-C: the usual end
        await _delete(caller, webhook_id)
    except BaseException:
        await _delete(caller, webhook_id)
        raise


async def _note_left_ones(caller: PartnerClient | ShopClient, wanted: _Wanted) -> None:
    """Say how to delete webhooks that a killed command has left; another one may still use them."""
    from etelecom_async.cli.words.webhook_receiver import PATH

    async for webhook in caller.webhooks.list():
        if f"/{PATH}/" in (webhook.url or "") and not wanted.is_quiet:
            note(
                f"webhook {webhook.id} is of another `webhooks listen`; if that was killed: "
                f"{_delete_line(caller, str(webhook.id))}"
            )


async def _register(caller: PartnerClient | ShopClient, url: str, entities: tuple[str, ...]) -> str:
    """
    Create the webhook once, and return its id.

    Raises:
        CommandError: It is not known whether the webhook exists.
        EtelecomError: The service refused it.
    """
    from etelecom_async import EtelecomError

    try:
        return str((await caller.webhooks.create(url=url, entities=entities)).id)
    except EtelecomError as error:
        if not error.may_have_happened:
            raise
        return await _find(caller, url, error)


async def _find(caller: PartnerClient | ShopClient, url: str, lost: BaseException) -> str:
    """
    Return the id of the webhook with a URL, after the result of its creation was lost.

    Raises:
        CommandError: There is none yet, or the list failed.
    """
    from etelecom_async import EtelecomError
    from etelecom_async.cli import failures

    try:
        async for webhook in caller.webhooks.list():
            if webhook.url == url and webhook.id:
                return webhook.id
    except EtelecomError as error:
        lost.add_note(failures.text_of(error))
    reason = f"{lost.message} " if isinstance(lost, EtelecomError) else ""
    message = (
        f"{reason}No new webhook was found, but one may appear later: look with `etelecom webhooks list`, "
        "and delete it with `etelecom webhooks delete`"
    )
    raise CommandError(message) from lost


async def _delete(caller: PartnerClient | ShopClient, webhook_id: str) -> None:
    """
    Delete the webhook.

    Raises:
        CommandError: It may still exist.
    """
    from etelecom_async import EtelecomError
    from etelecom_async.cli import failures
    from etelecom_async.errors import NotFoundError

    try:
        await caller.webhooks.delete(id=webhook_id)
    except NotFoundError:  # somebody else has deleted it
        return
    except EtelecomError as error:
        message = (
            f"webhook {webhook_id} may still exist: {failures.text_of(error)} Delete it: "
            f"{_delete_line(caller, webhook_id)}"
        )
        raise CommandError(message) from error


def _delete_line(caller: PartnerClient | ShopClient, webhook_id: str) -> str:
    """Return the command that deletes a webhook, also in an environment with the keys of both kinds."""
    from etelecom_async import PartnerClient

    key = PARTNER if isinstance(caller, PartnerClient) else SHOP
    return f"etelecom webhooks delete --id {webhook_id} --as {key}"


def _printer(wanted: _Wanted) -> Callable[[bytes, str], None]:
    from etelecom_async._core import secret
    from etelecom_async.cli.words.event_lines import line_of, raw_line_of

    def show(body: bytes, result: str) -> None:
        end = f" -> {secret.mask(result)}" if result else ""
        if wanted.is_json:
            print(raw_line_of(body), flush=True)
            if end and not wanted.is_quiet:
                note(f"{line_of(body)}{end}")
        else:
            from etelecom_async.cli.terminal import one_line

            print(one_line(f"{line_of(body)}{end}"), flush=True)

    return show


def _usage(text: str) -> CommandError:
    return CommandError(text, exit_code=exit_codes.USAGE)
