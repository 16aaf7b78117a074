"""The quotas of ZNS, and when they are renewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.services.zalo.records import Allowance, add_oa
from etelecom_async.sandbox.services.zalo.rejections import ACCEPTED
from etelecom_async.sandbox.services.zns import quotas
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

NOON = datetime(2026, 1, 30, 12, tzinfo=VIETNAM)


@pytest.fixture
def state(new_state: Callable[[], State]) -> State:
    """Returns a state with one official account: two ZNS per day, three after-sales ZNS per month."""
    state = new_state()
    add_oa(
        state,
        record_id=7,
        shop_id=1,
        owner_id=1,
        app_id="1",
        redirect_uri="https://example.com",
        created_at=NOON,
        expires_at=NOON,
        name="OA",
        allowance=Allowance(daily=2, promotions=3),
    )
    return state


def spend(state: State, now: datetime, *, after_sales: bool = False) -> int:
    """Uses one message of the daily quota, and of the monthly quota too; returns the code of a rejection."""
    oa = state.fetch_doc("oa", 7)
    wanted = [quotas.daily(oa), quotas.promotions(oa)] if after_sales else [quotas.daily(oa)]
    return quotas.spend(state, now, wanted).code


def left(state: State) -> tuple[int, int]:
    """Returns the messages that are left of the daily and the monthly quota."""
    oa = state.fetch_doc("oa", 7)
    return oa["remaining_quota"], oa["remaining_monthly_promotion_quota"]


def test_a_day(state: State) -> None:
    """A daily quota is used up, and is renewed at midnight in Vietnam, not earlier."""
    assert [spend(state, NOON) for _ in range(3)] == [0, 0, -144]
    assert left(state) == (0, 3)
    state.apply_due(NOON + timedelta(hours=11, minutes=59))
    assert left(state) == (0, 3)
    state.apply_due(NOON + timedelta(hours=12))
    assert left(state) == (2, 3)
    assert [spend(state, NOON + timedelta(days=3)) for _ in range(3)] == [0, 0, -144]
    state.apply_due(NOON + timedelta(days=4))
    assert left(state) == (2, 3)


def test_all_or_none(state: State) -> None:
    """If one of several quotas is used up, nothing is taken from the others."""
    for day in range(3):
        state.apply_due(NOON + timedelta(hours=day))
        assert quotas.spend(state, NOON, [quotas.promotions(state.fetch_doc("oa", 7))]) is ACCEPTED
    assert left(state) == (2, 0)
    assert spend(state, NOON, after_sales=True) == -1441
    assert left(state) == (2, 0)


def test_a_month(state: State) -> None:
    """The quota for after-sales ZNS is renewed on the first of a month, in Vietnam."""
    assert spend(state, NOON, after_sales=True) == 0
    state.apply_due(datetime(2026, 1, 31, 23, 59, tzinfo=VIETNAM))
    assert left(state) == (2, 2)
    state.apply_due(datetime(2026, 2, 1, tzinfo=VIETNAM))
    assert left(state) == (2, 3)


def test_a_template() -> None:
    """A template has its own quota, in its own fields, and its own code."""
    template = {"template_id": 5, "template_remaining_quota": 3, "template_daily_quota": 4}
    assert quotas.of_template(template).left == 3
    assert quotas.of_template(template).kind.used_up.code == -147
