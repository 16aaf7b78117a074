"""
A roster of many shops, applied from an XLSX file; then the same roster in other spellings changes nothing.

`nox -s rosters` runs it with 10,000 employees of 20 shops.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - it has no types

from etelecom_async._core.suggestions import plain_letters
from etelecom_async.provisioning import CredentialsFile
from tests.cli.conftest import Office, new_office

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox

SHOPS, EMPLOYEES = (int(number) for number in os.environ.get("ROSTER_SIZE", "4x6").split("x"))
"""Number of shops, and number of employees of each."""
FIRST: Final = 1001
ENGLISH: Final = ("shop", "full_name", "phone", "extension", "hotline")
VIETNAMESE: Final = ("Cửa hàng", "Họ tên", "Số điện thoại", "Máy nhánh", "Hotline")


@attrs.frozen(kw_only=True)
class Employee:
    """A row of the roster."""

    office: Office
    full_name: str
    phone: str
    extension: int

    @property
    def cells(self) -> tuple[object, ...]:
        """The row as a person would write it."""
        return self.office.name, self.full_name, self.phone, self.extension, self.office.hotline


def decomposed(text: object) -> str:
    """Return the text with its accents as letters of their own, as macOS writes file names."""
    return unicodedata.normalize("NFD", str(text))


def respelled(**cells: Callable[[Employee], object]) -> Callable[[Employee], tuple[object, ...]]:
    """Return a function that writes a row with some cells in another spelling."""
    return lambda employee: tuple(
        cells[name](employee) if name in cells else cell
        for name, cell in zip(ENGLISH, employee.cells, strict=True)
    )


SPELLINGS: Final[Mapping[str, Callable[[Employee], tuple[object, ...]]]] = MappingProxyType(
    {
        "international phones": respelled(phone=lambda row: f"+84{row.phone[1:]}"),
        "phones with a country code": respelled(phone=lambda row: f"84{row.phone[1:]}"),
        "phones without their zeros": respelled(phone=lambda row: int(row.phone)),
        "phones as decimal numbers": respelled(phone=lambda row: float(row.phone)),
        "phones in groups": respelled(phone=lambda row: f"{row.phone[:4]} {row.phone[4:7]} {row.phone[7:]}"),
        "phones with dots": respelled(phone=lambda row: f"{row.phone[:4]}.{row.phone[4:7]}.{row.phone[7:]}"),
        "phones with brackets": respelled(
            phone=lambda row: f"(+84)\N{NO-BREAK SPACE}{row.phone[1:4]}-{row.phone[4:]}"
        ),
        "extensions as texts": respelled(extension=lambda row: str(row.extension)),
        "extensions as decimal numbers": respelled(extension=lambda row: float(row.extension)),
        "extensions with blanks": respelled(extension=lambda row: f" {row.extension}\N{NO-BREAK SPACE}"),
        "decomposed names": respelled(full_name=lambda row: decomposed(row.full_name)),
        "blanks in names": respelled(full_name=lambda row: f"  {row.full_name.replace(' ', '  ')}\t"),
        "decomposed shops": respelled(shop=lambda row: decomposed(row.office.name)),
        "shops in capitals": respelled(shop=lambda row: row.office.name.upper()),
        "shops without accents": respelled(shop=lambda row: plain_letters(row.office.name)),
        "shops by id": respelled(shop=lambda row: row.office.shop_id),
        "blanks around everything": lambda row: tuple(f" {cell} " for cell in row.cells),
        "hotlines without their zeros": respelled(hotline=lambda row: int(row.office.hotline)),
        "hotlines by id": respelled(hotline=lambda row: row.office.hotline_id),
        "hotlines by name": respelled(hotline=lambda _: decomposed("MỘT")),
        "no hotlines": respelled(hotline=lambda _: ""),
    }
)


def write_xlsx(path: Path, headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    """Write a spreadsheet: texts as texts, numbers as numbers."""
    book: Any = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate([headings, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, cell)
    book.close()
    return path


def write_csv(
    path: Path, headings: tuple[str, ...], rows: list[tuple[object, ...]], encoding: str, delimiter: str
) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([headings, *rows])
    return path


async def make_offices(service: Sandbox) -> list[Office]:
    """Make the shops."""
    return [await new_office(service, f"Tiệm Bánh Đặng {place:02}") for place in range(SHOPS)]


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
def test_roster(etl: Any, service: Sandbox, tmp_path: Path) -> None:
    """The plan of an XLSX file is applied; then there is nothing to do, however the roster is spelled."""
    offices = asyncio.run(make_offices(service))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({office.shop_id: office.key for office in offices}), encoding="utf-8")
    keys.chmod(0o600)
    employees = [
        Employee(
            office=office,
            full_name=f"Nguyễn Thị Đỗ {place}",
            phone=f"0907{shop * EMPLOYEES + place:06}",
            extension=FIRST + place,
        )
        for shop, office in enumerate(offices)
        for place in range(EMPLOYEES)
    ]
    rows = [employee.cells for employee in employees]

    def run(word: str, file: Path, *arguments: str, code: int = 0) -> Any:
        line = ("provision", word, str(file), "--shop-keys", str(keys), "--json", "--quiet", *arguments)
        ended = etl(*line)
        assert (ended.code, ended.err) == (code, ""), file.name
        return json.loads(ended.out)

    file = write_xlsx(tmp_path / "roster.xlsx", VIETNAMESE, rows)
    plan = run("plan", file, "--detailed-exitcode", code=3)
    assert (plan["changes"], plan["problems"]) == (2 * len(rows), [])
    nothing = {"failed": 0, "unknown": 0, "skipped": 0, "blocked": 0}
    assert run("apply", file, "--yes") == {"done": 2 * len(rows), **nothing}
    assert len(CredentialsFile.read(f"{file}.credentials")) == 2 * len(rows)
    files = [file]
    for name, spelling in SPELLINGS.items():
        files.append(write_xlsx(tmp_path / f"{name}.xlsx", ENGLISH, [spelling(each) for each in employees]))
    capitals = tuple(decomposed(heading).upper() for heading in VIETNAMESE)
    files += [
        write_csv(tmp_path / "utf-16.csv", capitals, rows, "utf-16", ";"),
        write_csv(tmp_path / "old.csv", ENGLISH, [tuple(map(old, row)) for row in rows], "cp1258", "\t"),
    ]
    for spelled in files:
        plan = run("plan", spelled, "--detailed-exitcode")
        found = plan["changes"], plan["problems"], plan["orphans"], plan["unchanged"]
        assert found == (0, [], [], len(rows)), spelled.name


def old(cell: object) -> str:
    """Return a text as the old Vietnamese encoding has it: the five tones are marks after their letters."""
    return "".join(map(old_letter, str(cell)))


def old_letter(letter: str) -> str:
    """Return a letter with its tone as a mark after it."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = unicodedata.normalize("NFD", letter)
    tone = next((part for part in parts if part in tones), "")
    return unicodedata.normalize("NFC", parts.replace(tone, "")) + tone
