"""Passwords are in the file before their calls, and their states say how far they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from etelecom_async import Effect, Secret
from etelecom_async.bulk.events import Ended
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.states import State
from etelecom_async.errors import JournalError
from etelecom_async.provisioning.changes import Change, Kind
from etelecom_async.provisioning.credentials import CredentialsFile, PasswordState
from etelecom_async.provisioning.password_keeping import PasswordKeeper, keep_before

USER = Change(
    kind=Kind.CREATE_USER,
    key="u",
    shop="1",
    phone="84901234567",
    full_name="Lan",
    password=Secret("from-roster"),
)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[CredentialsFile]:
    """An empty file of credentials."""
    with CredentialsFile.open(tmp_path / "team.credentials") as opened:
        yield opened


def record(state: State) -> dict[str, Record]:
    """Return the journal of a job with one user."""
    made = Record(key="u", operation="o", effect=Effect.CREATE, account="a", digest="d", state=state)
    return {"u": made}


def password(file: CredentialsFile) -> tuple[str, PasswordState]:
    """Return the password of the user, and its state."""
    found = file.credentials["u"]
    return found.password.reveal(), found.state


def test_before_the_first_call(file: CredentialsFile) -> None:
    """The password of the roster counts; without one, a password is made once."""
    keep_before(file, [USER], {})
    assert password(file) == ("from-roster", PasswordState.PLANNED)
    without = attrs.evolve(USER, key="v", password=None)
    keep_before(file, [without], {})
    made = file.credentials["v"].password
    assert len(made.reveal()) == 16
    keep_before(file, [without], {})
    assert file.credentials["v"].password == made


@pytest.mark.parametrize("state", [State.STARTED, State.UNKNOWN])
def test_password_that_may_be_in_use(file: CredentialsFile, state: State) -> None:
    """A corrected roster does not change the password of a user who may be there."""
    keep_before(file, [USER], {})
    file.mark("u", PasswordState.SENT)
    keep_before(file, [attrs.evolve(USER, password=Secret("corrected"))], record(state))
    assert password(file) == ("from-roster", PasswordState.SENT)


def test_refused_user(file: CredentialsFile) -> None:
    """Nobody has the password of a refused user, so that of the corrected roster counts."""
    keep_before(file, [USER], {})
    file.mark("u", PasswordState.SENT)
    keep_before(file, [attrs.evolve(USER, password=Secret("corrected"))], record(State.FAILED))
    assert password(file) == ("corrected", PasswordState.PLANNED)


def test_lost_password(file: CredentialsFile) -> None:
    """The job stops if the file lacks the password of a user who may be there."""
    with pytest.raises(JournalError, match="lacks the passwords of 1 users"):
        keep_before(file, [USER], record(State.STARTED))


async def test_states(file: CredentialsFile) -> None:
    """A call marks the password as sent, a response as confirmed, and a read-back as unconfirmed."""
    heard: list[object] = []
    keeper = PasswordKeeper(file, {"u": USER}, heard.append)
    keep_before(file, [USER], {})
    await keeper.before_call("u")
    assert password(file)[1] is PasswordState.SENT
    done = Ended("u", "shop.users.create", State.DONE)
    keeper.on_event(done)
    assert password(file)[1] is PasswordState.UNCONFIRMED
    await keeper.on_result("u", object())
    assert password(file)[1] is PasswordState.CONFIRMED
    assert heard == [done]
