"""
Read which shops a partner wants to set up, from a file or from Python objects.

    shops = read_new_shops("shops.xlsx")

The columns are found by their headings, in English or Vietnamese: name, phone, email, hotline, hotline_name
and shop_id. All mistakes of a file come together. Reading sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, islice
from types import MappingProxyType
from typing import Final, TypeVar

import attrs

from etelecom_async import phones
from etelecom_async._core.tracebacks import boundary
from etelecom_async.errors import Mistake
from etelecom_async.provisioning.cells import Cell, CellError, SheetRow, is_blank, text_of
from etelecom_async.provisioning.csv_files import HEADING_ROWS
from etelecom_async.provisioning.headings import plain_heading
from etelecom_async.provisioning.mistakes import masked_phone, masked_text, refusal, roster_error
from etelecom_async.provisioning.numbers import read_name, read_name_or_number, read_phone, shown_number
from etelecom_async.provisioning.sheets import Source, open_sheet

ValueT = TypeVar("ValueT")

# Without accents, punctuation and case, see `plain_letters`.
_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "name shop shop_name store store_name branch branch_name ten shop_ten ten_shop cua_hang "
        "ten_cua_hang chi_nhanh ten_chi_nhanh",
        "phone": "phone phone_number mobile telephone tel so_dien_thoai dien_thoai sdt so_dt di_dong",
        "email": "email e_mail mail email_address thu_dien_tu hop_thu",
        "hotline": "hotline hotline_number hotline_id so_hotline id_hotline dau_so duong_day_nong",
        "hotline_name": "hotline_name name_of_hotline ten_hotline ten_dau_so",
        "shop_id": "shop_id id_shop store_id id_cua_hang ma_cua_hang_etelecom",
    }
)
FIELDS: Final = tuple(_SPELLINGS)
"""The columns."""
_FIELDS: Final = MappingProxyType(
    {spelling: field for field, spellings in _SPELLINGS.items() for spelling in spellings.split()}
)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID: Final = re.compile(r"(?a)\d{6,20}")
_HOTLINE_ID: Final = re.compile(r"(?a)\d{16,20}")
"""A phone number has at most 15 digits."""


def _normalized(phone: str | None) -> str | None:
    try:
        return phone and phones.normalize(phone)
    except ValueError:  # `onboard` refuses it
        return phone


@attrs.frozen(kw_only=True)
class NewShop:
    """A shop to set up, with its tenant (tổng đài) and its first hotline."""

    row: int | None = attrs.field(default=None, eq=False)
    """Number of the row in the file."""
    name: str
    phone: str | None = attrs.field(
        default=None, converter=_normalized, repr=lambda phone: repr(phone and masked_phone(phone))
    )
    """Phone number of the shop account, see `etelecom_async.phones.normalize`."""
    email: str | None = attrs.field(default=None, repr=False)
    hotline: str
    """The phone number of a new hotline, or the id of one that the partner has."""
    hotline_name: str | None = None
    """Name of a new hotline. Default: the name of the shop."""
    shop_id: str | None = None
    """The id of a shop that exists, and whose key is in the key store. Default: the shop is created."""

    @property
    def key(self) -> str:
        """The shop in the journal: the same as long as name, phone and e-mail address stay."""
        account = "\0".join((self.name, self.phone or "", self.email or ""))
        return f"shop/{blake2b(account.encode(), digest_size=6).hexdigest()}"

    @property
    def hotline_id(self) -> str | None:
        """The id of the hotline; `None` if it has to be created."""
        return self.hotline if _HOTLINE_ID.fullmatch(self.hotline) else None


@boundary
def read_new_shops(source: Source, *, sheet: str | None = None) -> tuple[NewShop, ...]:
    """
    Return the shops in a CSV or XLSX file, or in Python objects.

    Args:
        source: The path of a file, the bytes of a file, or dicts by heading.
        sheet: Name of the sheet of an XLSX file. Default: the first visible one.

    Raises:
        RosterError: The source has mistakes; the error has all of them.
    """
    with open_sheet(source, {}, sheet) as opened:
        rows = (row for row in opened.rows if not all(map(is_blank, row.cells)))
        head = list(islice(rows, HEADING_ROWS))
        columns = _columns(head)
        reader = _Reader(columns)
        for row in chain(head, rows):
            if row.number > columns.row:
                reader.add(row)
    return reader.result()


@attrs.frozen(kw_only=True)
class _Columns:
    row: int
    places: Mapping[str, int]


def _columns(head: Sequence[SheetRow]) -> _Columns:
    best: dict[str, int] = {}
    row = 0
    twice: list[str] = []
    for each in head:
        found: dict[str, int] = {}
        more: list[str] = []
        for index, cell in enumerate(each.cells):
            field = _FIELDS.get(plain_heading(cell)) if isinstance(cell, str) else None
            if field is not None and found.setdefault(field, index) != index:
                more.append(field)
        if len(found) > len(best):
            best, row, twice = found, each.number, more
    if twice:
        raise refusal(f"two columns look like {twice[0]}", "delete or rename one of them")
    missing = [name for name in ("name", "hotline") if name not in best]
    if missing:
        remedy = "write name, phone, email and hotline above the columns"
        raise refusal(f"no column has the heading {' or '.join(missing)}", remedy)
    return _Columns(row=row, places=best)


class _Reader:
    """
    Reads rows, and collects their mistakes.

    Args:
        columns: Where the fields are.
    """

    def __init__(self, columns: _Columns) -> None:
        self._columns: Final = columns
        self._shops: Final[list[NewShop]] = []
        self._mistakes: Final[list[Mistake]] = []
        self._rows: Final[dict[tuple[str, str], int]] = {}

    def add(self, row: SheetRow) -> None:
        """Read a row."""
        before = len(self._mistakes)
        name = self._value(row, "name", _read_name)
        phone = self._value(row, "phone", lambda cell: read_phone(cell).number)
        email = self._value(row, "email", _read_email)
        hotline = self._value(row, "hotline", _read_hotline)
        hotline_name = self._value(row, "hotline_name", _read_name)
        shop_id = self._value(row, "shop_id", _read_shop_id)
        if len(self._mistakes) > before:
            return
        if name is None or hotline is None:
            field = "name" if name is None else "hotline"
            self._add(row, field, f"the shop has no {field}", "write it")
            return
        if phone is None and email is None:
            self._add(row, "", "the shop has neither a phone nor an e-mail address", "write one of them")
            return
        shop = NewShop(
            row=row.number,
            name=name,
            phone=phone,
            email=email,
            hotline=hotline,
            hotline_name=hotline_name,
            shop_id=shop_id,
        )
        twice = [
            ("", shop.key, "the same shop is"),
            ("hotline", shop.hotline, "this hotline is"),
            ("shop_id", shop.shop_id, "this shop is"),
        ]
        for field, value, what in twice:
            if value is None:
                continue
            earlier = self._rows.setdefault((field, value), row.number)
            if earlier != row.number:
                self._add(row, field, f"{what} in row {earlier}, too", "give each shop and hotline one row")
                return
        self._shops.append(shop)

    def result(self) -> tuple[NewShop, ...]:
        """
        Return the shops.

        Raises:
            RosterError: The rows have mistakes, or there are none.
        """
        if self._mistakes:
            raise roster_error(self._mistakes)
        if not self._shops:
            raise refusal("there are no shops", "write the rows below the headings")
        return tuple(self._shops)

    def _value(self, row: SheetRow, field: str, read: Callable[[Cell], ValueT]) -> ValueT | None:
        place = self._columns.places.get(field)
        cell = row.cells[place] if place is not None and place < len(row.cells) else None
        if is_blank(cell):
            return None
        try:
            return read(cell)
        except CellError as error:
            self._add(row, field, error.problem, error.remedy, _shown(field, cell))
        return None

    def _add(self, row: SheetRow, column: str, problem: str, remedy: str, value: str = "") -> None:
        self._mistakes.append(
            Mistake(problem=problem, remedy=remedy, row=row.number, column=column, value=value)
        )


def _shown(field: str, cell: Cell) -> str:
    if field == "email":
        return ""
    return masked_phone(shown_number(cell)) if field == "phone" else masked_text(shown_number(cell))


def _read_name(cell: Cell) -> str:
    name = " ".join(text_of(cell).split())
    if not name.isprintable() or not any(letter.isalnum() for letter in name):
        raise CellError("a name has letters, and no control characters", "type it again")
    return name


def _read_email(cell: Cell) -> str:
    email = text_of(cell)
    if _EMAIL.fullmatch(email) is None:
        raise CellError("this is no e-mail address", "write it like may@example.com")
    return email


def _read_shop_id(cell: Cell) -> str:
    shop_id = read_name(cell)
    if _ID.fullmatch(shop_id) is None:
        raise CellError("the id of a shop has only digits", "write the id, or clear the cell")
    return shop_id


def _read_hotline(cell: Cell) -> str:
    text, _ = read_name_or_number(cell)
    if _HOTLINE_ID.fullmatch(text):
        return text
    try:
        number = phones.normalize(text)
        return number if number.startswith("+") else phones.national(number)
    except ValueError as error:
        problem = str(error).partition("; ")[0]
    raise CellError(problem, "write the phone number of the hotline, or the id of one that exists")
