"""
Measure the texts of an XLSX file, which are in a table of their own.

A cell refers to its text by a number, and the reader copies the text for each cell. So a small file, with one
long text in very many cells, would take all memory.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Final
from xml.parsers import expat

from etelecom_async.provisioning import limits
from etelecom_async.provisioning.mistakes import refusal

_TEXT: Final = "si"
_DEPTH: Final = 2
"""Depth of the texts: the root of the table has them as its children."""
_TEXT_START: Final = b"<si>"
_TEXT_END: Final = b"</si>"
_LONGEST: Final = 2**20
# A text without tags inside cannot be read in two ways.
_HEADER: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^<>]*\?>)?\s*<sst(?:\s[^<>]*)?>\s*")
_USUAL: Final = re.compile(rb'(?:<si><t(?: xml:space="preserve")?>[^<]*+</t></si>\s*+)*+')
_FOOTER: Final = re.compile(rb"\s*</sst>\s*")
_REFERENCE: Final = re.compile(rb'<c [^<>]*\bt="s"[^<>]*><v>(\d{1,9})</v></c>')
_ANY_REFERENCE: Final = re.compile(rb"""\bt\s*=\s*["']s["']""")
_END: Final = b"</c>"


class UsualTexts:
    """The lengths of the texts in a table without formats, which is the usual one; see `TextLengths`."""

    def __init__(self) -> None:
        self._lengths: Final = array("Q")
        self._rest: bytes = b""
        self._has_begun = False
        self._is_usual = True

    def add(self, piece: bytes) -> None:
        """
        Read a piece of the table.

        Raises:
            RosterError: The table has too many texts.
        """
        if not self._is_usual:
            return
        data = self._rest + piece
        end = data.rfind(_TEXT_END) + len(_TEXT_END)
        if end < len(_TEXT_END):
            self._rest = data
            self._is_usual = len(data) < _LONGEST
            return
        start = 0 if self._has_begun else max(data.find(_TEXT_START), 0)
        self._is_usual = (self._has_begun or _HEADER.fullmatch(data, 0, start) is not None) and (
            _USUAL.fullmatch(data, start, end) is not None
        )
        self._has_begun = True
        self._lengths.extend(map(len, data[start:end].split(_TEXT_START)[1:]))
        self._rest = data[end:]
        _check_count(self._lengths)

    def end(self) -> Sequence[int] | None:
        """Return the lengths, in the order of the table; `None` if the table has another form."""
        is_usual = self._is_usual and (not self._rest or _FOOTER.fullmatch(self._rest) is not None)
        return self._lengths if is_usual else None


class TextLengths:
    """
    The lengths of the texts in the table, from its pieces.

    A length is that of the bytes with all tags, so a text has no more. `UsualTexts` is ten times as fast.
    """

    def __init__(self) -> None:
        self._lengths: Final = array("Q")
        self._depth = 0
        self._start = 0
        # The reader does not go by the encoding that the file states.
        self._parser: Final = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        self._parser.StartDoctypeDeclHandler = self._refuse

    def add(self, piece: bytes) -> None:
        """
        Read a piece of the table.

        Raises:
            RosterError: The table has an unusual form, or too many texts.
            ExpatError: It is no XML.
        """
        self._parser.Parse(piece)

    def end(self) -> Sequence[int]:
        """Return the lengths, in the order of the table."""
        return self._lengths

    def _begin(self, name: str, _: object) -> None:
        self._depth += 1
        if name.rpartition(":")[2] == _TEXT:
            if self._depth != _DEPTH:  # the reader would count other texts
                self._refuse()
            self._start = self._parser.CurrentByteIndex

    def _finish(self, name: str) -> None:
        self._depth -= 1
        if name.rpartition(":")[2] == _TEXT:
            self._lengths.append(self._parser.CurrentByteIndex - self._start)
            _check_count(self._lengths)

    def _refuse(self, *_: object) -> None:
        raise refusal(
            "the texts of the XLSX file have an unusual form",
            "open it in a spreadsheet program, and save it as .xlsx",
        )


def _check_count(lengths: Sequence[int]) -> None:
    if len(lengths) > limits.MOST_CELLS:
        raise refusal(f"the XLSX file has more than {limits.MOST_CELLS:,} texts", limits.ROWS_REMEDY)


class References:
    """
    The texts to which the cells of a sheet refer, from its pieces.

    Args:
        lengths: The lengths of the texts.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths: Final = lengths
        self._counts: Final[Counter[int]] = Counter()
        self._others = 0
        """Cells that refer to a text in an unusual form: it may be the longest text."""
        self._rest: bytes = b""

    def add(self, piece: bytes) -> None:
        """Read the cells that end in *piece*; the last one may continue in the next piece."""
        data = self._rest + piece
        end = data.rfind(_END) + len(_END)
        if end < len(_END):
            end = max(data.rfind(b"<c"), data.rfind(b"<") if b"<c" not in data else 0, 0)
        self._rest = data[end:]
        self._read(data[:end])

    def end(self) -> int:
        """Return the bytes of the texts of all cells, at most."""
        self._read(self._rest)
        lengths = self._lengths
        known = sum(count * lengths[n] for n, count in self._counts.items() if n < len(lengths))
        return known + self._others * max(self._lengths, default=0)

    def _read(self, data: bytes) -> None:
        found = _REFERENCE.findall(data)
        self._counts.update(map(int, found))
        self._others += len(_ANY_REFERENCE.findall(data)) - len(found)
