"""Find the hotline that a row names: by its id, its number or its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from etelecom_async import phones
from etelecom_async._core.suggestions import plain_letters
from etelecom_async.provisioning.cells import CellError, folded
from etelecom_async.provisioning.mistakes import masked_text, shortened
from etelecom_async.provisioning.present import PresentHotline, PresentShop

_ID: Final = re.compile(r"(?a)\d{15,}")
_MOST_SHOWN: Final = 10


def find_hotline(text: str, shop: PresentShop) -> str:
    """
    Return the id of a hotline of *shop*.

    The first that fits counts: the id, the number in any form, the name, the name without accents.

    Args:
        text: The hotline as a row has it.
        shop: The shop.

    Raises:
        CellError: The shop has no such hotline, or more than one.
    """
    if text in shop.hotlines:
        return text
    hotlines = shop.hotlines.values()
    for found in (_by_number(text, hotlines), _by_name(text, hotlines), _by_letters(text, hotlines)):
        if len(found) == 1:
            return found[0].hotline_id
        if found:
            raise CellError(f"the shop has {len(found)} hotlines {masked_text(text)!r}", _use_ids(found))
    if not shop.knows_hotlines and _ID.fullmatch(text):
        return text
    raise CellError(f"the shop has no hotline {masked_text(text)!r}", _use_one_of(hotlines))


def only_hotline(shop: PresentShop) -> str:
    """
    Return the id of the hotline for a new extension whose row names none.

    Raises:
        CellError: The shop has no hotline, or more than one.
    """
    if len(shop.hotlines) == 1:
        return next(iter(shop.hotlines))
    raise CellError("a new extension needs a hotline", _use_one_of(shop.hotlines.values()))


def _by_number(text: str, hotlines: Iterable[PresentHotline]) -> list[PresentHotline]:
    wanted = _normalized(text)
    return [hotline for hotline in hotlines if hotline.number and _normalized(hotline.number) == wanted]


def _normalized(number: str) -> str:
    try:
        return phones.normalize(number)
    except ValueError:
        return number.strip()


def _by_name(text: str, hotlines: Iterable[PresentHotline]) -> list[PresentHotline]:
    wanted = folded(text)
    return [hotline for hotline in hotlines if folded(hotline.name) == wanted]


def _by_letters(text: str, hotlines: Iterable[PresentHotline]) -> list[PresentHotline]:
    wanted = plain_letters(text)
    return [hotline for hotline in hotlines if wanted and plain_letters(hotline.name) == wanted]


def _use_ids(hotlines: Iterable[PresentHotline]) -> str:
    return f"write one of their ids: {', '.join(sorted(hotline.hotline_id for hotline in hotlines))}"


def _use_one_of(hotlines: Iterable[PresentHotline]) -> str:
    names = sorted(shortened(hotline.number or hotline.hotline_id) for hotline in hotlines)
    if not names:
        return "attach a hotline to the shop's tenant first"
    ending = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"write one of the shop's hotlines: {', '.join(names[:_MOST_SHOWN])}{ending}"
