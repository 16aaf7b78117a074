"""
The templates that Zalo knows, and the check of data for them.

Templates are created at Zalo. For a template that a caller adds by id, the sandbox invents Zalo's part from
the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from etelecom_async.sandbox.services.zalo.rejections import Rejection
from etelecom_async.sandbox.services.zns.rejections import (
    EMPTY_DATA,
    long_value,
    malformed_value,
    missing_value,
    unknown_value,
)
from etelecom_async.sandbox.world.fake import Rng

MIN_ID: Final = 100_000
"""The lowest id at Zalo; ids have six digits or more."""


@attrs.frozen
class Shape:
    """The parts of a template that Zalo has."""

    name: str
    tag: str
    price: int
    params: list[dict[str, Any]]


def _param(
    name: str, max_length: int, *, min_length: int = 1, kind: str = "STRING", required: bool = True
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "require": required,
        "accept_null": not required,
        "min_length": min_length if required else 0,
        "max_length": max_length,
    }


_CUSTOMER: Final = _param("customer_name", 30)
_ORDER: Final = _param("order_code", 30)
_NOTE: Final = _param("note", 100, required=False)

SHAPES: Final = {
    "otp": Shape("Mã xác thực", "OTP", 300, [_param("otp", 10, min_length=4, kind="NUMBER")]),
    "text": Shape("Xác nhận đơn hàng", "IN_TRANSACTION", 200, [_CUSTOMER, _ORDER, _NOTE]),
    "table": Shape(
        "Chi tiết hóa đơn",
        "IN_TRANSACTION",
        250,
        [
            _CUSTOMER,
            _ORDER,
            _param("amount", 20, kind="CURRENCY"),
            _param("due_date", 10, kind="DATE"),
            _NOTE,
        ],
    ),
    "rating": Shape("Đánh giá dịch vụ", "POST_TRANSACTION", 200, [_CUSTOMER, _ORDER]),
}
"""Shapes by kind. The `type` of a parameter is free text in the schema; the sandbox chooses the words."""


def kind_at_zalo(template_id: int) -> str:
    """Return the kind of the template that Zalo has under an id."""
    return Rng(f"zns/{template_id}").choice(list(SHAPES))


def fake_data(params: list[dict[str, Any]], rng: Rng) -> dict[str, str]:
    """Return invented data that fits a template."""
    data: dict[str, str] = {}
    for param in params:
        if param["require"] or rng.chance(0.5):
            digits = "".join(rng.choices("123456789", k=max(param["min_length"], 6)))
            data[param["name"]] = digits[: param["max_length"]]
    return data


def check_data(params: list[dict[str, Any]], data: Mapping[str, str]) -> Rejection | None:
    """Return Zalo's rejection of data for a template with these parameters; `None` if it fits."""
    if not data and any(param["require"] for param in params):
        return EMPTY_DATA
    known = {param["name"]: param for param in params}
    for name in data:
        if name not in known:
            return unknown_value(f"the template has no parameter {name!r}")
    checked = (_check_value(f"parameter {name!r}", param, data.get(name)) for name, param in known.items())
    return next((rejection for rejection in checked if rejection), None)


def _check_value(title: str, param: Mapping[str, Any], value: str | None) -> Rejection | None:
    if value is None:
        return missing_value(f"{title} is missing") if param["require"] else None
    if not value:
        return None if param["accept_null"] else missing_value(f"{title} is empty")
    if len(value) < param["min_length"]:
        return malformed_value(f"{title} has {len(value)} characters, fewer than {param['min_length']}")
    if len(value) > param["max_length"]:
        return long_value(f"{title} has {len(value)} characters, more than {param['max_length']}")
    return None
