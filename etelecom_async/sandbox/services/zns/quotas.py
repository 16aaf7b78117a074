"""
The quotas of ZNS: per day for an account, per month for its after-sales ZNS, per day for a template.

The sandbox chooses when a quota is renewed: at midnight and on the first of a month, in Vietnam. The renewal
is scheduled when the first message uses the quota.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED, Rejection
from etelecom_async.sandbox.services.zns.rejections import (
    NO_OA_QUOTA,
    NO_PROMOTION_QUOTA,
    NO_TEMPLATE_QUOTA,
)
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import next_day, next_month


@attrs.frozen
class _Kind:
    table: str
    left: str
    full: str
    renewed: Callable[[datetime], datetime]
    used_up: Rejection


@attrs.frozen
class Quota:
    """A quota of a record."""

    kind: _Kind
    record_id: int
    doc: dict[str, Any]

    @property
    def left(self) -> int:
        """Return the number of messages that are left."""
        left: int = self.doc[self.kind.left]
        return left


_DAILY: Final = _Kind("oa", "remaining_quota", "daily_quota", next_day, NO_OA_QUOTA)
_PROMOTIONS: Final = _Kind(
    "oa", "remaining_monthly_promotion_quota", "monthly_promotion_quota", next_month, NO_PROMOTION_QUOTA
)
_TEMPLATE: Final = _Kind(
    "zns_template", "template_remaining_quota", "template_daily_quota", next_day, NO_TEMPLATE_QUOTA
)


def daily(oa: dict[str, Any]) -> Quota:
    """Return the daily quota of an official account."""
    return Quota(_DAILY, int(oa["oa_id"]), oa)


def promotions(oa: dict[str, Any]) -> Quota:
    """Return the monthly quota of an official account for after-sales ZNS."""
    return Quota(_PROMOTIONS, int(oa["oa_id"]), oa)


def of_template(template: dict[str, Any]) -> Quota:
    """Return the daily quota of a template."""
    return Quota(_TEMPLATE, template["template_id"], template)


def spend(state: State, now: datetime, quotas: Sequence[Quota]) -> Rejection:
    """
    Take one message from each quota; return `ACCEPTED`.

    If a quota is used up, take nothing and return its rejection.
    """
    for quota in quotas:
        if quota.left < 1:
            return quota.kind.used_up
    for quota in quotas:
        kind, full = quota.kind, quota.doc[quota.kind.full]
        if quota.left == full:
            state.schedule(kind.renewed(now), kind.table, quota.record_id, {kind.left: full})
        state.update(kind.table, quota.record_id, now, {kind.left: quota.left - 1})
    return ACCEPTED
