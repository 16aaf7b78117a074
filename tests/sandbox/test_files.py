"""Files that a user gives to a sandbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox import Sandbox
from etelecom_async.sandbox.faults import load_faults
from etelecom_async.sandbox.files import read_file
from etelecom_async.sandbox.records import load_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """A byte order mark, as some editors write it, is no part of the text."""
    (tmp_path / "a.json").write_text("\ufeff{}", encoding="utf-8")
    assert read_file(tmp_path / "a.json") == "{}"


@pytest.mark.parametrize("load", [read_file, load_document, load_faults, lambda file: Sandbox(content=file)])
def test_files_that_cannot_be_read(tmp_path: Path, load: Callable[[Path], object]) -> None:
    """The error says what is wrong with the file and names its whole path, for each kind of file."""
    (tmp_path / "latin.json").write_bytes(b"\xe9")
    for name, problem in {
        "missing.json": "there is no file {}; check the path",
        "": "{} is a folder; choose a file in it",
        "latin.json/a.json": "{} cannot be read: Not a directory",
        "latin.json": "{}: it is not text in UTF-8; save it in this encoding",
    }.items():
        with pytest.raises(ValueError, match=f"^{re.escape(problem.format(tmp_path / name))}$"):
            load(tmp_path / name)
