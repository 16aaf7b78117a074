"""Check a key, and store it in a profile. This module loads the client."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import click

from etelecom_async import EtelecomError, Secret
from etelecom_async.cli import exit_codes, failures, key_check, profiles, system_keyring
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.credentials import KEYS, PARTNER, SHOP, SMS, Credentials, url_of_profile
from etelecom_async.cli.request_body import STDIN, read_secret
from etelecom_async.cli.settings import KEYRING, SETTINGS, Settings
from etelecom_async.cli.terminal import can_ask, note

_OTHER_KEY: Final = {"shop_key": "shop_api_key", "shop_api_key": "shop_key"}


def login(given: Mapping[str, Any]) -> dict[str, str]:
    """
    Check a key, store it in a profile, and return what was stored, without the key.

    Args:
        given: Values of the options.

    Raises:
        CommandError: The key is missing or of another kind, or it cannot be stored.
        EtelecomError: The service refused the key, or could not be reached.
    """
    settings = Settings(given["profile"], is_new=True)
    profile = settings.profile.text
    username = _username(given["client"], given["username"])
    key = _ask_key(given["key_file"])
    whose = SMS if username else given["client"] or _whose(key)
    kind = key_check.kind_of(whose, key)
    name = key_check.setting_of(kind)
    _refuse_other_shop(settings, name, key)
    url = url_of_profile(whose, settings)
    credentials = Credentials(whose, key, SETTINGS[name].variable, "`auth login`", username, url)
    try:
        account = key_check.check(credentials, given["base_url"], makes_call=not given["no_check"])
    except EtelecomError as error:
        code = failures.exit_code_of(error)
        if code != exit_codes.FAILED:
            raise
        message = f"{failures.text_of(error)} The key is not stored; --no-check stores it without a call"
        raise CommandError(message, exit_code=code) from None
    values = {"sms_username": username} if username else {}
    if given["base_url"] is not None:
        values["sms_base_url" if whose == SMS else "base_url"] = given["base_url"]
    place = _store(settings, name, key, values, given["store"])
    if not given["quiet"]:
        _note_variables(settings, (*KEYS[whose], *values, "sms_base_url" if whose == SMS else "base_url"))
    return {
        "profile": profile,
        "key": name,
        "kind": key_check.KINDS[kind],
        "account": account,
        "stored_in": place,
    }


def _ask_key(source: str | None) -> Secret:
    """Return the key from a file, from a question on a terminal, or from stdin."""
    if source is None and sys.stdin.isatty():
        return Secret(str(click.prompt("Key", hide_input=True, err=True)).strip())
    return Secret(read_secret(STDIN if source is None else source, "--key-file" if source else "stdin"))


def _username(whose: str | None, username: str | None) -> str | None:
    """Return the user name of the SMS service, if the key is its password."""
    if username and whose not in (None, SMS):
        raise usage_error(f"--username is for the SMS service, not for --as {whose}")
    if whose != SMS or username:
        return username
    if can_ask():
        return str(click.prompt("User name of the SMS service", err=True)).strip()
    raise usage_error("the user name of the SMS service is missing: add --username TEXT")


def _whose(key: Secret) -> str:
    """Return whose key it is, by its form, or by an answer of the user."""
    if key_check.is_of_one_shop(key):
        return SHOP
    # The key of a partner and that of a shop may have the same form.
    if can_ask():
        return str(click.prompt("Whose key is it?", type=click.Choice((PARTNER, SHOP)), err=True))
    raise usage_error(f"the key may be a partner's or a shop's own: add --as {PARTNER} or --as {SHOP}")


def _refuse_other_shop(settings: Settings, name: str, key: Secret) -> None:
    """Refuse keys of two shops in one profile: a command would act for one or the other."""
    other = settings.of_profile(_OTHER_KEY[name]) if name in _OTHER_KEY else None
    ids = {key_check.shop_of(text) for text in (key.reveal(), other.text if other else "")} - {""}
    if other is not None and len(ids) > 1:
        raise usage_error(
            f"profile {settings.profile.text!r} has a key of another shop: add --profile NAME, or "
            f"remove the other key with `etelecom auth logout --as {SHOP}`"
        )


def _store(settings: Settings, name: str, key: Secret, values: Mapping[str, str], store: str | None) -> str:
    """Store a key and other values, and return the place of the key."""
    profile = settings.profile.text
    was_in_keyring = settings.source_in_profile(name) == KEYRING
    if store == KEYRING or (store is None and system_keyring.is_available()):
        try:
            system_keyring.put(profile, name, key.reveal())
        except CommandError as error:
            if store == KEYRING:
                raise
            note(f"{error}. The key goes to the file")
        else:
            profiles.change(tuple(SETTINGS), profiles.set_values(profile, values, in_keyring=[name]))
            return KEYRING
    changed = profiles.set_values(profile, {**values, name: key.reveal()})
    file = profiles.change(tuple(SETTINGS), changed)
    if was_in_keyring:
        try:
            system_keyring.remove(profile, name)
        except CommandError as error:
            note(f"the old key stays in the keyring: {error}")
    return str(file)


def _note_variables(settings: Settings, names: Iterable[str]) -> None:
    for name in dict.fromkeys(names):
        if value := settings.of_environment(name):
            note(f"{value.place} is set in the environment, and wins over the profile")
