"""
Find the key of a command.

Keys come from a file, from the environment, from a profile or from the keyring. They never come from the
arguments, because other users can read those.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.request_body import read_secret
from etelecom_async.cli.settings import SETTINGS, Settings, Value

if TYPE_CHECKING:
    from etelecom_async import Secret

PARTNER: Final = "partner"
SHOP: Final = "shop"
SMS: Final = "sms"
CLIENTS: Final = (PARTNER, SHOP, SMS)

KEYS: Final = {
    PARTNER: {"partner_api_key": "partner_api_key"},
    # The second one is the partner's key for the shop, which `etelecom sandbox` prints, too.
    SHOP: {"shop_api_key": "shop_api_key", "shop_key": "partner_shop_key"},
    SMS: {"sms_password": "username_password"},
}
"""Settings with a key for each client, and the kind of key that each usually holds; the first one counts."""
_NAMES: Final = {PARTNER: "the partner's key", SHOP: "the shop's key", SMS: "the password of the SMS service"}
USERNAME: Final = "sms_username"


class Credentials(NamedTuple):
    """A key, and where it comes from."""

    client: str
    """`partner`, `shop` or `sms`."""
    secret: Secret
    variable: str
    """The environment variable that stands for the key in a shown `curl` line."""
    source: str
    """Where the key comes from, for messages."""
    username: str | None = None
    """The user name of the SMS service."""
    base_url: Value | None = None
    """The URL of the profile; `None` for that of the environment, or else eTelecom's."""


def find(
    client: str, callers: Sequence[str], key_file: str | None, settings: Settings | None = None
) -> Credentials:
    """
    Return the key for an operation.

    Args:
        client: `partner`, `shop` or `sms`.
        callers: The kinds of key that the documentation names for the operation.
        key_file: File with the key, `-` for stdin.
        settings: The settings of the command. Default: those of the usual profile.

    Raises:
        CommandError: There is no key.
    """
    from etelecom_async import Secret  # the help of a command needs none

    settings = settings or Settings()
    kinds = KEYS[client]
    variables = [SETTINGS[name].variable for name in kinds]
    username = settings.value(USERNAME) if client == SMS else None
    if client == SMS and username is None:
        raise _missing(f"the user name of the SMS service is missing: set {SETTINGS[USERNAME].variable}")
    name_of_user = username.text if username else None
    url = url_of_profile(client, settings)
    if key_file is not None:
        secret = Secret(read_secret(key_file, "--key-file"))
        return Credentials(client, secret, variables[0], f"--key-file {key_file}", name_of_user, url)
    found = settings.values(kinds)
    if not found:
        raise _missing(
            f"{_NAMES[client]} is missing: run `etelecom auth login`, set {' or '.join(variables)}, or pass "
            f"--key-file FILE"
        )
    # The service would refuse a key of a kind that may not make this call.
    name = next((name for name in found if kinds[name] in callers), next(iter(found)))
    value = found[name]
    return Credentials(client, Secret(value.text), SETTINGS[name].variable, value.place, name_of_user, url)


def url_of_profile(client: str, settings: Settings) -> Value | None:
    """Return the base URL of the profile, if no variable of the environment sets another."""
    name = "sms_base_url" if client == SMS else "base_url"
    return None if settings.of_environment(name) else settings.of_profile(name)


def _missing(text: str) -> CommandError:
    return CommandError(text, exit_code=exit_codes.KEY)


def stand_in(client: str, callers: Sequence[str], settings: Settings | None = None) -> Credentials:
    """Return a key for a dry run without a key. It has the form of a real one, so the URL is right."""
    from etelecom_async import Secret

    kinds = KEYS[client]
    name = next((name for name in kinds if kinds[name] in callers), next(iter(kinds)))
    url = url_of_profile(client, settings or Settings())
    secret = Secret(_STAND_INS[kinds[name]])
    return Credentials(client, secret, SETTINGS[name].variable, "no key", "dry-run", url)


_STAND_INS: Final = {
    "partner_api_key": "dry-run",
    "shop_api_key": "000000000000000:dry-run",
    "partner_shop_key": "shop0:dry-run",
    "username_password": "dry-run",
}


def key_variables(client: str) -> Mapping[str, str]:
    """Return the variables of a client's keys, with the kind of key that each usually holds."""
    return {SETTINGS[name].variable: kind for name, kind in KEYS[client].items()}


def variables_of(kinds: Container[str]) -> list[str]:
    """Return the variables that usually hold keys of these kinds."""
    return [SETTINGS[name].variable for keys in KEYS.values() for name, kind in keys.items() if kind in kinds]


def clients_with_key(clients: Iterable[str], settings: Settings | None = None) -> list[str]:
    """Return those of *clients* that have a key, in the environment or in the profile."""
    settings = settings or Settings()
    return [name for name in clients if any(map(settings.is_set, KEYS[name]))]
