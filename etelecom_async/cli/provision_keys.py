"""Find the keys of the shops that a roster names, and the clients for them. This module loads the client."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self, cast

import attrs

from etelecom_async import PartnerClient, Secret, ShopClient
from etelecom_async.cli.calling import Client
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.credentials import PARTNER, SHOP, Credentials, clients_with_key, find, stand_in
from etelecom_async.cli.index import operation
from etelecom_async.cli.key_files import read_keys
from etelecom_async.cli.layout import Layout
from etelecom_async.cli.operation import chosen_shop, credentials_for
from etelecom_async.cli.running import Call
from etelecom_async.cli.settings import Settings
from etelecom_async.key_store import FileKeyStore
from etelecom_async.provisioning.shops import Shops

FLAG: Final = "--shop-keys"
THIS_SHOP: Final = ""
"""Names the only shop in rows that name none."""
_CALL: Final = "shop.users.create"
"""The documentation gives this operation to the same keys as everything else that provisioning needs."""


@attrs.frozen(kw_only=True)
class Keys:
    """Where the keys of a command come from. Finding it out makes no call."""

    given: Mapping[str, Any] = attrs.field(repr=False)
    by_name: Mapping[str, Secret] | None = None
    """The keys in the file of `--shop-keys`."""
    store: FileKeyStore | None = None
    """The partner's key store; `None` if the command has the key of one shop."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """
        Return where the keys come from: `--shop-keys`, the key of one shop, or the partner's key store.

        Args:
            given: Values of the options.

        Raises:
            CommandError: The file of `--shop-keys` is wrong, or another option excludes it.
        """
        settings = Settings.checked(given["profile"])
        file = given.get("shop_keys")
        if file is not None:
            for name in ("shop", "key_file"):
                if given[name] is not None:
                    raise usage_error(f"{FLAG} and --{name.replace('_', '-')} exclude each other")
            return cls(given=given, by_name=read_keys(file, FLAG, is_quiet=given["quiet"]))
        is_one = given["key_file"] is not None or chosen_shop(given["shop"], settings)[0] is not None
        path = settings.value("key_store")
        if is_one or path is None or clients_with_key((PARTNER, SHOP), settings) != [PARTNER]:
            return cls(given=given)
        return cls(given=given, store=FileKeyStore(Path(path.text).expanduser()))

    @property
    def default_shop(self) -> str | None:
        """The shop of rows that name none; `None` if there may be several shops."""
        if self.by_name is not None:
            return next(iter(self.by_name)) if len(self.by_name) == 1 else None
        return None if self.store is not None else THIS_SHOP

    def call(self) -> Call:
        """
        Return what the calls of the command have in common.

        Raises:
            CommandError: A key is missing.
            EtelecomError: The shop of `--shop` cannot be found.
        """
        row = operation(_CALL)
        given = {**self.given, "dry_run": False}
        return Call.of(row, {}, self._credentials(given), given, output=(Layout(), sys.stdout), question=None)

    def _credentials(self, given: Mapping[str, Any]) -> Credentials:
        settings = Settings.checked(given["profile"])
        if self.by_name is None and self.store is None:
            return credentials_for(operation(_CALL), given)
        if self.by_name is not None and not clients_with_key([PARTNER], settings):
            return stand_in(PARTNER, ("partner_api_key",), settings)
        return find(PARTNER, (), None, settings)

    def shops(self, made: Client) -> Shops:
        """
        Return the shops that the keys are for.

        Args:
            made: The client of the command, for the key of `call`.
        """
        if self.by_name is None and self.store is None:
            return Shops.of_one(cast("ShopClient", made))
        partner = cast("PartnerClient", made)
        if self.store is not None:
            return Shops(partner, self.store)
        # Without the partner's key, a stand-in only connects: it looks up nothing.
        can_look_up = clients_with_key([PARTNER], Settings.checked(self.given["profile"]))
        return Shops(partner if can_look_up else None, self.by_name or {}, open_shop=partner.for_shop)

    async def shop_names(self) -> list[str]:
        """Return the names of all shops with a key, for a command that has no roster."""
        if self.by_name is not None:
            return list(self.by_name)
        return [THIS_SHOP] if self.store is None else await self.store.shop_ids()
