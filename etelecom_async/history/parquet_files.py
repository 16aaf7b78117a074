"""Write Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from etelecom_async.history.arrow import ArrowSchema, ArrowTable, pa, pa_parquet
from etelecom_async.history.streams import WholeStream

ROWS: Final = 10_000
"""Rows of a row group; they are in memory until the group is written."""


class ParquetFile:
    """
    A Parquet file, compressed with zstd. It is valid once it is closed.

    Args:
        stream: Where to write. It need not be seekable.
        schema: The columns.
    """

    def __init__(self, stream: WholeStream, schema: ArrowSchema) -> None:
        self._writer: Any = pa_parquet.ParquetWriter(stream, schema, **_options(schema))
        self._schema = schema
        self._waiting: list[ArrowTable] = []
        self._rows = 0

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            table = pa.concat_tables(self._waiting).cast(self._schema)
            self._writer.write_table(table, row_group_size=len(table))
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Write the rest and the end of the file; the stream stays open."""
        self._flush()
        self._writer.close()


def _options(schema: ArrowSchema) -> dict[str, Any]:
    """Return how to write: readers skip row groups by their times, so only these columns have statistics."""
    times = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    return {"compression": "zstd", "use_dictionary": _repeating(schema), "write_statistics": times}


def _repeating(schema: ArrowSchema) -> list[str]:
    """Return the columns whose texts repeat, so that a dictionary of them is small."""
    unique = {"id", "external_id", "external_session_id"}
    names: list[str] = []
    for field in schema:
        kind, path = field.type, field.name
        if pa.types.is_list(kind):
            kind, path = kind.value_type, f"{path}.list.element"
        if pa.types.is_struct(kind):
            names += [f"{path}.{part.name}" for part in kind if pa.types.is_string(part.type)]
        elif pa.types.is_string(kind) and field.name not in unique and kind is field.type:
            names.append(path)
    return names


def join(parts: Sequence[Path], stream: BinaryIO) -> None:
    """Write the row groups of several files into one; one group is in memory at a time."""
    schema = pa_parquet.read_schema(parts[0])
    with pa_parquet.ParquetWriter(stream, schema, **_options(schema)) as writer:
        for part in parts:
            with pa_parquet.ParquetFile(part, pre_buffer=False) as file:
                for number in range(file.num_row_groups):
                    group = file.read_row_group(number, use_threads=False)
                    writer.write_table(group, row_group_size=len(group))
