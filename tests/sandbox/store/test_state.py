"""The state of the sandbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.store.state import (
    Change,
    State,
    StateFileError,
    describe_storage_failure,
    search_name,
    to_json,
    utc_now,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

NOW = datetime(2025, 10, 1, tzinfo=UTC)


@pytest.fixture
def state(new_state: Callable[[], State]) -> State:
    """Returns a new state."""
    state = new_state()
    state.save_settings(colour="red")
    return state


def test_a_file_is_new_once(tmp_path: Path) -> None:
    """A file is new until its tables are created, and keeps its settings."""
    file = tmp_path / "state.db"
    state = State(file)
    assert state.is_new
    with state.create():
        state.save_settings(colour="red")
    state.close()
    again = State(file)
    assert not again.is_new
    assert again.setting("colour") == "red"
    again.close()


def test_a_failed_seed_leaves_a_new_file(tmp_path: Path) -> None:
    """A seed that fails leaves a new file, not a partial state."""
    file = tmp_path / "state.db"
    state = State(file)

    def break_off() -> None:
        with state.create():
            state.save_settings(colour="red")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    state.close()
    again = State(file)
    assert again.is_new
    again.close()


def test_other_files_are_rejected(tmp_path: Path) -> None:
    """A text, another SQLite file, a folder or a missing path raises an error. The file stays unchanged."""
    text = tmp_path / "notes.txt"
    text.write_text("not a database, and long enough to differ from an empty file", encoding="utf-8")
    foreign = tmp_path / "other.db"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE thing (id)")
    db.close()
    before = foreign.read_bytes()
    for path in (text, foreign, tmp_path, tmp_path / "nowhere" / "state.db"):
        with pytest.raises(StateFileError, match=r"state (of a sandbox|file of this version)") as caught:
            State(path)
        assert str(path) in str(caught.value)
    assert foreign.read_bytes() == before


def test_a_transaction_is_all_or_nothing(state: State) -> None:
    """The changes of a block are rolled back if it fails, and committed if it ends."""

    def break_off() -> None:
        with state.transaction():
            state.save_settings(size="large")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with pytest.raises(LookupError):
        state.setting("size")
    with state.transaction():
        state.save_settings(size="small")
    assert state.setting("size") == "small"


def test_a_full_disk(tmp_path: Path) -> None:
    """A full disk raises an error and keeps the old state. With free space, changes work again."""
    state = State(tmp_path / "state.db")
    with state.create():
        state.save_settings(colour="red")
    state.execute(f"PRAGMA max_page_count = {state.fetch_one('PRAGMA page_count')[0]}")

    def fill() -> None:
        with state.transaction():
            state.save_settings(colour="blue")
            state.save_settings(size="large" * 100_000)

    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            fill()
        assert state.setting("colour") == "red"
    state.execute("PRAGMA max_page_count = 1000000")
    fill()
    assert (state.setting("colour"), len(state.setting("size"))) == ("blue", 500_000)
    state.close()


@contextmanager
def another_reader(state: State, file: Path) -> Generator[None]:
    """Reads the file without WAL, as some file systems require, so that a reader blocks a writer."""
    state.fetch_one("PRAGMA journal_mode = DELETE")
    state.fetch_one("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(file)
    other.execute("BEGIN")
    other.execute("SELECT * FROM setting").fetchone()
    yield
    other.close()


def test_a_commit_that_fails(tmp_path: Path) -> None:
    """A change whose commit fails is rolled back, and the next change works."""
    state = State(tmp_path / "state.db")
    with state.create():
        state.save_settings(colour="red")

    def change(colour: str) -> None:
        with state.transaction():
            state.save_settings(colour=colour)

    with another_reader(state, tmp_path / "state.db"):
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                change("blue")
            assert state.setting("colour") == "red"
    change("green")
    state.close()
    again = State(tmp_path / "state.db")
    assert again.setting("colour") == "green"
    again.close()


def test_ids_are_new_and_grow(state: State) -> None:
    """Ids of one moment, and ids after the clock went back, are different and grow."""
    ids = [state.new_id(NOW - timedelta(seconds=step)) for step in (0, 0, 0, 5, 3, 0)]
    assert ids == sorted(set(ids))


def test_update(state: State) -> None:
    """An update changes the given fields and columns, and `updated_at`."""
    doc = {"url": "a", "kept": 1, "updated_at": "never"}
    state.execute("CREATE TABLE thing (id INTEGER, place TEXT, updated_at INTEGER, doc TEXT)")
    state.insert("thing", id=7, place="a", updated_at=0, doc=to_json(doc))
    state.update("thing", 7, NOW, {"url": "b"}, place="b")
    row = state.fetch_one("SELECT * FROM thing")
    assert row["doc"] == '{"url":"b","kept":1,"updated_at":"2025-10-01T07:00:00+07:00"}'
    assert (row["place"], row["updated_at"]) == ("b", 1_759_276_800_000_000)


def thing(state: State, record_id: int = 7) -> None:
    """Adds a record to a test table."""
    state.execute("CREATE TABLE IF NOT EXISTS thing (id INTEGER, place TEXT, updated_at INTEGER, doc TEXT)")
    doc = to_json({"url": "a", "updated_at": "never"})
    state.insert("thing", id=record_id, place="a", updated_at=0, doc=doc)


def test_a_record_without_a_time_of_change(state: State) -> None:
    """A record without `updated_at` does not get one from an update."""
    thing(state)
    state.execute("UPDATE thing SET doc = ?", to_json({"url": "a"}))
    state.update("thing", 7, NOW, {"url": "b"})
    assert state.fetch_doc("thing", 7) == {"url": "b"}


def test_a_missing_record(state: State) -> None:
    """A missing record raises LookupError."""
    thing(state)
    with pytest.raises(LookupError):
        state.fetch_doc("thing", 8)


def test_due_changes_are_applied_in_order(state: State) -> None:
    """Due changes are applied once, in order, each with its own time."""
    thing(state)
    for minutes, url in ((3, "d"), (1, "b"), (2, "c")):
        state.schedule(NOW + timedelta(minutes=minutes), "thing", 7, {"url": url}, place=url)
    state.schedule(NOW + timedelta(minutes=2), "thing", 7, {"url": "c, too"})
    assert not state.has_due(NOW)
    state.apply_due(NOW)
    assert state.fetch_doc("thing", 7)["url"] == "a"
    assert state.has_due(NOW + timedelta(minutes=2))
    state.apply_due(NOW + timedelta(minutes=2))
    assert state.fetch_doc("thing", 7) == {"url": "c, too", "updated_at": "2025-10-01T07:02:00+07:00"}
    assert state.fetch_one("SELECT place FROM thing")["place"] == "c"
    assert not state.has_due(NOW + timedelta(minutes=2))
    state.execute("UPDATE thing SET place = 'x'")
    state.apply_due(NOW + timedelta(days=1))
    assert state.fetch_one("SELECT place FROM thing")["place"] == "d"
    assert not state.has_due(NOW + timedelta(days=365))


def test_settings_can_change(state: State) -> None:
    """A setting that is saved again has its new value."""
    state.save_settings(colour="blue")
    assert state.setting("colour") == "blue"


def test_now_has_a_zone() -> None:
    """The current time has a time zone."""
    assert utc_now().utcoffset() == timedelta(0)


def test_names_are_found_in_any_case() -> None:
    """Names are compared without case, Vietnamese letters too."""
    assert search_name("ĐẶNG") in search_name("Đặng Minh Anh")


def test_a_record_has_both_its_times(state: State) -> None:
    """A new record has its JSON and its columns; its creation time is also its time of change."""
    state.insert_record("tenant", 7, {"id": "7"}, NOW, shop_id=1, owner_id=2, search_name="x")
    row = state.fetch_one("SELECT * FROM tenant")
    assert (row["id"], row["shop_id"], row["doc"]) == (7, 1, '{"id":"7"}')
    assert row["created_at"] == row["updated_at"] == 1_759_276_800_000_000


def fill(state: State) -> None:
    """Create the tables and many settings."""
    with state.create():
        for number in range(2000):
            state.save_settings(**{f"name{number}": "value" * 10})


def test_a_full_disk_at_the_start(tmp_path: Path) -> None:
    """A seed that does not fit raises an error with the file and the remedy; the file stays new."""
    file = tmp_path / "state.db"
    state = State(file)
    state.execute("PRAGMA max_page_count = 20")
    with pytest.raises(StateFileError, match=r"state\.db .*: database or disk is full; free some space"):
        fill(state)
    state.close()
    again = State(file)
    assert again.is_new
    again.close()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda data: data[: len(data) // 2],
    "only a head": lambda data: data[:100],
    "a page of zeros": lambda data: data[:4096] + bytes(4096) + data[8192:],
    "a page of other bytes": lambda data: data[:8192] + b"\xaa" * 4096 + data[12288:],
    "only zeros": lambda data: bytes(len(data)),
    "another head": lambda data: b"SQLite format 4" + data[15:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_files(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A damaged file raises one line that names the file and the remedy, and stays as it is."""
    file = tmp_path / "state.db"
    state = State(file)
    fill(state)
    state.close()
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(StateFileError, match=r"state\.db cannot hold .*; (restore|choose)") as caught:
        State(file)
    assert "\n" not in str(caught.value)
    assert file.read_bytes() == damaged


def test_a_file_that_another_program_writes(tmp_path: Path) -> None:
    """A file that another program has locked raises an error that says so."""
    file = tmp_path / "state.db"
    State(file).close()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        state = State(file)
        state.fetch_one("PRAGMA busy_timeout = 0")
        with pytest.raises(StateFileError, match="database is locked; close the program"):
            fill(state)
        state.close()


def test_failures_of_the_storage(state: State) -> None:
    """Only failures of the disk or the file are described; a wrong statement or another error is a bug."""

    def failure(sql: str) -> BaseException:
        with pytest.raises(sqlite3.Error) as caught:
            state.fetch_all(sql)
        return caught.value

    undecodable = failure("SELECT CAST(x'FF737065616B' AS TEXT)")
    assert describe_storage_failure(undecodable) == (
        "Could not decode to UTF-8 column 'CAST(x'FF737065616B' AS TEXT)'; "
        "restore a copy of the file, or start with another file"
    )
    assert describe_storage_failure(failure("SELECT nothing")) is None
    assert describe_storage_failure(failure("INSERT INTO setting VALUES ('colour', NULL)")) is None
    assert describe_storage_failure(ValueError("database or disk is full")) is None
    closed = sqlite3.connect(":memory:")
    closed.close()
    with pytest.raises(sqlite3.ProgrammingError) as caught:
        closed.execute("SELECT 1")
    assert describe_storage_failure(caught.value) is None


def test_a_saved_state_returns(state: State) -> None:
    """A state returns to each of its copies, in any order, and new ids continue from there."""
    first = state.save()
    state.save_settings(colour="blue")
    late = state.new_id(NOW + timedelta(days=9999))
    second = state.save()
    for saved, colour in ((first, "red"), (second, "blue"), (first, "red"), (first, "red")):
        state.restore(saved)
        assert state.setting("colour") == colour
    assert state.new_id(NOW) < late
    state.restore(second)
    assert state.new_id(NOW) > late


def test_an_unchanged_state_is_not_copied(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore without changes copies nothing, so tests that only read pay nothing."""
    saved = state.save()
    state.fetch_all("SELECT * FROM setting")
    monkeypatch.setattr(saved, "copy", None)
    state.restore(saved)
    state.save_settings(colour="blue")
    with pytest.raises(AttributeError):
        state.restore(saved)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1970-01-01T07:00:00.000001+07:00", 1), ("1970-01-01T00:00:01Z", 1_000_000), ("", None), (None, None)],
)
def test_times_in_sql(state: State, text: str | None, expected: int | None) -> None:
    """`micros_of` converts the time of a record; a missing time is null."""
    assert state.fetch_one("SELECT micros_of(?)", text)[0] == expected


class Seen:
    """An observer that keeps what it sees."""

    tables = frozenset({"shop"})

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.commits = 0
        self.wants = True

    def is_listening(self) -> bool:
        """Return whether the test wants changes."""
        return self.wants

    def change(self, change: Change) -> None:
        """Keep a change."""
        self.changes.append(change)

    def committed(self) -> None:
        """Count a commit."""
        self.commits += 1


def add_shop(state: State, record_id: int, name: str = "a") -> None:
    """Add a record of the observed table."""
    doc = {"name": name}
    state.insert_record("shop", record_id, doc, NOW, owner_id=1, email="", api_key=str(record_id))


@pytest.fixture
def seen(state: State) -> Seen:
    """Returns the observer of a state."""
    state.observer = seen = Seen()
    return seen


def test_a_transaction_is_one_change(state: State, seen: Seen) -> None:
    """The observer sees each record once for each transaction, as it was before and as it is after."""
    with state.transaction():
        add_shop(state, 1)
        state.update("shop", 1, NOW, {"name": "b"})
        assert seen.changes == []
    assert seen.changes == [Change("shop", 1, None, {"name": "b"})]
    seen.changes.clear()
    with state.transaction():
        state.update("shop", 1, NOW, {"name": "c"})
        state.update("shop", 1, NOW, {"name": "d"})
        add_shop(state, 2)
    assert seen.changes == [
        Change("shop", 1, {"name": "b"}, {"name": "d"}),
        Change("shop", 2, None, {"name": "a"}),
    ]
    assert seen.commits == 2


def test_what_is_no_change(state: State, seen: Seen) -> None:
    """Equal values, deleted records, other tables, failed transactions and a deaf observer make no change."""
    with state.transaction():
        add_shop(state, 1)
        state.delete("shop", 1)
        state.insert_record("zns_template", 1, {}, NOW, shop_id=1, search_name="")
    with state.transaction():
        add_shop(state, 2)
    seen.changes.clear()
    with state.transaction():
        state.update("shop", 2, NOW, {"name": "b"})
        state.update("shop", 2, NOW, {"name": "a"})

    def fail() -> None:
        with state.transaction():
            add_shop(state, 3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    seen.wants = False
    commits = seen.commits
    with state.transaction():
        add_shop(state, 4)
    assert (seen.changes, seen.commits) == ([], commits)


def test_the_observer_stores_with_the_change(state: State, seen: Seen) -> None:
    """An observer that fails undoes the change, so both exist or neither."""

    def fail(_: Change) -> None:
        state.save_settings(colour="blue")
        raise ZeroDivisionError

    seen.change = fail  # type: ignore[method-assign]  # this observer fails on purpose

    def add() -> None:
        with state.transaction():
            add_shop(state, 1)

    with pytest.raises(ZeroDivisionError):
        add()
    assert state.setting("colour") == "red"
    assert state.count_records()["shop"] == 0


def test_scheduled_changes_are_seen_one_by_one(state: State, seen: Seen) -> None:
    """With an observer, the steps that are due are applied in the order of their times."""
    with state.transaction():
        add_shop(state, 1)
        add_shop(state, 2)
        for seconds, record_id, name in ((3, 1, "late"), (1, 1, "early"), (2, 2, "middle")):
            state.schedule(NOW + timedelta(seconds=seconds), "shop", record_id, {"name": name})
    seen.changes.clear()
    assert state.next_due() == NOW + timedelta(seconds=1)
    with state.transaction():
        state.apply_due(NOW + timedelta(minutes=1))
    assert [change.after["name"] for change in seen.changes] == ["early", "middle", "late"]
    assert [change.before for change in seen.changes] == [{"name": "a"}, {"name": "a"}, {"name": "early"}]
    assert state.next_due() is None
