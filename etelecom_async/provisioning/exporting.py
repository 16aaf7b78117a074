"""
Write down what a shop has as a roster.

    rows = await export(shop)
    write_roster("employees.xlsx", rows)

A plan of this roster changes nothing, until somebody edits the file or changes the shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import attrs

from etelecom_async import phones
from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.provisioning.cells import CellError, SheetRow
from etelecom_async.provisioning.headings import read_columns
from etelecom_async.provisioning.hotlines import find_hotline
from etelecom_async.provisioning.numbers import read_name_or_number
from etelecom_async.provisioning.present import PresentExtension, PresentShop
from etelecom_async.provisioning.reading import read_present
from etelecom_async.provisioning.rows import HEADINGS, UNASSIGN, RosterRow, RowReader, cells_of

_COLUMNS: Final = read_columns(SheetRow(0, [field.value for field in HEADINGS]), {}, lettered=False)


async def export(shop: ShopClient) -> tuple[RosterRow, ...]:
    """
    Return what a shop has now as a roster that changes nothing.

    Each extension has a row, and so has each employee without one. An extension for nobody has `-` as its
    phone. Names that a roster cannot have are left out; employees are left out if their phone is none. There
    are no passwords.

    Args:
        shop: Client of the shop, with the partner's key for it.

    Raises:
        EtelecomError: A list cannot be read.
    """
    try:
        return roster_of(await read_present(shop))
    except BaseException as error:
        cleaned(error)
        raise


def roster_of(present: PresentShop) -> tuple[RosterRow, ...]:
    """Return the roster of a shop that was read: `Roster.read` reads the same rows from its file."""
    reader = RowReader(_COLUMNS, None)
    rows: list[RosterRow] = []
    for candidates in _Writer(present).rows():
        for candidate in candidates:
            # A row counts as a file would give it.
            row = reader.read(SheetRow(len(rows) + 1, list(cells_of(candidate)))).row
            if row is not None:
                rows.append(row)
                break
    return tuple(rows)


class _Writer:
    """
    Write the rows of a shop.

    Args:
        present: What the shop has.
    """

    def __init__(self, present: PresentShop) -> None:
        self._shop: Final = present
        self._blank: Final = RosterRow(row=0, shop=present.shop)
        self._phones: Final = {
            user.user_id: user.phone
            for user in (*present.users.values(), *present.more_users)
            if phones.same(user.phone, user.phone)
        }
        self._hotlines: Final = {each: self._hotline_text(each) for each in present.hotlines}

    def rows(self) -> Iterator[tuple[RosterRow, ...]]:
        """Yield each row in several forms; the first one that a roster can have counts."""
        extensions = sorted(self._shop.extensions.values(), key=lambda extension: extension.number)
        holders = {self._phones.get(extension.user_id or "") for extension in extensions}
        for extension in extensions:
            yield self._row_of(extension)
        others = [user for user in self._shop.users.values() if user.phone not in holders]
        for user in sorted(others, key=lambda user: (user.full_name.casefold(), user.phone)):
            if user.user_id in self._phones:
                yield self._forms(attrs.evolve(self._blank, phone=user.phone))

    def _row_of(self, extension: PresentExtension) -> tuple[RosterRow, ...]:
        hotline = self._hotlines.get(extension.hotline_id)
        row = attrs.evolve(self._blank, extension_number=extension.number, hotline=hotline)
        if extension.user_id is None:
            return (attrs.evolve(row, phone=UNASSIGN),)
        phone = self._phones.get(extension.user_id)
        if phone is None:  # a deleted employee, or a phone that is none
            return (row,)
        return self._forms(attrs.evolve(row, phone=phone))

    def _forms(self, row: RosterRow) -> tuple[RosterRow, ...]:
        # Of two employees with one phone, a roster can have one name.
        user = self._shop.users[str(row.phone)]
        return attrs.evolve(row, full_name=user.full_name), row

    def _hotline_text(self, hotline_id: str) -> str | None:
        """Return the text that names a hotline: the number, or else the id; `None` if none does."""
        for text in (self._shop.hotlines[hotline_id].number, hotline_id):
            with suppress(CellError):
                if text and find_hotline(read_name_or_number(text)[0], self._shop) == hotline_id:
                    return text
        return None
