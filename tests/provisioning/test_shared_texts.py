"""The texts of an XLSX file are measured for each cell that refers to them."""

from __future__ import annotations

from xml.parsers.expat import ExpatError

import pytest

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.shared_texts import References, TextLengths, UsualTexts

TABLE = b'<sst xmlns="a"><si><t>Lan</t></si><si/><si><r><t>A</t></r><r><t>n</t></r></si><extLst/></sst>'
LENGTHS = [14, 5, 34]


def lengths(*pieces: bytes) -> list[int]:
    """Return the lengths of the texts of a table."""
    made = TextLengths()
    for piece in pieces:
        made.add(piece)
    return list(made.end())


def total(*pieces: bytes) -> int:
    """Return the bytes for the cells of a sheet."""
    made = References([10, 1000, 100_000])
    for piece in pieces:
        made.add(piece)
    return made.end()


def test_lengths() -> None:
    """Each text counts with its tags, wherever the pieces end; a prefix changes nothing."""
    assert lengths(TABLE) == LENGTHS
    assert lengths(*(TABLE[place : place + 1] for place in range(len(TABLE)))) == LENGTHS
    assert lengths(b'<x:sst xmlns:x="a"><x:si><x:t>Lan</x:t></x:si></x:sst>') == [20]
    assert lengths() == []


def usual(*pieces: bytes) -> list[int] | None:
    """Return the lengths of the texts of a usual table."""
    made = UsualTexts()
    for piece in pieces:
        made.add(piece)
    found = made.end()
    return None if found is None else list(found)


def test_usual_texts() -> None:
    """The usual table is measured without a parser, wherever the pieces end."""
    table = (
        b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<sst count="2"><si><t>Lan</t></si>'
        b'<si><t xml:space="preserve"> &amp; > </t></si></sst>\n'
    )
    assert usual(table) == [15, 42]
    assert usual(*(table[place : place + 1] for place in range(len(table)))) == [15, 42]
    assert usual() == []


OTHERS = {
    "formats": TABLE,
    "a text in a text": b"<sst><si><t>a<si></si>b</t></si></sst>",
    "a comment": b"<sst><si><t>a<!--</t></si><si><t>-->b</t></si></sst>",
    "an end in an attribute": b'<sst><si><t>a<a b="</t></si><si><t>"/></t></si></sst>',
    "another header": b"<sst><a><si><t>a</t></si></a></sst>",
    "another footer": b"<sst><si><t>a</t></si><extLst/></sst>",
    "a document type": b"<!DOCTYPE sst><sst><si><t>a</t></si></sst>",
    "no texts": b"<sst/>",
    "a cut table": b"<sst><si><t>a</t></si><si>",
}


@pytest.mark.parametrize("table", OTHERS.values(), ids=OTHERS)
def test_other_tables(table: bytes) -> None:
    """A table in another form needs a parser."""
    assert usual(table) is None
    assert usual(*(table[place : place + 1] for place in range(len(table)))) is None


def test_a_text_without_an_end() -> None:
    """The pieces of a text are not collected without a limit."""
    made = UsualTexts()
    made.add(b"<sst><si><t>")
    for _ in range(3):
        made.add(b"x" * 2**19)
    made.add(b"</t></si></sst>")
    assert made.end() is None


@pytest.mark.parametrize(
    "table",
    [
        b"<!DOCTYPE sst [<!ENTITY a 'b'>]><sst/>",
        b"<sst><si><t>a<si/>a</t></si></sst>",
        b"<sst><other><si/></other></sst>",
    ],
)
def test_unusual_tables(table: bytes) -> None:
    """A table in which the reader could count other texts is refused."""
    with pytest.raises(RosterError, match="an unusual form"):
        lengths(table)


def test_no_xml() -> None:
    """Tags that do not fit each other."""
    with pytest.raises(ExpatError):
        lengths(b"<sst><si><t>a</si></t></sst>")


def test_too_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader takes memory also for empty texts."""
    monkeypatch.setattr(limits, "MOST_CELLS", 2)
    with pytest.raises(RosterError, match="more than 2 texts"):
        lengths(TABLE)
    with pytest.raises(RosterError, match="more than 2 texts"):
        usual(b"<sst>" + b"<si><t/></si>" * 3 + b"</sst>")


def test_references() -> None:
    """Each cell counts with its text, wherever the pieces end; numbers and other texts do not count."""
    cell = b'<c r="A1" s="2" t="s"><v>1</v></c>'
    sheet = b"<row>" + cell * 3 + b'<c r="B1"><v>2</v></c><c r="C1" t="str"><v>2</v></c></row>'
    assert total(sheet) == 3000
    assert total(*(sheet[place : place + 1] for place in range(len(sheet)))) == 3000
    assert total(b'<c t="s"><v>3</v></c>') == 0


@pytest.mark.parametrize(
    "cell",
    [
        b"<c t='s'><v>2</v></c>",
        b'<c t="s"><v> 2</v></c>',
        b'<c t="s"><v><![CDATA[2]]></v></c>',
        b'<c t="s"><f>A()</f><v>2</v></c>',
        b'<x:c t = "s"><x:v>2</x:v></x:c>',
        b'<c t="s"><v>0<a/>2</v></c>',
    ],
)
def test_unusual_references(cell: bytes) -> None:
    """A cell in another form counts with the longest text."""
    assert total(b"<row>", cell, b"</row>") == 100_000
