"""
Say which differences from the models are expected, so a report names only the others.

Both tables are facts about the SDK, and the sandbox keeps to them. A report shows all unlisted texts
nevertheless: from the real service, they are news.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
EMPTY_FORMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "shop.call_logs.list": {
        "call_logs[].call_targets": ("null",),
        "call_logs[].recording_urls": ("null", "[]"),
    },
    "shop.users.list": {
        "account_users[].permissions": ("null", "[]"),
        "account_users[].roles": ("null", "[]"),
    },
    "shop.zalo.accounts.get": {"daily_quota_promotion": ("null",)},
    "shop.zalo.followers.list": {
        "followers[].shared_info": ("null",),
        "followers[].tags_and_notes_info.notes": ("null", "[]"),
        "followers[].tags_and_notes_info.tag_names": ("null", "[]"),
    },
    "shop.zns.messages.get": {"feedback": ("null", "[]")},
    "shop.zns.messages.list": {"messages[].feedback": ("null", "[]")},
    "webhooks.list": {
        "webhooks[].states.last_error": ("null",),
        "webhooks[].states.last_sent_at": ("null",),
    },
}
"""How fields without a value are written: an array may be null or empty, other fields may be null."""
_USUAL_FORMS: Final[Mapping[str, tuple[str, ...]]] = {"array": ("[]",)}
"""The same for all other fields, by type."""
_RARE: Final = ("feedback", "messages[].feedback")
"""Fields that are empty only in rare records, so a page may show them always null."""
_ENOUGH: Final = 20
"""A field that has no value so often, and always in the same form, has no other form."""
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


def unexpected(differences: Iterable[Difference]) -> list[Difference]:
    """Return the differences from the models that are not expected, and the forms that are never used."""
    found = list(differences)
    return [*(_with_forms(each) for each in found if not is_expected(each)), *_unused_forms(found)]


def is_expected(difference: Difference) -> bool:
    """Return whether a difference from the models is expected."""
    operation, kind, path, *_ = difference
    if kind == MISSING:
        return path in UNSHOWN_FIELDS.get(operation, ())
    if kind == NULL_FORM:
        return difference.found in _forms_of(difference)
    return kind == TEXT and difference.found in map(repr, ASSUMED_TEXTS.get(difference.expected, ()))


def _forms_of(difference: Difference) -> tuple[str, ...]:
    usual = _USUAL_FORMS.get(difference.expected, ())
    return EMPTY_FORMS.get(difference.operation, {}).get(difference.path, usual)


def _with_forms(difference: Difference) -> Difference:
    """Return a difference with the expected form in place of the type, if there is such a form."""
    forms = _forms_of(difference) if difference.kind == NULL_FORM else ()
    return difference._replace(expected=" or ".join(forms) or difference.expected)


def _unused_forms(found: Iterable[Difference]) -> Iterator[Difference]:
    forms: dict[tuple[str, str], list[Difference]] = {}
    for each in found:
        if each.kind == NULL_FORM and len(_forms_of(each)) > 1 and each.path not in _RARE:
            forms.setdefault((each.operation, each.path), []).append(each)
    for used in forms.values():
        if len(used) == 1 and used[0].seen >= _ENOUGH:
            yield _with_forms(used[0])._replace(found=f"always {used[0].found}")
