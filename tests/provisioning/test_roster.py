"""Rosters: files of all kinds give the same rows, and all mistakes of a file come together."""

from __future__ import annotations

import asyncio
import io
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etelecom_async import Secret
from etelecom_async.errors import RosterError
from etelecom_async.provisioning import NEXT_FREE, UNASSIGN, Roster, RosterRow, write_roster
from etelecom_async.provisioning.tables import write_table

Xlsx = Callable[..., bytes]
Data = Callable[..., str]

ENGLISH = ["shop", "full_name", "phone", "extension", "hotline"]
VIETNAMESE = ["Cửa hàng", "Họ tên", "Số điện thoại", "Máy nhánh", "Hotline"]
PLAIN = ["CUA HANG", "Ho va ten", "SDT", "So may nhanh", "So hotline"]
ROWS = [
    ["Quận Một", "Nguyễn Thị Hoàng Yến", "0901234567", "1001", "02873001234"],
    ["Quận Một", "Trần Văn Đức", "+84912345678", "-", ""],
    ["Đà Nẵng", "Lê Thị Thu Hường", "84 987 654 321", "auto", "19001234"],
    ["Đà Nẵng", "Phạm Quốc Việt", "0356789012", "1002", "Kinh doanh"],
]
EXPECTED = (
    RosterRow(
        row=2,
        shop="Quận Một",
        full_name="Nguyễn Thị Hoàng Yến",
        phone="84901234567",
        extension_number=1001,
        hotline="02873001234",
    ),
    RosterRow(
        row=3, shop="Quận Một", full_name="Trần Văn Đức", phone="84912345678", extension_number=UNASSIGN
    ),
    RosterRow(
        row=4,
        shop="Đà Nẵng",
        full_name="Lê Thị Thu Hường",
        phone="84987654321",
        extension_number=NEXT_FREE,
        hotline="19001234",
    ),
    RosterRow(
        row=5,
        shop="Đà Nẵng",
        full_name="Phạm Quốc Việt",
        phone="84356789012",
        extension_number=1002,
        hotline="Kinh doanh",
    ),
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


def as_utf_8(text: str) -> bytes:
    """Encode with the parts of letters apart, as macOS does."""
    return unicodedata.normalize("NFD", text).encode()


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": as_utf_8,
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "cp1258": cp1258,
}


@pytest.mark.parametrize("headings", [ENGLISH, VIETNAMESE, PLAIN], ids=["english", "vietnamese", "plain"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ENCODERS)
def test_each_file_gives_the_same_roster(encoding: str, delimiter: str, headings: list[str]) -> None:
    """Encoding, delimiter and headings make no difference."""
    text = "".join(f"{delimiter.join(row)}\r\n" for row in [headings, *ROWS])
    roster = Roster.read(ENCODERS[encoding](text))
    assert roster.rows == EXPECTED
    assert [row.row for row in roster.rows] == [2, 3, 4, 5]
    assert [column.heading for column in roster.columns] == headings
    assert roster.repairs == ()


def test_xlsx_and_objects_give_the_same_roster(tmp_path: Path, xlsx: Xlsx, data: Data) -> None:
    """Numbers of a sheet, a title above, and Python objects."""
    numbers: list[list[Any]] = [[*row] for row in ROWS]
    numbers[0][2:] = [901234567, 1001, 2873001234]
    numbers[3][2:4] = [356789012, 1002.0]
    cells = [dict(zip("CDEFG", row, strict=True)) for row in [VIETNAMESE, *numbers]]
    roster = Roster.read(xlsx(data({"C": "DANH SÁCH NHÂN VIÊN"}, {}, *cells)))
    assert roster.rows == EXPECTED
    assert [row.row for row in roster.rows] == [4, 5, 6, 7]
    assert [(repair.row, repair.column) for repair in roster.repairs] == [
        (4, "column E (Số điện thoại)"),
        (4, "column G (Hotline)"),
        (7, "column E (Số điện thoại)"),
    ]
    assert Roster.read(dict(zip(ENGLISH, row, strict=True)) for row in numbers).rows == EXPECTED
    roster.write(tmp_path / "roster.xlsx")
    assert Roster.read(tmp_path / "roster.xlsx").rows == EXPECTED
    write_roster(tmp_path / "roster.csv", EXPECTED)
    assert Roster.read(tmp_path / "roster.csv").rows == EXPECTED


GOOD = ["A", "Lan", "0901234567", "1001", "Sales", ""]
WRONG = [
    ["", "Lan", "0911000001", "", "", ""],
    ["-", "Lan", "0911000002", "", "", ""],
    ["1234567:abcdefgh", "Lan", "0911000003", "", "", ""],
    ["1.41510E+18", "Lan", "0911000004", "", "", ""],
    ["x" * 33_000, "Lan", "0911000005", "", "", ""],
    ["A", "-", "0911000006", "", "", ""],
    ["A", "12", "0911000007", "", "", ""],
    ["A", "a\x07b", "0911000008", "", "", ""],
    ["A", "a" * 256, "0911000009", "", "", ""],
    ["A", "?", "0911000010", "", "", ""],
    ["A", "Lan", "091100001", "", "", ""],
    ["A", "Lan", "09110000112", "", "", ""],
    ["A", "Lan", "0911 x00 012", "", "", ""],
    ["A", "Lan", "0911000013, 0911000014", "", "", ""],
    ["A", "Lan", "0911000015/0911000016", "", "", ""],
    ["A", "Lan", "0211000017", "", "", ""],
    ["A", "Lan", "9.11E+08", "", "", ""],
    ["A", "Lan", "911000018.5", "", "", ""],
    ["A", "Lan", "00911000019", "", "", ""],
    ["A", "Lan", "lan@example.com", "", "", ""],
    ["A", "Lan", "#REF!", "", "", ""],
    ["A", "Lan", "1" * 201, "", "", ""],
    ["A", "Lan", "+84", "", "", ""],
    ["A", "Lan", "0", "", "", ""],
    ["A", "Lan", "0911000020", "x", "", ""],
    ["A", "Lan", "0911000021", "01001", "", ""],
    ["A", "Lan", "0911000022", "0", "", ""],
    ["A", "Lan", "0911000023", "-5", "", ""],
    ["A", "Lan", "0911000024", "10.5", "", ""],
    ["A", "Lan", "0911000025", "1001 1002", "", ""],
    ["A", "Lan", "0911000026", "0911000026", "", ""],
    ["A", "Lan", "0911000027", "1234567890", "", ""],
    ["A", "Lan", "0911000028", "1E+3", "", ""],
    ["A", "Lan", "0911000029", "#N/A", "", ""],
    ["A", "Lan", "0911000030", "", "-", ""],
    ["A", "Lan", "0911000031", "", "1.41510E+18", ""],
    ["A", "Lan", "0911000032", "", "y" * 33_000, ""],
    ["A", "Lan", "0911000033", "", "", "-"],
    ["A", "Lan", "0911000034", "", "", " a"],
    ["A", "Lan", "0911000035", "", "", "a\tb"],
    ["A", "Lan", "", "", "", ""],
    ["A", "Lan", "", "1003", "", ""],
    ["A", "", "", "1004", "", "password"],
    ["A", "", "", "-", "", ""],
    ["A", "", "", "auto", "", ""],
    ["A", "", "-", "", "", ""],
    ["A", "", "-", "auto", "", ""],
    ["A", "Lan", "-", "1005", "", ""],
    ["A", "Hoa", "0911000036", "1001", "", ""],
    ["B", "Lan", "0901234567", "", "", ""],
]


def test_fifty_mistakes_are_fifty_lines() -> None:
    """Each of fifty rows with its own mistake gives one line: its row, and what to do."""
    rows = [dict(zip([*ENGLISH, "password"], row, strict=True)) for row in [GOOD, *WRONG]]
    with pytest.raises(RosterError) as caught:
        Roster.read(rows)
    mistakes = caught.value.mistakes
    assert len(WRONG) == 50
    assert [mistake.row for mistake in mistakes] == list(range(2, 52))
    lines = str(caught.value).splitlines()
    assert len(lines) == 51
    assert len({line.partition(", ")[2] for line in lines[1:]}) >= 45
    assert all(mistake.remedy for mistake in mistakes)
    assert "11000" not in str(caught.value)
    roster = Roster.read(rows, skip_bad=True)
    assert len(roster.rows) == 1
    assert roster.mistakes == mistakes


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["A", "Hoa", "0901234568", "1001"], "the shop has this extension in row 1, too"),
        (["a", "Lan", "0901234567", "1001"], "the shop has this extension in row 1, too"),
        (["B", "Lan", "0901234567", "1001"], "this phone is in another shop in row 1"),
        (["A", "Hoa", "0901234567", "1002"], "this phone has another name in row 1"),
        (["A", "LAN", "0901234567", ""], "this phone is in row 1"),
        (["A", "", "+84901234567", "-"], "this phone is in row 1"),
    ],
)
def test_twice(row: list[str], problem: str) -> None:
    """Two rows that do not fit each other are a mistake of the second one."""
    first = dict(zip(ENGLISH, ["A", "Lan", "0901234567", "1001", ""], strict=True))
    with pytest.raises(RosterError) as caught:
        Roster.read([first, dict(zip(ENGLISH, [*row, ""], strict=True))])
    (mistake,) = caught.value.mistakes
    assert (mistake.row, mistake.problem) == (2, problem)


def test_what_may_come_twice() -> None:
    """An extension of another shop, a second extension of an employee, and rows without a phone."""
    rows = [
        ["A", "Lan", "0901234567", "1001", ""],
        ["B", "Hoa", "0901234568", "1001", ""],
        ["A", "lan", "0901234567", "1002", ""],
        ["A", "", "-", "1003", ""],
        ["A", "", "", "1004", ""],
        ["Á", "Mai", "0901234569", "1001", ""],
    ]
    assert len(Roster.read(dict(zip(ENGLISH, row, strict=True)) for row in rows).rows) == 6


def test_mapping_and_default_shop() -> None:
    """The caller names a column and the shop of rows without one."""
    text = b"Zalo,Ten,Kho\n0901234567,Lan,\n0901234568,Hoa,B\n"
    roster = Roster.read(text, mapping={"phone": "zalo", "shop": "C"}, default_shop="A")
    assert [(row.shop, row.phone) for row in roster.rows] == [("A", "84901234567"), ("B", "84901234568")]
    with pytest.raises(RosterError, match="the mapping has no field 'x'"):
        Roster.read(text, mapping={"x": "a"})


def test_a_sheet_by_its_name(xlsx: Xlsx, data: Data) -> None:
    """The sheet that the caller names."""
    content = xlsx(data({"A": "no roster"}), Other=data({"A": "phone"}, {"A": "0901234567"}))
    assert len(Roster.read(content, sheet="Other", default_shop="A").rows) == 1


def test_errors_of_a_sheet_are_mistakes(xlsx: Xlsx, data: Data) -> None:
    """`#N/A` in a cell is not a blank cell, which would mean "unchanged"."""
    rows = data({"A": "shop", "B": "phone", "C": "extension"})
    rows += (
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>901234567</v></c><c r="C2" t="e"><v>#N/A</v></c></row>'
    )
    with pytest.raises(RosterError, match=r"row 2, column C \(extension\): the cell shows an error"):
        Roster.read(xlsx(rows))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the roster is empty"),
        (b"\n;;\n", "the roster is empty"),
        (b"phone,shop\n", "the roster has no rows"),
        (b"phone,shop\n,\n", "the roster has no rows"),
        (b"a,b\n1,2\n", "no row has headings that are known"),
        (b"shop,name\nA,Lan\n", "no column holds phones or extensions"),
        (b"phone,shop,shop key\n1,2,3\n", "keys do not belong in a roster"),
    ],
)
def test_files_without_a_roster(content: bytes, problem: str) -> None:
    """A file that is no roster is refused by one line."""
    with pytest.raises(RosterError) as caught:
        Roster.read(content)
    (mistake,) = caught.value.mistakes
    assert mistake.problem == problem


def test_a_file_without_headings() -> None:
    """Letters say which column it is, but the first employee must not be taken for headings."""
    with pytest.raises(RosterError, match="row 1 should have headings, and has a phone number"):
        Roster.read(b"Lan,0901234567\nHoa,0901234568\n", mapping={"phone": "B"}, default_shop="A")
    rows = Roster.read(
        b"x,y\nLan,0901234567\n", mapping={"phone": "B", "full_name": "A"}, default_shop="A"
    ).rows
    assert [row.full_name for row in rows] == ["Lan"]
    assert Roster.read(
        b"phone\n1,0901234567\n", mapping={"extension": "A", "phone": "B"}, default_shop="A"
    ).rows


def test_rows_below_late_headings() -> None:
    """More than twenty rows, with the headings in a later one."""
    text = "a\n\nphone\n" + "".join(f"09{number:08}\n" for number in range(50))
    assert len(Roster.read(text.encode(), default_shop="A").rows) == 50


def test_no_password_in_errors() -> None:
    """Neither the text of an error nor the variables of its frames hold a password."""
    secret = "s3cret-pass"
    with pytest.raises(RosterError) as caught:
        Roster.read(io.BytesIO(f"phone,password\nx,{secret}\n".encode()).read(), default_shop="A")
    assert secret not in str(caught.value)
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith("etelecom_async"):
            assert secret not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


def test_secrets_and_blank_passwords() -> None:
    """A password of Python objects may be a `Secret`; without one there is none."""
    rows = [{"phone": "0901234567", "password": Secret("one")}, {"phone": "0901234568", "password": None}]
    one, none = Roster.read(rows, default_shop="A").rows
    assert (one.password, none.password) == (Secret("one"), None)


async def test_reading_in_a_thread(tmp_path: Path) -> None:
    """Reading is synchronous; a program with an event loop reads in a thread."""
    write_table(tmp_path / "a.xlsx", ENGLISH, ROWS)
    roster = await asyncio.to_thread(Roster.read, tmp_path / "a.xlsx")
    assert roster.rows == EXPECTED
