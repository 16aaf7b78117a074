"""Which shops to set up: files with all kinds of headings, and all mistakes together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from etelecom_async.errors import RosterError
from etelecom_async.provisioning import NewShop, read_new_shops

EXPECTED = (
    NewShop(
        name="Trà sữa Mây",
        phone="84901234567",
        email="may@example.com",
        hotline="02873001234",
        hotline_name="Tổng đài Mây",
    ),
    NewShop(name="Bếp Quê", phone="84912345678", hotline="19001234", shop_id="1161512386239479010"),
)
ROWS = [
    ["Trà  sữa Mây", "0901 234 567", "may@example.com", "028 7300 1234", "Tổng đài Mây", ""],
    ["Bếp Quê", "+84912345678", "", "1900 1234", "", "1161512386239479010"],
]
VIETNAMESE = ["Tên cửa hàng", "Số điện thoại", "Thư điện tử", "Số hotline", "Tên hotline", "ID cửa hàng"]
ENGLISH = ["name", "phone", "email", "hotline", "hotline_name", "shop_id"]


def objects(*rows: dict[str, Any]) -> tuple[NewShop, ...]:
    """Read Python objects; each has a name, a phone and a hotline if it does not say so."""
    base = {"name": "Mây", "phone": "0901234567", "hotline": "02873001234"}
    return read_new_shops([{**base, **row} for row in rows])


def mistakes(*rows: dict[str, Any]) -> list[str]:
    """Return the mistakes of Python objects: row, column, value, and the problem."""
    with pytest.raises(RosterError) as caught:
        objects(*rows)
    return [
        " ".join(f"{each.row} {each.column} {each.value} {each.problem}".split())
        for each in caught.value.mistakes
    ]


@pytest.mark.parametrize("headings", [VIETNAMESE, ENGLISH, [text.upper() for text in ENGLISH]])
def test_csv(headings: list[str]) -> None:
    """The columns are found by English and Vietnamese headings, also below a title."""
    lines = [["Danh sách", "", "", "", "", ""], headings, *ROWS]
    content = "\n".join(";".join(line) for line in lines).encode()
    shops = read_new_shops(content)
    assert shops == EXPECTED
    assert [shop.row for shop in shops] == [3, 4]


def test_xlsx(xlsx: Callable[..., bytes], data: Callable[..., str]) -> None:
    """An XLSX file has numbers where a person sees phones; the zeros at their starts are restored."""
    content = xlsx(
        data(
            {"A": "Shop", "B": "SĐT", "C": "Hotline", "E": "Remark"},
            {"A": "Mây", "B": 901234567.0, "C": 2873001234.0, "E": "soon"},
        )
    )
    (shop,) = read_new_shops(content)
    assert shop == NewShop(name="Mây", phone="84901234567", hotline="02873001234")


def test_keys() -> None:
    """A key stays the same if only the hotline changes, and shows nothing of the shop."""
    (shop,) = objects({})
    (other,) = objects({"hotline": "19001234", "shop_id": "1161512386239479010"})
    assert shop.key == other.key
    (another,) = objects({"name": "Mây 2"})
    assert another.key != shop.key
    assert "901234567" not in f"{shop.key}{shop!r}"


def test_shop_of_a_program() -> None:
    """A program may write the phone in any notation; the key stays the same."""
    (shop,) = objects({})
    made = NewShop(name="Mây", phone="0901 234 567", hotline="028 7300 1234")
    assert (made.phone, made.key) == (shop.phone, shop.key)
    assert NewShop(name="Mây", phone="call me", hotline="").phone == "call me"
    assert NewShop(name="Mây", hotline="").phone is None


def test_hotline_that_exists() -> None:
    """The id of a hotline is no phone number, and a foreign number keeps its country code."""
    (shop,) = objects({"hotline": "1161512386239479011"})
    assert shop.hotline_id == "1161512386239479011"
    (foreign,) = objects({"hotline": "+12125550123"})
    assert (foreign.hotline, foreign.hotline_id) == ("+12125550123", None)


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ({"name": " "}, "1 name the shop has no name"),
        ({"hotline": None}, "1 hotline the shop has no hotline"),
        ({"phone": ""}, "1 the shop has neither a phone nor an e-mail address"),
        ({"name": "--"}, "1 name -- a name has letters, and no control characters"),
        ({"phone": "09012"}, "1 phone 09012 not a Vietnamese phone number (5 digits)"),
        ({"email": "may@example"}, "1 email this is no e-mail address"),
        ({"hotline": "0901"}, "1 hotline 0901 not a Vietnamese phone number (4 digits)"),
        ({"hotline": True}, "1 hotline True the cell holds TRUE or FALSE"),
        ({"shop_id": "HCM-1"}, "1 shop_id HCM-1 the id of a shop has only digits"),
    ],
    ids=str,
)
def test_mistakes(row: dict[str, Any], mistake: str) -> None:
    """A mistake has its row, its column and its value."""
    assert mistakes(row) == [mistake]


def test_all_mistakes_together() -> None:
    """All mistakes come together, and phones and e-mail addresses are masked."""
    found = mistakes(
        {},
        {"hotline": "19001234"},
        {"name": "An", "hotline": "02873001234"},
        {"name": "Vy", "hotline": "19001235", "shop_id": "123456"},
        {"name": "Bo", "hotline": "19001236", "shop_id": "123456"},
        {"phone": "09012345678", "email": "an.example.com"},
    )
    assert found == [
        "2 the same shop is in row 1, too",
        "3 hotline this hotline is in row 1, too",
        "5 shop_id this shop is in row 4, too",
        "6 phone 090******78 not a Vietnamese phone number (11 digits)",
        "6 email this is no e-mail address",
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"name;phone\nMay;0901234567\n", "no column has the heading hotline"),
        (b"a;b\n1;2\n", "no column has the heading name or hotline"),
        (b"name;hotline\n", "there are no shops"),
        ([], "no column has the heading name or hotline"),
    ],
)
def test_no_shops(source: Any, problem: str) -> None:
    """A file without shops, or without their headings, is refused by one line."""
    with pytest.raises(RosterError, match=problem):
        read_new_shops(source)


def test_two_columns_for_one_field() -> None:
    """Neither of them is taken silently: a wrong name would be that of a real shop."""
    shop = {"Cửa hàng": "Mây", "Tên": "Lan", "phone": "0901234567", "hotline": "02873001234"}
    with pytest.raises(RosterError, match="two columns look like name; delete or rename one of them"):
        read_new_shops([shop])


def test_short_rows() -> None:
    """A row may end before the last column."""
    (shop,) = read_new_shops("name;hotline;phone;email\nMây;19001234;0901234567\n".encode())
    assert shop.email is None
