"""A job continues with a newer plan: what was started stays, and the rest is as the new plan says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import Effect
from etelecom_async._core.secret import Secret
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.states import State
from etelecom_async.errors import JournalError
from etelecom_async.provisioning import Change, Kind, job_changes

PATH = Path("job.journal.changes")
USER = Change(
    kind=Kind.CREATE_USER,
    key="7/user/ab",
    shop="7",
    row=2,
    full_name="Lan",
    phone="84901234567",
    password=Secret("from the roster"),
)
EXTENSION = Change(
    kind=Kind.CREATE_EXTENSION,
    key="7/extension/1001",
    shop="7",
    row=2,
    extension_number=1001,
    hotline_id="5",
    user_key=USER.key,
)
ASSIGN = Change(
    kind=Kind.ASSIGN,
    key="7/assign/1001",
    shop="7",
    row=2,
    extension_number=1001,
    extension_key=EXTENSION.key,
    user_key=USER.key,
    after=("7/unassign/1001",),
)
UNASSIGN = Change(
    kind=Kind.UNASSIGN,
    key="7/unassign/1001",
    shop="7",
    extension_number=1001,
    extension_id="91",
    in_return=("7/assign/1002",),
)


def record(change: Change, state: State, **kept: Any) -> Record:
    """The record of a change in the journal."""
    return Record(
        key=change.key,
        operation="shop.any",
        effect=Effect.CREATE,
        account="a",
        digest="d",
        state=state,
        kept=kept,
    )


def merged(plan: list[Change], *earlier: tuple[Change, State]) -> job_changes.JobChanges:
    """Merge a plan with earlier changes in these states; their ids are 91 for extensions and 31 for users."""
    records = {
        change.key: record(change, state, id="31" if change.kind is Kind.CREATE_USER else "91")
        for change, state in earlier
    }
    return job_changes.merged(plan, {change.key: change for change, _ in earlier}, records, PATH)


class TestFile:
    """The changes of a job are beside its journal."""

    def test_round_trip(self, tmp_path: Path) -> None:
        """Changes are read as they were written, but without passwords; the file is private."""
        path = job_changes.path_of(tmp_path / "job.journal")
        assert path == tmp_path / "job.journal.changes"
        assert job_changes.read(path) == {}
        job_changes.write(path, [USER, ASSIGN, UNASSIGN])
        assert "roster" not in path.read_text()
        assert job_changes.read(path) == {
            USER.key: attrs.evolve(USER, password=None),
            ASSIGN.key: ASSIGN,
            UNASSIGN.key: UNASSIGN,
        }

    @pytest.mark.parametrize(
        "content",
        [
            b"text",
            b"[]",
            b"{}",
            b'{"format": "other", "changes": []}',
            b'{"format": "etelecom_async.changes/1", "changes": [{"key": "a"}]}',
            b'{"format": "etelecom_async.changes/1", "changes": [{"key": "a", "kind": "b"}]}',
        ],
    )
    def test_another_file(self, tmp_path: Path, content: bytes) -> None:
        """A file of another kind is refused."""
        path = tmp_path / "job.journal.changes"
        path.write_bytes(content)
        with pytest.raises(JournalError, match="is not the file of a job"):
            job_changes.read(path)

    def test_failures(self, tmp_path: Path) -> None:
        """The error says what failed, and why."""
        with pytest.raises(JournalError, match="cannot be read: Is a directory"):
            job_changes.read(tmp_path)
        with pytest.raises(JournalError, match="cannot be written: No such file"):
            job_changes.write(tmp_path / "none" / "c", [USER])

    def test_links(self, tmp_path: Path) -> None:
        """A link leads to the files beside the journal itself."""
        (tmp_path / "link").symlink_to(tmp_path / "job.journal")
        assert job_changes.resolved(tmp_path / "link") == (tmp_path / "job.journal").resolve()


class TestMerging:
    """Each step of the job has the right change."""

    def test_first_run(self) -> None:
        """Without a journal, the plan counts."""
        job = merged([USER, EXTENSION])
        assert job.changes == {USER.key: USER, EXTENSION.key: EXTENSION}
        assert not job.not_shown

    @pytest.mark.parametrize("state", [State.PLANNED, State.FAILED, State.BLOCKED])
    def test_not_executed(self, state: State) -> None:
        """Changes that were not executed are those of the new plan, or are dropped."""
        corrected = attrs.evolve(USER, full_name="Lan Anh")
        assert merged([corrected], (USER, state), (EXTENSION, state)).changes == {USER.key: corrected}

    @pytest.mark.parametrize("state", [State.STARTED, State.UNKNOWN])
    def test_create_in_doubt(self, state: State) -> None:
        """It stays as it was started, with the row and the password of the new plan."""
        corrected = attrs.evolve(USER, full_name="Lan Anh", row=3, password=None)
        job = merged([corrected], (USER, state))
        assert job.changes == {USER.key: attrs.evolve(USER, row=3, password=None)}
        assert not job.not_shown

    def test_done(self) -> None:
        """Done changes stay in the job; a newer assign names the present user."""
        assign = attrs.evolve(ASSIGN, user_id="31", user_key=None, after=())
        job = merged([assign], (USER, State.DONE), (EXTENSION, State.DONE))
        assert list(job.changes.values()) == [USER, EXTENSION, assign]

    def test_done_but_not_shown(self) -> None:
        """A create that is done is never made again."""
        job = merged([USER], (USER, State.DONE))
        assert job.changes == {USER.key: USER}
        assert job.not_shown == {USER.key}

    def test_change_that_is_made_again(self) -> None:
        """Somebody has changed it back: it gets another key, and those after it come after the new one."""
        unassign, assign = attrs.evolve(UNASSIGN, row=5), attrs.evolve(ASSIGN, user_id="32")
        job = merged([unassign, assign], (UNASSIGN, State.DONE), (ASSIGN, State.DONE))
        assert list(job.changes) == [
            "7/unassign/1001",
            "7/unassign/1001#2",
            "7/assign/1001",
            "7/assign/1001#2",
        ]
        assert job.changes["7/assign/1001#2"].after == ("7/unassign/1001#2",)
        assert job.changes["7/assign/1001"].after == ("7/unassign/1001",)
        second = job.changes["7/assign/1001#2"]
        again = merged([ASSIGN], (ASSIGN, State.DONE), (second, State.DONE))
        assert list(again.changes) == ["7/assign/1001", "7/assign/1001#2", "7/assign/1001#3"]

    def test_newest(self) -> None:
        """A change that was done, and is made once more, counts once; one that was not done stays."""
        second = attrs.evolve(ASSIGN, key="7/assign/1001#2")
        job = [USER, ASSIGN, second]
        assert list(job_changes.newest(job, lambda _: True)) == [USER, second]
        assert list(job_changes.newest(job, lambda _: False)) == job

    def test_same_change_in_doubt(self) -> None:
        """It is one step, also if the new plan knows the ids by now."""
        now = attrs.evolve(
            ASSIGN, user_id="31", user_key=None, extension_id="91", extension_key=None, after=(), row=8
        )
        job = merged([now], (USER, State.DONE), (EXTENSION, State.DONE), (ASSIGN, State.STARTED))
        assert job.changes[ASSIGN.key] == attrs.evolve(ASSIGN, row=8)
        assert len(job.changes) == 3

    def test_changes_after_the_same_one(self) -> None:
        """Changes of the same extension wait for the one in doubt, because it is made again."""
        now = attrs.evolve(ASSIGN, user_id="31", user_key=None, extension_id="91", extension_key=None)
        before = [(USER, State.DONE), (EXTENSION, State.DONE), (ASSIGN, State.UNKNOWN)]
        job = merged([UNASSIGN, now], *before)
        assert job.changes[UNASSIGN.key].after == (ASSIGN.key,)
        assert not job.superseded
        elsewhere = attrs.evolve(UNASSIGN, key="8/unassign/1001", shop="8")
        assert merged([elsewhere, now], *before).changes[elsewhere.key].after == ()

    def test_other_change_in_doubt(self) -> None:
        """If the new plan asks for something else, or for nothing, the one in doubt is not made again."""
        other = attrs.evolve(ASSIGN, user_id="32", user_key=None, after=())
        before = [(USER, State.DONE), (EXTENSION, State.DONE), (ASSIGN, State.UNKNOWN)]
        job = merged([UNASSIGN, other], *before)
        assert job.changes["7/assign/1001#2"].user_id == "32"
        assert job.changes["7/assign/1001#2"].after == ()
        assert job.changes["7/unassign/1001"].after == ()
        assert job.superseded == merged([], *before).superseded == {ASSIGN.key}
        assert not merged([], (USER, State.UNKNOWN), (ASSIGN, State.DONE)).superseded

    def test_lost_file(self) -> None:
        """Without the changes of started steps, the job cannot continue."""
        records = {USER.key: record(USER, State.DONE), EXTENSION.key: record(EXTENSION, State.PLANNED)}
        with pytest.raises(JournalError, match=r"job\.journal\.changes lacks 1 changes"):
            job_changes.merged([], {}, records, PATH)
