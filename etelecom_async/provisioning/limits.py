"""State how large a roster may be: each limit is checked before the whole file is read."""

from __future__ import annotations

from typing import Final

MOST_ROWS: Final = 100_000
"""Rows of a roster, with its headings and its blank rows."""
MOST_COLUMNS: Final = 256
"""The last column is then IV, as in the old format of Excel."""
MOST_CELLS: Final = 4_000_000
"""Cells of the rectangle around all data: a reader takes memory for each, also for the blank ones."""
MOST_UNPACKED: Final = 256 * 2**20
"""Bytes of the parts of an XLSX file, after decompression."""
MOST_CHARACTERS: Final = 32_767
"""Characters of a cell, as in Excel."""

ROWS_REMEDY: Final = f"split it into files of at most {MOST_ROWS:,} rows"
