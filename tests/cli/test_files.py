"""Test the replacement of a file in one step."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from etelecom_async._core import private_files
from etelecom_async.cli.files import replacing


@pytest.mark.parametrize(("mode", "expected"), [(None, 0o640), (private_files.MODE, 0o600)])
def test_mode(tmp_path: Path, mode: int | None, expected: int) -> None:
    """The new file has the mode of the old one, or the given mode."""
    file = tmp_path / "a"
    file.write_text("old")
    file.chmod(0o640)
    with replacing(file, mode) as stream:
        stream.write("ố\n")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == ("ố\n".encode(), expected)


def test_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    """A file that did not exist has the mode that the process gives to all files."""
    (tmp_path / "usual").write_text("")
    with replacing(tmp_path / "a") as stream:
        stream.write("new")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_link_stays_a_link(tmp_path: Path) -> None:
    """The file that a link leads to is replaced, not the link."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "a")
    with replacing(tmp_path / "link") as stream:
        stream.write("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "a").read_text() == "new"


def test_pipe_is_written_to(tmp_path: Path) -> None:
    """A named pipe stays one, and its reader gets the text."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    texts: list[str] = []
    reader = threading.Thread(target=lambda: texts.append(pipe.read_text()))
    reader.start()
    with replacing(pipe) as stream:
        stream.write("new")
    reader.join()
    assert texts == ["new"]
    assert pipe.is_fifo()


def test_stream_of_the_process() -> None:
    """A name such as `/dev/stdout`, which leads to no path, is written to."""
    reader, writer = os.pipe()
    with replacing(Path(f"/dev/fd/{writer}")) as stream:
        stream.write("new")
    os.close(writer)
    assert os.read(reader, 100) == b"new"
    os.close(reader)


def test_error_leaves_the_old_file(tmp_path: Path) -> None:
    """After an error in the block the old file is there, and no other."""
    file = tmp_path / "a"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(file) as stream:
        stream.write(str(1 / 0))
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_read_only_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that its owner made read-only is not replaced."""
    file = tmp_path / "a"
    file.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # for root every file is writable
    with pytest.raises(PermissionError, match="read-only"), replacing(file):
        pass
    assert file.read_text() == "old"
