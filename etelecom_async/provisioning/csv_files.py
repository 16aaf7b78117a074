"""
Read the rows of a CSV file in any usual encoding. Only this module uses charset-normalizer.

The encoding is that of the byte order mark, else UTF-8 if the bytes are valid, else a guess from the letters.
The delimiter is the one that yields the most known headings. The file is read row by row.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import BinaryIO, Final

import attrs

from etelecom_async.provisioning import limits
from etelecom_async.provisioning.cells import SheetRow, without_mark
from etelecom_async.provisioning.headings import Field, count_known
from etelecom_async.provisioning.mistakes import refusal

HEADING_ROWS: Final = 20
"""Headings are looked for in so many rows."""
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 2**18
_LONGEST_LINE: Final = 2**20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES: Final = ["cp1258", "cp1252"]
"""Encodings of Windows for Vietnamese and for Western Europe."""
_TONE: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_VOWEL_WITH_TONE: Final = re.compile("(?i)[aeiouyăâêôơư][\u0300\u0301\u0303\u0309\u0323]")
_UTF_8_REMEDY: Final = "save it as CSV UTF-8"
_DELIMITER_LINE: Final = re.compile(r"sep=([^\s\"\w]|\t)[\r\n]*", re.IGNORECASE)
_LEAST_ZEROS: Final = 8
"""Of UTF-16, at least one byte in eight of a half is zero: digits, delimiters and plain letters have one."""


@attrs.frozen(kw_only=True)
class CsvForm:
    """How a CSV file is written."""

    encoding: str
    delimiter: str
    is_guess: bool = False
    """Whether the encoding is a guess from the letters."""


def csv_form(file: BinaryIO, mapping: Mapping[Field, str]) -> CsvForm:
    """
    Return the encoding and the delimiter of a file.

    Args:
        file: The file, which is read from its start.
        mapping: The headings that the caller names.

    Raises:
        RosterError: The encoding is unknown, or the file is too large.
    """
    encoding, is_guess = _encoding(file)
    first = next(_lines(file, encoding), "")
    if (stated := _DELIMITER_LINE.fullmatch(first)) is not None:
        return _checked(file, CsvForm(encoding=encoding, delimiter=stated[1], is_guess=is_guess))

    def score(delimiter: str) -> tuple[int, float]:
        known, width = 0, 0.0
        try:
            for row in islice(_rows(_lines(file, encoding), delimiter), HEADING_ROWS):
                known = max(known, count_known(row.cells, mapping))
                width = max(width, len(row.cells))
        except csv.Error:  # for a wrong delimiter, the quotes may be wrong
            width = 1.5
        return known, width

    delimiter = max(_DELIMITERS, key=score)
    return _checked(file, CsvForm(encoding=encoding, delimiter=delimiter, is_guess=is_guess))


def read_csv(file: BinaryIO, form: CsvForm) -> Iterator[SheetRow]:
    """
    Yield the rows of a file, also the blank ones.

    Raises:
        RosterError: The file is too large, or its quotes are wrong.
    """
    lines = _lines(file, form.encoding)
    first = next(lines, None)
    if first is None:
        return
    # Spreadsheet programs read this line, and do not show it as a row.
    before = iter(()) if _DELIMITER_LINE.fullmatch(first) is not None else iter((first,))
    yield from _checked_rows(_chained(before, lines), form.delimiter)


def _checked(file: BinaryIO, form: CsvForm) -> CsvForm:
    """Read all rows once, which is fast: a file that is too long is refused before its rows are checked."""
    deque(_checked_rows(_lines(file, form.encoding), form.delimiter), maxlen=0)
    return form


def _checked_rows(lines: Iterator[str], delimiter: str) -> Iterator[SheetRow]:
    try:
        yield from _rows(lines, delimiter)
    except csv.Error as error:
        raise refusal(str(error), "check its quotes") from None


def _chained(before: Iterator[str], lines: Iterator[str]) -> Iterator[str]:
    yield from before
    yield from lines


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[SheetRow]:
    """Yield the rows; a `csv.Error` says that the quotes of a row are wrong."""
    taken: list[str] = []

    def taking() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    rows = csv.reader(taking(), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        taken.clear()
        try:
            cells = next(rows, None)
        except csv.Error:
            cells = _of_loose_line(taken, delimiter, number)
        if cells is None:
            return
        if number > limits.MOST_ROWS:
            raise refusal(f"the file has more than {limits.MOST_ROWS:,} rows", limits.ROWS_REMEDY)
        if len(cells) > limits.MOST_COLUMNS:
            raise refusal(
                f"row {number:,} has more than {limits.MOST_COLUMNS} columns",
                "delete the columns that are not needed",
            )
        if any(cell[:1] == "'" for cell in cells):
            cells = list(map(without_mark, cells))
        yield SheetRow(number, cells)


def _of_loose_line(lines: Sequence[str], delimiter: str, number: int) -> list[str]:
    """
    Return the cells of a row whose quotes are not as they should be, for example `"Cafe "May"",0901234567`.

    Raises:
        csv.Error: A quote has no end in its line: the cell would contain the rows below.
    """
    if len(lines) == 1:
        with suppress(csv.Error):
            found = list(csv.reader([*lines, "the next row"], delimiter=delimiter))
            if len(found) > 1:
                return found[0]
    raise csv.Error(f"row {number:,} has a quote without an end, or a cell that is too long")


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        while line := text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise refusal(
                    f"a line has more than {_LONGEST_LINE:,} characters", "check that it is a CSV file"
                )
            yield line
    except UnicodeError:
        raise refusal(f"the file is not in one encoding ({encoding})", _UTF_8_REMEDY) from None
    finally:
        with suppress(ValueError):  # the file may be closed
            text.detach()  # else the file would be closed here


def _encoding(file: BinaryIO) -> tuple[str, bool]:
    """Return the encoding, and whether it is a guess."""
    file.seek(0)
    sample = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, False
    if b"\0" in sample:
        return _utf_16(sample), False
    return ("utf-8", False) if _is_utf_8(file) else (_guess(file), True)


def _utf_16(sample: bytes) -> str:
    """Return which UTF-16 it is: one byte of each ASCII letter is zero."""
    first, second = sample[::2].count(0), sample[1::2].count(0)
    most = max(first, second)
    if min(first, second) * 4 > most or most * _LEAST_ZEROS < len(sample) // 2:
        raise refusal("the file is no text", "give a CSV or XLSX file")
    return "utf-16-be" if first > second else "utf-16-le"


def _is_utf_8(file: BinaryIO) -> bool:
    """Return whether the rows that a roster may have are UTF-8."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    try:
        while lines <= limits.MOST_ROWS and (piece := file.read(_SAMPLE)):
            decoder.decode(piece)
            lines += piece.count(b"\n")
        decoder.decode(b"", final=lines <= limits.MOST_ROWS)
    except UnicodeDecodeError:
        return False
    return True


def _guess(file: BinaryIO) -> str:
    """Return the encoding that the lines with other letters than those of ASCII have."""
    from charset_normalizer import from_bytes  # only old encodings need it

    file.seek(0)
    lines = islice(iter(lambda: file.readline(_SAMPLE), b""), limits.MOST_ROWS + 1)
    sample = b""
    for line in lines:
        if not line.isascii():
            sample += line
        if len(sample) > _SAMPLE:
            break
    text = sample.decode("cp1258", errors="replace")
    # Each tone belongs to a vowel: Western letters at these places follow other letters, too.
    if (tones := len(_TONE.findall(text))) and tones == len(_VOWEL_WITH_TONE.findall(text)):
        return "cp1258"
    best = from_bytes(sample, cp_isolation=_GUESSES).best()
    if best is None:
        raise refusal("the encoding of the file is unknown", _UTF_8_REMEDY)
    return best.encoding
