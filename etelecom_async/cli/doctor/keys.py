"""Check the keys by their form alone, without a call. No finding shows a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from etelecom_async import EtelecomError, KeyKindError, Secret
from etelecom_async._core import api_keys
from etelecom_async._core.operation import KeyKind
from etelecom_async.cli import failures
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import (
    KEYS,
    PARTNER,
    SHOP,
    SMS,
    USERNAME,
    Credentials,
    key_variables,
    url_of_profile,
)
from etelecom_async.cli.doctor.checks import KEY, Finding
from etelecom_async.cli.request_body import read_secret
from etelecom_async.cli.settings import ENVIRONMENT, SETTINGS, Settings
from etelecom_async.cli.shops import credentials_for_shop
from etelecom_async.cli.wording import in_words_of_commands

_OF_FILE: Final = "--key-file "


class Key(NamedTuple):
    """A key to check."""

    credentials: Credentials
    kind: KeyKind
    """The kind that its form shows, or else that of its variable."""


_FORMS: Final[Mapping[KeyKind, str]] = {
    KeyKind.PARTNER_API_KEY: "a partner's key",
    KeyKind.SHOP_API_KEY: "a shop's own key",
    KeyKind.PARTNER_SHOP_KEY: "a partner's key for a shop",
    KeyKind.USERNAME_PASSWORD: "user name and password of the SMS service",
}
_KINDS: Final[Mapping[str, Callable[[Secret], KeyKind]]] = {
    PARTNER: api_keys.partner_key,
    SHOP: api_keys.shop_key,
    SMS: lambda _: KeyKind.USERNAME_PASSWORD,
}


def find(clients: Sequence[str], key_file: str | None, settings: Settings | None = None) -> list[Credentials]:
    """
    Return all keys of these clients.

    Args:
        clients: `partner`, `shop` or `sms`.
        key_file: File with the key of the only client, `-` for stdin.
        settings: The settings of the command. Default: those of the usual profile.

    Raises:
        CommandError: The file cannot be read.
    """
    settings = settings or Settings()
    name_of_user = settings.value(USERNAME)
    username = name_of_user.text if name_of_user else None
    if key_file is not None:
        (client,) = clients
        secret = Secret(read_secret(key_file, "--key-file"))
        variable = next(iter(key_variables(client)))
        url = url_of_profile(client, settings)
        return [Credentials(client, secret, variable, f"{_OF_FILE}{key_file}", username, url)]
    return [
        Credentials(
            client,
            Secret(value.text),
            SETTINGS[name].variable,
            value.place if value.source == ENVIRONMENT else f"{name} in {value.place}",
            username,
            url_of_profile(client, settings),
        )
        for client in clients
        for name, value in settings.values(KEYS[client]).items()
    ]


def of_shop(
    shop: str, settings: Settings, *, flag: str, base_url: str | None, is_debug: bool
) -> tuple[Credentials | None, Finding | None]:
    """
    Return the partner's key for a shop, or the finding that there is none.

    Args:
        shop: The shop's id, or its name, which is looked up.
        settings: The settings of the command.
        flag: Where the shop was named.
        base_url: The value of `--base-url`.
        is_debug: Whether to show the request of the look-up.
    """
    try:
        return credentials_for_shop(shop, settings, flag=flag, base_url=base_url, is_debug=is_debug), None
    except CommandError as error:
        text, exit_code = str(error), error.exit_code
    except EtelecomError as error:
        text, exit_code = failures.text_of(error), failures.exit_code_of(error)
    return None, KEY.failed(flag, text, "shop")._replace(check=KEY._replace(exit_code=exit_code))


def check(found: Sequence[Credentials]) -> Iterator[tuple[Finding, Key | None]]:
    """Yield a finding for each key, and the key if a call can use it."""
    if not found:
        yield KEY.failed("", "there is no key", "missing"), None
    for credentials in found:
        yield _check(credentials)


def _check(credentials: Credentials) -> tuple[Finding, Key | None]:
    target, text = credentials.source, credentials.secret.reveal()
    if credentials.client == SMS and not credentials.username:
        return KEY.failed(target, f"{SETTINGS[USERNAME].variable} is missing", "username"), None
    problem = (
        api_keys.problem_of_credential(text) if credentials.client == SMS else api_keys.problem_of_key(text)
    )
    if problem is not None:
        return KEY.failed(target, f"the key {problem.partition(':')[0]}", "form"), None
    try:
        kind = _KINDS[credentials.client](credentials.secret)
    except KeyKindError as error:
        return KEY.failed(target, in_words_of_commands(error.message), "kind"), None
    key, expected = Key(credentials, kind), key_variables(credentials.client)[credentials.variable]
    name = _FORMS[kind]
    if kind != expected and not credentials.source.startswith(_OF_FILE):  # a file has no usual kind
        place = "in the variable of" if credentials.source == credentials.variable else "stored as"
        return KEY.warning(target, f"{name} is {place} {_FORMS[KeyKind(expected)]}", "kind"), key
    if kind is KeyKind.SHOP_API_KEY and not api_keys.is_shops_own(credentials.secret):
        finding = f"taken as {name}, but it has not the known form `<digits>:…`"
        return KEY.warning(target, finding, "unknown form"), key
    return KEY.ok(target, f"{name}{_SHOWN_FORMS.get(kind, '')}"), key


_SHOWN_FORMS: Final[Mapping[KeyKind, str]] = {
    KeyKind.PARTNER_API_KEY: ", whose form is not documented",
    KeyKind.SHOP_API_KEY: ", with the form `<digits>:…`",
    KeyKind.PARTNER_SHOP_KEY: ", with the form `shop<digits>:…`",
}
