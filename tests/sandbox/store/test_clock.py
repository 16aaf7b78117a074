"""The clock of the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox import Sandbox
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import to_json, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from etelecom_async.sandbox.store.state import State


@pytest.fixture
def state(new_state: Callable[[], State]) -> State:
    """Returns a state with one record."""
    state = new_state()
    state.insert("sms_message", id=7, name="x", updated_at=0, doc=to_json({"status": "PROCESSING"}))
    return state


def test_it_shows_the_time_of_this_machine(state: State) -> None:
    """A clock that was not advanced returns the time of this machine."""
    before = utc_now()
    assert before <= Clock(state).now() <= utc_now()


def test_advances_add_up(state: State) -> None:
    """The clock is ahead by the sum of its advances, and continues to run."""
    clock = Clock(state)
    shown = clock.advance(timedelta(hours=1))
    assert shown - utc_now() > timedelta(minutes=59)
    assert clock.advance(timedelta(hours=1)) - shown >= timedelta(hours=1)
    assert clock.now() >= clock.advance_to(clock.now() + timedelta(seconds=1)) - timedelta(seconds=2)


def test_an_advance_is_told(state: State) -> None:
    """An advance calls the function that wants to know; a refused one does not."""
    clock = Clock(state)
    told: list[datetime] = []
    clock.on_advance = lambda: told.append(clock.now())
    shown = clock.advance(timedelta(hours=1))
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(timedelta(seconds=-1))
    assert len(told) == 1
    assert told[0] <= shown


def test_it_does_not_go_back(state: State) -> None:
    """The clock does not go back. A given time needs a time zone, and must be before 2150."""
    clock = Clock(state)
    later = clock.advance(timedelta(days=1))
    for moment in (
        later - timedelta(hours=1),
        datetime(1999, 1, 1, tzinfo=UTC),
        datetime(2150, 1, 2, tzinfo=UTC),
    ):
        with pytest.raises(ValueError, match=r"cannot go back|cannot go past"):
            clock.advance_to(moment)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(timedelta(microseconds=-1))
    with pytest.raises(ValueError, match="cannot go past 2150"):
        clock.advance(timedelta.max)
    with pytest.raises(ValueError, match="no time zone"):
        clock.advance_to(later.replace(tzinfo=None))
    assert clock.now() - later < timedelta(hours=1)


def test_due_changes_are_applied(state: State) -> None:
    """`apply_due` applies the changes that are due, and no later ones."""
    clock = Clock(state)
    state.schedule(clock.now() + timedelta(minutes=1), "sms_message", 7, {"status": "SUCCESS"})
    clock.apply_due()
    assert state.fetch_doc("sms_message", 7) == {"status": "PROCESSING"}
    clock.advance(timedelta(minutes=2))
    assert state.fetch_doc("sms_message", 7) == {"status": "PROCESSING"}
    clock.apply_due()
    assert state.fetch_doc("sms_message", 7) == {"status": "SUCCESS"}


async def test_the_offset_is_stored(tmp_path: Path) -> None:
    """A sandbox that starts again with its file keeps the offset of its clock."""
    file = tmp_path / "state.db"
    async with Sandbox(data=file) as sandbox:
        shown = sandbox.advance(timedelta(days=400))
        assert sandbox.now >= shown
    async with Sandbox(data=file) as sandbox:
        assert sandbox.now >= shown
