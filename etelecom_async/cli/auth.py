"""Define `etelecom auth`: store the key of a profile, remove it, and show which keys commands would use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import click

from etelecom_async.cli import exit_codes, options, profiles
from etelecom_async.cli.command import Command, CommandError, Entry, Group, Option
from etelecom_async.cli.credentials import CLIENTS, KEYS
from etelecom_async.cli.settings import KEYRING, SETTINGS, Settings
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import InputFile

FILE: Final = "file"
_STATUS_COLUMNS: Final = ("client", "key", "kind", "source", "place", "base_url", "check")
_LOGIN_COLUMNS: Final = ("profile", "key", "kind", "account", "stored_in")
_LOGIN: Final = "Login"


def command() -> Group:
    """Return the group."""
    return Group(
        "auth",
        {
            "login": Entry("Check a key, and store it in a profile.", _login),
            "logout": Entry("Remove the keys of a profile.", _logout),
            "status": Entry("Show which keys commands would use, and where they come from.", _status),
        },
        help="Store keys in profiles. No command shows a key.",
        examples=["etelecom auth login", "etelecom auth status"],
    )


def _login() -> Command:
    params: list[click.Parameter] = [
        options.profile_option(),
        Option("--as", "client", type=click.Choice(CLIENTS), help="Whose key it is.", section=_LOGIN),
        Option("--username", metavar="TEXT", help="User name of the SMS service.", section=_LOGIN),
        Option(
            "--key-file",
            type=InputFile(),
            metavar="FILE|-",
            help="File with the key. Default: a question on a terminal, else stdin.",
            section=_LOGIN,
        ),
        Option(
            "--base-url", metavar="URL", help="URL of the API. It is stored in the profile.", section=_LOGIN
        ),
        Option(
            "--store",
            type=click.Choice((KEYRING, FILE)),
            help="Where to store the key. Default: the keyring, if there is one.",
            section=_LOGIN,
        ),
        Option("--no-check", is_flag=True, help="Store the key without the call.", section=_LOGIN),
        *options.output_options(_LOGIN_COLUMNS, can_reveal=False),
    ]
    return Command(
        "login",
        params=params,
        help=(
            "Store a key in a profile. The key is asked for without an echo, or read from stdin. It is never "
            "an argument. One READ call checks it first."
        ),
        examples=[
            "etelecom auth login",
            "etelecom auth login --as sms --username shop1",
            "pass show etelecom/shop | etelecom auth login --as shop --profile work",
        ],
        callback=_run_login,
    )


def _run_login(**given: Any) -> int:
    layout = options.layout(given)
    from etelecom_async.cli import login, output

    with output.opened(layout) as stream:
        row = login.login(given)
        out = output.writer(layout, stream, result="", known=_LOGIN_COLUMNS)
        out.one(row)
    return exit_codes.DONE


def _logout() -> Command:
    params: list[click.Parameter] = [
        options.profile_option(),
        Option("--as", "client", type=click.Choice(CLIENTS), help="Whose keys to remove. Default: all."),
        Option("--quiet", is_flag=True, help="Write no notes to stderr."),
    ]
    return Command(
        "logout",
        params=params,
        help="Remove the keys of a profile from the file and from the keyring. Other settings stay.",
        examples=["etelecom auth logout", "etelecom auth logout --profile work --as sms"],
        callback=_run_logout,
    )


def _run_logout(profile: str | None, client: str | None, *, quiet: bool) -> int:
    settings = Settings(profile)
    names = list(_names(CLIENTS if client is None else (client,)))
    sources = {name: settings.source_in_profile(name) for name in names}
    found = [name for name, source in sources.items() if source]
    name_of_profile = settings.profile.text
    if found:
        from etelecom_async.cli import system_keyring

        for name in found:
            if sources[name] == KEYRING:
                system_keyring.remove(name_of_profile, name)
        profiles.change(tuple(SETTINGS), profiles.set_values(name_of_profile, {}, without=found))
    if not quiet:
        what = f"removed {', '.join(found)} of" if found else "no key is stored in"
        note(f"{what} profile {name_of_profile!r}")
        for name in names:
            if value := settings.of_environment(name):
                note(f"{value.place} is still set, so commands use it")
    return exit_codes.DONE


def _names(clients: Iterable[str]) -> Iterable[str]:
    return (name for client in clients for name in KEYS[client])


def _status() -> Command:
    params: list[click.Parameter] = [
        options.profile_option(),
        Option("--check", is_flag=True, help="Make one READ call with each key."),
        *options.output_options(_STATUS_COLUMNS, can_reveal=False),
    ]
    return Command(
        "status",
        params=params,
        help="Show which keys commands would use, and where they come from. No key is shown.",
        examples=["etelecom auth status", "etelecom auth status --check --json"],
        callback=_run_status,
    )


def _run_status(**given: Any) -> int:
    layout = options.layout(given)
    settings = Settings.checked(given["profile"])
    from etelecom_async.cli import auth_status, output

    rows = auth_status.rows(settings, is_checked=given["check"])
    if not rows:
        message = f"there is no key: run `etelecom auth login` (profile {settings.profile.text!r})"
        raise CommandError(message, exit_code=exit_codes.KEY)
    with output.opened(layout) as stream:
        out = output.writer(layout, stream, result="", known=_STATUS_COLUMNS)
        for row in rows:
            out.add(row)
        out.end()
    refused = any(row["check"] not in ("", auth_status.OK) for row in rows)
    return exit_codes.KEY if refused else exit_codes.DONE
