"""Many processes write windows of shops; each shop appears whole, with each row once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import models
from etelecom_async.history import window_folder
from etelecom_async.history.arrow import pa, pa_parquet
from etelecom_async.history.schema import schema_of
from etelecom_async.history.spans import Span
from etelecom_async.history.window_folder import Counts, WindowFolder

SCHEMA = schema_of(models.CallLog)
NOON = datetime(2025, 9, 1, 12, tzinfo=UTC)
SPAN = Span.of("2025-09-01", "2025-09-03")
WINDOWS = [Span(SPAN.begin - timedelta(hours=2), NOON), Span(NOON, SPAN.end + timedelta(hours=2))]
SHOP = "shop1"


def rows(*calls: tuple[str | None, datetime | None], extra: str | None = None) -> Any:
    """Return calls with these ids and starts."""
    made = [{"id": name, "started_at": at, "created_at": at, "extra": extra} for name, at in calls]
    return pa.Table.from_pylist(made, schema=SCHEMA)


def new_folder(target: Path, key: str = "key") -> WindowFolder:
    """Return a folder for partitions of days."""
    return WindowFolder(target, key, ("shop", "day"), "parquet")


def write(folder: WindowFolder, number: int, table: Any) -> None:
    """Write a window as a worker does."""
    folder.prepare(SHOP)
    with folder.files.writer(SHOP, number, WINDOWS[number], SCHEMA) as writer:
        writer.write(table)
        writer.requests = 2


def found(target: Path) -> dict[str, list[str]]:
    """Return the sorted ids of the rows in each partition."""
    files: dict[str, list[str]] = {}
    for file in sorted(target.rglob("*.parquet")):
        ids = pa_parquet.ParquetFile(file).read().column("id").to_pylist()
        files.setdefault(file.parent.relative_to(target).as_posix(), []).extend(ids)
    return {name: sorted(map(str, ids)) for name, ids in files.items()}


def test_join(tmp_path: Path) -> None:
    """A row where windows meet comes once, and so does one without a time; old days are replaced."""
    target = tmp_path / "calls"
    for day in ("2025-09-02", "2025-08-31"):
        (target / f"shop=shop1/day={day}").mkdir(parents=True)
        pa_parquet.write_table(rows(("old", NOON)), target / f"shop=shop1/day={day}/part-00000.parquet")
    folder = new_folder(target)
    assert folder.open(WINDOWS) == WINDOWS
    before, after = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    unknown = '{"mood":"good"}'
    write(folder, 0, rows(("1", before), ("2", NOON), ("3", None), (None, NOON), extra=unknown))
    write(folder, 1, rows(("2", NOON), ("3", None), ("4", after), (None, NOON), extra=unknown))
    counts = folder.join(SHOP, 2, SPAN)
    assert counts == Counts(rows=6, requests=4, unknown_fields={"mood": 6})
    assert found(target) == {
        "shop=shop1/day=2025-08-31": ["old"],
        "shop=shop1/day=2025-09-01": ["1", "2", "4", "None", "None"],
        "shop=shop1/day=unknown": ["3"],
    }
    assert folder.joined(SHOP) == counts
    folder.close(is_whole=True)
    assert [path.name for path in tmp_path.iterdir()] == ["calls"]


def test_failed_writer(tmp_path: Path) -> None:
    """A window whose writer fails is not there, and leaves no file."""
    folder = new_folder(tmp_path / "calls")
    folder.open(WINDOWS)
    assert folder.prepare(SHOP) == {}

    def fail() -> None:
        with folder.files.writer(SHOP, 0, WINDOWS[0], SCHEMA) as writer:
            writer.write(rows(("1", NOON - timedelta(hours=1))))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert folder.files.counts(SHOP, 0) is None
    assert list(folder.files.of_shop(SHOP).iterdir()) == []
    folder.close(is_whole=False)
    assert list(tmp_path.iterdir()) == []  # there is nothing to continue


def test_two_writers(tmp_path: Path) -> None:
    """Of two processes that read the same window, the first one's files stay, and the other's are removed."""
    folder = new_folder(tmp_path / "calls")
    folder.open(WINDOWS)
    folder.prepare(SHOP)
    with folder.files.writer(SHOP, 0, WINDOWS[0], SCHEMA) as slow:
        write(folder, 0, rows(("1", NOON - timedelta(hours=1))))
        slow.write(rows(("1", NOON - timedelta(hours=1)), ("9", NOON - timedelta(hours=1))))
    assert folder.files.counts(SHOP, 0) == Counts(rows=1, requests=2)
    assert [path.name for path in folder.files.of_shop(SHOP).iterdir()] == ["00000"]
    folder.close(is_whole=False)


def test_next_run(tmp_path: Path) -> None:
    """The next run of an export has its windows, whatever the new plan is; another export starts anew."""
    first = new_folder(tmp_path / "calls")
    first.open(WINDOWS)
    write(first, 1, rows(("1", NOON)))
    with pytest.raises(BlockingIOError):
        new_folder(tmp_path / "calls").open(WINDOWS)
    first.close(is_whole=False)
    second = new_folder(tmp_path / "calls")
    assert second.open([SPAN]) == WINDOWS
    assert second.prepare(SHOP) == {1: Counts(requests=2)}
    second.close(is_whole=False)
    other = new_folder(tmp_path / "calls", "another key")
    assert other.open([SPAN]) == [SPAN]
    assert other.files.counts(SHOP, 1) is None
    other.close(is_whole=True)


@pytest.mark.parametrize("damage", ["", "{}", "[", '{"key": "key", "windows": [["x", "y"]]}'])
def test_damaged_plan(tmp_path: Path, damage: str) -> None:
    """An export whose plan cannot be read starts anew."""
    first = new_folder(tmp_path / "calls")
    first.open(WINDOWS)
    write(first, 0, rows(("1", NOON)))
    (first.files.folder / "windows.json").write_text(damage, encoding="utf-8")
    first.close(is_whole=False)
    second = new_folder(tmp_path / "calls")
    assert second.open([SPAN]) == [SPAN]
    second.close(is_whole=True)


def test_missing_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop is not joined without a window, and its other windows stay."""
    monkeypatch.setattr(window_folder, "_LATENCY", 0.0)
    folder = new_folder(tmp_path / "calls")
    folder.open(WINDOWS)
    write(folder, 0, rows(("1", NOON)))
    with pytest.raises(FileNotFoundError, match="the files of a window are missing"):
        folder.join(SHOP, 2, SPAN)
    assert list(folder.prepare(SHOP)) == [0]
    assert folder.joined(SHOP) is None
    assert not (tmp_path / "calls").exists()
    folder.close(is_whole=True)


def test_late_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that a shared folder shows late is waited for."""
    folder = new_folder(tmp_path / "calls")
    folder.open(WINDOWS)
    write(folder, 0, rows(("1", NOON)))
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            write(folder, 1, rows(("2", NOON)))

    monkeypatch.setattr(window_folder, "sleep", sleep)
    assert folder.join(SHOP, 2, SPAN).rows == 2
    assert len(waits) == 2
    folder.close(is_whole=True)


STEPS = ("_without_repeats", "_moved", "replace_partitions", "WindowFolder._of_joined")


@pytest.mark.parametrize("step", STEPS)
def test_killed_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """After a kill at any step of a join, the next run reads the shop again, and has each row once."""
    folder = new_folder(tmp_path / "calls")
    folder.open(WINDOWS)
    tables = [rows(("1", NOON - timedelta(hours=1)), ("2", NOON)), rows(("2", NOON), ("3", None))]

    def write_all(folder: WindowFolder) -> Counts:
        for number, table in enumerate(tables):
            write(folder, number, table)
        return folder.join(SHOP, 2, SPAN)

    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"{window_folder.__name__}.{step}", kill)
        with pytest.raises(KeyboardInterrupt):
            write_all(folder)
    folder._place._lock.release()  # a killed process removes nothing
    later = new_folder(tmp_path / "calls")
    assert later.open([SPAN]) == WINDOWS
    assert later.prepare(SHOP) == {}
    assert later.joined(SHOP) is None
    assert write_all(later).rows == 3
    assert sum(len(ids) for ids in found(tmp_path / "calls").values()) == 3
    later.close(is_whole=True)
