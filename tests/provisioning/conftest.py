"""XLSX files for the tests: written cell by cell, so that a test can also write unusual ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

import pytest

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write_parts(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file with these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def workbook(data: str, **more: str) -> dict[str, str | bytes]:
    """
    Return the parts of a workbook.

    Args:
        data: The rows of the first sheet, as XML.
        more: The rows of more sheets, by name; a name that starts with `hidden` hides its sheet.
    """
    sheets = {"Staff": data, **more}
    states = ["hidden" if name.startswith("hidden") else "visible" for name in sheets]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(zip(sheets, states, strict=True), 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK}"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
        ),
        **{
            f"xl/worksheets/sheet{number}.xml": (
                f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            )
            for number, rows in enumerate(sheets.values(), 1)
        },
    }


def cell(address: str, value: object) -> str:
    """Return a cell as XML: a number as a number, a text as a text."""
    if isinstance(value, int | float):
        return f'<c r="{address}"><v>{value}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def sheet_data(*rows: Mapping[str, object], first: int = 1) -> str:
    """Return rows as XML: the value of each cell by the letters of its column."""
    lines: list[str] = []
    for number, row in enumerate(rows, first):
        cells = "".join(cell(f"{letters}{number}", value) for letters, value in row.items())
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


@pytest.fixture
def xlsx() -> Callable[..., bytes]:
    """Return a function that makes an XLSX file from the XML of its rows."""
    return lambda data, **more: write_parts(workbook(data, **more))


@pytest.fixture
def xlsx_parts() -> Callable[..., dict[str, str | bytes]]:
    """Return a function that makes the parts of an XLSX file."""
    return workbook


@pytest.fixture
def zipped() -> Callable[[Mapping[str, str | bytes]], bytes]:
    """Return a function that makes a zip file from its parts."""
    return write_parts


@pytest.fixture
def data() -> Callable[..., str]:
    """Return a function that makes the XML of rows."""
    return sheet_data
