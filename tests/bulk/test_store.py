"""The file of a journal: which plans match it, what is refused, and what is in it."""

from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from etelecom_async import Effect
from etelecom_async.bulk.records import Entry
from etelecom_async.bulk.states import NOT_EXECUTED, State
from etelecom_async.bulk.store import Entries, Store
from etelecom_async.errors import JournalError


def entry(key: str) -> Entry:
    """Return a step of a plan."""
    return Entry(key=key, operation="shop.users.create", effect=Effect.CREATE, account="1", digest=f"d{key}")


A, B, C = map(entry, "abc")


def plan(*entries: Entry) -> Entries:
    """Return a plan with these steps."""
    return lambda _: entries


def create(path: Path, states: Iterable[tuple[Entry, State]]) -> None:
    """Create a journal with steps in these states."""
    pairs = list(states)
    store = Store.open(path, plan(*(step for step, _ in pairs)))
    store.write([(store.ids[step.key], str(state), {"attempts": 1}) for step, state in pairs])
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path.resolve() / "job.journal"


def test_new_journal(path: Path) -> None:
    """A new journal has the plan in its order, an id, and a salt of its own; it stays the same journal."""
    salts: list[bytes] = []

    def entries(salt: bytes) -> list[Entry]:
        salts.append(salt)
        return [B, A]

    store = Store.open(path, entries, {"file": "team.csv"})
    store.close()
    assert list(store.records) == ["b", "a"]
    assert {record.state for record in store.records.values()} == {State.PLANNED}
    again = Store.open(path, entries)
    again.close()
    assert again.id == store.id
    assert again.meta == {"file": "team.csv"}
    assert salts[0] == salts[1]
    assert len(salts[0]) == 32
    other = Store.open(path.with_name("other"), entries, {"file": "b"})
    other.close()
    assert other.id != store.id
    assert salts[2] != salts[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_reads_it(path: Path) -> None:
    """All files of a journal can be read by their owner only."""
    store = Store.open(path, plan(A))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"}
    assert set(modes.values()) == {0o600}


def test_lock_file_stays(path: Path) -> None:
    """The file of the lock stays when the journal is closed."""
    Store.open(path, plan(A)).close()
    assert path.with_name(f"{path.name}.lock").exists()


def test_description_is_replaced(path: Path) -> None:
    """A new description of the job replaces the recorded one."""
    Store.open(path, plan(A), {"file": "a"}).close()
    Store.open(path, plan(A), {"file": "b"}).close()
    assert Store.read(path).meta == {"file": "b"}


@pytest.mark.parametrize("state", State)
def test_changed_step(path: Path, state: State) -> None:
    """A step may change only if it certainly was not executed; then it is a new step."""
    create(path, [(A, state), (B, State.DONE)])
    changed = attrs.evolve(A, digest="other")
    if state in NOT_EXECUTED:
        store = Store.open(path, plan(changed, B))
        store.close()
        assert (store.records["a"].state, store.records["a"].attempts) == (State.PLANNED, 0)
        assert store.records["b"].state is State.DONE
    else:
        with pytest.raises(JournalError, match=rf"'a' \({state}\) has other arguments now"):
            Store.open(path, plan(changed, B))
        assert Store.read(path).records["a"].digest == "da"


@pytest.mark.parametrize("state", State)
def test_dropped_step(path: Path, state: State) -> None:
    """A step may be dropped only if it certainly was not executed."""
    create(path, [(A, state), (B, State.DONE)])
    if state in NOT_EXECUTED:
        store = Store.open(path, plan(B))
        store.close()
        assert list(Store.read(path).records) == ["b"]
    else:
        with pytest.raises(JournalError, match=rf"'a' \({state}\) is missing in the plan"):
            Store.open(path, plan(B))
        assert list(Store.read(path).records) == ["a", "b"]


@pytest.mark.parametrize("state", State)
def test_same_plan(path: Path, state: State) -> None:
    """The same plan keeps each state; the order and new steps are taken from the plan."""
    create(path, [(A, state), (B, State.DONE)])
    store = Store.open(path, plan(C, B, A))
    store.close()
    assert [(record.key, record.state) for record in Store.read(path).records.values()] == [
        ("c", State.PLANNED),
        ("b", State.DONE),
        ("a", state),
    ]
    assert store.records["a"].attempts == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (attrs.evolve(A, operation="shop.current"), "was shop.users.create, and is now shop.current"),
        (attrs.evolve(A, account="2"), "has another account now"),
    ],
)
def test_operation_and_account(path: Path, changed: Entry, problem: str) -> None:
    """A step that was started keeps its operation and its account."""
    create(path, [(A, State.DONE)])
    with pytest.raises(JournalError, match=problem):
        Store.open(path, plan(changed))


def test_effect_may_change(path: Path) -> None:
    """The effect is knowledge of the SDK about the operation, so a newer release may correct it."""
    create(path, [(A, State.UNKNOWN)])
    store = Store.open(path, plan(attrs.evolve(A, effect=Effect.IDEMPOTENT)))
    store.close()
    assert (store.records["a"].effect, store.records["a"].state) == (Effect.IDEMPOTENT, State.UNKNOWN)


def test_many_problems(path: Path) -> None:
    """The error lists 20 problems, and counts the others."""
    steps = [entry(f"{number}") for number in range(25)]
    create(path, [(step, State.DONE) for step in steps])
    with pytest.raises(JournalError, match=r"'19' .*; and 4 more\.") as caught:
        Store.open(path, plan(steps[24]))
    assert "'20'" not in str(caught.value)


@pytest.mark.parametrize("state", [State.PLANNED, State.DONE])
def test_journal_of_another_job(path: Path, state: State) -> None:
    """A journal without any key of the plan belongs to another job, even if nothing was started."""
    create(path, [(A, state)])
    with pytest.raises(JournalError, match="is the journal of another job"):
        Store.open(path, plan(B))
    with pytest.raises(JournalError, match="is the journal of another job"):
        Store.open(path, plan())
    assert list(Store.read(path).records) == ["a"]


def test_journal_that_may_be_replaced(path: Path) -> None:
    """A caller that knows the journal may give it a whole new plan, but not without what was started."""
    create(path, [(A, State.FAILED)])
    Store.open(path, plan(B), may_replace=True).close()
    assert list(Store.read(path).records) == ["b"]
    create(path, [(B, State.STARTED)])
    with pytest.raises(JournalError, match="'b' \\(started\\) is missing in the plan"):
        Store.open(path, plan(A), may_replace=True)


def test_refused_plan_frees_the_journal(path: Path) -> None:
    """After an error, the journal is free again."""
    create(path, [(A, State.DONE)])
    with pytest.raises(JournalError):
        Store.open(path, plan(B))
    with pytest.raises(ZeroDivisionError):
        Store.open(path, lambda _: [A] * (1 // 0))
    Store.open(path, plan(A)).close()


def test_write_is_one_transaction(path: Path) -> None:
    """The last change of a step counts. A change of a step that is not in the file is refused."""
    store = Store.open(path, plan(A, B))
    first = store.ids["a"]
    store.write([(first, "started", {"attempts": 1}), (first, "done", {"attempts": 2})])
    with pytest.raises(JournalError, match="has lost steps"):
        store.write([(99, "done", {})])
    store.close()
    record = Store.read(path).records["a"]
    assert (record.state, record.attempts) == (State.DONE, 2)


def test_odd_texts(path: Path) -> None:
    """Control characters, half of a character and any script survive."""
    key, text = "a\0'\"\n tiếng Việt 😀", "\ud83d\0\x7f😀"
    store = Store.open(path, plan(entry(key)))
    store.write([(store.ids[key], "done", {"kept": {"id": text}})])
    store.close()
    assert Store.read(path).records[key].kept == {"id": text}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"not a database " * 100, "it is not a journal"), (b"", None)],
    ids=["text", "empty"],
)
def test_file_of_another_kind(path: Path, content: bytes, problem: str | None) -> None:
    """A file that is not a journal is refused, and stays unchanged; an empty file becomes one."""
    path.write_bytes(content)
    if problem is None:
        assert Store.find(path) is None
        with pytest.raises(JournalError, match="contains no job yet"):
            Store.read(path)
        Store.open(path, plan(A)).close()
    else:
        with pytest.raises(JournalError, match=problem):
            Store.open(path, plan(A))
        assert path.read_bytes() == content


def test_database_of_another_program(path: Path) -> None:
    """A database of another program is refused, and gets no table."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE other (a)")
    content = path.read_bytes()
    for use in (lambda: Store.open(path, plan(A)), lambda: Store.read(path)):
        with pytest.raises(JournalError, match="is not a journal"):
            use()
    assert path.read_bytes() == content


def test_journal_of_another_version(path: Path) -> None:
    """A journal of another version of the format is refused."""
    create(path, [(A, State.DONE)])
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(JournalError, match="is of another version of the SDK"):
        Store.open(path, plan(A))


def test_damaged_journal(path: Path) -> None:
    """A damaged journal is refused: it may have lost an intent."""
    create(path, [(entry(f"{number}"), State.DONE) for number in range(200)])
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(JournalError, match="damaged"):
        Store.open(path, plan(entry("1")))


def test_no_journal(path: Path) -> None:
    """Reading creates no journal."""
    with pytest.raises(JournalError, match="does not exist"):
        Store.read(path)
    assert not path.exists()


def test_link_is_the_same_journal(path: Path) -> None:
    """A link to a journal leads to the same lock."""
    create(path, [(A, State.DONE)])
    link = path.with_name("link")
    link.symlink_to(path)
    store = Store.open(path, plan(A))
    with pytest.raises(JournalError, match="is in use"):
        Store.open(link, plan(A))
    store.close()


def test_read_while_it_runs(path: Path) -> None:
    """A running journal can be read, with the process that runs it; a closed one names none."""
    store = Store.open(path, plan(A))
    copy = Store.read(path)
    assert copy.process == store.content().process
    assert copy.records == store.records
    assert copy.id == store.id
    store.close()
    assert Store.read(path).process is None
