"""Formats have names, and each writes rows into a stream or a file."""

from __future__ import annotations

import gc
import io
from pathlib import Path

import pytest

from etelecom_async.history.arrow import pa, pa_parquet
from etelecom_async.history.formats import NAMES, FormatName, Output, OutputFile, can_append, format_of

TABLE = pa.table({"id": ["1", "2"]})
FORMATS: tuple[FormatName, ...] = ("parquet", "csv", "jsonl")


@pytest.mark.parametrize("name", FORMATS)
def test_format_of(name: FormatName) -> None:
    """The suffix names the format in any case; a given name counts more."""
    assert format_of(Path(f"calls.{name}"), None) == name
    assert format_of(Path(f"calls.old.{name.upper()}"), None) == name
    assert format_of(Path("calls.txt"), name) == name
    assert format_of(None, name) == name
    assert tuple(NAMES) == FORMATS


@pytest.mark.parametrize("name", ["calls", "calls.parquet.gz", ".csv", "calls.CSV2"])
def test_other_suffixes(name: str) -> None:
    """Other suffixes name no format."""
    with pytest.raises(ValueError, match=r"names no format: use \.parquet, \.csv or \.jsonl, or"):
        format_of(Path(name), None)


def test_other_names() -> None:
    """Another name is an error, also the empty one; a stream needs a name."""
    for given in ("", "xml", "CSV", "x" * 1000):
        with pytest.raises(ValueError, match="file_format takes one of parquet, csv, jsonl, not '") as caught:
            format_of(Path("calls.csv"), given)
        assert len(str(caught.value)) < 100
    with pytest.raises(ValueError, match="a stream has no suffix"):
        format_of(None, None)


@pytest.mark.parametrize("name", FORMATS)
def test_output(name: FormatName) -> None:
    """A closed output is whole, and its stream stays open."""
    stream = io.BytesIO()
    output = Output(stream, name, TABLE.schema)
    output.write(TABLE)
    output.close()
    assert not stream.closed
    whole = {"csv": b'"id"\n"1"\n"2"\n', "jsonl": b'{"id":"1"}\n{"id":"2"}\n'}
    if name == "parquet":
        assert pa_parquet.read_table(io.BytesIO(stream.getvalue())).equals(TABLE)
    else:
        assert stream.getvalue() == whole[name]


@pytest.mark.parametrize("name", FORMATS)
def test_abandoned_output(name: FormatName) -> None:
    """An abandoned output writes nothing more, also when it is freed."""
    stream = io.BytesIO()
    output = Output(stream, name, TABLE.schema)
    output.write(TABLE)
    written = stream.getvalue()
    output.abandon()
    del output
    gc.collect()
    assert stream.getvalue() == written


@pytest.mark.parametrize("name", FORMATS)
def test_continued_file(name: FormatName, tmp_path: Path) -> None:
    """CSV and JSON Lines can be continued in the same file, without another heading."""
    if not can_append(name):
        assert name == "parquet"
        return
    path = tmp_path / f"calls.{name}"
    for rows in (TABLE[:1], TABLE[1:]):
        file = OutputFile(path, name, TABLE.schema, is_new=rows[0][0].as_py() == "1")
        file.write(rows)
        file.close()
    stream = io.BytesIO()
    output = Output(stream, name, TABLE.schema)
    output.write(TABLE)
    output.close()
    assert path.read_bytes() == stream.getvalue()


def test_existing_file(tmp_path: Path) -> None:
    """A new file is never written over another one."""
    (tmp_path / "calls.csv").touch()
    with pytest.raises(FileExistsError):
        OutputFile(tmp_path / "calls.csv", "csv", TABLE.schema)
