"""Vietnamese phone numbers, as people write them and as they are sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.phone import normal

MOBILE = st.from_regex(r"[35789][0-9]{8}", fullmatch=True)
FIXED = st.from_regex(r"2[0-9]{9}", fullmatch=True)
FILLERS = ["", " ", ".", "-", "  ", "\u00a0", "\u202f", "\u2013", "\u200e", " - "]


@pytest.mark.parametrize(
    "written",
    [
        "0901234567",
        "0901 234 567",
        "090 1234567",
        "0901.234.567",
        "0901-234-567",
        "0901\u2013234\u2013567",
        "(090) 123 4567",
        "+84901234567",
        "+84 901 234 567",
        "+84 (0) 901 234 567",
        "(+84) 901-234-567",
        "84901234567",
        "84 901 234 567",
        "840901234567",
        "0084901234567",
        "00 84 901 234 567",
        " 0901234567\n",
        "0901\u00a0234\u00a0567",
        "\u202a+84 901 234 567\u202c",
        "\ufeff0901234567",
    ],
)
def test_form_that_people_write(written: str) -> None:
    """Each way of writing one number becomes the one form that is sent."""
    assert normal(written) == "84901234567"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("028 3822 1234", "842838221234"),
        ("+84 24 3822 1234", "842438221234"),
        ("0203 3822 123", "842033822123"),
        ("084 123 4567", "84841234567"),
        ("+84 84 123 4567", "84841234567"),
        ("84841234567", "84841234567"),
        ("0039 012 3456", None),
        ("039 012 3456", "84390123456"),
    ],
)
def test_fixed_and_ambiguous(written: str, sent: str | None) -> None:
    """Fixed numbers have one digit more; a mobile number may itself begin with 84."""
    if sent is None:
        with pytest.raises(ValueError, match="no Vietnamese phone number"):
            normal(written)
    else:
        assert normal(written) == sent


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "84",
        "0",
        "090123456",
        "09012345678",
        "+8490123456",
        "849012345678",
        "0101234567",
        "0401234567",
        "0601234567",
        "0001234567",
        "02838221",
        "028382212345",
        "901234567",
        "19001234",
        "1800 1234",
        "113",
        "+1 212 555 0123",
        "+66901234567",
        "++84901234567",
        "84+901234567",
        "0901234567x",
        "abc",
        "".join(chr(0x660 + int(digit)) for digit in "0901234567"),
        "0901234567, 0901234568",
    ],
)
def test_impossible_number(written: str) -> None:
    """What cannot be a Vietnamese number is refused, and the error says how one looks, not what was given."""
    with pytest.raises(
        ValueError,
        match=re.escape(
            "no Vietnamese phone number; one looks like 0901 234 567, +84 901 234 567 or 84901234567"
        ),
    ):
        normal(written)


@given(
    rest=st.one_of(MOBILE, FIXED),
    before=st.sampled_from(["0", "84", "+84", "0084", "840", "+840"]),
    fillers=st.lists(st.sampled_from(FILLERS), min_size=20, max_size=20),
)
def test_any_number_in_any_form(rest: str, before: str, fillers: list[str]) -> None:
    """Whatever stands before and between the digits, the form that is sent is one, and stays as it is."""
    written = "".join(digit + filler for digit, filler in zip(before + rest, fillers, strict=False))
    assert normal(written) == f"84{rest}"
    assert normal(normal(written)) == normal(written)


@given(st.text(alphabet="+0123456789 .-()\u0660a", max_size=20))
def test_nothing_else_is_sent(text: str) -> None:
    """Whatever is written, what comes out is a number in the form that is sent, or the one error."""
    try:
        sent = normal(text)
    except ValueError:
        return
    assert re.fullmatch(r"84(?:[35789][0-9]{8}|2[0-9]{9})", sent)
