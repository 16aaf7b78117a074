"""CSV files of any usual encoding and delimiter."""

from __future__ import annotations

import codecs
import io
import unicodedata

import pytest

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import limits
from etelecom_async.provisioning.csv_files import CsvForm, csv_form, read_csv
from etelecom_async.provisioning.headings import Field

TEXT = (
    "Cửa hàng,Họ tên,Số điện thoại\r\n"
    "Quận Một,Nguyễn Thị Hoàng Yến,0901234567\r\n"
    '"Đà Nẵng, Hải Châu",Trần Văn Đức,0912345678\r\n'
)


def cp1258(text: str) -> bytes:
    """Encode Vietnamese as Windows does: a vowel, and its tone as a character of its own."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    split: list[str] = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        split.append(
            unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tone
        )
    return "".join(split).encode("cp1258")


ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8-sig": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 big": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-32": TEXT.encode("utf-32"),
    "utf-16-le": TEXT.encode("utf-16-le"),
    "utf-16-be": TEXT.encode("utf-16-be"),
    "cp1258": cp1258(TEXT),
}


def rows(content: bytes, **mapping: str) -> list[list[object]]:
    """Read the rows of a file."""
    file = io.BytesIO(content)
    form = csv_form(file, {Field(name): heading for name, heading in mapping.items()})
    return [list(row.cells) for row in read_csv(file, form)]


def refused(content: bytes) -> str:
    """Return the text of the error; it is one line."""
    with pytest.raises(RosterError) as caught:
        rows(content)
    assert len(caught.value.mistakes) == 1
    return str(caught.value)


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_encodings(content: bytes) -> None:
    """Each encoding gives the same rows, in the Unicode form NFC."""
    found = [[unicodedata.normalize("NFC", str(cell)) for cell in row] for row in rows(content)]
    assert found[1] == ["Quận Một", "Nguyễn Thị Hoàng Yến", "0901234567"]
    assert found[2][0] == "Đà Nẵng, Hải Châu"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    """The delimiter that yields the most known headings; other characters may be more frequent."""
    text = delimiter.join(["shop", "phone", "extension"]) + f"\na,b;c,d\te|f{delimiter}1{delimiter}2\n"
    form = csv_form(io.BytesIO(text.encode()), {})
    assert form == CsvForm(encoding="utf-8", delimiter=delimiter)


def test_a_title_above_the_headings() -> None:
    """The headings may be in a later row, and may be known only by a mapping."""
    assert csv_form(io.BytesIO(b"List; of a, b, c\n\nphone;shop\n"), {}).delimiter == ";"
    assert (
        csv_form(io.BytesIO(b"a,b,c;Zalo;Kho\n"), {Field.PHONE: "Zalo", Field.SHOP: "Kho"}).delimiter == ";"
    )


def test_a_line_that_states_the_delimiter() -> None:
    """Excel writes it, and shows no row for it."""
    file = io.BytesIO(b"sep=|\r\nphone|shop\r\n1|2\r\n")
    form = csv_form(file, {})
    assert [(row.number, list(row.cells)) for row in read_csv(file, form)] == [
        (1, ["phone", "shop"]),
        (2, ["1", "2"]),
    ]


def test_numbers_of_rows() -> None:
    """A blank row counts, and a line break in a cell does not: as in a spreadsheet program."""
    file = io.BytesIO(b'phone\n\n"a\nb"\nc\n')
    assert [row.number for row in read_csv(file, csv_form(file, {}))] == [1, 2, 3, 4]


def test_an_empty_file() -> None:
    """No rows."""
    assert rows(b"") == []


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read up to the limit only: what comes later may be no text."""
    monkeypatch.setattr(limits, "MOST_ROWS", 1000)
    text = refused((b"phone," + b"x" * 500 + b"\n") * 2000 + b"\xff")
    assert "more than 1,000 rows" in text
    monkeypatch.setattr(limits, "MOST_COLUMNS", 3)
    assert "row 1 has more than 3 columns" in refused(b"phone,b,c,d\n")


def test_limits_of_a_line() -> None:
    """A line without an end, and a cell without an end, are no reason to read everything."""
    assert "a line has more than" in refused(b"x" * 2**21)
    assert "a cell that is too long" in refused(b'phone,"' + b"x\n" * 10**5)


@pytest.mark.parametrize(
    "end",
    ['"note\n2,b\n3,c\n', '"note\n2,b\n3,"c"\n', '"note', '"a"b,"note\n2,b\n'],
    ids=["no quote below", "a quote below", "the last row", "another quote before it"],
)
def test_a_quote_without_an_end(end: str) -> None:
    """The rows below it would be in one cell, and no employee of them in the roster."""
    text = refused(f"phone,note\n0,a\n1,{end}".encode())
    assert "row 3 has a quote without an end" in text


def test_quotes_in_a_line() -> None:
    """Quotes that are wrong within their line are read as spreadsheet programs read them."""
    assert rows(b'phone,shop\n1,"Cafe "May"" \n"2" ,b\n')[1:] == [["1", 'Cafe May"" '], ["2 ", "b"]]


def test_line_breaks_in_headings() -> None:
    """Another delimiter may not fit the quotes."""
    content = '"Số điện\nthoại";"Máy\nnhánh"\n1;2\n'.encode()
    assert csv_form(io.BytesIO(content), {}).delimiter == ";"


@pytest.mark.parametrize("line", ["sep=", 'sep="', "sep= ", "sep=a"])
def test_a_line_that_states_no_delimiter(line: str) -> None:
    """Then it is a title above the headings."""
    assert rows(f"{line}\r\nphone;shop\r\n1;2\r\n".encode())[1:] == [["phone", "shop"], ["1", "2"]]


def test_a_zero_byte() -> None:
    """One byte that is zero does not make UTF-16 of a file."""
    assert "the file is no text" in refused(TEXT.encode() + b"\0")


@pytest.mark.parametrize("name", ["Hoà", "Nguyễn Thị Hà"])
def test_old_vietnamese_letters_far_down(name: str) -> None:
    """Few of such letters are enough, wherever they are; that the encoding is a guess is said."""
    content = b"phone,full_name\n" + b"1,Lan\n" * 50_000 + cp1258(f"2,{name}\n")
    form = csv_form(io.BytesIO(content), {})
    assert (form.encoding, form.is_guess) == ("cp1258", True)
    assert unicodedata.normalize("NFC", str(rows(content)[-1][1])) == name
    assert not csv_form(io.BytesIO(TEXT.encode()), {}).is_guess


def test_western_letters() -> None:
    """The same bytes are other letters there, and follow any letter."""
    content = "phone,full_name\n1,Però Forlì Salò Nicolò Müller\n2,Þórður Ìrò\n".encode("cp1252")
    assert csv_form(io.BytesIO(content), {}).encoding == "cp1252"


def test_bytes_that_are_no_text() -> None:
    """Binary files and broken texts are refused with the way out."""
    assert "the file is no text" in refused(bytes(range(256)) * 4 + bytes(8))
    assert "not in one encoding (utf-16)" in refused(TEXT.encode("utf-16")[:-1])
    assert "save it as CSV UTF-8" in refused(bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xD2]) * 40)
