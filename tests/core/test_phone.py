"""Test Vietnamese phone numbers: their usual forms, the form that is sent, and masking in texts."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from etelecom_async._core.phone import mask, normal

MOBILE = st.from_regex(r"[35789][0-9]{8}", fullmatch=True)
FIXED = st.from_regex(r"2[0-9]{9}", fullmatch=True)
FILLERS = [
    "",
    " ",
    ".",
    "-",
    "  ",
    "\u00a0",
    "\u202f",
    "\u2013",
    "\u200e",
    " - ",
    ") (",
    "\n",
    "\u00ad",
    "\u2212",
]
WRITTEN = [
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
    "\u2066+84 901 234 567\u2069",
    "0901\u00ad234\u2212567",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_usual_forms(written: str) -> None:
    """Each usual form of one number gives the same form for sending."""
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
    """Fixed numbers have one digit more; a mobile number may itself start with 84."""
    if sent is None:
        with pytest.raises(ValueError, match="not a Vietnamese phone number"):
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
def test_invalid_number(written: str) -> None:
    """A text that is not a Vietnamese number is refused; the error shows valid forms, but not the text."""
    with pytest.raises(
        ValueError,
        match=re.escape(
            "not a Vietnamese phone number; write it like 0901 234 567, +84 901 234 567 or 84901234567"
        ),
    ):
        normal(written)


@given(
    rest=st.one_of(MOBILE, FIXED),
    before=st.sampled_from(["0", "84", "+84", "0084", "840", "+840"]),
    fillers=st.lists(st.sampled_from(FILLERS), min_size=20, max_size=20),
)
def test_any_number_in_any_form(rest: str, before: str, fillers: list[str]) -> None:
    """With any prefix and separators, a number gives the same form; normalizing it again changes nothing."""
    written = "".join(digit + filler for digit, filler in zip(before + rest, fillers, strict=False))
    assert normal(written) == f"84{rest}"
    assert normal(normal(written)) == normal(written)


@given(st.text(alphabet="+0123456789 .-()\u0660a", max_size=20))
def test_nothing_else_is_sent(text: str) -> None:
    """For any text, the result is a number in the form for sending, or the one error."""
    try:
        sent = normal(text)
    except ValueError:
        return
    assert re.fullmatch(r"84(?:[35789][0-9]{8}|2[0-9]{9})", sent)


@pytest.mark.parametrize("written", [*WRITTEN, "(028) 3822 1234", "842838221234", "0 9 0 1 2 3 4 5 6 7"])
@pytest.mark.parametrize(
    "around",
    [
        "?",
        "call ?, please",
        "tel?",
        "a_?_1.wav",
        "20260102-?",
        "1, 2. ? 2021-03-10 07:00:00",
        '{"phone":"?","id":"1161512386239479010"}',
        r"line\n?\n",
        "phone=%2B?&a=1",
    ],
)
def test_number_in_text(written: str, around: str) -> None:
    """Each usual form is masked except its first and last digits, and the text around it stays unchanged."""
    before, after = around.split("?")
    start, stars, end = mask(before + written + after).partition("***")
    assert stars
    assert start.startswith(before)
    assert end.endswith(after)
    number = written.strip()
    shown = [
        number.startswith(start.removeprefix(before).lstrip()),
        number.endswith(end.removesuffix(after).rstrip()),
    ]
    assert shown == [True, True]
    digits = re.sub(r"\D", "", start.removeprefix(before) + end.removesuffix(after))
    assert len(digits) <= len(re.sub(r"\D", "", written)) - 3


@given(
    rest=st.one_of(MOBILE, FIXED),
    before=st.sampled_from(["0", "84", "+84", "0084", "840", "+840"]),
    fillers=st.lists(st.sampled_from(FILLERS), min_size=20, max_size=20),
    ascii_only=st.booleans(),
)
def test_any_number_in_json(rest: str, before: str, fillers: list[str], *, ascii_only: bool) -> None:
    """Phone numbers in JSON are masked, also with escapes; fractions and dates are not."""
    written = "".join(digit + filler for digit, filler in zip(before + rest, fillers, strict=False))
    assume(not re.match(r"0\.\d+\D*$|\d+[.-]\d+[.-](?:19|20)\d\d", written))
    number = "".join(re.findall(r"\d", written))
    masked = json.loads(mask(json.dumps([written, "5"], ensure_ascii=ascii_only)))[0]
    assert "***" in masked
    assert len(re.findall(r"\d", masked)) <= len(number) - 3


@pytest.mark.parametrize(
    "text",
    [
        "1161512386239479010",
        "0161512386239479010 84 1161512386239479010",
        "2021-03-10T17:07:19.012345678Z",
        "2021-03-10 07:00:00 2021-08-01",
        "01.03.2021 07:00",
        "01.03.2021 - 05.03.2021",
        "8-4-2021, 10-03-2021 - 12-03-2021",
        "14:43:22 01/05/2021 08:09:10",
        "0.0123456789, 0.912345678, 19.012345678",
        "84 000 000 000 VND, 1.000.000.000",
        "127.0.0.1:8080 10.0.84.123:50321 [::1]:50321",
        "bytes 0-1048575999/1048576000, 0 (12345678 of 84)",
        "0912345678abcdef0912345678abcdef",
        "DEADBEEF0912345678ABCDEF01234567",
        "a0912345-6781-0912-3456-7891abcdef01",
        pytest.param("<object at 0x7f0912345678>", id="address"),
        "113 19001234",
    ],
)
def test_other_numbers(text: str) -> None:
    """Ids (hexadecimal too), times, prices, ports and addresses stay readable."""
    assert mask(text) == text


def test_two_numbers() -> None:
    """Adjacent numbers are masked separately."""
    assert mask("0901234567 0901234568, 84901234569") == "090***567 090***568, 8490***569"


@pytest.mark.parametrize(
    "piece",
    [
        "0",
        "0 ",
        "9 ",
        "84 ",
        "+ ",
        "8" + " " * 500,
        "0" + " 9" * 9,
        "a",
        "a1g",
        "0.",
        "01.01.",
        r"\u00a0",
        "\\",
    ],
)
def test_long_runs(piece: str) -> None:
    """The time for masking grows only linearly with the length of any text."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    mask(text)
    mask(text[:1000] + " " * 200_000 + text[:1000])
    assert time.process_time() - started < 10  # a few tenths of a second; backtracking would take hours
