"""Define `etelecom connect`: the steps with which a partner gets the key of a shop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import click

from etelecom_async.cli import exit_codes, options
from etelecom_async.cli.command import Command, CommandError, Option, usage_error
from etelecom_async.cli.index import operation
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.options import REQUEST
from etelecom_async.cli.settings import DEFAULT, Settings
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Count, Word

if TYPE_CHECKING:
    from etelecom_async import PartnerClient, Secret
    from etelecom_async.cli.calling import Client
    from etelecom_async.cli.running import Call
    from etelecom_async.cli.words.redirect_page import RedirectPage
    from etelecom_async.key_store import FileKeyStore
    from etelecom_async.models import LoginRequired, ShopKey

_ROW: Final = "partner.shops.connect"
_COLUMNS: Final = ("shop_id", "key_store")
_LOGIN: Final = "Login"
_MOST_PORT: Final = 65535
_USUAL_SECONDS: Final = 900
"""Seconds for the login, if the service names none."""
_NEW: Final = ("email", "phone", "name")
"""Options for a shop that is not connected yet."""


def command() -> Command:
    """Return the command."""
    params: list[click.Parameter] = [
        Option("--email", type=Word(), help="E-mail of the shop.", section=REQUEST),
        Option("--phone", type=Word(), help="Phone number of the shop.", section=REQUEST),
        Option("--name", type=Word(), help="Name of the shop.", section=REQUEST),
        Option(
            "--shop-id",
            type=Word(),
            metavar="ID",
            help="Shop that was connected before, instead of --email, --phone and --name.",
            section=REQUEST,
        ),
        Option(
            "--key-store",
            type=Word(),
            metavar="FILE",
            help=(
                "File for the keys of shops, which the command makes with mode 0600 if it is missing. "
                "Default: the key store of the profile."
            ),
            section=_LOGIN,
        ),
        Option("--open", "is_opening", is_flag=True, help="Open the login in a browser.", section=_LOGIN),
        Option(
            "--port",
            type=Count(least=1, most=_MOST_PORT),
            metavar="N",
            help="Port of the redirect page on 127.0.0.1. Default: a free one.",
            section=_LOGIN,
        ),
        Option(
            "--timeout",
            type=Count(least=1),
            metavar="SECONDS",
            help="Seconds to wait for the login. Default: as long as the login page is valid.",
            section=_LOGIN,
        ),
    ]
    params += options.output_options(_COLUMNS, can_reveal=False)
    params += options.safety_options(asks=False)
    params += options.connection_options()
    return Command(
        "connect",
        params=params,
        help=(
            "Connect a shop: its owner logs in at eTelecom, and the partner's key for the shop goes into a "
            "file (etelecom_async.key_store).\n\nThe command prints an address of this machine. Open it in a "
            "browser on this machine: it leads to the login page, and the login leads back. The result has "
            "the shop's id and the file. The key is never shown. For a new e-mail the service creates a "
            "shop, so the request is not repeated. Key: partner_api_key. Wire: Shop/AuthorizeShop."
        ),
        examples=[
            "etelecom connect --email may@example.com --phone 0901234567 --name Mây",
            "etelecom connect --shop-id SHOP_ID --key-store keys.json --open",
        ],
        callback=_run,
    )


class _Wanted(NamedTuple):
    """What the user asked for."""

    shop: dict[str, str]
    """The new shop; empty for one that was connected before."""
    shop_id: str | None
    path: Path
    port: int
    timeout: int | None
    is_opening: bool


def _run(**given: Any) -> int:
    wanted = _wanted(given)
    layout = options.layout(given)
    row = operation(_ROW)._replace(result="")  # the row of the output is not that of the response
    credentials = credentials_for(row, given)
    from etelecom_async.cli import output
    from etelecom_async.cli.running import Call, run_steps

    with output.opened(layout) as stream:
        call = Call.of(row, {}, credentials, given, output=(layout, stream), question=None)

        async def steps(made: Client) -> int:
            return await _connect(call, cast("PartnerClient", made), wanted)

        return run_steps(call, steps)


def _wanted(given: dict[str, Any]) -> _Wanted:
    """
    Return what the options ask for.

    Raises:
        CommandError: An option is missing or wrong, or the file cannot be written.
    """
    shop = {name: given[name] for name in _NEW if given[name]}
    shop_id = given["shop_id"]
    if shop_id is not None and shop:
        raise usage_error(f"--shop-id and --{next(iter(shop))} exclude each other")
    if shop_id is None and (missing := [f"--{name}" for name in _NEW if name not in shop]):
        raise usage_error(f"missing: {', '.join(missing)}. Or name a connected shop with --shop-id")
    if "phone" in shop:
        _check_phone(shop["phone"])
    path = _key_store(given)
    folder = path.resolve().parent
    # A key that cannot be stored must not cost the creation of a shop.
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK) or path.is_dir():
        raise usage_error(
            f"--key-store {path} cannot be written: name a file in a folder that you can write to"
        )
    return _Wanted(
        shop=shop,
        shop_id=shop_id,
        path=path,
        port=given["port"] or 0,
        timeout=given["timeout"],
        is_opening=given["is_opening"],
    )


def _key_store(given: dict[str, Any]) -> Path:
    """
    Return the path of the key store.

    Raises:
        CommandError: Neither an option nor a setting names it.
    """
    if given["key_store"] is not None:
        return Path(given["key_store"])
    stored = Settings(given["profile"]).value("key_store")
    if stored is None:
        raise usage_error("--key-store is missing, and the profile has no key_store")
    path = Path(stored.text).expanduser()
    if stored.source == DEFAULT:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _check_phone(phone: str) -> None:
    from etelecom_async import phones

    try:
        phones.normalize(phone)
    except ValueError as error:
        raise usage_error(f"--phone: {error}") from None


async def _connect(call: Call, partner: PartnerClient, wanted: _Wanted) -> int:
    """Get the key of the shop, store it, and write the shop's id."""
    from etelecom_async.cli.running import write_one
    from etelecom_async.cli.words.redirect_page import redirect_page
    from etelecom_async.key_store import FileKeyStore
    from etelecom_async.models import LoginRequired

    store = FileKeyStore(wanted.path)
    await store.shop_ids()  # a file of another form is refused before a shop is created
    shop_id = wanted.shop_id
    result: ShopKey | LoginRequired
    try:
        async with redirect_page(wanted.port) as page:
            if shop_id is None:
                result = await partner.shops.connect(**wanted.shop, redirect_url=page.redirect_url)
            else:
                result = await partner.shops.authorize(shop_id=shop_id, redirect_url=page.redirect_url)
            while isinstance(result, LoginRequired):
                shop_id = await _login(page, result, wanted)
                result = await partner.shops.authorize(shop_id=shop_id, redirect_url=page.redirect_url)
    except OSError as error:
        raise usage_error(f"--port {wanted.port} cannot be used: {error.strerror or error}") from None
    await _store(store, str(shop_id), result.shop_key, wanted.path)
    write_one(call, {"shop_id": shop_id, "key_store": str(wanted.path)})
    return exit_codes.DONE


async def _login(page: RedirectPage, required: LoginRequired, wanted: _Wanted) -> str:
    """
    Wait until the owner of the shop has logged in, and return the shop's id.

    Raises:
        CommandError: Nobody logged in in time, or another shop did.
    """
    import asyncio

    seconds = min(filter(None, (wanted.timeout, required.expires_in or _USUAL_SECONDS)))
    note(f"open {page.url} in a browser on this machine, and log in as the owner of the shop ({seconds} s)")
    try:
        async with asyncio.timeout(seconds):
            async with asyncio.TaskGroup() as tasks:
                login = tasks.create_task(page.login(required.auth_url))
                if wanted.is_opening:
                    tasks.create_task(_open(page.url))
    except TimeoutError:
        message = f"nobody logged in within {seconds} s; run the command again"
        raise CommandError(message, exit_code=exit_codes.FAILED) from None
    shop_id = login.result().shop_id
    if wanted.shop_id not in (None, shop_id):
        message = f"shop {shop_id} logged in, not shop {wanted.shop_id}: log in as the owner of that shop"
        raise CommandError(message, exit_code=exit_codes.FAILED)
    return shop_id


async def _open(url: str) -> None:
    """Open an address in the browser of the system."""
    import asyncio
    import webbrowser

    if not await asyncio.to_thread(webbrowser.open, url):
        note("no browser could be started: open the address yourself")


async def _store(store: FileKeyStore, shop_id: str, shop_key: Secret, path: Path) -> None:
    from etelecom_async.errors import KeyStoreError

    try:
        await store.put(shop_id, shop_key)
    except KeyStoreError as error:
        message = (
            f"{error.message} The shop is connected, but its key is not stored. Repair this, and run: "
            f"etelecom connect --shop-id {shop_id} --key-store {path}"
        )
        raise CommandError(message, exit_code=exit_codes.FAILED) from None
