"""List the keys that commands would use. This module loads the client."""

from __future__ import annotations

from typing import Final

from etelecom_async import EtelecomError, Secret
from etelecom_async.cli import failures, key_check, shops
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import (
    CLIENTS,
    KEYS,
    SHOP,
    SMS,
    USERNAME,
    Credentials,
    url_of_profile,
)
from etelecom_async.cli.settings import SETTINGS, Settings, Value, shown
from etelecom_async.cli.values import is_id

OK: Final = "ok"


def rows(settings: Settings, *, is_checked: bool) -> list[dict[str, str]]:
    """
    Return a row for each key that commands would use, without the key.

    Args:
        settings: The settings of the command.
        is_checked: Whether to make a READ call with each key.
    """
    found: list[dict[str, str]] = []
    for whose in CLIENTS:
        values = settings.values(KEYS[whose])
        if whose == SHOP and not values and (shop := settings.value("shop")):
            values = {"shop": shop}
        found += [_row(whose, name, value, settings, is_checked=is_checked) for name, value in values.items()]
    return found


def _row(whose: str, name: str, value: Value, settings: Settings, *, is_checked: bool) -> dict[str, str]:
    url_name = "sms_base_url" if whose == SMS else "base_url"
    url = settings.value(url_name)
    kind, result = "", ""
    try:
        credentials = _credentials(whose, name, value, settings, is_checked=is_checked)
        if credentials is not None:
            kind = key_check.KINDS[key_check.kind_of(whose, credentials.secret)]
            key_check.check(credentials, None, makes_call=is_checked)
            result = OK if is_checked else ""
    except EtelecomError as error:
        result = failures.text_of(error)
    except CommandError as error:
        result = str(error)
    return {
        "client": whose,
        "key": name,
        "kind": kind,
        "source": value.source,
        "place": value.place,
        "base_url": shown(url_name, url.text) if url else "",
        "check": result,
    }


def _credentials(
    whose: str, name: str, value: Value, settings: Settings, *, is_checked: bool
) -> Credentials | None:
    """Return the key of a row; `None` for that of a shop by its name, which a call would have to find."""
    if name == "shop":
        if not (is_checked or is_id(value.text)):
            return None
        return shops.credentials_for_shop(
            value.text, settings, flag=value.place, base_url=None, is_debug=False
        )
    username = settings.value(USERNAME) if whose == SMS else None
    return Credentials(
        whose,
        Secret(value.text),
        SETTINGS[name].variable,
        value.place,
        username.text if username else None,
        url_of_profile(whose, settings),
    )
