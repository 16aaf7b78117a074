"""
How ZNS templates look, and whether data fits one.

A template is made at Zalo; of those that a caller adds by id, Zalo's part is drawn here from the id. The
codes by which data is refused are Zalo's, of which its page was read up to -111: -112, of which nothing but
"Templ" was read, for data that does not fit, is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from etelecom_async.sandbox.records_zns import Rejection
from etelecom_async.sandbox.world.fake import Rng

LEAST_ID: Final = 100_000
"""Zalo's ids have six digits or more; what is below does not exist there."""

_EMPTY: Final = -111
_UNFIT: Final = -112


@attrs.frozen
class Shape:
    """What Zalo knows of a template."""

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
"""By kind; `type` of a parameter is free text in the schema, so these words are chosen."""


def kind_at_zalo(template_id: int) -> str:
    """Return which kind of template Zalo has under an id."""
    return Rng(f"zns/{template_id}").choice(list(SHAPES))


def fitting_data(params: list[dict[str, Any]], rng: Rng) -> dict[str, str]:
    """Return data that fits a template, for a seeded message."""
    data: dict[str, str] = {}
    for param in params:
        if param["require"] or rng.chance(0.5):
            digits = "".join(rng.choices("123456789", k=max(param["min_length"], 6)))
            data[param["name"]] = digits[: param["max_length"]]
    return data


def check_data(params: list[dict[str, Any]], data: Mapping[str, str]) -> Rejection | None:
    """Return why Zalo refuses data for a template with these parameters, `None` where it does not."""
    if not data and any(param["require"] for param in params):
        return Rejection(_EMPTY, "Template data empty")
    known = {param["name"]: param for param in params}
    for name in data:
        if name not in known:
            return _unfit(f"the template has no parameter {name!r}")
    for name, param in known.items():
        if problem := _problem(param, data.get(name)):
            return _unfit(f"parameter {name!r} {problem}")
    return None


def _unfit(what: str) -> Rejection:
    return Rejection(_UNFIT, f"Template data invalid: {what}")


def _problem(param: Mapping[str, Any], value: str | None) -> str | None:
    if value is None:
        return "is missing" if param["require"] else None
    if not value:
        return None if param["accept_null"] else "is empty"
    if len(value) < param["min_length"]:
        return f"has {len(value)} characters, fewer than {param['min_length']}"
    if len(value) > param["max_length"]:
        return f"has {len(value)} characters, more than {param['max_length']}"
    return None
