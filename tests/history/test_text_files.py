"""CSV has a heading and quoted texts; JSON Lines have an object in each line."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.formulas import harmless
from etelecom_async.history.arrow import ArrowTable, pa
from etelecom_async.history.streams import WholeStream
from etelecom_async.history.text_files import CsvFile, JsonLines

ODD = 'a "b", ệ\u2028\n\r\n;\t=\x85😀'
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1)
SCHEMA = pa.schema([("text", pa.string()), ("number", pa.int64())])


def table_of(*texts: str | None) -> ArrowTable:
    """Return a table with texts, and with their places as numbers."""
    return pa.table([pa.array(texts, pa.string()), list(range(len(texts)))], schema=SCHEMA)


def written(kind: str, *tables: ArrowTable, is_new: bool = True) -> bytes:
    """Return a file with these tables."""
    stream = io.BytesIO()
    output = WholeStream(stream)
    file = CsvFile(output, SCHEMA, is_new=is_new) if kind == "csv" else JsonLines(output)
    for table in tables:
        file.write(table)
    file.close()
    return stream.getvalue()


def test_csv() -> None:
    """A file starts with the names of the columns, without a byte order mark; a continued part does not."""
    assert written("csv") == b'"text","number"\n'
    assert written("csv", table_of("a", None, ""), is_new=False) == b'"a",0\n,1\n"",2\n'
    text = written("csv", table_of("=1"), table_of("ệ")).decode()
    assert text.splitlines() == ['"text","number"', '"\'=1",0', '"ệ",0']


@given(TEXTS)
def test_csv_is_read_back(texts: list[str]) -> None:
    """Each text comes back from a reader, with an apostrophe before formulas."""
    rows = list(csv.reader(io.StringIO(written("csv", table_of(*texts, ODD)).decode(), newline="")))
    assert [text for text, _ in rows[1:]] == [harmless(text) for text in (*texts, ODD)]


def test_json_lines() -> None:
    """A file without rows is empty; null is null; texts are UTF-8."""
    assert written("jsonl") == b""
    assert written("jsonl", table_of("=1", None), table_of("ệ")).decode() == (
        '{"text":"=1","number":0}\n{"text":null,"number":1}\n{"text":"ệ","number":0}\n'
    )


@given(TEXTS)
def test_json_lines_are_read_back(texts: list[str]) -> None:
    """Each line is one object, whatever the texts have."""
    lines = written("jsonl", table_of(*texts, ODD)).split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line)["text"] for line in lines] == [*texts, ODD]
