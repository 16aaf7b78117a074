"""Act for a shop with the partner's key for it, which `etelecom_async.key_store` keeps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from etelecom_async import PartnerClient, Secret
from etelecom_async.cli import exit_codes
from etelecom_async.cli.calling import client, showing
from etelecom_async.cli.command import CommandError, did_you_mean, question, similar, usage_error
from etelecom_async.cli.credentials import PARTNER, SHOP, Credentials, find, url_of_profile
from etelecom_async.cli.settings import SETTINGS, Settings
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.cli.values import folded, is_id
from etelecom_async.key_store import FileKeyStore

_MOST: Final = 10
"""Shops that an error names."""


def credentials_for_shop(
    shop: str, settings: Settings, *, flag: str, base_url: str | None = None, is_debug: bool = False
) -> Credentials:
    """
    Return the partner's key for a shop.

    Args:
        shop: The shop's id, or its name, which is looked up with the partner's key.
        settings: The settings of the command.
        flag: Where the shop was given, for errors.
        base_url: URL of the API, if an option gave it.
        is_debug: Whether to show the request of the look-up.

    Raises:
        CommandError: No shop, or more than one, has this name, or no key of the shop is stored.
        EtelecomError: The look-up failed, or the key store cannot be read.
    """
    path = settings.value("key_store")
    if path is None:
        raise usage_error(
            f"{flag} needs the file with the keys of shops: `etelecom config set key_store FILE`"
        )
    finder = _Finder(shop, settings, flag=flag, base_url=base_url, is_debug=is_debug)
    store = FileKeyStore(Path(path.text).expanduser())
    shop_id, key, known = run_until_interrupted(finder.key(store))
    if key is None:
        guess = did_you_mean(shop_id, known)
        message = (
            f"{path.text} has no key for shop {shop_id} ({flag}){guess} Store it there with "
            f"`etelecom connect --shop-id {shop_id}`"
        )
        raise CommandError(message, exit_code=exit_codes.KEY)
    return Credentials(
        SHOP,
        key,
        SETTINGS["shop_key"].variable,
        f"the key of shop {shop_id} in {path.text}",
        base_url=url_of_profile(SHOP, settings),
    )


class _Finder:
    def __init__(
        self, shop: str, settings: Settings, *, flag: str, base_url: str | None, is_debug: bool
    ) -> None:
        self._shop = shop
        self._settings = settings
        self._flag = flag
        self._base_url = base_url
        self._is_debug = is_debug

    async def key(self, store: FileKeyStore) -> tuple[str, Secret | None, Sequence[str]]:
        """Return the shop's id, its key, and the ids of all shops with a key."""
        shop_id = self._shop if is_id(self._shop) else await self._look_up()
        return shop_id, await store.get(shop_id), await store.shop_ids()

    async def _look_up(self) -> str:
        try:
            credentials = find(PARTNER, (), None, self._settings)
        except CommandError as error:
            message = f"the name of a shop is looked up with a partner's key, and {error}. Or pass the id"
            raise CommandError(message, exit_code=error.exit_code) from None
        watch = showing(credentials) if self._is_debug else None
        wanted = folded(self._shop)
        names: dict[str, str] = {}
        async with cast("PartnerClient", client(credentials, self._base_url, watch)) as partner:
            async for shop in partner.shops.list():
                row: Any = shop
                names[str(row.get("id") or "")] = str(row.get("name") or "")
        found = [shop_id for shop_id, name in names.items() if shop_id and folded(name) == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(found[:_MOST])
            raise usage_error(f"{len(found)} shops have the name {self._shop!r}: use one of the ids {ids}")
        written = {folded(name): name for name in names.values()}
        close = similar(wanted, written)
        guess = question([written[name] for name in close]) if close else "."
        raise usage_error(f"no shop of the partner has the name {self._shop!r} ({self._flag}){guess}")
