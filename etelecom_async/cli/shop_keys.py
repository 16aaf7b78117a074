"""Find the keys of the shops that `--shops` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from etelecom_async import EtelecomError, PartnerClient, Secret, ShopClient
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import PARTNER, Credentials, clients_with_key, find, stand_in
from etelecom_async.cli.key_files import read_keys
from etelecom_async.cli.settings import Settings
from etelecom_async.cli.words.calls_sync import ALL
from etelecom_async.key_store import FileKeyStore

_FLAG: Final = "--shops"


class KeysOfShops:
    """
    The keys of `--shops`.

    Args:
        credentials: The partner's key.
        place: Where the keys are, for messages.
        keys: The keys in a file.
        store: The partner's key store.
    """

    def __init__(
        self,
        credentials: Credentials,
        place: str,
        keys: Mapping[str, Secret] | None = None,
        store: FileKeyStore | None = None,
    ) -> None:
        self.credentials: Final = credentials
        self._place = place
        self._keys = keys
        self._store = store

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> KeysOfShops:
        """
        Return the keys that the option names.

        Raises:
            CommandError: The file or the key store is missing, or the partner's key.
        """
        settings = Settings.checked(given["profile"])
        file: str = given["shops"]
        if file != ALL:
            keys = read_keys(file, _FLAG, is_quiet=given["quiet"])
            has_key = clients_with_key([PARTNER], settings)
            # Without the partner's key, a stand-in only connects: each call has the key of its shop.
            found = find(PARTNER, (), None, settings) if has_key else stand_in(PARTNER, (), settings)
            return cls(found, file, keys=keys)
        path = settings.value("key_store")
        if path is None:
            message = f"there is no key store ({_FLAG} {ALL}): name one as key_store of a profile"
            raise CommandError(message, exit_code=exit_codes.KEY)
        store = FileKeyStore(Path(path.text).expanduser())
        return cls(find(PARTNER, (), None, settings), path.text, store=store)

    async def clients(self, partner: PartnerClient) -> dict[str, ShopClient]:
        """
        Return the client of each shop, all with the rate of the partner's client.

        Raises:
            CommandError: There is no shop, or a key has another form.
        """
        found: dict[str, ShopClient] = {}
        for name, key in (await self._all()).items():
            try:
                found[name] = partner.for_shop(key)
            except EtelecomError as error:
                message = f"the key of {name!r} in {self._place} cannot be used: {failures.text_of(error)}"
                raise CommandError(message, exit_code=exit_codes.KEY) from None
        if not found:
            message = f"{self._place} has no key of a shop ({_FLAG}): run `etelecom connect` for each shop"
            raise CommandError(message, exit_code=exit_codes.KEY)
        return found

    async def _all(self) -> Mapping[str, Secret]:
        if self._store is None:
            return self._keys or {}
        keys = {shop_id: await self._store.get(shop_id) for shop_id in await self._store.shop_ids()}
        return {shop_id: key for shop_id, key in keys.items() if key is not None}
