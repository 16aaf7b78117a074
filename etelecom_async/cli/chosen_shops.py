"""Find the clients of the shops of `--shops`, again for each run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from etelecom_async import EtelecomError, PartnerClient, Secret, ShopClient
from etelecom_async._shop_keys import storing_engine
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import PARTNER, Credentials, clients_with_key, find, stand_in
from etelecom_async.cli.key_files import read_keys
from etelecom_async.cli.options import ALL_SHOPS
from etelecom_async.cli.request_body import STDIN
from etelecom_async.cli.settings import Settings
from etelecom_async.key_store import FileKeyStore

_FLAG: Final = "--shops"
_REDIRECT: Final = "http://127.0.0.1/connected"
"""
The request for a new key must have a page for after a login, also where no login is needed.

Nobody logs in here: then the error says that the shop must log in.
"""


class ChosenShops:
    """
    The shops of `--shops`.

    Args:
        credentials: The partner's key, or a stand-in if only the keys of a file are used.
        file: The file with the keys, for messages.
        keys: The keys in a file that the option names.
        store: The partner's key store.
    """

    def __init__(
        self,
        credentials: Credentials,
        file: str,
        keys: Mapping[str, Secret] | None = None,
        store: FileKeyStore | None = None,
    ) -> None:
        self.credentials: Final = credentials
        self._file = file
        self._keys = keys
        self._store = store
        self._storing: PartnerClient | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> ChosenShops:
        """
        Return the shops that the option names.

        Args:
            given: Values of the options.

        Raises:
            CommandError: The file or the key store is missing, or the partner's key.
        """
        settings = Settings.checked(given["profile"])
        file: str = given["shops"]
        if file != ALL_SHOPS:
            keys = read_keys(file, _FLAG, is_quiet=given["quiet"])
            has_key = clients_with_key([PARTNER], settings)
            # Without the partner's key, a stand-in only connects: each call has the key of its shop.
            found = find(PARTNER, (), None, settings) if has_key else stand_in(PARTNER, (), settings)
            return cls(found, file, keys=keys)
        path = settings.value("key_store")
        if path is None:
            message = f"there is no key store ({_FLAG} {ALL_SHOPS}): name one as key_store of a profile"
            raise CommandError(message, exit_code=exit_codes.KEY)
        store = FileKeyStore(Path(path.text).expanduser())
        return cls(find(PARTNER, (), None, settings), path.text, store=store)

    async def clients(self, partner: PartnerClient) -> dict[str, ShopClient]:
        """
        Return the client of each shop that has a key now, all with the rate of the partner's client.

        With the key store, a client replaces a key that the service refuses, and stores the new one.

        Args:
            partner: The client of the command.

        Raises:
            CommandError: There is no shop, or a key has another form.
            KeyStoreError: The key store cannot be read.
        """
        found: dict[str, ShopClient] = {}
        for name, key in (await self._all()).items():
            try:
                found[name] = (
                    self._storing_client(partner).shop(name) if key is None else partner.for_shop(key)
                )
            except EtelecomError as error:
                message = f"the key of {name!r} in {self._file} cannot be used: {failures.text_of(error)}"
                raise CommandError(message, exit_code=exit_codes.KEY) from None
        if not found:
            message = f"{self._file} has no key of a shop ({_FLAG}): run `etelecom connect` for each shop"
            raise CommandError(message, exit_code=exit_codes.KEY)
        return found

    async def _all(self) -> Mapping[str, Secret | None]:
        """Return the shops, with their keys if a file has them."""
        if self._store is not None:
            return dict.fromkeys(await self._store.shop_ids())
        keys, self._keys = self._keys, None
        if keys is None:  # another run of `--every`: the file may have changed
            keys = read_keys(self._file, _FLAG, is_quiet=True)
        if self._file == STDIN:  # it can be read once
            self._keys = keys
        return keys

    def _storing_client(self, partner: PartnerClient) -> PartnerClient:
        """Return the client with the key store; the same one in each run, because it knows the new keys."""
        if self._storing is None:
            made = cast("Any", partner)
            self._storing = made._copy(storing_engine(made._engine, self._store, _REDIRECT))
        return cast("PartnerClient", self._storing)
