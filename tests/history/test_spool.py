"""A folder beside the target keeps the rows of an export until it is whole."""

from __future__ import annotations

import errno
import stat
import sys
from pathlib import Path

import pytest

from etelecom_async.history.arrow import pa, pa_parquet
from etelecom_async.history.formats import FormatName
from etelecom_async.history.spool import FileParts, Spool, State

SCHEMA = pa.schema([("id", pa.string())])
FORMATS: tuple[FormatName, ...] = ("parquet", "csv", "jsonl")
STATE = State("{}", 2, {"mood": 1})


def rows(*ids: str) -> pa.Table:
    """Return rows with these ids."""
    return pa.table({"id": list(ids)}, schema=SCHEMA)


def opened(target: Path, key: str = "key") -> Spool:
    """Return an open spool."""
    spool = Spool(target, key)
    spool.open()
    return spool


def write(spool: Spool, name: FormatName, *ids: str) -> None:
    """Write rows in one run."""
    parts = FileParts(spool, name, SCHEMA)
    parts.write(rows(*ids))
    parts.close()


@pytest.mark.parametrize("name", FORMATS)
def test_runs(name: FormatName, tmp_path: Path) -> None:
    """Each run continues after the last state; the target appears at the end, and nothing else is left."""
    target = tmp_path / "calls"
    for run in range(3):
        spool = opened(target)
        assert spool.earlier == (STATE if run else None)
        write(spool, name, f"{run}")
        if run < 2:
            spool.save(STATE)
            write(spool, name, "not saved") if name == "parquet" else None
            assert not target.exists()
        else:
            spool.finish_file()
        spool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["calls"]
    if name == "parquet":
        assert pa_parquet.read_table(target).equals(rows("0", "1", "2"))
    else:
        whole = {"csv": '"id"\n"0"\n"1"\n"2"\n', "jsonl": '{"id":"0"}\n{"id":"1"}\n{"id":"2"}\n'}
        assert target.read_text() == whole[name]


def test_other_key(tmp_path: Path) -> None:
    """The rest of another export is discarded."""
    spool = opened(tmp_path / "calls")
    write(spool, "csv", "1")
    spool.save(STATE)
    spool.close()
    assert [path.name for path in tmp_path.iterdir()] == [".calls.partial"]
    other = opened(tmp_path / "calls", "other")
    assert (other.earlier, other.files) == (None, 0)
    other.close()
    assert not [*tmp_path.iterdir()]


def test_lock(tmp_path: Path) -> None:
    """One spool at a time uses a target; the error names it. Others are free."""
    target = tmp_path / "calls"
    spool = opened(target)
    with pytest.raises(BlockingIOError, match="another export writes to it: wait") as caught:
        opened(target)
    assert (caught.value.errno, caught.value.filename) == (errno.EWOULDBLOCK, str(target))
    opened(tmp_path / "other").close()
    spool.close()
    opened(target).close()


def test_lock_is_released_after_an_error(tmp_path: Path) -> None:
    """A spool that cannot be opened holds no lock."""
    (tmp_path / ".calls.partial").touch()
    with pytest.raises(FileExistsError):
        opened(tmp_path / "calls")
    (tmp_path / ".calls.partial").unlink()
    opened(tmp_path / "calls").close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_modes(tmp_path: Path) -> None:
    """Others cannot read the folder, as it has phone numbers; a replaced file keeps its mode."""
    target = tmp_path / "calls"
    target.touch(mode=0o600)
    target.chmod(0o640)
    spool = opened(target)
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    write(spool, "csv", "1")
    spool.finish_file()
    spool.close()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_folder(tmp_path: Path) -> None:
    """Partitions of the span are replaced, also by nothing; others stay."""
    target = tmp_path / "calls"
    for name in ("a", "b", "c"):
        (target / name).mkdir(parents=True)
        (target / name / "old").touch()
    spool = opened(target)
    for name in ("a/x", "d"):
        (spool.folder / name).mkdir(parents=True)
        (spool.folder / name / "part-00000.csv").touch()
    spool.finish_folder(["a/x", "b", "e"])
    spool.close()
    found = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    assert found == ["a/old", "a/x/part-00000.csv", "c/old", "d/part-00000.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["calls"]
