"""Phone numbers, and the behavior of their owners."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox.world import people


@pytest.mark.parametrize("text", ["84901234567", "0901234567", "901234567"])
def test_the_three_forms(text: str) -> None:
    """A number with the country code, with a zero, or without both is the same number."""
    assert people.normalize(text) == "84901234567"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+84901234567",
        "090 123 4567",
        "0123456789",
        "02873001234",
        "090123456",
        "09012345678",
        "٠٩٠١٢٣٤٥٦٧",
    ],
)
def test_other_numbers(text: str) -> None:
    """Separators, landlines, wrong lengths and digits of other scripts are not mobile numbers."""
    assert people.normalize(text) is None


def test_a_short_number_that_begins_like_the_country_code() -> None:
    """Nine digits that start with 84 are a number without its zero."""
    assert people.normalize("841234567") == "84841234567"


def test_the_last_digits_decide() -> None:
    """The last digit chooses the behavior; people with 0 to 4 receive, open and accept everything."""
    found = [people.behavior_of(f"8490123456{digit}") for digit in range(10)]
    assert found[:5] == [people.Behavior()] * 5
    assert [one.zalo_code for one in found[5:]] == [0, 0, 0, -110, 0]
    assert [people.behavior_of(f"849012345{end}").zalo_code for end in (18, 48, 81, 84)] == [-118, -114, 0, 0]
    assert [one.receives for one in found[5:]] == [True, True, False, True, False]
    assert [one.opens for one in found[5:]] == [False, True, False, True, False]
    assert [one.reply for one in found[5:]] == ["N", "NS", "NS", "P", "NS"]
    assert [one.takes_calls for one in found[5:]] == [True, False, False, True, False]
    assert [one.gets_sms for one in found[5:]] == [True, True, True, True, False]


def test_networks() -> None:
    """The prefix decides the network; an unknown prefix gives `other`."""
    assert people.network_of("84901234567") == "mobifone"
    assert people.network_of("84981234567") == "viettel"
    assert people.network_of("84571234567") == "other"
