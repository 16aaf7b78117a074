"""Keep the extensions that `auto` has chosen, when a job continues with a new plan. Only data, no call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from etelecom_async.provisioning.changes import Change
from etelecom_async.provisioning.present import PresentShop
from etelecom_async.provisioning.rows import NEXT_FREE, Marker, RosterRow


def with_chosen_numbers(
    rows: Iterable[RosterRow], earlier: Iterable[Change], present: Mapping[str, PresentShop]
) -> Iterator[RosterRow]:
    """
    Yield the rows, with the numbers that an earlier plan has chosen in place of `auto`.

    Without them, a job that was stopped would choose anew, and would create more extensions than it has rows.

    Args:
        rows: The rows of the roster.
        earlier: The changes of the job so far.
        present: What each shop has now, by its name in the rows.
    """
    given = tuple(rows)
    named = {
        (present[row.shop].shop, row.extension_number)
        for row in given
        if isinstance(row.extension_number, int)
    }
    chosen = {
        (change.shop, change.phone): change.extension_number
        for change in earlier
        if change.phone is not None
        and change.extension_number is not None
        and (change.shop, change.extension_number) not in named
    }
    for row in given:
        number = _number_for(row, present[row.shop], chosen)
        yield row if number is None else attrs.evolve(row, extension_number=number)


def _number_for(row: RosterRow, shop: PresentShop, chosen: Mapping[tuple[str, str], int]) -> int | None:
    """Return the number for a row with `auto`; `None` if the plan has to choose it."""
    if row.extension_number is not NEXT_FREE or row.phone is None or isinstance(row.phone, Marker):
        return None
    number = chosen.get((shop.shop, row.phone))
    if number is None or (number in shop.extensions and shop.extensions[number].user_id is not None):
        return None
    user = shop.users.get(row.phone)
    has_one = user is not None and any(each.user_id == user.user_id for each in shop.extensions.values())
    return None if has_one else number
