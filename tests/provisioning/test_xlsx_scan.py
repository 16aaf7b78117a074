"""Files that would abort the reader, or take too much memory, are refused before it opens them."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.xlsx_scan import Scan, scan

Parts = Callable[..., dict[str, str | bytes]]
Zipped = Callable[[dict[str, str | bytes]], bytes]
Xlsx = Callable[..., bytes]
SHEET = "xl/worksheets/sheet1.xml"


def scanned(content: bytes, sheet: str | None = None) -> Scan:
    """Scan the bytes of a file."""
    return scan(io.BytesIO(content), sheet)


def refused(content: bytes, sheet: str | None = None) -> str:
    """Return the text of the error; it is one line."""
    with pytest.raises(RosterError) as caught:
        scanned(content, sheet)
    assert len(caught.value.mistakes) == 1
    return str(caught.value)


FAR = {
    "the last cell": '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>',
    "a far column": '<row r="1"><c r="IW1"/></row>',
    "a column beyond all": '<row r="1"><c r="AAAAAAAAA9"/></row>',
    "a column of a million letters": f'<row r="1"><c r="{"A" * 10**6}9"/></row>',
    "a far row": '<row r="100001"><c r="A100001"/></row>',
    "a far cell of a near row": '<row r="1"><c r="A100001"/></row>',
    "a far row of cells without addresses": '<row r="100001"><c><v>1</v></c></row>',
    "rows without numbers after a far one": '<row r="100000"><c r="A100000"/></row><row><c/></row>',
    "many cells without addresses": f"<row>{'<c/>' * 300}</row>",
    "addresses that do not belong to cells": "<row r='1'>" + '<c/><x r="A1"/>' * 300 + "</row>",
    "a large area": '<row r="1"><c r="IV1"/></row><row r="90000"><c r="A90000"/></row>',
    "small letters": '<row r="1"><c r="iw1"/></row>',
    "quotes and white space": "<row r = '1'><c\nr\t=\n'IW1'/></row>",
    "a bracket in an attribute": '<row r="1"><c s=">" r="IW1"/></row>',
    "an end of a row in an attribute": '<row r="1"><c s="row>" r="IW1"/></row>',
    "a prefix": '<x:row xmlns:x="a" r="1"><x:c r="IW1"/></x:row>',
    "leading zeros": f'<row r="{"0" * 30}100001"/>',
    "only rows": "".join(f'<row r="{number}"/>' for number in range(1, 100_002)),
}


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR)
def test_a_far_cell_is_refused(xlsx: Xlsx, rows: str) -> None:
    """However the cell is written, the file is refused by one line that says what to do."""
    text = refused(xlsx(rows))
    assert any(word in text for word in ("column", "rows", "cells"))
    assert "; delete " in text


def test_near_cells_are_accepted(xlsx: Xlsx) -> None:
    """The last row and the last column that a roster may have, and cells without addresses."""
    scanned(xlsx('<row r="100000"><c r="AN100000"><v>1</v></c></row>'))
    scanned(xlsx('<row r="1"><c r="IV1"><v>1</v></c></row>'))
    scanned(xlsx("<row><c><v>1</v></c><c><v>2</v></c></row>" * 100))
    scanned(xlsx('<row spans="1:2" r="1"><c s="1" r="A1"/><c s="1" r="B1"/></row>'))


def test_million_rows_are_refused_after_a_part(xlsx_parts: Parts, zipped: Zipped) -> None:
    """The scan stops at the first row too many: the end of the sheet is not even readable."""
    rows = "".join(f'<row r="{number}"><c r="A{number}"/></row>' for number in range(1, 110_000))
    parts = xlsx_parts(rows + "x" * 2**20)
    content = zipped(parts)
    place = content.index(b"xl/worksheets") - 30
    size = struct.unpack("<I", content[place + 18 : place + 22])[0]
    broken = content[: place + 30 + size // 2 * 2 - 64] + bytes(64) + content[place + 30 + size // 2 * 2 :]
    assert "at most 100,000 rows" in refused(broken)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the limit of unpacked bytes small."""
    monkeypatch.setattr(limits, "MOST_UNPACKED", 2**20)
    return iter(())


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml"])
def test_unpacked_size(xlsx_parts: Parts, zipped: Zipped, part: str) -> None:
    """The real size counts, and not the size that the file states."""
    parts = xlsx_parts("")
    parts[part] = f"<a>{' <b/>' * 2**18}</a>"
    content = zipped(parts)
    assert "more than 1 MiB" in refused(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<I", archive.getinfo(part).file_size)
    assert "more than 1 MiB" in refused(content.replace(size, struct.pack("<I", 10)))


@pytest.mark.parametrize("name", ["count", "uniqueCount"])
@pytest.mark.parametrize("value", ["99999999999", "9" * 40, "+99999999"])
def test_a_stated_count_is_not_believed(xlsx_parts: Parts, zipped: Zipped, name: str, value: str) -> None:
    """The reader allocates memory for the count: the process would end."""
    parts = xlsx_parts("")
    parts["xl/sharedStrings.xml"] = f'<sst a="{"x" * 2**18}" {name} = "{value}"><si><t>a</t></si></sst>'
    assert "a count that is too large" in refused(zipped(parts))
    parts["xl/sharedStrings.xml"] = f'<sst {name}="0100000"><si><t>a</t></si></sst>'
    scanned(zipped(parts))


def test_cells_without_a_value(xlsx: Xlsx) -> None:
    """The reader gives no text for errors and for formulas without a result: their addresses are found."""
    rows = (
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><f>X()</f></c><c r="C2"><f>X()</f><v></v></c>'
        '<c r="D2"><f t="shared" si="0"/><v/></c><c r="E2"><f>X()</f><v>7</v></c><c r="F2" s="1"/></row>'
        "<row r='3'><c t='e' r='A3'><v>#REF!</v></c></row>"
    )
    found = scanned(xlsx(rows)).unreadable
    assert sorted(found) == [(2, 0), (2, 1), (2, 2), (2, 3), (3, 0)]
    assert "shows an error" in found[2, 0].problem
    assert "formula" in found[2, 3].problem


def test_a_formula_with_an_empty_text(xlsx: Xlsx) -> None:
    """A formula such as `=IF(A2="","",A2)` has a result, which is empty: spreadsheet programs write it so."""
    rows = (
        '<row r="2"><c r="A2" t="str"><f>X()</f><v></v></c><c r="B2" s="1" t=\'str\'><f>X()</f><v/></c>'
        '<c r="C2" t="str"><f>X()</f></c></row>'
    )
    assert sorted(scanned(xlsx(rows)).unreadable) == [(2, 2)]


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c" + ' t="e"' * 10**5 + "<",
        f'<row r="1"><c r="A1"><f/>{" " * 10**6}x</c></row>',
        f'<row r="1"><c r="A1"><f>1</f><v>{" " * 10**6}x</v></c></row>',
    ],
)
def test_patterns_do_not_backtrack(xlsx: Xlsx, rows: str) -> None:
    """Such a row would take hours if the time grew with the square of its size."""
    assert scanned(xlsx(rows)).unreadable == {}


def test_errors_without_addresses(xlsx: Xlsx) -> None:
    """An error that cannot be located would be read as a blank cell."""
    assert "without an address" in refused(xlsx('<row><c t="e"><v>#N/A</v></c></row>'))


def test_too_many_errors(xlsx: Xlsx) -> None:
    """The memory for errors is limited."""
    cells = "".join(f'<c r="A{number}" t="e"><v>#N/A</v></c>' for number in range(1, 10_002))
    assert "more than 10,000 cells have no value" in refused(xlsx(f'<row r="1">{cells}</row>'))


def test_the_sheet(xlsx: Xlsx) -> None:
    """The first visible sheet, or the one with a name; names that do not exist are answered with a list."""
    content = xlsx('<row r="1"/>', Other='<row r="2"/>')
    assert scanned(content).sheet == "Staff"
    assert scanned(content, "Other").sheet == "Other"
    assert "the sheets are: Staff, Other" in refused(content, "Others")


def test_hidden_sheets(xlsx_parts: Parts, zipped: Zipped) -> None:
    """A hidden sheet is read only by its name."""
    parts = xlsx_parts("", hidden="")
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('state="visible"', 'state="veryHidden"')
    assert "no visible sheet" in refused(zipped(parts))
    assert scanned(zipped(parts), "hidden").sheet == "hidden"


def test_only_the_sheet_that_is_read_counts(xlsx: Xlsx) -> None:
    """Another sheet may have cells anywhere."""
    scanned(xlsx('<row r="1"/>', Other='<row r="1048576"><c r="XFD1048576"/></row>'))


def test_a_chart_is_no_sheet(xlsx_parts: Parts, zipped: Zipped) -> None:
    """A sheet that is a chart has no rows."""
    parts = xlsx_parts("", Other="")
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = str(parts[name]).replace("/worksheet", "/chartsheet", 1)
    assert scanned(zipped(parts)).sheet == "Other"


@pytest.mark.parametrize(
    ("part", "old", "new", "problem"),
    [
        (SHEET, "<sheetData>", "<sheetData>\0", "not in UTF-8"),
        (SHEET, "<sheetData>", f"<sheetData>{'x' * 5 * 2**20}", "a row of the sheet is too long"),
        ("xl/workbook.xml", "<workbook", "<!DOCTYPE a><workbook", "an unusual form"),
        ("xl/workbook.xml", "<sheets>", "<sheets", "is damaged"),
        ("xl/workbook.xml", ' r:id="rId1"', "", "is damaged"),
        ("xl/workbook.xml", 'name="Other"', 'name="Staff"', "two sheets of the file have one name"),
        ("xl/workbook.xml", "<sheets>", f"<sheets>{' ' * 2**20}", "a list of sheets that is too long"),
        ("xl/_rels/workbook.xml.rels", "sheet1", "sheet9", "lacks a part"),
    ],
)
def test_unusual_parts(
    xlsx_parts: Parts, zipped: Zipped, *, part: str, old: str, new: str, problem: str
) -> None:
    """Parts that two programs could read differently are refused."""
    parts = xlsx_parts("", Other="")
    parts[part] = str(parts[part]).replace(old, new)
    assert problem in refused(zipped(parts))


def relation(number: str, target: str, *, kind: str = "worksheet", tag: str = "Relationship") -> str:
    """Return a relation of a workbook."""
    return f'<{tag} Id="rId{number}" Type="a/{kind}" Target="worksheets/{target}"/>'


FAR_SHEET = f"<worksheet><sheetData>{FAR['the last cell']}</sheetData></worksheet>"
OTHERS = {
    "two relations of one id": relation("1", "sheet1.xml") + relation("1", "far.xml", kind="chartsheet"),
    "an element of another name": relation("1", "sheet1.xml", tag="a") + relation("1", "far.xml"),
    "a relation inside of another": f"<a>{relation('1', 'far.xml')}</a>",
    "an entity": relation("1", "sheet1&#46;xml"),
}


@pytest.mark.parametrize("relations", OTHERS.values(), ids=OTHERS)
def test_the_sheet_that_the_reader_takes(xlsx_parts: Parts, zipped: Zipped, relations: str) -> None:
    """The scan and the reader could take different sheets: then the far cell would be read."""
    parts = xlsx_parts('<row r="1"/>')
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{relations}</Relationships>"
    parts["xl/worksheets/far.xml"] = parts["xl/worksheets/sheet1&#46;xml"] = FAR_SHEET
    assert any(word in refused(zipped(parts)) for word in ("an unusual form", "a cell in column XFD"))


def test_a_chart_with_the_name_of_a_sheet(xlsx_parts: Parts, zipped: Zipped) -> None:
    """The reader goes by the name, and a chart for the scan may be a sheet for the reader."""
    parts = xlsx_parts('<row r="1"/>', Other="")
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('name="Other"', 'name="Staff"')
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = str(parts[name]).replace("/worksheet", "/chartsheet", 1)
    assert "two sheets of the file have one name" in refused(zipped(parts))


def test_a_part_with_two_names(xlsx_parts: Parts) -> None:
    """Some readers take the name in the extra field; Python does so since 3.12."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in xlsx_parts('<row r="1"/>').items():
            archive.writestr(name, text)
        other = zipfile.ZipInfo("docProps/far.xml")
        field = struct.pack("<BL", 1, zlib.crc32(b"docProps/far.xml")) + SHEET.encode()
        usual = struct.pack("<HHL", 0x5455, 4, 0)
        other.extra = usual + struct.pack("<HH", 0x7075, len(field)) + field
        archive.writestr(other, FAR_SHEET)
    assert re.search(r"a part with two names|two parts of one name", refused(content.getvalue()))


def test_other_bytes_around_the_archive(xlsx: Xlsx) -> None:
    """Two readers could find different lists of parts; a list in the form of 64 bits is a usual one."""
    content = xlsx('<row r="1"/>')
    end = content.rindex(b"PK\5\6")
    length, start = struct.unpack("<LL", content[end + 12 : end + 20])
    assert "is damaged" in refused(b"PK\3\4" + content)
    assert "is damaged" in refused(content + b"\n")
    assert "is damaged" in refused(content[:end] + bytes(4) + content[end:])
    assert "is damaged" in refused(content[:10])
    record = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 6, 6, length, start)
    for place, expected in ((end, ""), (start, "is damaged")):
        locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
        long = content[:end] + record + locator + content[end:]
        if expected:
            assert expected in refused(long)
        else:
            assert scanned(long).sheet == "Staff"


def test_a_long_list_of_parts(xlsx_parts: Parts, zipped: Zipped) -> None:
    """The list is not read if it is too long."""
    parts = xlsx_parts("") | {f"{number}{'x' * 65_000}": "" for number in range(70)}
    assert "more than 10,000 parts" in refused(zipped(parts))


def test_places_outside_of_the_file(xlsx: Xlsx) -> None:
    """The list of parts names a place at which there is nothing."""
    content = xlsx('<row r="1"/>')
    entry = next(
        place
        for place in range(len(content))
        if content[place : place + 4] == b"PK\1\2" and content[place + 46 :].startswith(b"xl/workbook.xml")
    )
    for place in (len(content) - 5, 2**32 - 2):
        moved = content[: entry + 42] + struct.pack("<L", place) + content[entry + 46 :]
        assert "is damaged" in refused(moved)


def test_one_text_in_many_cells(monkeypatch: pytest.MonkeyPatch, xlsx_parts: Parts, zipped: Zipped) -> None:
    """The reader copies a text for each cell, so a small file could take all memory."""
    monkeypatch.setattr(limits, "MOST_UNPACKED", 2**20)
    cells = [f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(1, 100)]
    parts = xlsx_parts("".join(cells))
    parts["xl/sharedStrings.xml"] = f"<sst><si><t>{'x' * 30_000}</t></si><si><t>Lan</t></si></sst>"
    assert "more than 1 MiB after unpacking" in refused(zipped(parts))
    texts = str(parts["xl/sharedStrings.xml"]).replace("</sst>", "<a/></sst>")
    assert "more than 1 MiB after unpacking" in refused(zipped({**parts, "xl/sharedStrings.xml": texts}))
    parts[SHEET] = str(parts[SHEET]).replace("<v>0<", "<v>1<").replace("<v>1<", "<v>0<", 1)
    assert scanned(zipped(parts)).sheet == "Staff"


def test_absolute_paths(xlsx_parts: Parts, zipped: Zipped) -> None:
    """Some programs write the whole path of a sheet."""
    parts = xlsx_parts("")
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = str(parts[name]).replace("worksheets/", "/xl/worksheets/")
    assert scanned(zipped(parts)).sheet == "Staff"


def test_no_workbook(zipped: Zipped, xlsx_parts: Parts) -> None:
    """Another archive, and an archive with two parts of one name."""
    assert "no XLSX file" in refused(zipped({"a.txt": "a"}))
    assert "two parts of one name" in refused(zipped({**xlsx_parts(""), "XL/workbook.xml": ""}))
    assert "more than 10,000 parts" in refused(zipped({str(number): "" for number in range(10_001)}))


def test_damaged_files(xlsx: Xlsx) -> None:
    """A cut or changed file is refused, and so is another method of compression."""
    content = xlsx('<row r="1"/>')
    assert "is damaged" in refused(content[:-30])
    header = content.index(b"PK\3\4", 4)
    assert "is damaged" in refused(content[:header] + b"XX" + content[header + 2 :])
    central = content.index(b"PK\1\2")
    for method in (12, 99):
        parts = content[central:].replace(b"\x00\x00\x08\x00", struct.pack("<HH", 0, method))
        assert "is damaged" in refused(content[:central] + parts)
    encrypted = content[central:].replace(b"\x00\x00\x08\x00", b"\x01\x00\x08\x00")
    assert "protected by a password" in refused(content[:central] + encrypted)


def test_a_cut_part(xlsx: Xlsx) -> None:
    """A part that ends before its stated size."""
    content = xlsx('<row r="1"/>')
    central = content.index(b"PK\1\2")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).compress_size
    longer = content[central:].replace(struct.pack("<I", size), struct.pack("<I", 2**24))
    assert "is damaged" in refused(content[:central] + longer)


def test_stored_parts(xlsx_parts: Parts) -> None:
    """A file without compression."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, text in xlsx_parts('<row r="1"><c r="IW1"/></row>').items():
            archive.writestr(name, text)
    assert "column IW" in refused(content.getvalue())
