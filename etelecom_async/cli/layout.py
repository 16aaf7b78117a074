"""Define what the user asks of the output: its format, its columns, its place."""

from __future__ import annotations

from typing import Final, NamedTuple, TextIO

TABLE: Final = "table"
TSV: Final = "tsv"
CSV: Final = "csv"
JSON: Final = "json"
JSONL: Final = "jsonl"
CHOSEN: Final = (JSON, JSONL, CSV)
"""Formats that have an option."""


class Layout(NamedTuple):
    """What the user asked for."""

    format: str | None = None
    """`None` for a table on a terminal, and TSV elsewhere."""
    columns: tuple[str, ...] = ()
    """Columns that the user chose."""
    file: str | None = None
    """Where to write; `None` for stdout."""
    reveal: bool = False
    """Whether to show secrets."""

    def format_for(self, stream: TextIO) -> str:
        """Return the format: the chosen one, that of the file's name, or that for the stream."""
        if self.format is not None:
            return self.format
        if self.file is not None:
            suffix = self.file.rpartition(".")[2].lower()
            return suffix if suffix in CHOSEN else TSV
        return TABLE if stream.isatty() else TSV
