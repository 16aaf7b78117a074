"""
Say which differences from the models are expected, so a report names only the others.

Both tables are facts about the SDK, and the sandbox keeps to them. A report shows all unlisted texts
nevertheless: from the real service, they are news.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from etelecom_async.cli.doctor.shapes import MISSING, NULL_FORM, TEXT, Difference

UNSHOWN_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "shop.zalo.accounts.list": (
        "accounts[].daily_quota_promotion",
        "accounts[].estimated_next_month_promotion_quota",
        "accounts[].monthly_promotion_quota",
        "accounts[].remaining_monthly_promotion_quota",
        "accounts[].webhook_url",
    ),
    "shop.zns.messages.get": ("enable_sms_on_zns_failure", "sms"),
    "shop.zns.messages.list": (
        "messages[].enable_sms_on_zns_failure",
        "messages[].response_data",
        "messages[].sending_mode",
        "messages[].sms",
    ),
    "shop.zns.templates.get": (
        "is_journey",
        "oa_id",
        "price_exceeded",
        "ref_param",
        "retail_price",
        "shop_id",
    ),
}
"""Fields that the documentation of an operation does not show, of models that other operations share."""
NULLABLE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "shop.zalo.accounts.get": ("daily_quota_promotion",),
}
"""Fields that may be null, and are neither lists nor objects."""
ASSUMED_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AccountType": ("shop",),
    "CallDirection": ("callback",),
    "CallState": ("voicemail",),
    "CallStatus": ("N", "P"),
    "ExtensionState": ("S",),
    "Gender": ("undisclosed",),
    "MobileNetwork": ("vietnamobile",),
    "TemplateStatus": ("DELETE",),
    "TemplateType": ("carousel",),
    "TenantStatus": ("S",),
}
"""Unlisted texts that the sandbox sends, by enum: so programs are tested with new texts."""


def is_expected(difference: Difference) -> bool:
    """Return whether a difference from the models is expected."""
    operation, kind, path, *_ = difference
    if kind == MISSING:
        return path in UNSHOWN_FIELDS.get(operation, ())
    if kind == NULL_FORM:
        return path in NULLABLE_FIELDS.get(operation, ())
    return kind == TEXT and difference.found in map(repr, ASSUMED_TEXTS.get(difference.expected, ()))
