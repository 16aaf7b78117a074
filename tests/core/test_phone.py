"""Test the masking of phone numbers in texts."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from etelecom_async._core.phone import mask

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
