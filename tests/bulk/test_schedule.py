"""Which steps can run now, and which wait for a step that is not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.bulk.schedule import Schedule
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan, Step, step

if TYPE_CHECKING:
    from etelecom_async import ShopClient


def plan_of(shop: ShopClient, needs: dict[str, str]) -> Plan:
    """Return a plan: for each key, the keys of the steps before it."""
    steps: dict[str, Step[Any]] = {key: step(key, shop.call, "Any/Create", {"key": key}) for key in needs}
    return Plan(steps[key].after(*(steps[name] for name in names)) for key, names in needs.items())


def taken(schedule: Schedule, stopped: dict[str, str] | None = None) -> str:
    """Take all ready steps, and return their keys."""
    keys: list[str] = []
    while (ready := schedule.take(stopped or {})) is not None:
        keys.append(ready.key)
    return "".join(keys)


@pytest.fixture
def plan(shop: ShopClient) -> Plan:
    """Two chains, `abc` and `xy`, and `z` which needs both."""
    return plan_of(shop, {"a": "", "b": "a", "c": "b", "x": "", "y": "x", "z": "cy"})


def schedule_of(plan: Plan, **states: State) -> Schedule:
    """Return the schedule of a plan; steps that are not named are planned."""
    return Schedule(plan, {key: states.get(key, State.PLANNED) for key in plan.steps})


def test_order(plan: Plan) -> None:
    """A step is ready when all are done that it needs, and is taken once."""
    schedule = schedule_of(plan)
    assert taken(schedule) == "ax"
    assert not schedule.has_ready({})
    schedule.end("a", State.DONE)
    schedule.end("a", State.DONE)
    assert schedule.has_ready({})
    assert taken(schedule) == "b"
    for key in "xbyc":
        schedule.end(key, State.DONE)
    assert taken(schedule) == "ycz"


def test_resumed(plan: Plan) -> None:
    """Steps that are done or in doubt do not run; those that were refused or blocked run again."""
    states = {"a": State.DONE, "b": State.UNKNOWN, "x": State.FAILED}
    schedule = schedule_of(plan, **states, c=State.BLOCKED)
    assert taken(schedule) == "x"
    schedule.end("b", State.DONE)
    assert taken(schedule) == "c"


def test_again(plan: Plan) -> None:
    """A step that did not run is the next one."""
    schedule = schedule_of(plan)
    first = schedule.take({})
    assert first is not None
    schedule.again(first.key)
    assert taken(schedule) == "ax"


def test_stopped_accounts(plan: Plan) -> None:
    """Steps of an account that has stopped are not ready."""
    schedule = schedule_of(plan)
    stopped = {plan.steps["a"].account: "no key"}
    assert not schedule.has_ready(stopped)
    assert taken(schedule, stopped) == ""


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN, State.STARTED, State.SKIPPED])
def test_blocked(plan: Plan, state: State) -> None:
    """All steps after one that is not done are blocked, each by the nearest one."""
    schedule = schedule_of(plan, b=state, y=State.DONE)
    assert dict(schedule.blocked()) == {
        "c": "It needs step 'b', which is not done.",
        "z": "It needs step 'c', which is not done.",
    }
    assert dict(schedule_of(plan).blocked()) == {}
    assert dict(schedule_of(plan, b=state, c=State.DONE, z=State.UNKNOWN).blocked()) == {}


def test_phone_number_in_a_key(shop: ShopClient) -> None:
    """A key that is a phone number is masked in the reason."""
    schedule = schedule_of(plan_of(shop, {"0901234567": "", "b": ""}))
    assert dict(schedule.blocked()) == {}
    first = step("0901234567", shop.call, "Any/Create")
    plan = Plan([first, step("b", shop.call, "Any/Create").after(first)])
    blocked = dict(Schedule(plan, {"0901234567": State.FAILED, "b": State.PLANNED}).blocked())
    assert "901234" not in blocked["b"]
