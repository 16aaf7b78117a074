"""
The kinds of records that a program can add, change and delete: one row each.

A file of records is read in the order of the rows, so a record can refer to those of the kinds before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Final, cast, get_args, get_origin

import attrs

from etelecom_async._core.codec.enums import OpenEnum, enum_of
from etelecom_async._core.model import Model, fields_of, value_type
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.records import drafts, fields
from etelecom_async.sandbox.records.values import read_optional_id
from etelecom_async.sandbox.services.pbx.recordings import recording_url
from etelecom_async.sandbox.services.zalo.lifecycle import CONSENT_VALID
from etelecom_async.sandbox.store.state import search_name
from etelecom_async.sandbox.times import micros

_MODELS: Final = "etelecom_async._generated.models"
_OWN: Final = "shop_id = ?"
_ON_TENANT: Final = "tenant_id IN (SELECT id FROM tenant WHERE shop_id = ?)"

Column = tuple[str, Callable[[Any], object]]
"""A column and the function that makes its value from the value of a field."""


@attrs.frozen(kw_only=True)
class Reference:
    """A field with the id of another record."""

    table: str
    noun: str
    key: str | None = None
    """Column with another name of the record, such as its number."""
    is_of_shop: bool = True
    """Whether the other record has to belong to the same shop."""
    may_be_unset: bool = True


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of records."""

    name: str
    noun: str
    table: str
    model: str
    """Module and name of the model."""
    fields: type
    """The `TypedDict` of the fields that can change."""
    new: type
    """The `TypedDict` of the fields of a new record."""
    create: Callable[[drafts.Draft], int]
    prepare: Callable[[dict[str, Any], Mapping[str, Any], int], None] | None = None
    """Replaces fields that are no fields of the API; takes them, the record in JSON and its id."""
    references: Mapping[str, Reference] = attrs.field(factory=dict[str, Reference])
    columns: Mapping[str, Column] = attrs.field(factory=dict[str, Column])
    """The columns that have the value of a field, by field."""
    unique: Mapping[str, str | None] = attrs.field(factory=dict[str, str | None])
    """Fields whose values are used once, with the column of the group in which they are."""
    of_shop: str = _OWN
    """The condition for the records of a shop."""

    @property
    def has_shop(self) -> bool:
        """Return whether a new record belongs to a shop."""
        return "shop" in self.new.__annotations__ or self.of_shop == _ON_TENANT

    def load_model(self) -> type[Model]:
        """Return the class of the records."""
        return _load_model(self.model)

    def enums(self) -> Mapping[str, type[OpenEnum]]:
        """Return the enums by field."""
        return _enums(self.model)

    def parts(self) -> Mapping[str, frozenset[str]]:
        """Return the names of the fields of the objects in a record, by the field that has the objects."""
        return _parts(self.model)


def _load_model(path: str) -> type[Model]:
    module, _, name = path.partition(".")
    return cast("type[Model]", getattr(import_module(f"{_MODELS}.{module}"), name))


@cache
def _enums(path: str) -> dict[str, type[OpenEnum]]:
    model: Any = _load_model(path)
    return {field.name: kind for field in fields_of(model) if (kind := enum_of(field.type))}


@cache
def _parts(path: str) -> dict[str, frozenset[str]]:
    model: Any = _load_model(path)
    parts: dict[str, frozenset[str]] = {}
    for field in fields_of(model):
        kind = value_type(field.type)
        item: Any = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if isinstance(item, type) and issubclass(item, Model):
            parts[field.name] = _names_of(item)
    return parts


def _names_of(model: Any) -> frozenset[str]:
    """Return the names of the fields of a model in JSON."""
    return frozenset(field.metadata.get("wire", field.name) for field in fields_of(model))


def _number_or_zero(value: str) -> int:
    return read_optional_id(value) or 0


def _micros_or_zero(value: datetime | None) -> int:
    return 0 if value is None else micros(value)


def _same(*names: str) -> dict[str, Column]:
    """Return columns with the names of their fields and the same values."""
    return {name: (name, lambda value: value) for name in names}


def _prepare_call(values: dict[str, Any], _: Mapping[str, Any], record_id: int) -> None:
    if "recording" in values:
        has_one = values.pop("recording")
        values.setdefault("recording_urls", [recording_url(record_id)] if has_one else [])


def _prepare_follower(values: dict[str, Any], record: Mapping[str, Any], _: int) -> None:
    given = {name: values.pop(name) for name in ("notes", "tag_names") if name in values}
    if given:
        values["tags_and_notes_info"] = {**record["tags_and_notes_info"], **given}


def _prepare_consent(values: dict[str, Any], record: Mapping[str, Any], _: int) -> None:
    if "reply_status" in values:
        end = datetime.fromisoformat(record["created_at"]) + CONSENT_VALID
        values.setdefault("granted_until", end if values["reply_status"] == "P" else None)


_HOTLINE: Final = Reference(table="hotline", noun="hotline", key="number", is_of_shop=False)
_USER: Final = Reference(table="account_user", noun="employee", key="phone")
_EXTENSION: Final = Reference(table="extension", noun="extension", key="number")
_OA: Final = Reference(table="oa", noun="official account", may_be_unset=False)
_TEMPLATE: Final = Reference(table="zns_template", noun="template", may_be_unset=False)
SHOP: Final = Reference(table="shop", noun="shop", key="email", is_of_shop=False, may_be_unset=False)
"""The field `shop` of every kind that has one."""

_ROWS: Final = (
    Kind(
        name="shops",
        noun="shop",
        table="shop",
        model="account.Shop",
        fields=fields.ShopFields,
        new=fields.NewShop,
        create=drafts.new_shop,
        columns=_same("email", "api_key", "shop_key"),
        of_shop="id = ?",
    ),
    Kind(
        name="tenants",
        noun="tenant",
        table="tenant",
        model="tenants.Tenant",
        fields=fields.TenantFields,
        new=fields.NewTenant,
        create=drafts.new_tenant,
        columns={"name": ("search_name", search_name)},
    ),
    Kind(
        name="hotlines",
        noun="hotline",
        table="hotline",
        model="tenants.Hotline",
        fields=fields.HotlineFields,
        new=fields.NewHotline,
        create=drafts.new_hotline,
        columns={"hotline": ("number", str)},
        unique={"hotline": None},
        of_shop=_ON_TENANT,
    ),
    Kind(
        name="users",
        noun="employee",
        table="account_user",
        model="pbx.AccountUser",
        fields=fields.UserFields,
        new=fields.NewUser,
        create=drafts.new_user,
        columns={**_same("phone"), "full_name": ("search_name", search_name)},
        unique={"phone": "shop_id"},
    ),
    Kind(
        name="extensions",
        noun="extension",
        table="extension",
        model="pbx.Extension",
        fields=fields.ExtensionFields,
        new=fields.NewExtension,
        create=drafts.new_extension,
        references={"hotline_id": _HOTLINE, "user_id": _USER},
        columns={
            "extension_number": ("number", str),
            "hotline_id": ("hotline_id", _number_or_zero),
            "user_id": ("user_id", read_optional_id),
        },
        unique={"extension_number": "tenant_id"},
    ),
    Kind(
        name="calls",
        noun="call",
        table="call_log",
        model="pbx.CallLog",
        fields=fields.CallFields,
        new=fields.NewCall,
        create=drafts.new_call,
        prepare=_prepare_call,
        references={"hotline_id": _HOTLINE, "extension_id": _EXTENSION, "user_id": _USER},
        columns={
            **_same("caller", "callee", "direction", "call_state", "duration"),
            **_same("external_id", "external_session_id"),
            **{
                name: (name, _number_or_zero)
                for name in ("extension_id", "hotline_id", "user_id", "department_id")
            },
        },
    ),
    Kind(
        name="accounts",
        noun="official account",
        table="oa",
        model="zalo.OfficialAccount",
        fields=fields.AccountFields,
        new=fields.NewAccount,
        create=drafts.new_account,
        columns={"name": ("search_name", search_name)},
    ),
    Kind(
        name="followers",
        noun="follower",
        table="follower",
        model="zalo.Follower",
        fields=fields.FollowerFields,
        new=fields.NewFollower,
        create=drafts.new_follower,
        prepare=_prepare_follower,
        references={"oa_id": _OA, "assigned_user_id": _USER},
        columns={
            **_same("zl_user_id"),
            "full_name": ("search_name", search_name),
            "interacted_at": ("interacted_at", _micros_or_zero),
        },
    ),
    Kind(
        name="templates",
        noun="template",
        table="zns_template",
        model="zns.ZNSTemplate",
        fields=fields.TemplateFields,
        new=fields.NewTemplate,
        create=drafts.new_template,
        references={"oa_id": _OA},
        columns={"template_name": ("search_name", search_name)},
    ),
    Kind(
        name="messages",
        noun="message",
        table="zns_message",
        model="zns.ZNSMessage",
        fields=fields.MessageFields,
        new=fields.NewMessage,
        create=drafts.new_message,
        references={"oa_id": _OA, "template_id": _TEMPLATE},
        columns={"submit_time": ("submitted_at", _micros_or_zero)},
    ),
    Kind(
        name="consents",
        noun="consent",
        table="consent",
        model="zns.Consent",
        fields=fields.ConsentFields,
        new=fields.NewConsent,
        create=drafts.new_consent,
        prepare=_prepare_consent,
        references={"oa_id": _OA},
        columns={"granted_until": ("granted_until", _micros_or_zero)},
    ),
)

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _ROWS}
"""The kinds by name."""
UNSET: Final = ("", UNSET_ID)
"""The forms of an id that is not set."""
