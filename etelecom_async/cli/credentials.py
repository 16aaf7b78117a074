"""
Find the key of a command.

Keys come from a file or from the environment, never from the arguments: other users can read those.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.request_body import read_secret

if TYPE_CHECKING:
    from etelecom_async import Secret

PARTNER: Final = "partner"
SHOP: Final = "shop"
SMS: Final = "sms"
CLIENTS: Final = (PARTNER, SHOP, SMS)

_VARIABLES: Final = {
    PARTNER: (("ETELECOM_PARTNER_API_KEY", "partner_api_key"),),
    # The second one is the partner's key for the shop, which `etelecom sandbox` prints, too.
    SHOP: (("ETELECOM_SHOP_API_KEY", "shop_api_key"), ("ETELECOM_SHOP_KEY", "partner_shop_key")),
    SMS: (("ETELECOM_SMS_PASSWORD", "username_password"),),
}
"""Variables of each client, with the kind of key that each usually holds; the first set one counts."""
_NAMES: Final = {PARTNER: "the partner's key", SHOP: "the shop's key", SMS: "the password of the SMS service"}
SMS_USERNAME: Final = "ETELECOM_SMS_USERNAME"


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


def find(client: str, callers: Sequence[str], key_file: str | None) -> Credentials:
    """
    Return the key for an operation.

    Args:
        client: `partner`, `shop` or `sms`.
        callers: The kinds of key that the documentation names for the operation.
        key_file: File with the key, `-` for stdin.

    Raises:
        CommandError: There is no key.
    """
    from etelecom_async import Secret  # the help of a command needs none

    variables = _VARIABLES[client]
    username = os.environ.get(SMS_USERNAME) if client == SMS else None
    if client == SMS and not username:
        raise _missing(f"the user name of the SMS service is missing: set {SMS_USERNAME}")
    if key_file is not None:
        secret = Secret(read_secret(key_file, "--key-file"))
        return Credentials(client, secret, variables[0][0], f"--key-file {key_file}", username)
    found = [(variable, kind) for variable, kind in variables if os.environ.get(variable)]
    if not found:
        names = " or ".join(variable for variable, _ in variables)
        raise _missing(f"{_NAMES[client]} is missing: set {names}, or pass --key-file FILE")
    # The service would refuse a key of a kind that may not make this call.
    variable, _ = next((each for each in found if each[1] in callers), found[0])
    return Credentials(client, Secret(os.environ[variable]), variable, variable, username)


def _missing(text: str) -> CommandError:
    return CommandError(text, exit_code=exit_codes.KEY)


def stand_in(client: str, callers: Sequence[str]) -> Credentials:
    """Return a key for a dry run without a key. It has the form of a real one, so the URL is right."""
    from etelecom_async import Secret

    variables = _VARIABLES[client]
    variable, kind = next((each for each in variables if each[1] in callers), variables[0])
    return Credentials(client, Secret(_STAND_INS[kind]), variable, "no key", "dry-run")


_STAND_INS: Final = {
    "partner_api_key": "dry-run",
    "shop_api_key": "000000000000000:dry-run",
    "partner_shop_key": "shop0:dry-run",
    "username_password": "dry-run",
}


def variables_of(kinds: Container[str]) -> list[str]:
    """Return the variables that usually hold keys of these kinds."""
    return [variable for each in _VARIABLES.values() for variable, kind in each if kind in kinds]


def clients_with_key(clients: Iterable[str]) -> list[str]:
    """Return those of *clients* whose key is in the environment."""
    return [name for name in clients if any(os.environ.get(variable) for variable, _ in _VARIABLES[name])]
