"""Test the files of recordings that are not whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from etelecom_async._core.http.downloads import Part
from etelecom_async.history.recording_parts import FOLDER, PartFile


class Head(NamedTuple):
    """What a response says before its body."""

    begin: int = 0
    total: int | None = 10
    validator: str | None = '"1"'
    content_type: str = "audio/wav"


def begun(folder: Path, head: Head | None = None, data: bytes = b"abcd", key: str = "key") -> PartFile:
    """Return a part with its first bytes."""
    part = PartFile(folder, "7-0", key)
    part.begin(cast("Any", head or Head()))
    part.write(data)
    part.close()
    return part


def restored(folder: Path, key: str = "key") -> Part | None:
    """Return what can be continued."""
    return PartFile(folder, "7-0", key).restore()


def test_nothing(tmp_path: Path) -> None:
    """Without an earlier download there is no part."""
    assert restored(tmp_path) is None


def test_continued(tmp_path: Path) -> None:
    """A part is continued with its validator, and gets its name when it is whole."""
    begun(tmp_path)
    part = PartFile(tmp_path, "7-0", "key")
    assert part.restore() == Part(size=4, total=10, validator='"1"')
    assert not part.is_whole
    part.begin(cast("Any", Head(begin=4, validator=None)))
    part.write(b"efghij")
    part.close()
    assert part.is_whole
    assert restored(tmp_path) == Part(size=10, total=10, validator='"1"')  # a response may leave it out
    assert part.head() == b"abcdefghij"
    assert part.finish() == "7-0.wav"
    assert (tmp_path / "7-0.wav").read_bytes() == b"abcdefghij"
    assert (tmp_path / "7-0.wav").stat().st_mode & 0o077 == 0
    assert not list((tmp_path / FOLDER).iterdir())


def test_started_anew(tmp_path: Path) -> None:
    """A response with the first byte replaces the part."""
    begun(tmp_path)
    part = begun(tmp_path, Head(total=None, validator=None, content_type=""), b"OggS")
    assert (part.size, part.is_whole, part.finish()) == (4, False, "7-0.ogg")
    assert (tmp_path / "7-0.ogg").read_bytes() == b"OggS"


@pytest.mark.parametrize(
    ("head", "data"),
    [(Head(total=None, validator=None), b"abcd"), (Head(), b""), (Head(total=3), b"abcd")],
    ids=["no validator and no size", "empty", "too long"],
)
def test_discarded(tmp_path: Path, head: Head, data: bytes) -> None:
    """A part that cannot be continued is removed."""
    begun(tmp_path, head, data)
    assert restored(tmp_path) is None
    assert not list((tmp_path / FOLDER).iterdir())


def test_part_of_another_file(tmp_path: Path) -> None:
    """A part of another address is removed."""
    begun(tmp_path, key="other")
    assert restored(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", '{"key": "key"}', "[" * 10_000, "\\xff"])
def test_broken_file(tmp_path: Path, text: str) -> None:
    """A part is removed if the file about it was cut."""
    begun(tmp_path)
    (about,) = (tmp_path / FOLDER).glob("*.json")
    assert json.loads(about.read_text())["total"] == 10
    about.write_text(text)
    assert restored(tmp_path) is None


def test_folder_that_fails(tmp_path: Path) -> None:
    """A disk that takes no file is an error, and nothing is left open."""
    (tmp_path / FOLDER).touch()
    part = PartFile(tmp_path, "7-0", "key")
    assert part.restore() is None
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        part.begin(cast("Any", Head()))


def test_disk_is_full() -> None:
    """A full disk is an error of the write."""
    part = PartFile(Path("/nowhere"), "7-0", "key")
    part._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0)
    with pytest.raises(OSError, match="No space"):
        part.write(b"abcd")
    part.close()
    assert part.size == 0
