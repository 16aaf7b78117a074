"""
Check an XLSX file before a reader opens it.

The reader allocates memory for the rectangle around all cells, and for counts that the file states. A legal
file of 5 kB with a cell in the last row and column would abort the process. This module reads only the parts
that the reader reads, piece by piece, and stops at the first limit. It refuses a file that it could read in
another way than the reader, because then it would check the wrong part.

It also finds the cells whose values the reader leaves out: errors, and formulas without a stored result.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET
from xml.parsers.expat import ExpatError

import attrs

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.cells import Unreadable
from etelecom_async.provisioning.headings import index_of, letter_of
from etelecom_async.provisioning.mistakes import masked_text, refusal
from etelecom_async.provisioning.shared_texts import References, TextLengths, UsualTexts

_PIECE: Final = 2**18
_LONGEST_ROW: Final = 4 * 2**20
"""Bytes of a row of a sheet."""
_MOST_PARTS: Final = 10_000
_MOST_DIRECTORY: Final = 4 * 2**20
"""Bytes of the list of parts."""
_MOST_INDEX: Final = 2**20
"""Bytes of the parts that list the sheets."""
_MOST_COUNT: Final = 2_000_000
"""The reader allocates memory for a stated count, for example of texts."""
_MOST_UNREADABLE: Final = 10_000

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_TEXTS: Final = "xl/sharedstrings.xml"
_UNREAD: Final = ("xl/media/", "xl/worksheets/", "xl/drawings/", "xl/charts/", "docprops/", "customxml/")
"""Beginnings of the names of parts that the reader does not open; it opens one of the sheets."""

_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_END: Final = struct.Struct("<4s8xLLH")
_END_64: Final = struct.Struct("<4s36xQQ")
_LOCATOR_64: Final = struct.Struct("<4s4xQ4x")
_IN_64: Final = 2**32 - 1
"""It stands for a number that is in the record of 64 bits."""
_EXTRA: Final = struct.Struct("<HH")
_OTHER_NAME: Final = 0x7075
"""An extra field with another name of the part; only some readers know it."""
_ENCRYPTED: Final = 1

_COUNT: Final = re.compile(rb"""[cC]ount\s*=\s*["']\s*\+?(\d{7,})""")
_LONGEST_COUNT: Final = 20
# Any attribute `r`, whatever its tag, because a tag can be written in many ways.
_ADDRESS: Final = re.compile(rb"""r\s*=\s*["']\+?([A-Za-z]*)(\d+)["']""")
_USUAL_CELL: Final = b'<c r="'
_USUAL_ROW: Final = b'<row r="'
_CELL: Final = re.compile(rb"<(?:[^\s<>/:]+:)?c(?=[\s/>])")
_CELL_WITH_ADDRESS: Final = re.compile(rb"""<(?:[^\s<>/:]+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["'][A-Za-z]""")
_ROW: Final = re.compile(rb"<(?:[^\s<>/:]+:)?row(?=[\s/>])")
# These patterns do not backtrack: the time of a search grows only with the size of the sheet.
_ERROR: Final = re.compile(rb"""<(?:[^\s<>/:]+:)?c\s(?=[^<>]*+>)[^<>]*?\bt\s*+=\s*+["']e["'][^<>]*+>""")
_NO_RESULT: Final = re.compile(
    rb"(?:</(?:[^\s<>/:]+:)?f\s*+>|<(?:[^\s<>/:]+:)?f(?:\s[^<>]*)?/>)\s*+"
    rb"(<(?:[^\s<>/:]+:)?v\s*+/>|<(?:[^\s<>/:]+:)?v\s*+>\s*+</(?:[^\s<>/:]+:)?v\s*+>)?+\s*+"
    rb"</(?:[^\s<>/:]+:)?c\s*+>"
)
_TEXT_RESULT: Final = re.compile(rb"""<[^<>]*?\bt\s*+=\s*+["']str["']""")
"""A cell whose formula gives a text; the text may be empty."""
_LONGEST_LETTERS: Final = 3
"""Letters of the last column that a spreadsheet program has, `XFD`."""
_RESULT_REMEDY: Final = "type the value, or open the file in a spreadsheet program and save it"
_SAVE_REMEDY: Final = "open it in a spreadsheet program, and save it as .xlsx"

_Place = tuple[int, int]
"""Number of the row, from 1, and index of the column, from 0."""


@attrs.frozen(kw_only=True)
class Scan:
    """A file that the reader can open."""

    sheet: str
    """Name of the sheet to read."""
    unreadable: dict[_Place, Unreadable]
    """The cells without a value that can be used."""


def scan(file: BinaryIO, sheet: str | None) -> Scan:
    """
    Return which sheet to read, and which of its cells have no value.

    Args:
        file: The file, which is read from its start.
        sheet: Name of the sheet; `None` for the first one that is visible.

    Raises:
        RosterError: The file is too large, is damaged, or is no XLSX file.
    """
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            parts = _Parts(file, archive)
            name, path = _choose(parts, sheet)
            cells = _Cells()
            for piece in parts.pieces(path):
                cells.add(piece)
            cells.end()
            longest = parts.check_others(path)
            if cells.count * longest > limits.MOST_UNPACKED:
                parts.check_references(path)
            return Scan(sheet=name, unreadable=cells.unreadable)
    except RosterError:  # also a `ValueError`
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        ET.ParseError,
        EOFError,
        ExpatError,
        NotImplementedError,
        OSError,
        OverflowError,
        ValueError,
    ):
        raise refusal("the XLSX file is damaged", _SAVE_REMEDY) from None


def _check_directory(file: BinaryIO) -> None:
    """
    Check that the archive has one list of its parts, at its end, and that it is short.

    With other bytes before or behind the archive, two readers could find different lists.
    """
    place = file.seek(0, os.SEEK_END) - _END.size
    mark, length, start, comment = _END.unpack(_bytes_at(file, place, _END.size))
    if mark != b"PK\5\6" or comment:
        raise zipfile.BadZipFile
    before = place - _LOCATOR_64.size - _END_64.size
    if before >= 0:
        mark, where = _LOCATOR_64.unpack(_bytes_at(file, place - _LOCATOR_64.size, _LOCATOR_64.size))
        if mark == b"PK\6\7":
            mark, length_64, start_64 = _END_64.unpack(_bytes_at(file, before, _END_64.size))
            is_other = length not in (length_64, _IN_64) or start not in (start_64, _IN_64)
            if mark != b"PK\6\6" or where != before or is_other:
                raise zipfile.BadZipFile
            place, length, start = before, length_64, start_64
    if start + length != place:
        raise zipfile.BadZipFile
    if length > _MOST_DIRECTORY:
        raise refusal(f"the file has more than {_MOST_PARTS:,} parts", _SAVE_REMEDY)


def _bytes_at(file: BinaryIO, place: int, count: int) -> bytes:
    if place < 0:
        raise EOFError
    file.seek(place)
    found = file.read(count)
    if len(found) < count:
        raise EOFError
    return found


class _Parts:
    """The parts of an XLSX file, decompressed by their real size and not by the size that they state."""

    def __init__(self, file: BinaryIO, archive: zipfile.ZipFile) -> None:
        self._file: Final = file
        self._unpacked = 0
        self._lengths: Sequence[int] = ()
        infos = archive.infolist()
        if len(infos) > _MOST_PARTS:
            raise refusal(f"the file has more than {_MOST_PARTS:,} parts", _SAVE_REMEDY)
        self._infos = {_plain(info.filename): info for info in infos}
        if len(self._infos) != len(infos):  # two readers could take different ones
            raise refusal("the XLSX file has two parts of one name", _SAVE_REMEDY)
        if any(_has_other_name(info.extra) for info in infos):
            raise refusal("the XLSX file has a part with two names", _SAVE_REMEDY)
        if _WORKBOOK not in self._infos:
            raise refusal("the file is no XLSX file", _SAVE_REMEDY)

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a part."""
        info = self._infos.get(_plain(path))
        if info is None:
            raise refusal("the XLSX file lacks a part", _SAVE_REMEDY)
        if info.flag_bits & _ENCRYPTED:
            raise refusal("the file is protected by a password", "save it without a password")
        header = _bytes_at(self._file, info.header_offset, _LOCAL_HEADER.size)
        mark, name, extra = _LOCAL_HEADER.unpack(header)
        if mark != b"PK\3\4":
            raise zipfile.BadZipFile
        self._file.seek(name + extra, 1)
        left = info.compress_size
        if info.compress_type == zipfile.ZIP_STORED:
            inflate = None
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        else:
            raise NotImplementedError
        while left > 0:
            packed = self._file.read(min(_PIECE, left))
            if not packed:
                raise EOFError
            left -= len(packed)
            while packed:
                piece = packed if inflate is None else inflate.decompress(packed, _PIECE)
                packed = b"" if inflate is None else inflate.unconsumed_tail
                self._count(piece)
                yield piece
        # zlib may keep a last part of the output that it had no room for.
        while inflate is not None and (piece := inflate.decompress(b"", _PIECE)):
            self._count(piece)
            yield piece

    def text(self, path: str) -> str:
        """Return a small part that is XML in UTF-8, without entities of its own."""
        content = bytearray()
        for piece in self.pieces(path):
            content += piece
            if len(content) > _MOST_INDEX:
                raise refusal("the XLSX file has a list of sheets that is too long", _SAVE_REMEDY)
        if b"<!DOCTYPE" in content or b"\0" in content:
            raise _unusual()
        return content.decode("utf-8-sig")

    def check_others(self, path: str) -> int:
        """
        Read the other parts that the reader reads: their sizes, and the counts that they state.

        Returns:
            The bytes of the longest text of the table of texts.
        """
        texts = UsualTexts()
        for name in self._infos:
            if name == _plain(path) or name.startswith(_UNREAD) or name.endswith("/"):
                continue
            tail = b""
            for piece in self.pieces(name):
                data = tail + piece
                for found in _COUNT.finditer(data):
                    if len(found[1]) > _LONGEST_COUNT or int(found[1]) > _MOST_COUNT:
                        raise refusal("the XLSX file states a count that is too large", _SAVE_REMEDY)
                # A tag may continue in the next piece; it starts at the last `<`.
                tail = data[max(data.rfind(b"<"), 0) :][-_PIECE:]
                if name == _TEXTS:
                    texts.add(piece)
        lengths = texts.end()
        self._lengths = self._measured_texts() if lengths is None else lengths
        return max(self._lengths, default=0)

    def _measured_texts(self) -> Sequence[int]:
        """Return the lengths of the texts in a table of any form."""
        unpacked = self._unpacked
        lengths = TextLengths()
        for piece in self.pieces(_TEXTS):
            lengths.add(piece)
        self._unpacked = unpacked  # the reader reads them once
        return lengths.end()

    def check_references(self, path: str) -> None:
        """Check how much the reader takes for the texts of the cells: it copies a text for each cell."""
        self._unpacked = 0
        references = References(self._lengths)
        for piece in self.pieces(path):
            references.add(piece)
        if references.end() > limits.MOST_UNPACKED:
            raise _too_large()

    def _count(self, piece: bytes) -> None:
        self._unpacked += len(piece)
        if self._unpacked > limits.MOST_UNPACKED:
            raise _too_large()


def _too_large() -> RosterError:
    most = limits.MOST_UNPACKED // 2**20
    return refusal(f"the XLSX file has more than {most} MiB after unpacking", limits.ROWS_REMEDY)


def _unusual() -> RosterError:
    return refusal("the XLSX file has an unusual form", _SAVE_REMEDY)


def _has_other_name(extra: bytes) -> bool:
    place = 0
    while place + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, place)
        if kind == _OTHER_NAME:
            return True
        place += _EXTRA.size + length
    return False


def _plain(path: str) -> str:
    """Return the path of a part as the reader compares it."""
    return path.replace("\\", "/").casefold().removeprefix("/")


def _choose(parts: _Parts, wanted: str | None) -> tuple[str, str]:
    """Return the name and the path of the sheet to read."""
    relations = parts.text(_RELATIONS)
    if "&" in relations:  # the reader does not resolve entities there
        raise _unusual()
    paths: dict[str, str | None] = {}
    for relation in _elements(relations, "Relationship"):
        relation_id, target = relation.get("Id", ""), relation.get("Target", "")
        if relation_id in paths:
            raise _unusual()
        is_sheet = relation.get("Type", "").rpartition("/")[2] == "worksheet"
        path = target.removeprefix("/")
        paths[relation_id] = None if not is_sheet else path if path.startswith("xl/") else f"xl/{path}"
    sheets: list[tuple[str, str, bool]] = []
    names: list[str] = []
    for element in _elements(parts.text(_WORKBOOK), "sheet"):
        (relation_id,) = (
            value for key, value in element.items() if key.rpartition("}")[2] == "id" and key != "id"
        )
        names.append(element.get("name", ""))
        found = paths.get(relation_id)
        if found is not None:  # else it is a chart
            sheets.append((names[-1], found, element.get("state", "visible") == "visible"))
    if len(set(names)) != len(names):
        raise refusal("two sheets of the file have one name", _SAVE_REMEDY)
    for name, path, is_visible in sheets:
        if name == wanted or (wanted is None and is_visible):
            return name, path
    shown = ", ".join(masked_text(name) for name, _, _ in sheets)
    if wanted is None:
        raise refusal("the file has no visible sheet", "show the sheet with the roster")
    raise refusal(f"the file has no sheet {masked_text(wanted)!r}", f"the sheets are: {shown}")


def _elements(text: str, name: str) -> Iterator[ET.Element]:
    """Yield the elements with this name, whatever their prefix and their place: so does the reader."""
    root = ET.fromstring(text)  # noqa: S314 - a document type is refused before, so no entities
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


class _Cells:
    """The addresses of the cells of a sheet, from its pieces."""

    def __init__(self) -> None:
        self.unreadable: Final[dict[_Place, Unreadable]] = {}
        self.count = 0
        self._rest = b""
        self._last_row = 0
        """The highest number of a row in an attribute."""
        self._rows_without_number = 0
        """Each of them can be one row below the last one."""
        self._last_column = 0

    def add(self, piece: bytes) -> None:
        """Read the rows that end in *piece*; the last one may continue in the next piece."""
        if b"\0" in piece:
            raise refusal("the sheet is not in UTF-8", _SAVE_REMEDY)
        data = self._rest + piece
        end = data.rfind(b"row>") + 4
        if end < len(b"row>"):
            end = max(data.rfind(b"<"), 0)
        self._rest = data[end:]
        if len(self._rest) > _LONGEST_ROW:
            raise refusal("a row of the sheet is too long", _SAVE_REMEDY)
        self._read(data[:end])

    def end(self) -> None:
        """Read the last row."""
        self._read(self._rest)

    def _read(self, data: bytes) -> None:
        addresses: list[tuple[bytes, bytes]] = _ADDRESS.findall(data)
        rows = {row for _, row in addresses}
        self._last_row = max(self._last_row, max(map(int, rows), default=0))
        for column in {column for column, _ in addresses} - {b""}:
            self._add_column(column)
        if not _is_usual(data, b"row", _USUAL_ROW):
            numbers = sum(not column for column, _ in addresses)
            self._rows_without_number += max(0, len(_ROW.findall(data)) - numbers)
        if _is_usual(data, b"c", _USUAL_CELL):
            self.count += data.count(_USUAL_CELL)
        else:
            self.count += len(_CELL.findall(data))
            self._add_cells_without_address(data)
        self._check_size()
        self._find_unreadable(data)

    def _add_column(self, letters: bytes) -> None:
        if len(letters) > _LONGEST_LETTERS:
            raise _far("XFD or a later one")
        index = index_of(letters.decode("ascii"))
        self._last_column = max(self._last_column, index)
        if index >= limits.MOST_COLUMNS:
            raise _far(letter_of(index))

    def _add_cells_without_address(self, data: bytes) -> None:
        if len(_CELL.findall(data)) == len(_CELL_WITH_ADDRESS.findall(data)):
            return
        # None of the cells of a row can be further to the right than their number.
        self._last_column += max(len(_CELL.findall(row)) for row in _ROW.split(data))
        if self._last_column >= limits.MOST_COLUMNS:
            raise _far(letter_of(self._last_column))

    def _check_size(self) -> None:
        rows = self._last_row + self._rows_without_number
        if rows > limits.MOST_ROWS:
            raise refusal(
                f"the sheet has a row {rows:,}, and a roster has at most {limits.MOST_ROWS:,} rows",
                "delete the rows below the data, or split the file",
            )
        if rows * (self._last_column + 1) > limits.MOST_CELLS:
            raise refusal(
                f"the sheet has more than {limits.MOST_CELLS:,} cells, blank ones included",
                "delete the columns that are not needed, or split the file",
            )

    def _find_unreadable(self, data: bytes) -> None:
        if b'"e"' in data or b"'e'" in data:
            for found in _ERROR.finditer(data):
                self._add_unreadable(found[0], "the cell shows an error, for example #N/A")
        if b"<f" in data or b":f" in data:
            starts = [found.start() for found in _CELL.finditer(data)]
            for found in _NO_RESULT.finditer(data):
                start = starts[max(0, bisect_left(starts, found.start()) - 1)] if starts else 0
                cell = data[start : found.start()]
                if found[1] is None or _TEXT_RESULT.match(cell) is None:
                    self._add_unreadable(cell, "the cell has a formula without a stored result")

    def _add_unreadable(self, cell: bytes, problem: str) -> None:
        found = _ADDRESS.search(cell)
        if found is None or not found[1]:
            raise refusal("the sheet has errors in cells without an address", _SAVE_REMEDY)
        if len(self.unreadable) >= _MOST_UNREADABLE:
            raise refusal(f"more than {_MOST_UNREADABLE:,} cells have no value", _RESULT_REMEDY)
        place = int(found[2]), index_of(found[1].decode("ascii"))
        self.unreadable[place] = Unreadable(problem, _RESULT_REMEDY)


def _is_usual(data: bytes, tag: bytes, usual: bytes) -> bool:
    """Return whether each *tag* is written in the usual form, in which its first attribute is `r`."""
    if data.count(b"<" + tag + b" ") != data.count(usual) or b":" + tag in data:
        return False
    return not any(b"<" + tag + ending in data for ending in (b">", b"/", b"\t", b"\n", b"\r"))


def _far(column: str) -> RosterError:
    last = letter_of(limits.MOST_COLUMNS - 1)
    return refusal(
        f"the sheet has a cell in column {column}, and a roster ends at column {last}",
        "delete the columns to the right of the data, or copy the data to a new sheet",
    )
