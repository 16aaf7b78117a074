"""The states of a step: each one is either done, in doubt, or certainly not executed."""

from __future__ import annotations

from etelecom_async.bulk.states import IN_DOUBT, NOT_EXECUTED, State


def test_each_state_says_what_is_certain() -> None:
    """The groups do not overlap, and name all states except `done`."""
    assert not IN_DOUBT & NOT_EXECUTED
    assert set(State) == {State.DONE, *IN_DOUBT, *NOT_EXECUTED}


def test_states_are_texts() -> None:
    """A state is its lower-case name, as in the journal, in events and in reports."""
    assert [str(state) for state in State] == [state.name.lower() for state in State]
