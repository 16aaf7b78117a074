"""Phone numbers, and who is behind them."""

from __future__ import annotations

import pytest

from etelecom_async.sandbox import phones


@pytest.mark.parametrize("text", ["84901234567", "0901234567", "901234567"])
def test_the_three_forms(text: str) -> None:
    """With the country code, with a zero, with neither: the same number."""
    assert phones.normal(text) == "84901234567"


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
def test_what_is_no_mobile_number(text: str) -> None:
    """Signs between, landlines, too few or many digits, and digits of other scripts."""
    assert phones.normal(text) is None


def test_a_short_number_that_begins_like_the_country_code() -> None:
    """Nine digits that begin with 84 are a number without its zero."""
    assert phones.normal("841234567") == "84841234567"


def test_the_last_digit_decides() -> None:
    """Each kind of person is there for one last digit, and 0 to 4 do all that is hoped for."""
    people = [phones.person(f"8490123456{digit}") for digit in range(10)]
    ready = phones.Person()
    assert people[:5] == [ready] * 5
    assert [person.has_zalo for person in people[5:]] == [True, True, True, False, True]
    assert [person.receives for person in people[5:]] == [True, True, False, True, False]
    assert [person.opens for person in people[5:]] == [False, True, False, True, False]
    assert [person.reply for person in people[5:]] == ["N", "NS", "NS", "P", "NS"]
    assert [person.takes_calls for person in people[5:]] == [True, False, False, True, False]
    assert [person.gets_sms for person in people[5:]] == [True, True, True, True, False]


def test_networks() -> None:
    """The network is told by the prefix, `other` where nobody has it."""
    assert phones.network_of("84901234567") == "mobifone"
    assert phones.network_of("84981234567") == "viettel"
    assert phones.network_of("84571234567") == "other"
