"""A hotline is found by its id, its number or its name; several or none are an error with a way out."""

from __future__ import annotations

import unicodedata

import pytest

from etelecom_async.provisioning import PresentHotline, PresentShop
from etelecom_async.provisioning.cells import CellError
from etelecom_async.provisioning.hotlines import find_hotline, only_hotline

SALES, CARE = "1400000000000000001", "1400000000000000002"


def shop_with(*hotlines: tuple[str, str, str], knows_hotlines: bool = True) -> PresentShop:
    """Return a shop with these hotlines: id, number, name."""
    known = {each[0]: PresentHotline(hotline_id=each[0], number=each[1], name=each[2]) for each in hotlines}
    return PresentShop(shop="1", users={}, extensions={}, hotlines=known, knows_hotlines=knows_hotlines)


SHOP = shop_with((SALES, "02873001234", "Bán hàng"), (CARE, "1900 1234", "Chăm sóc"))


@pytest.mark.parametrize(
    "text",
    [
        SALES,
        "02873001234",
        "+84 28 7300 1234",
        "Bán hàng",
        "BÁN  HÀNG",
        pytest.param(unicodedata.normalize("NFD", "Bán hàng"), id="NFD"),
        "ban hang",
        "Ban-Hang",
    ],
)
def test_spellings(text: str) -> None:
    """All spellings of id, number and name give one hotline."""
    assert find_hotline(text, SHOP) == SALES


def test_service_number() -> None:
    """A service number is found without its spaces, and a number that is no phone number by its text."""
    assert find_hotline("19001234", SHOP) == CARE
    assert find_hotline("1234", shop_with(("5", "1234 ", ""))) == "5"


def test_accents_decide() -> None:
    """A name with the same accents counts more than one without them."""
    shop = shop_with(("5", "", "Bán"), ("6", "", "Bạn"))
    assert find_hotline("bạn", shop) == "6"
    with pytest.raises(CellError, match="2 hotlines 'ban'") as caught:
        find_hotline("ban", shop)
    assert caught.value.remedy == "write one of their ids: 5, 6"


def test_unknown() -> None:
    """An error names the hotlines of the shop, at most ten of them; a phone number in it is masked."""
    with pytest.raises(CellError, match=r"no hotline '090\*\*\*567'") as caught:
        find_hotline("0901234567", SHOP)
    assert caught.value.remedy == "write one of the shop's hotlines: 02873001234, 1900 1234"
    with pytest.raises(CellError) as caught:
        find_hotline("x", shop_with(*((str(number), "", "") for number in range(10, 22))))
    assert caught.value.remedy.endswith("18, 19 and 2 more")
    with pytest.raises(CellError) as caught:
        find_hotline("-.-", shop_with())
    assert caught.value.remedy == "attach a hotline to the shop's tenant first"


def test_id_without_a_list() -> None:
    """If the hotlines could not be listed, each id is taken; else only a known one."""
    unlisted = "1499999999999999999"
    assert find_hotline(unlisted, shop_with(knows_hotlines=False)) == unlisted
    with pytest.raises(CellError):
        find_hotline(unlisted, SHOP)
    with pytest.raises(CellError):
        find_hotline("1234", shop_with(knows_hotlines=False))


def test_only_hotline() -> None:
    """A new extension may leave out its hotline if the shop has exactly one."""
    assert only_hotline(shop_with((SALES, "1", ""))) == SALES
    for shop in (SHOP, shop_with()):
        with pytest.raises(CellError, match="a new extension needs a hotline"):
            only_hotline(shop)
