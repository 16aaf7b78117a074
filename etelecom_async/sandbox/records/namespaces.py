"""
The records of a sandbox in Python: `service.calls.add(...)`, and the same for each kind.

All classes do the same; they differ in the types of their fields and results.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, Unpack, cast

from etelecom_async.sandbox.records import fields
from etelecom_async.sandbox.records.book import RecordBook
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.sandbox.records.values import RecordError, read_optional_id
from etelecom_async.sandbox.services.pbx.recordings import at_origin
from etelecom_async.sandbox.store.state import to_json

if TYPE_CHECKING:
    from etelecom_async._generated.models.account import CreatedShopAccount, Shop
    from etelecom_async._generated.models.pbx import AccountUser, CallLog, Extension
    from etelecom_async._generated.models.tenants import Hotline, Tenant
    from etelecom_async._generated.models.zalo import Follower, OfficialAccount
    from etelecom_async._generated.models.zns import Consent, ZNSMessage, ZNSTemplate

RecordT = TypeVar("RecordT")
NamespaceT = TypeVar("NamespaceT", bound="Records[Any]")


class Records(Generic[RecordT]):
    """
    The records of one kind.

    Args:
        book: The records of the sandbox.
        origin: Origin of the sandbox, for the URLs of recordings.
    """

    kind: ClassVar[str]

    def __init__(self, book: RecordBook, origin: str) -> None:
        self._book: Final = book
        self._origin: Final = origin

    def get(self, record_id: str) -> RecordT:
        """
        Return a record.

        Raises:
            RecordError: There is no such record.
        """
        return self._model(self._book.get(self.kind, read_record_id(record_id)))

    def list(self, *, shop: str | None = None) -> tuple[RecordT, ...]:
        """
        Return all records in the order of the API's lists; those of one shop by its id or e-mail address.

        Raises:
            RecordError: There is no such shop.
        """
        return tuple(map(self._model, self._book.fetch_all(self.kind, shop)))

    def delete(self, record_id: str) -> None:
        """
        Delete a record; a shop with everything that belongs to it.

        Raises:
            RecordError: There is no such record, or it is the first shop.
        """
        with self._book.changes():
            self._book.delete(self.kind, read_record_id(record_id))

    def _add(self, given: Mapping[str, Any]) -> dict[str, Any]:
        with self._book.changes():
            return self._book.add(self.kind, given)

    def _update(self, record_id: str, given: Mapping[str, Any]) -> RecordT:
        with self._book.changes():
            return self._model(self._book.update(self.kind, read_record_id(record_id), given))

    def _model(self, record: Mapping[str, Any]) -> RecordT:
        located = json.loads(at_origin(to_json(record), self._origin))
        return cast("RecordT", KINDS[self.kind].load_model().from_dict(located, ignore_unknown=True))


class Calls(Records["CallLog"]):
    """The calls of all shops."""

    kind = "calls"

    def add(self, **given: Unpack[fields.NewCall]) -> CallLog:
        """Add a call, by default an answered one that ends now; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.CallFields]) -> CallLog:
        """Change fields of a call; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Users(Records["AccountUser"]):
    """The employees of all shops."""

    kind = "users"

    def add(self, **given: Unpack[fields.NewUser]) -> AccountUser:
        """Add an employee; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.UserFields]) -> AccountUser:
        """Change fields of an employee; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Extensions(Records["Extension"]):
    """The extensions of all shops."""

    kind = "extensions"

    def add(self, **given: Unpack[fields.NewExtension]) -> Extension:
        """Add an extension with the next number; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.ExtensionFields]) -> Extension:
        """Change fields of an extension; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Hotlines(Records["Hotline"]):
    """The hotlines of the partner."""

    kind = "hotlines"

    def add(self, **given: Unpack[fields.NewHotline]) -> Hotline:
        """Add a hotline on the tenant of a shop; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.HotlineFields]) -> Hotline:
        """Change fields of a hotline; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Shops(Records["Shop"]):
    """The shops of the partner."""

    kind = "shops"

    def add(self, **given: Unpack[fields.NewShop]) -> CreatedShopAccount:
        """Add a shop with an active tenant; return it with its keys, or raise `RecordError`."""
        from etelecom_async._generated.models.account import CreatedShopAccount

        return CreatedShopAccount.from_dict(self._add(given), ignore_unknown=True)

    def update(self, record_id: str, **given: Unpack[fields.ShopFields]) -> Shop:
        """Change fields of a shop; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Tenants(Records["Tenant"]):
    """The tenants of the partner."""

    kind = "tenants"

    def add(self, **given: Unpack[fields.NewTenant]) -> Tenant:
        """Add the tenant of a shop that has none; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.TenantFields]) -> Tenant:
        """Change fields of a tenant; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Accounts(Records["OfficialAccount"]):
    """The Zalo official accounts of all shops."""

    kind = "accounts"

    def add(self, **given: Unpack[fields.NewAccount]) -> OfficialAccount:
        """Add an official account that can send; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.AccountFields]) -> OfficialAccount:
        """Change fields of an official account; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Followers(Records["Follower"]):
    """The Zalo users with a contact to an official account."""

    kind = "followers"

    def add(self, **given: Unpack[fields.NewFollower]) -> Follower:
        """Add a follower of an official account; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.FollowerFields]) -> Follower:
        """Change fields of a follower; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Templates(Records["ZNSTemplate"]):
    """The ZNS templates of all shops."""

    kind = "templates"

    def add(self, **given: Unpack[fields.NewTemplate]) -> ZNSTemplate:
        """Add a template that can be sent; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.TemplateFields]) -> ZNSTemplate:
        """Change fields of a template; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Messages(Records["ZNSMessage"]):
    """The ZNS of all shops."""

    kind = "messages"

    def add(self, **given: Unpack[fields.NewMessage]) -> ZNSMessage:
        """Add a ZNS, by default one that was sent and seen now; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.MessageFields]) -> ZNSMessage:
        """Change fields of a ZNS; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class Consents(Records["Consent"]):
    """The requests for consent of all shops."""

    kind = "consents"

    def add(self, **given: Unpack[fields.NewConsent]) -> Consent:
        """Add a request for consent, by default an accepted one; raise `RecordError` for a wrong field."""
        return self._model(self._add(given))

    def update(self, record_id: str, **given: Unpack[fields.ConsentFields]) -> Consent:
        """Change fields of a request for consent; raise `RecordError` for a wrong field or an unknown id."""
        return self._update(record_id, given)


class RecordNamespaces:
    """The records of a sandbox that runs, by kind."""

    def _namespace(self, kind: type[NamespaceT]) -> NamespaceT:
        raise NotImplementedError

    @property
    def calls(self) -> Calls:
        """Return the calls: `calls.add(caller="0901234567")`, `calls.update(id, note="...")`."""
        return self._namespace(Calls)

    @property
    def users(self) -> Users:
        """Return the employees."""
        return self._namespace(Users)

    @property
    def extensions(self) -> Extensions:
        """Return the extensions."""
        return self._namespace(Extensions)

    @property
    def hotlines(self) -> Hotlines:
        """Return the hotlines."""
        return self._namespace(Hotlines)

    @property
    def shops(self) -> Shops:
        """Return the shops."""
        return self._namespace(Shops)

    @property
    def tenants(self) -> Tenants:
        """Return the tenants."""
        return self._namespace(Tenants)

    @property
    def accounts(self) -> Accounts:
        """Return the official accounts."""
        return self._namespace(Accounts)

    @property
    def followers(self) -> Followers:
        """Return the followers."""
        return self._namespace(Followers)

    @property
    def templates(self) -> Templates:
        """Return the ZNS templates."""
        return self._namespace(Templates)

    @property
    def messages(self) -> Messages:
        """Return the ZNS."""
        return self._namespace(Messages)

    @property
    def consents(self) -> Consents:
        """Return the requests for consent."""
        return self._namespace(Consents)


def read_record_id(record_id: object) -> int:
    """
    Return the number of an id.

    Raises:
        RecordError: The text is not an id.
    """
    try:
        return read_optional_id(str(record_id)) or 0
    except ValueError as error:
        raise RecordError([str(error)]) from None
