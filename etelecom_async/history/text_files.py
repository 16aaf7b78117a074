"""Write CSV files and JSON Lines."""

from __future__ import annotations

from etelecom_async._core.codec.responses import encode
from etelecom_async.history.arrow import ArrowSchema, ArrowTable, pa, pa_csv
from etelecom_async.history.streams import WholeStream
from etelecom_async.history.texts import flat, with_time_texts


class CsvFile:
    """
    A CSV file in UTF-8 with a heading line.

    Args:
        stream: Where to write.
        schema: The columns.
        is_new: Whether the file is empty; a continued file has its heading.
    """

    def __init__(self, stream: WholeStream, schema: ArrowSchema, *, is_new: bool = True) -> None:
        self._stream = stream
        if is_new:
            self._write(schema.empty_table(), has_heading=True)

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        self._write(table, has_heading=False)

    def _write(self, table: ArrowTable, *, has_heading: bool) -> None:
        text = pa.BufferOutputStream()
        pa_csv.write_csv(flat(table), text, pa_csv.WriteOptions(include_header=has_heading))
        self._stream.write(text.getvalue())

    def close(self) -> None:
        """Write nothing more; the stream stays open."""


class JsonLines:
    """
    A file with one JSON object for each row, in UTF-8. Each object has all columns.

    Args:
        stream: Where to write.
    """

    def __init__(self, stream: WholeStream) -> None:
        self._stream = stream

    def write(self, table: ArrowTable) -> None:
        """Append rows."""
        rows = with_time_texts(table).to_pylist()
        self._stream.write(b"".join([encode(row) + b"\n" for row in rows]))

    def close(self) -> None:
        """Write nothing more; the stream stays open."""
