"""Choose columns of tables, and read the values of a column out of a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AccountUser": ("user_id", "full_name", "phone", "email", "position"),
    "CallLog": ("id", "started_at", "direction", "caller", "callee", "call_state", "duration"),
    "Consent": ("id", "phone", "call_type", "status", "reply_status", "created_at"),
    "Extension": ("id", "extension_number", "user_id", "hotline_id", "expires_at"),
    "Follower": ("zl_user_id", "full_name", "phone", "state", "created_at"),
    "Hotline": ("id", "hotline", "name", "network", "status", "owner_id"),
    "Journey": ("journey_id", "phone", "status", "is_charged", "expired_at"),
    "OfficialAccount": ("oa_id", "name", "status", "created_at"),
    "SmsTemplate": ("TemplateCode", "SenderChannel", "ParamsFormat"),
    "Tenant": ("id", "name", "domain", "status", "owner_id", "created_at"),
    "Webhook": ("id", "url", "entities", "created_at"),
    "ZNSMessage": (
        "msg_id",
        "phone",
        "template_id",
        "status",
        "delivery_status",
        "error_code",
        "tracking_id",
        "created_at",
    ),
    "ZNSTemplate": ("template_id", "template_name", "type", "template_status", "price"),
    # Its items have no class: the documentation does not show them. They are the shops of other operations.
    "partner.shops.list": ("id", "name", "phone", "email", "owner_id", "created_at"),
}
"""
Columns of lists in tables and in TSV, by the class of an item, or by the operation if its items have none.

CSV has all columns.
"""


def cell(value: object) -> str:
    """Return the text of a value in a table, in TSV or in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = cast("list[object]", value)
        if any(isinstance(item, list | dict) for item in items):
            return json.dumps(items, ensure_ascii=False)
        return ",".join(map(cell, items))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def value_at(row: Mapping[str, Any], column: str) -> Any:
    """Return the value at a dotted path; in a list, that of each item."""
    return _at(row, column.split("."))


def _at(value: Any, path: Sequence[str]) -> Any:
    if not path or value is None:
        return value
    if isinstance(value, Mapping):
        return _at(cast("Mapping[str, Any]", value).get(path[0]), path[1:])
    if not isinstance(value, list):
        return None
    items = cast("Sequence[Any]", value)
    if path[0].isdecimal():
        index = int(path[0])
        return _at(items[index], path[1:]) if index < len(items) else None
    return [_at(item, path) for item in items]


def columns_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of a row whose class is not known: its names, with those of objects inside."""
    found: list[str] = []
    for name, value in row.items():
        if isinstance(value, dict) and value:
            found += [f"{name}.{inner}" for inner in columns_of(cast("dict[str, Any]", value))]
        else:
            found.append(name)
    return tuple(found)


def same_path(first: str, second: str) -> bool:
    """Return whether one of two paths starts with the other: an object, a column, or a part of a list."""
    return f"{second}.".startswith(f"{first}.") or first.startswith(f"{second}.")
