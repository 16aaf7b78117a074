"""Parquet files have the schema, few statistics, and groups of a bounded size; several become one."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.history.arrow import ArrowTable, pa, pa_parquet
from etelecom_async.history.parquet_files import ROWS, ParquetFile, join
from etelecom_async.history.schema import TIME, schema_of
from etelecom_async.history.streams import WholeStream
from etelecom_async.models import CallLog

SCHEMA = schema_of(CallLog)


def rows(count: int, start: int = 0) -> ArrowTable:
    """Return rows with ids."""
    made = [
        {"id": f"{number}", "call_targets": [{"status": "x"}], "recording_urls": ["x"], "caller": "x"}
        for number in range(start, start + count)
    ]
    return pa.Table.from_pylist(made, schema=SCHEMA)


def write(*tables: ArrowTable) -> bytes:
    """Return a file with these tables."""
    stream = io.BytesIO()
    file = ParquetFile(WholeStream(stream), SCHEMA)
    for table in tables:
        file.write(table)
    file.close()
    return stream.getvalue()


def read(data: bytes) -> Any:
    """Return the file for a reader."""
    return pa_parquet.ParquetFile(io.BytesIO(data))


def test_schema() -> None:
    """A file has the columns with their types, the version, zstd, and statistics of times only."""
    file = read(write(rows(3)))
    assert (file.schema_arrow, file.schema_arrow.metadata) == (SCHEMA, SCHEMA.metadata)
    assert file.schema_arrow.field("extra").metadata[b"content"] == b"JSON"
    assert file.schema_arrow.field("started_at").type == TIME
    group = file.metadata.row_group(0)
    for number in range(group.num_columns):
        column = group.column(number)
        assert column.compression == "ZSTD"
        is_time = column.path_in_schema in {"created_at", "ended_at", "started_at", "updated_at"}
        assert column.is_stats_set is is_time, column.path_in_schema
        if column.path_in_schema in {"caller", "call_targets.list.element.status"}:
            assert column.has_dictionary_page
        if column.path_in_schema in {"id", "external_id", "recording_urls.list.element"}:
            assert not column.has_dictionary_page


@pytest.mark.parametrize("tables", [[], [0], [0, 0], [1], [ROWS - 1, 0, 1], [ROWS - 1, 1600, 7], [ROWS + 5]])
def test_groups(tables: list[int]) -> None:
    """Rows come in their order, in groups that end at the table which fills them; no table makes no group."""
    parts = [rows(count, sum(tables[:place])) for place, count in enumerate(tables)]
    file = read(write(*parts))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert sum(groups) == sum(tables)
    assert all(groups)
    assert all(count >= ROWS for count in groups[:-1])
    assert file.read().equals(pa.concat_tables([SCHEMA.empty_table(), *parts]))


def test_join(tmp_path: Path) -> None:
    """Several files become one with the same groups; those without rows add nothing."""
    paths: list[Path] = []
    for number, tables in enumerate([[rows(ROWS + 1600), rows(3, ROWS + 1600)], [], [rows(2, ROWS + 1603)]]):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(write(*tables))
    stream = io.BytesIO()
    join(paths, stream)
    file = read(stream.getvalue())
    assert [file.metadata.row_group(number).num_rows for number in range(3)] == [ROWS + 1600, 3, 2]
    assert file.read().equals(rows(ROWS + 1605))
    assert (file.schema_arrow, file.schema_arrow.metadata) == (SCHEMA, SCHEMA.metadata)
    join(paths[1:2], stream := io.BytesIO())
    assert read(stream.getvalue()).read().equals(SCHEMA.empty_table())
