"""What to do with a step in doubt: every combination of effect, read-back, time and permission."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from etelecom_async._core.operation import Effect
from etelecom_async.bulk import doubt
from etelecom_async.bulk.doubt import Action, Doing, Found, decide

EVERYTHING = [
    {"can_verify": can, "found": found, "age": age, "settle_after": settle, "resend_unknown": resend}
    for can, found, age, settle, resend in product(
        (True, False), Found, (0.0, 599.0, 600.0, 1e9), (None, 600.0), (True, False)
    )
]


def asked(effect: Effect, **given: Any) -> Action:
    """Decide about a step whose object a read can show, without permissions."""
    usual: dict[str, Any] = {
        "can_verify": True,
        "found": Found.NOT_READ,
        "age": 5.0,
        "settle_after": None,
        "resend_unknown": False,
    }
    return decide(effect, **{**usual, **given})


@pytest.mark.parametrize("effect", [Effect.READ, Effect.IDEMPOTENT, Effect.DELETE])
def test_what_may_be_repeated(effect: Effect) -> None:
    """A call that changes nothing more the second time is made again, whatever is known of it."""
    assert {decide(effect, **given).doing for given in EVERYTHING} == {Doing.REPEAT}


@pytest.mark.parametrize("effect", [Effect.CREATE, Effect.SEND])
def test_object_settles_the_step(effect: Effect) -> None:
    """An object that is there settles the step, as done or as refused, whatever else is known."""
    for given in EVERYTHING:
        assert (decide(effect, **given).doing is Doing.SETTLE_DONE) == (given["found"] is Found.EXECUTED)
        assert (decide(effect, **given).doing is Doing.SETTLE_REFUSED) == (given["found"] is Found.REFUSED)


@pytest.mark.parametrize("effect", [Effect.CREATE, Effect.SEND])
@pytest.mark.parametrize("settle_after", [None, 600.0])
def test_read_first(effect: Effect, settle_after: float | None) -> None:
    """Nothing is repeated, and nothing is awaited, before the step was read back."""
    for may_resend in (True, False):
        given = {"age": 1e9, "settle_after": settle_after, "resend_unknown": may_resend}
        assert asked(effect, **given) == Action(Doing.READ_BACK)


def test_create_that_was_not_found() -> None:
    """It stays unknown without `settle_after`; with it, a read-back after that time allows to repeat it."""
    found = {"found": Found.NOTHING}
    assert asked(Effect.CREATE, **found, age=1e9) == Action(Doing.STAY_UNKNOWN, reason=doubt.NOT_SETTLED)
    assert asked(Effect.CREATE, **found, age=590.0, settle_after=600) == Action(Doing.WAIT, seconds=10)
    assert asked(Effect.CREATE, **found, age=600.0, settle_after=600) == Action(Doing.REPEAT)
    assert asked(Effect.CREATE, **found, age=-5.0, settle_after=600) == Action(Doing.WAIT, seconds=605)


def test_create_is_repeated_only_after_two_conditions() -> None:
    """A create is repeated only if nothing was found by a read-back after `settle_after`."""
    repeated = [given for given in EVERYTHING if decide(Effect.CREATE, **given).doing is Doing.REPEAT]
    assert repeated
    for given in repeated:
        assert given["can_verify"]
        assert given["found"] is Found.NOTHING
        assert given["age"] >= given["settle_after"] == 600


def test_message_is_repeated_only_if_the_user_says_so() -> None:
    """A message that was not found stays unknown; `resend_unknown` sends it again, after `settle_after`."""
    found = {"found": Found.NOTHING}
    stays = Action(Doing.STAY_UNKNOWN, reason=doubt.NOT_SENT_AGAIN)
    assert asked(Effect.SEND, **found, age=1e9, settle_after=600) == stays
    assert asked(Effect.SEND, **found, resend_unknown=True) == Action(Doing.REPEAT)
    waits = asked(Effect.SEND, **found, resend_unknown=True, settle_after=600)
    assert waits == Action(Doing.WAIT, seconds=595)
    for given in EVERYTHING:
        assert decide(Effect.SEND, **given).doing is not Doing.REPEAT or given["resend_unknown"]


def test_no_read_can_tell() -> None:
    """A create that no read can show stays unknown for ever; a message until `resend_unknown`."""
    blind = {"can_verify": False, "age": 1e9, "settle_after": 600.0}
    for resend in (True, False):
        stays = Action(Doing.STAY_UNKNOWN, reason=doubt.CANNOT_TELL)
        assert asked(Effect.CREATE, **blind, resend_unknown=resend) == stays
    stays = Action(Doing.STAY_UNKNOWN, reason=doubt.CANNOT_TELL_OF_MESSAGE)
    assert asked(Effect.SEND, **blind) == stays
    assert asked(Effect.SEND, **blind, resend_unknown=True) == Action(Doing.REPEAT)


@pytest.mark.parametrize("effect", [Effect.CREATE, Effect.SEND])
def test_failed_read(effect: Effect) -> None:
    """A read that failed proves nothing, whatever the user allows."""
    for given in EVERYTHING:
        if given["found"] is Found.UNREADABLE:
            assert decide(effect, **given) == Action(Doing.STAY_UNKNOWN, reason=doubt.NOT_READABLE)
