"""Private files: only their owner can read them, and a write that fails leaves the old file alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from etelecom_async._core import private_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file in an empty folder."""
    return tmp_path / "secret.txt"


def test_replace(path: Path) -> None:
    """A file is written with the mode 0600, also in place of one with another mode and of a leftover."""
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    path.with_name(".secret.txt.new").write_text("of a killed process", encoding="utf-8")
    private_files.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == private_files.MODE
    assert list(path.parent.iterdir()) == [path]


def test_write_that_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the old file, and removes its own."""

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    private_files.replace(path, b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        private_files.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, False), (0o700, False), (0o640, True), (0o701, True), (0o602, True)]
)
def test_open_to_others(mode: int, *, expected: bool) -> None:
    """Any right of the group or of others counts."""
    assert private_files.is_open_to_others(stat.S_IFREG | mode) is expected


def test_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the mode says nothing about other users."""
    monkeypatch.setattr("sys.platform", "win32")
    assert not private_files.is_open_to_others(0o666)
