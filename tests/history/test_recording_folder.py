"""Test the folder of recordings: its lock, its quota, and which files it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from etelecom_async.history.recording_folder import QuotaReachedError, RecordingFolder
from etelecom_async.history.recording_manifest import MISSING, NAME, SAVED, Recording


def test_new_folder(tmp_path: Path) -> None:
    """The folder is made with those above it, for its owner only, and the manifest is in it."""
    path = tmp_path / "a" / "b"
    with RecordingFolder(path):
        pass
    assert path.stat().st_mode & 0o077 == 0
    assert (path / NAME).read_bytes() == b""


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run is refused, and the next one after the end is not."""
    with RecordingFolder(tmp_path):
        with pytest.raises(BlockingIOError, match="another run downloads into it"), RecordingFolder(tmp_path):
            pass
        assert (tmp_path / NAME).exists()
    with RecordingFolder(tmp_path):
        pass


def test_manifest_that_fails(tmp_path: Path) -> None:
    """If the manifest cannot be written, the lock is released."""
    (tmp_path / NAME).mkdir()
    for _ in range(2):
        with pytest.raises(IsADirectoryError), RecordingFolder(tmp_path):
            pass


def test_files_that_are_there(tmp_path: Path) -> None:
    """A file counts with its size only, and inside of the folder only."""
    with RecordingFolder(tmp_path / "in") as folder:
        saved = Recording(call_id="7", number=0, state=SAVED, file="7-0.wav", bytes=3)
        assert not folder.has(saved)
        (folder.path / "7-0.wav").write_bytes(b"ab")
        assert not folder.has(saved)
        (folder.path / "7-0.wav").write_bytes(b"abc")
        assert folder.has(saved)
        assert not folder.has(saved.noted(MISSING))
        assert not folder.has(saved.noted(SAVED))
        (tmp_path / "out.wav").write_bytes(b"abc")
        assert not folder.has(saved.noted(SAVED, file="../out.wav", bytes=3))


def test_quota(tmp_path: Path) -> None:
    """The files and parts in the folder count; what does not fit is refused before it is written."""
    (tmp_path / ".parts").mkdir()
    (tmp_path / ".parts" / "a.part").write_bytes(bytes(10))
    (tmp_path / "7-0.wav").write_bytes(bytes(80))
    with RecordingFolder(tmp_path, 100) as folder:
        folder.quota.take(10)
        with pytest.raises(QuotaReachedError):
            folder.quota.take(1)
        folder.quota.give_back(5)
        folder.quota.take(5)
    with RecordingFolder(tmp_path) as folder:
        folder.quota.take(10**15)


def test_empty_folder_of_parts(tmp_path: Path) -> None:
    """The folder of the parts goes when it is empty."""
    parts = tmp_path / ".parts"
    parts.mkdir()
    (parts / "a.part").touch()
    with RecordingFolder(tmp_path):
        pass
    assert parts.exists()
    (parts / "a.part").unlink()
    with RecordingFolder(tmp_path):
        pass
    assert not parts.exists()
