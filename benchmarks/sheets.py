"""
Write spreadsheets to read, as Excel writes them: texts in a table of their own, numbers as numbers.

    python -m benchmarks.sheets READER|WRITER FILE

The command reads or writes a file in a fresh process. Its time and its memory are those of the reader.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from benchmarks.sides import expect

ROWS: Final = 50_000
"""Rows of a usual sheet, with its headings."""
TOO_MANY: Final = 1_000_000
_LETTERS: Final = "ABCDEFGH"
_HEADINGS: Final = ("shop", "full_name", "phone", "extension", "hotline", "email", "note", "start")
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"


def write_usual(path: Path) -> None:
    """Write a sheet of 50,000 rows and 8 columns, two of them numbers."""
    _write(path, _rows())


def write_long(path: Path) -> None:
    """Write a sheet of a million rows with a phone number each."""
    _write(
        path, chain([(1, {"A": "phone"})], ((row, {"A": 901_000_000 + row}) for row in range(2, TOO_MANY)))
    )


def write_far(path: Path) -> None:
    """Write a sheet with a cell in the first and in the last row and column."""
    _write(path, iter([(1, {"A": "phone"}), (1_048_576, {"XFD": "x"})]))


def write_long_csv(path: Path) -> None:
    """Write a CSV file of a million rows with a phone number and a name each."""
    with path.open("w", encoding="utf-8") as file:
        file.write("phone,full_name\n")
        file.writelines(f"09{row:08},Nguyễn Văn An\n" for row in range(TOO_MANY))


def _rows() -> Iterator[tuple[int, Mapping[str, object]]]:
    yield 1, dict(zip(_LETTERS, _HEADINGS, strict=True))
    for row in range(2, ROWS + 1):
        values = (
            *(f"Cửa hàng {row % 20}", f"Nguyễn Văn {row}", f"09{row:08}", 1000 + row),
            *("02873001234", f"nv{row}@example.com", "Ca sáng", 45_000 + row % 365),
        )
        yield row, dict(zip(_LETTERS, values, strict=True))


def _write(path: Path, rows: Iterator[tuple[int, Mapping[str, object]]]) -> None:
    texts: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            file.write(f"<worksheet {_MAIN}><sheetData>".encode())
            for row, cells in rows:
                line = "".join(_cell(f"{letters}{row}", value, texts) for letters, value in cells.items())
                file.write(f'<row r="{row}">{line}</row>'.encode())
            file.write(b"</sheetData></worksheet>")
        shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}.sharedStrings+xml"/></Types>',
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="Staff" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations(
                ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
            ),
            "xl/sharedStrings.xml": f'<sst {_MAIN} uniqueCount="{len(texts)}">{shared}</sst>',
        }
        for name, text in parts.items():
            archive.writestr(name, text)


def _cell(address: str, value: object, texts: dict[str, int]) -> str:
    if isinstance(value, int):
        return f'<c r="{address}"><v>{value}</v></c>'
    return f'<c r="{address}" t="s"><v>{texts.setdefault(str(value), len(texts))}</v></c>'


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def read_ours(path: Path) -> None:
    """Read the rows of a sheet with the SDK: the scan and the reader."""
    from etelecom_async.provisioning.xlsx_files import read_xlsx

    with path.open("rb") as file:
        expect(sum(len(row.cells) for row in read_xlsx(file, None)), ROWS * len(_LETTERS))


def read_openpyxl(path: Path) -> None:
    """Read the rows of a sheet with openpyxl, in its mode for large files."""
    openpyxl: Any = import_module("openpyxl")  # it has no types
    book = openpyxl.load_workbook(path, read_only=True)
    expect(sum(len(row) for row in book.active.iter_rows(values_only=True)), ROWS * len(_LETTERS))
    book.close()


def refuse(path: Path) -> None:
    """Read a file that is too large for a roster, and expect one line."""
    from etelecom_async.errors import RosterError
    from etelecom_async.provisioning import Roster

    try:
        Roster.read(path, default_shop="A")
    except RosterError as error:
        expect(len(error.mistakes), 1)
        expect(any(word in str(error) for word in ("rows", "column")), wanted=True)
    else:
        raise RuntimeError("the file was not refused")


def load(_: Path) -> None:
    """Import everything that reading needs, and read nothing."""
    for name in ("openpyxl", "etelecom_async.provisioning.roster", "etelecom_async.provisioning.xlsx_files"):
        import_module(name)


READERS: Final[Mapping[str, Callable[[Path], None]]] = MappingProxyType(
    {"ours": read_ours, "openpyxl": read_openpyxl, "refuse": refuse, "load": load}
)
WRITERS: Final[Mapping[str, Callable[[Path], None]]] = MappingProxyType(
    {"usual": write_usual, "far": write_far, "long": write_long, "long-csv": write_long_csv}
)

if __name__ == "__main__":
    if sys.argv[1] in ("ours", "openpyxl"):
        load(Path())  # the readers then differ by what they read, and not by what they import
    {**READERS, **WRITERS}[sys.argv[1]](Path(sys.argv[2]))
    print("done")
